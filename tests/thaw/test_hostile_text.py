"""Anybody can write into a channel: nothing of it may run, hide or lead astray."""

import io

import pytest

from meetings.importing import import_log
from meetings.logs import DateHints
from tests.factories import make_release, utc
from tests.thaw.logs import LINES_BEFORE, log_of, make_meeting
from tests.thaw.pages import Html, admin_pages

pytestmark = [pytest.mark.once, pytest.mark.django_db]

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = "\"onmouseover=\"alert(1)' onclick='alert(1) <img src=x onerror=alert(1)>"
TEMPLATE = "{{ settings.SECRET_KEY }} {% load static %} ${7*7}"
URLS = (
    "javascript:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript://example.org/x",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/'onclick='alert(1)",
    "https://example.org/<script>alert(1)</script>",
    "java\0script:alert(1) https://example.org/\u202egnp.exe",
)
BIDI = "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]))
CONTROLS = "".join(
    map(chr, [0, *range(1, 9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x80, 0xA0)])
)
HIDDEN = "\u200b\u2060\ufeff\u00ad\u180e\u2028\u3164\U000e0041"
COLOURS = (
    "\x0304,12red\x03 \x02bold\x02 \x04ff0000hex\x0f \x1b[1;31mansi\x1b[0m \x1d\x1f\x1e\x11\x16"
)
NEVER_RAW = set(BIDI + CONTROLS + HIDDEN) - {"\n", "\t"}
NICK = '"><b>x\u202e'


def hostile_lines():
    everything = [
        SCRIPT,
        BREAKOUT,
        TEMPLATE,
        *URLS,
        COLOURS,
        f"bidi {BIDI} end",
        f"hidden {HIDDEN} end",
    ]
    everything.append(f"controls {CONTROLS} end")
    commands = [f"#{kind} {text}" for kind in ("topic", "agreed", "link") for text in everything]
    actions = [f"#action {NICK} {text}" for text in everything]
    spoken = [(NICK.replace("<", "").replace(">", ""), text) for text in everything]
    return [*commands, *actions, *spoken, *everything]


@pytest.fixture
def meeting():
    make_release()
    return make_meeting(
        *hostile_lines(),
        title=f"{SCRIPT}{BREAKOUT}{BIDI}{HIDDEN}"[:250],
        name=f"#{SCRIPT.replace('/', '')}\u202e-2011-03-29.log",
    )


def addresses(meeting):
    own = meeting.get_absolute_url()
    return ["/", "/meetings/", own, f"{own}minutes/", *alone(meeting)]


def alone(meeting):
    """The pages that stand by themselves, as MeetBot writes them."""
    own = meeting.get_absolute_url()
    return [f"{own}minutes.html", f"{own}log.html"]


def texts(meeting):
    own = meeting.get_absolute_url()
    return [f"{own}minutes.txt", f"{own}log.txt"]


def body(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.getvalue().decode()


def test_hostile_text_adds_no_tag_no_handler_and_no_address_that_runs(meeting, client):
    harmless_tags = {
        *"html head meta title link script body a header nav div main footer".split(),
        *"h1 h2 h3 p section aside ol ul li span s em strong code time".split(),
        *"table thead tbody tr th td caption".split(),
        *"form label input button b dialog dl dt dd kbd".split(),  # of the frame
    }
    alone_tags = set("html head meta title body h1 h3 ol li span a b i pre".split())
    for url in addresses(meeting):
        page = Html(body(client, url))
        assert page.inline == [], url
        own_tags, scripts = (alone_tags, 0) if url in alone(meeting) else (harmless_tags, 2)
        assert set(page.tags) <= own_tags, url
        own = scripts and url == meeting.get_absolute_url()  # where lines are selected
        assert page.tags.count("script") == scripts + own, url  # htmx and our own


def test_only_web_addresses_become_links_and_they_pass_on_no_credit(meeting, client):
    for url in addresses(meeting):
        links = [link for link in Html(body(client, url)).links if "href" in link]
        inside = ("/", "#", "?", "log.html")
        outside = [link for link in links if not link["href"].startswith(inside)]
        assert {link["href"].partition(":")[0] for link in outside} <= {"http", "https"}, url
        assert {frozenset(link["rel"].split()) >= {"nofollow"} for link in outside} <= {True}, url
        assert bool(outside) == (not url.endswith(("/meetings/", "log.html"))), url


@pytest.mark.parametrize(
    "address", ["git://git.example.org/nova", "irc://irc.oftc.net", "javascript://example.org/%0a1"]
)
def test_an_address_of_another_scheme_stays_text(address, client):
    meeting = make_meeting(f"look at {address} please")
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert f"look at {address} please" in page


def test_what_hides_or_turns_text_is_shown_as_a_mark(meeting, client):
    for url in [*addresses(meeting), *texts(meeting)]:
        assert sorted(set(body(client, url)) & NEVER_RAW) == [], url
    page = client.get(meeting.get_absolute_url()).content.decode()
    for mark in ("⟨U+202E⟩", "⟨U+2066⟩", "⟨U+200B⟩", "⟨U+E0041⟩", "⟨U+0085⟩", "␀", "␇", "␛"):
        assert mark in page


def test_colours_are_taken_away_and_only_the_words_stay(meeting, client):
    for url in [*addresses(meeting)[2:], *texts(meeting)]:
        assert "red bold hex ansi" in body(client, url), url


def test_texts_are_never_shown_as_pages(meeting, client):
    for url in [*texts(meeting), f"{meeting.get_absolute_url()}source"]:
        answer = client.get(url)
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer.getvalue()


def test_the_admin_shows_what_was_said_as_harmlessly(meeting, admin_client):
    for url in [url for url in admin_pages() if url.startswith("/admin/meetings/")]:
        answer = admin_client.get(url)
        page = Html(answer.content.decode())
        assert (answer.status_code, page.inline) == (200, []), url
        assert sorted(set(answer.content.decode()) & NEVER_RAW) == [], url


def test_joiners_of_scripts_and_emoji_stay_as_they_were_written(client):
    words = "نمی\u200cخوا 👩\u200d💻 naïve 日本語"  # noqa: RUF001 Persian is no Latin
    meeting = make_meeting(words)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert words in page


def test_a_web_address_in_a_line_is_a_link_and_the_text_around_it_stays(client):
    meeting = make_meeting("see <https://example.org/a_(b)?c=1&d=2>, and https://example.org.")
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert (
        '<a href="https://example.org/a_(b)?c=1&amp;d=2" rel="nofollow">'
        "https://example.org/a_(b)?c=1&amp;d=2</a>" in page
    )
    assert '<a href="https://example.org" rel="nofollow">https://example.org</a>.' in page


def test_bytes_that_are_no_text_are_shown_and_break_nothing(client, tmp_path):
    head, _, tail = log_of("MARK").encode().partition(b"MARK")
    log = io.BytesIO(head + b"\xff\xfe caf\xe9 \x00 \xed\xa0\x80" + tail)
    (imported,) = import_log(log, name="x", at=utc(2011, 4, 1), hints=DateHints()).meetings
    answer = client.get(f"/meetings/{imported.slug}/")
    assert answer.status_code == 200
    assert "café ␀" in answer.content.decode()
    assert imported.lines == LINES_BEFORE + 2

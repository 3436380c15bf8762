import re
from datetime import timedelta

import pytest

from meetings.models import Meeting, Source
from meetings.models.transcript import BEFORE, WHOLE, WINDOW
from tests.factories import utc
from tests.thaw.logs import LINES_BEFORE, make_meeting

pytestmark = [pytest.mark.once, pytest.mark.django_db]

SAID = (
    "#topic Freezes",
    "#agreed no more features",
    ("pim", "#agreed one more feature"),
    "#info this was said too soon",
    "#undo",
    "#topic Open discussion",
    "#action pim file a bug",
    ("pim", "will do"),
)


def page(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def plain(html):
    """The text of a page, each run of blanks as one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def line_of(html, number):
    """The log's line with that number, as HTML."""
    start = html.index(f'<li id="l-{number}"')
    return html[start : html.index("</li>", start)]


def test_a_meeting_stands_with_its_log_and_its_minutes_under_their_topics(client):
    html = page(client, make_meeting(*SAID).get_absolute_url())
    outline = html[html.index("<aside") : html.index("</aside>")]
    order = ["Freezes", "no more features", "one more feature", "too soon", "Open discussion"]
    assert sorted(order, key=outline.index) == order
    assert "<h1>Release meeting</h1>" in html
    assert plain(line_of(html, LINES_BEFORE + 8)).strip() == "21:00:10pimwill do"
    assert re.findall(r'<li id="l-(\d+)"', html) == [str(number) for number in range(1, 13)]


def test_who_changes_nick_is_shown_with_both_and_harmless(client):
    meeting = make_meeting("hi")
    meeting.lines.filter(text="hi").update(kind="rename", nick="pim", text="pim\u202e<away>")
    shown = plain(line_of(page(client, meeting.get_absolute_url()), LINES_BEFORE + 1))
    assert "pimis now known as pim" in shown
    assert "\u202e" not in shown
    assert "&lt;away&gt;" in shown


def test_what_was_taken_back_is_struck_and_what_did_not_count_is_marked(client):
    html = page(client, make_meeting(*SAID).get_absolute_url())
    assert "<s>this was said too soon</s> <em" in html
    assert "not counted: pim did not hold the chair" in html
    marks = {
        number: re.findall(r'class="(mark[^"]*)">([^<]*)', line_of(html, LINES_BEFORE + number))
        for number in (2, 3, 4)
    }
    assert marks == {
        2: [("mark kind kind-agreed", "Agreed")],
        3: [("mark kind kind-agreed void", "Agreed, not counted")],
        4: [("mark kind kind-info void", "Info, taken back")],
    }


def test_the_minutes_give_topics_actions_and_people(client):
    html = page(client, make_meeting(*SAID).get_absolute_url() + "minutes/")
    text = plain(html)
    assert "<h1>Minutes: Release meeting</h1>" in html
    end = text[text.rindex(" Actions ") :]
    assert end.startswith(" Actions Action pim file a bug for pim People present thea 8pim 2")


def test_an_item_leads_to_its_line(client):
    meeting = make_meeting(*SAID)
    html = page(client, f"{meeting.get_absolute_url()}minutes/")
    links = re.findall(r'href="(/meetings/[^"#]+/)#l-(\d+)">', html)
    assert {url for url, _ in links} == {meeting.get_absolute_url()}
    log = page(client, meeting.get_absolute_url())
    assert [f'id="l-{number}"' in log for _, number in links] == [True] * 7


@pytest.mark.parametrize("items", [1, 3])
def test_the_pages_of_a_meeting_cost_the_same_for_one_item_and_three(
    items, client, django_assert_num_queries
):
    meeting = make_meeting(*["#agreed something", "#action thea something"] * items)
    with django_assert_num_queries(5):
        page(client, meeting.get_absolute_url())
    Meeting.objects.filter(pk=meeting.pk).update(line_count=WHOLE + 1)
    with django_assert_num_queries(5):
        page(client, meeting.get_absolute_url())
    with django_assert_num_queries(2):
        page(client, meeting.get_absolute_url() + "minutes/")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_meeting_and_three(rows, client, django_assert_num_queries):
    for number in range(1, rows + 1):
        make_meeting("#agreed something", begins=utc(2011, 3, number))
    with django_assert_num_queries(2):
        page(client, "/meetings/")


def test_the_list_counts_only_what_counted(client):
    make_meeting(*SAID)
    cells = re.findall(r'<td class="count">(\S+)<span', page(client, "/meetings/"))
    assert cells == [
        "1",
        "1",
        "\N{EN DASH}",
        "2",
        "12",
    ]  # agreed, actions, to decide, people, lines


def make_meetings(count):
    """So many bare meetings, two at each instant; the slugs, newest first."""
    source = Source.objects.create(
        sha256="0" * 64, name="log", size=1, format="meetbot", imported_at=utc(2011, 4, 1)
    )
    rows = [
        Meeting(
            slug=f"meeting-{number:03}",
            title=f"Meeting {number}",
            started_at=utc(2011, 1, 1) + timedelta(days=number // 2),
            ended_at=utc(2012, 1, 1),
            line_count=0,
            profile="classic",
            dated_by="line",
            source=source,
            digest=f"{number:064}",
        )
        for number in range(count)
    ]
    Meeting.objects.bulk_create(rows)
    return [meeting.slug for meeting in reversed(rows)]


def test_the_list_begins_with_the_newest_meeting(client):
    for day in (2, 3, 1):
        make_meeting("#agreed something", begins=utc(2011, 3, day, 21), title=f"Meeting {day}")
    html = page(client, "/meetings/")
    assert re.findall(r'">(Meeting \d)</a>', html) == ["Meeting 3", "Meeting 2", "Meeting 1"]


def test_the_list_goes_on_page_by_page_and_loses_no_meeting(client):
    expected, found, url = make_meetings(103), [], "/meetings/"
    pages = 0
    while url:
        html = page(client, url)
        found += re.findall(r'<a class="main" href="/meetings/([^/]+)/">', html)
        older = re.search(r'href="(\?before=[^"]+)" rel="next"', html)
        url = f"/meetings/{older[1]}" if older else ""
        pages += 1
    assert (pages, found) == (3, expected)


def test_exactly_one_page_of_meetings_has_no_next_page(client):
    make_meetings(50)
    assert 'rel="next"' not in page(client, "/meetings/")


@pytest.mark.parametrize("before", ["nothing", "%00", "%F0%9F%92%A9", "a" * 3000, "'--"])
def test_a_list_before_an_unknown_meeting_is_the_whole_list(before, client):
    make_meetings(2)
    assert page(client, f"/meetings/?before={before}") == page(client, "/meetings/")


WEIRD = ["%00", "a%00b", "..", ".", "a b", "%0A", "%FF", "%ED%A0%80", "%F0%9F%92%A9", "x" * 3000]


@pytest.mark.parametrize("slug", [*WEIRD, "'%20OR%201=1--", "%2e%2e%2fadmin", "{{7*7}}"])
@pytest.mark.parametrize("part", ["", "minutes/"])
def test_a_weird_address_is_not_found(slug, part, client):
    assert client.get(f"/meetings/{slug}/{part}").status_code == 404


@pytest.mark.parametrize("line", ["0", "-1", "x", "99999999999999999999", "٣", "²", "9" * 5000, ""])
def test_a_weird_line_shows_the_meeting_all_the_same(line, client):
    url = make_meeting(*SAID).get_absolute_url()
    assert 'id="l-1"' in page(client, f"{url}?line={line}")


def test_a_very_long_log_is_shown_in_windows_and_each_item_leads_into_its_own(client):
    late = WHOLE + 200
    meeting = make_meeting(*["words"] * late, "#agreed at last", "more words")
    item = meeting.items.get()
    assert item.get_absolute_url() == f"{meeting.get_absolute_url()}?line={item.line}#l-{item.line}"
    first, last = (
        page(client, url.partition("#")[0])
        for url in (meeting.get_absolute_url(), item.get_absolute_url())
    )
    assert [f'id="l-{item.line}"' in html for html in (first, last)] == [False, True]
    assert ["at last" in html for html in (first, last)] == [False, True]
    assert f'href="?line={WINDOW + 1}#l-{WINDOW + 1}"' in first
    assert ["The log goes on" in html for html in (first, last)] == [True, False]
    assert ["The log before" in html for html in (first, last)] == [False, True]


def test_a_log_that_is_not_very_long_is_shown_whole(client):
    meeting = make_meeting(*["words"] * (WHOLE - LINES_BEFORE - 1))
    html = page(client, meeting.get_absolute_url())
    assert meeting.line_count == html.count('<li id="l-') == WHOLE
    assert "The log " not in html


def test_the_windows_of_a_very_long_log_lead_to_all_of_its_lines_both_ways(client):
    said = [f"#topic number {n}" if n % 500 == 0 else f"words {n}" for n in range(WHOLE)]
    meeting = make_meeting(*said)
    url, number, shown, back = meeting.get_absolute_url(), "", [], []
    while number is not None:
        html = page(client, f"{url}?line={number}")
        shown.append(list(classes(html)))
        later = re.search(r'href="\?line=(\d+)#l-', html)
        number = later and later[1]
    assert {line for window in shown for line in window} == set(range(1, meeting.line_count + 1))
    assert {len(window) for window in shown[:-1]} == {WINDOW}
    number = str(meeting.line_count)
    while number is not None:
        html = page(client, f"{url}?line={number}")
        back += list(classes(html))
        earlier = re.search(r'href="\?line=(\d+)">The log before', html)
        number = earlier and earlier[1]
    assert set(back) == set(range(1, meeting.line_count + 1))


def test_the_outline_of_a_window_begins_with_the_topic_that_it_goes_on_with(client):
    said = ["#topic the first", "#topic the next", *["words"] * WHOLE, "#topic the last"]
    meeting = make_meeting(*said)
    outline = re.compile(r"<h3><a href=[^>]*>(.*?)</a></h3>")
    url = meeting.get_absolute_url()
    assert outline.findall(page(client, f"{url}?line=2000")) == ["the next"]
    assert outline.findall(page(client, f"{url}?line={WHOLE + 5}")) == ["the next", "the last"]


def test_a_line_beyond_the_end_of_a_very_long_log_shows_some_of_it(client):
    meeting = make_meeting(*["words"] * (WHOLE + 10))
    html = page(client, f"{meeting.get_absolute_url()}?line=999999999")
    assert html.count('<li id="l-') == BEFORE + 1
    html = page(client, f"{meeting.get_absolute_url()}?line=99999999999999999999")
    assert html.count('<li id="l-') == WINDOW


def classes(html):
    """By number, the classes of each line of the log."""
    found = re.findall(r'<li id="l-(\d+)" class="([^"]*)"', html)
    return {int(number): names.split() for number, names in found}


def test_lines_of_one_speaker_hang_together_and_each_speaker_has_a_voice(client):
    html = page(client, make_meeting("one", "two", ("pim", "three"), "four").get_absolute_url())
    told = {number: "on" in names for number, names in classes(html).items()}
    assert {number: told[number] for number in (4, 5, 6, 7)} == {
        4: False,
        5: True,
        6: False,
        7: False,
    }
    voices = dict(re.findall(r'<span class="(voice-\d)">(\w+)</span>', html))
    assert set(voices.values()) == {"thea", "pim"}
    assert f'class="nick {next(v for v, nick in voices.items() if nick == "pim")}"' in line_of(
        html, 6
    )


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("?from=5&to=7", [5, 6, 7]),
        ("?from=7&to=5", [5, 6, 7]),
        ("?from=5", [5]),
        ("?to=5", [5]),
        ("?from=x&to=-1", []),
        ("", []),
    ],
)
def test_an_address_selects_a_range_of_lines(query, chosen, client):
    html = page(client, make_meeting(*SAID).get_absolute_url() + query)
    assert [number for number, names in classes(html).items() if "chosen" in names] == chosen
    assert ("selected<a" in html) == bool(chosen)


def test_a_range_of_a_very_long_log_is_in_the_window_that_is_shown(client):
    meeting = make_meeting(*["words"] * (WHOLE + 100))
    last = WHOLE + 50
    html = page(client, f"{meeting.get_absolute_url()}?from={last - 2}&to={last}")
    assert [n for n, names in classes(html).items() if "chosen" in names] == [
        last - 2,
        last - 1,
        last,
    ]


LISTS = ["/actions/", "/suggestions/"]
JUNK = ["?state=odd", "?before=x", "?q=%00", "?owner=" + "x" * 3000, "?channel=%F0%9F%92%A9"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", JUNK)
def test_junk_in_the_address_of_a_list_shows_a_list(path, query, client):
    make_meeting("#action pim file a bug")
    page(client, path + query)


@pytest.mark.parametrize(
    ("at", "before"),
    [
        ("2011-03-29T22:00:00Z", ""),
        ("2011-03-30T22:00:00Z", ", 1 day before this meeting"),
        ("2011-04-11T22:00:00Z", ", 13 days before this meeting"),
        ("2011-04-13T22:00:00Z", ", 2 weeks before this meeting"),
    ],
)
def test_an_agenda_says_of_an_action_when_it_was_given(at, before, client):
    make_meeting("#action pim file a bug")
    html = page(client, f"/agenda/?at={at}")
    assert html.count(f"given on Tue 29 March 2011{before}") == 2  # in the list, and to be pasted
    assert " old" not in html


BEYOND = ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z"]


@pytest.mark.parametrize("at", ["yesterday", "2011-03-30T10:00", *BEYOND])
def test_an_agenda_for_no_instant_is_that_of_the_next_meeting(at, client):
    make_meeting("#action pim file a bug")
    assert page(client, f"/agenda/?at={at}") == page(client, "/agenda/")


def test_actions_are_listed_by_state_owner_and_channel_and_the_page_says_so(client):
    make_meeting(("pim", "hello"), "#action pim file a bug", "#action thea write it down")

    def listed(query):
        html = page(client, "/actions/" + query)
        return re.findall(r'<a class="main" href="[^"]*">([^<]*)</a>', html), html

    everything, html = listed("")
    assert sorted(everything) == ["pim file a bug", "thea write it down"]
    assert "Showing all actions" in html
    of_pim, html = listed("?state=open&owner=pim")
    assert of_pim == ["pim file a bug"]
    assert ["that are open" in html, "of pim" in html] == [True, True]
    assert listed("?state=done")[0] == listed("?owner=nobody")[0] == []


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize(("path", "queries"), [("/actions/", 3), ("/suggestions/", 3)])
def test_lists_cost_the_same_for_one_row_and_five(
    path, queries, rows, client, django_assert_num_queries
):
    make_meeting(*[f"#action pim file bug {number}" for number in range(rows)])
    with django_assert_num_queries(queries):
        page(client, path)


def test_an_agenda_does_not_make_up_when_the_next_meeting_is(client, time_machine):
    time_machine.move_to(utc(2011, 3, 30, 9, 30), tick=False)
    told = plain(page(client, "/agenda/"))
    assert (
        "No meeting is known here that would tell when the next one is."
        " This is for one Thu 31 March 2011 09:00 UTC, in 23 hours."
    ) in told
    make_meeting("hello")
    told = plain(page(client, "/agenda/"))
    assert (
        "Agenda Tue 5 April 2011 21:00 UTC, in 6 days; the one after it on 12 April 2011." in told
    )

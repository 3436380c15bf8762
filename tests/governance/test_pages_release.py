"""A release's page: drawn and told alike, closer on demand; counts lead to what they count."""

import re
from datetime import timedelta

import pytest

from governance.counts import ENOUGH
from governance.models import ExceptionRequest
from tests.factories import make_milestone, make_proposal, make_release, utc

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db,
    pytest.mark.usefixtures("that_morning", "shipped"),
]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def read(client, query="", page="/releases/cactus/"):
    answer = client.get(f"{page}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def plain(html):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()
    return re.sub(r" ([,.:])", r"\1", text)


def drawing(html):
    return html[html.index("<svg") : html.index("</svg>")]


def labels(html):
    texts = re.findall(r"<text(?! class=\"tick\")[^>]*>(.*?)</text>", drawing(html))
    return sorted(texts)


def bars(html):
    """What each bar is, with its left and right edges."""
    found = re.findall(
        r'<g class="bar bar-([a-z]+)"><rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawing(html)
    )
    return [(style, float(x), float(x) + float(width)) for style, x, width in found]


def now_at(html):
    return float(re.search(r'<g class="now"><line x1="([\d.]+)"', drawing(html))[1])


def test_who_may_move_a_freeze_is_led_to_where_that_is_done(scene, client, sign_in):
    led = r'<a href="([^"]+)">Move a freeze or a milestone</a>'
    assert [re.findall(led, read(one)) for one in (client, sign_in(scene.vera))] == [[], []]
    thea = sign_in(scene.thea)
    (address,) = re.findall(led, read(thea))
    assert "GammaFreeze" in read(thea, page=address)
    scene.thea.user.user_permissions.clear()
    assert re.findall(led, read(thea)) == []


def test_milestones_their_moves_and_exceptions_are_drawn_where_they_stand(scene, client):
    scene.gamma.move(to=scene.gamma.at + 2 * DAY, by=scene.thea, at=scene.now, why="More time.")
    scene.grant(scene.ask(title="Ahead"), at=scene.asked_at)
    scene.grant(scene.ask(title="Past"), at=scene.asked_at, expires=scene.now - HOUR)
    scene.decide(scene.grant(scene.ask(title="Used"), at=scene.asked_at), "land")
    scene.ask(title="Asked")
    scene.decide(scene.ask(title="Never"), "deny")
    html = read(client)
    names = [f"{one}" for one in ExceptionRequest.objects.exclude(title="Never")]
    milestones = ["Cactus", "FeatureFreeze", "GammaFreeze", "GammaFreeze, before it moved"]
    assert labels(html) == sorted([*names, *milestones])
    now = now_at(html)
    drawn = {style: (start, end) for style, start, end in bars(html)}
    assert drawn["granted"][1] > now > drawn["expired"][1] > drawn["expired"][0]
    assert drawn["requested"][1] == pytest.approx(now, abs=0.2)
    assert drawn["landed"][1] == pytest.approx(now, abs=0.2)


def test_what_is_drawn_is_also_told_in_a_table(scene, client):
    exception = scene.grant(at=scene.asked_at)
    table = read(client).partition("The exceptions drawn, as a table")[2].partition("</table>")[0]
    assert plain(table.partition("<tbody>")[2]) == (
        f"Granted {exception} Tue 29 March 2011 21:00 UTC Fri 1 April 2011 10:00 UTC"
    )


def test_a_week_is_drawn_closer_and_what_is_outside_is_not(scene, client):
    exception = scene.grant(at=scene.asked_at)
    html = read(client, "?from=2011-03-28&to=2011-04-04")
    assert labels(html) == [str(exception)]
    ((_, start, end),) = bars(html)
    assert end - start == pytest.approx(984 * 61 / (7 * 24), abs=1)
    ticks = re.findall(r'<text class="tick"[^>]*>(.*?)</text>', drawing(html))
    assert ticks == [
        f"{day} {date}"
        for day, date in zip(
            ("Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mon"),
            ("29 Mar", "30 Mar", "31 Mar", "1 Apr", "2 Apr", "3 Apr", "4 Apr"),
            strict=True,
        )
    ]


@pytest.mark.parametrize(
    "query",
    [
        "?from=x&to=y",
        "?from=2011-04-04&to=2011-03-28",
        "?from=2011-04-04&to=2011-04-04",
        "?from=0001-01-01&to=9999-12-31",
        "?from=2011-04-04",
        "?from=%00&to=%00",
        "?from=1969-12-31&to=1970-02-01",
    ],
)
def test_what_is_no_stretch_of_time_shows_the_whole_release(query, scene, client):
    assert labels(read(client, query)) == ["Cactus", "FeatureFreeze", "GammaFreeze"]


def test_every_way_to_look_closer_is_an_address_that_works(scene, client):
    html = read(client, "?project=nova")
    ways = re.search(r'<ul class="zooms">(.*?)</ul>', html, re.DOTALL)[1]
    for url in re.findall(r'href="([^#"]*)', ways):
        assert "project=nova" in url
        read(client, url.replace("&amp;", "&"))


def test_one_project_is_shown_alone_with_what_holds_for_all(scene, client):
    make_milestone(
        release=scene.release, name="SwiftFreeze", project=scene.swift, at=utc(2011, 4, 2)
    )
    scene.ask(title="Of nova")
    swift = make_proposal(project=scene.swift, release=scene.release, title="Rings")
    exception = scene.ask(title="Of swift", proposals=[swift])
    html = read(client, "?project=swift")
    assert labels(html) == sorted(
        ["Cactus", "FeatureFreeze", "GammaFreeze", "SwiftFreeze", str(exception)]
    )
    assert "SwiftFreeze" not in read(client, "?project=nova")
    proposals = html.partition('id="proposals"')[2]
    assert re.findall(r'<a class="main"[^>]*>(.*?)</a>', proposals) == ["Rings"]


def test_what_an_exception_is_for_is_of_its_release_whatever_it_is_meant_for(scene, client):
    scene.ask(title="Meant for it")
    stub = make_proposal(title="A stub")
    claimed = scene.ask(proposals=[stub, make_proposal(title="Moved on")])
    claimed.proposals.filter(title="Moved on").update(release=make_release())
    scene.decide(claimed, "deny")
    scene.ask(proposals=[stub])
    make_proposal(title="Of nothing")
    html = read(client)
    listed = re.findall(r'<a class="main"[^>]*>(.*?)</a>', html.partition('id="proposals"')[2])
    assert (listed[:2], len(listed)) == (["Moved on", "A stub"], 3)
    number, url = counts(html)["open proposals"]
    assert (number, read(client, page=url).count('<a class="main"')) == ("3", 3)
    stub.project = scene.swift
    stub.save()
    html = read(client, "?project=swift")
    listed = re.findall(r'<a class="main"[^>]*>(.*?)</a>', html.partition('id="proposals"')[2])
    assert listed == ["A stub"]


def test_hostile_names_are_text_in_the_drawing(scene, client):
    make_milestone(release=scene.release, name="<script>x</script>", at=utc(2011, 4, 2))
    scene.ask(title="</text><script>y</script>")
    assert "<script>" not in drawing(read(client))


def counts(html):
    found = re.search(r'<ul class="counts">(.*?)</ul>', html, re.DOTALL)[1]
    links = re.findall(r'<a href="([^"]*)"><b>(.*?)</b> (.*?)</a>', found)
    return {words: (number, url.replace("&amp;", "&")) for url, number, words in links}


@pytest.mark.parametrize("page", ["/", "/releases/cactus/"])
def test_each_count_leads_to_as_many_as_it_says(page, scene, client):
    for expires in (scene.until, scene.gamma, scene.now + HOUR):
        scene.grant(expires=expires)
    scene.grant(at=scene.asked_at, expires=scene.now)
    scene.ask()
    other = make_release()
    freeze = make_milestone(release=other, blocks=["feature"])
    scene.grant(scene.ask(release=other, freeze=freeze, proposals=[make_proposal()]))
    told = counts(read(client, page=page))
    assert {words: number for words, (number, _) in told.items()} == {
        "exceptions stand": "3",
        "ends within a day": "1",
        "waits for a decision": "1",
        "open proposals": "5",
        "entries in the ledger this week": "9",
    }
    for number, url in told.values():
        assert read(client, page=url).count('<a class="main"') == int(number)


def test_a_milestone_that_others_end_with_counts_as_their_end(scene, client):
    scene.gamma.move(to=scene.now + 2 * HOUR, by=scene.thea, at=scene.asked_at, why="Sooner.")
    scene.grant(expires=scene.gamma)
    assert counts(read(client))["ends within a day"][0] == "1"


def test_what_is_beyond_counting_says_so(scene, client):
    for _ in range(ENOUGH):
        make_proposal(release=scene.release)
    assert counts(read(client))["open proposals"][0] == "99+"

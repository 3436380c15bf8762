"""Every list: its costs, its pages, and what it refuses."""

import base64
import json
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import ExceptionRequest
from meetings.importing import import_log
from meetings.logs import DateHints
from meetings.models import Action, Item, Meeting, Suggestion
from releases.models import MergeProposal, Milestone, Person, Release
from tests.factories import make_exception, make_member, make_proposal, make_release, utc

LISTS = (
    "releases milestones proposals people exceptions decisions meetings items actions suggestions"
)
LISTS = LISTS.split()


def more(number):
    """Two meetings and an exception more, and with them something in every list."""
    for nth in (2 * number, 2 * number + 1):
        day = f"2011-03-{nth % 28 + 1:02}"
        lines = [
            "21:00:00 <thea> #startmeeting",
            f"21:00:01 <thea> #topic round {nth}",
            "21:00:02 <thea> #agreed FFE for ~jun/nova/x until 2011-04-30 10:00 UTC",
            f"21:00:03 <thea> #action jun to report on number {nth} and {nth * 7}",
            "21:00:04 <thea> #endmeeting",
        ]
        import_log(
            BytesIO("\n".join(lines).encode()),
            name=f"channel.{day}-21.00.log.txt",
            at=utc(2011, 4, 1),
            hints=DateHints(name=f"channel.{day}-21.00.log.txt"),
        )
    exception = make_exception(status="granted", conditions=("a", "b"))
    exception.requester.handles.create(kind="irc", value=f"nick-{number}")
    meeting = Meeting.objects.first()
    Suggestion.objects.create(
        meeting=meeting, verdict="note", target=f"t{number}", line=1, words="x", exception=exception
    )
    return exception


@pytest.fixture
def filled(db):
    for number in range(3):
        more(number)
    assert min(
        model.objects.count()
        for model in (
            ExceptionRequest, Meeting, Item, Action, Suggestion, Release, Milestone,
            MergeProposal, Person,
        )
    ) >= 3  # fmt: skip


MOST = dict.fromkeys(LISTS, 1) | {"releases": 2, "people": 3, "exceptions": 2, "actions": 2}


def test_a_list_costs_the_same_few_queries_for_one_row_and_for_three(filled, caller):
    nobody = caller()

    def asked(name, size):
        with CaptureQueriesContext(connection) as queries:
            page = nobody.read(f"{name}/", page_size=size)
        assert (name, len(page["results"])) == (name, size)
        return len(queries)

    counts = {name: [asked(name, size) for size in (1, 3)] for name in LISTS}
    assert counts == {name: [MOST[name]] * 2 for name in LISTS}


def test_details_are_told_of_each_row_and_of_nothing_else(filled, caller):
    nobody = caller()
    unknown = {"exceptions": "FFE-999999", "releases": "nothing", "meetings": "nothing"}
    for name in LISTS:
        for row in nobody.read(f"{name}/")["results"]:
            key = row.get("ref") or row.get("id") or row["slug"]
            with CaptureQueriesContext(connection) as queries:
                told = nobody.read(f"{name}/{key}/")
            assert {field: told[field] for field in row} == row
            assert len(queries) <= 5, name
        nothing = nobody.ask(f"{name}/{unknown.get(name, 999999)}/")
        assert (name, nothing.status_code) == (name, 404)


def test_pages_show_each_row_once_there_and_back(filled, caller):
    nobody = caller()
    for name in LISTS:
        whole = nobody.read(f"{name}/", page_size=200)["results"]
        page = nobody.read(f"{name}/", page_size=2)
        assert page["previous"] is None
        there = list(page["results"])
        while page["next"]:
            last = page
            page = nobody.ask(page["next"]).json()
            there += page["results"]
            assert nobody.ask(page["previous"]).json()["results"] == last["results"]
        assert there == whole


def test_a_row_that_comes_meanwhile_repeats_nothing(filled, caller):
    nobody = caller()
    first = nobody.read("exceptions/", page_size=2)
    more(3)
    second = nobody.ask(first["next"]).json()
    assert not {one["ref"] for one in first["results"]} & {one["ref"] for one in second["results"]}


def cursor(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


BAD = [
    {"page_size": "0"},
    {"page_size": "201"},
    {"page_size": str(10**9)},
    {"page_size": "many"},
    {"page_size": "²"},
    {"cursor": "nothing"},
    {"cursor": "é"},
    {"cursor": ""},
    {"cursor": "x" * 10_000},
    {"cursor": cursor("next", "yesterday", 3)},
    {"cursor": cursor("next", None, -1)},
    {"cursor": cursor("next", None, 2**70)},
    {"cursor": cursor("sideways", None, 3)},
    {"cursor": cursor("next", None)},
    {"cursor": base64.urlsafe_b64encode(b"[" * 200).decode()},
    {"release__slug__contains": "c"},
    {"exception__requester__user__password__startswith": "p"},
    {"ordering": "pk"},
]


@pytest.mark.parametrize("query", BAD, ids=lambda query: f"{query}"[:40])
@pytest.mark.parametrize("name", ["exceptions", "meetings"])
def test_what_a_list_does_not_know_is_refused_by_name(db, caller, name, query):
    answer = caller().ask(f"{name}/", data=query)
    assert (answer.status_code, list(answer.json())) == (400, list(query))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("exceptions/", {"status": "approved"}),
        ("exceptions/", {"requested_by": "thea"}),
        ("exceptions/", {"requested_by": "99999999999999999999999"}),
        ("exceptions/", {"expires_before": "tomorrow"}),
        ("exceptions/", {"release": "a\x00b"}),
        ("exceptions/", {"proposal": "x" * 10_240}),
        ("decisions/", {"after": "2011-03-30"}),
        ("decisions/", {"after": "100% of %s and %(x)s"}),
        ("items/", {"kind": "decision"}),
        ("items/", {"undone": "maybe"}),
        ("items/", {"by_chair": "ja"}),
        ("decisions/", {"exception": "12"}),
        ("suggestions/", {"exception": "nothing"}),
        ("exceptions/", {"status": ["granted", "requested"]}),
        ("exceptions/", {"page_size": ["1", "2"]}),
        ("milestones/", {"after": "0000-00-00T00:00:00Z"}),
    ],
)
def test_a_filter_that_cannot_fit_is_said_by_its_name(db, caller, path, query):
    answer = caller().ask(path, data=query)
    assert (answer.status_code, list(answer.json())) == (400, list(query))


def test_a_status_that_there_is_not_is_told_with_those_that_there_are(db, caller):
    [told] = caller().ask("exceptions/", data={"status": "approved"}).json()["status"]
    assert told.startswith("“approved” is none of requested, granted, ")


def test_true_and_false_are_read_in_any_case_and_as_numbers(filled, caller):
    nobody = caller()
    kinds = {
        words: {row["by_chair"] for row in nobody.read("items/", by_chair=words)["results"]}
        for words in ("true", "TRUE", "1", "false", "0")
    }
    assert kinds == {"true": {True}, "TRUE": {True}, "1": {True}, "false": set(), "0": set()}


def test_the_proposals_of_a_release_are_those_of_its_page(scene, caller):
    make_proposal(release=make_release(slug="diablo"))
    make_proposal(release=None)
    meant = make_proposal(release=scene.release)
    excepted = make_proposal(release=None)
    make_exception(release=scene.release, freeze=scene.freeze, proposals=[excepted])
    listed = caller().read("proposals/", release="cactus")["results"]
    assert [row["id"] for row in listed] == [excepted.pk, meant.pk]
    assert caller().read("proposals/", release="nothing")["results"] == []


@pytest.mark.parametrize(
    "words",
    [
        "https://github.com/openstack/nova/pull/77",
        "proposal:github:openstack/nova#77",
        "openstack/nova#77",
        "nova#77",
        "#77",
        "77",
    ],
)
def test_a_proposal_and_what_is_asked_for_it_are_found_as_the_gate_finds_them(words, scene, caller):
    proposal = make_proposal(
        forge="github", key="openstack/nova#77", project=scene.nova, release=scene.release
    )
    exception = scene.ask(proposals=[proposal])
    make_exception(release=scene.release, freeze=scene.freeze)
    asked = caller()
    assert [row["id"] for row in asked.read("proposals/", ref=words)["results"]] == [proposal.pk]
    held = asked.read("exceptions/", proposal=words)["results"]
    assert [row["ref"] for row in held] == [exception.reference]


def test_a_bug_is_no_proposal_of_the_same_number(db, caller):
    make_proposal(key="61001")
    bug = "https://bugs.launchpad.net/bugs/61001"
    assert caller().read("proposals/", ref=bug)["results"] == []


def test_who_proposed_is_found_by_name_or_handle(scene, caller):
    scene.jun.handles.create(kind="irc", value="jun_")
    theirs = make_proposal(author=scene.jun)
    make_proposal(author=scene.thea)
    for words in (scene.jun.name.upper(), "JUN_"):
        listed = caller().read("proposals/", author=words)["results"]
        assert [row["id"] for row in listed] == [theirs.pk]


def test_a_role_and_a_project_mean_that_role_in_that_project(scene, caller):
    both = make_member("reviewer", scene.nova)
    other = make_member("contributor", scene.nova)
    other.memberships.create(role="reviewer", project=scene.swift)
    listed = caller().read("people/", role="reviewer", project="nova")["results"]
    assert [row["id"] for row in listed] == [both.pk]


def test_who_said_it_is_found_in_any_case(filled, caller):
    nobody = caller()
    assert nobody.read("items/", nick="THEA") == nobody.read("items/", nick="thea")
    assert len(nobody.read("items/", nick="THEA")["results"]) > 0


def test_mail_addresses_are_nobodys_business(scene, caller):
    scene.thea.handles.create(kind="email", value="thea@example.org")
    scene.thea.handles.create(kind="irc", value="thea")
    told = caller().read(f"people/{scene.thea.pk}/")
    assert told["handles"] == [{"kind": "irc", "value": "thea"}]
    assert caller().read("people/", handle="thea@example.org")["results"] == []
    assert len(caller().read("people/", handle="THEA")["results"]) == 1


def test_what_one_has_already_is_not_sent_again(filled, caller):
    nobody = caller()
    first = nobody.ask("exceptions/")
    headers = {"If-None-Match": first["ETag"]}
    assert nobody.ask("exceptions/", headers=headers).status_code == 304
    more(4)
    assert nobody.ask("exceptions/", headers=headers).status_code == 200

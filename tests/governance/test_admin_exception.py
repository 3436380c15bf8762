"""The admin's page of one exception: what it shows, its buttons, and that it edits nothing."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance import rights
from governance.models import Decision, ExceptionRequest
from releases.models import Review
from tests.factories import make_person, make_proposal, utc

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

HOUR = timedelta(hours=1)
NOTHING = "\N{EN DASH}"


def page_of(exception):
    return reverse("admin:governance_exceptionrequest_change", args=[exception.pk])


def shown(client, exception):
    answer = client.get(page_of(exception))
    assert answer.status_code == 200
    return answer.content.decode()


def plain(html):
    """The text of a page, each run of blanks as one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def table(html, heading):
    """The rows under a heading, each as the words of its cells."""
    part = html[html.index(f"<h2>{heading}</h2>") :]
    part = part[: part.index("</table>")]
    return [
        [plain(cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>.*?</tr>", part, re.DOTALL)
    ]


def buttons(html):
    return re.findall(r'/decide/([a-z-]+)/">', html)


def in_status(scene, status):
    """An exception of nova that has this status at the scene's now."""
    ways = {
        "requested": scene.ask,
        "granted": scene.grant,
        "denied": lambda: scene.decide(scene.ask(), "deny"),
        "deferred": lambda: scene.decide(scene.ask(), "defer"),
        "withdrawn": lambda: scene.decide(scene.ask(), "withdraw"),
        "landed": lambda: scene.decide(scene.grant(), "land"),
        "expired": lambda: scene.grant(at=scene.asked_at + HOUR, expires=scene.now),
        "revoked": lambda: scene.decide(scene.grant(), "revoke"),
        "reverted": lambda: scene.decide(scene.decide(scene.grant(), "land"), "revert"),
    }
    return ways[status]()


# --- What it shows --------------------------------------------------------------------------------


def test_it_shows_the_request_in_the_words_of_who_asked(scene, sign_in):
    exception = scene.ask(
        why_now="Without it\nthe API stays incomplete.",
        risk_of_landing="Low.",
        risk_of_not_landing="Half a year.",
        testing="A week on three machines.",
    )
    html = shown(sign_in(scene.thea), exception)
    assert table(html, "The request") == [
        ["Asked by", "Jun, Tue 29 March 2011 21:00 UTC"],
        ["Exception from", "FeatureFreeze of Cactus, Thu 24 March 2011 10:00 UTC"],
        ["Why now", "Without it the API stays incomplete."],
        ["Risk of landing", "Low."],
        ["Risk of leaving it out", "Half a year."],
        ["Testing", "A week on three machines."],
    ]
    assert "Undecided" in html


def test_it_shows_the_proposals_with_who_reviewed_them_and_how(scene, sign_in):
    reviewed = make_proposal(key="61001", title="Volumes", author=scene.jun, state="approved")
    bare = make_proposal(key="61002", url="https://code.launchpad.net/~jun/nova/x/+merge/61002")
    for person, verdict in ((scene.vera, "approve"), (scene.ondine, "needs-fixing")):
        Review.objects.create(proposal=reviewed, reviewer=person, verdict=verdict, at=scene.now)
    html = shown(sign_in(scene.thea), scene.ask(proposals=[reviewed, bare]))
    heading, *rows = table(html, "Merge proposals and their reviews")
    assert heading == ["Proposal", "State", "Author", "Reviews"]
    assert sorted(rows) == [
        ["Launchpad 61002 61002", "not known yet", NOTHING, "none"],
        ["Volumes 61001", "approved, not merged", "Jun", "Approve by Vera; Needs Fixing by Ondine"],
    ]


def test_it_shows_the_whole_ledger_in_order_with_its_sources(scene, sign_in):
    exception = scene.ask(source_url="https://example.org/asked")
    scene.grant(exception, quote="until Friday", source_url="/meetings/m/#l-9", over_budget="Safe.")
    later = scene.until + 24 * HOUR
    exception.extend(by=scene.thea, at=scene.now, expires=later, rationale="One day more.")
    html = shown(sign_in(scene.thea), exception)
    heading, *rows = table(html, "The ledger")
    assert heading == ["When", "Decision", "By", "Deadline from then on", "Why", "Source"]
    assert rows == [
        [
            "Tue 29 March 2011 21:00 UTC",
            "asked for",
            "Jun",
            "no deadline",
            "Without it the API stays incomplete.",
            "where it was said",
        ],
        [
            "Wed 30 March 2011 09:00 UTC",
            "granted",
            "Thea",
            "2011-04-01 10:00 UTC",
            "Self-contained. Beyond the budget: Safe. until Friday",
            "where it was said",
        ],
        [
            "Wed 30 March 2011 09:00 UTC",
            "extended",
            "Thea",
            "2011-04-02 10:00 UTC",
            "One day more.",
            NOTHING,
        ],
    ]
    for url in ("https://example.org/asked", "/meetings/m/#l-9"):
        assert f'href="{url}"' in html


def test_where_a_phone_stacks_the_ledger_each_cell_names_its_column(scene, sign_in):
    html = shown(sign_in(scene.thea), scene.grant())
    ledger = html[html.index("<h2>The ledger</h2>") :]
    columns = re.findall(r'<th scope="col">([^<]*)</th>', ledger)
    named = re.findall(r'<td data-label="([^"]*)">', ledger)
    assert named == columns[1:] * 2  # the first, when it was, needs no name


def test_an_expiry_stands_in_the_ledger_as_decided_by_time(scene, sign_in):
    exception = in_status(scene, "expired")
    exception.expire(at=scene.now)
    *_, row = table(shown(sign_in(scene.thea), exception), "The ledger")
    assert row[1:3] == ["expired", "time"]


def test_it_shows_the_conditions_and_who_confirmed_them(scene, sign_in):
    exception = scene.grant(conditions=["nova-core review", "release note"])
    exception.conditions.first().confirm(by=scene.ondine, at=scene.now)
    assert table(shown(sign_in(scene.jun), exception), "Conditions") == [
        ["nova-core review", "confirmed by Ondine, Wed 30 March 2011 09:00 UTC", ""],
        ["release note", "not confirmed yet", ""],
    ]


def test_the_deadline_is_told_with_its_words_and_the_time_left(scene, sign_in):
    manager = sign_in(scene.thea)
    exception = scene.grant(expires=scene.gamma)
    assert "Granted until Tue 5 April 2011 10:00 UTC , with GammaFreeze, in 6 days." in plain(
        shown(manager, exception)
    )
    lapsed = in_status(scene, "expired")
    assert "Expired ; its deadline was Wed 30 March 2011 09:00 UTC ." in plain(
        shown(manager, lapsed)
    )


def test_proposals_named_beside_a_project_are_not_told_as_the_whole_project(scene, sign_in):
    exception = scene.ask(project=scene.nova, proposals=[make_proposal(project=scene.nova)])
    rows = dict(row[:2] for row in table(shown(sign_in(scene.thea), exception), "The request"))
    assert (exception.scope, "For all of" in rows) == ("proposals", False)


def test_a_whole_project_is_told_as_such(scene, sign_in):
    html = shown(sign_in(scene.thea), scene.ask(project=scene.nova, proposals=[]))
    assert ["For all of", "Nova"] in table(html, "The request")
    assert "None is named: it stands for the whole project." in html


@pytest.mark.parametrize("amount", [1, 3])
def test_the_page_costs_the_same_for_one_of_everything_and_three(
    amount, scene, sign_in, django_assert_num_queries
):
    manager = sign_in(scene.thea)
    proposals = [make_proposal(project=scene.nova, author=make_person()) for _ in range(amount)]
    for proposal in proposals:
        for _ in range(amount):
            Review.objects.create(
                proposal=proposal, reviewer=make_person(), verdict="approve", at=scene.now
            )
    conditions = [f"review {number}" for number in range(amount)]
    exception = scene.grant(scene.ask(proposals=proposals), conditions=conditions)
    for condition in exception.conditions.all():
        condition.confirm(by=make_person_with_role(), at=scene.now)
    for number in range(amount):
        scene.decide(exception, "refuse_extension", rationale=f"No {number}.")
    with django_assert_num_queries(11):
        shown(manager, exception)


def make_person_with_role():
    person = make_person()
    person.memberships.create(role="reviewer")
    return person


def test_a_ledger_bound_to_a_milestone_costs_no_more_for_more_decisions(scene, sign_in):
    manager = sign_in(scene.thea)
    costs = []
    for refusals in (1, 3):
        exception = scene.grant(expires=scene.gamma)
        for _ in range(refusals):
            scene.decide(exception, "refuse_extension")
        with CaptureQueriesContext(connection) as queries:
            shown(manager, exception)
        costs.append(len(queries))
    assert costs[1] == costs[0]


@pytest.mark.parametrize("status", ["requested", "landed"])
def test_it_leads_to_the_page_that_everybody_sees(status, scene, sign_in):
    exception = in_status(scene, status)
    html = shown(sign_in(scene.ondine), exception)
    link = f'href="{exception.get_absolute_url()}">View on site</a>'
    assert link in html


# --- Buttons --------------------------------------------------------------------------------------

BUTTONS_OF_A_MANAGER = {
    "requested": ["grant", "deny", "defer", "withdraw"],
    "granted": ["defer", "extend", "refuse-extension", "revoke", "withdraw", "land"],
    "denied": ["reopen"],
    "deferred": [],
    "withdrawn": [],
    "landed": ["revert"],
    "expired": ["defer", "extend", "refuse-extension"],
    "revoked": [],
    "reverted": [],
}


def test_a_manager_has_a_button_for_each_verb_that_is_possible(scene, sign_in):
    manager = sign_in(scene.thea)
    assert {
        status: buttons(shown(manager, in_status(scene, status))) for status in BUTTONS_OF_A_MANAGER
    } == BUTTONS_OF_A_MANAGER


@pytest.mark.parametrize("leads_decide", [False, True])
def test_the_buttons_are_the_rights(leads_decide, scene, sign_in):
    scene.release.leads_decide = leads_decide
    scene.release.save()
    exceptions = {status: in_status(scene, status) for status in BUTTONS_OF_A_MANAGER}
    for person in (scene.thea, scene.vera, scene.ondine, scene.jun, make_person(name="Guest")):
        client = sign_in(person)
        seen, expected = {}, {}
        for status, exception in exceptions.items():
            seen[status] = buttons(shown(client, exception))
            expected[status] = [verb.value for verb in rights.verbs(person, exception, status)]
        assert (person.name, seen) == (person.name, expected)


def test_who_asked_can_withdraw_and_nothing_else(scene, sign_in):
    assert buttons(shown(sign_in(scene.jun), scene.ask())) == ["withdraw"]


def test_a_lead_decides_on_their_own_project_where_the_release_says_so(scene, sign_in):
    lead = sign_in(scene.vera)
    own = scene.ask()
    other = scene.ask(proposals=[make_proposal(project=scene.swift)])
    mixed = scene.ask(
        proposals=[make_proposal(project=scene.nova), make_proposal(project=scene.swift)]
    )
    seen = []
    for leads_decide in (False, True):
        scene.release.leads_decide = leads_decide
        scene.release.save()
        seen.append([bool(buttons(shown(lead, exception))) for exception in (own, other, mixed)])
    assert seen == [[False, False, False], [True, False, False]]


def test_a_login_without_a_person_is_told_what_it_lacks(scene, sign_in):
    html = shown(sign_in(is_superuser=True), scene.ask())
    assert buttons(html) == []
    assert "Your login belongs to no person" in html


def test_only_who_may_confirm_has_a_button_for_an_unmet_condition(scene, sign_in):
    exception = scene.grant(conditions=["nova-core review", "release note"])
    exception.conditions.first().confirm(by=scene.ondine, at=scene.now)
    second = exception.conditions.last()
    seen = {
        person.name: re.findall(r"/confirm/(\d+)/", shown(sign_in(person), exception))
        for person in (scene.thea, scene.vera, scene.ondine, scene.jun)
    }
    unmet = [str(second.pk)]
    assert seen == {"Thea": unmet, "Vera": unmet, "Ondine": unmet, "Jun": []}


# --- What it does not do --------------------------------------------------------------------------

FORGED = {
    "status": "granted",
    "title": "forged",
    "expires_at": "2031-01-01 00:00",
    "expires_at_0": "2031-01-01",
    "expires_at_1": "00:00:00",
    "deadline_words": "forged",
    "ledger_length": 9,
    "ledger_head": "forged",
    "requester": 1,
    "why_now": "forged",
    "_save": "Save",
}


@pytest.mark.parametrize("is_superuser", [False, True])
def test_a_forged_field_changes_nothing(is_superuser, scene, sign_in):
    client = sign_in(scene.thea, is_superuser=is_superuser)
    exception = scene.ask()
    before = ExceptionRequest.objects.values().get()
    client.post(page_of(exception), FORGED)
    assert ExceptionRequest.objects.values().get() == before
    assert Decision.objects.count() == 1


def test_a_forged_field_beside_a_verb_changes_only_what_the_verb_does(scene, sign_in):
    exception = scene.ask()
    untouched = ("title", "why_now", "requester_id", "expires_at", "deadline_words", "release_id")
    before = ExceptionRequest.objects.values(*untouched).get()
    url = reverse("admin:governance_exceptionrequest_decide", args=[exception.pk, "deny"])
    forged = FORGED | {"rationale": "Too large.", "release": 99, "by": scene.jun.pk, "at": "2001"}
    assert sign_in(scene.thea).post(url, forged).status_code == 302
    assert ExceptionRequest.objects.values(*untouched).get() == before
    decision = Decision.objects.get(sequence=2)
    assert (decision.verb, decision.new_status) == ("deny", "denied")
    assert (decision.by, decision.at) == (scene.thea, scene.now)


@pytest.mark.parametrize(
    "name",
    ["0", "99999", "abc", "-1", "9" * 30, pytest.param("9" * 5000, id="5000 digits"), "²", "1.5"],
)
def test_there_is_no_page_for_what_is_not_there(name, scene, sign_in):
    scene.ask()
    answer = sign_in(scene.thea).get(f"/admin/governance/exceptionrequest/{name}/change/")
    assert answer.status_code == 404


def test_the_page_asks_for_a_login_and_for_the_right_to_see_it(scene, sign_in):
    exception = scene.grant(conditions=["nova-core review"])
    urls = [
        page_of(exception),
        reverse(
            "admin:governance_exceptionrequest_confirm",
            args=[exception.pk, exception.conditions.get().pk],
        ),
        reverse("admin:governance_exceptionrequest_decide", args=[exception.pk, "land"]),
    ]
    for url in urls:
        answers = [client.post(url, {"rationale": "x"}) for client in (Client(), Client())]
        assert [answer.headers["Location"] for answer in answers] == [
            f"/admin/login/?next={url}"
        ] * 2
    assert sign_in(rights=[]).get(urls[0]).status_code == 403
    assert ExceptionRequest.objects.get().status == "granted"


def test_a_bookmarked_history_page_answers(scene, sign_in):
    url = reverse("admin:governance_exceptionrequest_history", args=[scene.ask().pk])
    assert sign_in(scene.thea).get(url).status_code == 200


def test_a_ledger_line_keeps_the_deadline_it_was_granted_with(scene, sign_in):
    exception = scene.grant(expires=scene.gamma)
    scene.gamma.move(to=utc(2011, 4, 9, 10), by=scene.thea, at=scene.now + HOUR, why="more bugs")
    _, _, granted = table(shown(sign_in(scene.thea), exception), "The ledger")
    assert granted[3] == "2011-04-05 10:00 UTC, with GammaFreeze"

"""Cactus by hand: what OpenStack decided in March 2011, entered decision by decision.

The dates, numbers and people's roles are facts of the public meeting log; the words are ours.
"""

from types import SimpleNamespace

import pytest

from governance.gate import verdict
from governance.models import Decision, ExceptionRequest
from releases.models import MilestoneMove
from tests.factories import (
    make_freeze,
    make_manager,
    make_member,
    make_milestone,
    make_project,
    make_proposal,
    make_release,
    utc,
)

pytestmark = pytest.mark.django_db

DEADLINE = utc(2011, 3, 30, 10)
LAST_SECOND = utc(2011, 3, 30, 9, 59, 59)
REFUSED_AT = utc(2011, 3, 29, 21, 23, 17)
RECLASSIFIED_AT = utc(2011, 3, 29, 21, 33)
SOURCE = "/meetings/openstack-meeting.2011-03-29-21.00/#l-132"


@pytest.fixture
def cactus():
    """The release with its freezes, the changes and the people."""
    release = make_release(name="Cactus", slug="cactus", version="2011.2")
    nova = make_project(slug="nova", name="Nova")
    branches = {"54464": "volumes-api", "54805": "vnc_console", "54453": "disable-creds"}
    return SimpleNamespace(
        release=release,
        feature_freeze=make_freeze(
            release=release, name="FeatureFreeze", slug="featurefreeze", at=utc(2011, 3, 25)
        ),
        gamma_freeze=make_milestone(
            release=release,
            name="GammaFreeze",
            slug="gammafreeze",
            kind="hard-freeze",
            at=utc(2011, 4, 8),  # the end of 7 April
            blocks=["feature", "bugfix"],
        ),
        proposals={
            key: make_proposal(key=key, release=release, project=nova, branch=f"~x/nova/{name}")
            for key, name in branches.items()
        },
        manager=make_manager(name="Thierry"),
        author=make_member("contributor", nova, name="Justin"),
    )


@pytest.fixture
def granted(cactus):
    """54464 and 54805 until 30 March at 10:00 UTC."""
    exceptions = {}
    for key in ("54464", "54805"):
        exception = ExceptionRequest.objects.ask(
            release=cactus.release,
            freeze=cactus.feature_freeze,
            title=f"Exception for {key}",
            by=cactus.author,
            at=utc(2011, 3, 25, 9),
            why_now="It is nearly through its review.",
            proposals=[cactus.proposals[key]],
        )
        exception.grant(
            by=cactus.manager,
            at=utc(2011, 3, 25, 15),
            expires=DEADLINE,
            rationale="Small and apart from the rest.",
        )
        exceptions[key] = exception
    return exceptions


@pytest.fixture
def refused(cactus, granted):
    """No extension for 54464."""
    return granted["54464"].refuse_extension(
        by=cactus.manager,
        at=REFUSED_AT,
        rationale="It was not planned for this release, and two weeks are left to test.",
        source_url=SOURCE,
    )


def code(key, at):
    return verdict(key, at=at).code.value


def test_both_may_land_until_ten_o_clock_and_not_at_ten(granted, refused):
    told = {key: [code(key, at) for at in (LAST_SECOND, DEADLINE)] for key in granted}
    assert told == {key: ["exception_stands", "exception_expired"] for key in granted}


def test_the_answer_at_the_deadline_leads_to_where_it_was_refused(granted, refused):
    told = verdict("54464", at=DEADLINE)
    assert told.reason == (
        f"{granted['54464'].reference} expired Wed 30 March 2011 10:00 UTC. An extension was"
        " refused by Thierry, Tue 29 March 2011 21:23 UTC. Ask for an extension, with a reason."
    )
    assert told.as_json()["exception"] == {
        "ref": granted["54464"].reference,
        "status": "expired",
        "expires_at": "2011-03-30T10:00:00Z",
        "source_url": SOURCE,
    }


def test_the_refusal_is_in_the_ledger_word_for_word(cactus, granted, refused):
    rows = granted["54464"].decisions.order_by("sequence")
    columns = ["verb", "by__name", "at", "new_status", "new_expires_at", "source_url"]
    assert list(rows.values_list(*columns)) == [
        ("request", "Justin", utc(2011, 3, 25, 9), "requested", None, ""),
        ("grant", "Thierry", utc(2011, 3, 25, 15), "granted", DEADLINE, ""),
        ("refuse-extension", "Thierry", REFUSED_AT, "granted", DEADLINE, SOURCE),
    ]
    assert Decision.objects.first_broken() is None


def test_54453_has_no_exception(granted):
    assert code("54453", utc(2011, 3, 29, 21)) == "exception_missing"


def test_54453_may_land_as_a_bug_fix_until_gamma_freeze(cactus, granted):
    cactus.proposals["54453"].reclassify(
        to="bugfix", by=cactus.manager, at=RECLASSIFIED_AT, why="It takes something away only."
    )
    instants = (utc(2011, 3, 29, 21, 32), RECLASSIFIED_AT, utc(2011, 4, 7, 23, 59, 59))
    assert [code("54453", at) for at in (*instants, utc(2011, 4, 8))] == [
        "exception_missing",
        "not_blocked",
        "not_blocked",
        "exception_missing",
    ]


@pytest.mark.parametrize(
    "reference",
    [
        "54464",
        "volumes-api",
        "https://code.launchpad.net/~justin-fathomdb/nova/justinsb-openstack-api-volumes/+merge/54464",
    ],
)
def test_a_number_a_branch_and_an_address_give_the_same_answer(reference, granted):
    assert code(reference, LAST_SECOND) == "exception_stands"


def test_moving_gamma_freeze_records_who_and_why_and_moves_what_is_bound_to_it(cactus, granted):
    bound = granted["54805"]
    at = utc(2011, 3, 29, 20)
    bound.extend(by=cactus.manager, at=at, expires=cactus.gamma_freeze, rationale="One more week.")
    ledgers = Decision.objects.count()
    untouched = [
        list(ExceptionRequest.objects.order_by("pk").values()),
        list(cactus.release.milestones.exclude(slug="gammafreeze").values()),
    ]

    to, why = utc(2011, 4, 10), "Two more days for the bugs still open."
    decided_at = utc(2011, 3, 29, 21, 14)
    cactus.gamma_freeze.move(to=to, by=cactus.manager, at=decided_at, why=why)

    columns = ["milestone__slug", "from_at", "to_at", "by__name", "at", "why"]
    assert list(MilestoneMove.objects.values_list(*columns)) == [
        ("gammafreeze", utc(2011, 4, 8), to, "Thierry", decided_at, why)
    ]
    deadlines = {
        key: ExceptionRequest.objects.get(pk=exception.pk).until.instant
        for key, exception in granted.items()
    }
    assert deadlines == {"54464": DEADLINE, "54805": to}
    assert [
        list(ExceptionRequest.objects.order_by("pk").values()),
        list(cactus.release.milestones.exclude(slug="gammafreeze").values()),
    ] == untouched
    assert Decision.objects.count() == ledgers
    moved = (utc(2011, 4, 8), utc(2011, 4, 9, 23, 59, 59), to)
    assert [code("54805", at) for at in moved] == [
        "exception_stands",
        "exception_stands",
        "exception_missing",
    ]

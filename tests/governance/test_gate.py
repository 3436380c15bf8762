"""May this change land? Each of the eight answers, with its sentence."""

import pytest

from governance.gate import Code, verdict
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_member,
    make_milestone,
    make_person,
    make_project,
    make_proposal,
    make_release,
    utc,
)
from tests.governance.steps import NOON, decide

pytestmark = pytest.mark.django_db

SINCE = "FeatureFreeze has blocked this kind of change since Thu 24 March 2011 00:00 UTC"
DEADLINE = utc(2011, 3, 30, 10)


@pytest.fixture
def cactus():
    return make_release(name="Cactus", slug="cactus")


@pytest.fixture
def feature_freeze(cactus):
    return make_freeze(release=cactus, name="FeatureFreeze")


@pytest.fixture
def proposal(cactus, feature_freeze):
    return make_proposal(release=cactus, project=make_project(name="Nova"), change_kind="feature")


@pytest.fixture
def exception_that_is(feature_freeze, proposal):
    def make(status, **fields):
        defaults = {"freeze": feature_freeze, "proposals": [proposal]}
        defaults |= {"manager": make_manager(name="Thea"), "by": make_member("contributor")}
        return make_exception(status=status, **defaults | fields)

    return make


def answer(proposal, at=NOON, **asked):
    """Allowed or not, code and sentence."""
    told = verdict(proposal.key, at=at, **asked)
    assert told.proposal == proposal
    return told.allowed, told.code.value, told.reason


def test_before_any_freeze_it_may_land(proposal):
    before = utc(2011, 3, 23, 23, 59, 59)
    assert answer(proposal, before) == (True, "no_freeze", "No freeze of Cactus is in force.")


def test_a_freeze_is_in_force_from_its_very_instant(proposal, feature_freeze):
    assert answer(proposal, feature_freeze.at)[1] == "exception_missing"


def test_what_the_freeze_does_not_block_may_land(proposal):
    proposal.change_kind = "bugfix"
    proposal.save()
    assert answer(proposal) == (
        True,
        "not_blocked",
        "FeatureFreeze does not block this kind of change (bug fix).",
    )


def test_without_an_exception_it_may_not_land(proposal):
    assert answer(proposal) == (
        False,
        "exception_missing",
        f"{SINCE}, and no exception was asked for. Ask for one, or wait for the next release.",
    )


def test_what_nobody_knows_is_told_to_be_unknown():
    told = verdict("volumes-api", at=NOON)
    assert (told.allowed, told.code, told.reason, told.proposal, told.release) == (
        False,
        Code.UNKNOWN,
        "Nothing here is known as “volumes-api”.",
        None,
        None,
    )


BY_STATUS = {
    "requested": (False, "exception_undecided", "is undecided; asked for by Jun, Fri 25 March"),
    "granted": (True, "exception_stands", "stands until Wed 30 March 2011 10:00 UTC; granted by"),
    "denied": (False, "exception_denied", "was denied by Thea, Sat 26 March 2011 00:00 UTC: Agr"),
    "deferred": (False, "exception_denied", "was deferred to a later release by Thea, Sat 26 Ma"),
    "revoked": (False, "exception_denied", "was revoked by Thea, Sun 27 March 2011 00:00 UTC: A"),
    "landed": (False, "exception_expired", "was used: it landed by Thea, Sun 27 March 2011"),
    "reverted": (False, "exception_expired", "landed and was reverted by Thea, Mon 28 March 2"),
    "expired": (False, "exception_expired", "expired Mon 28 March 2011 00:00 UTC. Ask for an ext"),
    "withdrawn": (False, "exception_missing", "was withdrawn by Thea, Sat 26 March 2011 00:00"),
}


@pytest.mark.parametrize("status", BY_STATUS)
def test_the_answer_follows_from_how_the_exception_stands(status, exception_that_is, proposal):
    until = utc(2011, 3, 28) if status == "expired" else DEADLINE
    jun = make_member("contributor", name="Jun")
    exception = exception_that_is(status, expires=until, by=jun)
    allowed, code, reason = answer(proposal)
    *expected, start = BY_STATUS[status]
    assert [allowed, code] == expected
    assert reason.startswith(f"{exception.reference} {start}")
    assert verdict(proposal.key, at=NOON).found.status == status


def test_a_standing_exception_is_told_with_who_granted_it_and_when(exception_that_is, proposal):
    exception = exception_that_is("granted")
    sentence = (
        f"{exception.reference} stands until Wed 30 March 2011 10:00 UTC; granted by Thea, Sat 26"
        " March 2011 00:00 UTC."
    )
    assert answer(proposal) == (True, "exception_stands", sentence)


def test_an_extended_exception_is_told_with_who_extended_it(exception_that_is, proposal):
    exception = exception_that_is("granted")
    decide(exception, "extend", by=make_manager(name="Vera"))
    assert answer(proposal)[2] == (
        f"{exception.reference} stands until Sat 2 April 2011 00:00 UTC; extended by Vera, Tue 29"
        " March 2011 12:00 UTC."
    )


def test_a_refused_extension_is_told_before_and_after_the_deadline(exception_that_is, proposal):
    exception = exception_that_is("granted")
    decide(exception, "refuse-extension", by=make_manager(name="Vera"))
    refused = "An extension was refused by Vera, Tue 29 March 2011 12:00 UTC."
    granted = (
        f"{exception.reference} stands until Wed 30 March 2011 10:00 UTC; granted by Thea, Sat 26"
        " March 2011 00:00 UTC."
    )
    expired = f"{exception.reference} expired Wed 30 March 2011 10:00 UTC."
    assert answer(proposal, utc(2011, 3, 30, 9, 59, 59)) == (
        True,
        "exception_stands",
        f"{granted} {refused}",
    )
    assert answer(proposal, DEADLINE) == (
        False,
        "exception_expired",
        f"{expired} {refused} Ask for an extension, with a reason.",
    )


@pytest.mark.parametrize("refused_before", [False, True], ids=["plain", "extension refused"])
def test_the_answer_is_the_same_whether_or_not_a_worker_has_run(
    refused_before, exception_that_is, proposal
):
    exception, late = exception_that_is("granted"), utc(2011, 4, 1)
    if refused_before:
        decide(exception, "refuse-extension", by=make_manager())
    before = verdict(proposal.key, at=late).as_json()
    assert before["code"] == "exception_expired"
    exception.expire(at=late)
    assert verdict(proposal.key, at=late).as_json() == before


def test_conditions_that_nobody_confirmed_are_told(exception_that_is, proposal):
    exception = exception_that_is("granted", conditions=("review", "test"))
    first, second = exception.conditions.all()
    told = [answer(proposal)[2]]
    for condition in (first, second):
        condition.confirm(by=make_manager(), at=utc(2011, 3, 28))
        told.append(answer(proposal)[2])
    ends = [
        " 2 conditions are not confirmed yet.",
        " One condition is not confirmed yet.",
        "granted by Thea, Sat 26 March 2011 00:00 UTC.",
    ]
    assert [one.endswith(end) for one, end in zip(told, ends, strict=True)] == [True] * 3


def test_what_nobody_has_classified_counts_as_a_feature(cactus, feature_freeze):
    unknown = make_proposal(release=cactus, change_kind="unknown")
    assert answer(unknown)[1] == "exception_missing"
    feature_freeze.blocks = ["bugfix", "strings"]
    feature_freeze.save()
    assert answer(unknown) == (
        True,
        "not_blocked",
        "FeatureFreeze does not block this kind of change (feature).",
    )


def test_a_standing_exception_of_the_project_covers_each_of_its_proposals(
    cactus, feature_freeze, proposal
):
    exception = make_exception(
        status="granted", freeze=feature_freeze, project=proposal.project, expires=DEADLINE
    )
    others = [make_proposal(release=cactus, project=make_project()), make_proposal(release=cactus)]
    assert verdict(proposal.key, at=NOON).found.exception == exception
    assert [answer(one)[1] for one in (proposal, *others)] == [
        "exception_stands",
        "exception_missing",
        "exception_missing",
    ]
    assert answer(proposal, DEADLINE)[1] == "exception_expired"


def test_of_several_exceptions_the_one_that_allows_is_told(
    exception_that_is, feature_freeze, proposal
):
    exception_that_is("denied")
    exception_that_is("expired", expires=utc(2011, 3, 27))
    whole = make_exception(status="granted", freeze=feature_freeze, project=proposal.project)
    exception_that_is("requested", at=utc(2011, 3, 28))
    told = verdict(proposal.key, at=NOON)
    assert (told.code, told.found.exception) == (Code.STANDS, whole)


def test_an_exception_in_another_release_is_no_exception_here(exception_that_is, proposal):
    exception_that_is("granted")
    diablo = make_release(name="Diablo")
    assert answer(proposal, release=diablo)[1] == "no_freeze"
    make_freeze(release=diablo)
    assert answer(proposal, release=diablo)[1] == "exception_missing"


def test_a_proposal_of_no_release_is_judged_by_the_one_being_made(cactus, feature_freeze):
    make_milestone(release=cactus, kind="release", at=utc(2011, 4, 15))
    stray = make_proposal(change_kind="feature")
    told = verdict(stray.key, at=NOON)
    assert (told.release, told.code) == (cactus, Code.MISSING)


def test_without_any_release_nothing_is_frozen():
    stray = make_proposal()
    assert answer(stray) == (True, "no_freeze", "No freeze of any release is in force.")


def test_a_milestone_that_blocks_nothing_is_no_freeze(cactus):
    make_milestone(release=cactus, at=utc(2011, 3, 1), blocks=[])
    assert answer(make_proposal(release=cactus))[1] == "no_freeze"


def test_the_people_named_are_the_ones_that_decided(exception_that_is, proposal):
    exception = exception_that_is("requested", by=make_member("contributor", name="Jun"))
    make_person(name="Somebody else")
    assert answer(proposal)[2] == (
        f"{exception.reference} is undecided; asked for by Jun, Fri 25 March 2011 00:00 UTC."
    )


# --- Several of one name, and none ----------------------------------------------------------------


MANY_OTHERS = {1: "one other", 2: "2 others", 9: "9 others", 10: "many others", 30: "many others"}


@pytest.mark.parametrize("others", MANY_OTHERS)
def test_how_many_others_are_of_that_name_is_told_as_far_as_it_is_counted(others, proposal):
    alone = answer(proposal)[2]
    for _ in range(others):
        make_proposal(branch="~ondine/nova/volumes")
    proposal.branch = "~jun/nova/volumes"
    proposal.save()
    which = (
        f"This is about {proposal.url}; “volumes” also names {MANY_OTHERS[others]}. Ask for one of"
        " them by its address."
    )
    told = verdict("lp:volumes ", at=NOON, release=proposal.release)
    assert told.reason == f"{alone} {which.replace('“volumes”', '“lp:volumes”')}"
    assert [verdict(one, at=NOON).reason for one in (proposal.url, proposal.key)] == [alone] * 2


def test_what_the_others_are_does_not_show_in_an_answer_about_an_exception_of_one_change(
    exception_that_is,
):
    exception = exception_that_is("granted")
    assert "This is about" not in verdict(exception.reference, at=NOON).reason


def test_of_an_exception_for_several_it_is_told_which_one_the_answer_is_about(cactus):
    proposals = [make_proposal(release=cactus) for _ in range(3)]
    exception = make_exception(release=cactus, proposals=proposals)
    assert verdict(exception.reference, at=NOON).reason.endswith(
        f" This is about {proposals[-1].url}; “{exception.reference}” also names 2 others. Ask for"
        " one of them by its address."
    )


def unknown(at=NOON, **asked):
    """What is said behind that nothing is known by the reference."""
    told = verdict("nope", at=at, **asked)
    assert (told.code, told.allowed) == (Code.UNKNOWN, False)
    return told.reason.removeprefix("Nothing here is known as “nope”.").strip()


def test_of_what_nobody_knows_it_is_told_which_freeze_holds_and_where_to_ask(
    cactus, feature_freeze, settings
):
    settings.SITE_URL = "https://thaw.example.org"
    make_milestone(release=cactus, kind="release", at=utc(2011, 4, 15))
    holds = "has held since Thu 24 March 2011 00:00 UTC: what is not known here may not land."
    ask = "Ask for an exception at https://thaw.example.org/exceptions/new/."
    assert unknown() == f"FeatureFreeze of Cactus {holds} {ask}"
    assert unknown(utc(2011, 3, 23)) == (
        "No freeze of Cactus is in force, but only what is known here may land."
    )
    later = make_release(name="Diablo")
    assert unknown(release=later).startswith("No freeze of Diablo is in force")
    assert unknown().startswith("FeatureFreeze of Cactus")


def test_of_what_nobody_knows_the_freeze_is_told_as_it_was_planned_then(cactus, feature_freeze):
    thea = make_manager()
    feature_freeze.move(to=utc(2011, 4, 5), by=thea, at=utc(2011, 4, 1), why="A week more.")
    since = [unknown(at).partition(": ")[0] for at in (NOON, utc(2011, 4, 2), utc(2011, 4, 6))]
    assert [one.partition(" of Cactus ")[2] for one in since] == [
        "has held since Thu 24 March 2011 00:00 UTC",
        "is in force, but only what is known here may land.",
        "has held since Tue 5 April 2011 00:00 UTC",
    ]


def test_of_what_nobody_knows_the_last_freeze_that_blocks_a_feature_is_told(cactus, feature_freeze):
    nova = make_project()
    make_freeze(release=cactus, name="HardFreeze", at=utc(2011, 3, 26))
    make_freeze(release=cactus, name="DocsFreeze", at=utc(2011, 3, 27), blocks=["docs"])
    make_freeze(release=cactus, name="NovaFreeze", at=utc(2011, 3, 28), project=nova)
    assert unknown().startswith("HardFreeze of Cactus has held since Sat 26 March 2011")


def test_of_what_nobody_knows_a_freeze_that_blocks_no_feature_is_told_too(cactus):
    make_freeze(release=cactus, name="DocsFreeze", blocks=["docs"])
    assert unknown().startswith("DocsFreeze of Cactus has held since")

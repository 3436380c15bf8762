"""Two people at once: what each does, and every way in which it may end.

Threads run these on PostgreSQL, processes on SQLite.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from governance.models import Condition, Decision, ExceptionRequest
from governance.refusals import Refused
from releases.models import MergeProposal, Milestone, Person
from tests.factories import (
    make_budget,
    make_exception,
    make_freeze,
    make_manager,
    make_member,
    make_project,
    make_proposal,
    make_release,
    utc,
)
from tests.governance.steps import NEW_DEADLINE, NOON, decide, ledger

LATE = utc(2011, 4, 1)  # after the deadline of `make_exception`
MUCH_LATER = utc(2011, 4, 9)
MANY = 20

Ids = dict[str, int]
Act = Callable[[], object]


@dataclass(frozen=True)
class Contest:
    """`prepare` makes records and gives their ids; `left` and `right` get ready, each with what
    it read itself, and return the act.

    `endings`: (how left ended, how right ended) -> the ledgers that this may leave. An end is
    "done", "nothing" where there was nothing to do, or the name of the refusal.
    """

    prepare: Callable[[], Ids]
    left: Callable[[Ids], Act]
    right: Callable[[Ids], Act]
    endings: dict[tuple[str, str], list[str]]
    by_row_lock: bool = True  # what settles it; else a constraint of the database
    watched: tuple[str, ...] = ("exception",)  # none: whatever was asked for


def attempt(act: Act) -> str:
    """How an act ended; whatever is no refusal is a crash."""
    try:
        return "nothing" if act() is None else "done"
    except Refused as refused:
        return type(refused).__name__ if str(refused) else "refused without words"
    except Exception as error:  # noqa: BLE001 it is told, and no ending allows it
        return f"crashed: {type(error).__name__}: {str(error)[:200]}"


def aftermath(contest: Contest, ids: Ids) -> str:
    """The ledgers that were left, in short, and what is broken in them."""
    watched = [exception_of(ids, name) for name in contest.watched]
    if not watched:
        watched = ExceptionRequest.objects.filter(freeze=ids["freeze"])
    found = [" ".join(verb for verb, _ in ledger(exception)) for exception in watched]
    broken = Decision.objects.filter(exception__in=watched).first_broken()
    return " | ".join(found if broken is None else [*found, str(broken)])


def exception_of(ids: Ids, name: str = "exception") -> ExceptionRequest:
    return ExceptionRequest.objects.get(pk=ids[name])


def deciding(verb: str, *, at: datetime = NOON, on: str = "exception", **said: object):
    """Somebody who has opened the page of an exception and presses the button."""

    def ready(ids: Ids) -> Act:
        exception, by = exception_of(ids, on), Person.objects.get(pk=ids["manager"])
        return lambda: decide(exception, verb, by=by, at=at, **said)

    return ready


def asking(*, backwards: bool = False):
    """Somebody who has filled in a request for all proposals that were prepared."""

    def ready(ids: Ids) -> Act:
        named = MergeProposal.objects.filter(claims=None) | MergeProposal.objects.filter(
            claims__freeze=ids["freeze"]
        )
        freeze = Milestone.objects.get(pk=ids["freeze"])
        proposals = list(named.filter(release=freeze.release_id).distinct().order_by("pk"))
        by = Person.objects.get(pk=ids["manager"])
        fields = {"release": freeze.release, "title": "Volumes", "why_now": "Users wait for it."}
        return lambda: ExceptionRequest.objects.ask(
            freeze=freeze, by=by, at=LATE, proposals=proposals[:: -1 if backwards else 1], **fields
        )

    return ready


def confirming(ids: Ids) -> Act:
    condition = Condition.objects.get(exception=ids["exception"])
    by = Person.objects.get(pk=ids["manager"])

    def confirm() -> str:
        condition.confirm(by=by, at=NOON)
        return "done"

    return confirm


def one(status: str, **fields) -> Callable[[], Ids]:
    def prepare() -> Ids:
        exception = make_exception(status=status, **fields)
        return {"exception": exception.pk, "manager": make_manager().pk}

    return prepare


def unclaimed(count: int) -> Callable[[], Ids]:
    def prepare() -> Ids:
        freeze = make_freeze()
        for _ in range(count):
            make_proposal(release=freeze.release)
        return {"freeze": freeze.pk, "manager": make_manager().pk}

    return prepare


def claimed_by_a_lapsed_one() -> Ids:
    lapsed = make_exception(status="granted")
    return {"exception": lapsed.pk, "freeze": lapsed.freeze_id, "manager": make_manager().pk}


def two_expired_for_one_proposal() -> Ids:
    freeze = make_freeze()
    asked = {"freeze": freeze, "proposals": [make_proposal(release=freeze.release)]}
    expired = [make_exception(status="expired", **asked) for _ in range(2)]
    ids = {"manager": make_manager().pk, "freeze": freeze.pk}
    return ids | {"exception": expired[0].pk, "second": expired[1].pk}


def one_left_in_the_budget() -> Ids:
    release, project = make_release(), make_project()
    make_budget(release=release, project=project, limit=1)
    freeze, by = make_freeze(release=release), make_member("contributor")
    first, second = (
        make_exception(
            freeze=freeze, by=by, proposals=[make_proposal(release=release, project=project)]
        )
        for _ in range(2)
    )
    return {"exception": first.pk, "second": second.pk, "manager": make_manager().pk}


BOTH = ("exception", "second")
REFUSED = "InvalidTransition"

CONTESTS = {
    "two grants": Contest(
        one("requested"),
        deciding("grant"),
        deciding("grant", expires=MUCH_LATER),
        {
            ("done", REFUSED): ["request grant"],
            (REFUSED, "done"): ["request grant"],
        },
    ),
    "a grant and a denial": Contest(
        one("requested"),
        deciding("grant"),
        deciding("deny"),
        {
            ("done", REFUSED): ["request grant"],
            (REFUSED, "done"): ["request deny"],
        },
    ),
    "a grant and an expiry": Contest(
        one("requested"),
        deciding("grant"),
        deciding("expire", at=MUCH_LATER),
        {
            ("done", "done"): ["request grant expire"],
            ("done", "nothing"): ["request grant"],
        },
        by_row_lock=False,  # an expiry that comes first does nothing
    ),
    "two expiries": Contest(
        one("granted"),
        deciding("expire", at=LATE),
        deciding("expire", at=LATE),
        {
            ("done", "nothing"): ["request grant expire"],
            ("nothing", "done"): ["request grant expire"],
        },
    ),
    "a late extension and an expiry": Contest(
        one("granted"),
        deciding("extend", at=LATE),
        deciding("expire", at=LATE),
        {
            ("done", "done"): ["request grant expire extend"],
            ("done", "nothing"): ["request grant expire extend"],
        },
    ),
    "an extension and a landing": Contest(
        one("granted"),
        deciding("extend", expires=NEW_DEADLINE),
        deciding("land"),
        {
            ("done", "done"): ["request grant extend land"],
            (REFUSED, "done"): ["request grant land"],
        },
    ),
    "a withdrawal and a landing": Contest(
        one("granted"),
        deciding("withdraw"),
        deciding("land"),
        {
            ("done", REFUSED): ["request grant withdraw"],
            (REFUSED, "done"): ["request grant land"],
        },
    ),
    "two grants with one left in the budget": Contest(
        one_left_in_the_budget,
        deciding("grant"),
        deciding("grant", on="second"),
        {
            ("done", "InvalidInput"): ["request grant | request"],
            ("InvalidInput", "done"): ["request | request grant"],
        },
        watched=BOTH,
    ),
    "two confirmations": Contest(
        one("granted", conditions=("review",)),
        confirming,
        confirming,
        {
            ("done", REFUSED): ["request grant"],
            (REFUSED, "done"): ["request grant"],
        },
        by_row_lock=False,
    ),
    "two requests": Contest(
        unclaimed(1),
        asking(),
        asking(),
        {
            ("done", REFUSED): ["request"],
            (REFUSED, "done"): ["request"],
        },
        by_row_lock=False,
        watched=(),
    ),
    "two requests for many, in opposite orders": Contest(
        unclaimed(MANY),
        asking(),
        asking(backwards=True),
        {
            ("done", REFUSED): ["request"],
            (REFUSED, "done"): ["request"],
        },
        by_row_lock=False,
        watched=(),
    ),
    "two requests for what a lapsed exception holds": Contest(
        claimed_by_a_lapsed_one,
        asking(),
        asking(),
        {
            ("done", REFUSED): ["request grant expire"],
            (REFUSED, "done"): ["request grant expire"],
        },
        by_row_lock=False,
    ),
    "a request and a late extension": Contest(
        claimed_by_a_lapsed_one,
        asking(),
        deciding("extend", at=LATE),
        {
            ("done", REFUSED): ["request grant expire"],
            (REFUSED, "done"): ["request grant expire extend"],
        },
        by_row_lock=False,
    ),
    "two late extensions for one proposal": Contest(
        two_expired_for_one_proposal,
        deciding("extend", at=LATE, expires=MUCH_LATER),
        deciding("extend", at=LATE, expires=MUCH_LATER, on="second"),
        {
            ("done", REFUSED): ["request grant expire extend | request grant expire"],
            (REFUSED, "done"): ["request grant expire | request grant expire extend"],
        },
        by_row_lock=False,
        watched=BOTH,
    ),
}

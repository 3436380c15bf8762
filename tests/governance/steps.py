"""How the tests decide, and how they look whether something was stored."""

import pytest

from governance.models import Budget, Claim, Condition, Decision, ExceptionRequest
from governance.refusals import Refused
from tests.factories import utc

NOON = utc(2011, 3, 29, 12)  # after all that `make_exception` decides, before its deadline
NEW_DEADLINE = utc(2011, 4, 2)


def decide(exception, verb, *, by, at=NOON, **said):
    """Use a verb by its public name; a grant or an extension is until 2 April."""
    if verb == "expire":
        return exception.expire(at=at)
    said = {"rationale": "Agreed in the meeting."} | said
    if verb in {"grant", "extend"}:
        said.setdefault("expires", NEW_DEADLINE)
    return getattr(exception, verb.replace("-", "_"))(by=by, at=at, **said)


def everything_stored():
    """Each row of each table that a verb could touch."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (ExceptionRequest, Claim, Decision, Condition, Budget)
    }


def refusal(act):
    """The refusal that an act meets, having seen that it left every row as it was."""
    before = everything_stored()
    with pytest.raises(Refused) as refused:
        act()
    assert everything_stored() == before
    return refused.value


def ledger(exception):
    """What was decided, in short: verb and status, in order."""
    return list(exception.decisions.order_by("sequence").values_list("verb", "new_status"))

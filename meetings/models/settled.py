"""What suggestions would do, and which of them is done already."""

from django.db import models

from governance.lifecycle import TRANSITIONS, Status, Verb
from meetings.cues import Verdict
from releases.models import ChangeKind

VERBS = {
    Verdict.GRANT: Verb.GRANT,
    Verdict.DENY: Verb.DENY,
    Verdict.EXTEND: Verb.EXTEND,
    Verdict.REFUSE_EXTENSION: Verb.REFUSE_EXTENSION,
    Verdict.DEFER: Verb.DEFER,
    Verdict.REVOKE: Verb.REVOKE,
    Verdict.WITHDRAW: Verb.WITHDRAW,
    Verdict.LAND: Verb.LAND,
    Verdict.REVERT: Verb.REVERT,
}
WITH_DEADLINE = frozenset([Verdict.GRANT, Verdict.EXTEND])
HELD = frozenset([Status.GRANTED, Status.EXPIRED, Status.LANDED])  # what has a deadline or had it


def says_what_is_so(*, among: models.Q) -> models.Case:
    """Whether a suggestion is one of these, and its record already as accepting would make it."""
    until = models.Q(bound_to="", exception__expires_at=models.F("expires_at"))
    until |= ~models.Q(bound_to="") & models.Q(exception__expires_with__slug=models.F("bound_to"))
    so = models.Q(verdict=Verdict.MOVE_MILESTONE.value, milestone__at=models.F("moved_to"))
    so |= models.Q(verdict=Verdict.RECLASSIFY.value, proposal__change_kind=ChangeKind.BUGFIX)
    for verdict, verb in VERBS.items():
        if verdict in WITH_DEADLINE:
            so |= models.Q(verdict=verdict.value, exception__status__in=HELD) & until
        elif verb != Verb.REFUSE_EXTENSION:  # that leaves the status as it is
            after = frozenset(TRANSITIONS[verb].values())
            so |= models.Q(verdict=verdict.value, exception__status__in=after)
    # By CASE, which takes what is unknown for no; NOT would take it for yes.
    holds = models.When(among & so, then=models.Value(True))
    return models.Case(holds, default=models.Value(False))

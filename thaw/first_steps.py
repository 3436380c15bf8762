"""What a new installation still needs before somebody can decide here, and what it has already."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from django.contrib.auth import get_user_model

from governance.lifecycle import Verb
from governance.models import Decision
from releases.models import Membership, Milestone, Release, Role


@dataclass(frozen=True)
class FirstSteps:
    """Whether each is done, in the order in which they are told."""

    login: bool
    release: bool
    freeze: bool
    manager: bool  # somebody who may decide, and can sign in
    log: bool
    asked: bool

    @classmethod
    def left(
        cls, *, release: Release | None, last_decided: Sequence[Decision], has_log: bool
    ) -> "FirstSteps | None":
        """None where all are done, or somebody has decided: from then on it costs no query.

        `last_decided` are the newest entries of the ledger, as the first page has them.
        """
        if any(one.verb != Verb.REQUEST for one in last_decided):
            return None
        if last_decided and Decision.objects.exclude(verb=Verb.REQUEST).exists():
            return None
        managers = Membership.objects.filter(role=Role.RELEASE_MANAGER, person__user__isnull=False)
        steps = cls(
            login=get_user_model().objects.exists(),
            release=release is not None,
            freeze=release is not None and Milestone.objects.exclude(blocks=[]).exists(),
            manager=managers.exists(),
            log=has_log,
            asked=bool(last_decided),
        )
        return None if all(astuple(steps)) else steps

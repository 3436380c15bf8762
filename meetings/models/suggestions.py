from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Self

from django.db import models, transaction

from governance import rights
from governance.lifecycle import Verb
from governance.models import Claim, Decision, ExceptionRequest, Until
from governance.refusals import InvalidInput, InvalidTransition, NotAllowed, Refused
from governance.texts import plain
from meetings.cues import Verdict
from meetings.harmless import harmless
from meetings.models.links import in_words
from meetings.models.settled import VERBS, WITH_DEADLINE, says_what_is_so
from meetings.models.transcript import Meeting
from releases.models import (
    ChangeKind,
    InvalidMove,
    InvalidReclassification,
    MergeProposal,
    Milestone,
    MilestoneMove,
    Person,
    Reclassification,
    Release,
)

LONGEST_TARGET = 1100  # kind, forge and the longest key
LONGEST_QUOTE = 4000


class VerdictChoice(models.TextChoices):
    """The verdicts in words; the values are those of `meetings.cues.Verdict`."""

    GRANT = "grant", "grant an exception"
    DENY = "deny", "deny the exception"
    EXTEND = "extend", "extend the exception"
    REFUSE_EXTENSION = "refuse-extension", "refuse an extension"
    DEFER = "defer", "defer to a later release"
    REVOKE = "revoke", "revoke the exception"
    WITHDRAW = "withdraw", "withdraw the request"
    LAND = "land", "call it landed"
    REVERT = "revert", "call it reverted"
    RECLASSIFY = "reclassify", "count it as a bug fix"
    MOVE_MILESTONE = "move-milestone", "move the milestone"
    POLICY = "policy", "a policy"
    NOTE = "note", "a note"


class SuggestionState(models.TextChoices):
    OPEN = "open", "not decided yet"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def open(self) -> Self:
        return self.filter(state=SuggestionState.OPEN)

    def waiting(self) -> Self:
        """The open ones for somebody to decide: accepting them would change something."""
        return self.open().told().filter(is_already_so=False)

    def already_so(self) -> Self:
        """The open ones that nobody needs to decide: what they suggest is so already."""
        return self.told().filter(is_already_so=True)

    def told(self) -> Self:
        """Each with whether it `is_already_so`."""
        is_open = models.Q(state=SuggestionState.OPEN)
        return self.annotate(is_already_so=says_what_is_so(among=is_open))

    def with_records(self) -> Self:
        return self.told().select_related(
            "meeting", "proposal__project", "exception__release", "milestone__release",
            "release", "decided_by", "decision__exception",
        )  # fmt: skip


class Suggestion(models.Model):
    """What a meeting may have decided, for a person to accept or dismiss.

    `lines` show it and `line` is the one that decides; `words` are its words. Accepting it calls
    the verb that it names, with that line as the source; until then nothing has changed.
    """

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="suggestions", db_index=False
    )
    verdict = models.CharField(max_length=16, choices=VerdictChoice)
    target = models.CharField(max_length=LONGEST_TARGET, blank=True)
    lines = models.JSONField(default=list)
    line = models.PositiveIntegerField()
    words = models.TextField()
    explicit = models.BooleanField("put on record", default=False)

    deadline_words = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    deadline_zone = models.CharField(max_length=64, blank=True)
    zone_source = models.CharField(max_length=20, blank=True)
    deadline_missing = models.CharField(max_length=20, blank=True)
    earliest_at = models.DateTimeField(null=True, blank=True)
    latest_at = models.DateTimeField(null=True, blank=True)
    warnings = models.JSONField(default=list)
    bound_to = models.CharField(max_length=140, blank=True)
    moved_to = models.DateTimeField(null=True, blank=True)
    conditions = models.JSONField(default=list)

    proposal = models.ForeignKey(
        MergeProposal, on_delete=models.SET_NULL, null=True, related_name="suggestions"
    )
    exception = models.ForeignKey(
        ExceptionRequest, on_delete=models.SET_NULL, null=True, related_name="suggestions"
    )
    milestone = models.ForeignKey(
        Milestone, on_delete=models.SET_NULL, null=True, related_name="suggestions"
    )
    release = models.ForeignKey(
        Release, on_delete=models.SET_NULL, null=True, related_name="suggestions"
    )

    state = models.CharField(max_length=9, choices=SuggestionState, default=SuggestionState.OPEN)
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    why = models.TextField(blank=True)
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="suggestions"
    )
    move = models.ForeignKey(
        MilestoneMove, on_delete=models.PROTECT, null=True, blank=True, related_name="suggestions"
    )
    reclassification = models.ForeignKey(
        Reclassification,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="suggestions",
    )

    objects = SuggestionQuerySet.as_manager()
    is_already_so: bool  # annotated by `told`

    class Meta:
        ordering = ["meeting", "line", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "verdict", "target", "line"], name="one_suggestion_of_a_line"
            ),
            models.CheckConstraint(
                condition=models.Q(verdict__in=VerdictChoice.values),
                name="suggestion_verdict_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=SuggestionState.values), name="suggestion_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=SuggestionState.OPEN)
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="suggestion_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state", "meeting"])]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {harmless(self.about)}"

    def get_absolute_url(self) -> str:
        return self.meeting.url_of_line(self.line)

    @property
    def about(self) -> str:
        """The record that it is about, in words."""
        record = self.exception or self.proposal or self.milestone or self.release
        return str(record) if record is not None else in_words(self.target)

    def until(self) -> Until:
        """The deadline that was read; empty where something of it is missing."""
        if self.deadline_missing:
            return Until()
        release = self.exception.release if self.exception else self.release
        milestone = None
        if self.bound_to and release is not None:
            milestone = release.milestones.filter(slug=self.bound_to).first()
        return Until(
            at=None if milestone else self.expires_at,
            milestone=milestone,
            words=self.deadline_words,
            zone=self.deadline_zone,
            zone_source=self.zone_source if self.deadline_zone else "",
            warnings=tuple(self.warnings),
        )

    # --- Who may, and what it does --------------------------------------------------------------

    def may_be_decided_by(self, person: Person | None, *, at: datetime) -> bool:
        """Whether this person has the right to what accepting it would do."""
        if person is None:
            return False
        verb = VERBS.get(Verdict(self.verdict))
        if verb is not None and self.exception is not None:
            status = self.exception.status_at(at)
            return rights.may(person, verb, self.exception, status) or (
                # What is not possible from here is still theirs to dismiss.
                rights.may_steer(person, self._project_id())
            )
        return rights.may_steer(person, self._project_id())

    def asks_first(self) -> bool:
        """Whether it decides on an exception that somebody has to ask for before."""
        verb = VERBS.get(Verdict(self.verdict))
        if verb in {None, Verb.GRANT} or self.exception is not None or self.proposal is None:
            return False
        return not Claim.objects.filter(proposal=self.proposal).exists()

    def unknown_milestone(self) -> str:
        """Which milestone it moves, in words, where nobody can accept it: it is not known here."""
        moves = self.verdict == Verdict.MOVE_MILESTONE and self.milestone_id is None
        return harmless(in_words(self.target)) if moves else ""

    def _project_id(self) -> int | None:
        if self.proposal is not None:
            return self.proposal.project_id
        return self.exception.project_id if self.exception is not None else None

    def accept(
        self,
        *,
        by: Person,
        at: datetime,
        why: str = "",
        expires: Until | None = None,
        moved_to: datetime | None = None,
        conditions: Iterable[str] | None = None,
    ) -> None:
        """Do what it suggests, in this person's name, with the line as the source.

        What is given stands instead of what was read. Raises Refused, and then nothing changed.
        """
        with transaction.atomic():
            self._take(by=by, at=at)
            self.why = plain(why, field="why") or f"As said in {self.meeting}."
            verdict = Verdict(self.verdict)
            if verdict in VERBS:
                self._decide_exception(
                    VERBS[verdict], by=by, at=at, expires=expires, conditions=conditions
                )
            elif verdict == Verdict.RECLASSIFY:
                self._reclassify(by=by, at=at)
            elif verdict == Verdict.MOVE_MILESTONE:
                self._move(by=by, at=at, to=moved_to or self.moved_to)
            self._settle(SuggestionState.ACCEPTED, by=by, at=at)

    def dismiss(self, *, by: Person, at: datetime, why: str = "") -> None:
        """Put on record that it was not decided so. Raises Refused."""
        with transaction.atomic():
            self._take(by=by, at=at)
            self.why = plain(why, field="why")
            self._settle(SuggestionState.DISMISSED, by=by, at=at)

    def _take(self, *, by: Person, at: datetime) -> None:
        fresh = Suggestion.objects.select_for_update().get(pk=self.pk)
        if fresh.state != SuggestionState.OPEN:
            raise InvalidTransition(
                f"{fresh.decided_by} has {fresh.state} this suggestion already. Reload the page."
            )
        if not self.may_be_decided_by(by, at=at):
            raise NotAllowed(f"{by} may not decide this: ask a release manager.")

    def _settle(self, state: SuggestionState, *, by: Person, at: datetime) -> None:
        self.state, self.decided_by, self.decided_at = state, by, at
        self.save()

    @property
    def _said(self) -> dict[str, str]:
        return {"source_url": self.get_absolute_url(), "quote": _on_record(self.words)}

    def _decide_exception(
        self,
        verb: Verb,
        *,
        by: Person,
        at: datetime,
        expires: Until | None,
        conditions: Iterable[str] | None,
    ) -> None:
        known = self.exception or self._asked_since(verb)
        exception = known or self._asked_for(verb, by=by, at=at)
        given: dict[str, object] = {}
        if Verdict(self.verdict) in WITH_DEADLINE:
            given["expires"] = expires or self._complete_deadline()
        if verb == Verb.GRANT:
            given["conditions"] = self.conditions if conditions is None else conditions
        decide: Callable[..., Decision] = getattr(exception, verb.value.replace("-", "_"))
        self.decision = decide(by=by, at=at, rationale=self.why, **given, **self._said)
        self.exception = exception

    def _complete_deadline(self) -> Until:
        until = self.until()
        if not until:
            raise InvalidInput(
                f"“{self.deadline_words or self.words[:80]}” does not say until when exactly. Give"
                " the date and time, with a zone.",
                field="expires",
            )
        return until

    def _asked_since(self, verb: Verb) -> ExceptionRequest | None:
        """The exception of its proposal that nobody had asked for when the log was read."""
        claims = Claim.objects.filter(proposal=self.proposal_id or 0)
        if verb == Verb.GRANT:
            claims = claims.filter(open=True)
        claim = claims.select_related("exception").order_by("open", "exception_id").last()
        return claim.exception if claim else None

    def _asked_for(self, verb: Verb, *, by: Person, at: datetime) -> ExceptionRequest:
        """The exception to grant where nobody had asked in writing: the meeting was the request."""
        if verb != Verb.GRANT or self.proposal is None:
            raise InvalidInput(
                f"Nothing here is an exception for {harmless(self.about)} yet. Ask for one first.",
                field="target",
            )
        release = self.proposal.release or self.release or Release.objects.current(at)
        freezes = release.milestones.exclude(blocks=[]).passed(at) if release else ()
        ours = [freeze for freeze in freezes if self._is_bound_by(freeze)]
        if release is None or not ours:
            raise InvalidInput(
                f"No freeze holds {harmless(self.about)} back, so it needs no exception.",
                field="target",
            )
        return ExceptionRequest.objects.ask(
            release=release,
            freeze=ours[-1],
            title=str(self.proposal)[:200],
            proposals=[self.proposal],
            by=by,
            at=at,
            why_now=f"Asked for in {self.meeting}.",
            source_url=self.get_absolute_url(),
            quote=_on_record(self.words),
        )

    def _is_bound_by(self, freeze: Milestone) -> bool:
        assert self.proposal is not None  # noqa: S101 see _asked_for
        counts_as = ChangeKind(self.proposal.change_kind).counts_as
        whose = {None, self.proposal.project_id}
        return counts_as in freeze.blocks and freeze.project_id in whose

    def _reclassify(self, *, by: Person, at: datetime) -> None:
        if self.proposal is None:
            raise InvalidInput("It names no merge proposal that is known here.", field="target")
        try:
            self.reclassification = self.proposal.reclassify(
                to=ChangeKind.BUGFIX,
                by=by,
                at=at,
                why=self.why,
                source_url=self.get_absolute_url(),
            )
        except InvalidReclassification as refusal:
            raise Refused(str(refusal)) from refusal

    def _move(self, *, by: Person, at: datetime, to: datetime | None) -> None:
        if self.milestone is None:
            named = self.unknown_milestone()
            raise InvalidInput(
                f"No milestone here is known as “{named}”. Enter it first.", field="target"
            )
        if to is None:
            raise InvalidInput("It does not say to when. Give the date and time.", field="moved_to")
        if to <= at:
            raise InvalidInput(
                f"{self.milestone} would move to {to:%Y-%m-%d %H:%M} UTC, which is past already. If"
                " it did, move it on its own page, with the reason.",
                field="moved_to",
            )
        try:
            self.move = self.milestone.move(
                to=to, by=by, at=at, why=self.why, source_url=self.get_absolute_url()
            )
        except InvalidMove as refusal:
            raise Refused(str(refusal)) from refusal


def _on_record(words: str) -> str:
    """Words of a log as a decision may quote them: what is invisible made visible."""
    return harmless(words)[:LONGEST_QUOTE]

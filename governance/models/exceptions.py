from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, models, transaction

from governance import rights
from governance.lifecycle import (
    REPORTED,
    TRANSITIONS,
    UNDECIDED_OR_STANDING,
    Scope,
    Status,
    Verb,
    status_by,
)
from governance.models.announcing import announce
from governance.models.deadline import Until
from governance.models.landing import landing
from governance.models.ledger import Decision, State
from governance.models.queries import LONGEST_TITLE, ExceptionQuerySet, already_claimed
from governance.models.terms import Budget, Condition
from governance.numbering import reference_of
from governance.refusals import InvalidInput, InvalidTransition, NotAllowed
from governance.texts import aware, plain, plain_url
from releases.addressing import address_of
from releases.models import MergeProposal, Milestone, Person, Project, Release


class ExceptionRequest(models.Model):
    """A feature freeze exception, from the request to its end.

    Nothing but its verbs changes it, and each verb writes a Decision in the same transaction. It
    stands while it is granted and `at < deadline`; no worker has a say in that.

    A verb takes who, when (aware), why, and where it was said. It raises Refused with a sentence
    for the person who tried, and then nothing has changed.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="exceptions")
    freeze = models.ForeignKey(
        Milestone,
        on_delete=models.PROTECT,
        related_name="exceptions",
        verbose_name="asked against",
    )
    title = models.CharField(max_length=LONGEST_TITLE)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.PROPOSALS)
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="exceptions"
    )
    proposals = models.ManyToManyField(
        MergeProposal, through="governance.Claim", related_name="exceptions"
    )
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exceptions")
    requested_at = models.DateTimeField()
    wanted_until = models.DateTimeField("asked until", null=True, blank=True)
    why_now = models.TextField("why in this release, and why now")
    risk_of_landing = models.TextField("risk of landing it", blank=True)
    risk_of_not_landing = models.TextField("risk of leaving it out", blank=True)
    testing = models.TextField("testing done", blank=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    expires_at = models.DateTimeField(null=True, blank=True)
    expires_with = models.ForeignKey(
        Milestone, on_delete=models.PROTECT, null=True, blank=True, related_name="bound_exceptions"
    )
    deadline_words = models.CharField(max_length=200, blank=True)
    deadline_zone = models.CharField(max_length=64, blank=True)
    deadline_reading = models.JSONField(null=True, blank=True, editable=False)
    ledger_length = models.PositiveIntegerField(default=0)
    ledger_head = models.CharField(max_length=64, blank=True)

    objects = ExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = "feature freeze exception"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values), name="exception_status_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.GRANTED)
                | models.Q(expires_at__isnull=False, expires_with__isnull=True)
                | models.Q(expires_at__isnull=True, expires_with__isnull=False),
                name="exception_granted_until_one_deadline",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__isnull=True)
                | models.Q(expires_at__gt=models.F("requested_at")),
                name="exception_ends_after_request",
            ),
            models.CheckConstraint(
                condition=models.Q(scope=Scope.PROPOSALS) | models.Q(project__isnull=False),
                name="exception_for_a_project_names_it",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "expires_at"]),
            models.Index(fields=["release", "status"]),
            # For the sweep: what stands, and what waits, in the order in which it is due.
            models.Index(
                fields=["expires_with"],
                condition=models.Q(status=Status.GRANTED, expires_with__isnull=False),
                name="exception_bound_and_granted",
            ),
            models.Index(
                fields=["wanted_until"],
                condition=models.Q(status=Status.REQUESTED),
                name="exception_waiting",
            ),
            # For a release's pages: what ends first, and what has waited longest.
            models.Index(
                fields=["release", "expires_at", "id"],
                condition=models.Q(status=Status.GRANTED, expires_at__isnull=False),
                name="exception_next_to_end",
            ),
            models.Index(
                fields=["release", "requested_at", "id"],
                condition=models.Q(status=Status.REQUESTED),
                name="exception_longest_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return address_of("exception", self.reference)

    @property
    def reference(self) -> str:
        return reference_of(self.pk)

    @property
    def until(self) -> Until:
        return Until.stored(
            self.expires_at,
            self.expires_with,
            self.deadline_words,
            self.deadline_zone,
            self.deadline_reading,
        )

    def status_at(self, at: datetime) -> Status:
        return status_by(self.status, self.until.instant, at)

    def stands(self, at: datetime) -> bool:
        return self.status_at(at) == Status.GRANTED

    def concerned_project_ids(self) -> set[int]:
        """The projects whose leads have a say; empty where some proposal is of none."""
        return set() if None in self._project_ids() else self.known_project_ids()

    def known_project_ids(self) -> set[int]:
        """The projects that it is for, as far as they are known: those whose budgets it uses."""
        return {project_id for project_id in self._project_ids() if project_id is not None}

    def _project_ids(self) -> set[int | None]:
        if self.scope == Scope.PROJECT:
            return {self.project_id}
        return {proposal.project_id for proposal in self.proposals.all()}

    def as_of(self, at: datetime) -> State | None:
        """How it stood at a past instant, rebuilt from the ledger; None before it was asked for."""
        last = self.decisions.filter(at__lte=at).order_by("-sequence").first()
        if last is None:
            return None
        until = last.until.as_of(at)
        status = status_by(last.new_status, until.instant, at)
        return State(status, Until(until.instant, None, until.words, until.zone))

    # --- The verbs ------------------------------------------------------------------------------

    def grant(
        self,
        *,
        by: Person,
        at: datetime,
        expires: datetime | Milestone | Until | None,
        rationale: str,
        conditions: Iterable[str] = (),
        over_budget: str = "",
        source_url: str = "",
        quote: str = "",
    ) -> Decision:
        """Let it land until `expires`. What must be confirmed before goes into `conditions`.

        The grant that goes beyond the project's budget needs its reason in `over_budget`.
        """
        until = Until.of(expires).checked()
        wanted = [plain(text, field="conditions", longest=500) for text in conditions]
        with self._deciding():
            self._lock(Verb.GRANT, by=by, at=at)
            self._check_deadline(until, at=at)
            over_budget = plain(over_budget, field="over_budget")
            self._check_budget(over_budget, at=at)
            Condition.objects.bulk_create(
                Condition(exception=self, text=text) for text in wanted if text
            )
            return self.record(
                Verb.GRANT,
                by=by,
                at=at,
                until=until,
                rationale=rationale,
                over_budget=over_budget,
                source_url=source_url,
                quote=quote,
            )

    def extend(
        self,
        *,
        by: Person,
        at: datetime,
        expires: datetime | Milestone | Until | None,
        rationale: str,
        over_budget: str = "",
        source_url: str = "",
        quote: str = "",
    ) -> Decision:
        """Move the deadline further out, or bring back what has expired.

        What comes back counts against the budget again, as in `grant`.
        """
        until = Until.of(expires).checked()
        with self._deciding():
            self._lock(Verb.EXTEND, by=by, at=at)
            self._check_deadline(until, at=at)
            if self.until.instant and until.instant and until.instant <= self.until.instant:
                raise InvalidInput(
                    f"{until} is no later than the present deadline, {self.until}."
                    " To end it sooner, revoke it.",
                    field="expires",
                )
            over_budget = plain(over_budget, field="over_budget")
            if self.status == Status.EXPIRED:
                self._check_budget(over_budget, at=at)
            return self.record(
                Verb.EXTEND,
                by=by,
                at=at,
                until=until,
                rationale=rationale,
                over_budget=over_budget,
                source_url=source_url,
                quote=quote,
            )

    def deny(self, *, by: Person, at: datetime, rationale: str, **said: str) -> Decision:
        return self._decide(Verb.DENY, by=by, at=at, rationale=rationale, **said)

    def defer(self, *, by: Person, at: datetime, rationale: str, **said: str) -> Decision:
        return self._decide(Verb.DEFER, by=by, at=at, rationale=rationale, **said)

    def refuse_extension(
        self, *, by: Person, at: datetime, rationale: str, **said: str
    ) -> Decision:
        return self._decide(Verb.REFUSE_EXTENSION, by=by, at=at, rationale=rationale, **said)

    def revoke(self, *, by: Person, at: datetime, rationale: str, **said: str) -> Decision:
        return self._decide(Verb.REVOKE, by=by, at=at, rationale=rationale, **said)

    def withdraw(self, *, by: Person, at: datetime, rationale: str, **said: str) -> Decision:
        return self._decide(Verb.WITHDRAW, by=by, at=at, rationale=rationale, **said)

    def land(self, *, by: Person, at: datetime, rationale: str, **said: str) -> Decision:
        return self._decide(Verb.LAND, by=by, at=at, rationale=rationale, **said)

    def revert(self, *, by: Person, at: datetime, rationale: str, **said: str) -> Decision:
        return self._decide(Verb.REVERT, by=by, at=at, rationale=rationale, **said)

    def reopen(self, *, by: Person, at: datetime, rationale: str, **said: str) -> Decision:
        return self._decide(Verb.REOPEN, by=by, at=at, rationale=rationale, **said)

    def expire(self, *, at: datetime) -> Decision | None:
        """Enter in the ledger that its time is over; None where it is not, or was entered."""
        with self._deciding():
            self._refresh_locked()
            return self._enter_expiry(aware(at, field="at"))

    def land_as_merged(self, *, at: datetime) -> Decision | None:
        """Enter that its proposals have merged, as their forges report; None where they have not.

        In time is what merged before the deadline, or was approved before it and waited for a gate.
        What merged later than that does not land: it is a breach, and stays one.
        """
        with self._deciding():
            self._refresh_locked()
            seen = landing(self)
            if seen is None or seen.at > aware(at, field="at"):
                return None
            self._enter_expiry(seen.at)
            if self.status not in REPORTED[Verb.LAND]:
                return None
            last = self.decisions.order_by("-sequence").first()
            before = last.at if last else seen.at
            return self.record(
                Verb.LAND,
                by=None,
                at=max(seen.at, before),
                rationale=seen.words,
                source_url=seen.source_url,
            )

    # --- How a verb works -----------------------------------------------------------------------

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        """One transaction; where it fails, this object too is as it was."""
        before, related = dict(self.__dict__), dict(self._state.fields_cache)
        try:
            with transaction.atomic():
                yield
        except Exception:
            self.__dict__.clear()
            self.__dict__.update(before)
            self._state.fields_cache = related
            raise

    def _decide(
        self,
        verb: Verb,
        *,
        by: Person,
        at: datetime,
        rationale: str,
        source_url: str = "",
        quote: str = "",
    ) -> Decision:
        with self._deciding():
            self._lock(verb, by=by, at=at)
            return self.record(
                verb, by=by, at=at, rationale=rationale, source_url=source_url, quote=quote
            )

    def _lock(self, verb: Verb, *, by: Person, at: datetime) -> None:
        """Take the row as it now is, enter an expiry that is due, and ask both tables."""
        aware(at, field="at")
        self._refresh_locked()
        self._enter_expiry(at)
        if not any(rights.may(by, verb, self, status) for status in TRANSITIONS[verb]):
            decides = rights.who_may(verb, self.release)
            raise NotAllowed(f"{by} may not {verb.words} {self.reference}: ask {decides}.")
        if self.status not in TRANSITIONS[verb]:
            raise InvalidTransition(self._why_not(verb))
        last = self.decisions.order_by("-sequence").first()
        if last is not None and at < last.at:
            raise InvalidTransition(
                f"{self.reference} was last decided on at {last.at:%Y-%m-%d %H:%M:%S} UTC; a"
                " decision cannot come before that."
            )

    def _refresh_locked(self) -> None:
        self.refresh_from_db(from_queryset=ExceptionRequest.objects.select_for_update())

    def _enter_expiry(self, at: datetime) -> Decision | None:
        instant = self.until.instant
        if self.status != Status.GRANTED or instant is None or at < instant:
            return None
        # A milestone that was moved into the past ended it when it was moved.
        told = [instant, *self.decisions.order_by("-sequence").values_list("at", flat=True)[:1]]
        if self.expires_with is not None:
            moves = self.expires_with.moves.filter(at__lte=at).order_by("-at")
            told += moves.values_list("at", flat=True)[:1]
        return self.record(Verb.EXPIRE, by=None, at=max(told), rationale="Its deadline passed.")

    def _why_not(self, verb: Verb) -> str:
        ways = [Status(status).label for status in TRANSITIONS[verb]]
        return (
            f"{self.reference} is {Status(self.status).label}; “{verb.words}” is for one that is"
            f" {' or '.join(ways)}. Somebody may have decided meanwhile: reload it."
        )

    def _check_deadline(self, until: Until, *, at: datetime) -> None:
        instant = until.instant
        if instant is None:
            raise InvalidInput(
                "Say until when: an exception without a deadline is never reviewed again.",
                field="expires",
            )
        if until.milestone is not None and until.milestone.release_id != self.release_id:
            raise InvalidInput(
                f"{until.milestone} is a milestone of another release.", field="expires"
            )
        if instant <= at:
            raise InvalidInput(f"{until} is past already.", field="expires")

    def _check_budget(self, over_budget: str, *, at: datetime) -> None:
        """Count what stands for each project concerned, under the lock of its budget."""
        budgets = (
            Budget.objects.select_for_update()
            .filter(release_id=self.release_id, project_id__in=self.known_project_ids())
            .order_by("pk")
        )
        for budget in budgets:
            budget.admit(self, at=at, reason=over_budget)

    def record(
        self,
        verb: Verb,
        *,
        by: Person | None,
        at: datetime,
        rationale: str,
        until: Until | None = None,
        over_budget: str = "",
        source_url: str = "",
        quote: str = "",
    ) -> Decision:
        """Write a decision and the state it leads to; for verbs alone, with the row locked."""
        before, first = self.until, verb == Verb.REQUEST
        table = TRANSITIONS if by is not None or verb == Verb.EXPIRE else REPORTED
        status = Status.REQUESTED if first else table[verb][Status(self.status)]
        after = Until() if status == Status.REQUESTED else (until or before)
        decision = Decision(
            exception=self,
            sequence=self.ledger_length + 1,
            verb=verb,
            by=by,
            at=at,
            previous_status="" if first else self.status,
            new_status=status,
            previous_expires_at=before.at,
            new_expires_at=after.at,
            previous_expires_with=before.milestone,
            new_expires_with=after.milestone,
            deadline_words=after.words,
            deadline_zone=after.zone,
            deadline_reading=after.reading,
            rationale=plain(rationale, field="rationale", needed="Say why: it goes on record."),
            over_budget=over_budget,
            quote=plain(quote, field="quote"),
            source_url=plain_url(source_url, field="source_url"),
            previous_hash=self.ledger_head,
        )
        decision.hash = decision.computed_hash()
        decision.save(force_insert=True)
        self.status = status
        self.expires_at, self.expires_with = after.at, after.milestone
        self.deadline_words, self.deadline_zone = after.words, after.zone
        self.deadline_reading = after.reading
        self.ledger_length, self.ledger_head = decision.sequence, decision.hash
        self.save()
        self._hold_proposals(at)
        announce(decision)
        return decision

    def _hold_proposals(self, at: datetime) -> None:
        """Keep the proposals to itself while undecided or standing; the database sees to it."""
        is_open = self.status in UNDECIDED_OR_STANDING
        if is_open and self.claims.filter(open=False).exists():
            others = ExceptionRequest.objects.holding(self.freeze, list(self.proposals.all()))
            for lapsed in others.exclude(pk=self.pk).lapsed(at):
                lapsed.expire(at=at)
        try:
            with transaction.atomic():
                self.claims.exclude(open=is_open).update(open=is_open)
        except IntegrityError:
            proposals = list(self.proposals.all())
            others = ExceptionRequest.objects.holding(self.freeze, proposals)
            raise already_claimed(others.exclude(pk=self.pk), self.freeze) from None

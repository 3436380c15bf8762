"""The forms behind the verbs: each asks what its verb needs, calls it, and shows a refusal."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from governance.deadlines import LAST_MINUTE, Anchor, Reading, read_deadline
from governance.lifecycle import Verb
from governance.models import Decision, ExceptionRequest, Until
from governance.nudging import ask_soon
from governance.refusals import InvalidInput, Refused
from releases.models import (
    InvalidMove,
    MergeProposal,
    Milestone,
    MilestoneMove,
    Person,
    Project,
    Release,
)
from releases.models.proposals import proposal_at
from releases.references import Reference

# What each verb asks beside why and where it was said.
WITH_DEADLINE = frozenset([Verb.GRANT, Verb.EXTEND])


LONGEST_DEADLINE = 200  # characters


class DeadlineField(forms.CharField):
    """Until when, in words: "EOD Friday Hawaii", "until RC1", "2011-03-30 00:00".

    `show_while_typing` has the reading shown beside it as it is typed; `read` makes a deadline of
    the words, or raises ValidationError.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", LONGEST_DEADLINE)
        options.setdefault(
            "help_text",
            "In words or as a date and time: “EOD Friday Hawaii”, “until RC1”, “2011-03-30 00:00”,"
            " “in 48 hours”. Without a zone, the release's own is meant. It ends at the instant"
            " shown: what lands before it is fine, what lands then is not.",
        )
        super().__init__(**options)
        self.widget.attrs |= {"autocomplete": "off", "size": 40}

    def show_while_typing(self, *, release: Release | None) -> None:
        address = reverse("deadline")
        if release is not None:
            address += "?" + urlencode({"release": release.slug})
        else:
            self.widget.attrs["hx-include"] = "#id_release"
        self.widget.attrs |= {
            "hx-get": address,
            "hx-trigger": "load, input changed delay:300ms",
            "hx-target": "#deadline-reading",
        }

    def read(self, words: str, *, release: Release, at: datetime) -> Reading:
        """How the words are read now. Raises ValidationError where they are no one instant."""
        reading = reading_of(words, release=release, at=at)
        if reading.at is None:
            spread = reading.spread_words and f" It could be {reading.spread_words}."
            raise ValidationError(" ".join(reading.warnings) + spread)
        return reading


def reading_of(words: str, *, release: Release | None, at: datetime) -> Reading:
    """Words read as they are said now, in the zone of a release and with its milestones ahead."""
    if release is None:
        return read_deadline(words, said_at=at)
    anchors = [
        Anchor(milestone.slug, milestone.name, milestone.at, milestone.kind)
        for milestone in release.milestones.all()
    ]
    reading = read_deadline(words, said_at=at, zone=ZoneInfo(release.zone), milestones=anchors)
    if not reading.unread or reading.at is None:
        return reading
    unread = f"“{reading.unread}” was not read."
    return replace(reading, warnings=(*reading.warnings, unread), sure="doubtful")


def in_digits(at: datetime, zone: str = "UTC") -> str:
    """Words that are read as this very instant: the seconds of 23:59 keep it from midnight."""
    local = at.astimezone(ZoneInfo(zone))
    clock = "%H:%M:%S" if local.second or (local.hour, local.minute) == LAST_MINUTE else "%H:%M"
    return f"{local:%Y-%m-%d {clock}} {zone}"


class ReadsDeadline(forms.Form):
    """A form with a deadline in words: what is less than sure is shown, and stored if confirmed."""

    def read_deadline(
        self, name: str, *, release: Release, at: datetime, may_be_past: bool = False
    ) -> Until | None:
        """The deadline of a field; None, with an error beside it, where it cannot be stored yet.

        What is past already needs no confirmation where the verb refuses it.
        """
        field, words = self.fields[name], self.cleaned_data[name]
        if not isinstance(field, DeadlineField):
            raise TypeError(f"{name} is no deadline.")
        try:
            reading = field.read(words, release=release, at=at)
        except ValidationError as error:
            self.add_error(name, error)
            return None
        is_past = not may_be_past and reading.at is not None and reading.at <= at
        if reading.sure != "sure" and not is_past and not self._is_confirmed(name, reading):
            self._ask_to_confirm(name, reading)
            return None
        milestone = None
        if reading.bound_to is not None:
            milestone = release.milestones.get(slug=reading.bound_to)
        return Until(
            at=None if milestone else reading.at,
            milestone=milestone,
            words=words,
            zone=reading.zone or "",
            zone_source=reading.zone_source if reading.zone else "",
            warnings=reading.warnings,
        )

    def _is_confirmed(self, name: str, reading: Reading) -> bool:
        """Whether this very instant was confirmed: other words are another question."""
        return bool(self.data.get(f"{name}_confirmed") == f"{reading.at:%Y-%m-%dT%H:%M:%SZ}")

    def _ask_to_confirm(self, name: str, reading: Reading) -> None:
        told = " ".join(reading.warnings) or "These words leave it open when exactly."
        self.add_error(name, f"{told} If it is meant as read, confirm it below.")
        confirm = forms.BooleanField(
            label=f"It is meant as {reading.at:%A %-d %B %Y %H:%M} UTC",
            required=False,
            widget=forms.CheckboxInput(attrs={"value": f"{reading.at:%Y-%m-%dT%H:%M:%SZ}"}),
        )
        rest = [other for other in self.fields if other != name]
        before = list(self.fields)[: list(self.fields).index(name) + 1]
        self.fields[f"{name}_confirmed"] = confirm
        self.order_fields([*before, f"{name}_confirmed", *rest])


class VerbForm(ReadsDeadline):
    """What to say when deciding on an exception; `apply` decides."""

    deadline = DeadlineField(label="Until", required=False)
    conditions = forms.CharField(
        label="On condition that",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, such as “nova-core review”. Each is confirmed by name.",
    )
    rationale = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 4}))
    over_budget = forms.CharField(
        label="Why beyond the budget",
        required=False,
        help_text="Only where the project has as many exceptions standing as its budget allows.",
    )
    source_url = forms.CharField(
        label="Where it was said",
        required=False,
        help_text="Address of the line, mail or page.",
    )
    quote = forms.CharField(
        label="In these words", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, verb: Verb, release: Release, at: datetime, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.verb = verb
        self._release, self._at = release, at
        if verb in WITH_DEADLINE:
            deadline = self.fields["deadline"]
            if isinstance(deadline, DeadlineField):
                deadline.show_while_typing(release=release)
        else:
            del self.fields["deadline"]
        if verb != Verb.GRANT:
            del self.fields["conditions"]
        if verb not in WITH_DEADLINE or not release.budgets.exists():
            del self.fields["over_budget"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.verb not in WITH_DEADLINE or "deadline" in self.errors:
            return cleaned
        if not cleaned.get("deadline"):
            self.add_error("deadline", "Say until when.")
        else:
            until = self.read_deadline("deadline", release=self._release, at=self._at)
            cleaned["expires"] = until
        return cleaned

    def apply(self, exception: ExceptionRequest, *, by: Person, at: datetime) -> Decision:
        """Call the verb with what was said. Raises Refused."""
        said = {name: self.cleaned_data[name] for name in ("rationale", "source_url", "quote")}
        if self.verb in WITH_DEADLINE:
            said["expires"] = self.cleaned_data["expires"]
            said["over_budget"] = self.cleaned_data.get("over_budget", "")
        if self.verb == Verb.GRANT:
            said["conditions"] = self.cleaned_data["conditions"].splitlines()
        verb = getattr(exception, self.verb.value.replace("-", "_"))
        decision: Decision = verb(by=by, at=at, **said)
        return decision

    def show(self, refusal: Refused) -> None:
        """Put a refusal beside the field it is about, or above the form."""
        field = refusal.field if isinstance(refusal, InvalidInput) else None
        alias = {"expires": "deadline"}.get(field or "", field)
        self.add_error(alias if alias in self.fields else None, str(refusal))


class FreezeField(forms.ModelChoiceField):
    """A freeze, its instant and its release: each has a FeatureFreeze of its own.

    In this order, for a telephone shows the first half.
    """

    def label_from_instance(self, freeze: Milestone) -> str:
        at = freeze.at.astimezone(UTC)
        return f"{freeze.name}, {at.day} {at:%b %Y %H:%M} UTC ({freeze.release.name})"


class AskForm(ReadsDeadline):
    """The questions of a request, as the request forms of large projects ask them."""

    release = forms.ModelChoiceField(queryset=Release.objects.all())
    freeze = FreezeField(
        label="Exception from",
        queryset=Milestone.objects.exclude(blocks=[]).select_related("release"),
        help_text="The freeze that keeps it out.",
    )
    title = forms.CharField(max_length=200)
    proposals = forms.CharField(
        label="Merge proposals",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One address a line; they may be on several forges.",
    )
    project = forms.ModelChoiceField(
        label="... or a whole project",
        queryset=Project.objects.all(),
        required=False,
        help_text="For a standing exception that names no proposal.",
    )
    why_now = forms.CharField(
        label="Why in this release, and why now", widget=forms.Textarea(attrs={"rows": 3})
    )
    risk_of_landing = forms.CharField(
        label="What can break if it lands", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    risk_of_not_landing = forms.CharField(
        label="What is lost if it does not",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    testing = forms.CharField(
        label="What was tested, and how", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    wanted_until = DeadlineField(label="Asked until", required=False)
    source_url = forms.CharField(label="Where it was asked", required=False)

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self._at = at
        wanted = self.fields["wanted_until"]
        if isinstance(wanted, DeadlineField):
            wanted.show_while_typing(release=None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        words, release = cleaned.get("wanted_until"), cleaned.get("release")
        cleaned["wanted_until"] = None
        if words and release is not None:
            self.cleaned_data["wanted_until"] = words
            until = self.read_deadline("wanted_until", release=release, at=self._at)
            cleaned["wanted_until"] = until and until.instant
        return cleaned

    def clean_proposals(self) -> list[Reference]:
        """The proposals named, as references; `apply` makes records of those new to us."""
        lines = self.cleaned_data["proposals"].splitlines()
        try:
            return [proposal_at(line) for line in lines if line.strip()]
        except ValueError as told:
            raise ValidationError(str(told)) from told

    def apply(self, *, by: Person, at: datetime) -> ExceptionRequest:
        """Ask. Raises Refused, and then nothing is kept, new proposals included."""
        said = dict(self.cleaned_data)
        with transaction.atomic():
            named = map(MergeProposal.objects.from_reference, said.pop("proposals"))
            proposals = list(dict.fromkeys(named))
            ask_soon(proposals)
            return ExceptionRequest.objects.ask(by=by, at=at, proposals=proposals, **said)

    def show(self, refusal: Refused) -> None:
        field = refusal.field if isinstance(refusal, InvalidInput) else None
        self.add_error(field if field in self.fields else None, str(refusal))


class MoveForm(ReadsDeadline):
    """Where a milestone moves to, in words, and why; `apply` moves it."""

    moved_to = DeadlineField(
        label="New date and time",
        help_text="In words or as a date and time: “Friday 18:00 PST”, “2011-04-07 00:00”. Without"
        " a zone, the release's own is meant; a day without a time is its end.",
    )
    why = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    source_url = forms.URLField(
        label="Where it was said", required=False, max_length=500, assume_scheme="https"
    )

    def __init__(self, *args: Any, milestone: Milestone, at: datetime, **options: Any) -> None:
        zone = milestone.release.zone
        options["initial"] = {"moved_to": in_digits(milestone.at, zone)}
        super().__init__(*args, **options)
        self.milestone, self.at = milestone, at
        moved_to = self.fields["moved_to"]
        if isinstance(moved_to, DeadlineField):
            moved_to.show_while_typing(release=milestone.release)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("moved_to"):
            return cleaned
        release = self.milestone.release
        read = self.read_deadline("moved_to", release=release, at=self.at, may_be_past=True)
        if read is not None and read.milestone is not None:
            name = read.milestone.name
            self.add_error("moved_to", f"It would not move with {name} later: give the date.")
        cleaned["instant"] = read and read.instant
        return cleaned

    def apply(self, *, by: Person, at: datetime) -> MilestoneMove | None:
        """Move it; a refusal is shown on the form, and None returned."""
        said = {name: self.cleaned_data[name] for name in ("why", "source_url")}
        try:
            return self.milestone.move(to=self.cleaned_data["instant"], by=by, at=at, **said)
        except InvalidMove as refusal:
            self.add_error("moved_to", str(refusal))
            return None

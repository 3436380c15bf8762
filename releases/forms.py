import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from releases.local_time import AmbiguousTime, NoSuchTime, instant_of
from releases.models import (
    ChangeKind,
    InvalidMove,
    InvalidReclassification,
    Membership,
    MergeProposal,
    Milestone,
    MilestoneMove,
    Person,
    Reclassification,
)
from releases.zones import validate_zone

_DATE_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?")


class LocalTimeField(forms.DateTimeField):
    """A wall-clock time as it is typed: a zone beside it says which instant that is."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value: Any) -> Any:
        return value

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        words = str(value).strip()
        try:
            local = datetime.fromisoformat(words) if _DATE_AND_TIME.fullmatch(words) else None
        except ValueError:
            local = None
        if local is None:
            raise ValidationError(
                "Write the time as YYYY-MM-DD HH:MM, on the clocks of the zone beside it."
            )
        return local


def instant_in(zone: str, local: datetime) -> datetime:
    """The instant of a wall-clock time in a zone. Raises ValidationError in a gap or fold."""
    try:
        return instant_of(local, ZoneInfo(zone))
    except (NoSuchTime, AmbiguousTime) as error:
        raise ValidationError(str(error)) from error


class MembershipForm(forms.ModelForm):
    """A role as a person gives it; one by a group that is changed here is by hand from then on."""

    class Meta:
        model = Membership
        fields = ["role", "project", "from_group"]

    def clean_from_group(self) -> str:
        group: str = self.cleaned_data["from_group"]
        if group not in {"", self.initial.get("from_group", "")}:
            raise ValidationError("Only a sign-in gives a role by a group. Leave it, or empty it.")
        return group

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned is not None and {"role", "project"} & set(self.changed_data):
            cleaned["from_group"] = ""
        return cleaned


class MoveForm(forms.Form):
    """Where a milestone moves to, and why; `apply` moves it."""

    to = LocalTimeField(label="New date and time")
    zone = forms.CharField(
        label="Zone of that time", max_length=64, validators=[validate_zone], help_text="IANA name"
    )
    why = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    source_url = forms.URLField(
        label="Where it was said", required=False, max_length=500, assume_scheme="https"
    )

    def __init__(self, *args: Any, milestone: Milestone, **options: Any) -> None:
        zone = milestone.release.zone
        local = milestone.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        options["initial"] = {"to": local, "zone": zone}
        super().__init__(*args, **options)
        self.milestone = milestone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                cleaned["instant"] = instant_in(cleaned["zone"], cleaned["to"])
            except ValidationError as error:
                self.add_error("to", error)
        return cleaned

    def apply(self, *, by: Person, at: datetime) -> MilestoneMove | None:
        """Move it; a refusal is shown on the form, and None returned."""
        try:
            return self.milestone.move(
                to=self.cleaned_data["instant"],
                by=by,
                at=at,
                why=self.cleaned_data["why"],
                source_url=self.cleaned_data["source_url"],
            )
        except InvalidMove as refusal:
            self.add_error("to", str(refusal))
            return None


class ReclassifyForm(forms.Form):
    """As what kind of change a proposal counts from now on, and why; `apply` records it."""

    to = forms.ChoiceField(label="Counts as", choices=ChangeKind.choices)
    why = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    source_url = forms.URLField(
        label="Where it was said", required=False, max_length=500, assume_scheme="https"
    )

    def __init__(self, *args: Any, proposal: MergeProposal, **options: Any) -> None:
        options["initial"] = {"to": proposal.change_kind}
        super().__init__(*args, **options)
        self.proposal = proposal

    def apply(self, *, by: Person, at: datetime) -> Reclassification | None:
        """Reclassify it; a refusal is shown on the form, and None returned."""
        try:
            return self.proposal.reclassify(
                to=ChangeKind(self.cleaned_data["to"]),
                by=by,
                at=at,
                why=self.cleaned_data["why"],
                source_url=self.cleaned_data["source_url"],
            )
        except InvalidReclassification as refusal:
            self.add_error("to", str(refusal))
            return None

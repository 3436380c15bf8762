"""The forms behind the verbs: each asks what its verb needs, calls it, and shows a refusal."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from governance.lifecycle import Verb
from governance.models import Decision, ExceptionRequest, Until
from governance.nudging import ask_soon
from governance.refusals import InvalidInput, Refused
from releases.forms import LocalTimeField, instant_in
from releases.models import MergeProposal, Milestone, Person, Project, Release
from releases.models.proposals import LONGEST_KEY, LONGEST_URL
from releases.references import Reference, parse_reference
from releases.zones import validate_zone

# What each verb asks beside why and where it was said.
WITH_DEADLINE = frozenset([Verb.GRANT, Verb.EXTEND])


class VerbForm(forms.Form):
    """What to say when deciding on an exception; `apply` decides."""

    deadline = LocalTimeField(
        label="Until (date and time)",
        required=False,
        help_text="It ends at this instant: what lands before it is fine, what lands then is not.",
    )
    zone = forms.CharField(
        label="Zone of that time",
        required=False,
        max_length=64,
        help_text="IANA name; the release's own unless you change it.",
        validators=[validate_zone],
    )
    milestone = forms.ModelChoiceField(
        label="... or until a milestone",
        queryset=Milestone.objects.none(),
        required=False,
        help_text="The deadline then moves when the milestone moves.",
    )
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
        kw.setdefault("initial", {}).setdefault("zone", release.zone)
        super().__init__(*args, **kw)
        self.verb = verb
        self._zone = release.zone
        if verb in WITH_DEADLINE:
            ahead = release.milestones.ahead(at)
            self.fields["milestone"].queryset = ahead  # type: ignore[attr-defined] # a ModelChoiceField
        else:
            for name in ("deadline", "zone", "milestone"):
                del self.fields[name]
        if verb != Verb.GRANT:
            del self.fields["conditions"]
        if verb not in WITH_DEADLINE:
            del self.fields["over_budget"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.verb not in WITH_DEADLINE or self.errors:
            return cleaned
        local, milestone = cleaned.get("deadline"), cleaned.get("milestone")
        if bool(local) == bool(milestone):
            self.add_error("deadline", "Give a time or choose a milestone: one of the two.")
        elif milestone:
            cleaned["expires"] = Until(milestone=milestone)
        elif local:
            cleaned["expires"] = self._until(local, cleaned.get("zone") or self._zone)
        return cleaned

    def _until(self, local: datetime, zone: str) -> Until | None:
        """The deadline, with the words and zone it came from."""
        try:
            at = instant_in(zone, local)
        except ValidationError as error:
            self.add_error("deadline", error)
            return None
        return Until(at=at, words=f"{local:%Y-%m-%d %H:%M}", zone=zone)

    def apply(self, exception: ExceptionRequest, *, by: Person, at: datetime) -> Decision:
        """Call the verb with what was said. Raises Refused."""
        said = {name: self.cleaned_data[name] for name in ("rationale", "source_url", "quote")}
        if self.verb in WITH_DEADLINE:
            said["expires"] = self.cleaned_data["expires"]
            said["over_budget"] = self.cleaned_data["over_budget"]
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


class AskForm(forms.Form):
    """The questions of a request, as the request forms of large projects ask them."""

    release = forms.ModelChoiceField(queryset=Release.objects.all())
    freeze = forms.ModelChoiceField(
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
    source_url = forms.CharField(label="Where it was asked", required=False)

    def clean_proposals(self) -> list[Reference]:
        """The proposals named, as references; `apply` makes records of those new to us."""
        found = []
        for line in self.cleaned_data["proposals"].splitlines():
            if not line.strip():
                continue
            reference = parse_reference(line)
            if reference is None or reference.kind != "proposal":
                raise ValidationError(
                    f"“{line.strip()[:100]}” is no address of a merge proposal that we know."
                )
            if len(reference.url) > LONGEST_URL or len(reference.branch or "") > LONGEST_KEY:
                raise ValidationError(f"“{line.strip()[:100]}…” is longer than we can keep.")
            if len(reference.key) > LONGEST_KEY:
                raise ValidationError(f"“{line.strip()[:100]}…” is longer than we can keep.")
            found.append(reference)
        return found

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

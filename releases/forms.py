from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from releases.models import (
    ChangeKind,
    InvalidReclassification,
    Membership,
    MergeProposal,
    Person,
    Reclassification,
)


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

"""What is asked before a suggestion is accepted, and before a log is imported."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from governance.forms import DeadlineField, ReadsDeadline, in_digits
from governance.refusals import Refused
from meetings.cues import Verdict
from meetings.importing import ImportedLog, import_log
from meetings.logs import FORMATS, DateHints, format_named
from meetings.models import Suggestion
from meetings.models.settled import WITH_DEADLINE
from releases.models import Person
from releases.zones import validate_zone


class AcceptForm(ReadsDeadline):
    """Asks only what its verdict needs; `apply` accepts."""

    until = DeadlineField(label="Until")
    moved_to = DeadlineField(
        label="To", help_text="The new instant, in words or as a date and time."
    )
    conditions = forms.CharField(
        label="On condition of (one a line)",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    why = forms.CharField(
        label="Why", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, suggestion: Suggestion, at: datetime, **options: Any) -> None:
        options["initial"] = {
            "until": _until_in_words(suggestion),
            "moved_to": in_digits(suggestion.moved_to) if suggestion.moved_to else "",
            "conditions": "\n".join(suggestion.conditions),
        }
        super().__init__(*args, **options)
        self.suggestion, self.at = suggestion, at
        verdict = Verdict(suggestion.verdict)
        asked = {
            "until": verdict in WITH_DEADLINE,
            "moved_to": verdict == Verdict.MOVE_MILESTONE,
            "conditions": verdict == Verdict.GRANT,
        }
        for name in (name for name, is_asked in asked.items() if not is_asked):
            del self.fields[name]
        for field in self.fields.values():
            if isinstance(field, DeadlineField) and suggestion.release is not None:
                field.show_while_typing(release=suggestion.release)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        release = self.suggestion.release
        for name in ("until", "moved_to"):
            if name not in self.fields or not said.get(name):
                continue
            if release is None:
                self.add_error(name, "No release here is the one spoken of: enter it first.")
            else:
                said[name] = self.read_deadline(name, release=release, at=self.at)
        return said

    def apply(self, *, by: Person, at: datetime) -> bool:
        """Accept the suggestion with what the form says; a refusal is shown on it."""
        said = self.cleaned_data
        given: dict[str, Any] = {"why": said["why"]}
        if "until" in self.fields:
            given["expires"] = said["until"]
        if "moved_to" in self.fields:
            given["moved_to"] = said["moved_to"].instant
        if "conditions" in self.fields:
            given["conditions"] = said["conditions"].splitlines()
        try:
            self.suggestion.accept(by=by, at=at, **given)
        except Refused as refusal:
            field = {"expires": "until"}.get(getattr(refusal, "field", ""))
            self.add_error(field if field in self.fields else None, str(refusal))
            return False
        return True


def _until_in_words(suggestion: Suggestion) -> str:
    if suggestion.bound_to:
        return f"until {suggestion.bound_to}"
    return in_digits(suggestion.expires_at) if suggestion.expires_at else ""


class LogForm(forms.Form):
    """A log file and what is known of it; `read` imports it, or only says what it would."""

    log = forms.FileField(
        label="Log file", help_text="Of any bot or client; its format is found out."
    )
    day = forms.DateField(
        label="Day of its first line", required=False, help_text="Only where the log does not say."
    )
    zone = forms.CharField(
        label="Zone of its clock",
        required=False,
        max_length=64,
        validators=[validate_zone],
        help_text="IANA name; UTC unless you say another.",
    )
    channel = forms.CharField(label="Channel", required=False, max_length=120)
    format = forms.ChoiceField(
        label="Format",
        required=False,
        choices=[("", "find it out"), *((known.name, known.title) for known in FORMATS)],
        help_text="Only where it is found out wrongly.",
    )
    whole = forms.BooleanField(
        label="The whole file is one meeting",
        required=False,
        help_text="Where nobody says #startmeeting.",
    )

    def read(self, *, at: datetime, dry_run: bool) -> ImportedLog:
        """Raises UnreadableLog with a sentence for who sent it."""
        said = self.cleaned_data
        log = said["log"]
        zone = ZoneInfo(said["zone"]) if said["zone"] else None
        return import_log(
            log.file,
            name=log.name or "",
            at=at,
            hints=DateHints(name=log.name or "", day=said["day"], zone=zone),
            format=format_named(said["format"]) if said["format"] else None,
            channel=said["channel"],
            whole=said["whole"],
            dry_run=dry_run,
        )

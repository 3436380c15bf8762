"""What callers of the API say of exceptions: deadlines in three ways, proposals by any address."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from governance.deadlines import Anchor, Reading, read_deadline
from governance.lifecycle import Verb
from governance.meant import LONGEST_REFERENCE
from governance.models import Until
from releases.models import MergeProposal, Milestone, Project, Release
from releases.models.proposals import LONGEST_URL, proposal_at
from releases.references import Reference
from releases.rest import Body, Words
from releases.rows import instant

LONGEST_DEADLINE = 200  # characters
MOST_PROPOSALS = 200
MOST_CONDITIONS = 50
WITH_DEADLINE = frozenset([Verb.GRANT, Verb.EXTEND])


def until_said(words: str, *, release: Release, at: datetime) -> Until:
    """A deadline from an instant, a milestone's slug or words. Raises ValidationError.

    What is less than sure is no deadline yet: the caller is told how it was read.
    """
    words = words.strip()
    try:
        return Until(at=instant(words))
    except ValueError:
        pass
    milestones = list(release.milestones.all())
    slug = words.removeprefix(f"milestone:{release.slug}/")
    for milestone in milestones:
        if milestone.slug == slug:
            return Until(milestone=milestone)
    reading = read_deadline(
        words,
        said_at=at,
        zone=ZoneInfo(release.zone),
        milestones=[Anchor(one.slug, one.name, one.at, one.kind) for one in milestones],
    )
    _refuse_doubt(reading)
    found = next((one for one in milestones if one.slug == reading.bound_to), None)
    zone = reading.zone if reading.zone and "/" in reading.zone else ""
    return Until(
        at=None if found else reading.at,
        milestone=found,
        words=words,
        zone=zone,
        zone_source=reading.zone_source if reading.zone else "",
        warnings=reading.warnings,
    )


def _refuse_doubt(reading: Reading) -> None:
    told = " ".join(reading.warnings)
    if reading.at is None:
        spread = f" It could be {reading.spread_words}." if reading.spread_words else ""
        raise serializers.ValidationError(
            f"{told}{spread} Give an instant (2011-03-30T10:00:00Z), the slug of a milestone, or"
            " words that say date, time and zone.".strip()
        )
    if reading.sure != "sure" or reading.unread:
        unread = f"“{reading.unread}” was not read. " if reading.unread else ""
        raise serializers.ValidationError(
            f"{told} {unread}If it is meant as {reading.at:%Y-%m-%dT%H:%M:%SZ}, send that.".strip()
        )


class SaidBody(Body):
    """What goes with every decision."""

    rationale = Words(help_text="Why: it goes on record.")
    source_url = Words(required=False, default="", help_text="Address of where it was said.")
    quote = Words(required=False, default="", help_text="The words that decided it.")


class DeadlineBody(SaidBody):
    """A decision with a deadline: one of the three ways to give it."""

    expires = Words(
        required=False,
        max_length=LONGEST_DEADLINE,
        help_text="An instant (`2011-03-30T10:00:00Z`), the slug of a milestone of the release, or"
        " words: `EOD Friday Hawaii`.",
    )
    expires_at = Words(required=False, max_length=60, help_text="The instant alone.")
    expires_with = Words(
        required=False, max_length=140, help_text="The milestone alone, by slug or public name."
    )
    over_budget = Words(
        required=False, default="", help_text="Why beyond the project's budget, where it is spent."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        release, at = self.context["release"], self.context["view"].at
        given = {
            name: attrs.pop(name)
            for name in ("expires", "expires_at", "expires_with")
            if name in attrs
        }
        if len(given) != 1:
            raise serializers.ValidationError(
                {"expires": ["Say until when, once: `expires`, `expires_at` or `expires_with`."]}
            )
        [(name, words)] = given.items()
        try:
            attrs["expires"] = _READERS[name](words, release, at)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({name: error.detail}) from error
        return attrs


def _instant_alone(words: str, release: Release, at: datetime) -> Until:
    try:
        return Until(at=instant(words))
    except ValueError as error:
        raise serializers.ValidationError(str(error)) from error


def _milestone_alone(words: str, release: Release, at: datetime) -> Until:
    slug = words.strip().removeprefix(f"milestone:{release.slug}/")
    milestone = Milestone.objects.filter(release=release, slug=slug.replace("\0", "")).first()
    if milestone is None:
        raise serializers.ValidationError(f"{release.name} has no milestone “{words[:60]}”.")
    return Until(milestone=milestone)


_READERS = {
    "expires": lambda words, release, at: until_said(words, release=release, at=at),
    "expires_at": _instant_alone,
    "expires_with": _milestone_alone,
}


class GrantBody(DeadlineBody):
    conditions = serializers.ListField(
        child=Words(max_length=500),
        required=False,
        default=list,
        max_length=MOST_CONDITIONS,
        help_text="What must be confirmed before it lands, one sentence each.",
    )


BODIES: dict[Verb, type[SaidBody]] = {Verb.GRANT: GrantBody, Verb.EXTEND: DeadlineBody}


class AskBody(Body):
    """A request: for merge proposals, or for a whole project."""

    release = Words(max_length=64, help_text="Slug of the release.")
    freeze = Words(max_length=64, help_text="Slug of the milestone that it is to be excepted from.")
    title = Words(max_length=1000)
    why_now = Words(help_text="Why it must be in this release.")
    proposals = serializers.ListField(
        child=Words(max_length=LONGEST_URL),
        required=False,
        default=list,
        max_length=MOST_PROPOSALS,
        help_text="Addresses of merge proposals; those that are new here are entered.",
    )
    project = Words(
        required=False, max_length=64, help_text="Slug: for a standing exception of a project."
    )
    risk_of_landing = Words(required=False, default="")
    risk_of_not_landing = Words(required=False, default="")
    testing = Words(required=False, default="")
    wanted_until = Words(
        required=False, max_length=LONGEST_DEADLINE, help_text="As `expires` of a grant."
    )
    source_url = Words(required=False, default="")
    quote = Words(required=False, default="")

    def validate_proposals(self, addresses: list[str]) -> list[Reference]:
        try:
            return [proposal_at(words) for words in addresses]
        except ValueError as told:
            raise serializers.ValidationError(str(told)) from told

    def validate_release(self, slug: str) -> Any:
        return one_named(Release, slug)

    def validate_project(self, slug: str) -> Any:
        return one_named(Project, slug)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        release = attrs["release"]
        freeze = Milestone.objects.filter(release=release, slug=attrs["freeze"]).first()
        if freeze is None:
            raise serializers.ValidationError(
                {"freeze": [f"{release.name} has no milestone “{attrs['freeze'][:60]}”."]}
            )
        attrs["freeze"] = freeze
        if "wanted_until" in attrs:
            at = self.context["view"].at
            try:
                until = until_said(attrs["wanted_until"], release=release, at=at)
            except serializers.ValidationError as error:
                raise serializers.ValidationError({"wanted_until": error.detail}) from error
            attrs["wanted_until"] = until.instant
        return attrs


def one_named(model: Any, slug: str) -> Any:
    """The record of that slug. Raises ValidationError."""
    found = model.objects.filter(slug=slug).first() if slug.isprintable() else None
    if found is None:
        what = model._meta.verbose_name  # noqa: SLF001 Django's own public name for it
        raise serializers.ValidationError(f"There is no {what} “{slug[:60]}”.")
    return found


class GateQuery(Body):
    """What is asked of the gate in the query string."""

    ref = Words(
        max_length=LONGEST_REFERENCE,
        help_text="Address of a merge proposal, its number or branch, or `FFE-12`.",
    )
    release = Words(required=False, max_length=64, help_text="Slug; absent: the proposal's own.")
    at = Words(required=False, max_length=60, help_text="An instant in ISO 8601; absent: now.")

    def validate_at(self, words: str) -> datetime:
        try:
            return instant(words)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error

    def validate_release(self, slug: str) -> Any:
        return one_named(Release, slug)


def proposals_of(references: list[Reference]) -> list[MergeProposal]:
    """The records, made for those that are new."""
    return list(dict.fromkeys(map(MergeProposal.objects.from_reference, references)))

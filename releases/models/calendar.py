from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Coalesce

from releases.addressing import address_of
from releases.prepared import prepared
from releases.sources import NO_SOURCE, is_source
from releases.zones import validate_zone

if TYPE_CHECKING:
    from releases.models.people import Person


class Project(models.Model):
    """What a release is made of: nova, swift, glance."""

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ReleaseQuerySet(models.QuerySet["Release"]):
    def current(self, at: datetime) -> "Release | None":
        """The release being made at that instant; one query."""
        return next(iter(_current(at=at)), None)

    def nearest_first(self, at: datetime) -> Self:
        """The next to ship first, and after those ahead the last shipped; as planned then."""
        ships = Milestone.objects.as_known(at).filter(
            release=models.OuterRef("pk"), kind=MilestoneKind.RELEASE
        )
        ships_at = models.Subquery(
            ships.order_by("-at", "-pk").values("known_at")[:1]  # type: ignore[misc] # annotated
        )
        ahead = models.Case(models.When(ships_at__gt=at, then="ships_at"))
        return self.annotate(ships_at=ships_at).order_by(
            ahead.asc(nulls_last=True), models.F("ships_at").desc(nulls_last=True), "-pk"
        )


class Release(models.Model):
    """One dated release of a series, such as Cactus (2011.2)."""

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    version = models.CharField(max_length=40, blank=True)
    zone = models.CharField(
        "deadline zone",
        max_length=64,
        default="UTC",
        validators=[validate_zone],
        help_text="IANA zone in which this release's deadlines are meant, when nobody says one.",
    )
    projects = models.ManyToManyField(Project, related_name="releases", blank=True)
    leads_decide = models.BooleanField(
        "project leads decide",
        default=False,
        help_text="Project leads may decide on exceptions for their own projects.",
    )

    objects = ReleaseQuerySet.as_manager()
    ships_at: datetime | None  # as planned at some instant, annotated by `nearest_first`

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})" if self.version else self.name

    def get_absolute_url(self) -> str:
        return address_of("release", self.slug)


@prepared(at=models.DateTimeField())
def _current(*, at: datetime) -> models.QuerySet[Release]:
    return Release.objects.nearest_first(at)[:1]


class ChangeKind(models.TextChoices):
    """What a merge proposal changes; freezes name the kinds that they block."""

    FEATURE = "feature", "feature"
    BUGFIX = "bugfix", "bug fix"
    STRINGS = "strings", "translatable strings"
    DOCS = "docs", "documentation"
    DEPENDENCY = "dependency", "dependency"
    UNKNOWN = "unknown", "not said"

    @property
    def counts_as(self) -> "ChangeKind":
        """As what freezes take it: while nobody has said the kind, as a feature."""
        return ChangeKind.FEATURE if self is ChangeKind.UNKNOWN else self


class MilestoneKind(models.TextChoices):
    FEATURE_FREEZE = "feature-freeze", "feature freeze"
    STRING_FREEZE = "string-freeze", "string freeze"
    DEPENDENCY_FREEZE = "dependency-freeze", "dependency freeze"
    DOCS_FREEZE = "docs-freeze", "documentation freeze"
    HARD_FREEZE = "hard-freeze", "hard freeze"
    CANDIDATE = "candidate", "release candidate"
    RELEASE = "release", "release"
    OTHER = "other", "other milestone"


def validate_change_kinds(value: object) -> None:
    """Accept a list of ChangeKind values, each once."""
    if not isinstance(value, list) or any(kind not in ChangeKind.values for kind in value):
        raise ValidationError(f"Kinds of change are a list out of: {', '.join(ChangeKind.values)}.")
    if len(set(value)) != len(value):
        raise ValidationError("Each kind of change is named once.")


class InvalidMove(ValueError):
    """A milestone cannot be moved like this; the message says why, fit for a person."""


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def passed(self, at: datetime) -> Self:
        return self.filter(at__lte=at)

    def ahead(self, at: datetime) -> Self:
        return self.filter(at__gt=at)

    def as_known(self, at: datetime) -> Self:
        """Annotate `known_at`: the instant as it was planned then, before any later move."""
        later = MilestoneMove.objects.filter(milestone=models.OuterRef("pk"), at__gt=at)
        before_it = later.order_by("at", "pk").values("from_at")[:1]
        return self.annotate(known_at=Coalesce(models.Subquery(before_it), "at"))


class Milestone(models.Model):
    """A dated point of a release. A freeze is a milestone that blocks some kinds of change.

    It is in force from `at` on, inclusive. Only `move` changes `at`.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="milestones")
    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="milestones",
        help_text="Empty: for every project of the release.",
    )
    slug = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=MilestoneKind)
    at = models.DateTimeField("instant (UTC)")
    blocks = models.JSONField(
        "blocks",
        default=list,
        blank=True,
        validators=[validate_change_kinds],
        help_text="Kinds of change that may no longer land from this instant on.",
    )

    objects = MilestoneQuerySet.as_manager()
    known_at: datetime  # where it was planned to be, annotated by `as_known`

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["release", "slug"], name="milestone_slug_in_release"),
            models.CheckConstraint(
                condition=models.Q(kind__in=MilestoneKind.values), name="milestone_kind_known"
            ),
        ]
        indexes = [models.Index(fields=["release", "at"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.release.name})"

    def instant_as_of(self, at: datetime) -> datetime:
        """Where it was planned to be then, before any later move."""
        later = [move for move in self.moves.all() if move.at > at]  # prefetched on long lists
        return min(later, key=lambda move: (move.at, move.pk)).from_at if later else self.at

    @property
    def blocks_in_words(self) -> list[str]:
        if set(self.blocks) == set(ChangeKind.values):
            return ["every change"]
        return [ChangeKind(kind).label for kind in self.blocks]

    @property
    def blocked_in_words(self) -> str:
        return ", ".join(self.blocks_in_words) or "nothing"

    def move(
        self, *, to: datetime, by: "Person", at: datetime, why: str, source_url: str = ""
    ) -> "MilestoneMove":
        """Change the instant and record who moved it, why and where it was said.

        `to` and `at` (when it was decided) are aware. Raises InvalidMove when nothing would
        change or no reason is given.
        """
        if not why.strip():
            raise InvalidMove(f"Say why {self.name} moves: people plan by it.")
        if not is_source(source_url):
            raise InvalidMove(NO_SOURCE)
        with transaction.atomic():
            fresh = Milestone.objects.select_for_update().get(pk=self.pk)
            if fresh.at == to:
                raise InvalidMove(
                    f"{self.name} is already at {to.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
                )
            move = MilestoneMove.objects.create(
                milestone=fresh,
                from_at=fresh.at,
                to_at=to,
                by=by,
                at=at,
                why=why.strip(),
                source_url=source_url,
            )
            fresh.at = to
            fresh.save(update_fields=["at"])
        self.at = to
        return move


class MilestoneMove(models.Model):
    """One move of a milestone: written by `Milestone.move`, never edited."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="moves")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    by = models.ForeignKey("releases.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("decided at")
    why = models.TextField(max_length=2000)
    source_url = models.URLField("where it was said", max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(from_at=models.F("to_at")), name="move_changes_instant"
            )
        ]

    def __str__(self) -> str:
        return f"{self.milestone.name}: {self.from_at:%Y-%m-%d %H:%M} → {self.to_at:%Y-%m-%d %H:%M}"

from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from django.db import models, transaction
from django.db.models import F, Func, Value
from django.db.models.functions import Coalesce, Replace, Upper

from releases.addressing import address_of
from releases.models.calendar import ChangeKind, Project, Release
from releases.models.people import Person
from releases.references import Reference, parse_reference, proposal_named
from releases.sources import NO_SOURCE, is_source

LONGEST_KEY, LONGEST_URL = 1000, 2000  # what `references` recognises fits
LONGEST_TROUBLE = 500

# What people say of `openstack/nova#77`: its number there, 77, and in which of the repositories,
# NOVA#77 (a forge takes both cases for the same). Signs that are always the same stand in the
# templates, for SQLite finds an index of expressions only where they do.
NUMBER_IN_KEY = Func(
    F("key"),
    template="REPLACE(%(expressions)s, RTRIM(%(expressions)s, REPLACE(REPLACE(REPLACE("
    "%(expressions)s, '/', ''), '#', ''), '!', '')), '')",
    output_field=models.CharField(),
)
LAST_IN_KEY = Func(
    F("key"),
    template="UPPER(REPLACE(%(expressions)s, RTRIM(%(expressions)s, REPLACE("
    "%(expressions)s, '/', '')), ''))",
    output_field=models.CharField(),
)


def proposal_at(words: str) -> Reference:
    """The merge proposal at an address, known here or not. Raises ValueError, in a sentence."""
    said = words.strip()[:100]
    reference = parse_reference(words)
    if reference is None or reference.kind != "proposal":
        raise ValueError(
            f"“{said}” is no address of a merge proposal. Give the one at which its forge shows it."
        )
    if max(len(reference.key), len(reference.branch or "")) > LONGEST_KEY:
        raise ValueError(f"“{said}…” is longer than we can keep.")
    if len(reference.url) > LONGEST_URL:
        raise ValueError(f"“{said}…” is longer than we can keep.")
    return reference


class SpokenName(NamedTuple):
    """Everything that one word can be, each looked up by an index of its own."""

    key: str  # of its forge, or the number at the end of one
    last_in_key: str  # `NOVA#77` of `openstack/nova#77`, in capitals as repositories are compared
    branch: str  # whole (`~jun/nova/x`), or the last part (`x`)

    @classmethod
    def of(cls, words: str) -> "SpokenName | None":
        """None where nothing can have such a name."""
        words = words.strip()
        key, branch = words.lstrip("#!"), words.removeprefix("lp:")
        if not branch.lstrip("#!") or not words.isprintable():
            return None
        return cls(key, key.upper(), branch)


BRANCH_IS_NAME = ~models.Q(branch__contains="+git/")  # there, the last part is the repository's


class Forge(models.TextChoices):
    LAUNCHPAD = "launchpad", "Launchpad"
    GERRIT = "gerrit", "Gerrit"
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"
    FORGEJO = "forgejo", "Forgejo or Gitea"
    PAGURE = "pagure", "Pagure"
    BITBUCKET = "bitbucket", "Bitbucket"
    PHABRICATOR = "phabricator", "Phabricator"
    PATCHWORK = "patchwork", "Patchwork"
    COMMITFEST = "commitfest", "Commitfest"
    LORE = "lore", "lore.kernel.org"
    SOURCEHUT = "sourcehut", "SourceHut"


class ProposalState(models.TextChoices):
    DRAFT = "draft", "work in progress"
    OPEN = "open", "in review"
    APPROVED = "approved", "approved, not merged"
    MERGED = "merged", "merged"
    REJECTED = "rejected", "rejected"
    SUPERSEDED = "superseded", "superseded"


IN_REVIEW = (ProposalState.OPEN, ProposalState.APPROVED)
# What may still land; the rest changes no more unless somebody asks for it by name.
UNFINISHED = frozenset([ProposalState.DRAFT, ProposalState.OPEN, ProposalState.APPROVED])


class InvalidReclassification(ValueError):
    """A proposal's kind of change cannot be changed like this; the message says why."""


def _excepted_in(release: Any) -> models.Q:
    """Whether an exception of that release is for the proposal: a condition of a query."""
    excepted = MergeProposal.objects.filter(exceptions__release=release)
    return models.Q(pk__in=excepted.order_by().values("pk"))


class MergeProposalQuerySet(models.QuerySet["MergeProposal"]):
    def as_known(self, at: datetime) -> Self:
        """Annotate `known_kind`: the kind of change that it counted as then."""
        later = Reclassification.objects.filter(proposal=models.OuterRef("pk"), at__gt=at)
        before_it = later.order_by("at", "pk").values("from_kind")[:1]
        return self.annotate(known_kind=Coalesce(models.Subquery(before_it), "change_kind"))

    def with_spoken_keys(self) -> Self:
        """Alias `number` and `last_in_key`: what people say of a key; both have an index."""
        return self.alias(number=NUMBER_IN_KEY, last_in_key=LAST_IN_KEY)

    def spoken_of(self, *, key: str, last_in_key: str, branch: str) -> Self:
        """Those that have a `SpokenName`, by any of its parts."""
        by_key = models.Q(key=key) | models.Q(number=key) | models.Q(last_in_key=last_in_key)
        by_branch = models.Q(branch=branch) | (models.Q(branch_name=branch) & BRANCH_IS_NAME)
        return self.with_spoken_keys().filter(by_key | by_branch)

    def called(self, words: str) -> Self:
        """Those that an address, a public name, a number or a branch means."""
        if named := proposal_named(words):
            forge, key = named
            return self.filter(forge=forge, key__iexact=key)
        name = SpokenName.of(words)
        return self.none() if name is None else self.spoken_of(**name._asdict())

    def of_release(self, release: "Release | models.QuerySet[Release]") -> Self:
        """Those meant for it, and those that an exception of it is for; each once.

        A proposal enters by its address alone, so nobody may have said what it is meant for.
        """
        return self.filter(models.Q(release=release) | _excepted_in(release))

    def of_release_in_two(self, release: Any) -> tuple[Self, Self]:
        """The same: those meant for it, and the others, so that each part is found by its index."""
        # One that is meant for none is unequal to it too, and SQL would not say so.
        others = models.Q(release__lt=release) | models.Q(release__gt=release)
        others |= models.Q(release__isnull=True)
        return self.filter(release=release), self.filter(others, _excepted_in(release))

    def newest_of_release(self, release: Release, *, most: int) -> Self:
        """The newest first, without a look at those of other releases, however many they are."""
        first, *others = (
            # SQLite takes neither an order nor a limit in a part of a union, but around one.
            MergeProposal.objects.filter(pk__in=part.order_by("-pk").values("pk")[:most])
            .order_by()
            .values("pk")
            for part in self.of_release_in_two(release)
        )
        return self.filter(pk__in=first.union(*others)).order_by("-pk")[:most]

    def due(self, at: datetime, *, every: timedelta) -> Self:
        """Those whose forge is to be asked: never asked, or unfinished and not asked lately.

        What was rejected within a month is asked for once a day, for it may be opened again.
        """
        day, month = timedelta(days=1), timedelta(days=30)
        unfinished = models.Q(state__in=UNFINISHED, asked_at__lte=at - every)
        given_up = models.Q(
            state=ProposalState.REJECTED, asked_at__lte=at - day, changed_at__gte=at - month
        )
        return self.filter(models.Q(asked_at__isnull=True) | unfinished | given_up)

    def from_reference(self, reference: "Reference") -> "MergeProposal":
        """The proposal that a reference names; a stub with its address if it is new to us.

        Raises ValueError for a reference to something else.
        """
        if reference.kind != "proposal":
            raise ValueError(f"{reference.target} is no merge proposal.")
        proposal, _ = self.get_or_create(
            forge=reference.forge,
            key__iexact=reference.key,
            defaults={
                "key": reference.key,
                "url": reference.url,
                "branch": reference.branch or "",
            },
        )
        return proposal


class MergeProposal(models.Model):
    """A change that somebody wants to land: merge proposal, change, pull or merge request.

    `forge` and `key` together name it; `releases.references` derives both from any of its URLs.
    """

    forge = models.CharField(max_length=16, choices=Forge)
    key = models.CharField(max_length=LONGEST_KEY)
    url = models.URLField(max_length=LONGEST_URL)
    title = models.CharField(max_length=255, blank=True)
    branch = models.CharField("source branch", max_length=LONGEST_KEY, blank=True)
    # What follows the last slash: people say "volumes-api", not "~jun/nova/volumes-api". All
    # that RTRIM leaves, when it may take anything but a slash, is the path before the name.
    branch_name = models.GeneratedField(
        expression=Replace(
            F("branch"),
            Func(F("branch"), Replace(F("branch"), Value("/")), function="RTRIM"),  # type: ignore[arg-type] # any expression will do
        ),
        output_field=models.CharField(max_length=LONGEST_KEY),
        db_persist=True,
    )
    author = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    release = models.ForeignKey(
        Release,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
        help_text="The release that it is meant for.",
    )
    change_kind = models.CharField(
        "kind of change",
        max_length=16,
        choices=ChangeKind,
        default=ChangeKind.UNKNOWN,
        help_text="While nobody has said it, it counts as a feature.",
    )
    state = models.CharField(max_length=16, choices=ProposalState, default=ProposalState.OPEN)
    merged_at = models.DateTimeField(null=True, blank=True)

    # What its forge says of it; nobody else writes these.
    target_branch = models.CharField(
        max_length=LONGEST_KEY, blank=True, default="", db_default="", editable=False
    )
    approved_at = models.DateTimeField(
        "approved since", null=True, blank=True, editable=False
    )  # without an objection; kept when it merges
    changed_at = models.DateTimeField("last changed there", null=True, editable=False)
    asked_at = models.DateTimeField("forge last asked", null=True, editable=False)
    synced_at = models.DateTimeField("forge last answered", null=True, editable=False)
    trouble = models.CharField(
        max_length=LONGEST_TROUBLE, blank=True, default="", db_default="", editable=False
    )
    validators = models.JSONField(null=True, editable=False)  # address -> ETag or date

    objects = MergeProposalQuerySet.as_manager()
    known_kind: str  # the kind of change that it counted as, annotated by `as_known`

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                "forge",
                Upper("key"),
                name="proposal_known_once",
                violation_error_message="This proposal is known already.",
            ),
            models.CheckConstraint(
                condition=models.Q(forge__in=Forge.values), name="proposal_forge_known"
            ),
            models.CheckConstraint(
                condition=models.Q(change_kind__in=ChangeKind.values), name="proposal_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ProposalState.values), name="proposal_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(merged_at__isnull=True) | models.Q(state=ProposalState.MERGED),
                name="proposal_merged_at_when_merged",
                violation_error_message="Only a merged proposal has an instant of merging.",
            ),
        ]
        indexes = [
            models.Index(fields=["key"]),
            models.Index(fields=["branch"]),
            models.Index(fields=["branch_name"]),
            models.Index(NUMBER_IN_KEY, name="proposal_number"),
            models.Index(LAST_IN_KEY, name="proposal_last_in_key"),
            models.Index(fields=["asked_at"]),
            models.Index(
                fields=["merged_at"],
                condition=models.Q(state=ProposalState.MERGED),
                name="proposal_merged_at",
            ),
            # Of a release that is years old, nearly all have merged.
            models.Index(
                fields=["release", "id"],
                condition=models.Q(state__in=IN_REVIEW),
                name="proposal_in_review",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.get_forge_display()} {self.key}"

    def get_absolute_url(self) -> str:
        return address_of("proposal", self.public_name)

    def get_state_display(self) -> str:  # type: ignore[no-redef] # Django makes none where one is
        """Its state in words; a stub is open only because nobody has said anything of it yet."""
        return "not known yet" if self.why_unknown else str(ProposalState(self.state).label)

    @property
    def why_unknown(self) -> str:
        """Why nobody knows its state; nothing where its forge, or somebody here, has said it.

        Whoever enters a proposal by hand says its state on the form on which they name it.
        """
        if self.state != ProposalState.OPEN or self.synced_at is not None or self.title:
            return ""
        if self.asked_at is None:
            return "no forge was asked"
        return "its forge was asked and has not answered"

    @property
    def public_name(self) -> str:
        """`launchpad:54464`: its forge and its key there."""
        return f"{self.forge}:{self.key}"

    @property
    def target(self) -> str:
        """The public name of this record, such as `proposal:launchpad:54464`."""
        return f"proposal:{self.public_name}"

    def reclassify(
        self, *, to: ChangeKind, by: Person, at: datetime, why: str, source_url: str = ""
    ) -> "Reclassification":
        """Change what it counts as, and record who said so, why and where.

        Raises InvalidReclassification when nothing would change or no reason is given.
        """
        if not why.strip():
            raise InvalidReclassification("Say why: freezes treat each kind differently.")
        if not is_source(source_url):
            raise InvalidReclassification(NO_SOURCE)
        with transaction.atomic():
            fresh = MergeProposal.objects.select_for_update().get(pk=self.pk)
            if fresh.change_kind == to:
                raise InvalidReclassification(f"It counts as “{ChangeKind(to).label}” already.")
            change = Reclassification.objects.create(
                proposal=fresh,
                from_kind=fresh.change_kind,
                to_kind=to,
                by=by,
                at=at,
                why=why.strip(),
                source_url=source_url,
            )
            fresh.change_kind = to
            fresh.save(update_fields=["change_kind"])
        self.change_kind = to
        return change


class Reclassification(models.Model):
    """One change of a proposal's kind: written by `MergeProposal.reclassify`, never edited."""

    proposal = models.ForeignKey(
        MergeProposal, on_delete=models.PROTECT, related_name="reclassifications"
    )
    from_kind = models.CharField(max_length=16, choices=ChangeKind)
    to_kind = models.CharField(max_length=16, choices=ChangeKind)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("decided at")
    why = models.TextField(max_length=2000)
    source_url = models.URLField("where it was said", max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.proposal}: {self.get_from_kind_display()} → {self.get_to_kind_display()}"


class ReviewVerdict(models.TextChoices):
    APPROVE = "approve", "Approve"
    NEEDS_FIXING = "needs-fixing", "Needs Fixing"
    NEEDS_INFORMATION = "needs-information", "Needs Information"
    RESUBMIT = "resubmit", "Resubmit"
    ABSTAIN = "abstain", "Abstain"
    DISAPPROVE = "disapprove", "Disapprove"


class Review(models.Model):
    """What one reviewer said of a proposal; shown beside a decision, never counted as one."""

    proposal = models.ForeignKey(MergeProposal, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=20, choices=ReviewVerdict)
    at = models.DateTimeField("given at")
    comment = models.TextField(max_length=5000, blank=True)
    url = models.URLField(max_length=500, blank=True)
    # As its forge names it; empty for what was entered here, which no forge takes away.
    forge_key = models.CharField(
        max_length=120, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "forge_key"],
                condition=~models.Q(forge_key=""),
                name="review_known_once",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict__in=ReviewVerdict.values), name="review_verdict_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.get_verdict_display()}"

"""Tokens, with which scripts speak in the name of a person."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self

from django.db import models

from governance.refusals import InvalidInput, InvalidTransition
from governance.texts import plain
from releases.models import Person

PREFIX = "thaw_"  # by which scanners for secrets know one that was published
BYTES = 32
LONGEST = 100  # characters of what may be one
MOST = 50  # tokens of one person that work at once
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class Scope(models.TextChoices):
    READ = "read", "read"
    WRITE = "write", "read and write"


class TokenQuerySet(models.QuerySet["Token"]):
    def working(self, at: datetime) -> Self:
        return self.filter(revoked_at__isnull=True).exclude(expires_at__lte=at)

    def make(
        self,
        *,
        person: Person,
        name: str,
        scope: Scope,
        at: datetime,
        expires_at: datetime | None = None,
    ) -> tuple["Token", str]:
        """A new token, and its secret, which is not kept and cannot be shown again."""
        name = plain(name, field="name", needed="Say what it is for.", longest=100, one_line=True)
        if expires_at is not None and expires_at <= at:
            raise InvalidInput("It would be over already.", field="expires_at")
        if self.working(at).filter(person=person).count() >= MOST:
            raise InvalidInput(f"You have {MOST} tokens. Revoke one first.", field="name")
        secret = PREFIX + secrets.token_urlsafe(BYTES)
        token = self.create(
            person=person,
            name=name,
            scope=scope,
            digest=digest_of(secret),
            start=secret[: len(PREFIX) + 4],
            created_at=at,
            expires_at=expires_at,
        )
        return token, secret

    def of_secret(self, secret: str, *, at: datetime) -> "Token | None":
        """The token that works and has this secret; its use is noted, at most once a minute."""
        if not secret.startswith(PREFIX) or len(secret) > LONGEST:
            return None
        known = self.working(at).select_related("person__user")
        token = known.filter(digest=digest_of(secret)).first()
        if token is not None and (
            token.last_used_at is None or at - token.last_used_at >= USE_IS_NOTED_EVERY
        ):
            self.filter(pk=token.pk).update(last_used_at=at)
        return token


class Token(models.Model):
    """What a script shows to speak as a person. Only a digest of the secret is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    digest = models.CharField("SHA-256 of the secret", max_length=64, unique=True)
    start = models.CharField("how it begins", max_length=12)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=Scope.values), name="token_scope_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    def revoke(self, *, at: datetime) -> None:
        """It works no longer. Raises InvalidTransition where it was revoked before."""
        if not Token.objects.filter(pk=self.pk, revoked_at__isnull=True).update(revoked_at=at):
            raise InvalidTransition(f"{self} was revoked already.")
        self.revoked_at = at


def digest_of(secret: str) -> str:
    """A secret of 256 random bits needs no salt and no slow hash."""
    return sha256(secret.encode()).hexdigest()

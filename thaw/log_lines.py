"""How log lines look: JSON in production, for people in development; what is secret in neither.

Whatever is logged passes through `Withholding` last, so that a password in somebody else's error
message is taken out too.
"""

import json
import logging
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pythonjsonlogger.json import JsonFormatter

LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
FIELDS = ("at", "level", "logger", "request_id", "message", "exc_info", "stack_info")
WITHHELD = "***"
SHORTEST = 6  # characters of a secret that is looked for by itself: a shorter one is any word

# What looks like a secret, wherever it comes from. The first group stays.
_SHAPES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(\bthaw_)[\w-]{16,100}",  # a token of ours
        r"(\w://[^\s:/@\"']{0,200}:)[^\s/@\"']{1,500}(?=@)",  # an address with a password
        r"(\b(?:bearer|basic|token)\s+)[\w.~+/=-]{8,500}",  # how a request proves itself
        r"((?-i:\bAUTH\s+[A-Z][A-Z0-9-]{2,20}\s+))[\w+/=]{8,2000}",  # and how SMTP does
        r"([-_]token(?:[\"']?\s?[:=]\s?b?[\"']?|[\"'],\s?b?[\"']))[^\s\"'&;,)]{1,200}",
        r"(\b(?:sessionid|csrftoken|csrfmiddlewaretoken)\W{1,4})[\w-]{8,200}",
        r"(\bpassword[\"']?\s?[:=]\s?[\"']?)[^\s\"'&;,)]{1,200}",
        r"(/unsubscribe/)[^\s/\"']{1,500}",
    )
]


class Withholding:
    """Takes out of a text these secrets, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= SHORTEST}
        known |= {spelt for secret in known for spelt in _spellings(secret)}
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __call__(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(WITHHELD, text)
        for shape in _SHAPES:
            text = shape.sub(rf"\g<1>{WITHHELD}", text)
        return text


def _spellings(secret: str) -> set[str]:
    """How an address, JSON, Python and SMTP write it."""
    return {
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        b64encode(secret.encode(errors="replace")).decode(),
    }


class JsonLine(JsonFormatter):
    """One object a line. Of what else a record carries nothing is shown: it may hold anything."""

    def __init__(self, *, secrets: Iterable[str] = ()) -> None:
        super().__init__(
            ["levelname", "name", "request_id", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="at",
            json_ensure_ascii=False,
        )
        self._withheld = Withholding(secrets)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """What is secret is taken out here: JSON spells it otherwise, and must stay JSON."""
        shown = {name: log_data[name] for name in FIELDS if log_data.get(name) is not None}
        return {
            name: self._withheld(said) if isinstance(said, str) else said
            for name, said in shown.items()
        }


class PlainLine(logging.Formatter):
    """Instant, level, logger and words, with the start of the request's id where there is one."""

    def __init__(self, *, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._withheld = Withholding(secrets)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 logging's own name
        line, request = super().formatMessage(record), getattr(record, "request_id", None)
        return f"{line} [{request[:8]}]" if request else line

    def format(self, record: logging.LogRecord) -> str:
        return self._withheld(super().format(record))


class Blame(logging.Filter):
    """What somebody sends us that is refused is no fault of ours: a warning, without our code."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "django.request" and record.levelno == logging.WARNING:
            record.exc_info = None
        if not record.name.startswith("django.security."):
            return True
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = None
        return logging.getLogger().isEnabledFor(logging.WARNING)


FORMATS = {"json": JsonLine, "plain": PlainLine}


def passwords_in(*urls: str) -> list[str]:
    """The password of each address that has one: as it is written there, and as it is meant."""
    written = [parts.password for url in urls if (parts := urlsplit(url)).password]
    return [*written, *map(unquote, written)]


def values_of(*pairs: str) -> list[str]:
    """The second half of each `host=secret`."""
    return [pair.partition("=")[2].strip() for pair in pairs]


def log_settings(*, format_: str, level: str, secrets: list[str]) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, by one handler, each with its request."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request": {
                "()": "django_guid.log_filters.CorrelationId",
                "correlation_id_field": "request_id",
            },
            "blame": {"()": Blame},
        },
        "formatters": {"line": {"()": FORMATS[format_], "secrets": secrets}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["blame", "request"],
            }
        },
        "loggers": {
            "django": {},  # its own handler would say everything twice
            "gunicorn.error": {"propagate": True},
            # Each sign-in is no news, nor that a request has an id.
            "axes": {"level": "WARNING"},
            "django_guid": {"level": "ERROR"},
            # Addresses that we ask, and what is sent along, may hold what is secret; so may SQL.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            "oauthlib": {"level": "WARNING"},
            "django.db.backends": {"level": "INFO"},
            # A task that went well tells by itself what it did.
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
        "root": {"handlers": ["stderr"], "level": level},
    }

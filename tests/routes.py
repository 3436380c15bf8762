"""Every address that Thaw answers at, found by walking its URL patterns; and what to try there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize

from governance.mails import UNSUBSCRIBE_SALT
from governance.models import Condition, Decision, ExceptionRequest, Kind, Notice
from meetings.models import Action, Item, Meeting, Mention, Suggestion
from releases.models import MergeProposal, Milestone, Person
from thaw.models import Token

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
# What somebody puts where a name, a number, a date or words are meant.
HOSTILE = [
    "\0", "a\0b", "9" * 18, "9" * 19, "9" * 40, "-1", "0", "1.5", "NaN", "\u0661\u0662", "\u00b2",
    "..", "../../../../etc/passwd", "%", "%s%n", "%00", "\\", "'", "';--", "\"'><i>mark</i>",
    "{{ 7 }}{% now %}", "\u202egnp", "\ud800", "\N{PILE OF POO}", "x" * 3000, "[" * 500, " ",
    "\r\nX: y", "*", '"', "(", "NEAR(", "a:", "FFE-" + "9" * 30, "FFE-\u0661", "UTC", "\x1f",
    "proposal:github:a/b#1", "https://user@[::1", "http://[", "javascript:alert(1)",
    "//evil.example/", "/\\evil.example", "2011-02-30", "0001-01-01", "9999-12-31",
    "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00_1", "9999-12-31T23:59:59+00:00_1",
    "WyJuZXh0IiwgbnVsbCwgMV0=",
]  # fmt: skip


@dataclass(frozen=True)
class Route:
    """One pattern: its address with `%(name)s` for what varies, and the view behind it."""

    template: str
    names: tuple[str, ...]
    view: Callable[..., Any]

    def url(self, values: dict[str, str]) -> str:
        """The address with these values in it, escaped as they would be sent."""
        return "/" + self.template % {name: escaped(values[name]) for name in self.names}


def escaped(words: str) -> str:
    """For an address: half a character is sent as the bytes that it would be."""
    return quote(words.encode("utf-8", "surrogatepass"), safe="/")


def routes() -> list[Route]:
    """Every pattern, those of the admin included."""
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, before: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        whole = before + pattern.pattern.regex.pattern.removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, whole)
        elif isinstance(pattern, URLPattern):
            for template, names in normalize("^" + whole):
                yield Route(template, tuple(names), pattern.callback)


# Which record a number in an address is of; the first part that fits.
_NUMBERED: tuple[tuple[str, type[Model]], ...] = (
    ("suggestions/", Suggestion), ("actions/", Action), ("items/", Item), ("links/", Mention),
    ("decisions/", Decision), ("milestones/", Milestone), ("proposals/", MergeProposal),
    ("notices/", Notice), ("tokens/", Token), ("people/", Person),
)  # fmt: skip


def real(route: Route) -> dict[str, str]:
    """Names and numbers with which the route leads to records of the demo, where there are some."""
    return {name: _KNOWN.get(name, _number)(route) for name in route.names}


def _slug(route: Route) -> str:
    return (
        _exception().release.slug
        if "releases/" in route.template
        else Meeting.objects.all()[0].slug
    )


def _exception() -> ExceptionRequest:
    return ExceptionRequest.objects.order_by("pk")[0]


def _token() -> str:
    person = Person.objects.order_by("pk")[0]
    return signing.dumps([person.pk, Kind.DECISION], salt=UNSUBSCRIBE_SALT)


def _number(route: Route) -> str:
    if route.template.startswith("admin/"):
        _, app, model, *_ = [*route.template.split("/"), "", ""]
        models = apps.get_app_config(app).models if app in apps.app_configs else {}
        first = models[model]._default_manager.order_by("pk").first() if model in models else None  # noqa: SLF001 any model's
    else:
        model = next((of for part, of in _NUMBERED if part in route.template), Person)
        first = model._default_manager.order_by("pk").first()  # noqa: SLF001 any model's
    return str(first.pk) if first else "1"


_KNOWN: dict[str, Callable[[Route], str]] = {
    "reference": lambda _: _exception().reference,
    "ref": lambda _: _exception().reference,
    "verb": lambda _: "extend",
    "condition": lambda _: str(Condition.objects.filter(exception=_exception())[0].pk),
    "slug": _slug,
    "name": lambda _: MergeProposal.objects.all()[0].public_name,
    "way": lambda _: "again",
    "token": lambda _: _token(),
    "app_label": lambda _: "releases",
    "content_type_id": lambda _: str(ContentType.objects.get_for_model(Person).pk),
}

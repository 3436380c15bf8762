"""Every page there is, and what stands in its HTML."""

from html.parser import HTMLParser

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from tests.thaw.logs import make_meeting


class Html(HTMLParser):
    """What a page holds that a browser might run, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inline: list[str] = []  # scripts, styles and handlers in the page itself
        self.links: list[dict[str, str]] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        if tag == "style" or (tag == "script" and not found.get("src")):
            self.inline.append(f"<{tag}>")
        self.inline += [
            f"<{tag} {name}>" for name in found if name.startswith("on") or name == "style"
        ]
        self.inline += [
            f"<{tag} {name}={value}>"
            for name, value in attrs
            if name in {"href", "src", "action", "formaction"}
            and (value or "").lower().lstrip().startswith(("javascript:", "data:", "vbscript:"))
        ]
        if tag == "a":
            self.links.append(found)


def public_pages() -> list[str]:
    """The address of each public page, with something on it."""
    meeting = make_meeting("#topic Freezes", "#agreed no more features", "see https://example.org")
    return [
        *("/", "/releases/cactus/", "/meetings/", "/nothing/here"),
        meeting.get_absolute_url(),
        f"{meeting.get_absolute_url()}minutes/",
        "/status/",
        "/login/",
        "/admin/login/",
    ]


def registered() -> dict[str, type[Model]]:
    """Every model that the admin shows, by its label, such as `releases.Person`."""
    return {
        f"{app.label}.{model.__name__}": model
        for app in apps.get_app_configs()
        for model in app.get_models()
        if admin.site.is_registered(model)
    }


def admin_url(model: type[Model], page: str, *args: object) -> str:
    """The address of a model's page: changelist, add, change, history or delete."""
    (label,) = (label for label, known in registered().items() if known is model)
    return reverse(f"admin:{label.lower().replace('.', '_')}_{page}", args=args)


def admin_pages() -> list[str]:
    """The pages of the admin: its index, and of every model the list, a new and an old record."""
    pages = ["/admin/", "/admin/password_change/"]
    for label, model in registered().items():
        editable = label.startswith(("releases.", "auth."))
        pages += [admin_url(model, "changelist")]
        pages += [admin_url(model, "add")] if editable else []
        if record := model.objects.first():
            names = ["change", "history", *(["delete"] if editable else [])]
            pages += [admin_url(model, name, record.pk) for name in names]
    return pages

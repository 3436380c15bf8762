"""What anybody can write is shown as it was written and never becomes markup."""

from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils.html import escape

from releases.models import Review
from tests.factories import make_proposal

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "</td></table><script src=//evil.example/x.js></script>",
    "{{ exception.pk }}{% now 'Y' %}%(name)s",
)
OURS = ("/static/", "/admin/jsi18n/")
AWAY = ("javascript:", "data:", "//")
RISKY = {"style", "base", "iframe", "object", "embed"}


class Seen(HTMLParser):
    """What a browser would run or fetch: handlers, inline scripts and styles, sources."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        fields = dict(attrs)
        self.found += [f"{tag}@{name}" for name in fields if name.startswith("on")]
        self.found += [f"{tag}@style" for name in fields if name == "style"]
        for name in ("href", "src", "action", "formaction"):
            if (fields.get(name) or "").strip().lower().startswith(AWAY):
                self.found.append(f"{tag}@{name}={fields[name]}")
        if tag in RISKY or "http-equiv" in fields:
            self.found.append(tag)
        is_data = fields.get("type") == "application/json"
        if tag == "script" and not is_data and not fields.get("src", "").startswith(OURS):
            self.found.append(f"script {fields.get('src', 'inline')}")


def dangers(html):
    seen = Seen()
    seen.feed(html)
    return seen.found


def hostile_exception(scene, words):
    """An exception with those words wherever somebody can write any."""
    scene.jun.name = scene.thea.name = scene.ondine.name = scene.nova.name = words
    scene.release.name = scene.freeze.name = scene.gamma.name = words
    for record in (scene.jun, scene.thea, scene.ondine, scene.nova, scene.release):
        record.save()
    scene.freeze.save()
    scene.gamma.save()
    proposal = make_proposal(title=words, key=words, author=scene.jun, project=scene.nova)
    Review.objects.create(
        proposal=proposal, reviewer=scene.ondine, verdict="approve", at=scene.now, comment=words
    )
    exception = scene.ask(
        title=words,
        proposals=[proposal],
        project=scene.nova,
        why_now=words,
        risk_of_landing=words,
        risk_of_not_landing=words,
        testing=words,
        quote=words,
        source_url="https://example.org/" + words.replace(" ", ""),
    )
    scene.grant(
        exception,
        expires=scene.gamma,
        rationale=words,
        quote=words,
        over_budget=words,
        conditions=[words, f"{words} too"],
    )
    exception.conditions.first().confirm(by=scene.ondine, at=scene.now)
    return exception


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_shown_as_words_on_every_page(words, scene, sign_in):
    client = sign_in(scene.thea)
    exception = hostile_exception(scene, words)
    waiting = scene.ask(title=words)
    args = [exception.pk]
    pages = {
        "list": "/admin/governance/exceptionrequest/",
        "page": reverse("admin:governance_exceptionrequest_change", args=args),
        "form": reverse("admin:governance_exceptionrequest_decide", args=[*args, "extend"]),
        "ask": "/admin/governance/exceptionrequest/add/",
        "ledger": "/admin/governance/decision/",
        "decision": reverse(
            "admin:governance_decision_change", args=[exception.decisions.first().pk]
        ),
        "move": reverse("admin:milestone_move", args=[scene.gamma.pk]),
        "reclassify": reverse("admin:proposal_reclassify", args=[exception.proposals.get().pk]),
        "exceptions": "/exceptions/",
        "exception": exception.get_absolute_url(),
        "waiting": waiting.get_absolute_url(),
        "home": "/",
    }
    found, shown = {}, {}
    for name, url in pages.items():
        answer = client.get(url)
        assert (name, answer.status_code) == (name, 200)
        html = answer.content.decode()
        found[name] = dangers(html)
        shown[name] = (escape(words) in html, words in html)
    assert found == {key: [] for key in pages}
    assert shown == dict.fromkeys(pages, (True, False))


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_come_back_as_words_on_a_form_and_in_its_messages(words, scene, sign_in):
    client = sign_in(scene.thea)
    exception = scene.ask(title=words)
    url = reverse("admin:governance_exceptionrequest_decide", args=[exception.pk, "deny"])
    refused = client.post(url, {"rationale": words, "source_url": words, "quote": words})
    assert refused.status_code == 200
    done = client.post(url, {"rationale": words, "quote": words}, follow=True)
    assert done.redirect_chain != []
    add = "/admin/governance/exceptionrequest/add/"
    asked = client.post(add, {"proposals": words, "title": words})
    assert asked.status_code == 200
    asked_for = client.post(
        add,
        {
            "release": scene.release.pk,
            "freeze": scene.freeze.pk,
            "project": scene.nova.pk,
            "title": words,
            "why_now": words,
        },
        follow=True,
    )
    assert asked_for.redirect_chain != []
    answers = (refused, done, asked, asked_for)
    assert [dangers(answer.content.decode()) for answer in answers] == [[], [], [], []]


def test_a_source_leads_away_without_our_address_or_our_credit(scene, client):
    exception = scene.ask(source_url="https://example.org/mail/1")
    html = client.get(exception.get_absolute_url()).content.decode()
    assert '<a href="https://example.org/mail/1" rel="nofollow noopener">' in html


def test_no_new_page_of_the_admin_has_a_script_or_style_of_its_own(scene, sign_in):
    client = sign_in(scene.thea)
    exception = scene.grant(conditions=["nova-core review"])
    chosen = {"action": "land", "index": 0, "_selected_action": [exception.pk]}
    decide = "admin:governance_exceptionrequest_decide"
    answers = {
        "list": client.get("/admin/governance/exceptionrequest/"),
        "ask": client.get("/admin/governance/exceptionrequest/add/"),
        "page": client.get(f"/admin/governance/exceptionrequest/{exception.pk}/change/"),
        "extend": client.get(reverse(decide, args=[exception.pk, "extend"])),
        "many": client.post("/admin/governance/exceptionrequest/", chosen),
        "move": client.get(reverse("admin:milestone_move", args=[scene.gamma.pk])),
    }
    assert {name: dangers(answer.content.decode()) for name, answer in answers.items()} == (
        {key: [] for key in answers}
    )
    assert {
        "script-src 'self'" in answer.headers["Content-Security-Policy"]
        for answer in answers.values()
    } == {True}

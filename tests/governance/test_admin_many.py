"""Deciding on many exceptions at once: one form, and one line for each result."""

import re

import pytest

from governance.models import Decision, ExceptionRequest
from tests.factories import make_milestone, make_proposal, make_release, utc

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("that_morning")]

LIST = "/admin/governance/exceptionrequest/"
FRIDAY = {"deadline": "2011-04-01 00:00 Pacific/Honolulu"}
VERBS = "grant deny defer extend refuse-extension revoke withdraw land revert reopen".split()


@pytest.fixture
def manager(scene, sign_in):
    return sign_in(scene.thea)


def choose(client, verb, exceptions, *, url=LIST, **fields):
    """What the list posts when exceptions are ticked and an action is chosen."""
    ticked = [exception.pk for exception in exceptions]
    return client.post(url, {"action": verb, "index": 0, "_selected_action": ticked} | fields)


def hidden(html):
    """The form's hidden fields, as a browser would post them."""
    form = html[html.index('<form method="post">') :]
    form = form[: form.index("</form>")]
    fields = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form):
        fields.setdefault(name, []).append(value)
    del fields["csrfmiddlewaretoken"]
    return fields


def decide(client, verb, exceptions, *, url=LIST, **said):
    """Choose, then fill in the form that comes, and send it."""
    form = choose(client, verb, exceptions, url=url)
    posted = hidden(form.content.decode()) | {"rationale": "We say so."} | said
    return client.post(url, posted, follow=True)


def told(answer):
    return [(message.level_tag, str(message)) for message in answer.context["messages"]]


def stored():
    return list(ExceptionRequest.objects.values()), list(Decision.objects.values())


def test_the_actions_are_the_verbs_in_sentences_and_none_deletes(scene, manager):
    scene.ask()
    form = manager.get(LIST).context["action_form"]
    assert form.fields["action"].choices == [
        ("", "---------"),
        ("grant", "Grant the selected exceptions"),
        ("deny", "Deny the selected exceptions"),
        ("defer", "Defer the selected exceptions"),
        ("extend", "Extend the selected exceptions"),
        ("refuse-extension", "Refuse to extend the selected exceptions"),
        ("revoke", "Revoke the selected exceptions"),
        ("withdraw", "Withdraw the selected exceptions"),
        ("land", "Call the selected exceptions landed"),
        ("revert", "Call the selected exceptions reverted"),
        ("reopen", "Reopen the selected exceptions"),
    ]


@pytest.mark.parametrize("verb", VERBS)
def test_choosing_shows_one_form_for_all_and_decides_nothing(verb, scene, manager):
    exceptions = [scene.ask(title=title) for title in ("Volumes", "Console")]
    before = stored()
    answer = choose(manager, verb, exceptions)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert hidden(html) == {
        "action": [verb],
        "decided": ["1"],
        "_selected_action": [str(exception.pk) for exception in exceptions],
    }
    for exception in exceptions:
        assert f"{exception}</a>: undecided" in html
    assert answer.context["title"] == f"{verb.replace('-', ' ').capitalize()}: 2 exceptions"
    assert stored() == before


def test_each_result_has_its_line_failures_beside_successes(scene, manager):
    first, landed, second = scene.grant(), scene.grant(), scene.grant()
    scene.decide(landed, "land")
    html = choose(manager, "revoke", [first, landed]).content.decode()
    assert (html.count(": granted, until"), html.count(": landed; its deadline was")) == (1, 1)
    answer = decide(manager, "revoke", [second, landed, first])
    assert answer.redirect_chain == [(LIST, 302)]
    assert told(answer) == [
        ("success", f"{first.reference}: revoked."),
        (
            "error",
            (
                f"{landed.reference} is landed; “revoke” is for one that is granted. Somebody may"
                " have decided meanwhile: reload it."
            ),
        ),
        ("success", f"{second.reference}: revoked."),
    ]
    assert list(ExceptionRequest.objects.order_by("pk").values_list("status", flat=True)) == [
        "revoked",
        "landed",
        "revoked",
    ]


def test_many_are_granted_until_one_deadline_on_one_condition(scene, manager):
    exceptions = [scene.ask(), scene.ask()]
    answer = decide(manager, "grant", exceptions, **FRIDAY, conditions="nova-core review")
    assert told(answer) == [
        ("success", f"{exception.reference}: granted until 2011-04-01 10:00 UTC.")
        for exception in exceptions
    ]
    for exception in ExceptionRequest.objects.all():
        assert (exception.status, exception.expires_at) == ("granted", utc(2011, 4, 1, 10))
        assert [str(condition) for condition in exception.conditions.all()] == ["nova-core review"]


def test_the_budget_is_counted_one_by_one(scene, manager):
    scene.release.budgets.create(project=scene.nova, limit=1)
    first, second = scene.ask(), scene.ask()
    answer = decide(manager, "grant", [first, second], **FRIDAY)
    assert told(answer) == [
        ("success", f"{first.reference}: granted until 2011-04-01 10:00 UTC."),
        (
            "error",
            (
                f"{second.reference}: Nova has 1 exception standing and a budget of 1. Say why"
                " this one goes beyond it."
            ),
        ),
    ]


def test_a_form_not_filled_in_is_shown_again_with_all_that_were_chosen(scene, manager):
    exceptions = [scene.ask(), scene.ask()]
    before = stored()
    answer = decide(manager, "grant", exceptions, rationale="")
    assert (answer.status_code, answer.redirect_chain) == (200, [])
    assert {name: list(said) for name, said in answer.context["form"].errors.items()} == {
        "rationale": ["This field is required."],
        "deadline": ["Say until when."],
    }
    assert hidden(answer.content.decode())["_selected_action"] == [
        str(exception.pk) for exception in exceptions
    ]
    assert stored() == before


def test_exceptions_of_two_releases_are_not_decided_together(scene, manager):
    elsewhere = make_release()
    freeze = make_milestone(release=elsewhere, blocks=["feature"])
    other = scene.ask(release=elsewhere, freeze=freeze, proposals=[make_proposal()])
    exceptions = [scene.ask(), other]
    before = stored()
    chosen = {"action": "deny", "_selected_action": [e.pk for e in exceptions]}
    for posted in ({"index": 0}, {"decided": 1, "rationale": "We say so."}):
        answer = manager.post(LIST, chosen | posted, follow=True)
        assert told(answer) == [
            ("error", "Choose exceptions of one release: deadlines have its zone.")
        ]
    assert stored() == before


@pytest.mark.parametrize("who", ["ondine", "nobody"])
def test_who_has_no_right_is_told_so_for_each(who, scene, sign_in):
    client = sign_in(scene.ondine) if who == "ondine" else sign_in(is_superuser=True)
    exceptions = [scene.ask(), scene.ask()]
    before = stored()
    words = {
        "ondine": "Ondine may not deny {}: ask a release manager.",
        "nobody": "{}: The login nobody belongs to no person, and every decision has one: choose it"
        " on a person's page under People.",
    }
    assert told(decide(client, "deny", exceptions)) == [
        ("error", words[who].format(exception.reference)) for exception in exceptions
    ]
    assert stored() == before


def test_who_asked_for_one_of_two_withdraws_that_one(scene, sign_in):
    own, other = scene.ask(), scene.ask(by=scene.ondine)
    decide(sign_in(scene.jun), "withdraw", [own, other])
    assert list(ExceptionRequest.objects.order_by("pk").values_list("status", flat=True)) == [
        "withdrawn",
        "requested",
    ]


def test_all_on_the_list_are_chosen_at_once(scene, manager):
    exceptions = [scene.ask(), scene.ask(), scene.ask()]
    form = choose(manager, "deny", exceptions[:1], select_across=1)
    assert hidden(form.content.decode())["_selected_action"] == [str(e.pk) for e in exceptions]


def test_what_left_the_filtered_list_meanwhile_has_its_line_too(scene, manager):
    first, second = scene.ask(), scene.ask()
    url = f"{LIST}?standing=undecided"
    posted = hidden(choose(manager, "grant", [first, second], url=url).content.decode())
    scene.decide(second, "deny")
    answer = manager.post(url, posted | FRIDAY | {"rationale": "We say so."}, follow=True)
    assert told(answer) == [
        ("success", f"{first.reference}: granted until 2011-04-01 10:00 UTC."),
        (
            "error",
            (
                f"{second.reference} is denied; “grant” is for one that is undecided. Somebody may"
                " have decided meanwhile: reload it."
            ),
        ),
    ]


def test_when_all_left_the_filtered_list_meanwhile_it_is_said(scene, manager):
    exception = scene.ask()
    url = f"{LIST}?standing=undecided"
    posted = hidden(choose(manager, "grant", [exception], url=url).content.decode())
    scene.decide(exception, "deny")
    before = stored()
    answer = manager.post(url, posted | FRIDAY | {"rationale": "We say so."}, follow=True)
    assert [level for level, _ in told(answer)] == ["error"]
    assert stored() == before


def test_what_was_ticked_and_is_not_there_does_no_harm(scene, manager):
    scene.ask()
    before = stored()
    answer = manager.post(
        LIST, {"action": "deny", "index": 0, "_selected_action": [99999]}, follow=True
    )
    assert answer.status_code == 200
    assert stored() == before


@pytest.mark.parametrize("verb", ["expire", "request", "delete_selected", "record", ""])
def test_what_is_no_verb_is_no_action(verb, scene, manager):
    exception = scene.grant()
    before = stored()
    answer = manager.post(
        LIST,
        {"action": verb, "_selected_action": [exception.pk], "decided": 1, "rationale": "x"},
        follow=True,
    )
    assert told(answer) == [("warning", "No action selected.")]
    assert stored() == before


def test_a_forged_status_beside_the_form_changes_nothing_else(scene, manager):
    exception = scene.ask()
    decide(manager, "deny", [exception], status="granted", title="forged", expires_at="2031-01-01")
    assert list(ExceptionRequest.objects.values_list("status", "title", "expires_at")) == [
        ("denied", "Volumes through the API", None)
    ]

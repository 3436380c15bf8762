"""The command, the tasks and the form: where the clock and the settings are read."""

import re

import pytest
from django.core.management import CommandError, call_command

from governance.forms import AskForm
from governance.models import ExceptionRequest
from governance.tasks import fill_in, sync_proposals
from releases.models import ForgeStatus, MergeProposal
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_proposal,
    make_release,
    utc,
)
from tests.forges.server import Reply, shape

pytestmark = pytest.mark.django_db

GITHUB = "https://github.com/kubernetes/kubernetes/pull/134345"


@pytest.fixture
def github(forge, settings):
    """The settings of a developer who runs a forge on this machine."""
    settings.DEBUG = True
    settings.FORGE_HOSTS = ["github.com=github"]
    settings.FORGE_BASE_URLS = [f"github.com={forge.url}"]
    settings.FORGE_PRIVATE_HOSTS = ["github.com"]
    forge.play(shape("github"))
    return forge


@pytest.fixture
def run(capsys):
    def run(*arguments):
        try:
            call_command("sync_proposals", *arguments)
            status = 0
        except SystemExit as ended:
            status = ended.code
        except CommandError as error:
            return error.returncode, str(error), ""
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_proposal_that_is_named_is_entered_and_filled_in(github, run):
    status, out, err = run(GITHUB)
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "1 of 1 proposal asked for: 1 changed, 0 unchanged, 0 without an answer.",
        "Restart all containers: approved, not merged",
    ]


def test_a_round_asks_for_what_is_due_and_all_for_every_unfinished_one(github, run):
    run(GITHUB)
    assert run()[1].startswith("0 of 0 proposals")
    assert run("--all")[1].startswith("1 of 1 proposal asked for: 0 changed, 1 unchanged")


def test_what_was_not_answered_is_told_with_the_reason(github, run):
    github.replies.clear()
    status, out, _ = run(GITHUB)
    assert status == 1
    assert out.splitlines()[1] == "github.com does not know it, or does not show it to us."
    make_proposal()
    status, _, err = run()
    words = (
        "launchpad.net: 1 not asked for; it is not in FORGE_HOSTS, or rests, or is being asked by"
        " another round.\n"
    )
    assert (status, err) == (1, words)
    github.always = Reply({}, 500)
    MergeProposal.objects.update(asked_at=None)
    MergeProposal.objects.filter(forge="launchpad").delete()
    for number in (1, 2, 3):
        run(f"https://github.com/o/r/pull/{number}")
    assert ForgeStatus.objects.get().failures == 0  # once each is no failure of the host


def test_words_that_name_no_proposal_are_refused_before_anything_is_asked(github, run):
    status, words, _ = run(GITHUB, "https://example.org/")
    assert (status, words, github.asked) == (
        2,
        (
            "“https://example.org/” is no address of a merge proposal."
            " Give the one at which its forge shows it."
        ),
        [],
    )


def test_the_task_of_a_round_asks_and_lands(github):
    freeze = make_freeze(release=make_release(), at=utc(2025, 10, 1))
    stub = MergeProposal.objects.from_reference(shape("github")["reference"])
    exception = make_exception(
        freeze=freeze,
        proposals=[stub],
        at=utc(2025, 10, 2),
        by=make_manager(),
    )
    exception.grant(
        by=make_manager(), at=utc(2025, 10, 3), expires=utc(2025, 11, 8), rationale="Agreed."
    )
    pull = next(iter(github.replies))
    merged = shape("github")["answers"][pull] | {"merged_at": "2025-11-07T10:00:00Z"}
    github.replies[pull] = Reply(merged)
    sync_proposals()
    assert ExceptionRequest.objects.get().status == "landed"


def test_an_address_in_a_request_has_a_worker_ask_about_it_once_it_is_committed(
    github, django_capture_on_commit_callbacks
):
    freeze = make_freeze(release=make_release())
    answers = {
        "release": freeze.release.pk,
        "freeze": freeze.pk,
        "title": "Restart",
        "proposals": GITHUB,
        "why_now": "Users wait.",
    }
    form = AskForm(answers, at=utc(2025, 10, 2))
    assert form.is_valid(), form.errors
    with django_capture_on_commit_callbacks() as waiting:
        form.apply(by=make_manager(), at=utc(2025, 10, 2))
    stub = MergeProposal.objects.get()
    assert len(waiting) == 1
    assert github.asked == []
    fill_in([stub.pk])
    stub.refresh_from_db()
    assert (stub.title, stub.author.name, stub.state) == (
        "Restart all containers",
        "jun",
        "approved",
    )


def test_what_was_asked_about_already_is_not_nudged_again(django_capture_on_commit_callbacks):
    freeze = make_freeze(release=make_release())
    known = make_proposal(asked_at=utc(2025, 10, 1))
    answers = {
        "release": freeze.release.pk,
        "freeze": freeze.pk,
        "title": "Again",
        "proposals": known.url,
        "why_now": "Users wait.",
    }
    form = AskForm(answers, at=utc(2025, 10, 2))
    assert form.is_valid()
    with django_capture_on_commit_callbacks() as waiting:
        form.apply(by=make_manager(), at=utc(2025, 10, 2))
    assert waiting == []


def test_nothing_secret_is_logged(github, settings, caplog, run):
    settings.FORGE_TOKENS = ["github.com=s3cret"]
    github.replies.clear()
    github.always = Reply({}, 500)
    for number in range(1, 5):
        make_proposal(
            forge="github", key=f"o/r#{number}", url=f"https://github.com/o/r/pull/{number}"
        )
    _, out, err = run()
    assert re.search(r"github\.com answered with status 500", err)
    assert {headers["Authorization"] for _, headers in github.asked} == {"Bearer s3cret"}
    assert "s3cret" not in out + err + caplog.text

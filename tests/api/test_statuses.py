"""The gate's answer as a status of a commit, told to a forge over real HTTP."""

import json
import time
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from governance import statuses
from governance.models import CommitStatus
from releases.host_settings import refuse_misspelt
from tests.api.receiver import receiving
from tests.factories import make_proposal

COMMIT = "0123456789abcdef"


@pytest.fixture
def forge(settings):
    settings.DEBUG = True
    settings.STATUS_TOKENS = ["github.com=gh-token", "gitlab.com=gl-token"]
    with receiving(201) as receiver:
        settings.STATUS_BASE_URLS = [
            f"github.com={receiver.origin}", f"gitlab.com={receiver.origin}/api/v4",
        ]  # fmt: skip
        yield receiver


def pull(scene, number=12):
    return make_proposal(
        forge="github",
        key=f"openstack/nova#{number}",
        url=f"https://github.com/openstack/nova/pull/{number}",
        release=scene.release,
        project=scene.nova,
    )


def round_at(at):
    return dict(statuses.report(clock=lambda: at))


def heard(forge):
    return [json.loads(body)["state"] for _, body in forge.heard]


def test_a_pull_request_is_told_what_the_gate_says_and_each_change_of_it(scene, forge):
    proposal = pull(scene)
    statuses.follow(proposal, commit=COMMIT, host="github.com", at=scene.now)
    assert round_at(scene.now) == {"status sent": 1}
    assert round_at(scene.now) == {}
    exception = scene.grant(scene.ask(proposals=[proposal]))
    assert round_at(scene.now) == {"status sent": 1}
    assert round_at(scene.until) == {"status sent": 1}
    assert heard(forge) == ["failure", "success", "failure"]
    headers, body = forge.heard[1]
    assert headers["Authorization"] == "Bearer gh-token"
    assert json.loads(body) == {
        "state": "success",
        "context": "thaw/freeze",
        "description": f"{exception.reference} stands until Fri 1 April 2011 10:00 UTC; granted"
        " by Thea, Wed 30 March 2011 09:00 UTC.",
        "target_url": f"http://127.0.0.1:8000/exceptions/{exception.reference}/",
    }


def test_a_new_commit_is_told_too_and_what_has_merged_is_left_alone(scene, forge):
    proposal = pull(scene)
    for commit in (COMMIT, COMMIT, "f" * 40):
        statuses.follow(proposal, commit=commit, host="github.com", at=scene.now)
        round_at(scene.now)
    assert len(forge.heard) == 2
    proposal.state = "merged"
    proposal.save()
    scene.grant(scene.ask(proposals=[proposal]))
    assert round_at(scene.now) == {}


def test_gitlab_is_told_in_its_own_way(scene, forge):
    proposal = make_proposal(
        forge="gitlab",
        key="debian/nova!7",
        url="https://gitlab.com/debian/nova/-/merge_requests/7",
        release=scene.release,
    )
    statuses.follow(proposal, commit=COMMIT, host="gitlab.com", at=scene.now)
    assert round_at(scene.now) == {"status sent": 1}
    assert (heard(forge), forge.heard[0][0]["PRIVATE-TOKEN"]) == (["failed"], "gl-token")


def test_a_forge_that_fails_is_told_later(scene, forge):
    forge.answers = [500, 201]
    statuses.follow(pull(scene), commit=COMMIT, host="github.com", at=scene.now)
    assert round_at(scene.now) == {"status failed": 1}
    assert round_at(scene.now + timedelta(seconds=29)) == {}
    assert round_at(scene.now + timedelta(seconds=30)) == {"status sent": 1}


@pytest.mark.parametrize(
    ("way", "ends"),
    [("stall", "status failed"), ("drip", "status failed"), ("flood", "status sent")],
)
def test_a_forge_holds_nobody_up_however_it_answers(way, ends, scene, forge, monkeypatch):
    monkeypatch.setattr(statuses, "PATIENCE", 0.5)
    forge.answers = [way]
    statuses.follow(pull(scene), commit=COMMIT, host="github.com", at=scene.now)
    began = time.monotonic()
    assert round_at(scene.now) == {ends: 1}
    assert time.monotonic() - began < 5
    if ends == "status failed":
        assert CommitStatus.objects.get().detail == "There was no answer within 0.5 seconds."


def test_nothing_is_followed_without_a_token_or_a_commit(scene, settings):
    settings.STATUS_TOKENS = ["gitlab.com=x"]
    statuses.follow(pull(scene), commit=COMMIT, host="github.com", at=scene.now)
    settings.STATUS_TOKENS = ["github.com=x"]
    for commit in ("", "abc", "../../x" * 3, "a" * 65):
        statuses.follow(pull(scene, 1), commit=commit, host="github.com", at=scene.now)
        scene.release.proposals.filter(key="openstack/nova#1").delete()
    assert not CommitStatus.objects.exists()


def test_a_token_goes_over_encryption_alone_or_nothing_starts(settings):
    settings.DEBUG = False
    settings.STATUS_BASE_URLS = ["github.com=http://127.0.0.1:9"]
    told = "STATUS_BASE_URLS: the address of github.com must begin with https://."
    with pytest.raises(ImproperlyConfigured, match=told):
        refuse_misspelt()

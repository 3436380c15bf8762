"""What forges tell: signed, read, and heeded once; all else changes nothing."""

import hashlib
import hmac
import json

import pytest

from governance.models import SeenEvent
from releases.models import MergeProposal
from tests.factories import make_project, make_proposal, utc

SECRET = "a shared secret"
NOW = utc(2011, 3, 30, 9)


@pytest.fixture(autouse=True)
def secrets(settings, time_machine):
    settings.FORGE_SECRETS = [
        f"{host}={SECRET}" for host in ("github.com", "gitlab.com", "review.opendev.org")
    ]
    time_machine.move_to(NOW, tick=False)


def pull(**fields):
    pull = {
        "html_url": "https://github.com/openstack/nova/pull/12",
        "title": "Volumes",
        "state": "open",
        "draft": False,
        "merged": False,
        "merged_at": None,
        "updated_at": "2011-03-30T08:00:00Z",
        "head": {"ref": "volumes", "sha": "a" * 40},
    }
    repository = {"html_url": "https://github.com/openstack/nova"}
    return {"action": "edited", "pull_request": pull | fields, "repository": repository}


def merge(**fields):
    merge = {
        "url": "https://gitlab.com/debian/nova/-/merge_requests/7",
        "title": "Volumes",
        "state": "opened",
        "updated_at": "2011-03-30 08:00:00 UTC",
        "source_branch": "volumes",
        "last_commit": {"id": "a" * 40},
    }
    return {
        "object_kind": "merge_request",
        "project": {"web_url": "https://gitlab.com/debian/nova"},
        "object_attributes": merge | fields,
    }


def change(**fields):
    change = {
        "url": "https://review.opendev.org/c/openstack/nova/+/803322",
        "subject": "Volumes",
        "status": "NEW",
        "topic": "volumes",
    }
    at = int(utc(2011, 3, 30, 8).timestamp())
    return {"type": "patchset-created", "eventCreatedOn": at, "change": change | fields}


def signed(forge, body, secret=SECRET, at=NOW):
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if forge == "github":
        return {"X-Hub-Signature-256": f"sha256={digest}"}
    if forge == "gitlab":
        return {"X-Gitlab-Token": secret}
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Thaw-Timestamp": stamp, "X-Thaw-Signature": f"v1={digest}"}


def send(client, forge, said, **how):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = how.pop("headers", None) or signed(forge, body, **how)
    return client.post(f"/hooks/{forge}/", body, content_type="application/json", headers=headers)


FORGES = {
    "github": (pull, "openstack/nova#12", {"state": "closed", "merged": True}),
    "gitlab": (merge, "debian/nova!7", {"state": "merged"}),
    "gerrit": (change, "review.opendev.org/803322", {"status": "MERGED"}),
}


def known(forge, key):
    return make_proposal(forge=forge, key=key, url="https://example.org/x", project=make_project())


@pytest.mark.parametrize("forge", FORGES)
def test_an_event_updates_the_proposal_that_it_is_of(db, client, forge):
    said, key, merged = FORGES[forge]
    proposal = known(forge, key)
    assert send(client, forge, said()).json() == {"detail": f"{proposal.target} is open."}
    proposal.refresh_from_db()
    assert (proposal.title, proposal.branch, proposal.state) == ("Volumes", "volumes", "open")
    later = {"updated_at": "2011-03-30T08:30:00Z", "merged_at": "2011-03-30T08:30:00Z"}
    event = (
        said(**merged | later)
        if forge != "gerrit"
        else said(**merged) | {"eventCreatedOn": int(utc(2011, 3, 30, 8, 30).timestamp())}
    )
    send(client, forge, event)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.merged_at) == ("merged", utc(2011, 3, 30, 8, 30))


FORGED = [(forge, how) for forge in FORGES for how in ("wrong", "none", "of another body")]
FORGED.remove(("gitlab", "of another body"))  # it sends its secret and signs no body


@pytest.mark.parametrize(("forge", "how"), FORGED)
def test_a_forged_event_changes_nothing(db, client, forge, how):
    said, key, _ = FORGES[forge]
    proposal = known(forge, key)
    ways = {
        "wrong": {"secret": "another"},
        "none": {"headers": {"X-Nothing": "x"}},
        "of another body": {"headers": signed(forge, b"{}")},
    }
    assert send(client, forge, said(), **ways[how]).status_code == 401
    proposal.refresh_from_db()
    assert proposal.title == ""
    assert not SeenEvent.objects.exists()


def test_a_replayed_event_changes_nothing(db, client):
    proposal = known("github", "openstack/nova#12")
    body = json.dumps(pull()).encode()
    headers = signed("github", body)
    send(client, "github", body, headers=headers | {"X-GitHub-Delivery": "1"})
    proposal.refresh_from_db()
    MergeProposal.objects.update(title="Later")
    for number in "12":  # which nobody signs
        again = send(client, "github", body, headers=headers | {"X-GitHub-Delivery": number})
        assert again.json()["detail"] == "It was taken before."
    older = pull(title="Older", updated_at="2011-03-30T07:00:00Z")
    says = send(client, "github", older).json()["detail"]
    assert says == "Something later is known of it already."
    proposal.refresh_from_db()
    assert proposal.title == "Later"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_what_was_signed_too_long_ago_is_refused(db, client, minutes):
    at = utc(2011, 3, 30, 9 if minutes > 0 else 8, minutes % 60)
    known("gerrit", "review.opendev.org/803322")
    assert send(client, "gerrit", change(), at=at).status_code == 401


def test_a_repository_that_nobody_follows_is_ignored(db, client):
    says = send(client, "github", pull()).json()["detail"]
    assert says == "Nothing of this repository is followed here."
    assert not MergeProposal.objects.exists()


def test_a_new_proposal_of_a_known_repository_is_entered_in_its_project(db, client):
    first = known("github", "openstack/nova#3")
    known("github", "openstack/nova-docs#4")
    send(client, "github", pull())
    entered = MergeProposal.objects.get(key="openstack/nova#12")
    assert (entered.project, entered.title) == (first.project, "Volumes")


@pytest.mark.parametrize("forge", FORGES)
@pytest.mark.parametrize(
    "said", [b"", b"{", b"[]", b'"x"', b"[" * 100_000, b"\xff", b"{}", b'{"pull_request": 5}']
)
def test_what_is_no_event_is_refused_and_of_a_stranger_not_even_read(db, client, forge, said):
    assert send(client, forge, said).status_code in {400, 401}
    answer = send(client, forge, said, secret="another")
    assert (answer.status_code, answer.json()["detail"]) == (
        401,
        "It is not signed with the secret of any host that is known here.",
    )


@pytest.mark.parametrize(
    "spoilt",
    [
        pull(html_url="https://github.com/openstack/nova"),
        pull(updated_at="yesterday"),
        pull(updated_at="2011-03-30T08:00:00"),
        pull(head=None),
        pull(title={"a": 1}, updated_at=5),
    ],
)
def test_an_event_with_a_part_missing_is_refused_in_words(db, client, spoilt):
    known("github", "openstack/nova#12")
    answer = send(client, "github", spoilt)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("This is no event of github as we know them")


@pytest.mark.parametrize("second", [2**56, 2**70, -(2**62)])  # each is another error
def test_an_event_of_no_time_that_there_is_is_refused_in_words(second, db, client):
    known("gerrit", "review.opendev.org/803322")
    answer = send(client, "gerrit", change() | {"eventCreatedOn": second})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("This is no event of gerrit as we know them")


def test_whoever_speaks_for_one_host_speaks_for_no_other(db, client):
    proposal = known("gerrit", "review.opendev.org/803322")
    elsewhere = pull(html_url="https://review.opendev.org/c/openstack/nova/+/803322")
    assert send(client, "github", elsewhere).status_code == 400
    proposal.refresh_from_db()
    assert proposal.title == ""


def test_a_title_holds_what_a_database_can_hold(db, client):
    proposal = known("github", "openstack/nova#12")
    send(client, "github", json.dumps(pull(title="a\0b\ud800c\u202e" + "x" * 999)).encode())
    proposal.refresh_from_db()
    assert (proposal.title[:9], len(proposal.title)) == ("a b c xxx", 255)


def test_an_event_that_is_too_long_is_not_read(db, client):
    body = b"x" * (2 * 1024 * 1024 + 1)
    assert send(client, "github", body).status_code == 413


def test_other_events_are_none_of_ours(db, client):
    said = {"zen": "x", "repository": {"html_url": "https://github.com/openstack/nova"}}
    assert send(client, "github", said).status_code == 200
    assert client.get("/hooks/github/").status_code == 405

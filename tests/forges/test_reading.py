"""Each forge answers over HTTP with the documents it documents; out comes the same snapshot."""

import asyncio
from datetime import UTC

import pytest

from releases.forges import Session, Unreadable, fetch
from releases.references import parse_reference
from tests.forges.server import HOSTS, NAMES, Reply, shape


def told(snapshot):
    """A snapshot as the recorded shapes write it down."""

    def z(at):
        return at and at.astimezone(UTC).isoformat().replace("+00:00", "Z")

    return {
        "title": snapshot.title,
        "author": snapshot.author.handle,
        "source_branch": snapshot.source_branch,
        "target_branch": snapshot.target_branch,
        "state": snapshot.state,
        "reviews": [[r.reviewer.handle, r.verdict, z(r.at)] for r in snapshot.reviews],
        "approved_at": z(snapshot.approved_at),
        "merged_at": z(snapshot.merged_at),
        "updated_at": z(snapshot.updated_at),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_answer_is_read_as_the_snapshot_beside_it(name, forge):
    recorded = shape(name)
    forge.play(recorded)
    snapshot = fetch(recorded["reference"], access=forge.access(*HOSTS))
    assert told(snapshot) == recorded["snapshot"]
    assert forge.paths == list(recorded["answers"])


def test_who_has_no_user_name_at_gerrit_is_a_number_and_never_a_mail_address(forge):
    recorded = shape("gerrit")
    (change,) = recorded["answers"].values()
    for account in (change["owner"], *change["labels"]["Code-Review"]["all"]):
        account.pop("username", None)
        account["email"] = "somebody@example.org"
    forge.play(recorded)
    snapshot = fetch(recorded["reference"], access=forge.access(*HOSTS))
    assert (snapshot.author.handle, snapshot.author.name) == ("11", "Jun Ito")
    assert {review.reviewer.handle for review in snapshot.reviews} == {"12", "13"}
    assert "@" not in repr(snapshot)


@pytest.mark.parametrize("name", NAMES)
def test_what_has_not_changed_is_told_without_its_documents(name, forge):
    recorded = shape(name)
    forge.play(recorded)

    async def twice():
        async with Session(forge.access(*HOSTS)) as session:
            first = await session.fetch(recorded["reference"])
            asked = len(forge.asked)
            again = await session.fetch(recorded["reference"], first.validators)
            return first, again, forge.asked[asked:]

    first, again, asked = asyncio.run(twice())
    assert (first.snapshot is None, again.snapshot, again.validators) == (
        False,
        None,
        first.validators,
    )
    assert all(headers["If-None-Match"] for _, headers in asked)


def test_where_one_document_of_two_has_changed_both_are_read(forge):
    recorded = shape("github")
    forge.play(recorded)
    _, reviews = recorded["answers"]

    async def twice():
        async with Session(forge.access(*HOSTS)) as session:
            first = await session.fetch(recorded["reference"])
            forge.replies[reviews] = Reply([], headers={"ETag": '"other"'})
            return await session.fetch(recorded["reference"], first.validators)

    again = asyncio.run(twice())
    assert (again.snapshot.title, again.snapshot.state, again.snapshot.reviews) == (
        "Restart all containers",
        "open",
        (),
    )
    assert again.validators[reviews] == '"other"'


STATES = [
    ("github", {"merged_at": "2025-11-06T10:00:00Z"}, "merged"),
    ("github", {"state": "closed"}, "rejected"),
    ("github", {"draft": True}, "draft"),
    ("gitlab", {"state": "merged", "merged_at": "2025-09-08T10:00:00Z"}, "merged"),
    ("gitlab", {"state": "closed"}, "rejected"),
    ("gitlab", {"work_in_progress": True}, "draft"),
    ("gitlab", {"state": "locked"}, "approved"),
    ("forgejo", {"merged": False}, "rejected"),
    ("forgejo", {"merged": False, "state": "open", "draft": True}, "draft"),
    ("forgejo", {"merged": False, "state": "open"}, "approved"),
    ("gerrit", {"status": "NEW"}, "approved"),
    ("gerrit", {"status": "NEW", "work_in_progress": True}, "draft"),
    ("gerrit", {"status": "ABANDONED"}, "rejected"),
    ("gerrit", {"status": "DRAFT"}, "draft"),
    *(
        ("launchpad", {"queue_status": status}, state)
        for status, state in [
            ("Needs review", "open"),
            ("Approved", "approved"),
            ("Rejected", "rejected"),
            ("Code failed to merge", "approved"),
            ("Queued", "approved"),
            ("Superseded", "superseded"),
        ]
    ),
]


@pytest.mark.parametrize(("name", "fields", "state"), STATES)
def test_every_state_of_a_forge_is_one_of_ours(name, fields, state, forge):
    recorded = shape(name)
    next(iter(recorded["answers"].values())).update(fields)
    forge.play(recorded)
    snapshot = fetch(recorded["reference"], access=forge.access(*HOSTS))
    assert (snapshot.state, snapshot.merged_at is not None) == (state, state == "merged")


def test_a_change_is_not_approved_while_it_is_vetoed_or_lacks_a_label(forge):
    recorded = shape("gerrit")
    labels = next(iter(recorded["answers"].values()))["labels"]
    labels["Code-Review"]["all"][2]["value"] = -2
    forge.play(recorded)
    vetoed = fetch(recorded["reference"], access=forge.access(*HOSTS))
    labels["Code-Review"]["all"][2]["value"] = 0
    labels["Workflow"]["all"] = []
    forge.play(recorded)
    waiting = fetch(recorded["reference"], access=forge.access(*HOSTS))
    assert (vetoed.approved_at, waiting.approved_at) == (None, None)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://gerrit.wikimedia.org/r/c/core/+/12", "/r/changes/12"),
        ("https://gerrit.wikimedia.org/r/#/c/12/", "/r/changes/12"),
        ("https://review.openstack.org/#/c/12/3", "/changes/12"),
        ("https://review.opendev.org/12", "/changes/12"),
        ("https://review.opendev.org/q/I8473b959", "/changes/I8473b959"),
    ],
)
def test_a_change_is_found_under_any_of_its_addresses(url, path, forge):
    recorded = shape("gerrit")
    forge.always = Reply(next(iter(recorded["answers"].values())))
    access = forge.access("gerrit.wikimedia.org=gerrit", "review.opendev.org=gerrit")
    fetch(parse_reference(url), access=access)
    assert forge.paths == [f"{path}?o=DETAILED_LABELS&o=DETAILED_ACCOUNTS"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", [{}, [], None, "words", 7, {"title": {}}, [[]]])
def test_an_answer_of_another_shape_is_said_to_be_one(name, body, forge):
    forge.always = Reply(body)
    with pytest.raises(Unreadable, match="another shape than expected"):
        fetch(shape(name)["reference"], access=forge.access(*HOSTS))


def test_what_a_forge_writes_is_kept_plain_and_short(forge):
    recorded = shape("github")
    recorded["answers"]["/repos/kubernetes/kubernetes/pulls/134345"]["title"] = (
        "a\u202e\n" + "b" * 999
    )
    forge.play(recorded)
    title = fetch(recorded["reference"], access=forge.access(*HOSTS)).title
    assert title == "a " + "b" * 252 + "…"

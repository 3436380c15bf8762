"""What the forges say goes into the records: in batches, each host by itself, the urgent first."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from governance.models import ExceptionRequest
from governance.syncing import due, sync_proposals
from releases import sync as syncing
from releases.models import ForgeStatus, Handle, MergeProposal, Person, Review
from tests.factories import (
    make_exception,
    make_freeze,
    make_milestone,
    make_person,
    make_project,
    make_proposal,
    make_release,
    utc,
)
from tests.forges.server import HOSTS, NAMES, Reply, shape

pytestmark = pytest.mark.django_db

NOW = utc(2026, 9, 1, 12)
SHOWN = "title state branch target_branch author merged_at approved_at changed_at".split()


def entered(name):
    """The proposal of a recorded shape, as a stub."""
    return MergeProposal.objects.from_reference(shape(name)["reference"])


def ask(forge, *, at=NOW, names=HOSTS, proposals=None, seconds_in_all=None, **limits):
    wanted = MergeProposal.objects.order_by("pk") if proposals is None else proposals
    access = forge.access(*names, **limits)
    return sync_proposals(wanted, at=at, access=access, seconds=seconds_in_all)


def pull(title="Volumes", **fields):
    return {
        "title": title,
        "state": "open",
        "updated_at": "2026-09-01T10:00:00Z",
        "user": {"login": "jun"},
        "head": {"ref": "volumes"},
        "base": {"ref": "main"},
    } | fields


def review(number, who, state="APPROVED", **fields):
    return {
        "id": number,
        "user": {"login": who},
        "state": state,
        "submitted_at": "2026-09-01T09:00:00Z",
    } | fields


def answering(forge, number, body, reviews=()):
    forge.replies[f"/repos/o/r/pulls/{number}"] = Reply(body)
    forge.replies[f"/repos/o/r/pulls/{number}/reviews?per_page=100"] = Reply(list(reviews))


def github(number, **fields):
    url = f"https://github.com/o/r/pull/{number}"
    return make_proposal(forge="github", key=f"o/r#{number}", url=url, **fields)


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_is_filled_in_with_what_its_forge_says(name, forge):
    recorded = shape(name)
    forge.play(recorded)
    stub = entered(name)
    round_ = ask(forge)
    told = recorded["snapshot"]
    one = MergeProposal.objects.get()
    assert (round_.asked, round_.changed, round_.failed) == (1, 1, 0)
    assert (one.pk, one.title, one.state, one.branch, one.target_branch) == (
        stub.pk,
        told["title"],
        told["state"],
        told["source_branch"],
        told["target_branch"],
    )
    handle = one.author.handles.get()
    assert (handle.kind, handle.value, one.synced_at, one.trouble) == (
        one.forge,
        told["author"],
        NOW,
        "",
    )
    reviewers = [(r.reviewer.handles.get().value, r.verdict) for r in one.reviews.all()]
    assert sorted(reviewers) == sorted((who, verdict) for who, verdict, _ in told["reviews"])


@pytest.mark.parametrize("login", ["Jun", "İstanbul", "\N{KELVIN SIGN}ai", "ΑΣ", "Straẞe"])
def test_somebody_is_one_person_whatever_a_database_takes_for_their_small_letters(login, forge):
    github(1)
    answering(forge, 1, pull(user={"login": login}), [review(1, login), review(2, "vera")])
    ask(forge)
    answering(forge, 1, pull("Again", user={"login": login}), [review(1, login), review(2, "vera")])
    round_ = ask(forge, at=NOW + timedelta(hours=1))
    assert (round_.changed, round_.failed) == (1, 0)
    handles = Handle.objects.filter(person__proposals__isnull=False)
    assert list(handles.values_list("value", flat=True)) == [login]


def test_reviews_under_one_key_are_one_and_no_key_breaks_a_round(forge):
    github(1)
    given = [review(None, "vera"), review(None, "jun"), review("a\0b" + "x" * 200, "sol")]
    given.append(review("", "xan"))
    answering(forge, 1, pull(), given)
    for hour in range(2):
        assert ask(forge, at=NOW + timedelta(hours=hour)).failed == 0
    assert sorted(Review.objects.values_list("reviewer__handles__value", "forge_key")) == [
        ("jun", "None"), ("sol", "a b" + "x" * 116 + "…"), ("xan", "-"),
    ]  # fmt: skip


def test_an_instant_beyond_the_calendar_is_an_answer_of_another_shape(forge):
    github(1)
    github(2)
    answering(forge, 1, pull(updated_at="0001-01-01T00:00:00+14:00"))
    answering(forge, 2, pull())
    round_ = ask(forge)
    assert (round_.changed, round_.failed) == (1, 1)
    assert "OverflowError" in MergeProposal.objects.get(key="o/r#1").trouble


def test_asking_again_changes_nothing_and_reads_no_document(forge):
    forge.play(shape("github"))
    entered("github")
    ask(forge)
    before = MergeProposal.objects.values(*SHOWN).get()
    round_ = ask(forge, at=utc(2026, 9, 1, 13))
    assert (round_.asked, round_.changed, round_.unchanged) == (1, 0, 1)
    one = MergeProposal.objects.get()
    assert (one.asked_at, one.synced_at) == (utc(2026, 9, 1, 13), utc(2026, 9, 1, 13))
    assert MergeProposal.objects.values(*SHOWN).get() == before
    assert (Review.objects.count(), Person.objects.count()) == (2, 3)


def test_reviews_come_change_and_go_and_those_entered_here_stay(forge):
    proposal = github(1)
    proposal.reviews.create(reviewer=make_person(), verdict="abstain", at=NOW, comment="by hand")
    answering(forge, 1, pull(), [review(1, "vera"), review(2, "max", "CHANGES_REQUESTED")])
    ask(forge)
    answering(forge, 1, pull(), [review(1, "vera", body="Fine"), review(3, "ondine")])
    round_ = ask(forge)
    assert round_.changed == 1
    shown = sorted((r.reviewer.name, r.verdict, r.comment) for r in proposal.reviews.all()[:9])
    assert [row for row in shown if row[2] != "by hand"] == [
        ("ondine", "approve", ""),
        ("vera", "approve", "Fine"),
    ]
    assert len(shown) == 3


def test_a_person_is_found_by_the_handle_of_that_forge_in_any_case(forge):
    vera = make_person(name="Vera")
    vera.handles.create(kind="github", value="VERA")
    make_person(name="Other").handles.create(kind="gitlab", value="jun")
    github(1)
    answering(forge, 1, pull(), [review(1, "vera")])
    ask(forge)
    one = MergeProposal.objects.get()
    assert (one.reviews.get().reviewer, one.author.name) == (vera, "jun")
    assert Person.objects.count() == 3


def test_a_handle_of_another_host_is_somebody_else(forge):
    make_person(name="Vera of GitHub").handles.create(kind="github", value="jun")
    url = "https://github.example.org/o/r/pull/1"
    make_proposal(forge="github", key="github.example.org/o/r#1", url=url)
    forge.replies["/api/v3/repos/o/r/pulls/1"] = Reply(pull())
    forge.replies["/api/v3/repos/o/r/pulls/1/reviews?per_page=100"] = Reply([])
    ask(forge, names=["github.example.org=github"])
    author = MergeProposal.objects.get().author
    assert (author.name, author.handles.get().value) == ("jun", "github.example.org/jun")


def test_a_dead_forge_delays_nobody_rests_and_is_shown_with_the_age_of_what_we_know(forge):
    for number in range(1, 9):
        github(number)
    forge.replies["/repos/o/r/pulls/1"] = Reply({}, 500)
    forge.always = Reply({}, 500)
    forge.play(shape("gitlab"))
    entered("gitlab")
    round_ = ask(forge, connections=1)
    asked = [path for path in forge.paths if "/o/r/" in path]
    assert (len(asked), round_.changed) == (3, 1)
    assert round_.troubles == {"github.com": "github.com answered with status 500."}
    dead, alive = ForgeStatus.objects.all()
    assert (dead.host, dead.age(NOW), dead.failures, dead.trouble, dead.rests_until) == (
        "github.com",
        None,
        1,
        "github.com answered with status 500.",
        utc(2026, 9, 1, 12, 1),
    )
    assert (alive.host, alive.age(utc(2026, 9, 1, 13)).total_seconds()) == ("gitlab.com", 3600)
    again = ask(forge, at=utc(2026, 9, 1, 12, 0, 30))
    assert (again.skipped["github.com"], ForgeStatus.objects.asked(NOW).count()) == (8, 1)


def test_a_host_that_asks_to_wait_is_not_asked_again_before(forge):
    for number in range(1, 4):
        github(number)
    forge.always = Reply({}, 429, {"Retry-After": "7200"})
    ask(forge, connections=1)
    assert len(forge.asked) == 1
    status = ForgeStatus.objects.get()
    wait = status.rests_until - datetime.now(UTC)  # by the clock, which is what the host means
    assert timedelta(minutes=119) < wait <= timedelta(hours=2)
    assert list(MergeProposal.objects.values_list("asked_at", "trouble")) == [(None, "")] * 3


def test_what_a_forge_does_not_know_is_told_at_the_proposal_and_costs_nobody_else(forge):
    github(1, title="as it was"), github(2)
    answering(forge, 2, pull("Second"))
    round_ = ask(forge)
    assert (round_.failed, round_.changed) == (1, 1)
    assert list(MergeProposal.objects.order_by("pk").values_list("title", "trouble")) == [
        ("as it was", "github.com does not know it, or does not show it to us."),
        ("Second", ""),
    ]


def test_hosts_that_are_not_listed_and_forges_without_a_reader_are_counted(forge):
    make_proposal(forge="forgejo", key="a/b#1", url="https://git.example.org/o/r/pulls/1")
    make_proposal(forge="pagure", key="b", url="https://pagure.io/a/pull-request/1")
    round_ = ask(forge)
    assert dict(round_.skipped) == {"git.example.org": 1, "pagure.io": 1}
    assert forge.asked == []


def test_a_host_that_somebody_else_is_asking_is_left_to_them(forge):
    github(1)
    assert ForgeStatus.objects.claim(
        "github.com", forge="github", at=NOW, lasts=syncing.CLAIM_LASTS
    )
    assert (ask(forge).skipped["github.com"], forge.asked) == (1, [])
    later = NOW + syncing.CLAIM_LASTS
    answering(forge, 1, pull())
    assert ask(forge, at=later).asked == 1


def test_only_so_many_connections_are_open_at_once(forge):
    gate, peak, open_ = threading.Lock(), [0], [0]

    def slow(asked):
        with gate:
            open_[0] += 1
            peak[0] = max(peak[0], open_[0])
        forge.released.wait(0.02)
        with gate:
            open_[0] -= 1
        return Reply(pull())

    for number in range(1, 13):
        github(number)
        forge.replies[f"/repos/o/r/pulls/{number}"] = slow
        forge.replies[f"/repos/o/r/pulls/{number}/reviews?per_page=100"] = Reply([])
    assert (ask(forge, connections=3).changed, peak[0]) == (12, 3)


def test_a_round_whose_time_is_over_stores_what_came_and_leaves_the_rest_due(forge):
    fill(forge, 3)
    pull, first = forge.replies["/repos/o/r/pulls/1"], "/repos/o/r/pulls/1"

    def slow(asked):
        forge.released.wait(0.2)
        return pull

    forge.replies[first] = slow
    round_ = ask(forge, connections=1, seconds_in_all=0.1)
    assert (round_.is_cut, round_.changed, list(due(NOW).values_list("key", flat=True))) == (
        True,
        1,
        ["o/r#3", "o/r#2"],
    )
    assert ask(forge, proposals=due(NOW)).changed == 2  # the host is free at once


def fill(forge, rows):
    for number in range(1, rows + 1):
        github(number)
        given = [review(1, f"reviewer{number}"), review(2, "vera", "CHANGES_REQUESTED")]
        answering(forge, number, pull(user={"login": f"author{number}"}), given)


@pytest.mark.parametrize("rows", [1, 7])
def test_a_batch_costs_the_same_queries_for_one_proposal_and_seven(
    rows, forge, django_assert_num_queries
):
    fill(forge, rows)
    with django_assert_num_queries(20):
        assert ask(forge).changed == rows
    with django_assert_num_queries(13):
        assert ask(forge).changed == 0


def test_more_than_a_batch_is_stored_in_batches_each_in_order(forge, monkeypatch):
    monkeypatch.setattr(syncing, "BATCH", 5)
    fill(forge, 12)
    newest_first = MergeProposal.objects.order_by("-pk")
    assert ask(forge, proposals=newest_first, connections=1).changed == 12
    asked = [path for path in forge.paths if "reviews" not in path]
    assert asked == [f"/repos/o/r/pulls/{number}" for number in range(12, 0, -1)]


def test_what_an_exception_waits_for_comes_first_then_what_a_freeze_holds():
    frozen = make_freeze(release=make_release(), at=utc(2026, 8, 27))
    free = make_milestone(release=make_release(), at=utc(2026, 8, 27))
    held = make_proposal(asked_at=utc(2026, 9, 1, 11, 55))
    make_exception(freeze=make_freeze(release=make_release()), proposals=[held])
    rest = make_proposal(release=free.release)
    in_freeze = make_proposal(release=frozen.release)
    long_ago = make_proposal(release=frozen.release, asked_at=utc(2026, 8, 1))
    make_proposal(asked_at=utc(2026, 9, 1, 11, 55))
    make_proposal(asked_at=utc(2026, 8, 1), state="merged")
    assert list(due(NOW)) == [held, in_freeze, long_ago, rest]


@pytest.mark.parametrize(
    ("asked_at", "changed_at", "is_due"),
    [
        (utc(2026, 8, 31, 12), utc(2026, 8, 20), True),
        (utc(2026, 8, 31, 13), utc(2026, 8, 20), False),
        (utc(2026, 8, 31, 12), utc(2026, 8, 2), False),
    ],
)
def test_what_was_rejected_lately_is_asked_for_once_a_day(asked_at, changed_at, is_due):
    make_proposal(state="rejected", asked_at=asked_at, changed_at=changed_at)
    assert due(NOW).exists() is is_due


def test_a_merge_closes_its_exception_with_nobodys_help(forge):
    freeze = make_freeze(release=make_release(), at=utc(2026, 8, 27))
    exception = make_exception(
        freeze=freeze,
        proposals=[github(1, release=freeze.release, project=make_project())],
        status="granted",
        expires=utc(2026, 9, 3),
    )
    answering(forge, 1, pull(merged_at="2026-08-31T10:00:00Z", state="closed"))
    ask(forge)
    decision = exception.decisions.order_by("-sequence").first()
    assert ExceptionRequest.objects.get().status == "landed"
    assert (decision.by, decision.at, decision.source_url, decision.rationale) == (
        None,
        utc(2026, 8, 31, 10),
        "https://github.com/o/r/pull/1",
        "Merged Mon 31 August 2026 10:00 UTC, as GitHub reports.",
    )


def test_a_forge_that_stalls_keeps_no_news_of_another_from_being_stored(forge):
    github(1)
    forge.replies["/repos/o/r/pulls/1"] = lambda asked: None
    forge.play(shape("gitlab"))
    entered("gitlab")
    round_ = ask(forge, seconds=0.5)
    assert (round_.changed, round_.failed) == (1, 1)
    assert MergeProposal.objects.get(forge="github").trouble.startswith("github.com did not answer")


def test_no_handle_is_made_twice_by_one_batch(forge):
    fill(forge, 3)
    ask(forge)
    assert Handle.objects.filter(value="vera").count() == 1
    assert json.loads(json.dumps(MergeProposal.objects.first().validators)) == {}

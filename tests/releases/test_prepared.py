"""Queries that are composed once give what the query set would give, whatever they are asked."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import DataError, connection, transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, Value

from governance.models import ExceptionRequest
from releases.models import Milestone, Project
from releases.prepared import prepared, together
from tests.factories import make_milestone, make_project, make_release

pytestmark = pytest.mark.django_db

AT = datetime(2011, 3, 29, 21, tzinfo=UTC)


def planned():
    """A prepared query, and how often its query set was made."""
    made = []

    @prepared(release=BigIntegerField(), at=DateTimeField())
    def by_then(*, release, at):
        made.append(release)
        ahead = Milestone.objects.as_known(at).filter(release=release, at__lte=at)
        return ahead.select_related("release").order_by("at", "pk")

    return by_then, made


def names(rows):
    return [row.slug for row in rows]


def test_each_call_is_answered_for_its_own_values():
    by_then, made = planned()
    first, other = make_release(slug="cactus"), make_release(slug="diablo")
    make_milestone(release=first, slug="freeze", at=AT)
    make_milestone(release=first, slug="rc", at=AT + timedelta(days=9))
    make_milestone(release=other, slug="other", at=AT)
    assert names(by_then(release=first.pk, at=AT)) == ["freeze"]
    assert names(by_then(release=first.pk, at=AT + timedelta(days=9))) == ["freeze", "rc"]
    assert names(by_then(release=other.pk, at=AT)) == ["other"]
    assert len(made) == 1  # and composed but once


def test_the_rows_are_whole_with_what_they_belong_to(django_assert_num_queries):
    by_then, _ = planned()
    release = make_release(slug="cactus")
    make_milestone(release=release, slug="freeze", at=AT, blocks=["feature"])
    with django_assert_num_queries(1):
        (row,) = by_then(release=release.pk, at=AT)
        assert (row.release.slug, row.blocks, row.at, row.known_at) == (
            "cactus",
            ["feature"],
            AT,
            AT,
        )


def test_nothing_is_equal_to_none():
    by_then, _ = planned()
    make_milestone(release=make_release(), at=AT)
    assert by_then(release=None, at=AT) == []


def test_what_was_written_a_moment_ago_is_read_and_what_was_rolled_back_is_not():
    by_then, _ = planned()
    release = make_release()
    with transaction.atomic():
        make_milestone(release=release, slug="freeze", at=AT)
        assert names(by_then(release=release.pk, at=AT)) == ["freeze"]
        transaction.set_rollback(True)
    assert by_then(release=release.pk, at=AT) == []


def test_words_are_values_and_never_sql():
    @prepared(name=CharField())
    def named(*, name):
        return Project.objects.filter(name=name)

    make_project(slug="nova", name="nova")
    assert named(name="' OR 1=1 --") == []
    assert named(name="%s") == []
    assert names(named(name="nova")) == ["nova"]


@pytest.mark.postgresql  # SQLite in memory is one connection, which threads share
@pytest.mark.django_db(transaction=True)
def test_threads_ask_over_connections_of_their_own():
    by_then, _ = planned()
    release = make_release()
    make_milestone(release=release, slug="freeze", at=AT)
    assert names(by_then(release=release.pk, at=AT)) == ["freeze"]
    found = []

    def ask():
        try:
            found.append(names(by_then(release=release.pk, at=AT)))
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["freeze"]] * 3


@pytest.mark.postgresql
def test_postgresql_plans_it_once_and_keeps_the_plan():
    by_then, _ = planned()
    release = make_release()
    for _ in range(8):
        by_then(release=release.pk, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        kept = [statement for (statement,) in cursor if "releases_milestone" in statement]
    assert len(kept) == 1


def test_rows_may_be_some_values_of_the_records():
    @prepared(release=BigIntegerField())
    def told(*, release):
        milestones = Milestone.objects.filter(release=release)
        return milestones.values_list("slug", "blocks", "release__slug")

    make_milestone(release=make_release(), slug="other")
    release = make_release(slug="cactus")
    make_milestone(release=release, slug="freeze", blocks=["feature"])
    assert told(release=release.pk) == [("freeze", ["feature"], "cactus")]


@pytest.mark.parametrize("words", ["100%", "%s", "it's", "a\\b", 'a"b', "é"])
def test_what_is_the_same_each_time_may_be_any_words(words):
    @prepared(slug=CharField())
    def named(*, slug):
        return Project.objects.filter(name=words, slug=slug)

    make_project(slug="nova", name=words)
    make_project(slug="swift", name="other")
    assert names(named(slug="nova")) == ["nova"]
    assert named(slug="swift") == []


@pytest.mark.postgresql
def test_an_index_over_some_rows_serves_a_plan_that_is_kept():
    @prepared(release=BigIntegerField())
    def waiting(*, release):
        waiting = ExceptionRequest.objects.filter(release=release, status="requested")
        return waiting.order_by("requested_at", "pk")[:20]

    for _ in range(8):
        waiting(release=1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE statement LIKE '%requested%'")
        [(name,)] = cursor.fetchall()
        cursor.execute(f'EXPLAIN EXECUTE "{name}"(1)')
        plan = "\n".join(line for (line,) in cursor)
    # There are two over what is undecided; which of them is cheaper is for the statistics to say.
    assert "exception_longest_waiting" in plan or "exception_waiting" in plan


def test_what_is_asked_together_is_read_later_each_for_its_own_values():
    by_then, made = planned()
    first, other = make_release(slug="cactus"), make_release(slug="diablo")
    make_milestone(release=first, slug="freeze", at=AT)
    make_milestone(release=other, slug="other", at=AT)
    with together():
        asked = [by_then.later(release=one.pk, at=AT) for one in (first, other, first)]
        assert [names(read()) for read in asked] == [["freeze"], ["other"], ["freeze"]]
    assert len(made) == 1


@pytest.mark.postgresql
def test_what_fails_among_what_is_asked_together_fails_where_the_first_is_read():
    by_then, _ = planned()
    release = make_release(slug="cactus")
    make_milestone(release=release, slug="freeze", at=AT)
    make_project()

    @prepared(zero=BigIntegerField())
    def divided(*, zero):
        return Project.objects.filter(pk=Value(1) / zero)

    def both():
        with transaction.atomic(), together():
            asked = [by_then.later(release=release.pk, at=AT), divided.later(zero=0)]
            return [read() for read in asked]

    with pytest.raises(DataError, match="division by zero"):
        both()
    assert names(by_then(release=release.pk, at=AT)) == ["freeze"]

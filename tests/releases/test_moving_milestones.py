import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, connections

from releases.models import InvalidMove, Milestone, MilestoneMove
from tests.factories import make_milestone, make_person, make_release, utc

GAMMA = utc(2011, 4, 5, 10)
LATER = utc(2011, 4, 7, 10)
DECIDED = utc(2011, 3, 29, 21, 14)
HAWAII = ZoneInfo("Pacific/Honolulu")


def moved(milestone, **changes):
    defaults = {"to": LATER, "by": None, "at": DECIDED, "why": "two more days for open bugs"}
    arguments = defaults | changes
    arguments["by"] = arguments["by"] or make_person()
    return milestone.move(**arguments)


def recorded(milestone):
    return list(
        MilestoneMove.objects.filter(milestone=milestone).values_list(
            "from_at", "to_at", "by__name", "at", "why", "source_url"
        )
    )


@pytest.mark.django_db
def test_a_move_changes_the_instant_and_records_from_to_who_when_why_and_where():
    milestone = make_milestone(at=GAMMA)
    source = "https://example.org/meeting/#l-24"
    moved(milestone, by=make_person(name="ttx"), why="  two more days\n", source_url=source)
    assert milestone.at == LATER
    assert Milestone.objects.get(pk=milestone.pk).at == LATER
    assert recorded(milestone) == [(GAMMA, LATER, "ttx", DECIDED, "two more days", source)]


@pytest.mark.django_db
def test_a_move_changes_nothing_else():
    milestone = make_milestone(at=GAMMA, name="GammaFreeze", blocks=["feature"])
    other = make_milestone(at=GAMMA, release=milestone.release)
    before = Milestone.objects.filter(pk=milestone.pk).values().get()
    milestone.name, milestone.blocks = "set here, not saved", []
    moved(milestone)
    assert Milestone.objects.filter(pk=milestone.pk).values().get() == before | {"at": LATER}
    assert Milestone.objects.get(pk=other.pk).at == GAMMA


@pytest.mark.django_db
def test_moves_are_listed_in_the_order_of_their_decisions():
    milestone = make_milestone(at=GAMMA)
    moved(milestone, to=LATER, at=DECIDED + timedelta(days=1))
    moved(milestone, to=GAMMA, at=DECIDED)
    assert [move.to_at for move in milestone.moves.all()] == [GAMMA, LATER]


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["", "   ", "\n\t "])
def test_a_move_without_a_reason_is_refused_in_words(why):
    milestone = make_milestone(at=GAMMA, name="GammaFreeze")
    with pytest.raises(InvalidMove) as refused:
        moved(milestone, why=why)
    assert str(refused.value) == "Say why GammaFreeze moves: people plan by it."
    assert (milestone.at, recorded(milestone)) == (GAMMA, [])


@pytest.mark.django_db
@pytest.mark.parametrize("to", [GAMMA, GAMMA.astimezone(HAWAII)], ids=["utc", "hawaii"])
def test_a_move_to_the_same_instant_is_refused_in_words(to):
    milestone = make_milestone(at=GAMMA, name="GammaFreeze")
    with pytest.raises(InvalidMove) as refused:
        moved(milestone, to=to)
    assert str(refused.value) == "GammaFreeze is already at 2011-04-05 10:00 UTC."
    assert recorded(milestone) == []


@pytest.mark.django_db
def test_a_move_told_from_a_stale_copy_starts_from_what_is_stored():
    milestone = make_milestone(at=GAMMA)
    stale = Milestone.objects.get(pk=milestone.pk)
    moved(milestone, to=LATER)
    with pytest.raises(InvalidMove):
        moved(stale, to=LATER)
    moved(stale, to=LATER + timedelta(days=1))
    assert [move[:2] for move in recorded(milestone)] == [
        (GAMMA, LATER),
        (LATER, LATER + timedelta(days=1)),
    ]


FAILURE = {
    "sqlite": """
        CREATE TRIGGER fails BEFORE UPDATE ON releases_milestone
        BEGIN SELECT RAISE(ABORT, 'the disk is full'); END
    """,
    "postgresql": """
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
        CREATE TRIGGER fails BEFORE UPDATE ON releases_milestone
        FOR EACH ROW EXECUTE FUNCTION fail()
    """,
}


@pytest.mark.django_db
def test_a_move_that_fails_leaves_nothing_half_done():
    milestone = make_milestone(at=GAMMA)
    with connection.cursor() as cursor:  # between the two writes of a move
        cursor.execute(FAILURE[connection.vendor])
    with pytest.raises(DatabaseError, match="the disk is full"):
        moved(milestone)
    assert (milestone.at, recorded(milestone)) == (GAMMA, [])
    assert Milestone.objects.get(pk=milestone.pk).at == GAMMA


@pytest.mark.django_db
def test_a_source_that_is_no_web_address_does_not_become_a_link(client):
    milestone = make_milestone(at=GAMMA, release=make_release(slug="cactus"))
    try:
        moved(milestone, source_url="javascript:alert(document.domain)")
    except (InvalidMove, ValueError):
        return  # refused: as good
    assert 'href="javascript:' not in client.get("/releases/cactus/").content.decode()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_moves_at_once_the_second_starts_where_the_first_ended():
    milestone, mover = make_milestone(at=GAMMA), make_person()
    barrier, errors = threading.Barrier(2), []

    def move(days):
        try:
            mine = Milestone.objects.get(pk=milestone.pk)
            barrier.wait(timeout=10)
            moved(mine, to=GAMMA + timedelta(days=days), by=mover)
        except Exception as error:  # noqa: BLE001 it is raised below, in the test's own thread
            errors.append(error)
        finally:
            connections.close_all()

    for _ in range(10):  # one try may miss the race
        MilestoneMove.objects.all().delete()
        Milestone.objects.filter(pk=milestone.pk).update(at=GAMMA)
        threads = [threading.Thread(target=move, args=[days]) for days in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        first, second = MilestoneMove.objects.order_by("pk")
        assert errors == []
        assert (first.from_at, second.from_at) == (GAMMA, first.to_at)
        assert Milestone.objects.get(pk=milestone.pk).at == second.to_at

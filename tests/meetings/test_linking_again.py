"""`manage.py link_again`: what earlier versions linked, linked as this one does."""

import pytest
from django.core.management import call_command

from meetings.management.commands import link_again
from meetings.models import Mention, Suggestion, WeekCount
from tests.factories import make_milestone, make_release, utc
from tests.thaw.logs import make_meeting

pytestmark = pytest.mark.django_db

SAID = (
    "#topic Cactus release status",
    "#info 65 bugs opened and 27 fixes committed this week",
    "#agreed https://code.launchpad.net/~jun/nova/volumes/+merge/61001 gets an exception",
)
NOTHING = "Of links, suggestions and counts of bugs 0 are new, 0 changed, 0 gone.\n"


@pytest.fixture
def told(capsys):
    def run():
        call_command("link_again")
        return capsys.readouterr().out

    return run


def attached():
    """To which releases a log's counts, suggestions and mentions are."""
    rows = (WeekCount.objects, Suggestion.objects, Mention.objects.exclude(release=None))
    return [list(found.values_list("release__slug", flat=True)) for found in rows]


@pytest.fixture
def linked_wrongly():
    """A log of 2011 that is tied to a release of 2026 of the same name, as before 0065."""
    cactus = make_release(slug="cactus", name="Cactus")
    make_meeting(*SAID)
    make_milestone(release=cactus, at=utc(2026, 12, 15))
    assert attached() == [["cactus"], ["cactus"], ["cactus"]]


def test_what_was_tied_to_a_release_of_a_later_time_is_untied_and_counted(linked_wrongly, told):
    assert told() == (
        "1 meeting linked again. Of links, suggestions and counts of bugs 0 are new, 3 changed,"
        " 0 gone.\n"
    )
    assert attached() == [[None], [None], []]


def test_a_second_run_changes_nothing(linked_wrongly, told):
    told()
    assert told() == f"1 meeting linked again. {NOTHING}"


def test_without_meetings_it_says_so(told):
    assert told() == f"0 meetings linked again. {NOTHING}"


def test_who_stops_it_is_told_how_far_it_came_and_what_was_linked_stays(
    linked_wrongly, monkeypatch, capsys
):
    make_meeting(*SAID, begins=utc(2011, 4, 5, 21))
    linked = link_again.changes_of_linking_again
    ended = iter([linked])
    monkeypatch.setattr(link_again, "BATCH", 1)

    def interrupted(meetings):
        for step in ended:
            return step(meetings)
        raise KeyboardInterrupt

    monkeypatch.setattr(link_again, "changes_of_linking_again", interrupted)
    with pytest.raises(SystemExit) as stopped:
        call_command("link_again")
    assert stopped.value.code == link_again.INTERRUPTED
    assert capsys.readouterr().err == (
        "Stopped after 1 of 2 meetings: run it again to link the others.\n"
    )
    assert attached() == [[None, None], [None, None], []]

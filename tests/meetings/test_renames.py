"""Who changes nick stays who he is, with his rights, his lines and his actions."""

from datetime import date, timedelta

import pytest

from meetings.logs import DateHints
from meetings.minutes import Secretary
from meetings.profiles import OPENDEV


@pytest.fixture
def told(put):
    """The minutes of lines written `ttx #info x`, or `ttx > ttx_` for a change of nick."""

    def told(*said):
        rows = []
        for number, line in enumerate(said, 1):
            nick, _, text = line.partition(" ")
            renames = text.startswith("> ")
            kind = "rename" if renames else "speech"
            rows.append((number, timedelta(seconds=number), nick, kind, text.removeprefix("> ")))
        secretary = Secretary(hints=DateHints("", date(2011, 3, 29)), profile=OPENDEV)
        (minutes,) = secretary.minutes([rows])
        return minutes

    return told


def test_the_chair_keeps_its_rights_under_another_nick(told, put):
    minutes = told(
        "ttx #startmeeting",
        "ttx > ttx_",
        "ttx_ #agreed 1",
        "ttx_ #chair bea",
        "bea > bea|away",
        "bea|away #agreed 2",
        "eve #agreed 3",
        "ttx_ > ttx",
        "ttx #agreed 4",
        "ttx #endmeeting",
    )
    assert put(minutes) == ["agreed: 1", "agreed: 2", "agreed: 3 (not counted)", "agreed: 4"]
    assert [item.nick for item in minutes.items] == ["ttx_", "bea|away", "eve", "ttx"]
    assert (minutes.chairs, minutes.warnings) == (("ttx", "bea"), ())
    assert minutes.people == {"ttx": 5, "bea": 1, "eve": 1}


def test_an_action_for_either_nick_is_for_the_person_first_seen(told):
    minutes = told(
        "ttx #startmeeting",
        "bea hi",
        "bea > beatrix",
        "ttx #action beatrix to write it",
        "ttx #action bea to write it",
        "beatrix #action I will write it",
    )
    assert [item.assignees for item in minutes.items] == [("bea",)] * 3


def test_who_comes_back_for_his_own_nick_is_one_person(told, put):
    minutes = told(
        "ttx #startmeeting",
        "ttx_ back again",
        "ttx_ > ttx",
        "ttx #agreed 1",
        "ttx #action ttx_ to write it",
    )
    assert (put(minutes)[0], minutes.people) == ("agreed: 1", {"ttx": 4})
    assert minutes.items[1].assignees == ("ttx",)


def test_a_nick_that_its_owner_has_left_gives_no_rights_to_who_takes_it(told, put):
    minutes = told(
        "ttx #startmeeting",
        "ttx > thierry",
        "eve > ttx",
        "ttx #agreed 1",
        "thierry #agreed 2",
    )
    assert put(minutes) == ["agreed: 1 (not counted)", "agreed: 2"]
    assert minutes.people == {"ttx": 2, "eve": 1}


def test_a_nick_that_somebody_else_has_spoken_under_is_not_made_another_name(told):
    minutes = told("ttx #startmeeting", "bea hi", "eve hi", "eve > bea", "bea bye")
    assert minutes.people == {"bea": 2, "ttx": 1, "eve": 1}


def test_who_only_changes_nick_is_nobody_present(told):
    assert told("ttx #startmeeting", "eve > eva").people == {"ttx": 1}


def test_a_vote_stays_its_persons(told, put):
    minutes = told(
        "ttx #startmeeting x",
        "ttx #startvote Ship? Yes, No",
        "bea #vote yes",
        "bea > bea_",
        "bea_ #vote no",
        "ttx #endvote",
    )
    assert put(minutes) == ["vote: Ship? Yes: 0, No: 1"]

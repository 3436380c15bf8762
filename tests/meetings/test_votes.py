"""Votes as each bot holds them; opendev's stand in test_minutes."""

import pytest

from meetings.profiles import HCOOP

CARRIED = "Motion carried (For: 1, Against: 0, Abstained: 0)"
Q = "ttx #vote Ship it"


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ([Q, "vishy +1", "soren +1 of course", "ttx -1", "ttx #endvote"],
         ["vote: Ship it: Motion carried (For: 2, Against: 1, Abstained: 0)"]),
        ([Q, "vishy -1", "soren +0", "ttx -0", "ttx #endvote"],
         ["vote: Ship it: Motion denied (For: 0, Against: 1, Abstained: 2)"]),
        ([Q, "vishy -1", "vishy +1", "ttx #endvote"],
         ["vote: Ship it: Motion carried (For: 1, Against: 0, Abstained: 0)"]),
        ([Q, "vishy +1", "ttx -1", "ttx #endvote"],
         ["vote: Ship it: Deadlock (For: 1, Against: 1, Abstained: 0)"]),
        ([Q, "ttx #voters soren", "vishy +1", "soren -1", "ttx #endvote"],
         ["vote: Ship it: Motion denied (For: 0, Against: 1, Abstained: 0)"]),
        ([Q, "ttx #votesrequired 2", "vishy +1", "ttx #endvote"],
         ["vote: Ship it: Motion denied (For: 1, Against: 0, Abstained: 0)"]),
        ([Q, "vishy +10", "vishy ok +1", "vishy +1.5", "soren +1", "ttx #endvote"],
         ["vote: Ship it: Motion carried (For: 1, Against: 0, Abstained: 0)"]),
        ([Q, "vishy +1", "vishy #endvote"],
         [f"vote: Ship it: {CARRIED} (not closed) (not counted)"]),
        (["vishy #vote Ship it", "vishy +1", "ttx #endvote"], []),
        (["vishy +1", "ttx #endvote"], []),
        (["ttx [VOTE] Ship it", "vishy +1", "ttx #endvote", "ttx #undo"],
         ["vote: Ship it: Motion carried (For: 1, Against: 0, Abstained: 0) (undone)"]),
    ],
)  # fmt: skip
def test_meetingology_counts_plain_ballots_while_a_vote_is_held(meet, put, said, result):
    assert put(meet("meetingology", *said)) == result


M = "ttx #motion Ship it"


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ([M, "bea #vote +1", "ann #vote +1", "ttx #vote -1", "ttx #close"],
         ["vote: Ship it: Motion accepted (2 in favor, 1 opposed)"]),
        ([M, "bea #vote -1", "ttx #close"],
         ["vote: Ship it: Motion failed (0 in favor, 1 opposed)"]),
        ([M, "bea #vote -1", "ann #vote +1", "ttx #close"],
         ["vote: Ship it: Motion inconclusive (1 in favor, 1 opposed)"]),
        ([M, "bea #vote -1", "bea #vote +1", "bea #close", "ttx #close"],
         ["vote: Ship it: Motion accepted (1 in favor, 0 opposed)"]),
        ([M, "ttx #close", "bea #vote +1", "ttx #close"],
         ["vote: Ship it: Motion accepted (1 in favor, 0 opposed)"]),
        ([M, "bea +1", "ttx #accepted as nobody objects"],
         ["vote: Ship it: Motion inconclusive (0 in favor, 0 opposed) (not closed) (not counted)",
          "accepted: as nobody objects"]),
        (["ttx #failed nobody wants it"], ["rejected: nobody wants it"]),
        (["ttx #inconclusive too few"], ["vote: too few: Motion inconclusive"]),
        (["bea #motion Ship it", "bea #vote +1", "ttx #close"], []),
    ],
)  # fmt: skip
def test_hcoop_closes_a_motion_by_what_was_voted(take, put, said, result):
    assert put(hcoop(take, *said)) == result


def hcoop(take, *said):
    lines = ["ttx #startmeeting", *said, "ttx #endmeeting"]
    log = "".join(
        f"21:00:{second:02}  * {line[1:]}\n"
        if line.startswith("*")
        else f"21:00:{second:02} <{line.replace(' ', '> ', 1)}\n"
        for second, line in enumerate(lines)
    )
    (minutes,) = take(log, profile=HCOOP).meetings
    return minutes


def test_hcoop_hears_what_people_do_and_commands_behind_blanks(take, put):
    said = ["*bea #info done", "bea   #info said", "bea #info: none", "bea #agreed none"]
    assert put(hcoop(take, *said)) == ["info: done", "info: said"]


def test_hcoop_knows_people_by_the_names_they_come_under(take):
    minutes = hcoop(take, "bea #here Beatrix Lund", "ttx #action beatrix to write it")
    assert minutes.items[0].assignees == ("bea",)

"""A dry run tells the writers of a log what the bot, which answers nothing, did not tell them."""

from pathlib import Path

import pytest

from meetings.models import LogLine, Meeting, Source

NAME = "weekly.2011-03-29.log"
LOG = """\
20:59:00 <ada> before
21:00:00 <ada> #startmeeting Weekly
21:00:01 <bob> #agreed to go on
21:00:02 <ada> #agred to go home
21:00:03 <bob> #chair bob
21:00:04 <bob> #info counts
21:00:05 <ada> #1234 is a bug
21:00:06 <ada>  #info behind a blank
21:00:07 <ada> #chair bea
21:00:08 <bea> #undo
21:00:09 <ada> #unchair bea
21:00:10 <bob> #endmeeting
21:00:11 <ada> #quux
21:00:12 <ada> see #info in the middle
"""
FORMAT, SECOND = "read as MeetBot .log.txt", "second comes W3C RRSAgent log"
UNEQUAL = "who does not hold the chair"
FOUND = [
    (1, f"{FORMAT}: 14 of the first 14 lines have a shape of MeetBot .log.txt; {SECOND} with 14"),
    (1, "this line is outside any meeting"),
    (2, "No #endmeeting by a chair; it is taken to end with its last line."),
    (2, "the file's name tells the date: 2011-03-29 21:00 UTC"),
    (3, f"#agreed by bob, {UNEQUAL}"),
    (4, "#agred is no command; did you mean #agreed?"),
    (5, f"#chair by bob, {UNEQUAL}"),
    (8, "a command begins the line, and before #info there is a blank"),
    (12, f"#endmeeting by bob, {UNEQUAL}"),
]


@pytest.fixture
def lint(run, tmp_path):
    """What a dry run says of a log, by line."""

    def lint(log, *options, name=NAME):
        path = tmp_path / name
        path.write_bytes(log.encode())
        done = run("--dry-run", "--json", path, *options)
        assert {found["path"] for found in done.json["lint"]} == {str(path)}
        return [(found["line"], found["reason"]) for found in done.json["lint"]]

    return lint


def test_every_line_that_did_not_do_what_it_meant_is_named(lint):
    assert lint(LOG) == FOUND
    assert [model.objects.count() for model in (Source, Meeting, LogLine)] == [0, 0, 0]


def test_it_is_told_in_words_too_and_all_of_it(run, tmp_path):
    path = tmp_path / NAME
    path.write_text(LOG + "no shape\n" * 9)
    told = run(path, "--dry-run").out.splitlines()
    assert told[0].startswith(f"{path}: read as MeetBot .log.txt: 14 of the first 23 lines")
    assert told[1].startswith("weekly.2011-03-29-21.00: would import. Weekly, ")
    shapeless = [(line, "no line shape of the format; kept as it is") for line in range(15, 24)]
    assert sorted(told[2:]) == sorted(
        f"  line {line}: {reason}" for line, reason in [*FOUND[1:], *shapeless]
    )


def test_a_clock_that_was_off_is_named_with_what_sets_it_right(lint):
    bot = "<MeetBot> Meeting started Tue Mar 29 21:00:00 2011 UTC.  The chair is ada."
    for clock, off in (
        ("16:00:00", ["5:00 hours behind"]),
        ("21:00:02", []),
        ("22:30:00", ["1:30 hours ahead of"]),
    ):
        log = f"{clock} <ada> #startmeeting x\n{clock} {bot}\n{clock} <ada> #endmeeting\n"
        found = lint(log, name="x.log")
        told = [reason for _, reason in found if "clock" in reason]
        assert told == [
            f"The log's clock is {hours} UTC, as the bot's start line shows;"
            " its times are corrected."
            for hours in off
        ]
        assert (1, "the bot's start line tells the date: 2011-03-29 21:00 UTC") in found


def test_a_dialect_has_its_own_slips(lint):
    log = """\
2026-05-06 14:01:38 <@ada:example.org> !startmeeting Council
2026-05-06 14:01:39 <@ada:example.org> !agreed: it
2026-05-06 14:01:40 <@bob:example.org> !acton to do it
2026-05-06 14:01:41 <@bob:example.org> !agreed by anybody
2026-05-06 14:01:42 <@bob:example.org> !Topic in capitals
2026-05-06 14:01:43 <@ada:example.org> !endmeeting
"""
    assert lint(log)[2:] == [
        (2, "!agreed is a command only with a blank after it"),
        (3, "!acton is no command; did you mean !action?"),
        (5, "!Topic is no command; did you mean !topic?"),
    ]


def test_a_log_without_fault_has_nothing_but_its_format_and_date(lint):
    log = "21:00:00 <ada> #startmeeting x\n21:00:01 <ada> #topic y\n21:00:02 <ada> #endmeeting\n"
    assert [line for line, _ in lint(log)] == [1, 1]


def test_a_real_import_does_not_lint(run, tmp_path):
    path = tmp_path / NAME
    path.write_text(LOG)
    assert "lint" not in run(path, "--json").json


@pytest.mark.corpus
def test_in_real_logs_it_finds_the_slips_that_people_made_and_nothing_else(run, cloud_init):
    lint = run("--dry-run", "--json", *sorted(cloud_init.glob("*.log.txt"))).json["lint"]
    slips = [
        (Path(found["path"]).name[7:17], found["line"], found["reason"])
        for found in lint
        if "command" in found["reason"]
    ]
    assert slips == [
        ("2018-04-16", 110, "#endmeetiung is no command; did you mean #endmeeting?"),
        ("2018-06-18", 95, "#topc is no command; did you mean #topic?"),
        ("2018-11-12", 10, "#toic is no command; did you mean #topic?"),
    ]

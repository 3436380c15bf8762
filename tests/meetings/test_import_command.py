"""The command line: what it says, what it answers, and what it leaves behind."""

import bz2
import gzip
import lzma
import os
import threading
from pathlib import Path

import pytest

from meetings.logs import FORMATS
from meetings.models import Item, LogLine, Meeting, Source

LOG = """\
21:00:00 <ada> #startmeeting Weekly
21:00:05 <bea> #action ada to write it
21:00:06 <bea> #action bea to read it
21:00:09 <ada> #endmeeting
"""
SLUG = "weekly.2011-03-29-21.00"
TOLD = "Weekly, 2011-03-29 21:00 UTC, 4 lines, 2 people; 2 action."
NO_DATE = (
    "The meeting that begins in line 1: nothing says on which day it was: no date in the lines, no"
    " start line of a bot, none in the file's name. Say it (in a terminal with --date YYYY-MM-DD)."
)
SAY = " If the whole log is one, say --whole."
NO_MEETING = "No meeting in it: nobody says #startmeeting. (Read as MeetBot .log.txt.)" + SAY
PACKED = "This is packed with {}, not a text log. Unpack it first."
BINARY = "This is a binary file (or UTF-16), not a text log."
CLOSEST = (
    "No known log format: MeetBot .log.txt comes closest with 0 of 1 lines. If you know its"
    " format, name it (in a terminal with --format)."
)


@pytest.fixture
def write(tmp_path):
    def write(name, data):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


@pytest.fixture
def good(write):
    return write("weekly.2011-03-29.log", LOG)


def stored():
    return [model.objects.count() for model in (Source, Meeting, LogLine, Item)]


def test_an_import_says_what_it_did_and_a_second_one_that_it_was_there(run, good):
    assert run(good) == (0, f"{SLUG}: imported. {TOLD}\n", "")
    assert run(good) == (0, f"{SLUG}: already there, unchanged. {TOLD}\n", "")
    assert stored() == [1, 1, 4, 2]


def test_a_dry_run_says_what_it_would_do_and_stores_nothing(run, good):
    why = (
        "4 of the first 4 lines have a shape of MeetBot .log.txt;"
        " second comes W3C RRSAgent log with 4"
    )
    read_as = f"{good}: read as MeetBot .log.txt: {why}.\n"
    dated = "  line 1: the file's name tells the date: 2011-03-29 21:00 UTC\n"
    told = f"{read_as}{SLUG}: would import. {TOLD}\n{dated}"
    assert run(good, "--dry-run") == (0, told, "")
    assert stored() == [0, 0, 0, 0]
    run(good)
    told = f"{read_as}{SLUG}: already there, unchanged. {TOLD}\n{dated}"
    assert run("--dry-run", good).out == told


def test_warnings_and_what_was_left_out_are_said_with_the_line(run, write):
    path = write("weekly.2011-03-29.log", "20:00:00 <bea> hi\n\n" + LOG[:-24] + "what is this\n")
    done = run(path)
    assert done.out.splitlines() == [
        f"{SLUG}: imported. Weekly, 2011-03-29 21:00 UTC, 4 lines, 2 people; 2 action.",
        "  No #endmeeting by a chair; it is taken to end with its last line.",
        f"  {path}, line 1: this line is outside any meeting",
        f"  {path}, line 2: 1 line left out, blank",
        f"  {path}, line 6: no line shape of the format; kept as it is",
    ]
    assert (done.status, done.err) == (0, "")


def test_only_some_of_what_was_left_out_is_named(run, write):
    path = write("weekly.2011-03-29.log", LOG[:36] + "odd\n" * 9 + LOG[36:] * 4)
    done = run(path)
    told = [line for line in done.out.splitlines() if line.startswith("  ")]
    assert len(told) == 6
    assert told[5] == "  ... and 5 more; --dry-run and --json name them all."
    assert len(run("--json", path).json["skipped"]) == 10


@pytest.mark.parametrize(
    ("name", "data", "status", "reason"),
    [
        ("empty.log", b"", 2, "The file is empty."),
        ("blank.log", b"\n \n", 2, "There is no line to read in it."),
        ("nodate.log", LOG, 2, NO_DATE),
        ("utf16.2011-03-29.log", LOG.encode("utf-16"), 2, BINARY),
        ("utf16be.2011-03-29.log", LOG.encode("utf-16-be"), 2, BINARY),
        ("nul.2011-03-29.log", bytes(1000), 2, BINARY),
        ("log.2011-03-29.gz", gzip.compress(LOG.encode()), 2, PACKED.format("gzip")),
        ("log.2011-03-29.bz2", bz2.compress(LOG.encode()), 2, PACKED.format("bzip2")),
        ("log.2011-03-29.xz", lzma.compress(LOG.encode()), 2, PACKED.format("xz")),
        ("logs.zip", b"PK\x03\x04\x14\0", 2, PACKED.format("zip")),
        ("letter.2011-03-29.txt", "Dear all", 2, CLOSEST),
        ("talk.2011-03-29.log", "21:00:00 <ada> hi\n", 1, NO_MEETING),
        ("late.2011-03-29.log", "21:00:00 <ada> #endmeeting\n", 1, NO_MEETING),
    ],
)
def test_a_file_that_gives_nothing_is_named_with_the_reason(
    run, write, good, name, data, status, reason
):
    path = write(name, data)
    outside = f"  {path}, line 1: this line is outside any meeting\n" if status == 1 else ""
    assert run(path) == (status, outside, f"{path}: {reason}\n")
    assert stored() == [0, 0, 0, 0]
    done = run(path, good)
    assert done == (status, f"{outside}{SLUG}: imported. {TOLD}\n", f"{path}: {reason}\n")
    assert stored() == [1, 1, 4, 2]
    again = run("--json", path, good)
    assert (again.status, again.json["errors"]) == (
        status,
        [{"path": str(path), "reason": reason}],
    )
    assert [meeting["slug"] for meeting in again.json["meetings"]] == [SLUG]


def test_the_worst_outcome_is_the_exit_status(run, write, good):
    talk, empty = write("talk.log", "21:00:00 <ada> hi\n"), write("empty.log", "")
    for paths in ([talk, empty], [empty, talk]):
        assert run(*paths).status == 2
    assert run(talk, good).status == 1


def test_what_is_not_there_or_not_a_file_is_named_with_the_reason(run, tmp_path, good):
    (tmp_path / "hollow").mkdir()
    missing, hollow, long = tmp_path / "missing", tmp_path / "hollow", tmp_path / ("x" * 300)
    done = run(missing, hollow, good, good / "inside")
    assert (done.status, done.out) == (2, f"{SLUG}: imported. {TOLD}\n")
    assert sorted(done.err.splitlines()) == [
        f"{hollow}: There is no file in this folder.",
        f"{missing}: It cannot be read: No such file or directory.",
        f"{good / 'inside'}: It cannot be read: Not a directory.",
    ]
    done = run(long, good)
    assert done.err == f"{long}: It cannot be read: File name too long.\n"
    assert (done.status, done.out) == (2, f"{SLUG}: already there, unchanged. {TOLD}\n")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file here fails when read")
def test_a_file_that_fails_while_it_is_read_is_named_with_the_reason(run, good):
    done = run("/proc/self/mem", good)
    assert done.err == "/proc/self/mem: It cannot be read: Input/output error.\n"
    assert (done.status, done.out) == (2, f"{SLUG}: imported. {TOLD}\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_named_with_the_reason(run, write, good):
    secret = write("secret.2011-03-29.log", LOG)
    secret.chmod(0)
    done = run(secret, good)
    assert done.err == f"{secret}: It cannot be read: Permission denied.\n"
    assert (done.status, done.out) == (2, f"{SLUG}: imported. {TOLD}\n")


def test_a_pipe_that_has_a_name_is_read_like_a_file(run, tmp_path):
    pipe = tmp_path / "weekly.2011-03-29.log"
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_bytes, args=[LOG.encode()], daemon=True).start()
    assert run(pipe) == (0, f"{SLUG}: imported. {TOLD}\n", "")


def test_a_folder_gives_its_files_in_order_and_hidden_ones_are_left_out(run, write, tmp_path):
    write("logs/b/weekly.2011-04-05.log", LOG)
    write("logs/a.2011-03-29.log", LOG)
    write("logs/.hidden", "what is this")
    write("logs/.git/HEAD", "ref: refs/heads/main")
    done = run(tmp_path / "logs")
    assert (done.status, done.err) == (0, "")
    assert [line.partition(":")[0] for line in done.out.splitlines()] == [
        "a.2011-03-29-21.00",
        "weekly.2011-04-05-21.00",
    ]


def test_a_file_name_in_another_encoding_is_no_reason_to_fail(run, tmp_path, good):
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.2011-03-29.log")  # noqa: PTH118 bytes
    with open(path, "wb") as file:  # noqa: PTH123 bytes
        file.write(LOG.encode() + b"what is this\n")
    done = run(os.fsdecode(path), good)
    assert (done.status, done.err, stored()) == (0, "", [1, 1, 4, 2])


NO_FORMAT = (
    "There is no log format “morse”. Known formats: "
    + ", ".join(known.name for known in FORMATS)
    + "."
)
NO_ZONE = "is not a time zone. Use an IANA name such as Europe/Paris or UTC."


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "morse"], NO_FORMAT),
        (["--date", "2011-02-30"], "--date: “2011-02-30” is no date; write YYYY-MM-DD."),
        (["--date", "yesterday"], "--date: “yesterday” is no date; write YYYY-MM-DD."),
        (["--zone", "Mars/Olympus"], f"--zone: “Mars/Olympus” {NO_ZONE}"),
        (["--zone", "../etc/passwd"], f"--zone: “../etc/passwd” {NO_ZONE}"),
    ],
)
def test_an_option_that_makes_no_sense_stops_before_anything_is_read(run, good, options, words):
    assert run(good, *options) == (2, "", f"{words}\n")
    assert stored() == [0, 0, 0, 0]


def test_options_say_what_the_file_does_not(run, write):
    path = write("talk.log", LOG)
    options = ["--date", "2011-07-01", "--zone", "Europe/Paris", "--channel", "#thaw"]
    done = run(path, "--format", "meetbot", "--json", *options)
    (meeting,) = done.json["meetings"]
    told = "slug title channel started_at ended_at format format_why dated_by".split()
    assert {name: meeting[name] for name in told} == {
        "slug": "thaw.2011-07-01-19.00",
        "title": "Weekly",
        "channel": "thaw",
        "started_at": "2011-07-01T19:00:00Z",
        "ended_at": "2011-07-01T19:00:09Z",
        "format": "meetbot",
        "format_why": "named by the caller",
        "dated_by": "date given",
    }


def test_a_wrong_format_finds_no_meeting_and_says_as_what_it_read(run, good):
    done = run(good, "--format", "matrix")
    told = "No meeting in it: nobody says #startmeeting. (Read as Fedora Matrix log.)" + SAY
    assert (done.status, done.err) == (1, f"{good}: {told}\n")
    assert stored() == [0, 0, 0, 0]


def test_json_is_one_object_whatever_happens(run, write, good, tmp_path):
    nodate, empty = write("nodate.log", LOG), write("empty.log", "")
    done = run("--json", good, nodate, empty, tmp_path / "missing")
    assert (done.status, set(done.json)) == (2, {"meetings", "skipped", "errors"})
    (meeting,) = done.json["meetings"]
    items = [
        {
            "line": line,
            "at": f"2011-03-29T21:00:0{line + 3}Z",
            "nick": "bea",
            "kind": "action",
            "text": text,
            "topic": "",
            "url": "",
            "by_chair": False,
            "counted": True,
            "undone": False,
            "assignees": [text[:3]],
            "mentioned": [],
            "carried": False,
            "due": None,
        }
        for line, text in [(2, "ada to write it"), (3, "bea to read it")]
    ]
    assert meeting == {
        "slug": SLUG,
        "title": "Weekly",
        "channel": "weekly",
        "started_at": "2011-03-29T21:00:00Z",
        "ended_at": "2011-03-29T21:00:09Z",
        "chairs": ["ada"],
        "people": {"ada": 2, "bea": 2},
        "bots": [],
        "lines": 4,
        "created": True,
        "format": "meetbot",
        "format_why": "4 of the first 4 lines have a shape of MeetBot .log.txt;"
        " second comes W3C RRSAgent log with 4",
        "profile": "classic",
        "dated_by": "file name",
        "clock_correction_seconds": 0,
        "warnings": [],
        "items": items,
        "links": [],
        "suggestions": [],
    }
    assert done.json["errors"] == [
        {"path": str(nodate), "reason": NO_DATE},
        {"path": str(empty), "reason": "The file is empty."},
        {
            "path": str(tmp_path / "missing"),
            "reason": "It cannot be read: No such file or directory.",
        },
    ]


def test_a_log_may_come_through_a_pipe(process):
    dated = process("-", "--date", "2012-03-29", stdin=LOG.encode())
    told = f"{SLUG}: imported. {TOLD}".replace("2011", "2012")
    assert dated == (0, f"{told}\n", "")
    assert process("-", stdin=LOG.encode()) == (2, "", f"-: {NO_DATE}\n")


def test_a_closed_standard_input_is_said_in_words(process):
    done = process("-", input=None, stdin=None, preexec_fn=lambda: os.close(0))
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("-: It cannot be read: ")

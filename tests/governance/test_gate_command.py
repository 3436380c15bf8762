"""`manage.py gate`: one line and an exit status that a merge script can rely on."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from governance.gate import verdict
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_proposal,
    make_release,
)
from tests.governance.steps import NOON, decide

AT = "--at=2011-03-29T12:00:00Z"


@pytest.fixture
def proposal(db):
    cactus = make_release(name="Cactus", slug="cactus")
    make_freeze(release=cactus, name="FeatureFreeze")
    return make_proposal(key="54464", release=cactus, change_kind="feature")


@pytest.fixture
def exception(proposal):
    return make_exception(status="granted", release=proposal.release, proposals=[proposal])


def gate(*arguments):
    """Exit status and what is printed."""
    out = StringIO()
    try:
        call_command("gate", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def refused(*arguments):
    """Exit status and message of a command that was called wrongly."""
    with pytest.raises(CommandError) as error:
        call_command("gate", *arguments, stdout=StringIO())
    return error.value.returncode, str(error.value)


def test_what_may_land_is_told_in_one_line_with_exit_status_0(exception):
    status, told = gate("54464", AT)
    assert (status, told) == (0, f"May land. {verdict('54464', at=NOON).reason}\n")


def test_what_may_not_land_is_told_in_one_line_with_exit_status_1(proposal):
    assert gate("54464", AT) == (
        1,
        f"May not land. {verdict('54464', at=NOON).reason}\n",
    )


@pytest.mark.django_db
def test_what_nobody_knows_is_told_in_one_line_with_exit_status_2():
    assert gate("nope", AT) == (2, "Cannot tell. Nothing here is known as “nope”.\n")


@pytest.mark.parametrize(("at", "status"), [("09:59:59.999999", 0), ("10:00:00", 1)])
def test_the_instant_asked_about_is_exact(at, status, exception):
    assert gate("54464", f"--at=2011-03-30T{at}Z")[0] == status


@pytest.mark.parametrize(
    "at",
    [
        "2011-03-29T12:00:00+00:00",
        "2011-03-29T02:00:00-10:00",
        "2011-03-29 12:00Z",
        "20110329T120000Z",
    ],
)
def test_an_instant_is_understood_with_any_offset(at, exception):
    (_, told), (_, expected) = (gate("54464", f"--at={one}", "--json") for one in (at, AT[5:]))
    assert json.loads(told) == json.loads(expected)


def test_without_an_instant_it_is_now(exception, time_machine):
    time_machine.move_to(NOON, tick=False)
    assert json.loads(gate("54464", "--json")[1])["at"] == "2011-03-29T12:00:00Z"


@pytest.mark.parametrize(("reference", "status"), [("54464", 0), ("nope", 2)])
def test_as_json_it_is_what_the_api_gives_in_one_line(reference, status, exception):
    code, told = gate(reference, AT, "--json")
    assert (code, told.count("\n")) == (status, 1)
    assert json.loads(told) == verdict(reference, at=NOON).as_json()


def test_as_json_a_refusal_keeps_its_exit_status(proposal):
    code, told = gate("54464", AT, "--json")
    assert (code, json.loads(told)["code"]) == (1, "exception_missing")


def test_a_release_is_named_by_its_slug(exception):
    make_release(slug="diablo", name="Diablo")
    assert gate("54464", AT, "--release=diablo") == (
        0,
        "May land. No freeze of Diablo is in force.\n",
    )
    assert gate("54464", AT, "--release=cactus")[0] == 0


@pytest.mark.parametrize(
    "at",
    ["yesterday", "2011-03-29", "2011-03-29T12:00:00", "2011-13-29T12:00Z", "Z", "1301400000"],
)
def test_what_is_no_instant_is_refused_with_exit_status_2(at, proposal):
    assert refused("54464", f"--at={at}") == (
        2,
        f"--at: “{at}” is no instant; write it as 2011-03-30T10:00:00Z.",
    )


@pytest.mark.parametrize("at", ["0001-01-01T00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_beyond_the_calendar_is_refused_with_exit_status_2(at, proposal):
    assert refused("54464", f"--at={at}")[0] == 2


def test_a_release_that_nobody_knows_is_refused_with_exit_status_2(proposal):
    assert refused("54464", "--release=dablo") == (
        2,
        "--release: there is no release “dablo”. Known: cactus.",
    )


@pytest.mark.django_db
def test_a_release_where_there_is_none_is_refused_with_exit_status_2():
    assert refused("54464", "--release=cactus")[1].endswith("Known: none.")


def test_a_reason_of_several_lines_is_told_in_one(proposal):
    exception = make_exception(release=proposal.release, proposals=[proposal])
    decide(exception, "deny", by=make_manager(), rationale="Too late.\n\nMay land. Really.")
    code, told = gate("54464", AT)
    assert (code, told.count("\n")) == (1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("reference", ["a\nMay land.", "a\x1b[2Jb", "a\rMay land."], ids=ascii)
def test_an_unknown_reference_is_told_without_its_control_characters(reference):
    code, told = gate(reference, AT)
    assert code == 2
    assert told.rstrip("\n").isprintable()

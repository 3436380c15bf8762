"""Schedules and lists become records; a second time changes what has changed."""

import io
from datetime import UTC

import pytest

from governance.models import Decision, ExceptionRequest
from releases.models import Milestone, MilestoneMove, Person, Release
from tests.factories import (
    make_freeze,
    make_manager,
    make_milestone,
    make_person,
    make_release,
    utc,
)
from tests.thaw.places import ROOT

pytestmark = pytest.mark.django_db
EXAMPLES = ROOT / "docs" / "examples"

TABLE = """---
start-week: '2026-08-17'
release-week: '2026-09-28'
cycle:
  - start: '2026-08-24'
    end: '2026-08-28'
    name: R-5
    x-project: [c-ff, c-doubt]
    project-specific: [c-nova-ff]
  - start: '2026-09-28'
    end: '2026-10-02'
    name: R+0
    x-project: [c-release]
"""
PROSE = """
2026.2 Cactus Release Schedule
==============================

.. _c-ff:

Feature freeze
--------------

No feature after it.

.. _c-doubt:

Soft StringFreeze
-----------------

On 3 September 2026.

.. _c-nova-ff:

Nova feature freeze
-------------------

26 August 2026 (18:00 UTC).

.. _c-release:

Cactus release
--------------

On Wednesday, September 30, 2026.
"""


@pytest.fixture
def schedule(tmp_path):
    """Write both files and give the path of the table; `day` moves the freeze of nova."""

    def schedule(day="26"):
        folder = tmp_path / "cactus"
        folder.mkdir(exist_ok=True)
        (folder / "schedule.rst").write_text(PROSE.replace("26 August", f"{day} August"))
        (folder / "schedule.yaml").write_text(TABLE)
        return folder / "schedule.yaml"

    return schedule


def rows():
    return {
        m.slug: (m.at, m.kind, m.blocks, m.project and m.project.slug)
        for m in Milestone.objects.select_related("project")
    }


def test_a_schedule_makes_a_release_and_leaves_out_what_is_in_doubt(schedule, run):
    done = run("import_schedule", schedule())
    assert done.status == 1
    assert done.out.splitlines()[0].startswith(
        "schedule.rst, line 17: “3 September 2026” is not in R-5 (2026-08-24, line 8 of"
    )
    assert "--prefer table (Thu 27 August 2026 23:59 UTC) or --prefer prose (Thu 3" in done.out
    assert str(Release.objects.get()) == "Cactus (2026.2)"
    assert rows() == {
        "c-ff": (utc(2026, 8, 27, 23, 59), "feature-freeze", ["feature"], None),
        "c-nova-ff": (utc(2026, 8, 26, 18), "feature-freeze", ["feature"], "nova"),
        "c-release": (utc(2026, 9, 30, 23, 59), "release", [], None),
    }


@pytest.mark.parametrize(("source", "day"), [("table", (8, 27)), ("prose", (9, 3))])
def test_a_source_that_is_preferred_settles_it(source, day, schedule, run):
    assert run("import_schedule", schedule(), "--prefer", source).status == 0
    assert rows()["c-doubt"][:2] == (utc(2026, *day, 23, 59), "string-freeze")


def test_a_finding_names_the_file_that_was_given(tmp_path, run):
    ours = tmp_path / "our-dates.md"
    ours.write_text((EXAMPLES / "fennel-2.4" / "README.md").read_text())
    told = run("import_schedule", ours, "--dry-run").out.splitlines()
    assert [line.split(": ")[0] for line in told[:2]] == [
        "our-dates.md, line 9",
        "our-dates.md, line 10",
    ]
    found = run("import_schedule", ours, "--dry-run", "--json").json["warnings"]
    assert {warning["path"] for warning in found} == {"our-dates.md"}


def test_importing_again_changes_nothing(schedule, run):
    run("import_schedule", schedule(), "--prefer", "table")
    before = rows()
    again = run("import_schedule", schedule(), "--prefer", "table")
    assert "0 milestones new, 0 moved, 4 unchanged, 0 left out." in again.out
    assert (rows(), MilestoneMove.objects.count()) == (before, 0)


def test_what_has_moved_is_moved_by_somebody_with_the_file_as_reason(schedule, run):
    ttx = make_person(name="Thierry")
    ttx.handles.create(kind="irc", value="ttx")
    run("import_schedule", schedule())
    refused = run("import_schedule", schedule(day="25"))
    assert (refused.status, MilestoneMove.objects.count()) == (2, 0)
    assert refused.out == (
        "Nova feature freeze would move from Wed 26 August 2026 18:00 UTC to Tue 25 August 2026"
        " 18:00 UTC, and a move has somebody who makes it: say who (--by). Nothing was changed."
    )
    run("import_schedule", schedule(day="25"), "--by", "TTX")
    move = MilestoneMove.objects.get()
    assert (move.milestone.at, move.from_at, move.by, move.why) == (
        utc(2026, 8, 25, 18),
        utc(2026, 8, 26, 18),
        ttx,
        "cactus/schedule.yaml, line 9: Tue 25 August 2026 18:00 UTC.",
    )


def test_a_dry_run_tells_everything_and_stores_nothing(schedule, run):
    dry = run("import_schedule", schedule(), "--dry-run", "--json").json
    assert {one["slug"]: one["at"] for one in dry["created"]} == {
        "c-nova-ff": "2026-08-26T18:00:00Z",
        "c-ff": "2026-08-27T23:59:00Z",
        "c-release": "2026-09-30T23:59:00Z",
    }
    assert dry["left_out"] == [
        {
            "slug": "c-doubt",
            "line": 8,
            "choices": {"table": "2026-08-27T23:59:00Z", "prose": "2026-09-03T23:59:00Z"},
        }
    ]
    assert [(w["code"], w["line"], w["milestone"]) for w in dry["warnings"]] == [
        ("week", 17, "c-doubt")
    ]
    assert (Release.objects.count(), Milestone.objects.count()) == (0, 0)
    run("import_schedule", schedule())
    moved = run("import_schedule", schedule(day="25"), "--dry-run", "--json").json["moved"]
    assert moved == [
        {"slug": "c-nova-ff", "from": "2026-08-26T18:00:00Z", "to": "2026-08-25T18:00:00Z"}
    ]
    assert MilestoneMove.objects.count() == 0


def test_it_goes_into_the_release_named_and_leaves_what_the_file_does_not_know(schedule, run):
    cactus = make_release(slug="cactus-2026", name="Cactus as we call it")
    make_milestone(release=cactus, slug="party", name="Party")
    done = run("import_schedule", schedule(), "--release", "cactus-2026")
    assert "1 milestone of the release is not in the file and stays: Party." in done.out
    assert (Release.objects.get().name, cactus.milestones.count()) == ("Cactus as we call it", 4)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file or directory."),
        (b"cycle:\n\xff\xfe", "Line 2: it is not written in UTF-8."),
        (b"cycle: [", "Line 1: "),
        (b"hello", "It looks like none of the schedules"),
        (b"| What | When |\n|--|--|\n| Party | soon |\n", "No milestone could be read. Line 3: "),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(text, why, tmp_path, run):
    path = tmp_path / "schedule"
    if text is not None:
        path.write_bytes(text)
    done = run("import_schedule", path)
    assert (done.status, why in done.out, Release.objects.count()) == (2, True, 0)


def test_the_prose_alone_is_told_where_its_table_is(schedule, run):
    prose = schedule().with_name("schedule.rst")
    for text in (prose.read_text(), "| a table |\n"):
        prose.write_text(text)
        done = run("import_schedule", prose)
        assert (done.status, "dates are in the schedule.yaml beside it" in done.out) == (2, True)


def test_a_schedule_and_a_list_may_come_through_a_pipe(release, run, monkeypatch):
    def through_a_pipe(*arguments, text):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return run(*arguments)

    assert "Name it (--release)" in through_a_pipe("import_schedule", "-", text=TABLE).out
    done = through_a_pipe("import_schedule", "-", "--release", "cactus", text=TABLE)
    assert done.out.startswith("cactus: 4 milestones new")
    done = through_a_pipe("import_exceptions", "-", "--release", "k", text=LIST)
    assert done.out.startswith("-, line 20: the entry that begins in line 19")
    assert "standard input, line " in Decision.objects.last().rationale


def test_somebody_whom_nobody_knows_cannot_move_anything(schedule, run):
    make_person(name="Twin"), make_person(name="twin")
    for who, why in (("nobody", "Nobody here is known as"), ("TWIN", "more than one person")):
        done = run("import_schedule", schedule(), "--by", who)
        assert (done.status, why in done.out) == (2, True)


@pytest.mark.parametrize("name", ["C 2026/2", "c" * 65])
def test_a_release_is_not_made_with_a_name_that_no_address_can_have(name, schedule, run):
    done = run("import_schedule", schedule(), "--release", name)
    assert (done.status, Release.objects.count()) == (2, 0)
    assert done.out.startswith(f"--release: “{name}” is no slug")


@pytest.mark.parametrize("kind", ["ics", "openstack"])
def test_what_is_exported_is_imported_as_it_was(kind, schedule, run, tmp_path):
    run("import_schedule", schedule(), "--prefer", "table")
    before = rows()
    path = run("export_schedule", "cactus", "--kind", kind, "--to", tmp_path).out.splitlines()[0]
    again = run("import_schedule", path, "--release", "cactus")
    assert "0 milestones new, 0 moved, 4 unchanged" in again.out
    run("import_schedule", path, "--release", "copy")
    copied = Milestone.objects.filter(release__slug="copy").select_related("project")
    assert {
        m.slug: (m.at, m.kind, m.blocks, m.project and m.project.slug) for m in copied
    } == before


def test_an_export_overwrites_nothing(schedule, run, tmp_path):
    run("import_schedule", schedule())
    (tmp_path / "schedule.ics").write_text("mine")
    assert "File exists" in run("export_schedule", "cactus", "--to", tmp_path).out
    assert (tmp_path / "schedule.ics").read_text() == "mine"


@pytest.mark.corpus
def test_the_schedule_of_hibiscus_makes_a_page_worth_looking_at(corpus, run, client):
    assert run("import_schedule", corpus / "openstack/hibiscus/schedule.yaml").status == 0
    page = client.get("/releases/hibiscus/").content.decode()
    for words in (
        "<h1>Hibiscus (2026.2)</h1>",
        "<strong>Feature freeze</strong>",
        '<time datetime="2026-08-27T23:59:00Z">Thu 27 August 2026 23:59 UTC</time>',
        "feature freeze of Oslo",
        "translatable strings",
    ):
        assert words in page


# --- Lists of exceptions --------------------------------------------------------------------------

LIST = """
enhancementFreeze:
- name: "Volumes"
  issue: 101
  date_requested: 2026-06-01
  date_reviewed: 2026-06-02
  thread: "https://lists.example.org/1"
  pull_requests:
    - "https://github.com/kubernetes/enhancements/pull/1"
  status: "approved"
codeFreeze:
- name: "Quotas"
  issue: 102
  date_requested: 2026-08-28
  date_reviewed: 2026-08-29
  thread: "https://lists.example.org/2"
  pull-requests: ["https://github.com/kubernetes/kubernetes/pull/2"]
  status: Approved
- name: "Broken: because
  issue: 103
- name: "Snapshots"
  issue: 104
  date_requested: 2026-08-28
  date_reviewed: 2026-08-30
  thread: "https://lists.example.org/3"
  pull_requests: ["https://github.com/kubernetes/kubernetes/pull/3"]
  status: rejected
- name: "Tracked only"
  issue: 105
  date_requested: 2026-08-28
  pull_requests: ["https://github.com/orgs/kubernetes/projects/53"]
- name: "Taken out again"
  issue: 106
  date_requested: 2026-08-28
  date_reviewed: 2026-08-28
  pull_requests: ["https://github.com/kubernetes/kubernetes/pull/5"]
  status: reverted
- name: "Taken back"
  issue: 107
  date_requested: 2026-08-28
  date_reviewed: 2026-08-28
  pull_requests: ["https://github.com/kubernetes/kubernetes/pull/6"]
  status: removed
- name: "Twice"
  issue: 102
  date_requested: 2026-08-29
  date_reviewed: 2026-08-29
  pull_requests: ["https://github.com/kubernetes/kubernetes/pull/2"]
  status: approved
"""


@pytest.fixture
def release():
    release = make_release(slug="k", name="K")
    make_freeze(release=release, name="Code Freeze", slug="code-freeze", at=utc(2026, 8, 27))
    make_milestone(release=release, name="K", kind="release", slug="ga", at=utc(2026, 9, 30))
    return release


@pytest.fixture
def listing(tmp_path):
    def listing(text=LIST):
        path = tmp_path / "exceptions.yaml"
        path.write_text(text)
        return path

    return listing


def stories():
    return {
        one.title: (one.status, one.expires_with and one.expires_with.slug)
        for one in ExceptionRequest.objects.select_related("expires_with")
    }


def test_a_list_is_entered_by_the_verbs_and_its_broken_entries_are_named(release, listing, run):
    done = run("import_exceptions", listing(), "--release", "k", "--json")
    assert done.status == 1
    assert stories() == {
        "Volumes": ("granted", "code-freeze"),
        "Quotas": ("granted", "ga"),
        "Snapshots": ("denied", None),
        "Tracked only": ("requested", None),
        "Taken out again": ("reverted", "ga"),
        "Taken back": ("withdrawn", None),
    }
    errors = [(one["line"], one["reason"][:40]) for one in done.json["errors"]]
    assert errors == [
        (20, "the entry that begins in line 19 cannot "),
        (44, "“Twice”: There is an exception from Code"),
    ]
    assert [(one["line"], one["reason"]) for one in done.json["warnings"]] == [
        (28, "“https://github.com/orgs/kubernetes/projects/53” is no pull request."),
        (44, "issue 102 is listed 2 times, in lines 12 and 44."),
    ]
    quotas = ExceptionRequest.objects.get(title="Quotas").decisions.order_by("sequence")
    assert [(d.verb, d.by.name, d.at.astimezone(UTC), d.source_url) for d in quotas] == [
        ("request", "Release team of K", utc(2026, 8, 28), "https://lists.example.org/2"),
        ("grant", "Release team of K", utc(2026, 8, 29), "https://lists.example.org/2"),
    ]
    assert Decision.objects.first_broken() is None


def test_entering_a_list_again_adds_only_what_was_decided_since(release, listing, run):
    ttx = make_manager(name="Thierry")
    run("import_exceptions", listing(), "--release", "k", "--by", "Thierry")
    length = Decision.objects.count()
    again = run("import_exceptions", listing(), "--release", "k", "--by", "Thierry")
    assert "0 exceptions new, 0 decided since, 6 unchanged, 2 not imported." in again.out
    assert (Decision.objects.count(), Person.objects.count()) == (length, 1)
    since = LIST.replace(
        '  pull_requests: ["https://github.com/orgs/kubernetes/projects/53"]\n',
        "  date_reviewed: 2026-08-30\n  status: approved\n",
    )
    done = run("import_exceptions", listing(since), "--release", "k", "--by", "Thierry")
    assert "0 exceptions new, 1 decided since" in done.out
    tracked = ExceptionRequest.objects.get(title="Tracked only")
    assert (tracked.status, tracked.decisions.filter(by=ttx).count()) == ("granted", 2)


def test_somebody_who_may_not_decide_decides_nothing(release, listing, run):
    who = make_person(name="Jun")
    who.memberships.create(role="contributor")
    done = run("import_exceptions", listing(), "--release", "k", "--by", "Jun")
    assert "“Quotas” is undecided: Jun may not grant" in done.out
    assert {status for status, _ in stories().values()} == {"requested", "withdrawn"}


def test_a_list_needs_a_release_with_a_freeze(listing, run):
    missing = run("import_exceptions", listing(), "--release", "k")
    assert (missing.status, "there is no release “k”" in missing.out) == (2, True)
    make_release(slug="k")
    bare = run("import_exceptions", listing(), "--release", "k")
    assert (bare.status, "has no freeze that exceptions could be from" in bare.out) == (2, True)


def test_what_is_exported_is_entered_as_it_was(release, listing, run):
    run("import_exceptions", listing(), "--release", "k")
    out = run("export_exceptions", "k").out
    before = stories()
    assert "0 exceptions new" in run("import_exceptions", listing(out), "--release", "k").out
    copy = make_release(slug="copy", name="K")
    for one in release.milestones.all():
        make_milestone(
            release=copy, name=one.name, slug=one.slug, kind=one.kind, at=one.at, blocks=one.blocks
        )
    run("import_exceptions", listing(out), "--release", "copy")
    copied = ExceptionRequest.objects.filter(release=copy).select_related("expires_with")
    assert {
        one.title: (one.status, one.expires_with and one.expires_with.slug) for one in copied
    } == before

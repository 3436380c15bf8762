"""What people write to mean a change: each spelling finds it, and nothing else does."""

import re

import pytest
from django.db import connection

from governance.gate import Code, verdict
from governance.gate_many import verdicts
from governance.meant import MANY, Choice, choose, choose_each, named, nearest_named
from releases.models import MergeProposal
from releases.models.proposals import SpokenName
from tests.factories import (
    make_exception,
    make_freeze,
    make_milestone,
    make_proposal,
    make_release,
    utc,
)
from tests.governance.steps import NOON

pytestmark = pytest.mark.django_db

MERGE = "/~jun/nova/volumes-api/+merge/54464"
LAUNCHPAD = [
    "54464",
    "#54464",
    "!54464",
    "  54464\n",
    f"https://code.launchpad.net{MERGE}",
    f"http://code.launchpad.net{MERGE}/",
    f"<https://code.launchpad.net{MERGE}>",
    f"https://code.edge.launchpad.net{MERGE}?x=1#diff",
    f"https://launchpad.net{MERGE}",
    f"https://api.launchpad.net/1.0{MERGE}",
    f"https://code.launchpad.net{MERGE.replace('~', '%7E').replace('+', '%2B')}",
    "volumes-api",
    "~jun/nova/volumes-api",
    "lp:~jun/nova/volumes-api",
    "proposal:launchpad:54464",
]
GERRIT = [
    "803322",
    "#803322",
    "review.opendev.org/803322",
    "https://review.opendev.org/803322",
    "https://review.opendev.org/c/openstack/nova/+/803322",
    "https://review.opendev.org/c/openstack/nova/+/803322/2/nova/api.py",
    "https://review.openstack.org/#/c/803322/",
    "proposal:gerrit:review.opendev.org/803322",
]
GITHUB = [
    "owner/My_Repo#12",
    "OWNER/my_repo#12",
    "12",
    "#12",
    "My_Repo#12",
    "my_repo#12",
    " MY_REPO#12 ",
    "https://github.com/owner/My_Repo/pull/12",
    "https://github.com/Owner/my_repo/pull/12/files#diff-1",
    "https://github.com/owner/My_Repo/issues/12",
    "https://api.github.com/repos/owner/My_Repo/pulls/12",
    " proposal:github:OWNER/my_repo#12 ",
]
GITLAB = [
    "gitlab.example.org/group/sub/api!7",
    "7",
    "!7",
    "api!7",
    "https://gitlab.example.org/group/sub/api/-/merge_requests/7",
]
UNKNOWN = [
    "",
    "   ",
    "54465",
    "5446",
    "##",
    "1",
    "2",
    "Repo#12",
    "owner#12",
    "other#12",
    "My_Repo!12",
    "My_Repo#1",
    "api#7",
    "sub/api!7",
    "My_Repo",
    "FFE-",
    "FFE-0",
    "FFE--1",
    "FFE-1x",
    "FFE-999999",
    "FFE-\uff11",
    "FFE-" + "9" * 30,
    "nova/volumes-api",
    "volumes",
    "volumes_api",
    "volumes-ap%",
    "%",
    "\\",
    "lp:54464",
    "lp:",
    "owner/MyXRepo#12",
    "https://github.com/owner/My_Repo/pull/13",
    "https://example.org/54464",
    f"https://code.launchpad.net{MERGE} and 54805",
    f"https://code.launchpad.net{MERGE} https://code.launchpad.net{MERGE}",
    "'; DROP TABLE governance_decision; --",
    "x" * 501,
    "x" * 100_000,
    "\u202e54464",
    "54464\0",
    "\0",
    "\ud800",
    "FFE-\ud800",
    "proposal:launchpad",
    "proposal:launchpad:54465",
    "proposal:launchpad:54464\0",
    "proposal:\ud800:54464",
    "exception:FFE-999",
    "https://github.com/owner/\ud800/pull/12",
]


@pytest.fixture
def proposals():
    """Three forges' proposals of one release."""
    release = make_release()
    make_freeze(release=release)
    return {
        "launchpad": make_proposal(
            release=release, key="54464", branch="~jun/nova/volumes-api", forge="launchpad"
        ),
        "gerrit": make_proposal(release=release, key="review.opendev.org/803322", forge="gerrit"),
        "github": make_proposal(release=release, key="owner/My_Repo#12", forge="github"),
        "gitlab": make_proposal(release=release, key=GITLAB[0], forge="gitlab"),
    }


def found(reference, **asked):
    """What is found of it alone, which is what is found of it among others."""
    return chosen(reference, **asked).proposal


def chosen(reference, **asked):
    """The same, with how many others it fits."""
    alone = choose(reference, at=NOON, **asked)
    assert choose_each(["nothing", reference, reference], at=NOON, **asked)[1:] == [alone] * 2
    return alone


@pytest.mark.parametrize(
    ("forge", "spellings"),
    [("launchpad", LAUNCHPAD), ("gerrit", GERRIT), ("github", GITHUB), ("gitlab", GITLAB)],
)
def test_a_change_is_found_by_each_of_its_spellings(forge, spellings, proposals):
    expected = dict.fromkeys(spellings, proposals[forge])
    assert {spelling: found(spelling) for spelling in spellings} == expected


@pytest.mark.parametrize("reference", UNKNOWN, ids=lambda reference: ascii(reference)[:40])
def test_what_names_no_change_is_unknown_and_never_an_error(reference, proposals):
    told = verdict(reference, at=NOON)
    assert (told.code, told.proposal, told.found) == (Code.UNKNOWN, None, None)
    assert found(reference) is None
    assert len(told.reason) < 450


@pytest.mark.parametrize("spelling", ["FFE-{}", "ffe-{}", " Ffe-{} ", "exception:FFE-{}"])
def test_a_change_is_found_by_its_exception(spelling, proposals):
    release = proposals["gerrit"].release
    exception = make_exception(release=release, proposals=[proposals["gerrit"]])
    assert found(spelling.format(exception.pk)) == proposals["gerrit"]


@pytest.mark.parametrize("release", [True, False])
def test_of_a_change_that_nobody_gave_a_release_its_last_exception_tells_it(release):
    soon, later = make_release(), make_release()
    make_milestone(release=soon, kind="release", at=utc(2011, 4, 15))
    make_milestone(release=later, kind="release", at=utc(2011, 6, 15))
    make_freeze(release=soon)
    change = make_proposal(release=later if release else None)
    before = make_exception(release=later, freeze=make_freeze(release=later), proposals=[change])
    asked = [change.url, before.reference]
    told = [verdict(words, at=NOON) for words in asked]
    assert [(one.release, one.code) for one in told] == [(later, Code.UNDECIDED)] * 2
    assert verdicts(asked, at=NOON) == told
    told = verdict(change.url, at=utc(2011, 3, 24, 12))  # before anybody asked
    assert told.release == (later if release else soon)
    assert verdicts([change.url], at=utc(2011, 3, 24, 12)) == [told]


def test_what_was_deferred_from_a_release_that_has_shipped_may_land_in_the_next():
    shipped, made = make_release(), make_release()
    make_milestone(release=shipped, kind="release", at=utc(2011, 4, 15))
    make_milestone(release=made, kind="release", at=utc(2011, 10, 15))
    change, freeze = make_proposal(), make_freeze(release=shipped)
    deferred = make_exception(status="deferred", release=shipped, freeze=freeze, proposals=[change])
    asked = [change.url, deferred.reference]
    for at, answer in (
        (utc(2011, 4, 14), (shipped, Code.DENIED)),
        (utc(2011, 4, 16), (made, Code.NO_FREEZE)),
    ):
        told = [verdict(words, at=at) for words in asked]
        assert [(one.release, one.code) for one in told] == [answer] * 2
        assert verdicts(asked, at=at) == told


@pytest.mark.parametrize("name", ["ffe-volumes", "FFE-12-volumes"])
def test_a_branch_may_be_named_like_an_exception(name):
    branch = make_proposal(branch=f"~jun/nova/{name}")
    assert found(name) == branch


def test_where_a_number_fits_several_the_one_of_the_release_wins_then_the_newest():
    cactus, diablo = make_release(), make_release()
    first = make_proposal(forge="launchpad", key="1234", release=cactus)
    second = make_proposal(forge="commitfest", key="1234", release=diablo)
    third = make_proposal(forge="launchpad", key="9999")
    assert found("1234") == second
    assert [found("1234", release=release) for release in (cactus, diablo)] == [first, second]
    assert found("1234", release=make_release()) == second
    assert found("9999") == third


def test_where_a_branch_fits_several_the_one_of_the_release_wins_then_the_newest():
    cactus = make_release()
    first = make_proposal(branch="~jun/nova/volumes-api", release=cactus)
    second = make_proposal(branch="~ondine/nova/volumes-api")
    assert found("volumes-api") == second
    assert found("volumes-api", release=cactus) == first
    assert [found(one.branch) for one in (first, second)] == [first, second]


@pytest.mark.parametrize(
    ("branch", "name"),
    [
        ("~jun/nova/x", "x"),
        ("main", "main"),
        ("feature/a/b", "b"),
        ("aa/a", "a"),
        ("naan/nan", "nan"),
        ("~jun/+junk/ünïcode", "ünïcode"),
    ],
)
def test_a_branch_is_found_by_what_follows_its_last_slash(branch, name):
    proposal = make_proposal(branch=branch)
    assert [found(branch), found(name)] == [proposal, proposal]


def test_a_branch_is_not_found_by_its_repository():
    branch = make_proposal(branch="~jun/nova/+git/volumes")
    assert [found("volumes"), found(branch.branch)] == [None, branch]


def test_a_change_without_a_branch_is_not_found_by_nothing(proposals):
    assert [found(""), found("lp:"), found("/")] == [None, None, None]


# --- Several of one name --------------------------------------------------------------------------


def test_a_number_of_several_repositories_is_told_apart_by_the_repository():
    nova = make_proposal(forge="github", key="openstack/nova#77")
    fork = make_proposal(forge="github", key="jun/nova#77")
    swift = make_proposal(forge="github", key="openstack/swift#77")
    make_proposal(forge="github", key="openstack/nova#177")
    assert chosen("77") == Choice(swift, others=2)
    assert chosen("nova#77") == Choice(fork, others=1)
    assert [chosen(one.key) for one in (nova, fork)] == [Choice(nova), Choice(fork)]


@pytest.mark.parametrize(
    ("key", "said"),
    [("x", ["x"]), ("h/1", ["1"]), ("77/nova#7", ["7", "NOVA#7"]), ("a#b/c!d#9", ["9", "c!d#9"])],
)
def test_a_number_is_what_follows_the_last_sign(key, said):
    proposal = make_proposal(forge="pagure", key=key)
    assert [chosen(words) for words in said] == [Choice(proposal)] * len(said)


@pytest.mark.parametrize("amount", [1, 2, 3, MANY, MANY + 1, 60])
def test_it_is_told_how_many_others_have_the_name_as_far_as_anybody_counts(amount):
    newest = [make_proposal(branch=f"~p{n}/nova/fix") for n in range(amount)][-1]
    assert chosen("fix") == Choice(newest, others=min(amount - 1, MANY))


@pytest.mark.parametrize(
    "fields",
    [
        lambda n: {"branch": "main"},
        lambda n: {"branch": f"~p{n}/nova/main"},
        lambda n: {"forge": "github", "key": f"o/r{n}#12"},
        lambda n: {"forge": "github", "key": f"o{n}/main#12"},
    ],
    ids=["branch", "last part", "number", "repository"],
)
def test_the_one_meant_for_the_release_wins_however_many_are_newer(fields):
    cactus, diablo = make_release(), make_release()
    made = [make_proposal(release=cactus if n == 5 else diablo, **fields(n)) for n in range(60)]
    words = (
        "main" if "branch" in fields(0) else "12" if fields(1)["key"] == "o/r1#12" else "main#12"
    )
    assert chosen(words) == Choice(made[-1], others=MANY)
    assert chosen(words, release=cactus) == Choice(made[5], others=MANY)
    assert chosen(words, release=make_release()) == Choice(made[-1], others=MANY)


def test_where_no_release_is_asked_about_the_newest_wins_of_a_release_or_not():
    cactus = make_release()
    made = [make_proposal(branch="x", release=cactus if n > 20 else None) for n in range(40)]
    assert chosen("x") == Choice(made[-1], others=MANY)


def test_of_the_changes_of_an_exception_the_one_of_the_release_is_told_then_the_newest():
    cactus = make_release()
    proposals = [make_proposal(release=cactus if n == 3 else None) for n in range(60)]
    reference = make_exception(release=cactus, proposals=proposals).reference
    assert chosen(reference) == Choice(proposals[-1], others=MANY)
    assert chosen(reference, release=cactus) == Choice(proposals[3], others=MANY)


def test_no_more_of_a_name_are_read_than_are_counted():
    """By any of the ways in which sixty fit, for one name and for two."""
    MergeProposal.objects.bulk_create(
        MergeProposal(forge="github", key=f"o{n}/nova#7", branch=f"~p{n}/nova/fix")
        for n in range(60)
    )
    names = [
        SpokenName("7", "7", "7"),
        SpokenName("fix", "FIX", "fix"),
        SpokenName("nova#7", "NOVA#7", "nova#7"),
    ]
    read = [way for way, *_ in nearest_named(names, None)]
    assert {way: read.count(way) for way in read} == dict.fromkeys(
        ["number", "branch_name", "last_in_key"], MANY + 1
    )


def test_a_change_that_fits_in_several_ways_is_one():
    proposal = make_proposal(forge="gerrit", key="77", branch="77")
    assert chosen("77") == Choice(proposal)


@pytest.mark.parametrize("release", [None, 1])
def test_by_a_name_a_change_is_looked_up_and_not_searched_for(release):
    """Each of the ways has its index, for one name and for many."""
    MergeProposal.objects.bulk_create(
        MergeProposal(forge="github", key=f"o/r{n}#{n}", branch=f"b/{n}") for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE releases_mergeproposal")
    name = {"key": "r5#5", "last_in_key": "R5#5", "branch": "r5#5"}
    alone = named.__wrapped__(**name, release=release, at=NOON).explain()
    among_others = nearest_named([SpokenName(**name), SpokenName("b", "B", "b")], release).explain()
    for plan in (alone, among_others):
        assert not re.findall(r"(?:SCAN|Seq Scan on) releases_mergeproposal", plan)
        assert {"proposal_number", "proposal_last_in_key"} <= set(re.findall(r"\w+", plan))

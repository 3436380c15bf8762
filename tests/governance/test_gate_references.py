"""What people write to mean a change: each spelling finds it, and nothing else does."""

import pytest

from governance.gate import Code, verdict
from governance.meant import find_proposal, find_proposals
from tests.factories import make_exception, make_freeze, make_proposal, make_release
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
]
GERRIT = [
    "review.opendev.org/803322",
    "https://review.opendev.org/803322",
    "https://review.opendev.org/c/openstack/nova/+/803322",
    "https://review.opendev.org/c/openstack/nova/+/803322/2/nova/api.py",
    "https://review.openstack.org/#/c/803322/",
]
GITHUB = [
    "owner/My_Repo#12",
    "OWNER/my_repo#12",
    "https://github.com/owner/My_Repo/pull/12",
    "https://github.com/Owner/my_repo/pull/12/files#diff-1",
    "https://github.com/owner/My_Repo/issues/12",
    "https://api.github.com/repos/owner/My_Repo/pulls/12",
]
UNKNOWN = [
    "",
    "   ",
    "54465",
    "5446",
    "##",
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
    }


def found(reference, **asked):
    """What is found of it alone, which is what is found of it among others."""
    alone = find_proposal(reference, at=NOON, **asked)
    assert find_proposals(["9999", reference], at=NOON, **asked)[1] == alone
    return alone


@pytest.mark.parametrize(
    ("forge", "spellings"), [("launchpad", LAUNCHPAD), ("gerrit", GERRIT), ("github", GITHUB)]
)
def test_a_change_is_found_by_each_of_its_spellings(forge, spellings, proposals):
    expected = dict.fromkeys(spellings, proposals[forge])
    assert {spelling: found(spelling) for spelling in spellings} == expected


@pytest.mark.parametrize("reference", UNKNOWN, ids=lambda reference: ascii(reference)[:40])
def test_what_names_no_change_is_unknown_and_never_an_error(reference, proposals):
    told = verdict(reference, at=NOON)
    assert (told.code, told.proposal, told.found) == (Code.UNKNOWN, None, None)
    assert found(reference) is None
    assert len(told.reason) < 300


@pytest.mark.parametrize("spelling", ["FFE-{}", "ffe-{}", " Ffe-{} "])
def test_a_change_is_found_by_its_exception(spelling, proposals):
    release = proposals["gerrit"].release
    exception = make_exception(release=release, proposals=[proposals["gerrit"]])
    assert found(spelling.format(exception.pk)) == proposals["gerrit"]


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

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings

from releases.references import (
    HOST_ALIASES,
    SHORTENERS,
    TEXT_SHAPES,
    TOKEN,
    URL_SHAPES,
    Reference,
    find_references,
    parse_reference,
)
from tests.properties import references

CHANGE_ID = "I8473b95934b5732ac55d26311a706c9c2bde9941"
MESSAGE_ID = "20230405.123456-7-a.person@example.org"

# Without the scheme, so that every row is read with both.
ADDRESSES = {
    "proposal:launchpad:54464": [
        "code.launchpad.net/~justin-fathomdb/nova/volumes-api/+merge/54464",
        "code.edge.launchpad.net/~justin-fathomdb/nova/volumes-api/+merge/54464",
        "launchpad.net/~justin-fathomdb/nova/volumes-api/+merge/54464",
        "code.launchpad.net/%7Ejustin-fathomdb/nova/volumes-api/%2Bmerge/54464",
        "code.launchpad.net/~someone/+junk/try/+merge/54464",
        "code.launchpad.net/~someone/ubuntu/lucid/mesa/fix-dri/+merge/54464",
        "api.launchpad.net/devel/~justin-fathomdb/nova/volumes-api/+merge/54464",
        "api.launchpad.net/1.0/~justin-fathomdb/nova/volumes-api/+merge/54464",
        "api.edge.launchpad.net/beta/~justin-fathomdb/nova/volumes-api/+merge/54464",
        "code.launchpad.net/~someone/nova/+git/nova/+merge/54464",
        "code.launchpad.net/~someone/ubuntu/+source/mesa/+git/mesa/+merge/54464",
        "code.launchpad.net/~someone/+git/scripts/+merge/54464",
        "code.launchpad.net/~someone/nova/fix/+merge/54464/comments/116384",
    ],
    "bug:launchpad:1717598": [
        "launchpad.net/bugs/1717598",
        "bugs.launchpad.net/bugs/1717598",
        "bugs.edge.launchpad.net/bugs/1717598",
        "bugs.launchpad.net/cloud-init/+bug/1717598",
        "bugs.launchpad.net/cloud-init/+bug/1717598/comments/4",
        "bugs.launchpad.net/ubuntu/+source/cloud-init/+bug/1717598",
        "api.launchpad.net/1.0/bugs/1717598",
        "pad.lv/1717598",
    ],
    "blueprint:launchpad:nova/volumes-api": [
        "blueprints.launchpad.net/nova/+spec/volumes-api",
        "blueprints.launchpad.net/nova/cactus/+spec/volumes-api",
        "launchpad.net/nova/+spec/volumes-api?searchtext=#whiteboard",
    ],
    "milestone:launchpad:cloud-init/17.2": [
        "launchpad.net/cloud-init/+milestone/17.2",
        "api.launchpad.net/devel/cloud-init/+milestone/17.2",
    ],
    "proposal:gerrit:review.opendev.org/803322": [
        "review.openstack.org/#change,803322",
        "review.openstack.org/#patch,sidebyside,803322,2,nova/api.py",
        "review.openstack.org/803322",
        "review.openstack.org/803322/",
        "review.openstack.org/#/c/803322",
        "review.openstack.org/#/c/803322/",
        "review.openstack.org/#/c/803322/3",
        "review.openstack.org/#/c/803322/3/nova/api/openstack.py",
        "review.opendev.org/c/803322",
        "review.opendev.org/c/openstack/nova/+/803322",
        "review.opendev.org/c/openstack/nova/%2B/803322",
        "review.opendev.org/c/openstack/nova/%2b/803322/4/nova/api.py#17",
        "review.opendev.org:443/c/nova/+/803322?usp=email",
    ],
    "proposal:gerrit:gerrit.wikimedia.org/12345": [
        "gerrit.wikimedia.org/r/#/c/12345/",
        "gerrit.wikimedia.org/r/c/mediawiki/core/+/12345/2",
        "gerrit.wikimedia.org/r/12345",
    ],
    f"proposal:gerrit:review.opendev.org/{CHANGE_ID}": [
        f"review.opendev.org/q/{CHANGE_ID}",
        f"review.openstack.org/#/q/{CHANGE_ID}",
    ],
    "proposal:gerrit:codereview.example.org/77": [
        "codereview.example.org/c/a/b/c/d/+/77",
        "codereview.example.org/#/c/a/b/+/77/2",
        "codereview.example.org/#/c/77/2/a/b.py",
        "codereview.example.org/#change,77",
    ],
    "proposal:gerrit:chromium-review.googlesource.com/8258390": [
        "crrev.com/c/8258390",
        "chromium-review.googlesource.com/8258390",
        "chromium-review.googlesource.com/c/chromium/src/+/8258390",
    ],
    "proposal:gerrit:go-review.googlesource.com/517": [
        "go.dev/cl/517",
        "golang.org/cl/517",
        "go-review.googlesource.com/c/go/+/517",
    ],
    "proposal:github:owner/repo#12": [
        "github.com/owner/repo/pull/12",
        "www.github.com/owner/repo/pull/12/",
        "github.com/owner/repo/pull/12/files",
        "github.com/owner/repo/pull/12.patch",
        "github.com/owner/repo/pull/12/commits",
        "github.com/owner/repo/pull/12/commits/0123abc",
        "github.com/owner/repo/pull/12/checks?check_run_id=1",
        "github.com/owner/repo/pull/12#issuecomment-99",
        "github.com/owner/repo/pull/12/files#discussion_r99",
        "api.github.com/repos/owner/repo/pulls/12",
    ],
    "bug:github:owner/repo#12": [
        "github.com/owner/repo/issues/12",
        "github.com/owner/repo/issues/12#issuecomment-99",
        "api.github.com/repos/owner/repo/issues/12",
    ],
    "proposal:github:github.example.com/owner/repo#12": [
        "github.example.com/owner/repo/pull/12",
        "github.example.com/api/v3/repos/owner/repo/pulls/12",
    ],
    "proposal:gitlab:group/project!7": [
        "gitlab.com/group/project/-/merge_requests/7",
        "gitlab.com/group/project/merge_requests/7",
        "gitlab.com/group/project/-/merge_requests/7/diffs?commit_id=0123abc",
        "gitlab.com/group/project/-/merge_requests/7/commits",
        "gitlab.com/group/project/-/merge_requests/7#note_99",
    ],
    "proposal:gitlab:group/sub/more/project!7": [
        "gitlab.com/group/sub/more/project/-/merge_requests/7",
    ],
    "proposal:gitlab:code.example.org:8443/group/project!7": [
        "code.example.org:8443/group/project/-/merge_requests/7",
    ],
    "proposal:forgejo:codeberg.org/owner/repo#3": [
        "codeberg.org/owner/repo/pulls/3",
        "codeberg.org/owner/repo/pulls/3/files",
        "codeberg.org/owner/repo/pulls/3/commits",
        "codeberg.org/owner/repo/pulls/3#issuecomment-99",
        "codeberg.org/api/v1/repos/owner/repo/pulls/3",
    ],
    "proposal:forgejo:git.example.org/owner/repo#3": ["git.example.org/owner/repo/pulls/3"],
    "proposal:pagure:pagure.io/pagure#5": [
        "pagure.io/pagure/pull-request/5",
        "pagure.io/pagure/pull-request/5#comment-99",
        "pagure.io/api/0/pagure/pull-request/5",
    ],
    "proposal:pagure:src.fedoraproject.org/rpms/bash#5": [
        "src.fedoraproject.org/rpms/bash/pull-request/5",
    ],
    "proposal:pagure:pagure.io/fork/someone/rpms/bash#5": [
        "pagure.io/fork/someone/rpms/bash/pull-request/5",
    ],
    "proposal:bitbucket:team/repo#9": [
        "bitbucket.org/team/repo/pull-requests/9",
        "bitbucket.org/team/repo/pull-requests/9/some-title/diff",
        "api.bitbucket.org/2.0/repositories/team/repo/pullrequests/9",
    ],
    "proposal:bitbucket:git.example.org/PROJ/repo#9": [
        "git.example.org/projects/PROJ/repos/repo/pull-requests/9/overview",
        "git.example.org/bitbucket/projects/PROJ/repos/repo/pull-requests/9",
        "git.example.org/rest/api/1.0/projects/PROJ/repos/repo/pull-requests/9",
    ],
    "proposal:phabricator:reviews.example.org/D123": [
        "reviews.example.org/D123",
        "reviews.example.org/D123?id=456",
        "reviews.example.org/D123#inline-789",
        "reviews.example.org/D123/new/",
    ],
    "proposal:patchwork:patchwork.example.org/4711": [
        "patchwork.example.org/patch/4711/",
        "patchwork.example.org/patch/4711/mbox/",
        "patchwork.example.org/api/patches/4711/",
        "patchwork.example.org/api/1.2/patches/4711/",
    ],
    f"proposal:patchwork:lists.example.org/{MESSAGE_ID}": [
        f"lists.example.org/project/linux-mm/patch/{MESSAGE_ID}/",
        f"lists.example.org/project/linux-mm/cover/{MESSAGE_ID.replace('@', '%40')}",
    ],
    "proposal:patchwork:patchwork.example.org/cover/4711": [
        "patchwork.example.org/cover/4711/",
        "patchwork.example.org/api/covers/4711/",
    ],
    "proposal:patchwork:patchwork.example.org/series/88": [
        "patchwork.example.org/series/88/mbox/",
        "patchwork.example.org/project/linux-mm/list/?series=88",
        "patchwork.example.org/project/linux-mm/list/?state=*&series=88",
        "patchwork.example.org/api/1.2/series/88/",
    ],
    "proposal:commitfest:4711": [
        "commitfest.postgresql.org/patch/4711/",
        "commitfest.postgresql.org/38/4711/",
    ],
    f"proposal:lore:{MESSAGE_ID}": [
        f"lore.kernel.org/linux-mm/{MESSAGE_ID}/",
        f"lore.kernel.org/all/{MESSAGE_ID}/T/#u",
        f"lore.kernel.org/r/{MESSAGE_ID}",
        f"lkml.kernel.org/r/{MESSAGE_ID}",
    ],
    "proposal:sourcehut:~someone/some-devel#31": ["lists.sr.ht/~someone/some-devel/patches/31"],
    "bug:debian:123456": [
        "bugs.debian.org/123456",
        "bugs.debian.org/123456#10",
        "bugs.debian.org/cgi-bin/bugreport.cgi?bug=123456",
        "bugs.debian.org/cgi-bin/bugreport.cgi?archive=no&bug=123456;msg=5",
    ],
    "bug:bugzilla:bugzilla.example.org/99": [
        "bugzilla.example.org/show_bug.cgi?id=99",
        "bugzilla.example.org/show_bug.cgi?format=multiple&id=99#c4",
        "bugzilla.example.org/99",
        "bugzilla.example.org/rest/bug/99",
    ],
    "bug:bugzilla:issues.example.org/99": ["issues.example.org/bugzilla/show_bug.cgi?id=99"],
    "story:storyboard:2003421": [
        "storyboard.openstack.org/#!/story/2003421",
        "storyboard.openstack.org/api/v1/stories/2003421",
    ],
    "story:storyboard:stories.example.org/5": ["stories.example.org/#!/story/5"],
}
ROWS = [(address, target) for target, some in ADDRESSES.items() for address in some]

WORDS = [
    ("LP: #1717598", "bug:launchpad:1717598"),
    ("LP:#1717598", "bug:launchpad:1717598"),
    ("LP #1717598", "bug:launchpad:1717598"),
    ("lp#1717598", "bug:launchpad:1717598"),
    ("LP: 1717598", "bug:launchpad:1717598"),
    ("owner/repo#12", "proposal:github:owner/repo#12"),
    ("json-ld/json-ld.org#585", "proposal:github:json-ld/json-ld.org#585"),
    ("owner/.github#2", "proposal:github:owner/.github#2"),
    ("group/project!7", "proposal:gitlab:group/project!7"),
    ("group/sub/project!7", "proposal:gitlab:group/sub/project!7"),
]

NOTHING = [
    "",
    "we are frozen since 21:00, thanks!",
    "http://",
    "https:///",
    "https://github.com",
    "https://github.com/owner/repo",
    "https://github.com/owner/repo/pulls",
    "https://github.com/owner/repo/pulls/12",
    "https://github.com/owner/repo/pull/12abc",
    "https://github.com/owner/repo/pull/012",
    "https://github.com/owner/repo/pull/0",
    "https://github.com/owner/repo/pull/99999999999",
    "https://github.com/owner/repo/blob/master/README.md#L12",
    "https://github.com/owner/repo/issues?q=is%3Aopen",
    "https://github.com/owner/repo/milestone/12",
    "https://github.com/../repo/pull/12",
    "https://github.com/owner/../pull/12",
    "https://example.org/owner/repo/pull/12",
    "https://github.com@example.org/owner/repo/pull/12",
    "https://github.com%40example.org/owner/repo/pull/12",
    "https://example.org?https:/github.com/owner/repo/pull/12",
    "https://notgithub.com/owner/repo/pull/12",
    "https://gitlab.com/group/project/-/merge_requests/new",
    "https://gitlab.com/group//project/-/merge_requests/7",
    "https://gitlab.com/group/../project/-/merge_requests/7",
    "https://gitlab.com/api/v4/projects/42/merge_requests/7",
    "https://review.opendev.org/",
    "https://review.opendev.org/q/topic:freeze",
    "https://review.example.org/2017/05/a-review-of-phones",
    "https://example.org/803322",
    "https://example.org/c/803322",
    "https://bugs.launchpad.net/cloud-init",
    "https://code.launchpad.net/~someone/nova/+git/nova/+ref/master/+activereviews",
    "https://launchpad.net.example.org/bugs/1717598",
    "https://bugs.staging.launchpad.net/bugs/1717598",
    "https://bugzilla.redhat.com/",
    "https://example.org/D12/page.html",
    "https://example.org/patch/4711/",
    "https://commitfest.postgresql.org/38/",
    "https://lore.kernel.org/linux-mm/",
    "https://wiki.ubuntu.com/meetingology",
    "https://example.org/owner/repo#12",
    "example.org/owner/repo#12",
    "ftp://example.org/repo#12",
    "http://bit.ly/ci-reviews",
    "http://bit.ly/D2024",
    "http://tinyurl.com/nova-bugs",
    "C#5",
    "F#/C#5",
    "#1",
    "repo#12",
    "bug 1717598",
    "a/b",
    "a/#5",
    "and/or#no",
    "and/or!!!111",
    "w/o!1",
    "src/wallet/feebumper.cpp#299",
    "~someone/tracker#12",
    "owner/repo#12.5",
    "owner/repo#12abc",
    "owner/repo#0",
    "4/7",
    "4/7#1",
    "4/7!1",
    "+1000",
    "help: #5",
    "help: 1717598",
    "LP: 5",
    "lp:nova",
    "FFE-12",
    "https://github.com@127.0.0.1/owner/repo/pull/3",
    "https://somebody@github.com/owner/repo/pull/3",
    "https://somebody:secret@github.com/owner/repo/pull/3",
    "#agreed volumes-api is deferred",
    "#link",
]

FRAMES = ["{}", "see {} please", "({})", "<{}>", "[{}].", '"{}"', "'{}',", "{};", "{}:", "or {}?"]


def targets(text: str) -> list[str]:
    return [reference.target for reference in find_references(text)]


@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS"])
@pytest.mark.parametrize(("address", "target"), ROWS)
def test_an_address_is_read_wherever_it_stands(scheme, address, target):
    url = f"{scheme}://{address}"
    for frame in FRAMES:
        text = frame.format(url)
        (reference,) = find_references(text)
        assert (reference.target, text[slice(*reference.span)]) == (target, url)


@pytest.mark.parametrize(("words", "target"), WORDS)
def test_some_things_are_read_without_an_address(words, target):
    for frame in FRAMES:
        text = frame.format(words)
        (reference,) = find_references(text)
        assert (reference.target, text[slice(*reference.span)]) == (target, words)


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_else_is_a_reference(text):
    assert find_references(text) == []
    assert find_references(f"well, {text} I think") == []
    assert parse_reference(text) is None


@pytest.mark.parametrize(("address", "target"), ROWS)
def test_the_host_may_be_written_in_any_case(address, target):
    host, slash, path = address.partition("/")
    assert targets(f"http://{host.upper()}{slash}{path}") == [target]


@pytest.mark.parametrize(("address", "target"), ROWS)
def test_the_canonical_address_leads_back_to_the_same_thing(address, target):
    (reference,) = find_references(f"http://{address}")
    assert reference.url.startswith("https://")
    again = parse_reference(reference.url)
    assert again is not None
    assert (again.target, again.url) == (target, reference.url)


def test_every_row_of_the_tables_has_an_example_here():
    def first(shapes, subject):
        return next(shape for shape in shapes if shape.pattern.match(subject))

    def plain(address):
        host, _, path = re.sub("(?i)%2b", "+", address).partition("/")
        path = path.replace("%7E", "~").replace("%40", "@")
        return f"{HOST_ALIASES.get(host, host)}/{path}"

    assert {first(URL_SHAPES, plain(address)) for address, _ in ROWS} == set(URL_SHAPES)
    assert {first(TEXT_SHAPES, words) for words, _ in WORDS} == set(TEXT_SHAPES)


def test_a_reference_says_all_that_the_address_says():
    assert find_references(
        "First: https://code.launchpad.net/~justin-fathomdb/nova/volumes-api/+merge/54464."
    ) == [
        Reference(
            forge="launchpad",
            kind="proposal",
            key="54464",
            url="https://code.launchpad.net/~justin-fathomdb/nova/volumes-api/+merge/54464",
            span=(7, 80),
            project="nova",
            branch="~justin-fathomdb/nova/volumes-api",
        )
    ]


@pytest.mark.parametrize(
    ("text", "project", "branch"),
    [
        ("http://launchpad.net/~me/+junk/try/+merge/1", None, "~me/+junk/try"),
        ("http://launchpad.net/~me/+git/try/+merge/1", None, "~me/+git/try"),
        ("http://launchpad.net/~me/nova/+git/x/+merge/1", "nova", "~me/nova/+git/x"),
        ("http://launchpad.net/~me/mint/xfce/mesa/x/+merge/1", "mint", "~me/mint/xfce/mesa/x"),
        ("http://launchpad.net/bugs/1", None, None),
        ("http://bugs.launchpad.net/cloud-init/+bug/1", "cloud-init", None),
        ("http://launchpad.net/cloud-init/+milestone/17.2", "cloud-init", None),
        ("http://review.opendev.org/c/openstack/nova/+/1", "openstack/nova", None),
        ("http://review.opendev.org/1", None, None),
        ("http://github.com/owner/repo/pull/1", "owner/repo", None),
        ("http://gitlab.com/group/sub/project/-/merge_requests/1", "group/sub/project", None),
        ("http://codeberg.org/owner/repo/pulls/1", "owner/repo", None),
        ("owner/repo#1", "owner/repo", None),
    ],
)  # fmt: skip
def test_project_and_branch_come_from_the_address(text, project, branch):
    (reference,) = find_references(text)
    assert (reference.project, reference.branch) == (project, branch)


def test_several_references_come_in_the_order_of_the_text():
    text = (
        "LP: #1717598, owner/repo#12 and http://review.openstack.org/803322, "
        "not http://bit.ly/ci-reviews; then group/project!7 (https://bugs.debian.org/123456)."
    )
    assert targets(text) == [
        "bug:launchpad:1717598",
        "proposal:github:owner/repo#12",
        "proposal:gerrit:review.opendev.org/803322",
        "proposal:gitlab:group/project!7",
        "bug:debian:123456",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "https://pad.lv/1,https://pad.lv/2",
        "https://pad.lv/1;http://pad.lv/2",
        "[one](https://pad.lv/1)[two](https://pad.lv/2)",
        "https://pad.lv/1|https://pad.lv/2",
        "<https://pad.lv/1><https://pad.lv/2>",
        "\x0304https://pad.lv/1\x03\x02https://pad.lv/2\x0f",
        "https://pad.lv/1、https://pad.lv/2。",
    ],
)
def test_addresses_need_no_blank_between_them(text):
    assert targets(text) == ["bug:launchpad:1", "bug:launchpad:2"]


def test_one_address_is_one_reference_whatever_it_carries():
    text = "https://github.com/owner/repo/pull/12?next=https://pad.lv/1#owner/repo#13"
    assert targets(text) == ["proposal:github:owner/repo#12"]


def test_an_address_too_long_to_be_true_is_left_alone():
    base = "https://github.com/owner/repo/pull/12?x="
    assert targets(base + "x" * (2000 - len(base))) == ["proposal:github:owner/repo#12"]
    assert targets(base + "x" * (2001 - len(base))) == []
    assert targets(base + "x" * 5000 + " https://pad.lv/1") == ["bug:launchpad:1"]


@pytest.mark.parametrize("host", sorted(SHORTENERS))
def test_a_short_link_is_never_taken_for_what_it_looks_like(host):
    assert targets(f"http://{host}/D123 http://{host}/owner/repo/pulls/1") == []


@pytest.mark.parametrize(
    "text", ["https://pad.lv/7", " https://pad.lv/7\n", "<https://pad.lv/7>", "(LP: #7).", "lp#7"]
)
def test_a_whole_text_may_be_one_reference(text):
    reference = parse_reference(text)
    assert reference is not None
    assert reference.target == "bug:launchpad:7"


@pytest.mark.parametrize(
    "text", ["see https://pad.lv/7", "https://pad.lv/7 https://pad.lv/8", "LP: #7 or so", "7"]
)
def test_a_text_with_more_in_it_is_not_one_reference(text):
    assert parse_reference(text) is None


@settings(deadline=None)
@given(references.chat([address for address, _ in ROWS], [words for words, _ in WORDS]))
def test_any_text_can_be_read_and_every_span_leads_back_to_its_reference(text):
    references.check(text)


def without_literals(pattern):
    return re.sub(r"\[[^]]*\]", "x", re.sub(r"\\.", "x", pattern.pattern))


@pytest.mark.parametrize("pattern", [TOKEN, *(row.pattern for row in URL_SHAPES + TEXT_SHAPES)])
def test_every_repetition_has_a_limit(pattern):
    assert not re.search(r"[*+]|\{[0-9]*,\}", without_literals(pattern))


@pytest.mark.parametrize("pattern", [row.pattern for row in URL_SHAPES + TEXT_SHAPES])
def test_no_repetition_stands_inside_another(pattern):
    assert "){" not in without_literals(pattern)


HOSTILE = [
    "http://",
    "http://a ",
    "http://a/",
    "http://a,",
    "http:",
    "https://" + "a" * 250 + "/ ",
    "https://" + "a." * 125 + "/ ",
    "https://h/c/" + "a/" * 200 + " ",
    "https://h/" + "a/" * 200 + "merge_request ",
    "https://h/show_bug.cgi?" + "&i" * 150 + " ",
    "https://launchpad.net/" + "a" * 64 + "/" + "+" * 200 + " ",
    "https://launchpad.net/~a/b/" + "c/+merg" * 60 + " ",
    "https://lore.kernel.org/a/" + "b" * 200 + "@" + "c" * 200 + "% ",
    "~a/",
    "a/",
    "a",
    "#",
    "!",
    "1",
    "#1",
    "a#1",
    "a/b!",
    "a/b#1",
    "a/b#12345678901 ",
    "LP: ",
    "LP: #",
    "LP: #1 ",
    "%2B",
    ".",
    " ",
    "\0",
    "é",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length_of_a_hostile_text_and_not_faster(piece):
    # Without a number at the end, most of these would not even be searched.
    small, large = ((piece * (size // len(piece) + 1))[:size] + " #1" for size in (4096, 65536))

    def cost(text, *, times):
        start = time.process_time_ns()
        for _ in range(times):
            find_references(text)
        return time.process_time_ns() - start

    # The same number of characters either way, so the same time when linear and 16 times as much
    # when quadratic; taken in turns, so that a busy machine slows both.
    rounds = [(cost(small, times=16), cost(large, times=1)) for _ in range(5)]
    in_parts, at_once = (min(times) for times in zip(*rounds, strict=True))
    assert at_once < 5 * max(in_parts, 100_000)


SEED = Path(__file__).parents[3] / "shared/seed/openstack-meeting.2011-03-29-21.00.log.txt"


@pytest.mark.corpus
@pytest.mark.skipif(not SEED.exists(), reason="the texts beside the project are not here")
def test_the_first_meeting_refers_to_three_launchpad_proposals_and_a_pull_request():
    lines = SEED.read_text(encoding="utf-8").splitlines()
    found = [(number, target) for number, line in enumerate(lines, 1) for target in targets(line)]
    assert found == [
        (24, "proposal:launchpad:54464"),
        (174, "proposal:launchpad:54805"),
        (195, "proposal:github:termie/nova#1"),
        (198, "proposal:launchpad:54453"),
    ]

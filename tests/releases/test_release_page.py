import pytest

from tests.factories import (
    make_milestone,
    make_person,
    make_project,
    make_proposal,
    make_release,
    utc,
)

pytestmark = pytest.mark.django_db


def fill(release, rows):
    for day in range(1, rows + 1):
        milestone = make_milestone(release=release, project=make_project())
        milestone.move(to=utc(2011, 5, day), by=make_person(), at=utc(2011, 4, 1), why="more time")
        make_proposal(release=release, author=make_person(), project=make_project())


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_row_and_three(rows, client, django_assert_num_queries):
    fill(make_release(slug="cactus"), rows)
    with django_assert_num_queries(9):
        assert client.get("/releases/cactus/").status_code == 200


def test_an_empty_release_says_what_it_has_not(client):
    make_release(slug="cactus", name="Cactus", version="2011.2", zone="Pacific/Honolulu")
    page = client.get("/releases/cactus/").content.decode()
    for words in (
        "<h1>Cactus (2011.2)</h1>",
        "Deadlines without a zone are meant in Pacific/Honolulu.",
        "This release has no milestones yet.",
        "No merge proposal is meant for this release yet.",
    ):
        assert words in page
    assert "Moved milestones" not in page


def test_the_page_shows_milestones_moves_with_their_source_and_proposals(client):
    release, ttx = make_release(slug="cactus"), make_person(name="ttx")
    gamma = make_milestone(
        release=release, name="GammaFreeze", at=utc(2011, 4, 5, 10), blocks=["feature", "bugfix"]
    )
    gamma.move(
        to=utc(2011, 4, 7, 10),
        by=ttx,
        at=utc(2011, 3, 29, 21, 14),
        why="Open bugs & <b>more</b>",
        source_url="https://example.org/log#l-24",
    )
    make_proposal(
        release=release,
        title="Volumes <script>",
        author=ttx,
        key="54464",
        url="https://e.org/54464",
    )
    make_proposal(release=make_release(), title="of another release")
    page = client.get("/releases/cactus/").content.decode()
    for words in (
        "<strong>GammaFreeze</strong>",
        "feature, bug fix",
        '<time datetime="2011-04-07T10:00:00Z">Thu 7 April 2011 10:00 UTC</time>',
        '<time datetime="2011-04-05T10:00:00Z">Tue 5 April 2011 10:00 UTC</time>',
        "Open bugs &amp; &lt;b&gt;more&lt;/b&gt;",
        '<a href="https://example.org/log#l-24" rel="nofollow noopener">where it was said</a>',
        '<a class="main" href="/proposals/launchpad:54464/">Volumes &lt;script&gt;</a>',
        'href="https://e.org/54464" rel="nofollow noopener">Launchpad 54464</a>',
    ):
        assert words in page
    assert "of another release" not in page


def test_only_the_newest_fifty_proposals_are_shown(client):
    release = make_release(slug="cactus")
    for number in range(51):
        make_proposal(release=release, title=f"Proposal no. {number}.")
    page = client.get("/releases/cactus/").content.decode()
    assert [f"Proposal no. {number}." in page for number in (0, 1, 50)] == [False, True, True]


@pytest.mark.parametrize("slug", ["nothing", "%00", "a b", "..", "x" * 3000, "%F0%9F%92%A9"])
def test_an_unknown_release_is_not_found(slug, client):
    assert client.get(f"/releases/{slug}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_page_is_only_read(method, client):
    make_release(slug="cactus")
    assert getattr(client, method)("/releases/cactus/").status_code == 405

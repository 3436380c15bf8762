"""`/meetings/<slug>/links/` and what stands below a line: what it is about, in words."""

import re

import pytest

from meetings.models import Mention
from tests.factories import make_milestone, make_proposal, make_release
from tests.thaw.logs import LINES_BEFORE, make_meeting
from tests.thaw.test_meeting_pages import line_of, page, plain

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def rows(html):
    """What each link says: how, about, where it was said, the words."""
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    return [
        [plain(cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)][:4]
        for row in body.split("</tr>")[:-1]
    ]


def links_of(client, meeting):
    return page(client, f"{meeting.get_absolute_url()}links/")


@pytest.fixture
def gamma(db):
    cactus = make_release(slug="cactus", name="Cactus", version="2011.2")
    return make_milestone(release=cactus, slug="gammafreeze", name="GammaFreeze")


def test_a_milestone_is_named_in_words_and_leads_to_its_release(client, gamma):
    meeting = make_meeting("GammaFreeze is near")
    html = links_of(client, meeting)
    line = f"line {LINES_BEFORE + 1}"
    assert rows(html) == [["by its name", "GammaFreeze (Cactus)", line, "GammaFreeze"]]
    assert '<a class="main" href="/releases/cactus/">GammaFreeze (Cactus)</a>' in html
    said = line_of(page(client, meeting.get_absolute_url()), LINES_BEFORE + 1)
    assert "milestone GammaFreeze<" in said


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("milestone:bexar/gammafreeze", "gammafreeze of bexar"),
        ("release:bexar", "bexar"),
        ("bug:launchpad:717598", "Launchpad bug 717598"),
    ],
)
def test_what_is_no_record_here_is_called_as_people_call_it(target, words, client):
    meeting = make_meeting("so it is")
    where = {"meeting": meeting, "line": LINES_BEFORE + 1, "how": "number"}
    Mention.objects.all().delete()
    Mention.objects.create(target=target, words="it", **where)
    assert [row[1] for row in rows(links_of(client, meeting))] == [words]
    said = line_of(page(client, meeting.get_absolute_url()), LINES_BEFORE + 1)
    assert (words in said, target in said) == (True, False)


def test_a_proposal_leads_to_its_page_here_which_says_whether_it_may_land(client, gamma):
    console = make_proposal(branch="~jun/nova/vnc-console", title="A console")
    meeting = make_meeting("vnc-console is reviewed")
    own = console.get_absolute_url()
    assert f'<a class="main" href="{own}">A console</a>' in links_of(client, meeting)
    said = line_of(page(client, meeting.get_absolute_url()), LINES_BEFORE + 1)
    assert f'<a href="{own}">vnc-console</a>' in said


def test_a_line_of_a_very_long_log_is_opened_where_it_is(client, gamma):
    meeting = make_meeting("GammaFreeze is near")
    type(meeting).objects.update(line_count=6000)
    number = LINES_BEFORE + 1
    assert f'href="{meeting.get_absolute_url()}?line={number}#l-{number}"' in links_of(
        client, meeting
    )


@pytest.mark.parametrize("count", [1, 3])
def test_the_links_of_a_meeting_cost_the_same_for_one_and_for_three(
    count, client, gamma, django_assert_num_queries
):
    for number in range(count):
        make_proposal(branch=f"~jun/nova/console-{number}")
    meeting = make_meeting(*(f"console-{number}, GammaFreeze" for number in range(count)))
    with django_assert_num_queries(2):
        links_of(client, meeting)

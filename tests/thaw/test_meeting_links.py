"""`/meetings/<slug>/links/` and what stands below a line: what it is about, in words."""

import re

import pytest

from meetings.models import Mention
from tests.factories import make_member, make_milestone, make_proposal, make_release
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
    line = f"line&nbsp;{LINES_BEFORE + 1}"
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
    with django_assert_num_queries(4):
        links_of(client, meeting)


def of_three_with_one_name():
    """The newest is meant; beside them, one that has its name alone."""
    make_proposal(branch="~ada/glance/vnc-console")
    make_proposal(branch="~pim/nova/vnc-console")
    make_proposal(branch="~jun/nova/vnc-console", title="A console")
    make_proposal(branch="~jun/nova/other-thing", title="Another thing")


def test_a_name_that_fits_several_proposals_says_so_and_leads_to_all_of_them(client):
    of_three_with_one_name()
    html = links_of(client, make_meeting("vnc-console is reviewed", "so is other-thing"))
    assert [row[1] for row in rows(html)] == [
        "A console“vnc-console” also names 2 others",
        "Another thing",
    ]
    assert '<a href="/proposals/?q=vnc-console">2 others</a>' in html


def test_a_link_that_is_added_by_a_name_of_several_says_which_was_taken(client, django_user_model):
    of_three_with_one_name()
    make_member("contributor", user=django_user_model.objects.create_user("jun"))
    client.force_login(django_user_model.objects.get())
    meeting = make_meeting("so it is")
    told = []
    for words in ("vnc-console", "other-thing"):
        sent = {"line": "4", "proposal": words}
        answer = client.post(f"{meeting.get_absolute_url()}links/add/", sent, follow=True)
        told += map(str, answer.context["messages"])
    assert told == [
        (
            "Line 4 is about A console. “vnc-console” also names 2 others: if one of them is"
            " meant, remove this link and give the address."
        ),
        "Line 4 is about Another thing.",
    ]


def test_who_confirms_a_link_stays_at_it(client, django_user_model, gamma):
    make_member("contributor", user=django_user_model.objects.create_user("jun"))
    client.force_login(django_user_model.objects.get())
    meeting = make_meeting("GammaFreeze is near")
    links, mention = f"{meeting.get_absolute_url()}links/", Mention.objects.get()
    answer = client.post(f"{links}{mention.pk}/", {"right": "yes"})
    assert answer.url == f"{links}#link-{mention.pk}"
    assert f'id="link-{mention.pk}"' in page(client, links)

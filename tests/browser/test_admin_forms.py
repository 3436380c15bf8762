"""The admin in its window: nothing of a form or a list lies beside it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.models import Decision, ExceptionRequest, Webhook
from meetings.models import Item
from releases.models import MergeProposal, Review
from tests.browser.test_pages import PASSWORD
from tests.factories import make_milestone, make_person, make_project, make_proposal, utc
from tests.thaw.pages import admin_url
from thaw.demo import load_demo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What is wider than its place: the page, or a part of it that would have to be scrolled sideways.
BESIDE = """() => [document.documentElement, ...document.querySelectorAll("#content *")]
    .filter(one => one === document.documentElement
        || ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
    .filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => one.className || one.tagName)"""
PAST = utc(2011, 4, 1)


@pytest.fixture
def records(emptied_ledger):
    """The address of one of each, with what its form shows below it."""
    lead, nova = make_person(name="Ada"), make_project()
    lead.handles.create(kind="email", value="ada@example.org")
    lead.memberships.create(role="project-lead", project=nova)
    moved = make_milestone(project=nova)
    moved.move(to=utc(2011, 5, 2), by=lead, at=PAST, why="More bugs than days. " * 5)
    proposal = make_proposal(project=nova, author=lead)
    proposal.reclassify(to="bugfix", by=lead, at=PAST, why="It mends what nobody asked to mend.")
    Review.objects.create(
        proposal=proposal, reviewer=lead, verdict="needs-fixing", at=PAST, comment="Tests. " * 40
    )
    webhook = Webhook(name="CI", url=f"https://hooks.example.org/{'a' * 60}")
    webhook.begin(at=PAST, last_decision=0)
    webhook.save()
    forms = [admin_url(type(one), "change", one.pk) for one in (moved, proposal, lead)]
    return [*forms, reverse("admin:webhook-secret", args=[webhook.pk])]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_form_of_the_admin_is_no_wider_than_the_screen(width, records, reader, admin_user):
    somebody = reader(viewport={"width": width, "height": 700})
    somebody.enter(admin_user)
    for address in records:
        assert somebody.open(address) == 200
        assert (address, somebody.page.evaluate(BESIDE)) == (address, [])


@pytest.mark.parametrize("model", [ExceptionRequest, Decision, Item, MergeProposal])
def test_no_column_of_a_list_of_the_admin_is_cut_off(model, reader, admin_user, emptied_ledger):
    load_demo(at=timezone.now(), password=PASSWORD)
    somebody = reader(viewport={"width": 1280, "height": 700})
    somebody.enter(admin_user)
    assert somebody.open(admin_url(model, "changelist")) == 200
    assert somebody.page.locator("#result_list tbody tr").count() > 1
    for width in (1280, 1024, 360):
        somebody.page.set_viewport_size({"width": width, "height": 700})
        assert (width, somebody.page.evaluate(BESIDE)) == (width, [])
    named = somebody.page.locator("#result_list tbody tr").first.locator("td[data-label]")
    names = [words.strip() for words in somebody.page.locator("thead .text").all_text_contents()]
    assert [cell.get_attribute("data-label") for cell in named.all()] == names[-named.count() :]

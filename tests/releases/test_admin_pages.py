"""Every page of the admin answers, and none costs more for more rows."""

import re

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from releases.models import MergeProposal, Milestone, Release, Review
from tests.factories import (
    make_milestone,
    make_person,
    make_project,
    make_proposal,
    make_release,
    utc,
)
from tests.thaw.logs import make_meeting
from tests.thaw.pages import admin_url, registered

pytestmark = [pytest.mark.once, pytest.mark.django_db]

SEEN = {"ip_address": "127.0.0.1", "user_agent": "", "path_info": "/admin/"}
WITH_ROWS = {"releases", "meetings", "auth", "axes"}  # other floors make rows in tests of theirs
REGISTERED = registered()


def make_one_of_each(number=1):
    """A row in every table that the admin shows, each with what belongs to it."""
    lead = make_person()
    nova, release = make_project(), make_release(zone="Pacific/Honolulu")
    release.projects.add(nova)
    lead.handles.create(kind="irc", value=f"lead{number}")
    lead.memberships.create(role="project-lead", project=nova)
    for day in (5, 6):
        milestone = make_milestone(release=release, project=nova, blocks=["feature", "docs"])
        milestone.move(to=utc(2011, 4, day), by=lead, at=utc(2011, 4, 1), why="two more days")
    proposal = make_proposal(project=nova, release=release, author=lead)
    Review.objects.create(
        proposal=proposal, reviewer=lead, verdict="approve", at=utc(2011, 4, 1), comment="Sound."
    )
    Group.objects.create(name=f"Group {number}")
    seen = SEEN | {"username": f"guest{number}"}
    AccessAttempt.objects.create(**seen, get_data="", post_data="", failures_since_start=1)
    AccessLog.objects.create(**seen)
    AccessFailureLog.objects.create(**seen)
    make_meeting("#topic Freezes", "#agreed no more features", begins=utc(2011, 3, number, 21))


def test_the_index_answers(admin_client):
    assert admin_client.get("/admin/").status_code == 200


def test_every_page_of_every_registered_model_answers(admin_client, rf, admin_user):
    make_one_of_each()
    request = rf.get("/")
    request.user = admin_user
    for label, model in REGISTERED.items():
        pages = pages_of(label, model, request)
        answers = {url: admin_client.get(url) for url in pages}
        assert {url: answer.status_code for url, answer in answers.items()} == pages
        for answer in answers.values():  # a column's name is no word for people
            assert not re.search("Source url|From group", answer.content.decode())


def pages_of(label, model, request):
    """The addresses of its pages, and the status each is to answer with."""
    may_add = admin.site.get_model_admin(model).has_add_permission(request)
    pages = {
        admin_url(model, "changelist"): 200,
        admin_url(model, "changelist") + "?q=a": 200,
        admin_url(model, "add"): 200 if may_add else 403,
    }
    if label.partition(".")[0] in WITH_ROWS:
        found = model.objects.first()
        pages |= {
            admin_url(model, "change", found.pk): 200,
            admin_url(model, "history", found.pk): 200,
        }
    return pages


@pytest.mark.parametrize("label", REGISTERED)
def test_a_stranger_and_a_login_without_rights_see_nothing(label, client, django_user_model):
    changelist = admin_url(REGISTERED[label], "changelist")
    assert client.get(changelist).status_code == 302
    client.force_login(django_user_model.objects.create_user("guest"))
    assert client.get(changelist).status_code == 302
    client.force_login(django_user_model.objects.create_user("clerk", is_staff=True))
    refused = client.get(changelist)
    assert (refused.status_code, "A superuser gives them" in refused.text) == (403, True)


COST_OF_LISTS = {
    "releases.Person": 5,
    "releases.Project": 5,
    "releases.Release": 5,
    "releases.Milestone": 7,
    "releases.MergeProposal": 7,
    "meetings.Meeting": 7,
    "meetings.Item": 5,
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("label", COST_OF_LISTS)
def test_a_list_costs_the_same_for_one_row_and_three(
    label, rows, admin_client, django_assert_num_queries
):
    for number in range(1, rows + 1):
        make_one_of_each(number)
    url = admin_url(REGISTERED[label], "changelist")
    with django_assert_num_queries(COST_OF_LISTS[label]):
        assert admin_client.get(url).status_code == 200


def open_milestone(rows):
    milestone, lead = make_milestone(project=make_project()), make_person()
    for day in range(1, rows + 1):
        milestone.move(to=utc(2011, 5, day), by=lead, at=utc(2011, 4, 1), why="more time")
    return milestone


def open_release(rows):
    release = make_release()
    for _ in range(rows):
        make_milestone(release=release, project=make_project())
    return release


@pytest.mark.parametrize("make", [open_milestone, open_release])
def test_a_page_with_records_costs_the_same_for_one_and_for_three(make, admin_client):
    costs = []
    few, many = make(1), make(3)
    admin_client.get(admin_url(type(few), "change", few.pk))  # what is looked up once and kept
    for record in (few, many):
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(admin_url(type(record), "change", record.pk)).status_code == 200
        costs.append(len(queries))
    assert costs[1] == costs[0]


NEW = {
    "name": "RC1", "slug": "rc1", "kind": "candidate", "at_0": "2011-04-07", "at_1": "10:00",
}  # fmt: skip


def with_a_milestone(release, prefix):
    """What the form of a release sends with a milestone added."""
    counts = {f"{prefix}-TOTAL_FORMS": 1, f"{prefix}-INITIAL_FORMS": 0}
    own = {"name": release.name, "slug": release.slug, "zone": "UTC"}
    return own | counts | {f"{prefix}-0-{name}": value for name, value in NEW.items()}


def test_milestones_are_added_to_a_release_that_is_new_and_to_one_that_has_some(admin_client):
    old, new = open_release(1), Release(name="Diablo", slug="diablo")
    shown = {"milestones-TOTAL_FORMS": 0, "milestones-INITIAL_FORMS": 0}
    for url, sent in (
        (admin_url(Release, "change", old.pk), shown | with_a_milestone(old, "milestones-2")),
        (admin_url(Release, "add"), with_a_milestone(new, "milestones")),
    ):
        assert admin_client.post(url, sent).status_code == 302
    added = Milestone.objects.filter(slug="rc1").values_list("release__name", "at")
    assert sorted(added) == sorted(
        [(old.name, utc(2011, 4, 7, 10)), (new.name, utc(2011, 4, 7, 10))]
    )


def test_days_are_written_as_everywhere_and_no_month_passes_for_a_day(admin_client):
    release = open_release(1)
    sent = with_a_milestone(release, "milestones-2") | {"milestones-2-0-at_0": "04/05/2011"}
    shown = {"milestones-TOTAL_FORMS": 0, "milestones-INITIAL_FORMS": 0}
    url = admin_url(Release, "change", release.pk)
    assert (
        "Write the day as in 2026-12-08." in admin_client.post(url, shown | sent).content.decode()
    )
    assert f"{release.milestones.get().at:%Y-%m-%d %H:%M} UTC" in admin_client.get(url).text


def test_a_release_shows_in_words_what_its_milestones_block(admin_client):
    milestone = make_milestone(blocks=["feature", "strings"])
    page = admin_client.get(admin_url(Release, "change", milestone.release_id)).content.decode()
    assert ("feature, translatable strings" in page, "[&quot;feature" in page) == (True, False)
    assert f'href="{admin_url(Milestone, "change", milestone.pk)}"' in page


def test_a_search_for_people_finds_them_by_their_handles(admin_client):
    make_person(name="Thierry").handles.create(kind="irc", value="ttx")
    make_person(name="Justin").handles.create(kind="irc", value="justinsb")
    found = admin_client.get(admin_url(REGISTERED["releases.Person"], "changelist"), {"q": "TTX"})
    assert [person.name for person in found.context["cl"].queryset] == ["Thierry"]


def test_a_new_milestone_is_made_with_its_instant_and_what_it_blocks(admin_client):
    release = make_release()
    answer = admin_client.post(
        admin_url(Milestone, "add"),
        {
            "release": release.pk,
            "project": "",
            "name": "GammaFreeze",
            "slug": "gammafreeze",
            "kind": "hard-freeze",
            "at_0": "2011-04-05",
            "at_1": "10:00",
            "blocks": ["feature", "bugfix"],
            "moves-TOTAL_FORMS": 0,
            "moves-INITIAL_FORMS": 0,
        },
    )
    assert answer.status_code == 302
    assert list(Milestone.objects.values_list("slug", "at", "blocks", "release")) == [
        ("gammafreeze", utc(2011, 4, 5, 10), ["feature", "bugfix"], release.pk)
    ]


def test_a_freeze_that_blocks_nothing_is_not_made_by_oversight(admin_client):
    moves = {"moves-TOTAL_FORMS": 0, "moves-INITIAL_FORMS": 0}
    given = {
        "release": make_release().pk,
        "name": "FeatureFreeze",
        "slug": "featurefreeze",
        "at_0": "2011-03-24",
        "at_1": "10:00",
    }
    page = admin_url(Milestone, "add")
    refused = admin_client.post(page, given | moves | {"kind": "feature-freeze"})
    assert list(refused.context["adminform"].form.errors) == ["blocks"]
    assert admin_client.post(page, given | moves | {"kind": "candidate"}).status_code == 302


def test_a_freeze_that_came_without_what_it_blocks_can_still_be_renamed(admin_client):
    freeze = make_milestone(kind="docs-freeze", name="DocFreeze", blocks=[])
    moves = {"moves-TOTAL_FORMS": 0, "moves-INITIAL_FORMS": 0}
    given = {"name": "DocsFreeze", "slug": freeze.slug, "kind": freeze.kind} | moves
    page = admin_url(Milestone, "change", freeze.pk)
    assert admin_client.post(page, given).status_code == 302
    freeze.refresh_from_db()
    assert freeze.name == "DocsFreeze"


@pytest.mark.parametrize("model", ["person", "milestone", "mergeproposal", "release", "project"])
def test_a_new_record_may_be_begun_by_an_address_and_what_does_not_fit_is_left_out(
    model, admin_client
):
    names = "name slug zone user release project author at kind blocks state".split()
    for junk in ("x", "9" * 19, "9" * 40, "\0", "2011-02-30"):
        answer = admin_client.get(f"/admin/releases/{model}/add/", dict.fromkeys(names, junk))
        assert (junk, answer.status_code) == (junk, 200)
    given = {"name": "Begun", "title": "Begun", "release": make_release(name="Bexar").pk}
    html = admin_client.get(f"/admin/releases/{model}/add/", given).content.decode()
    assert 'value="Begun"' in html
    assert ("selected>Bexar</option>" in html) == (model in {"milestone", "mergeproposal"})


@pytest.mark.parametrize("year", ["999999999999999999", "0", "x", "10000"])
def test_a_year_that_no_calendar_has_shows_the_list_of_meetings(year, admin_client):
    make_meeting("hello")
    answer = admin_client.get("/admin/meetings/meeting/", {"started_at__year": year}, follow=True)
    assert answer.status_code == 200


def test_the_list_of_proposals_says_their_state_in_the_words_of_the_pages(admin_client):
    make_proposal(key="1")
    make_proposal(key="2", synced_at=utc(2011, 3, 30))
    make_proposal(key="3", state="approved")
    page = admin_client.get(admin_url(MergeProposal, "changelist"), {"o": "2"}).content.decode()
    told = re.findall(r'class="field-state_in_words">(.*?)</td>', page)
    assert sorted(told) == ["approved, not merged", "in review", "not known yet"]


def test_a_proposal_that_is_entered_by_hand_as_in_review_is_so_on_its_page(admin_client):
    given = {
        "forge": "sourcehut",
        "key": "~ada/nova-devel/7",
        "url": "https://lists.sr.ht/~ada/nova-devel/patches/7",
        "title": "A console",
        "state": "open",
        "change_kind": "feature",
    }
    nothing = {
        f"{name}-{count}_FORMS": 0
        for name in ("reviews", "reclassifications")
        for count in ("TOTAL", "INITIAL")
    }
    assert admin_client.post(admin_url(MergeProposal, "add"), given | nothing).status_code == 302
    page = admin_client.get(MergeProposal.objects.get().get_absolute_url()).content.decode()
    assert "<dt>State</dt><dd>in review</dd>" in page


def test_the_form_of_a_proposal_says_what_its_fields_want(admin_client):
    page = admin_client.get(admin_url(MergeProposal, "add"))
    fields = page.context["adminform"].form.fields
    assert (fields["url"].label, fields["merged_at"].label) == ("Address", "Merged at (UTC)")
    assert "openstack/nova#12" in fields["key"].help_text
    assert "counts as a feature" in fields["change_kind"].help_text  # what the model says stays


def test_the_form_of_a_milestone_says_what_becomes_of_what_nobody_has_said(admin_client):
    page = admin_client.get(admin_url(Milestone, "add"))
    assert "counts as a feature" in page.context["adminform"].form.fields["blocks"].help_text

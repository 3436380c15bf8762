import re

import pytest
from django.db import connection

from releases.models import Forge, MergeProposal
from releases.references import URL_SHAPES, parse_reference
from tests.factories import make_exception, make_freeze, make_proposal, make_release, utc

pytestmark = pytest.mark.django_db

VOLUMES = "https://code.launchpad.net/~justin/nova/volumes-api/+merge/54464"


def known(url):
    return MergeProposal.objects.from_reference(parse_reference(url))


def test_a_reference_to_a_new_proposal_makes_a_stub_with_its_address_and_branch():
    proposal = known(VOLUMES)
    assert (proposal.forge, proposal.key, proposal.url, proposal.branch) == (
        "launchpad",
        "54464",
        VOLUMES,
        "~justin/nova/volumes-api",
    )
    unsaid = MergeProposal.objects.values(
        "title", "author", "project", "release", "change_kind", "state", "merged_at"
    ).get()
    assert unsaid == dict.fromkeys(unsaid) | {
        "title": "",
        "change_kind": "unknown",
        "state": "open",
    }
    assert (str(proposal), proposal.target) == ("Launchpad 54464", "proposal:launchpad:54464")


def test_a_second_reference_finds_the_same_row_and_changes_nothing():
    first = known(VOLUMES)
    MergeProposal.objects.update(title="Volumes through the API", state="approved")
    second = known("https://code.launchpad.net/~justin/nova/volumes-api/+merge/54464/+index?x=1#c")
    assert (second.pk, second.title, second.state) == (
        first.pk,
        "Volumes through the API",
        "approved",
    )
    assert MergeProposal.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "not known yet"),
        ({"asked_at": utc(2011, 3, 30)}, "not known yet"),  # it did not answer
        ({"synced_at": utc(2011, 3, 30)}, "in review"),
        ({"state": "approved"}, "approved, not merged"),  # somebody said so
        ({"title": "Volumes"}, "in review"),  # the same, for who names it says its state
    ],
)
def test_a_state_that_nobody_has_told_is_not_called_in_review(fields, words):
    known(VOLUMES)
    MergeProposal.objects.update(**fields)
    assert MergeProposal.objects.get().get_state_display() == words


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "no forge was asked"),
        ({"asked_at": utc(2011, 3, 30)}, "its forge was asked and has not answered"),
        ({"state": "draft"}, ""),
    ],
)
def test_why_a_state_is_not_known_is_said(fields, why):
    known(VOLUMES)
    MergeProposal.objects.update(**fields)
    assert MergeProposal.objects.get().why_unknown == why


def test_a_proposal_elsewhere_is_a_stub_without_a_branch():
    proposal = known("https://review.openstack.org/#/c/803322/")
    assert (proposal.forge, proposal.key, proposal.branch) == (
        "gerrit",
        "review.opendev.org/803322",
        "",
    )


def test_every_forge_that_is_recognised_can_be_stored():
    recognised = {shape.forge for shape in URL_SHAPES if shape.kind == "proposal"}
    assert recognised - set(Forge.values) == set()


def test_the_longest_reference_that_is_recognised_can_be_stored():
    group = "/".join(["g" * 60] * 5)
    url = f"https://gitlab.example.org/{group}/-/merge_requests/7"
    proposal = known(url)
    proposal.full_clean()
    assert proposal.url == url


def test_the_newest_of_a_release_are_found_without_a_look_at_those_of_others():
    release, other = make_release(), make_release()
    meant = [make_proposal(release=release) for _ in range(2)]
    excepted = make_proposal()
    freeze = make_freeze(release=release)
    make_exception(release=release, freeze=freeze, proposals=[meant[0], excepted])
    MergeProposal.objects.bulk_create(
        MergeProposal(forge="github", key=f"o/r#{n}", release=other) for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    newest = MergeProposal.objects.newest_of_release(release, most=2)
    assert (
        list(newest) == [excepted, meant[1]] == list(MergeProposal.objects.of_release(release)[:2])
    )
    assert not re.findall(
        r"(?:SCAN|Seq Scan on) (?:releases_mergeproposal|[UVW]0)\b", newest.explain()
    )

"""A suggestion is accepted, changed or dismissed by a person; only then has something changed."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.lifecycle import Status
from governance.models import Decision, ExceptionRequest, Until
from governance.refusals import InvalidInput, InvalidTransition, NotAllowed
from meetings.models import Action, Meeting, Mention, Suggestion, WeekCount
from meetings.relinking import link_again
from releases.models import ChangeKind, MergeProposal
from tests.factories import (
    make_freeze,
    make_manager,
    make_member,
    make_milestone,
    make_person,
    make_proposal,
    make_release,
    utc,
)
from tests.meetings.conftest import SHARED

LOGS = Path(__file__).parents[1] / "data" / "logs"
TAGGED = LOGS / "tagged.2011-04-05-21.00.log.txt"
SEED = SHARED / "seed" / "openstack-meeting.2011-03-29-21.00.log.txt"
AT = utc(2011, 4, 5, 22)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cactus():
    return make_release(slug="cactus", name="Cactus", zone="Pacific/Honolulu")


@pytest.fixture
def freeze(cactus):
    return make_freeze(
        release=cactus, slug="featurefreeze", name="FeatureFreeze", at=utc(2011, 3, 24)
    )


@pytest.fixture
def gamma(cactus):
    return make_milestone(
        release=cactus, slug="gammafreeze", name="GammaFreeze", at=utc(2011, 4, 14, 23)
    )


@pytest.fixture
def thea():
    return make_manager(name="Thea")


@pytest.fixture
def volumes(cactus):
    return make_proposal(
        key="61001", branch="~jun/nova/volumes-api", release=cactus, change_kind="feature"
    )


@pytest.fixture
def standing(cactus, freeze, volumes, thea):
    exception = ExceptionRequest.objects.ask(
        release=cactus,
        freeze=freeze,
        title="Volumes",
        proposals=[volumes],
        by=thea,
        at=utc(2011, 3, 28),
        why_now="It is ready.",
    )
    exception.grant(
        by=thea, at=utc(2011, 3, 28), expires=utc(2011, 4, 6, 3), rationale="A few days more."
    )
    return exception


@pytest.fixture
def imported(store, standing, gamma):
    store(TAGGED.read_bytes(), name=TAGGED.name)
    return Meeting.objects.get()


def suggested(verdict):
    return Suggestion.objects.with_records().get(verdict=verdict)


def test_an_import_changes_no_record(imported, standing):
    assert Decision.objects.count() == 2
    assert {one.state for one in Suggestion.objects.all()} == {"open"}


def test_accepting_calls_the_verb_with_the_line_as_its_source(imported, standing, thea):
    suggested("extend").accept(by=thea, at=AT)
    standing.refresh_from_db()
    assert standing.expires_at == utc(2011, 4, 6, 10)
    decision = standing.decisions.get(verb="extend")
    assert decision.source_url == f"/meetings/{imported.slug}/#l-6"
    assert decision.quote == "volumes-api FFE extended until EOD Hawaii"
    assert (decision.by, decision.at) == (thea, AT)
    accepted = suggested("extend")
    assert (accepted.state, accepted.decision, accepted.decided_by) == ("accepted", decision, thea)


def test_what_nobody_asked_for_in_writing_is_asked_for_with_the_grant(imported, thea, gamma):
    MergeProposal.objects.filter(key__endswith="803322").update(change_kind="feature")
    suggested("grant").accept(by=thea, at=AT)
    exception = ExceptionRequest.objects.order_by("pk").last()
    assert (exception.status, exception.expires_with) == (Status.GRANTED, gamma)
    assert [str(condition) for condition in exception.conditions.all()] == ["upgrade tests"]


def test_it_can_be_changed_before(imported, standing, thea):
    until = Until(at=utc(2011, 4, 8), words="Friday")
    suggested("extend").accept(by=thea, at=AT, expires=until, why="Two days were meant.")
    standing.refresh_from_db()
    assert (standing.expires_at, standing.deadline_words) == (utc(2011, 4, 8), "Friday")


def test_a_deadline_without_its_zone_changes_nothing(imported, standing, thea):
    Suggestion.objects.filter(verdict="extend").update(deadline_missing="zone", expires_at=None)
    with pytest.raises(InvalidInput, match="does not say until when exactly"):
        suggested("extend").accept(by=thea, at=AT)
    assert suggested("extend").state == "open"
    assert standing.decisions.count() == 2


def test_only_who_has_the_right_decides(imported, standing):
    for somebody in (make_person(), make_member("contributor"), make_member("reviewer")):
        assert not suggested("extend").may_be_decided_by(somebody, at=AT)
        for decide in ("accept", "dismiss"):
            with pytest.raises(NotAllowed):
                getattr(suggested("extend"), decide)(by=somebody, at=AT)
    assert suggested("extend").state == "open"


def test_one_that_is_decided_is_decided_once(imported, thea):
    suggested("deny").dismiss(by=thea, at=AT, why="That was about another.")
    with pytest.raises(InvalidTransition, match="Thea has dismissed"):
        suggested("deny").accept(by=thea, at=AT)
    dismissed = suggested("deny")
    assert (dismissed.why, dismissed.decided_at) == ("That was about another.", AT)


def test_where_there_is_no_exception_it_says_so(imported, thea):
    with pytest.raises(InvalidInput, match="Ask for one first"):
        suggested("deny").accept(by=thea, at=AT)


@pytest.mark.parametrize(
    ("verdict", "becomes"), [("deny", Status.DENIED), ("grant", Status.GRANTED)]
)
def test_what_was_asked_for_after_the_import_is_what_it_decides(
    verdict, becomes, imported, cactus, freeze, thea
):
    proposal = suggested(verdict).proposal
    exception = ExceptionRequest.objects.ask(
        release=cactus,
        freeze=freeze,
        title="Asked for in writing",
        proposals=[proposal],
        by=thea,
        at=AT,
        why_now="The meeting said so.",
    )
    suggested(verdict).accept(by=thea, at=AT)
    exception.refresh_from_db()
    assert (exception.status, suggested(verdict).exception) == (becomes, exception)


def test_linking_again_keeps_what_people_said_and_adds_what_became_known(imported, thea):
    extend = suggested("extend")
    extend.dismiss(by=thea, at=AT)
    wrong = Mention.objects.get(line=6, target="proposal:launchpad:61001")
    wrong.judge(right=False, by=thea, at=AT)
    deferred = suggested("defer") if Suggestion.objects.filter(verdict="defer").exists() else None
    assert deferred is None  # nobody knows 61022 yet
    make_proposal(key="61022", branch="~xan/nova/creds")
    link_again([imported])
    assert suggested("extend").state == "dismissed"
    assert Mention.objects.get(pk=wrong.pk).state == "removed"
    assert suggested("defer").proposal.key == "61022"


def test_linking_twice_is_linking_once(imported):
    def rows():
        return [
            list(model.objects.order_by("pk").values())
            for model in (Mention, Suggestion, Action, WeekCount)
        ]

    before = rows()
    link_again([imported])
    assert rows() == before


def test_linking_again_knows_still_when_the_next_meeting_is(store, cactus, volumes):
    until = TAGGED.read_text().replace("until EOD Hawaii", "until the next meeting")
    before = "21:00:00 <thea> #startmeeting Cactus release\n21:00:02 <thea> #info hello\n"
    store(before, name="nova.2011-03-29-21.00.log.txt")
    store(until, name="nova.2011-04-05-21.00.log.txt")
    assert suggested("extend").expires_at == utc(2011, 4, 12, 21)
    link_again(list(Meeting.objects.all()))
    assert suggested("extend").expires_at == utc(2011, 4, 12, 21)


def test_a_decision_that_cites_the_line_settles_its_suggestion(imported, standing, thea):
    standing.extend(
        by=thea,
        at=AT,
        expires=utc(2011, 4, 6, 10),
        rationale="As agreed.",
        source_url=f"/meetings/{imported.slug}/#l-6",
    )
    link_again([imported])
    assert (suggested("extend").state, suggested("extend").decided_by) == ("accepted", thea)


def waiting():
    return set(Suggestion.objects.waiting().values_list("verdict", flat=True))


def already_so():
    return set(Suggestion.objects.already_so().values_list("verdict", flat=True))


def test_what_is_so_already_waits_for_nobody(imported, standing, thea):
    """However it came to be so: nobody named the line."""
    assert (waiting() >= {"extend", "grant", "deny"}, already_so()) == (True, set())
    standing.extend(by=thea, at=AT, expires=utc(2011, 4, 6, 10), rationale="As agreed.")
    assert already_so() == {"extend"}
    assert "extend" not in waiting()
    standing.extend(by=thea, at=AT, expires=utc(2011, 4, 8), rationale="And longer.")
    assert ("extend" in waiting(), already_so()) == (True, set())


@pytest.mark.parametrize("verb", ["deny", "withdraw", "defer"])
def test_an_exception_that_was_decided_so_waits_for_nobody(verb, imported, cactus, freeze, thea):
    one = suggested("deny")
    Suggestion.objects.filter(pk=one.pk).update(
        verdict=verb, exception=_asked(cactus, freeze, thea, one.proposal)
    )
    assert (verb in waiting(), already_so()) == (True, set())
    exception = suggested(verb).exception
    getattr(exception, verb)(by=thea, at=AT, rationale="It waits.")
    assert (verb in waiting(), already_so()) == (False, {verb})


def test_a_grant_until_a_milestone_is_so_once_it_is_granted_until_that(
    imported, cactus, freeze, gamma, thea
):
    one = suggested("grant")
    exception = _asked(cactus, freeze, thea, one.proposal)
    link_again([imported])
    assert (suggested("grant").bound_to, "grant" in waiting()) == ("gammafreeze", True)
    exception.grant(by=thea, at=AT, expires=gamma, rationale="As agreed.")
    assert already_so() == {"grant"}


def test_a_milestone_that_stands_there_already_is_not_moved_again(imported, gamma):
    Suggestion.objects.filter(verdict="deny").update(
        verdict="move-milestone", milestone=gamma, moved_to=gamma.at
    )
    assert already_so() == {"move-milestone"}
    Suggestion.objects.filter(verdict="move-milestone").update(moved_to=utc(2011, 4, 16))
    assert already_so() == set()


def test_a_bug_fix_is_not_made_one_again(imported, volumes):
    Suggestion.objects.filter(verdict="deny").update(verdict="reclassify", proposal=volumes)
    assert already_so() == set()
    MergeProposal.objects.filter(pk=volumes.pk).update(change_kind="bugfix")
    assert already_so() == {"reclassify"}


def _asked(cactus, freeze, thea, proposal):
    return ExceptionRequest.objects.ask(
        release=cactus,
        freeze=freeze,
        title="Asked for in writing",
        proposals=[proposal],
        by=thea,
        at=utc(2011, 4, 5, 20),
        why_now="The meeting said so.",
    )


def test_applying_at_once_is_off_unless_a_site_chooses_it(store, standing, thea, settings):
    thea.handles.create(kind="irc", value="thea")
    settings.APPLY_AGREED = True
    store(TAGGED.read_bytes(), name=TAGGED.name)
    standing.refresh_from_db()
    assert standing.expires_at == utc(2011, 4, 6, 10)
    assert suggested("deny").state == "open"  # refused, so it waits for a person


def test_actions_are_kept_once_however_often_they_are_said(store):
    first = "21:00:00 <ttx> #startmeeting\n21:00:01 <pim> hi\n21:00:02 <ttx> #action pim file it\n"
    again = first.replace("#action pim", "#action carryover: pim")
    pim = make_person(name="Pim")
    pim.handles.create(kind="irc", value="Pim")
    store(first, name="nova.2011-03-22-21.00.log.txt")
    store(again, name="nova.2011-03-29-21.00.log.txt")
    [action] = Action.objects.with_story()
    assert (action.owners, list(action.people.all()), action.carried) == (["pim"], [pim], 1)
    action.close(state="done", by=pim, at=AT)
    with pytest.raises(InvalidTransition, match="Pim has called it done already"):
        Action.objects.get().close(state="done", by=pim, at=AT)


def test_dropping_an_action_takes_a_reason_and_a_right(store):
    store("21:00:00 <ttx> #startmeeting\n21:00:02 <ttx> #action test it by Friday\n")
    action = Action.objects.get()
    assert action.due_at == utc(2011, 4, 2)
    with pytest.raises(NotAllowed):
        action.close(state="dropped", by=make_person(), at=AT, note="no")
    with pytest.raises(InvalidInput, match="Say why"):
        action.close(state="dropped", by=make_manager(), at=AT)


@pytest.mark.skipif(not SEED.exists(), reason="the seed log is not beside the project")
@pytest.mark.corpus
class TestTheSeedAccepted:
    @pytest.fixture
    def imported(self, store, cactus, gamma):
        store(SEED.read_bytes(), name=SEED.name)
        return Meeting.objects.get()

    def test_counts_bugs_and_fixes(self, imported):
        counts = [(one.opened, one.fixed, one.line) for one in WeekCount.objects.all()]
        assert counts == [(31, 29, 209), (65, 27, 214)]

    def test_makes_disable_creds_a_bug_fix(self, imported, thea):
        suggested("reclassify").accept(by=thea, at=AT)
        proposal = MergeProposal.objects.get(key="54453")
        assert proposal.change_kind == ChangeKind.BUGFIX
        assert proposal.reclassifications.get().source_url.endswith("#l-206")

    def test_moves_gamma_freeze_to_its_day_in_the_releases_zone(self, imported, gamma, thea):
        gamma.move(to=utc(2011, 4, 6, 9, 59), by=thea, at=AT - timedelta(days=9), why="A start.")
        link_again([imported])
        suggested("move-milestone").accept(by=thea, at=AT)
        gamma.refresh_from_db()
        assert gamma.at == utc(2011, 4, 8, 9, 59)
        assert suggested("move-milestone").move.to_at == gamma.at

    def test_moves_nothing_to_an_instant_that_is_past_already(self, imported, gamma, thea):
        gamma.move(to=utc(2011, 4, 6, 9, 59), by=thea, at=AT - timedelta(days=9), why="A start.")
        link_again([imported])
        with pytest.raises(InvalidInput, match="2011-04-08 09:59 UTC, which is past already"):
            suggested("move-milestone").accept(by=thea, at=utc(2012, 1, 1))
        gamma.refresh_from_db()
        assert gamma.at == utc(2011, 4, 6, 9, 59)

    def test_says_in_words_which_milestone_is_not_known_here(self, imported, gamma, thea, client):
        Suggestion.objects.update(milestone=None)
        page = client.get(f"/suggestions/{suggested('move-milestone').pk}/").content.decode()
        assert "No milestone here is known as “gammafreeze of cactus”. Enter it" in page
        with pytest.raises(InvalidInput) as refused:
            suggested("move-milestone").accept(by=thea, at=AT)
        told = "No milestone here is known as “gammafreeze of cactus”. Enter it first."
        assert str(refused.value) == told

    def test_gives_nothing_more_when_it_comes_again(self, imported, store):
        before = list(Suggestion.objects.values())
        store(SEED.read_bytes(), name=SEED.name)
        assert list(Suggestion.objects.values()) == before


@pytest.mark.once
class TestPages:
    def test_show_a_suggestion_beside_its_line_and_buttons_only_to_who_may(
        self, imported, client, django_user_model
    ):
        page = reverse("meeting", args=[imported.slug])
        assert "Extend the exception" in client.get(page).content.decode()
        assert "/accept/" not in client.get(page).content.decode()
        manager = make_manager(user=django_user_model.objects.create_user("thea"))
        client.force_login(manager.user)
        assert client.get(page).content.decode().count("/accept/") == 3

    def test_one_click_accepts_and_leads_to_the_exception(
        self, imported, standing, client, django_user_model, time_machine
    ):
        make_manager(user=django_user_model.objects.create_user("thea"))
        client.force_login(django_user_model.objects.get())
        time_machine.move_to(AT)
        answer = client.post(reverse("suggestion-accept", args=[suggested("extend").pk]))
        assert answer.url == standing.get_absolute_url()

    def test_one_about_what_nobody_asked_for_leads_to_asking(
        self, imported, client, django_user_model
    ):
        make_manager(user=django_user_model.objects.create_user("thea"))
        client.force_login(django_user_model.objects.get())
        asks = {one.verdict: one.asks_first() for one in Suggestion.objects.with_records()}
        assert (asks["deny"], asks["grant"], asks["extend"]) == (True, False, False)
        one = suggested("deny")
        page = client.get(reverse("suggestion", args=[one.pk])).content.decode()
        assert f"/exceptions/new/?proposal={quote(one.proposal.url, safe='')}" in page
        assert (">Accept: " in page, ">Dismiss<" in page) == (False, True)

    def test_one_that_is_so_already_says_so_and_has_no_buttons(
        self, imported, standing, thea, client, django_user_model
    ):
        thea.user = django_user_model.objects.create_user("thea")
        thea.save()
        client.force_login(thea.user)
        standing.extend(by=thea, at=AT, expires=utc(2011, 4, 6, 10), rationale="As agreed.")
        one = suggested("extend")
        page = client.get(reverse("suggestion", args=[one.pk])).content.decode()
        assert "It is so already: nothing is left to decide." in page
        assert ("Accept" in page, "Dismiss" in page) == (False, False)
        log = client.get(reverse("meeting", args=[imported.slug])).content.decode()
        assert (f"/suggestions/{one.pk}/accept/" in log, "So already" in log) == (False, True)
        assert "Already so" in log[: log.index('<ol class="log')]
        listed = {
            state: client.get(f"/suggestions/?state={state}").content.decode()
            for state in ("open", "already", "")
        }
        shown = {state: f"/suggestions/{one.pk}/" in html for state, html in listed.items()}
        assert shown == {"open": False, "already": True, "": True}
        assert "Already so" in listed[""]

    def test_a_stranger_is_asked_to_sign_in(self, imported, client):
        one = suggested("extend")
        for name in ("suggestion-accept", "suggestion-dismiss"):
            assert client.post(reverse(name, args=[one.pk])).url.startswith("/login/")
        assert client.post(reverse("suggestion", args=[one.pk])).url.startswith("/login/")
        assert suggested("extend").state == "open"

    @pytest.mark.parametrize("name", ["suggestions", "actions", "agenda"])
    def test_lists_cost_the_same_number_of_queries_for_one_and_for_many(
        self, store, client, name, cactus
    ):
        def log(day):
            return (
                f"21:00:00 <ttx> #startmeeting\n21:00:01 <ann> #action ann test {day}\n"
                f"21:00:02 <ttx> #agreed https://pad.lv/{day} waits\n"
                f"21:00:03 <ttx> https://code.launchpad.net/~a/nova/b{day}/+merge/5{day}\n"
                "21:00:04 <ttx> #agreed exception granted until Friday\n"
            )

        def cost():
            with CaptureQueriesContext(connection) as captured:
                assert client.get(reverse(name)).status_code == 200
            return len(captured)

        store(log(10), name="nova.2011-03-10-21.00.log.txt")
        one = cost()
        for day in range(11, 14):
            store(log(day), name=f"nova.2011-03-{day}-21.00.log.txt")
        assert cost() == one


@pytest.mark.once
class TestLinks:
    def test_somebody_with_a_role_removes_confirms_and_adds_links(
        self, imported, client, django_user_model, volumes
    ):
        make_member("contributor", user=django_user_model.objects.create_user("jun"))
        client.force_login(django_user_model.objects.get())
        page = reverse("links", args=[imported.slug])
        wrong = Mention.objects.get(line=6, target="proposal:launchpad:61001")
        client.post(reverse("link-judge", args=[imported.slug, wrong.pk]), {"right": "no"})
        client.post(
            reverse("link-add", args=[imported.slug]), {"line": "5", "proposal": "volumes-api"}
        )
        link_again([imported])
        wrong.refresh_from_db()
        added = Mention.objects.get(line=5)
        assert (wrong.state, added.state, added.how) == ("removed", "confirmed", "person")
        assert client.get(page).status_code == 200

    def test_a_stranger_changes_none(self, imported, client):
        mention = Mention.objects.first()
        client.post(reverse("link-judge", args=[imported.slug, mention.pk]), {"right": "no"})
        mention.refresh_from_db()
        assert mention.state == "found"

    @pytest.mark.parametrize(
        ("line", "proposal", "told"),
        [
            ("5", "nobody-knows", "Nothing here is known"),
            ("999", "volumes-api", "no line 999"),
            ("-1", "volumes-api", "no number of a line"),
        ],
    )
    def test_what_is_not_there_is_refused_in_words(
        self, imported, client, django_user_model, line, proposal, told
    ):
        make_member("contributor", user=django_user_model.objects.create_user("jun"))
        client.force_login(django_user_model.objects.get())
        address = reverse("link-add", args=[imported.slug])
        answer = client.post(address, {"line": line, "proposal": proposal}, follow=True)
        assert told in answer.content.decode()
        assert not Mention.objects.filter(how="person").exists()

"""Who hears of a decision, what it says, and how people choose: `/me/`, one click, `/status/`."""

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from governance import outbox, reminders
from governance.mails import unsubscribe_token
from governance.models import Decision, Notice, Preference, Watch
from tests.factories import make_exception, make_member, make_person, make_proposal
from tests.governance.outbox_scene import DAY, HOUR, Memory, run, with_addresses
from tests.governance.steps import decide

pytestmark = pytest.mark.django_db
TITLE = ": Volumes through the API"
STATES = {"open": {"title": "In review"}, "unknown": {}}  # what is open without a title is unread


@pytest.fixture
def scene(scene):
    return with_addresses(scene)


def hearing(verb):
    """Who was told of the last decision with that verb."""
    decision = Decision.objects.filter(verb=verb).latest("pk")
    found = Notice.objects.filter(subject_kind="decision", subject_id=decision.pk)
    return {notice.recipient.name for notice in found.select_related("recipient")}


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        ("requested", "grant"),
        ("requested", "deny"),
        ("requested", "defer"),
        ("granted", "extend"),
        ("granted", "refuse-extension"),
        ("granted", "revoke"),
        ("granted", "withdraw"),
        ("granted", "land"),
        ("landed", "revert"),
        ("denied", "reopen"),
    ],
)
def test_each_decision_is_told_to_who_asked_the_authors_and_watchers(status, verb, scene):
    author = make_person(name="Author")
    exception = make_exception(
        status=status,
        by=scene.jun,
        release=scene.release,
        freeze=scene.freeze,
        proposals=[make_proposal(release=scene.release, author=author)],
        manager=scene.thea,
    )
    Watch.objects.create(exception=exception, person=scene.ondine)
    decide(exception, verb, by=scene.thea)
    assert hearing(verb) == {"Jun", "Author", "Ondine"}


def test_nobody_is_told_what_they_did_themselves(scene):
    exception = scene.grant()
    scene.decide(exception, "withdraw", by=scene.jun)
    assert hearing("withdraw") == set()
    Watch.objects.create(exception=exception, person=scene.thea)
    other = scene.grant()
    Watch.objects.create(exception=other, person=scene.thea)
    scene.decide(other, "land")
    assert hearing("land") == {"Jun"}


@pytest.mark.parametrize(("leads_decide", "names"), [(False, {"Thea"}), (True, {"Thea", "Vera"})])
def test_a_request_is_told_at_once_to_those_who_may_decide(leads_decide, names, scene):
    scene.release.leads_decide = leads_decide
    scene.release.save()
    exception = scene.ask(wanted_until=scene.until)
    assert set(Notice.objects.values_list("recipient__name", flat=True)) == names
    assert set(Notice.objects.values_list("about", flat=True)) == {f"{exception}: asked for"}
    mail = run(scene.asked_at).mails[0]  # what there is to know before deciding
    for body in (mail.body, mail.alternatives[0].content):
        assert exception.proposals.get().url in body
        assert "Asked until Fri 1 April 2011 10:00 UTC." in body


def test_a_subject_names_the_day_in_utc_where_that_is_another(scene):
    scene.jun.zone = "Pacific/Honolulu"
    scene.jun.save()
    scene.grant(expires=scene.until - 2 * HOUR)
    subjects = [mail.subject for mail in run(scene.now).mails if "granted" in mail.subject]
    assert [one.partition("until ")[2] for one in subjects] == [
        f"Thu 31 March 22:00 HST (Fri 08:00 UTC){TITLE}"
    ]


def test_a_request_is_told_to_no_lead_who_leads_only_a_part_of_it(scene):
    scene.release.leads_decide = True
    scene.release.save()
    elsewhere = make_proposal(release=scene.release, project=scene.swift, key="2")
    ours = make_proposal(release=scene.release, project=scene.nova, key="3")
    scene.ask(proposals=[ours, elsewhere])
    assert set(Notice.objects.values_list("recipient__name", flat=True)) == {"Thea"}


def test_a_decision_that_is_not_made_is_not_told(scene, monkeypatch):
    exception = scene.ask()
    before = Notice.objects.count()

    def broken(self, at):
        raise RuntimeError("after the ledger was written")

    monkeypatch.setattr(type(exception), "_hold_proposals", broken)
    with pytest.raises(RuntimeError):
        scene.grant(exception)
    assert Notice.objects.count() == before


@pytest.mark.parametrize(
    ("proposal_states", "outcome"),
    [
        (["open"], "not approved"),
        (["approved", "draft"], "not approved"),
        (["approved", "approved"], "approved but not merged"),
        (["approved", "merged"], "approved but not merged"),
        (["merged", "merged"], "landed"),
        (["approved", "unknown"], "nobody here knows how far it came"),
    ],
)
def test_an_expiry_says_how_far_it_came_and_the_ways_on(proposal_states, outcome, scene):
    proposals = [
        make_proposal(
            release=scene.release, project=scene.nova, **STATES.get(state, {"state": state})
        )
        for state in proposal_states
    ]
    exception = scene.grant(scene.ask(proposals=proposals))
    sink = run(scene.until)
    told = [mail for mail in sink.mails if "has expired" in mail.subject]
    assert {(mail.to[0], mail.subject) for mail in told} == {
        (f"{name}@example.org", f"{exception.reference} has expired, {outcome}{TITLE}")
        for name in ("jun", "thea")
    }
    bodies = {mail.to[0].partition("@")[0]: mail.body for mail in told}
    own = f"http://127.0.0.1:8000/exceptions/{exception.reference}/"
    ways = {
        name: [way for way in ("extend", "defer") if f"{own}{way}/" in body]
        for name, body in bodies.items()
    }
    assert ways == {"thea": ["extend", "defer"], "jun": []}  # only what is theirs to do
    asks = "Ask a release manager for more\ntime, with a reason, or let it wait"
    assert (asks in bodies["jun"], asks in bodies["thea"]) == (outcome != "landed", False)
    assert ("give it more time first" in bodies["thea"]) == (outcome == "landed")


def test_release_managers_of_its_project_hear_of_an_expiry_and_others_do_not(scene):
    make_member("release-manager", scene.nova, name="Of Nova")
    make_member("release-manager", scene.swift, name="Of Swift")
    scene.grant()
    reminders.sweep(at=scene.until)
    found = Notice.objects.filter(kind="expired").select_related("recipient")
    assert {notice.recipient.name for notice in found} == {"Jun", "Thea", "Of Nova"}


def test_what_is_two_weeks_old_is_no_news(scene):
    """Decisions that are entered afterwards from old meetings fill no mailbox."""
    scene.grant()
    run(scene.now + 15 * DAY, swept=False)
    told = Notice.objects.filter(recipient=scene.jun)
    assert set(told.values_list("state", flat=True)) == {"missed"}


# --- /me/ ---------------------------------------------------------------------------------------


@pytest.fixture
def jun(scene, sign_in):
    return sign_in(scene.jun, is_staff=False)


def test_my_page_shows_what_i_was_told_and_nobody_elses(jun, scene):
    scene.grant()
    scene.decide(scene.grant(), "revoke")
    run(scene.until - HOUR)
    html = jun.get("/me/").content.decode()
    # By the clock, though no worker has called it expired yet.
    assert '<span class="status status-expired">Expired</span> (its deadline was <time' in html
    assert '<span class="status status-revoked">Revoked</span> (its deadline was <time' in html
    assert "Volumes through the API: granted" in html
    assert "Volumes through the API: 60 minutes to its deadline" in html
    assert "<strong><time" in html
    assert "missed" in html
    assert "GammaFreeze" not in html  # that is the managers'
    assert 'class="unread"' in html
    assert jun.post("/me/read/").status_code == 302
    assert 'class="unread"' not in jun.get("/me/").content.decode()
    assert Notice.objects.filter(read_at__isnull=False).exclude(recipient=scene.jun).count() == 0


def test_my_page_asks_who_i_am(client):
    assert client.get("/me/").headers["Location"] == "/login/?next=/me/"


@pytest.mark.parametrize("page", ["/me/", "/me/tokens/", "/exceptions/new/", "/meetings/new/"])
@pytest.mark.parametrize(
    ("rights", "leads"),
    [
        ([], "Whoever runs this site connects it to a person in the admin, under People."),
        (["add_person"], '<a href="/admin/releases/person/add/?user={}">Enter yourself as'),
    ],
)
def test_a_login_of_nobody_is_told_so_and_what_to_do_about_it(
    page, rights, leads, sign_in, django_user_model
):
    answer = sign_in(None, rights=rights).get(page)
    told, login = answer.content.decode(), django_user_model.objects.get()
    assert answer.status_code == 200
    assert "Your login belongs to nobody here yet" in told
    assert leads.format(login.pk) in told
    assert "no role that may ask" not in told


def test_my_page_costs_the_same_for_one_notice_and_for_many(jun, scene, django_assert_num_queries):
    scene.grant()
    for _ in range(2):
        with django_assert_num_queries(9):
            jun.get("/me/")
        for _ in range(3):
            scene.grant()


def test_i_watch_what_is_not_mine_and_stop(sign_in, scene):
    ondine, exception = sign_in(scene.ondine, is_staff=False), scene.grant()
    for _ in range(2):
        assert ondine.post(f"/me/watching/{exception.reference}/").status_code == 302
    assert [watch.person for watch in Watch.objects.all()] == [scene.ondine]
    assert str(exception) in ondine.get("/me/").content.decode()
    page = exception.get_absolute_url()
    assert "Tell me no more of it" in ondine.get(page).content.decode()
    own = sign_in(scene.jun, is_staff=False).get(page).content.decode()
    assert "It is yours: you are told what becomes of it" in own
    assert "Tell me" not in own
    pressed = ondine.post(f"/me/watching/{exception.reference}/", {"start": "here"}, follow=True)
    assert (pressed.request["PATH_INFO"], Watch.objects.count()) == (page, 1)
    assert f"You will be told what becomes of {exception.reference}." in pressed.content.decode()
    ondine.post(f"/me/watching/{exception.reference}/", {"stop": ""})
    assert Watch.objects.count() == 0
    assert ondine.post("/me/watching/FFE-999999/").status_code == 404


def test_i_choose_how_i_am_told(jun, scene):
    chosen = {
        "reminder": "in-app",
        "expired": "mail",
        "decision": "none",
        "digest": "mail",
        "offsets": "3d, 90m",
        "digest_hour": "7",
    }
    assert jun.post("/me/preferences/", chosen).status_code == 302
    preference = Preference.objects.get()
    assert {name: str(getattr(preference, name)) for name in chosen} == chosen
    assert preference.person == scene.jun


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("offsets", "tomorrow", "is no time before a deadline"),
        ("offsets", "999999d", "is too long before"),
        ("digest_hour", "24", "less than or equal to 23"),
        ("reminder", "pigeon", "Select a valid choice"),
    ],
)
def test_a_choice_that_is_none_is_refused_in_words_and_nothing_is_stored(field, value, words, jun):
    chosen = dict.fromkeys("reminder expired decision digest".split(), "mail")
    answer = jun.post("/me/preferences/", chosen | {"digest_hour": "8", field: value})
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert Preference.objects.count() == 0


# --- One click ----------------------------------------------------------------------------------


@pytest.fixture
def link(scene):
    """The address in the List-Unsubscribe header of a reminder to Jun."""
    scene.grant()
    sink = run(scene.until - HOUR)
    mail = next(mail for mail in sink.mails if "expires in" in mail.subject)
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return re.fullmatch(r"<http://127.0.0.1:8000(.+)>", mail.extra_headers["List-Unsubscribe"])[1]


def test_one_click_of_a_mail_program_stops_that_kind_of_mail_alone(link, scene, client):
    from django.test import Client  # noqa: PLC0415 one that insists on CSRF tokens

    program = Client(enforce_csrf_checks=True)
    assert program.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    preference = Preference.objects.get(person=scene.jun)
    channels = [preference.channel(kind) for kind in ("reminder", "decision")]
    assert channels == ["in-app", "mail"]
    assert program.post(link).status_code == 200  # twice is as good as once


def test_looking_at_the_link_stops_nothing(link, client):
    """Mail filters follow links."""
    answer = client.get(link)
    assert (answer.status_code, "Stop these mails?" in answer.content.decode()) == (200, True)
    assert Preference.objects.count() == 0


@pytest.mark.parametrize("token", ["nonsense", "WzEsInJlbWluZGVyIl0:1uAbCd:forged"])
def test_a_forged_link_stops_nothing(token, client):
    assert client.post(f"/unsubscribe/{token}/").status_code == 404
    assert Preference.objects.count() == 0


def test_unsubscribing_does_not_bring_back_what_was_turned_off(link, scene, client):
    Preference.objects.create(person=scene.jun, reminder="none")
    client.post(link)
    assert Preference.objects.get().reminder == "none"


def test_a_token_is_for_one_person_and_kind(scene):
    notice = Notice(recipient=scene.jun, kind="digest")
    assert unsubscribe_token(notice) != unsubscribe_token(
        Notice(recipient=scene.vera, kind="digest")
    )


# --- /status/ and /readyz -----------------------------------------------------------------------


def trouble(scene, settings):
    """One failed, one uncertain, one waiting; due now."""
    settings.REMINDER_UNCERTAIN = "park"
    now = timezone.now()
    exception = scene.grant()
    Notice.objects.all().delete()
    decision = exception.decisions.latest("sequence")
    for person in (scene.jun, scene.ondine, scene.vera):
        Notice.objects.create(
            subject_kind="decision",
            subject_id=decision.pk,
            kind="decision",
            deadline_at=decision.at,
            recipient=person,
            about="FFE",
            due_at=now,
            next_try_at=now,
        )
    from governance.sinks import NotSent, Unknown  # noqa: PLC0415 only here

    outbox.deliver(clock=lambda: now, sink=Memory(hands=[NotSent("550 no"), Unknown("gone")]))


def test_the_status_page_and_readyz_count_what_did_not_go_out(scene, settings, client):
    reminders.sweep(at=timezone.now())
    trouble(scene, settings)
    found = client.get("/readyz").json()["reminders"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.pop("last_sweep"))
    assert found == {"due_unsent": 1, "failed": 1, "uncertain": 1}
    html = client.get("/status/").content.decode()
    cells = re.findall(r"<th scope=\"row\">([^<]+)</th><td>(\d+)</td>", html)
    assert cells == [
        ("Due but unsent", "1"),
        ("Failed, will be tried again", "1"),
        ("Perhaps sent, nobody knows", "1"),
    ]
    assert "Ondine" not in html  # who gets what is not for everybody


def test_who_may_change_notices_sees_each_and_says_what_became_of_it(scene, settings, sign_in):
    trouble(scene, settings)
    clerk = sign_in(scene.thea, is_staff=False, rights=["change_notice"])
    html = clerk.get("/status/").content.decode()
    assert ("Ondine" in html, "550 no" in html) == (True, True)
    parked = Notice.objects.get(state="uncertain")
    clerk.post(f"/status/notices/{parked.pk}/arrived/")
    parked.refresh_from_db()
    assert (parked.state, parked.detail) == ("sent", "Somebody saw that it arrived.")
    failed = Notice.objects.get(state="failed")
    clerk.post(f"/status/notices/{failed.pk}/again/")
    failed.refresh_from_db()
    assert failed.state == "pending"


def test_nobody_else_sees_a_notice_or_says_what_became_of_it(scene, settings, sign_in, client):
    trouble(scene, settings)
    parked = Notice.objects.get(state="uncertain")
    staff = sign_in(scene.jun, rights=["view_notice"])
    for visitor in (client, sign_in(scene.thea, is_staff=False, rights=[]), staff):
        assert "Ondine" not in visitor.get("/status/").content.decode()
        assert visitor.post(f"/status/notices/{parked.pk}/arrived/").status_code == 403
        assert visitor.get(f"/status/notices/{parked.pk}/arrived/").status_code == 405
    parked.refresh_from_db()
    assert parked.state == "uncertain"


# --- manage.py send_reminders -------------------------------------------------------------------


def told(capsys, *arguments):
    call_command("send_reminders", *arguments)
    return capsys.readouterr().out.splitlines()


def test_a_dry_run_shows_what_would_go_out_and_changes_nothing(scene, capsys):
    exception = scene.grant()
    Notice.objects.all().delete()
    Preference.objects.create(person=scene.thea, expired="in-app", digest="none")
    lines = told(capsys, "--dry-run", "--at", scene.until.isoformat())
    jun = f"Jun, jun@example.org: {exception.reference}"
    assert lines == [
        f"{jun} has expired, nobody here knows how far it came{TITLE}",
        f"Thea, on /me/: {exception}: expired",
        "2 would go out at 2011-04-01 10:00:00 UTC. Nothing was sent or changed.",
    ]
    exception.refresh_from_db()
    assert (Notice.objects.count(), exception.status) == (0, "granted")
    assert exception.decisions.count() == 2


def test_a_sweep_by_hand_sends_and_says_what_it_did(scene, capsys, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    Preference.objects.create(person=scene.thea, digest="none")
    scene.grant()
    assert told(capsys, "--at", scene.now.isoformat()) == [
        "Swept at 2011-03-30 09:00:00 UTC: 1 no longer true when it was to be sent, 2 sent."
    ]
    assert len(list(tmp_path.glob("*.eml"))) == 2
    assert told(capsys, "--at", scene.now.isoformat()) == [
        "Swept at 2011-03-30 09:00:00 UTC: nothing was due."
    ]


@pytest.mark.parametrize("at", ["tomorrow", "2011-03-30T10:00:00", "2011-02-30T10:00:00Z"])
def test_what_is_no_instant_is_refused(at):
    with pytest.raises(CommandError, match="is no instant"):
        call_command("send_reminders", "--at", at)


def test_nothing_is_sent_from_the_future(scene):
    ahead = timezone.now() + timedelta(days=1)
    with pytest.raises(CommandError, match="Add --dry-run"):
        call_command("send_reminders", "--at", ahead.isoformat())

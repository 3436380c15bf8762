"""What is due when, from the deadlines alone."""

from datetime import timedelta

import pytest
from django.db.models import F

from governance import digests, mails, reminders, subjects
from governance.models import Decision, Heartbeat, Notice, Preference, ReleaseReminders, Watch
from releases.models import MergeProposal, Person
from tests.factories import make_member, make_milestone, make_proposal
from tests.governance.outbox_scene import DAY, HOUR, Memory, run, states, with_addresses

D3, D1, H2 = 72 * 3600, 24 * 3600, 2 * 3600
TITLE = ": Volumes through the API"


@pytest.fixture
def scene(scene):
    return with_addresses(scene)


def leads(person, **fields):
    """Lead and state of each of somebody's reminders, the nearest deadline first."""
    found = Notice.objects.filter(recipient=person, kind="reminder", **fields)
    return list(found.order_by("deadline_at", "-lead").values_list("lead", "state"))


def move(milestone, to, scene, at):
    milestone.move(to=to, by=scene.thea, at=at, why="Two more days.")


def test_each_offset_is_one_mail_however_often_anybody_sweeps(scene):
    until = scene.now + 4 * DAY
    scene.grant(expires=until)
    sink = Memory()
    for before in (96, 73, 72, 71, 25, 24, 23, 3, 2, 1, 0, -1):
        run(until - before * HOUR, sink)
        reminders.sweep(at=until - before * HOUR)
    assert sink.told(scene.jun) == [
        f"granted until Sun 3 April 09:00 UTC{TITLE}",
        f"expires in 3 days{TITLE}",
        f"expires in 24 hours{TITLE}",
        f"expires in 2 hours{TITLE}",
        f"has expired, nobody here knows how far it came{TITLE}",
    ]
    assert sink.told(scene.thea)[-1] == f"has expired, nobody here knows how far it came{TITLE}"
    assert len(set(sink.keys)) == len(sink.keys)


@pytest.mark.parametrize(
    ("before", "due"),
    [
        (timedelta(hours=72, microseconds=1), []),
        (timedelta(hours=72), [D3]),
        (timedelta(hours=24, microseconds=1), [D3]),
        (timedelta(hours=24), [D1]),
        (timedelta(hours=2), [H2]),
        (timedelta(microseconds=1), [H2]),
    ],
)
def test_a_reminder_is_due_at_its_instant_to_the_microsecond(before, due, scene):
    scene.grant(expires=scene.now + 30 * DAY)
    reminders.sweep(at=scene.now + 30 * DAY - before)
    assert [lead for lead, state in leads(scene.jun) if state == "pending"] == due


def test_after_downtime_there_is_one_notice_and_the_missed_ones_are_on_record(scene):
    until = scene.now + 10 * DAY
    scene.grant(expires=until)
    sink = run(until - HOUR)
    assert sink.told(scene.jun)[1:] == [f"expires in 60 minutes{TITLE}"]
    assert leads(scene.jun) == [(D3, "missed"), (D1, "missed"), (H2, "sent")]


def test_found_after_the_deadline_it_is_one_notice_that_it_has_expired(scene):
    until = scene.now + 3 * DAY
    exception = scene.grant(expires=until)
    sink = run(until + 5 * DAY)
    assert sink.told(scene.jun)[1:] == [f"has expired, nobody here knows how far it came{TITLE}"]
    assert leads(scene.jun) == [(D3, "missed"), (D1, "missed"), (H2, "missed")]
    last = exception.decisions.latest("sequence")
    assert (last.verb, last.by, last.at) == ("expire", None, until)


def test_what_could_never_have_been_sent_was_not_missed(scene):
    scene.grant(expires=scene.now + 10 * HOUR)
    run(scene.now + HOUR)
    assert leads(scene.jun) == [(D1, "sent")]


def test_nor_was_what_came_before_the_grant_until_a_milestone(scene):
    scene.grant(expires=scene.gamma, at=scene.gamma.at - 10 * HOUR)
    run(scene.gamma.at - 9 * HOUR)
    assert leads(scene.jun) == [(D1, "sent")]


def test_nor_was_what_came_before_a_freeze_moved_nearer_or_a_request_was_open_again(scene):
    hard = make_milestone(
        release=scene.release, name="Hard", at=scene.now + 9 * DAY, blocks=["feature"]
    )
    until, asked_at = scene.now + 10 * HOUR, scene.now - 8 * DAY
    scene.ask(freeze=hard, at=asked_at)
    again = scene.decide(scene.ask(wanted_until=until, at=asked_at), "deny")
    scene.decide(again, "reopen")
    move(hard, until, scene, scene.now)
    run(scene.now + HOUR)
    assert leads(scene.thea, subject_kind="request") == [(D1, "sent"), (D1, "sent")]


def test_an_extension_is_reminded_of_anew_and_the_old_deadline_is_not(scene):
    first, second = scene.now + 2 * DAY, scene.now + 9 * DAY
    exception = scene.grant(expires=first)
    reminders.sweep(at=scene.now + HOUR)  # written down, not yet sent
    scene.decide(exception, "extend", expires=second, at=scene.now + 2 * HOUR)
    sink = run(scene.now + 3 * HOUR)
    assert [words for words in sink.told(scene.jun) if words.startswith("expires")] == []
    assert leads(scene.jun, deadline_at=first) == [(D3, "cancelled")]
    sink = run(second - DAY)
    assert sink.told(scene.jun)[-1] == f"expires in 24 hours{TITLE}"


def test_a_moved_milestone_rearms_what_is_bound_to_it_without_anybody_asking(scene):
    scene.grant(expires=scene.gamma)
    sink = run(scene.gamma.at - DAY)
    later = scene.gamma.at + 3 * DAY
    move(scene.gamma, later, scene, scene.gamma.at - DAY + HOUR)
    run(later - DAY, sink)
    assert sink.told(scene.jun)[-2:] == [f"expires in 24 hours{TITLE}"] * 2
    run(later + HOUR, sink)
    assert sink.told(scene.jun)[-1] == f"has expired, nobody here knows how far it came{TITLE}"


def test_a_milestone_moved_into_the_past_ends_what_is_bound_to_it(scene):
    exception = scene.grant(expires=scene.gamma)
    at = scene.now + DAY
    move(scene.gamma, scene.now + HOUR, scene, at)
    sink = run(at + HOUR)
    assert sink.told(scene.jun)[-1] == f"has expired, nobody here knows how far it came{TITLE}"
    exception.refresh_from_db()
    assert exception.status == "expired"


@pytest.mark.parametrize("verb", ["withdraw", "revoke", "land", "defer"])
def test_what_was_decided_meanwhile_is_not_reminded_of(verb, scene):
    exception = scene.grant(expires=scene.now + 2 * DAY)
    reminders.sweep(at=scene.now + HOUR)
    scene.decide(exception, verb, at=scene.now + 2 * HOUR)
    sink = run(scene.now + 3 * HOUR)
    assert [words for words in sink.told(scene.jun) if "expires in" in words] == []
    assert leads(scene.jun) == [(D3, "cancelled")]


def test_an_extension_that_comes_late_takes_the_notice_of_expiry_back(scene):
    exception = scene.grant(expires=scene.now + DAY)
    scene.decide(exception, "extend", expires=scene.now + 9 * DAY, at=scene.now + 2 * DAY)
    sink = run(scene.now + 2 * DAY)
    assert sink.told(scene.jun) == [
        f"granted until Thu 31 March 09:00 UTC{TITLE}",
        f"extended until Fri 8 April 09:00 UTC{TITLE}",
    ]
    assert states(kind="expired") == [("cancelled", 0)] * 2  # jun and thea


def test_a_release_and_a_person_have_offsets_of_their_own(scene):
    ReleaseReminders.objects.create(release=scene.release, offsets="5d, 90m")
    exception = scene.grant(expires=scene.now + 20 * DAY)
    Watch.objects.create(exception=exception, person=scene.vera)
    Preference.objects.create(person=scene.vera, offsets="1h")
    for before in (20 * 24, 121, 120, 73, 72, 25, 24, 3, 2):
        reminders.sweep(at=scene.now + 20 * DAY - before * HOUR)
    about = {"subject_kind": "exception"}
    assert [lead for lead, _ in leads(scene.jun, **about)] == [5 * 24 * 3600]
    reminders.sweep(at=scene.now + 20 * DAY - HOUR)
    assert [lead for lead, _ in leads(scene.jun, **about)] == [5 * 24 * 3600, 90 * 60]
    assert [lead for lead, _ in leads(scene.vera, **about)] == [3600]


def test_offsets_without_the_shortest_one_still_give_one_reminder_after_downtime(scene):
    """The 48 hours of this person are past while only others' 24 hours have come last."""
    Preference.objects.create(person=scene.jun, offsets="48h")
    scene.grant(expires=scene.now + 9 * DAY)
    run(scene.now + 9 * DAY - 10 * HOUR)
    assert leads(scene.jun) == [(48 * 3600, "sent")]


def test_authors_and_watchers_are_reminded_like_who_asked(scene):
    author, passer_by = make_member("contributor"), make_member("contributor")
    proposal = make_proposal(release=scene.release, project=scene.nova, author=author)
    exception = scene.grant(scene.ask(proposals=[proposal]))
    Watch.objects.create(exception=exception, person=scene.ondine)
    reminders.sweep(at=scene.until - HOUR)
    due = Notice.objects.filter(subject_kind="exception", state="pending", kind="reminder")
    assert set(due.values_list("recipient", flat=True)) == {
        scene.jun.pk,
        author.pk,
        scene.ondine.pk,
    }
    assert not Notice.objects.filter(recipient=passer_by).exists()


def test_milestones_are_reminded_of_and_told_when_they_are_reached(scene):
    scene.release.projects.add(scene.nova)
    sink = Memory()
    for before in (73, 72, 25, 24, 3, 2, 1, 0, -1):
        run(scene.gamma.at - before * HOUR, sink)
    about_gamma = [words for words in sink.told(scene.vera) if words.startswith("Gamma")]
    assert about_gamma == [
        "GammaFreeze is reached in 3 days: Cactus",
        "GammaFreeze is reached in 24 hours: Cactus",
        "GammaFreeze is reached in 2 hours: Cactus",
        "GammaFreeze is reached: Cactus",
    ]
    assert [words for words in sink.told(scene.thea) if words.startswith("Gamma")] == about_gamma
    assert sink.told(scene.ondine) == []


def test_a_milestone_reached_long_ago_is_no_news(scene):
    """An old calendar that is imported must not fill anybody's mailbox."""
    make_milestone(release=scene.release, at=scene.now - 30 * DAY)
    run(scene.now)
    assert Notice.objects.filter(subject_kind="milestone", kind="reminder").count() == 0
    run(scene.gamma.at + 20 * DAY)
    reached = Notice.objects.filter(subject_kind="milestone", subject_id=scene.gamma.pk)
    assert set(reached.values_list("state", flat=True)) == {"missed"}


def test_who_decides_is_reminded_of_an_undecided_request(scene):
    wanted = scene.now + 5 * DAY
    exception = scene.ask(wanted_until=wanted)
    swift_manager = make_member("release-manager", scene.swift)
    sink = run(wanted - DAY)
    assert f"waits for a decision in 24 hours{TITLE}" in sink.told(scene.thea)
    scene.decide(exception, "deny", at=wanted - 23 * HOUR)
    run(wanted - HOUR, sink)
    assert leads(scene.thea, subject_kind="request") == [(D3, "missed"), (D1, "sent")]
    assert not Notice.objects.filter(recipient=swift_manager, subject_kind="request").exists()


@pytest.mark.parametrize(("leads_decide", "names"), [(False, {"Thea"}), (True, {"Thea", "Vera"})])
def test_who_was_told_of_a_request_and_nobody_else_is_reminded_of_it(leads_decide, names, scene):
    scene.release.leads_decide = leads_decide
    scene.release.save()
    make_member("project-lead", scene.swift, name="Stella")
    wanted = scene.now + 5 * DAY
    scene.ask(wanted_until=wanted)
    told = set(Notice.objects.values_list("recipient__name", flat=True))
    reminders.sweep(at=wanted - DAY)
    reminded = Notice.objects.filter(subject_kind="request")
    assert set(reminded.values_list("recipient__name", flat=True)) == told == names


def test_who_leads_or_manages_only_a_part_of_a_request_is_not_reminded_of_it(scene):
    scene.release.leads_decide = True
    scene.release.save()
    parts = [
        make_proposal(release=scene.release, project=project, key=key)
        for project, key in ((scene.nova, "2"), (scene.swift, "3"))
    ]
    make_member("release-manager", scene.swift, name="Sven")
    scene.ask(proposals=parts, wanted_until=scene.now + 5 * DAY)
    reminders.sweep(at=scene.now + 4 * DAY)
    reminded = Notice.objects.filter(subject_kind="request")
    assert set(reminded.values_list("recipient__name", flat=True)) == {"Thea"}


def test_who_decides_is_looked_up_once_for_all_requests(scene, django_assert_num_queries):
    requests = [scene.ask().pk for _ in range(3)]
    for some in (requests[:1], requests):
        with django_assert_num_queries(5):
            found = subjects.UndecidedRequests().recipients(some)
        assert found == {request: {scene.thea.pk} for request in some}


def test_a_request_ahead_of_its_freeze_waits_until_the_freeze(scene):
    freeze = make_milestone(
        release=scene.release, name="Hard", at=scene.now + 2 * DAY, blocks=["feature"]
    )
    scene.ask(freeze=freeze)
    reminders.sweep(at=scene.now + DAY)
    assert leads(scene.thea, subject_kind="request") == [(D1, "pending")]


@pytest.mark.parametrize(
    ("channel", "state"), [("mail", "pending"), ("in-app", "sent"), ("none", "cancelled")]
)
def test_people_choose_whether_they_are_told_by_mail_here_alone_or_not_at_all(
    channel, state, scene
):
    Preference.objects.create(person=scene.jun, reminder=channel)
    scene.grant()
    reminders.sweep(at=scene.until - HOUR)
    (notice,) = Notice.objects.filter(recipient=scene.jun, kind="reminder", lead=H2)
    assert (notice.state, notice.channel) == (state, channel)
    sink = run(scene.until - HOUR)
    mails = [words for words in sink.told(scene.jun) if "expires in" in words]
    assert len(mails) == (1 if channel == "mail" else 0)


def test_a_choice_made_after_it_was_written_down_counts_when_it_is_sent(scene):
    scene.grant()
    reminders.sweep(at=scene.until - HOUR)
    Preference.objects.create(person=scene.jun, reminder="in-app")
    sink = run(scene.until - HOUR, swept=False)
    assert [words for words in sink.told(scene.jun) if "expires in" in words] == []
    (notice,) = Notice.objects.filter(recipient=scene.jun, kind="reminder", lead=H2)
    assert (notice.state, notice.channel) == ("sent", "in-app")


# --- A floor above hangs its own deadlines in ---------------------------------------------------


class Reviews:
    """A source of the tests' own: proposals are to be merged by the instant in `merged_at`."""

    kind = "review"
    tells_of_its_end = False
    recipient: int | None = None

    def due(self, *, after, until):
        found = MergeProposal.objects.filter(merged_at__gt=after, merged_at__lte=until)
        return [
            found.annotate(
                deadline=F("merged_at"), in_release=F("release_id"), known_since=F("merged_at")
            )
        ]

    def about(self, subjects):
        return dict.fromkeys(subjects, ("Review of the driver", "/proposals/7/"))

    def recipients(self, subjects):
        return {subject: {self.recipient} for subject in subjects}

    def reread(self, subject, *, deadline_at, at):
        if not MergeProposal.objects.filter(pk=subject, merged_at=deadline_at).exists():
            return None
        return subjects.Matter(
            name="Review",
            title="of the driver",
            path="/proposals/7/",
            ahead="is due",
            reached="is overdue",
            sentence="Review it.",
        )

    def reached(self, subjects, *, at):
        MergeProposal.objects.filter(pk__in=subjects).update(title="overdue")

    def digest(self, *, at):
        line = subjects.Link("Review of the driver", "/proposals/7/")
        return [subjects.Section("Reviews overdue", [line])]


def test_a_floor_above_can_hang_deadlines_of_its_own_in(scene, settings, monkeypatch):
    settings.REMINDER_SOURCES = [*settings.REMINDER_SOURCES, f"{__name__}.Reviews"]
    monkeypatch.setattr(Reviews, "recipient", scene.ondine.pk)
    due = scene.now + 30 * HOUR
    proposal = make_proposal(state="merged", merged_at=due)
    sink = Memory()
    for hours in (0, 10, 29, 30, 31):
        run(scene.now + hours * HOUR, sink)
    assert sink.told(scene.ondine) == [
        "Review is due in 30 hours: of the driver",
        "Review is due in 20 hours: of the driver",
        "Review is due in 60 minutes: of the driver",
        "Review is overdue: of the driver",
    ]
    proposal.refresh_from_db()
    assert proposal.title == "overdue"
    assert "1 reviews overdue" in sink.told(scene.thea)[0]


# --- The digest ---------------------------------------------------------------------------------


def test_the_digest_comes_once_a_day_at_the_hour_of_its_reader(scene):
    scene.thea.zone = "Pacific/Honolulu"
    scene.thea.save()
    Preference.objects.create(person=scene.thea, digest_hour=7, reminder="none", decision="none")
    scene.grant(expires=scene.gamma, conditions=["core review"])
    scene.ask(title="A console")
    sink = Memory()
    at = []  # it is 23:00 there, and the morning's would be too late
    for hours in range(0, 40, 2):
        now = scene.now + hours * HOUR
        before = len(sink.told(scene.thea))
        run(now, sink)
        at += [now] * (len(sink.told(scene.thea)) - before)
    assert [now.hour for now in at] == [17, 17]  # 7:00 in Honolulu


def test_the_digest_names_what_merged_without_an_exception(scene):
    make_proposal(
        release=scene.release,
        change_kind="feature",
        title="Slipped in",
        state="merged",
        merged_at=scene.now - 3 * HOUR,
    )
    found = {section.heading: section.lines for section in digests.digest_sections(at=scene.now)}
    [line] = found["Merged without an exception"]
    assert line.words.startswith("Slipped in: ")
    assert "Merged without an exception" not in {
        section.heading for section in digests.digest_sections(at=scene.now + 2 * DAY)
    }


def test_the_digest_mail_says_on_its_readers_clocks_when_each_ends(scene):
    exception = scene.grant(conditions=["a review"])
    Person.objects.filter(pk=scene.thea.pk).update(zone=scene.release.zone)
    at = scene.until - HOUR
    scene.gamma.move(to=scene.until + HOUR, by=scene.thea, at=scene.now, why="Sooner.")
    thea = Person.objects.get(pk=scene.thea.pk)
    notice = Notice(recipient=thea, kind="digest", deadline_at=at)
    mail = mails.digest(notice, digests.digest_sections(at=at), at=at)
    ends = "Fri 1 April 2011 00:00 HST in Pacific/Honolulu (10:00 UTC)"
    told = [
        f"{exception}, asked by Jun: {ends}",
        f"{exception}, asked by Jun",  # with conditions not confirmed
        f"{scene.gamma}: {ends.replace('00:00', '01:00').replace('10:00', '11:00')}",
    ]
    lines = [line[2:] for line in mail.body.splitlines() if line.startswith("- ")]
    assert lines == told
    assert [line for line in told if f">{line}</a>" not in mail.alternatives[0].content] == []


def test_the_digest_says_how_many_milestones_it_does_not_list(scene):
    for number in range(subjects.SHOWN + 3):
        at = scene.now + timedelta(minutes=number)
        make_milestone(release=scene.release, slug=f"m{number}", at=at + HOUR)
    [section] = digests.digest_sections(at=scene.now)
    assert (len(section.lines), section.more) == (subjects.SHOWN, 3)


def test_a_day_without_news_brings_no_digest(scene):
    sink = Memory()
    for hours in range(0, 24, 4):
        run(scene.now + hours * HOUR, sink)
    assert sink.told(scene.thea) == []
    assert states(kind="digest") == [("cancelled", 0)]


@pytest.mark.parametrize("zone", ["Mars/Olympus_Mons", "Europe", "/etc/passwd"])
def test_a_zone_that_is_none_does_not_keep_the_digests_of_others_back(zone, scene):
    make_member("release-manager", zone=zone)
    scene.ask()
    reminders.sweep(at=scene.now)
    assert states(kind="digest") == [("pending", 0)] * 2


# --- The sweep itself ---------------------------------------------------------------------------


def test_a_sweep_leaves_word_of_itself_and_a_look_back_is_no_step_back(scene):
    reminders.sweep(at=scene.now)
    reminders.sweep(at=scene.now - DAY)
    assert Heartbeat.last("sweep") == scene.now


def test_one_that_cannot_expire_does_not_keep_the_others_from_it(scene, monkeypatch):
    first, second = scene.grant(), scene.grant()
    expire = type(first).expire

    def broken(exception, *, at):
        if exception.pk == first.pk:
            raise RuntimeError("This one is cursed.")
        return expire(exception, at=at)

    monkeypatch.setattr(type(first), "expire", broken)
    reminders.sweep(at=scene.until + HOUR)
    assert Decision.objects.filter(exception=second, verb="expire").exists()

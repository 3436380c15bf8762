"""What a meeting may have decided, read from what was put on record and from talk."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.deadlines import Anchor
from meetings.cues import Verdict, conditions, decided
from meetings.linking import Said, link, said_in
from meetings.names import Glossary, MilestoneName, ProposalName, ReleaseName
from meetings.verdicts import Rules, suggest
from tests.meetings.conftest import SHARED

SEED = SHARED / "seed" / "openstack-meeting.2011-03-29-21.00.log.txt"
TAGGED = Path(__file__).parents[1] / "data" / "logs" / "tagged.2011-04-05-21.00.log.txt"
HAWAII = ZoneInfo("Pacific/Honolulu")
needs_seed = pytest.mark.skipif(not SEED.exists(), reason="the seed log is not beside the project")


def suggestions(take, log, *, name, glossary=None, rules=None):
    [meeting] = take(log, name=name).meetings
    linked = link(list(said_in(meeting)), meeting.items, glossary or Glossary.of())
    return suggest(linked, meeting.items, rules or Rules())


def of_talk(take, *lines, rules=None):
    """The suggestions of a meeting that ttx chairs, with one proposal on the table."""
    begun = [
        "ttx #startmeeting Nova",
        "ttx https://code.launchpad.net/~jun/nova/volumes-api/+merge/61001",
        *lines,
        "ttx #endmeeting",
    ]
    log = "".join(
        f"21:{number:02}:00 <{nick}> {text}\n"
        for number, (nick, _, text) in enumerate(line.partition(" ") for line in begun)
    )
    return suggestions(take, log, name="nova.2011-03-29-21.00.log.txt", rules=rules)


@needs_seed
@pytest.mark.corpus
class TestTheSeed:
    @pytest.fixture
    def found(self, take):
        return suggestions(take, SEED.read_bytes(), name=SEED.name)

    def test_gives_its_verdicts_with_the_lines_that_show_them(self, found):
        assert [(one.verdict.value, one.target, one.lines) for one in found] == [
            ("move-milestone", "milestone:cactus/gammafreeze", (10, 11)),
            ("policy", "release:cactus", (15,)),
            ("policy", "release:cactus", (16,)),
            ("refuse-extension", "proposal:launchpad:54464", (77, 104, 121, 126, 132)),
            ("policy", "release:diablo", (162, 166, 167)),
            ("refuse-extension", "proposal:launchpad:54805", (184, 196)),
            ("reclassify", "proposal:launchpad:54453", (197, 199, 206)),
        ]

    def test_reads_the_deadline_across_lines(self, found):
        first, second = [one for one in found if one.verdict == Verdict.REFUSE_EXTENSION]
        ten = datetime(2011, 3, 30, 10, tzinfo=UTC)
        assert (first.deadline.at, first.deadline.zone) == (ten, "Pacific/Honolulu")
        assert first.deadline.zone_source == "later line"
        assert (second.deadline.at, second.deadline.zone) == (ten, "Pacific/Honolulu")
        assert first.line == 132
        assert first.conditions == ("nova-core reviews",)

    def test_moves_the_gamma_milestone_to_its_day(self, found):
        assert found[0].moved_to == datetime(2011, 4, 7, 23, 59, tzinfo=UTC)

    def test_without_the_zones_line_the_zone_is_missing_and_its_spread_shown(self, take):
        lines = SEED.read_bytes().splitlines(keepends=True)
        del lines[125]
        [first, _] = [
            one
            for one in suggestions(take, b"".join(lines), name=SEED.name)
            if one.verdict == Verdict.REFUSE_EXTENSION
        ]
        assert (first.deadline.at, first.deadline.missing) == (None, "zone")
        assert first.deadline.spread_words.startswith("29 March 21:59 to 30 March 2011 12:00 UTC")


class TestWhatWasPutOnRecord:
    @pytest.fixture
    def found(self, take):
        glossary = Glossary.of(
            proposals=[ProposalName("proposal:launchpad:61022", "61022", "~xan/nova/creds")],
            releases=[ReleaseName("cactus", "Cactus"), ReleaseName("diablo", "Diablo")],
            milestones=[MilestoneName("cactus", "gammafreeze", "GammaFreeze")],
        )
        gamma = Anchor("gammafreeze", "GammaFreeze", datetime(2011, 4, 14, tzinfo=UTC))
        rules = Rules("cactus", HAWAII, (gamma,))
        log = TAGGED.read_bytes()
        return suggestions(take, log, name=TAGGED.name, glossary=glossary, rules=rules)

    def test_each_verdict_has_its_target_and_its_line(self, found):
        assert [(one.verdict.value, one.target, one.lines) for one in found] == [
            ("extend", "proposal:launchpad:61001", (6,)),
            ("deny", "proposal:launchpad:61017", (10,)),
            ("grant", "proposal:gerrit:review.opendev.org/803322", (13,)),
            ("defer", "proposal:launchpad:61022", (16,)),
        ]
        assert all(one.explicit for one in found)

    def test_with_its_deadline_and_its_condition(self, found):
        extended, _, granted, _ = found
        assert extended.deadline.at == datetime(2011, 4, 6, 10, tzinfo=UTC)
        assert granted.deadline.bound_to == "gammafreeze"
        assert granted.conditions == ("upgrade tests",)


class TestTalk:
    def test_a_chairs_plain_words_decide(self, take):
        [one] = of_talk(take, "ttx FFE granted until 2011-04-01 12:00 UTC")
        assert (one.verdict, one.lines) == (Verdict.GRANT, (3,))
        assert one.deadline.at == datetime(2011, 4, 1, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        "line",
        [
            "ttx should we grant an exception?",
            "ttx I might extend the deadline if there is consensus",
            "ttx my opinion is that it should be deferred",
            "ttx it had an exception, which is why I granted it",
            "jun it will be extended until Friday",
            "jun packaging it as an extension was a nice compromise",
            "ttx no actions from last week",
            "jun +1000",
            "soren 21:36 < ttx> no extension for this one",
            "ttx I won't take it back :)",
        ],
    )
    def test_a_question_a_doubt_a_story_or_anybody_elses_word_does_not(self, take, line):
        assert of_talk(take, line) == []

    def test_what_somebody_says_counts_once_the_chair_takes_it_up(self, take):
        [one] = of_talk(
            take,
            "vishy if it does not make it today, I don't see the need for extending",
            "ann what a day",
            "ttx vishy: I'm fine with that.",
        )
        assert (one.verdict, one.lines) == (Verdict.REFUSE_EXTENSION, (3, 5))

    def test_but_not_when_the_chair_answers_another(self, take):
        assert of_talk(take, "vishy no extension for this", "ttx ann: fine with me") == []

    def test_the_last_word_of_a_discussion_stands(self, take):
        [one] = of_talk(take, "ttx no extension for it", "ttx ok, it is deferred to Diablo then")
        assert one.verdict == Verdict.DEFER

    def test_it_is_about_what_a_line_names_before_what_is_on_the_table(self, take):
        [one] = of_talk(
            take, "ttx https://code.launchpad.net/~sol/nova/vnc/+merge/61017 is deferred"
        )
        assert one.target == "proposal:launchpad:61017"


class TestSentences:
    @pytest.mark.parametrize(
        ("words", "verdict"),
        [
            ("volumes-api gets an exception until Friday", Verdict.GRANT),
            ("the exception request was denied", Verdict.DENY),
            ("exception extended to Monday", Verdict.EXTEND),
            ("we will not grant any further extension", Verdict.REFUSE_EXTENSION),
            ("postponed to the next cycle", Verdict.DEFER),
            ("the exception is revoked", Verdict.REVOKE),
            ("request withdrawn by its author", Verdict.WITHDRAW),
            ("should be a bug", Verdict.RECLASSIFY),
            ("it was reverted this morning", Verdict.REVERT),
            ("file a bug for revoking credentials and link it", None),
            ("easy to extend for additional detection", None),
            ("version 1.2 has an extension for volumes", None),
        ],
    )
    def test_each_verdict_has_its_words(self, words, verdict):
        read = decided(words, tagged=True)
        assert (read and read[0]) == verdict

    def test_conditions_are_what_it_hangs_on(self):
        assert conditions("granted, on condition of a second review, until Friday") == [
            "second review"
        ]
        assert conditions("fine by me if it passes the reviews and gets in") == ["reviews"]

    @given(st.text(max_size=400))
    def test_no_words_break_it(self, text):
        said = [Said(1, datetime(2011, 3, 29, tzinfo=UTC), "ttx", text, by_chair=True)]
        suggest(link(said, [], Glossary.of()), [], Rules())

"""What a line is about: by address, by number, by name, by what is on the table."""

import pytest

from meetings.carrying import essence, same
from meetings.counts import week_counts
from meetings.linking import link, needs_context, said_in
from meetings.names import Glossary, MilestoneName, ProposalName, ReleaseName

VOLUMES = "proposal:launchpad:61001"
CONSOLE = "proposal:launchpad:61017"
KNOWN = Glossary.of(
    proposals=[
        ProposalName(VOLUMES, "61001", "~jun/nova/volumes-api"),
        ProposalName("proposal:launchpad:61022", "61022", "~xan/nova/multinic"),
    ],
    releases=[
        ReleaseName("cactus", "Cactus", "2011.2"),
        ReleaseName("train", "Train"),
        ReleaseName("f33", "Fedora 33"),
    ],
    milestones=[
        MilestoneName("cactus", "gammafreeze", "GammaFreeze"),
        MilestoneName("cactus", "rc1", "RC1"),
        MilestoneName("cactus", "feature-freeze", "Feature freeze"),
    ],
    exceptions=[3],
)


def names(text, glossary=KNOWN):
    return [(one.target, one.how, text[slice(*one.span)]) for one in glossary.find(text)]


class TestNames:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("what about 61001?", [(VOLUMES, "number", "61001")]),
            ("#61001 is ready", [(VOLUMES, "number", "61001")]),
            ("61 or 99999 of them", []),
            ("volumes-api can land", [(VOLUMES, "name", "volumes-api")]),
            ("it is ~jun/nova/volumes-api.", [(VOLUMES, "name", "~jun/nova/volumes-api")]),
            ("the multinic branch", [("proposal:launchpad:61022", "name", "multinic")]),
            ("multinic is a word", []),
            ("see FFE-3", [("exception:FFE-3", "number", "FFE-3")]),
            ("ffe 3 stands", [("exception:FFE-3", "number", "ffe 3")]),
            ("FFE-4 is nobody's", []),
            ("bug 717171 bites", [("bug:launchpad:717171", "number", "bug 717171")]),
        ],
    )  # fmt: skip
    def test_proposals_exceptions_and_bugs(self, text, found):
        assert names(text) == found

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("in Cactus or later", ["Cactus"]),
            ("not for cactus", ["cactus"]),
            ("cactus release notes", ["cactus"]),
            ("lp:nova/cactus opens", ["cactus"]),
            ("it is in 2011.2 already", ["2011.2"]),
            ("a cactus on my desk", []),
            ("a train of thought", []),
            ("train your users", []),
            ("the Train cycle", ["Train"]),
            ("https://example.org/cactus/notes", []),
            ("a fix for Fedora 33 is out", ["Fedora 33"]),
            ("33 of them", []),
            ("version 2011.2 of something", []),
        ],
    )
    def test_releases_by_their_names_but_not_by_plain_words(self, text, found):
        assert [words for _, _, words in names(text)] == found

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("until GammaFreeze", "gammafreeze"),
            ("the gamma freeze", "gammafreeze"),
            ("gamma-freeze is near", "gammafreeze"),
            ("pushed back the Gamma milestone", "gammafreeze"),
            ("before RC1", "rc1"),
            ("rc-1 is tagged", "rc1"),
            ("FeatureFreeze has passed", "feature-freeze"),
            ("a feature freeze exception", None),
            ("gamma rays", None),
        ],
    )
    def test_milestones_in_any_of_their_spellings(self, text, found):
        targets = [target for target, _, _ in names(text)]
        assert targets == ([f"milestone:cactus/{found}"] if found else [])

    def test_what_nobody_entered_is_known_once_people_speak_of_it(self):
        spoken = ["#topic Bexar release", "AlphaFreeze is on Friday", "the next release"]
        ours = Glossary.of().with_names_said(spoken)
        found = [target for text in spoken for target, _, _ in names(text, ours)]
        assert found == ["release:bexar", "milestone:bexar/alphafreeze"]


def links(take, *lines, glossary=KNOWN):
    log = "".join(
        f"21:{number:02}:00 <{nick}> {text}\n"
        for number, (nick, _, text) in enumerate(line.partition(" ") for line in lines)
    )
    [meeting] = take(log, name="nova.2011-03-29-21.00.log.txt").meetings
    linked = link(list(said_in(meeting)), meeting.items, glossary)
    wanted = [item.line for item in meeting.items if needs_context(item)]
    return [(one.line, one.target, one.how) for one in linked.with_context(wanted)]


JUNS = "https://code.launchpad.net/~jun/nova/volumes-api/+merge/61001"
SOLS = "https://code.launchpad.net/~sol/nova/vnc-console/+merge/61017"


class TestContext:
    def test_what_is_put_on_record_is_about_what_the_chair_put_on_the_table(self, take):
        assert links(
            take,
            "ttx #startmeeting",
            f"ttx {JUNS}",
            "ann #action ann to test it",
            "ttx #endmeeting",
        ) == [(2, VOLUMES, "url"), (3, VOLUMES, "context")]

    def test_until_the_next_one_or_the_next_topic(self, take):
        assert links(
            take,
            "ttx #startmeeting",
            f"ttx {JUNS}",
            f"ttx next: {SOLS}",
            "ttx #agreed it waits",
            "ttx #topic Something else",
            "ttx #agreed we go home",
            "ttx #endmeeting",
        ) == [(2, VOLUMES, "url"), (3, CONSOLE, "url"), (4, CONSOLE, "context")]

    def test_a_link_that_somebody_drops_in_does_not_change_the_table(self, take):
        found = links(
            take,
            "ttx #startmeeting",
            f"ttx {JUNS}",
            f"ann compare {SOLS}",
            "ttx #agreed it waits",
            "ttx #endmeeting",
        )
        assert (4, VOLUMES, "context") in found

    def test_but_while_the_chair_has_put_none_who_brings_one_is_heard(self, take):
        found = links(
            take,
            "ttx #startmeeting",
            f"jun mine is {JUNS}",
            "ttx #agreed it waits",
            "ttx #endmeeting",
        )
        assert (3, VOLUMES, "context") in found

    def test_a_line_that_names_one_needs_no_context(self, take):
        found = links(
            take, "ttx #startmeeting", f"ttx {SOLS}", "ttx #agreed 61001 waits", "ttx #endmeeting"
        )
        assert found == [(2, CONSOLE, "url"), (3, VOLUMES, "number")]

    def test_a_branch_of_an_address_is_known_by_its_name_from_then_on(self, take):
        found = links(
            take,
            "ttx #startmeeting",
            f"ttx {SOLS}",
            "ann vnc-console is fine",
            "ttx #endmeeting",
            glossary=Glossary.of(),
        )
        assert found == [(2, CONSOLE, "url"), (3, CONSOLE, "name")]


class TestCounts:
    def test_a_weeks_bugs_and_fixes_are_counted_in_their_week(self, take):
        log = (
            "21:00:00 <ttx> #startmeeting\n"
            "21:01:00 <ttx> Last week we had 31 bugs opened and 29 fixes committed\n"
            "21:02:00 <ttx> This week: 65 bugs opened (!) and 27 fixes committed\n"
            "21:03:00 <ttx> 3 bugs opened\n"
            "21:04:00 <ttx> #endmeeting\n"
        )
        [meeting] = take(log, name="nova.2011-03-29-21.00.log.txt").meetings
        counted = list(week_counts(said_in(meeting)))
        assert [(one.line, str(one.week), one.opened, one.fixed) for one in counted] == [
            (2, "2011-03-21", 31, 29),
            (3, "2011-03-28", 65, 27),
        ]


class TestCarrying:
    @pytest.mark.parametrize(
        "again",
        [
            "carryover: pim file the glance test as a bug",
            "pim to file the glance test as a bug (carried over)",
            "carry over pim file the Glance test as bug",
            "pim still file the glance test as a bug",
        ],
    )
    def test_an_action_said_again_is_the_same(self, again):
        first = essence("pim file the glance test as a bug", owners=["pim"])
        assert same(first, essence(again, owners=["pim"]))

    def test_a_number_makes_another_of_it(self):
        assert not same(essence("merge change 803322 today"), essence("merge change 803323 today"))

    @pytest.mark.parametrize(
        "other", ["pim close the glance bug", "jun file the swift test as a bug as well", ""]
    )
    def test_another_one_is_not(self, other):
        first = essence("pim file the glance test as a bug", owners=["pim"])
        assert not same(first, essence(other, owners=["pim", "jun"]))

import pytest

from meetings.assignees import People, assignees, is_carried

HERE = [
    "ttx", "Vishy", "jaypipes", "pjones-", "siretart`", "Wilco_|away", "b.b", "[x]",
    "mark", "will", "all", "may", "an", "to",
]  # fmt: skip
PEOPLE = People.of(HERE, {"Thierry": "ttx", "jane": "jdoe"})


@pytest.mark.parametrize(
    ("text", "owners", "mentioned"),
    [
        ("ttx to write it", ["ttx"], []),
        ("ttx: write it", ["ttx"], []),
        ("ttx write it", ["ttx"], []),
        (": ttx writes it", ["ttx"], []),
        ("@ttx: write it", ["ttx"], []),
        ("[ttx] write it", ["ttx"], []),
        ("[ttx, vishy] write it", ["ttx", "Vishy"], []),
        ("(ttx) write it", ["ttx"], []),
        ("write it (ttx)", ["ttx"], []),
        ("ask vishy to write it (ttx and jaypipes).", ["ttx", "jaypipes"], ["Vishy"]),
        ("write it (for vishy)", [], ["Vishy"]),
        ("TTX, vishy and jaypipes to write it", ["ttx", "Vishy", "jaypipes"], []),
        ("ttx, vishy: write it", ["ttx", "Vishy"], []),
        ("ttx, vishy jaypipes a review on it", ["ttx", "Vishy", "jaypipes"], []),
        ("ttx/vishy review it", ["ttx", "Vishy"], []),
        ("@ttx & vishy: review it", ["ttx", "Vishy"], []),
        ("ttx to ask vishy about it", ["ttx"], ["Vishy"]),
        ("to ttx: ask vishy about it", ["ttx"], ["Vishy"]),
        ("ttx with vishy: ask jaypipes", ["ttx", "Vishy"], ["jaypipes"]),
        ("ttx, ttx to write it", ["ttx"], []),
        ("somebody to ask vishy or ttx.", [], ["Vishy", "ttx"]),
        ("get a review from ttx", [], ["ttx"]),
        ("vishy's branch needs a review", [], ["Vishy"]),
        ("ttx/notes.txt to be read", [], ["ttx"]),
        ("carry over: vishy to write it", ["Vishy"], []),
        ("carryover ttx: ask vishy", ["ttx"], ["Vishy"]),
        ("ttx carryover the plan", ["ttx"], []),
        ("absent/ttx review it", ["ttx"], []),
        ("absent: and ttx to review it", ["ttx"], []),
        ("docs and tests to be read by ttx", [], ["ttx"]),
        ("pjones- to write it", ["pjones-"], []),
        ("siretart` to write it", ["siretart`"], []),
        ("Wilco_|away to write it", ["Wilco_|away"], []),
        ("b.b to write it", ["b.b"], []),
        ("ask b.b.", [], ["b.b"]),
        ("[x] to write it", ["[x]"], []),
        ("thierry to ask jane", ["ttx"], ["jdoe"]),
        ("jane: write it", ["jdoe"], []),
        ("ttxx to write it", [], []),
        ("tt to write it", [], []),
        ("write it", [], []),
        ("", [], []),
        ("/", [], []),
    ],
)  # fmt: skip
def test_who_is_addressed_owns_an_action_and_others_are_only_mentioned(text, owners, mentioned):
    assert assignees(text, PEOPLE) == (tuple(owners), tuple(mentioned))


@pytest.mark.parametrize(
    ("text", "owners", "mentioned"),
    [
        ("will to write it", ["will"], []),
        ("mark: close the bug", ["mark"], []),
        ("Mark, close the bug", ["mark"], []),
        ("@will write it", ["will"], []),
        ("[mark] close the bug", ["mark"], []),
        ("close the bug (mark)", ["mark"], []),
        ("ttx and mark close the bug", ["ttx", "mark"], []),
        ("mark and ttx close the bug", ["mark", "ttx"], []),
        ("ttx mark the bug as closed", ["ttx"], []),
        ("an: write it", ["an"], []),
        ("to: write it", ["to"], []),
        ("ask Mark about it", [], ["mark"]),
        ("mark the bug as closed", [], []),
        ("Mark the bug as closed", [], []),
        ("will write it next week", [], []),
        ("may need a review", [], []),
        ("an update of the page", [], []),
        ("all to review it", [], []),
        ("all: review it", [], []),
        ("all, ttx: review it", ["ttx"], []),
        ("review all that will be left", [], []),
    ],
)
def test_an_english_word_that_is_a_nick_owns_nothing_unless_it_is_addressed(
    text, owners, mentioned
):
    assert assignees(text, PEOPLE) == (tuple(owners), tuple(mentioned))


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("I will write it", ["bea"]),
        ("I'll write it", ["bea"]),
        ("i will write it", ["bea"]),
        ("I to write it", ["bea"]),
        ("me to ask ttx", ["bea"]),
        ("write it (me)", ["bea"]),
        ("ttx: and I need to review it", ["ttx", "bea"]),
        ("ttx and I review it", ["ttx", "bea"]),
        ("It is to be written", []),
        ("ISO images to be built", []),
        ("write what I said", []),
        ("i18n to be looked at", []),
    ],
)
def test_who_speaks_of_himself_volunteers(text, owners):
    assert assignees(text, PEOPLE, speaker="bea").owners == tuple(owners)


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("carryover write it", True),
        ("carry over: ttx to write it", True),
        ("Carried over - write it", True),
        ("(carried over) write it", True),
        ("write it (carried over)", True),
        ("write it [carry over from May]", True),
        ("write it - carried forward", True),
        ("ttx carryover the plan", True),
        ("ttx to carry over the patch to the branch", False),
        ("write how to carry over changes", False),
        ("carry the boxes", False),
        ("write it", False),
    ],
)
def test_an_action_of_an_earlier_meeting_is_told_from_one_about_carrying(text, carried):
    assert is_carried(text) == carried


def test_names_given_from_outside_lead_to_people_of_the_meeting(take):
    log = "21:00:00 <ttx> #startmeeting\n21:00:01 <ttx> #action Thierry to ask jane\n"
    (minutes,) = take(log, aliases={"thierry": "ttx", "Jane": "jdoe"}).meetings
    (item,) = minutes.items
    assert (item.assignees, item.mentioned, item.carried) == (("ttx",), ("jdoe",), False)


@pytest.mark.parametrize("dialect", ["classic", "opendev", "fedora", "meetingology"])
def test_bots_are_given_nothing_and_who_speaks_later_is_known(meet, dialect):
    minutes = meet(
        dialect, "ttx #action zodbot to write it", "ttx #action late to write it", "late hi"
    )
    assert [item.assignees for item in minutes.items] == [(), ("late",)]


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("#link http://example.org/a", "http://example.org/a"),
        ("#link see http://example.org/a for more", "http://example.org/a"),
        ("#link http://example.org/a.", "http://example.org/a"),
        ("#link http://example.org/a, then", "http://example.org/a"),
        ("#link http://example.org/a;", "http://example.org/a"),
        ("#link http://example.org/a!?", "http://example.org/a"),
        ("#link (http://example.org/a)", "http://example.org/a"),
        ("#link (see http://example.org/a).", "http://example.org/a"),
        ("#link <http://example.org/a>", "http://example.org/a"),
        ('#link "http://example.org/a"', "http://example.org/a"),
        ("#link [a](http://example.org/a)", "http://example.org/a"),
        ("#link http://example.org/a_(b)", "http://example.org/a_(b)"),
        ("#link http://example.org/a_(b).", "http://example.org/a_(b)"),
        ("#link (http://example.org/a_(b))", "http://example.org/a_(b)"),
        ("#link http://example.org/?q=a&b=1#c", "http://example.org/?q=a&b=1#c"),
        ("#link http://example.org/a http://example.org/b", "http://example.org/a"),
        ("#link xhttps://example.org/a", "https://example.org/a"),
        ("#link ftp://example.org/a", "ftp://example.org/a"),
        ("#link irc://example.org/a", "irc://example.org/a"),
        ("#link example.org/a", ""),
        ("#link javascript://example.org/%0aalert(1)", ""),
        ("#link", ""),
        ("http://example.org/a", "http://example.org/a"),
        ("https://example.org/a is new", "https://example.org/a"),
        ("ssh://example.org/a", "ssh://example.org/a"),
        ("mailto://a@example.org", "mailto://a@example.org"),
        ("http://example.org/a.", "http://example.org/a"),
    ],
)  # fmt: skip
def test_a_link_leads_to_its_first_address_without_what_surrounds_it(meet, said, url):
    (item,) = meet("classic", f"vishy {said}").items
    assert (item.kind, item.text, item.url) == ("link", said.removeprefix("#link").strip(), url)


@pytest.mark.parametrize(
    "said",
    [
        "see http://example.org/a",
        " http://example.org/a",
        "(http://example.org/a)",
        "HTTP://example.org/a",
        "mailto:a@example.org",
        "svn://example.org/a",
        "javascript://example.org/a",
        "example.org/a",
    ],
)
def test_only_an_address_that_begins_a_line_is_a_link_by_itself(meet, put, said):
    assert put(meet("classic", f"vishy {said}")) == []


def test_only_links_have_an_address_and_only_actions_are_given_to_somebody(meet):
    said = "ttx, http://example.org/a"
    minutes = meet(
        "classic", *(f"ttx #{kind} {said}" for kind in ("info", "topic", "action", "link"))
    )
    assert [(item.url, item.assignees) for item in minutes.items] == [
        ("", ()),
        ("", ()),
        ("", ("ttx",)),
        ("http://example.org/a", ()),
    ]

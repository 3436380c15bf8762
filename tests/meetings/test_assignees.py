import pytest

from meetings.assignees import assignees


def spelled(nicks):
    return {nick.lower(): nick for nick in nicks}


PEOPLE = [
    "ttx", "Vishy", "jaypipes", "pjones-", "siretart`", "Wilco_|away", "mark", "b.b", "to", "[x]",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "nicks"),
    [
        ("ttx to write it", ["ttx"]),
        ("ttx: write it", ["ttx"]),
        (": ttx writes it", ["ttx"]),
        ("TTX, vishy and jaypipes to write it", ["ttx", "Vishy", "jaypipes"]),
        ("ttx/vishy review it", ["ttx", "Vishy"]),
        ("@ttx & vishy: review it", ["ttx", "Vishy"]),
        ("ttx to ask vishy about it", ["ttx"]),
        ("to ttx: ask vishy about it", ["ttx"]),
        ("ttx with vishy: ask jaypipes", ["ttx", "Vishy"]),
        ("ttx, ttx to write it", ["ttx"]),
        ("somebody to ask vishy or ttx.", ["Vishy", "ttx"]),
        ("carry over: vishy's branch", ["Vishy"]),
        ("pjones- to write it", ["pjones-"]),
        ("siretart` to write it", ["siretart`"]),
        ("Wilco_|away to write it", ["Wilco_|away"]),
        ("b.b to write it", ["b.b"]),
        ("ask b.b.", ["b.b"]),
        ("[x] to write it", ["[x]"]),
        ("ttxx to write it", []),
        ("tt to write it", []),
        ("write it", []),
        ("", []),
    ],
)
def test_an_action_is_given_to_those_it_addresses_or_else_to_those_it_names(text, nicks):
    assert assignees(text, spelled(nick for nick in PEOPLE if nick != "to")) == tuple(nicks)


def test_a_nick_that_is_a_common_word_is_a_nick_all_the_same():
    assert assignees("to: write it", spelled(PEOPLE)) == ("to",)


@pytest.mark.parametrize("dialect", ["classic", "opendev", "fedora", "meetingology"])
def test_bots_are_given_nothing_and_who_speaks_later_is_known(meet, dialect):
    minutes = meet(dialect, "ttx #action openstack zodbot meetingology late write it", "late hi")
    assert [item.assignees for item in minutes.items] == [("late",)]


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

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.gate import verdict
from tests.factories import make_exception, make_milestone, make_proposal, make_release, utc

pytestmark = pytest.mark.usefixtures("that_morning")


def ask(caller, **query):
    return caller().ask("gate/", data=query)


def test_the_gate_answers_as_scripts_rely_on(scene, caller):
    proposal = make_proposal(project=scene.nova, release=scene.release, title="Volumes")
    exception = scene.grant(
        scene.ask(proposals=[proposal]), source_url="https://example.org/log#l-12"
    )
    answer = ask(caller, ref=proposal.url)
    assert answer.status_code == 200
    assert answer.json() == {
        "allowed": True,
        "code": "exception_stands",
        "reason": f"{exception.reference} stands until Fri 1 April 2011 10:00 UTC; granted by"
        " Thea, Wed 30 March 2011 09:00 UTC.",
        "at": "2011-03-30T09:00:00Z",
        "release": "cactus",
        "freezes": [{"name": "FeatureFreeze", "at": "2011-03-24T10:00:00Z"}],
        "exception": {
            "ref": exception.reference,
            "status": "granted",
            "expires_at": "2011-04-01T10:00:00Z",
            "source_url": "https://example.org/log#l-12",
        },
        "proposal": {
            "target": proposal.target,
            "url": proposal.url,
            "title": "Volumes",
            "state": "open",
            "change_kind": "unknown",
        },
    }


@pytest.mark.parametrize(
    ("status", "code", "allowed"),
    [
        (None, "exception_missing", False),
        ("requested", "exception_undecided", False),
        ("granted", "exception_stands", True),
        ("denied", "exception_denied", False),
        ("expired", "exception_expired", False),
    ],
)
def test_each_standing_has_its_code(scene, caller, status, code, allowed):
    proposal = make_proposal(project=scene.nova, release=scene.release)
    if status:
        expires = utc(2011, 3, 28) if status == "expired" else scene.until
        make_exception(status=status, freeze=scene.freeze, proposals=[proposal], expires=expires)
    answer = ask(caller, ref=proposal.url, at="2011-04-01T09:00:00Z").json()
    assert (answer["code"], answer["allowed"]) == (code, allowed)


def test_what_nothing_here_knows_is_not_found_and_says_so(scene, caller):
    answer = ask(caller, ref="~jun/nova/other")
    assert answer.status_code == 404
    assert answer.json()["code"] == "unknown_reference"
    assert answer.json()["detail"] == answer.json()["reason"]
    assert answer.json()["reason"].startswith(
        "Nothing here is known as “~jun/nova/other”. FeatureFreeze of Cactus has held since Thu"
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "ref"),
        ({"ref": ""}, "ref"),
        ({"ref": ["vnc", "xen"]}, "ref"),
        ({"ref": "x" * 10_240}, "ref"),
        ({"ref": "12", "at": "yesterday"}, "at"),
        ({"ref": "12", "at": "2011-03-30 10:00"}, "at"),
        ({"ref": "12", "at": "99999-01-01T00:00:00Z"}, "at"),
        ({"ref": "12", "release": "bexar"}, "release"),
        ({"ref": "12", "release": "a\x00b"}, "release"),
        ({"ref": "12", "releas": "cactus"}, "releas"),
        ({"ref": "a\x00b"}, "ref"),
    ],
)
def test_bad_input_is_said_by_its_parameter(scene, caller, query, field):
    answer = ask(caller, **query)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_plus_that_an_address_made_a_blank_is_pointed_out(scene, caller):
    answer = caller().ask("gate/?ref=vnc&at=2011-03-30T10:00:00+02:00")
    [told] = answer.json()["at"]
    assert told.startswith("“2011-03-30T10:00:00 02:00” is no instant; ")
    assert told.endswith(" In an address, a + is written %2B.")


def test_an_answer_is_kept_until_it_could_change_and_never_long(scene, caller, time_machine):
    proposal = make_proposal(project=scene.nova, release=scene.release)
    scene.grant(scene.ask(proposals=[proposal]))

    def kept(at):
        return ask(caller, ref=proposal.url, at=at)["Cache-Control"]

    assert kept("2011-03-30T09:00:00Z") == "public, max-age=30"
    assert kept("2011-04-01T09:59:48Z") == "public, max-age=12"
    assert kept("2011-04-01T10:00:00Z") == "public, max-age=30"
    assert kept("2011-04-05T09:59:59Z") == "public, max-age=1"  # GammaFreeze


def test_what_is_said_of_the_unknown_is_kept_until_it_could_change(scene, caller):
    def kept(at):
        return caller().say("gate/", {"refs": ["nothing"], "at": at})["Cache-Control"]

    assert kept("2011-03-30T09:00:00Z") == "public, max-age=30"
    assert kept("2011-04-05T09:59:59Z") == "public, max-age=1"  # GammaFreeze


def test_an_answer_that_one_has_already_is_not_sent_again(scene, caller, time_machine):
    proposal = make_proposal(project=scene.nova, release=scene.release)
    first = ask(caller, ref=proposal.url)
    time_machine.shift(31)  # seconds: it may not be kept longer without asking
    again = caller().ask(
        "gate/", data={"ref": proposal.url}, headers={"If-None-Match": first["ETag"]}
    )
    assert again.status_code == 304
    scene.grant(scene.ask(proposals=[proposal]))
    changed = caller().ask(
        "gate/", data={"ref": proposal.url}, headers={"If-None-Match": first["ETag"]}
    )
    assert (changed.status_code, changed.json()["allowed"]) == (200, True)


def references(scene):
    """One of every way to come to an answer, and to none."""
    bexar = make_release(slug="bexar", name="Bexar")
    make_milestone(release=bexar, kind="release", at=utc(2011, 2, 3))
    proposals = [
        make_proposal(project=project, release=release, branch=f"~jun/{number}/branch-{number}")
        for number, (project, release) in enumerate(
            [(scene.nova, scene.release)] * 5
            + [(scene.swift, scene.release), (scene.swift, None), (None, scene.release)]
            + [(None, bexar), (scene.nova, None)]
        )
    ]
    scene.grant(scene.ask(proposals=proposals[:2]))
    scene.decide(scene.ask(proposals=[proposals[1 + 1]]), "deny")
    scene.ask(proposals=[proposals[3]])
    scene.grant(
        scene.ask(proposals=[], project=scene.swift, title="All of swift"), conditions=["a"]
    )
    exceptions = [f"FFE-{n}" for n in range(1, 6)]
    names = ["branch-0", "~jun/3/branch-3", "lp:~jun/4/branch-4", "#" + proposals[5].key]
    unknown = ["", "  ", "nothing", "ffe-999999", "FFE-x", "a\x00b", "https://example.org/1"]
    return [one.url for one in proposals] + exceptions + names + unknown + ["ffe-1", "branch-0"]


@pytest.mark.parametrize("at", [utc(2011, 3, 20), utc(2011, 3, 30, 9), utc(2011, 4, 20)])
def test_many_are_answered_as_each_alone(scene, caller, at):
    asked = [words for words in references(scene) if words.strip() and words.isprintable()]
    for release in (None, "cactus"):
        said = {"refs": asked, "at": at.isoformat()} | ({"release": release} if release else {})
        results = caller().say("gate/", said).json()["results"]
        alone = [
            verdict(words, at=at, release=scene.release if release else None) for words in asked
        ]
        assert results == [
            {"ref": words} | one.as_json() for words, one in zip(asked, alone, strict=True)
        ]


def test_one_and_many_say_the_same_of_a_name_that_sixty_have(scene, caller):
    bexar = make_release(slug="bexar", name="Bexar")
    newest = [
        make_proposal(
            project=scene.nova,
            release=scene.release if number == 5 else bexar,
            branch=f"~p{number}/nova/fix",
            forge="github",
            key=f"openstack{number}/nova#77",
        )
        for number in range(60)
    ]
    scene.grant(scene.ask(proposals=[newest[5]]))
    names = ["fix", "77", "#77", "nova#77", "~p5/nova/fix", "openstack5/nova#77"]
    for release in ({}, {"release": "cactus"}, {"release": "bexar"}):
        results = caller().say("gate/", {"refs": names} | release).json()["results"]
        alone = [ask(caller, ref=name, **release).json() for name in names]
        assert results == [{"ref": name} | one for name, one in zip(names, alone, strict=True)]
        theirs = newest[5 if release == {"release": "cactus"} else 59].target
        assert [one["proposal"]["target"] for one in alone[:4]] == [theirs] * 4
        assert ["also names many others" in one["reason"] for one in alone] == [True] * 4 + [
            False
        ] * 2


@pytest.mark.parametrize("of_a_name", [1, 60])
def test_names_cost_a_query_more_than_addresses_however_many_have_them(of_a_name, scene, caller):
    proposals = [
        make_proposal(project=scene.nova, release=scene.release, branch=f"~p{number}/nova/fix")
        for number in range(of_a_name)
    ]
    scene.grant(scene.ask(proposals=proposals))
    with CaptureQueriesContext(connection) as queries:
        caller().say("gate/", {"refs": ["fix", "nothing"]})
    assert len(queries) == 7  # and one for the release of what nobody knows


def test_two_hundred_cost_no_more_queries_than_three(scene, caller, declared):
    proposals = [make_proposal(project=scene.nova, release=scene.release) for _ in range(200)]
    scene.grant(scene.ask(proposals=proposals[:100]))
    counts = []
    for some in (proposals[:1], proposals[:3], proposals):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = caller().say("gate/", {"refs": [one.url for one in some]}).json()
        counts.append(len(queries))
    assert counts == [5, 5, 5]
    assert answer["allowed"] is False
    assert sum(one["allowed"] for one in answer["results"]) == 100


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "refs"),
        ({"refs": []}, "refs"),
        ({"refs": "FFE-1"}, "refs"),
        ({"refs": ["1"] * 201}, "refs"),
        ({"refs": ["x" * 501]}, "refs"),
        ({"refs": [{"a": 1}]}, "refs"),
        ({"refs": ["1"], "at": 5}, "at"),
        ({"refs": ["1"], "ref": "1"}, "ref"),
    ],
)
def test_a_bad_list_is_refused_whole(scene, caller, said, field):
    answer = caller().say("gate/", said)
    assert (answer.status_code, list(answer.json())) == (400, [field])

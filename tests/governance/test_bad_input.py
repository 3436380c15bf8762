"""What must not go on record is refused in words that name the field, and nothing is stored."""

import warnings
from datetime import timedelta
from functools import partial

import pytest

from governance.models import ExceptionRequest, Until
from governance.refusals import InvalidInput, NotAllowed, Refused
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_member,
    make_milestone,
    make_person,
    make_proposal,
    make_release,
    utc,
)
from tests.governance.steps import NEW_DEADLINE, NOON, decide, everything_stored, refusal

pytestmark = [pytest.mark.once, pytest.mark.django_db]

# null, bell, escape, right to left, isolate, zero width, byte order mark, tag, half a character
INVISIBLE = "\0\a\x1b\u202e\u2066\u200b\ufeff\U000e0041\ud800"
EMPTY = ["", "   ", "\n\t\n", "\u200d", "\u200c \u200d"]
NO_ADDRESS = {
    "script": "javascript:alert(1)",
    "data": "data:text/html,x",
    "words": "in the meeting",
    "space": "https://example.org/a b",
    "line break": "https://example.org/a\nb",
    "tab": "/meetings/x/\t#l-1",
    "wide space": "https://example.org/a\u3000b",
    "no scheme": "example.org/x",
    "another site as a path": "//evil.example/meetings/",
    "another site as a path for browsers": "/\\evil.example/meetings/",
    "script in disguise": " \tjavascript:alert(1)",
    "too long": "https://example.org/" + "x" * 500,
}


def asked(**fields):
    """A request; where it goes wrong nothing but its own rows could be stored."""
    return make_exception(**fields)


def a_request():
    """What a request needs, made beforehand so that a refusal leaves nothing."""
    release = make_release()
    return {
        "release": release,
        "freeze": make_freeze(release=release),
        "by": make_member("contributor"),
        "proposals": [make_proposal(release=release)],
    }


def says(refused):
    assert len(str(refused)) < 400
    return refused.field


@pytest.mark.parametrize("verb", ["grant", "deny"])
@pytest.mark.parametrize("field", ["rationale", "quote", "source_url"])
def test_an_invisible_character_in_what_is_said_is_refused(verb, field):
    exception, manager = make_exception(), make_manager()
    for character in INVISIBLE:
        said = {field: f"/x{character}y"}
        refused = refusal(partial(decide, exception, verb, by=manager, **said))
        assert (type(refused), says(refused)) == (InvalidInput, field)
        assert f"Character 3 is an invisible control character (U+{ord(character):04X})" in str(
            refused
        )


@pytest.mark.parametrize(
    "field", ["title", "why_now", "risk_of_landing", "risk_of_not_landing", "testing", "quote"]
)
def test_an_invisible_character_in_a_request_is_refused(field):
    request = a_request()
    for character in INVISIBLE:
        refused = refusal(partial(asked, **request, **{field: f"gnp{character}.exe"}))
        assert (type(refused), says(refused)) == (InvalidInput, field)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"conditions": ["nova-core review", "a\u202eb"]}, "conditions"),
        ({"over_budget": "a\u202eb"}, "over_budget"),
        ({"expires": Until(at=NEW_DEADLINE, words="EOD\u202e")}, "expires"),
        ({"expires": Until(at=NEW_DEADLINE, words="x" * 201)}, "expires"),
        ({"conditions": ["x" * 501]}, "conditions"),
        ({"over_budget": "x" * 4001}, "over_budget"),
    ],
)
def test_the_other_words_of_a_grant_are_held_to_the_same(said, field):
    exception, manager = make_exception(), make_manager()
    refused = refusal(lambda: decide(exception, "grant", by=manager, **said))
    assert (type(refused), says(refused)) == (InvalidInput, field)


def test_a_novel_is_refused_with_its_length_and_the_limit():
    exception, manager = make_exception(), make_manager()
    refused = refusal(lambda: decide(exception, "deny", by=manager, rationale="x" * 10_000))
    assert (refused.field, str(refused)) == (
        "rationale",
        "This is 10,000 characters long; 4,000 fit. Say the reason here and link to the rest.",
    )
    assert decide(exception, "deny", by=manager, rationale="x" * 4000).rationale == "x" * 4000


@pytest.mark.parametrize(("field", "limit"), [("title", 200), ("why_now", 4000), ("testing", 4000)])
def test_a_request_may_be_so_long_and_no_longer(field, limit):
    request = a_request()
    refused = refusal(lambda: asked(**request, **{field: "x" * (limit + 1)}))
    assert says(refused) == field
    assert getattr(asked(**request, **{field: "x" * limit}), field) == "x" * limit


@pytest.mark.parametrize("nothing", EMPTY, ids=ascii)
def test_a_decision_without_a_reason_is_refused(nothing):
    exception, manager = make_exception(), make_manager()
    for verb in ("grant", "deny", "withdraw"):
        refused = refusal(partial(decide, exception, verb, by=manager, rationale=nothing))
        assert (refused.field, str(refused)) == ("rationale", "Say why: it goes on record.")


@pytest.mark.parametrize("nothing", EMPTY, ids=ascii)
def test_a_request_without_a_title_or_a_reason_is_refused(nothing):
    request = a_request()
    for field in ("title", "why_now"):
        assert says(refusal(partial(asked, **request, **{field: nothing}))) == field


@pytest.mark.parametrize("breaking", ["two\nlines", "two\r\nlines", "two\u2028lines"], ids=ascii)
def test_a_title_is_one_line(breaking):
    """It becomes the subject of mails and a line of the badge."""
    request = a_request()
    assert says(refusal(lambda: asked(**request, title=breaking))) == "title"


def test_a_source_that_is_no_address_is_refused():
    exception, manager, request = make_exception(), make_manager(), a_request()
    for what, url in NO_ADDRESS.items():
        refused = refusal(partial(decide, exception, "deny", by=manager, source_url=url))
        assert (what, type(refused), says(refused)) == (what, InvalidInput, "source_url")
        assert says(refusal(partial(asked, **request, source_url=url))) == "source_url", what


def test_words_keep_their_lines_accents_and_emoji_and_lose_the_blanks_around_them():
    exception, manager = make_exception(), make_manager()
    words = "  Soňa: «ok»\r\n\n\tשלח \U0001f469\u200d\U0001f4bb\n"
    decision = decide(exception, "deny", by=manager, rationale=words, quote=words)
    kept = "Soňa: «ok»\n\n\tשלח \U0001f469\u200d\U0001f4bb"
    assert (decision.rationale, decision.quote) == (kept, kept)


@pytest.mark.parametrize(
    "address",
    ["", "https://example.org/x?a=1&b=2#l-3", "http://example.org", "/meetings/x/#l-132", "/"],
)
def test_an_address_or_a_path_of_this_site_or_nothing_is_a_source(address):
    exception, manager = make_exception(), make_manager()
    said = {"source_url": f" {address} "}
    assert decide(exception, "deny", by=manager, **said).source_url == address


# --- Instants without a zone ----------------------------------------------------------------------


def naive(at):
    return at.replace(tzinfo=None)


NAIVE = {
    "grant at": lambda e, by: decide(e, "grant", by=by, at=naive(NOON)),
    "grant until": lambda e, by: decide(e, "grant", by=by, expires=naive(NEW_DEADLINE)),
    "grant at and until": lambda e, by: decide(
        e, "grant", by=by, at=naive(NOON), expires=naive(NEW_DEADLINE)
    ),
    "deny": lambda e, by: decide(e, "deny", by=by, at=naive(NOON)),
    "ask at": lambda e, by: a_second(e, at=naive(NOON)),
    "ask until": lambda e, by: a_second(e, at=NOON, wanted_until=naive(NEW_DEADLINE)),
    "ask at and until": lambda e, by: a_second(e, at=naive(NOON), wanted_until=naive(NEW_DEADLINE)),
    "confirm": lambda e, by: e.conditions.get().confirm(by=by, at=naive(NOON)),
}


def a_second(exception, **fields):
    ExceptionRequest.objects.ask(
        release=exception.release,
        freeze=exception.freeze,
        title="Another",
        by=exception.requester,
        why_now="Now",
        proposals=[make_proposal()],
        **fields,
    )


@pytest.mark.parametrize("what", NAIVE)
def test_an_instant_without_a_zone_is_never_stored(what):
    """A programmer's mistake: any error will do, but Django would only warn, and guess."""
    status = "granted" if what == "confirm" else "requested"
    exception, manager = make_exception(status=status, conditions=["a review"]), make_manager()
    before = everything_stored()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # as in production
        with pytest.raises((Refused, TypeError, ValueError)):
            NAIVE[what](exception, manager)
    assert everything_stored() == before


# --- What does not belong together ----------------------------------------------------------------


def test_a_proposal_of_another_release_is_refused():
    request = a_request()
    elsewhere = make_release(name="Bexar")
    stranger = make_proposal(title="Volumes", release=elsewhere)
    request["proposals"].append(stranger)
    refused = refusal(lambda: asked(**request))
    assert (refused.field, str(refused)) == (
        "proposals",
        f"Volumes is meant for Bexar, not for {request['release']}.",
    )


def test_a_freeze_of_another_release_is_refused():
    request = a_request() | {"freeze": make_freeze(name="FeatureFreeze")}
    refused = refusal(lambda: asked(**request))
    assert (refused.field, str(refused)) == (
        "freeze",
        f"{request['freeze']} is a milestone of another release.",
    )


def test_a_freeze_that_blocks_nothing_is_refused():
    request = a_request()
    request["freeze"] = make_milestone(release=request["release"], name="Beta", blocks=[])
    refused = refusal(lambda: asked(**request))
    assert (refused.field, str(refused)) == (
        "freeze",
        "Beta blocks nothing, so nothing needs an exception from it.",
    )


def test_an_exception_for_nothing_is_refused():
    request = a_request() | {"proposals": []}
    assert says(refusal(lambda: asked(**request))) == "proposals"


def test_a_deadline_asked_for_that_is_not_ahead_is_refused():
    request = a_request()
    at = utc(2011, 3, 25)
    for wanted in (at, at - timedelta(days=1)):
        refused = refusal(lambda wanted=wanted: asked(**request, at=at, wanted_until=wanted))
        assert says(refused) == "wanted_until"


def test_somebody_who_may_not_ask_is_told_so():
    request = a_request() | {"by": make_person(name="Jun")}
    refused = refusal(lambda: asked(**request))
    assert type(refused) is NotAllowed
    assert str(refused) == "Jun has no role that may ask for an exception."


def test_a_proposal_named_twice_is_asked_for_once():
    request = a_request()
    request["proposals"] *= 2
    assert asked(**request).claims.count() == 1

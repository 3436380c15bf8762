"""The words by which people decide about exceptions, and those by which they do not. Pure.

A table: each row a verdict and a pattern that is matched within one sentence. Nothing stands
inside a repetition of its own and every repetition is bounded, for anybody can write into a chat.
"""

import re
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What a meeting may have decided; most are verbs of an exception."""

    GRANT = "grant"
    DENY = "deny"
    EXTEND = "extend"
    REFUSE_EXTENSION = "refuse-extension"
    DEFER = "defer"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"
    LAND = "land"
    REVERT = "revert"
    RECLASSIFY = "reclassify"
    MOVE_MILESTONE = "move-milestone"
    POLICY = "policy"
    NOTE = "note"


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("FFE", _FFE), re.IGNORECASE)


_FFE = r"(?:ffes?|freeze break|(?:feature )?(?:freeze )?exceptions?)"
_TODAY = r"(?:today|tonight|tomorrow|this week|now|by \w{1,12}|on \w{1,12})"

# The first row that fits a sentence gives its verdict: refusals come before what they refuse.
CUES: tuple[tuple[Verdict, re.Pattern[str]], ...] = (
    (Verdict.REFUSE_EXTENSION, _re(
        r"\b(?:won'?t|will not|not|never|can'?t|cannot|don'?t|refuse to)\s{1,3}(?:be )?"
        r"(?:grant|giv|get|allow|accept|hav)\w{0,4}\s{1,3}(?:it |you |this |them |that )?"
        r"(?:an |a |any |another |further |more |the ){0,2}(?:FFE |deadline )?extensions?\b")),
    (Verdict.REFUSE_EXTENSION, _re(
        r"\b(?:no|without)\s{1,3}(?:further |more |another |FFE ){0,2}extensions?\b")),
    (Verdict.REFUSE_EXTENSION, _re(
        r"\b(?:not|won'?t|don'?t|never|cannot|can'?t)\b[^.!?;]{0,40}?\bextend(?:ed|ing)?\b")),
    (Verdict.REFUSE_EXTENSION, _re(
        r"\bextensions?\b[^.!?;]{0,20}?\b(?:refused|denied|rejected|not granted|declined)\b")),
    (Verdict.REFUSE_EXTENSION, _re(
        rf"\b(?:{_TODAY} or (?:it'?s |it is )?(?:out|not at all|never|bust))\b")),
    (Verdict.EXTEND, _re(
        r"\bextended (?:\w{1,12} )?(?:until|till?|to|by|through)\b"
        r"|\bextend(?:s|ed|ing)? (?:it|this|that|(?:the |its )?(?:\w{1,12} )?(?:deadline|FFE))\b")),
    (Verdict.EXTEND, _re(
        r"\bextensions? (?:is |was |has been |of \w{1,12} \w{1,12} )?"
        r"(?:granted|approved|accepted|ok)\b"
        r"|\b(?:grant|give|approve)\w{0,3} (?:an |the |it an |this an )?(?:FFE )?extension\b")),
    (Verdict.DENY, _re(
        r"\bFFE(?: request)?\b[^.!?;]{0,40}?\b(?:denied|rejected|refused|declined|nack(?:ed)?"
        r"|not (?:granted|approved|accepted))\b")),
    (Verdict.DENY, _re(
        r"\b(?:deny|denying|denied|reject|rejecting|rejected|refuse|refusing|refused)\b"
        r"[^.!?;]{0,30}?\b(?:FFE|requests?)\b")),
    (Verdict.DENY, _re(
        r"\b(?:won'?t|will not|not|never)\s{1,3}(?:grant|giv|approv|get)\w{0,4}\b"
        r"[^.!?;]{0,30}?FFE\b|\b(?:gets |get )?no FFE (?:for|is|will|to)\b")),
    (Verdict.REVOKE, _re(
        r"\brevok(?:e|es|ed|ing) (?:(?:the |this |that |its |your )?(?:\w[\w-]{0,30} )?FFE"
        r"|it|this|that)\b|\bFFE\b[^.!?;]{0,40}?\brevoked\b")),
    (Verdict.WITHDRAW, _re(
        r"\b(?:withdraws?|withdrawn|withdrew|withdrawing) (?:(?:the |this |my |his |her |its )?"
        r"(?:\w[\w-]{0,30} )?(?:FFE|request|proposal)|it|this|that)\b"
        r"|\b(?:FFE|request|proposal)\b[^.!?;]{0,40}?\bwithdrawn\b")),
    (Verdict.DEFER, _re(
        r"\b(?:defer(?:s|red|ring)?|postpon(?:e|es|ed|ing))\b")),
    (Verdict.DEFER, _re(
        r"\b(?:push|pushed|move|moved|bump|bumped|slip|slips|slipped|goes?|waits?|wait|retarget(?:ed)?)\b"
        r"[^.!?;]{0,30}?\b(?:to|for|until|into) (?:the )?next (?:release|cycle|series)\b")),
    (Verdict.RECLASSIFY, _re(
        r"\b(?:should|will|must|can|shall) be (?:(?:filed|treated|handled) as )?an? "
        r"(?:\w{1,12} )?bug(?: ?fix)?\b")),
    (Verdict.RECLASSIFY, _re(
        r"\b(?:fil|treat|count|handl|reclassif|track|accept)\w{0,4}\b[^.!?;]{0,40}?\bas (?:an? )"
        r"(?:\w{1,12} )?bug(?: ?fix)?\b")),
    (Verdict.RECLASSIFY, _re(
        r"\bbug ?fix(?:es)?,? (?:and )?not (?:an? )?(?:new )?features?\b"
        r"|\bmake (?:it|that|this) a bug\b")),
    (Verdict.REVERT, _re(r"\b(?:revert(?:s|ed|ing)?|back(?:ed|ing)? out)\b")),
    (Verdict.GRANT, _re(
        r"\bFFE\b[^.!?;]{0,30}?\b(?:granted|approved|accepted|acked|ok(?:ay)?)\b")),
    (Verdict.GRANT, _re(
        r"\b(?:grant|grants|granted|granting|approve|approves|approved|approving|gets?|have|has|give)\b"
        r"[^.!?;]{0,40}?\bFFE\b")),
    (Verdict.GRANT, _re(
        r"\b(?:may|can) (?:still )?(?:land|merge|be merged|go in|come in)\b[^.!?;]{0,20}?"
        r"\b(?:until|till?|by|before)\b")),
)  # fmt: skip

# A chair's words that tell how an exception stands without deciding anything new.
STANDING = (
    _re(r"\bFFE\b[^.!?;]{0,40}?\b(?:stands?|expir\w{1,4}|until|valid|ends?)\b"),
    _re(r"\b(?:may|can) (?:still )?(?:land|merge|be merged|go in)\b[^.!?;]{0,20}?"
        r"\b(?:until|till?|by|before)\b"),
    _re(r"\bgranted\b[^.!?;]{0,30}?\bFFE\b"),
    _re(r"\b(?:didn'?t|did not|never|not even|nobody|without)\b[^.!?;]{0,30}?"
        r"\b(?:fil|ask|request)\w{0,3}\b"),
)  # fmt: skip

# Told of the past as a reason: "which is why I granted an exception".
_NARRATED = _re(
    r"\b(?:which is why|that'?s why|because|since|already|was|were|had(?: been)?|when)\b"
    r"[^.!?;]{0,30}?\bgranted\b|\bi granted\b"
)
# Thinking aloud. "Should be a bug" decides; "I should reject it" weighs.
HEDGE = _re(
    r"\b(?:might|maybe|perhaps|possibly|opinions?|wonder(?:ing)?|propose|proposed|proposing|suggest"
    r"|suggests|suggesting|suggestion|consider|considering|i should|we should|should we|could be"
    r"|could we|shall we|i'?d like|would like|would prefer|would be|if we|if you|if i|unless"
    r"|inclined|split|almost|i think we|i guess|hope|hoping|want to|trying to|how about|what about"
    r"|what if|whether|thinking)\b"
)
ACCEPTS = _re(
    r"(?:ok(?:ay)?|ack|agreed|agree|fine|sure|yes|yep|yeah|right|deal|done|good|great|\+1)(?![\w-])"
    r"|(?:that |it |this )?(?:works|sounds good|is fine|is ok|looks good)\b"
    r"|(?:let'?s|i'?ll|we'?ll) do (?:that|it|so)\b"
    r"|i'?m (?:fine|ok|okay|cool|good|happy) with (?:that|it|this)\b|(?:that'?s|it'?s) fine\b"
)
ANSWERS = _re(r"(?:no|nope|yes|yep|yeah|nay)(?![\w-])")
SECONDS = _re(r"\bwhat \S{1,64} said\b|^(?:\S{1,64}[:,] )?(?:\+1|agreed|yep|yeah)(?![\w-])")
ZONE_ASKED = _re(r"\b(?:what|which|whose|in what|in which) (?:time ?zone|tz|zone)\b|\btime ?zone\?")
POLICY = _re(
    r"\b(?:no longer|from now on|not) accept(?:ed|ing)?\b|\bfrom now on\b|\bno longer accept\b"
    r"|\b(?:are|is|will be) (?:no longer |not |only |still )?accepted\b"
    r"|\bwe (?:only|no longer|will only) (?:accept|take|merge)\b"
)
OPENING = _re(
    r"\b(?:open(?:ed|ing|s)?|branch(?:ed|ing)?|unfr[eo]ez\w{1,3}|fr[eo]ez\w{1,3}|frozen)\b"
)
MOVED = _re(r"\b(?:push|move|slip|delay|postpon|shift|bring|brought)\w{0,4}\b")
MOVED_BY = _re(
    r"\b(?P<sign>back|forward|out|earlier|later|up)?\b ?(?:by )?"
    r"(?P<count>an?|one|two|three|four|five|six|seven|ten|\d{1,2}) "
    r"(?:more |extra |whole |full )?(?P<unit>days?|weeks?)\b"
)
DAY = _re(r"\b(?:today|tonight|tomorrow|this week)\b")
CONDITION = _re(
    r"\b(?:on (?:the )?condition (?:of|that)|provided(?: that)?(?: it (?:passes|has|gets))?"
    r"|conditional (?:on|upon)|subject to"
    r"|pending|if (?:it|this|that) passes|once (?:it|this|that) (?:passes|has|gets)"
    r"|as long as (?:it|this|that) (?:passes|has|gets))\s{1,3}(?:an? |the )?"
    r"(?P<what>[^.,;!?]{3,120}?)(?= and (?:gets?|lands?|goes|merges)\b|[.,;!?]|$)"
)
_SENTENCE = re.compile(r"[^.!?;]+[.!?;]*")
_DOT_IN_A_WORD = re.compile(r"(?<=\w)\.(?=\w)")


# What every row above has in it, so that ordinary talk is passed over quickly.
_HINTS = (
    "exten", "ffe", "exception", "freeze break", " or ", "den", "reject", "refus", "nack", "revok",
    "withdr", "defer", "postpon", "next ", "bug", "revert", "back", "land", "merge", "go in",
    "come in", "fil", "ask", "request",
)  # fmt: skip


class Sentence(NamedTuple):
    text: str
    asks: bool


def sentences(text: str) -> list[Sentence]:
    """A line cut into its sentences; dots within a word (`1.0`, `a.py`) end none."""
    masked = _DOT_IN_A_WORD.sub("\u2024", text)
    found = [match[0] for match in _SENTENCE.finditer(masked)]
    return [
        Sentence(part.replace("\u2024", ".").strip(), part.rstrip().endswith("?"))
        for part in found
        if part.strip()
    ]


def may_decide(text: str) -> bool:
    """Whether a text has any word of the table at all."""
    low = text.lower()
    return any(hint in low for hint in _HINTS)


def decided(text: str, *, tagged: bool = False) -> tuple[Verdict, str] | None:
    """The verdict in a line's last deciding sentence, and that sentence.

    What is tagged (`#agreed`) was weighed already: it is taken at its word. In talk, questions,
    thinking aloud and stories of the past decide nothing.
    """
    last = None
    for sentence in sentences(text):
        if not tagged and (
            sentence.asks or HEDGE.search(sentence.text) or _NARRATED.search(sentence.text)
        ):
            continue
        for verdict, pattern in CUES:
            if pattern.search(sentence.text):
                last = (verdict, sentence.text)
                break
    return last


def tells_standing(text: str) -> bool:
    """Whether a line tells how an exception stands, and asks nothing."""
    return any(
        not sentence.asks and any(pattern.search(sentence.text) for pattern in STANDING)
        for sentence in sentences(text)
    )


def conditions(text: str) -> list[str]:
    return [match["what"].strip() for match in CONDITION.finditer(text)]

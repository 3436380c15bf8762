"""How W3C groups put things on record: words with a colon, read after the meeting by a script.

Nobody needs a right here. A line of dots goes on with the line before it, and `s/old/new/` mends
an earlier one.
"""

import re
from dataclasses import dataclass

from meetings.profiles.profile import Profile

_HEADED = re.compile(
    r"\s{0,40}(?:"
    r"(?P<topic>topic)|(?P<subtopic>sub-?topic)|(?P<action>action)"
    r"|(?P<resolved>resol(?:ved|ution))"
    r"|(?P<proposed>propos(?:ed(?:\s(?:resolution|action))?|al))"
    r"|(?P<meetingname>meeting)|(?P<agenda>agenda)|(?P<preside>chairs?)"
    r"|(?P<scribe>scribe(?:nick)?s?)|(?P<attend>present)|(?P<regret>regrets)"
    r")\s{0,10}[:\uff1a]\s*(?P<payload>.*)",
    re.DOTALL | re.IGNORECASE,
)
_PLUS = re.compile(
    r"\s{0,40}(?P<verb>present|regrets|chair|scribe)\s?\+\s*(?P<payload>.*)",
    re.DOTALL | re.IGNORECASE,
)
_PLUS_VERBS = {"present": "attend", "regrets": "regret", "chair": "preside", "scribe": "scribe"}
# Without a colon after the word it must be somebody "to" do something, or somebody and a colon.
_ACTION = re.compile(
    r"\s{0,40}action\s+(?P<payload>.{1,200}?(?:\sto\s|[:\uff1a]).*)", re.DOTALL | re.IGNORECASE
)
_CONTINUED = re.compile(r"\s{0,40}(?:\.{2,10}|…)\s*(.*)", re.DOTALL)
CORRECTION = re.compile(
    r"\s{0,40}s([/|])(?P<old>(?:(?!\1).){1,500})\1(?P<new>(?:(?!\1).){0,500})"
    r"(?:\1\s{0,10}(?P<all>[gG])?)?\s{0,40}$"
)
_FIRST_LETTERS = "tTsSaArRpPmMcC"
# What this does not match is none of the above; many words begin with those letters.
_LIKELY = re.compile(
    r"\s{0,40}(?i:(?:sub-?)?topic|action|resol|propos|meeting|agenda|chair|scribe|present|regrets"
    r"|\.\.|…|s[/|]|the chair is )"
)


@dataclass(frozen=True)
class W3C(Profile):
    def read(self, text: str) -> tuple[str, str] | None:
        if CORRECTION.match(text):
            return "correct", text
        if match := _CONTINUED.match(text):
            return "continue", match[1].strip()
        if match := _HEADED.match(text):
            verb = next(name for name, found in match.groupdict().items() if found is not None)
        elif match := _PLUS.match(text):
            verb = _PLUS_VERBS[match["verb"].lower()]
        elif match := _ACTION.match(text):
            verb = "action"
        else:
            return None
        payload = match["payload"].strip()
        if verb == "regret":
            return "info", text.strip()
        if verb == "agenda":
            return ("link", payload) if "://" in payload else None
        return verb, payload


_VERBS = {
    verb: verb
    for verb in (
        "topic subtopic action resolved proposed link info meetingname preside scribe attend"
        " correct continue"
    ).split()
}
W3C_SCRIBE = W3C(
    "w3c",
    re.compile(r"(?!)(.)(.)"),  # see read
    _VERBS,
    chair_only=frozenset(),
    links_alone=False,
    signs=(*_FIRST_LETTERS, " ", "\t", "..", "…", "The chair is "),
    likely=_LIKELY,
    proposal=None,
    # Zakim tells who is there.
    heeds_bots=frozenset("topic meetingname preside scribe attend".split()),
    whole=True,
)

"""The log that is read: one meeting, many times over."""

import random
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT.parent / "shared" / "seed"

LINES = 379
_STARTED_AT = datetime(2014, 6, 5, 14, 0, 2)  # noqa: DTZ001 a log's clock, UTC
_NICKS = "anna bert_ carla dmitri`away edwin fay_k goran heike ines joost".split()
_WORDS = (
    "the branch is ready and so we can merge it before the freeze but somebody has to review this"
    " driver again because its tests fail on the second node when networking restarts I think"
    " that a week more would be enough for you to finish documentation of the release notes"
).split()
_COMMANDS = {
    9: "#topic How the release stands",
    12: "#link https://wiki.example.org/Meetings/Agenda",
    30: "#info Feature freeze is in nine days, and nothing large lands after it.",
    60: "#topic Exceptions asked for",
    61: "The first is https://code.launchpad.net/~anna/engine/volumes/+merge/41234",
    95: "and then there is https://review.example.org/c/engine/+/5120, which waits for a test",
    120: "#info Whoever wants an exception says until when.",
    150: "see also LP: #712345, it is the same failure",
    200: "#topic Open bugs",
    240: "https://bugs.launchpad.net/engine/+bug/712399 is the only critical one",
    300: "#topic Anything else",
}


def meeting() -> tuple[str, str]:
    """One meeting's log with a newline at its end, and where it comes from."""
    for path in sorted(SEED.glob("*.log.txt")):
        return path.read_text(encoding="utf-8").rstrip("\n") + "\n", path.name
    return made_up_meeting(), "a made-up meeting"


def made_up_meeting() -> str:
    """As many lines as the real one, about as long, with about as much in them; always the same."""
    chance = random.Random(379)
    at, lines = _STARTED_AT, []
    for number in range(1, LINES + 1):
        nick = "anna" if number in _COMMANDS or chance.random() < 0.25 else chance.choice(_NICKS)
        text = _COMMANDS.get(number) or " ".join(
            chance.choices(_WORDS, k=1 + int(chance.expovariate(1 / 13)))
        )
        if number == 1:
            nick, text = "anna", "#startmeeting"
        elif number == 2:
            nick = "meetbot"
            text = f"Meeting started {_STARTED_AT:%a %b %d %H:%M:%S %Y} UTC.  The chair is anna."
        elif number == LINES:
            nick, text = "anna", "#endmeeting"
        lines.append(f"{at:%H:%M:%S} <{nick}> {text}\n")
        at += timedelta(seconds=chance.randrange(20))
    return "".join(lines)


def write_log(path: Path, *, meetings: int) -> Path:
    text, _ = meeting()
    with path.open("w", encoding="utf-8") as file:
        for _ in range(meetings):
            file.write(text)
    return path

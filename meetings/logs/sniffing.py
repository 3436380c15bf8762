"""Which format a log is in, and why: the one that explains most lines, the strictest of equals."""

import re
from dataclasses import dataclass, replace
from typing import IO

from meetings.logs import markup
from meetings.logs.formats import FORMATS
from meetings.logs.shapes import STAMPED, Format

HEAD = 64 * 1024  # bytes that the sniffer looks at
EMBEDDED = 4 << 20  # bytes of a page in which it looks for a log
CLEARLY = 0.8  # share of the lines with a clock, where a log stands amid other text
FEW = 5  # such lines that make a log
MANY = 2000  # such lines that are looked at
SAMPLE = 40  # lines that every format is tried on; the best are tried on all
NEARLY = 0.8  # as many of them as the best one has make one of the best
BY_W3C = 2  # lines that only a W3C meeting has

_PREFIXES = ("> ", "    ", "\t", "")
_W3C = re.compile(
    r".{0,80}(?:\b(?:RRSAgent|Zakim|trackbot)[>!\t |]"
    r"|[>:\t|] {0,3}(?i:scribe(?:nick)?|present|regrets) ?[:+])"
)
_OFTEN_W3C = re.compile(r".{0,80}[>:\t|] {0,3}(?i:topic|action|resolved|proposed) ?:")
_MINUTES = re.compile(
    r"^(?:<br>)?Meeting started by (?:<[^<>]{1,80}>)?\S{1,80} at [0-9:]{5,8}"
    r"|People present \(lines said\)",
    re.MULTILINE,
)


# What files begin with that hold a log out of sight.
PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh91AY&SY": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
}


class NotALog(ValueError):
    """These bytes are in no format we read; the message says why, fit for a person."""


@dataclass(frozen=True)
class Sniffed:
    """The format that explains a log best, with the figures that say so."""

    format: Format
    matched: int
    lines: int
    second: "Sniffed | None" = None
    signs: int = 0  # lines with what tells the format from others of the same shapes

    @property
    def why(self) -> str:
        if self.format.messages:
            return f"it is JSON and has the keys of {self.format.title}"
        why = f"{self.matched} of the first {self.lines} lines have a shape of {self.format.title}"
        if self.second is None:
            return why
        return f"{why}; second comes {self.second.format.title} with {self.second.matched}"


def sniff(head: bytes) -> Sniffed:
    """Which format explains most lines of the beginning of a log. Raises NotALog."""
    for start, program in PACKED.items():
        if head.startswith(start):
            raise NotALog(f"This is packed with {program}, not a text log. Unpack it first.")
    if head.count(0) > len(head) // 10:
        raise NotALog("This is a binary file (or UTF-16), not a text log.")
    text = markup.without_codes(_text_of(head))
    if found := _sniff_json(text):
        return found
    # The last line of a full head may be cut in two, and a line of megabytes tells nothing.
    lines = _lines_of(text if len(head) < HEAD else text.rpartition("\n")[0])
    if not lines:
        raise NotALog("There is no line to read in it.")
    best, second = _two_best(lines)
    if not _convinces(best, lines):
        raise NotALog(_closest(best, text))
    return replace(best, format=_with_habits(best.format, lines), second=second)


def sniff_file(stream: IO[bytes]) -> Sniffed:
    """The same of a file read from its start; beyond the head only where a log stands late."""
    head = stream.read(HEAD)
    try:
        return sniff(head)
    except NotALog:
        found = _sniff_page(head + stream.read(EMBEDDED - HEAD))
        if found is None:
            raise
        return found


def _sniff_page(data: bytes) -> Sniffed | None:
    """Which format a log has that stands amid other text, or behind marks."""
    lines = _text_of(data).split("\n")
    best = None
    for prefix in _PREFIXES:
        stamped = [
            line.removeprefix(prefix)
            for line in lines
            if line.startswith(prefix) and STAMPED.match(line, len(prefix))
        ][:MANY]
        if len(stamped) < FEW or (best is not None and len(stamped) <= best.lines):
            continue
        found, _ = _two_best(stamped)
        if found.matched >= len(stamped) * CLEARLY and not found.format.loose:
            title = f"{found.format.title}, in a page of other text"
            format_ = _with_habits(found.format, stamped).inside(prefix, title=title)
            best = Sniffed(format_, found.matched, len(stamped))
    return best


def in_its_circumstances(format_: Format, head: bytes) -> Format:
    """A format with what the community's habits change in it: dialect, a file a meeting."""
    return _with_habits(format_, _lines_of(markup.without_codes(_text_of(head))))


def _text_of(data: bytes) -> str:
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def _lines_of(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _sniff_json(text: str) -> Sniffed | None:
    if not text.lstrip().startswith("{") or '"messages"' not in text:
        return None
    for format_ in FORMATS:
        if format_.messages and format_.marker in text:
            return Sniffed(format_, text.count(format_.marker), text.count(format_.marker))
    return None


def _two_best(lines: list[str]) -> tuple[Sniffed, Sniffed | None]:
    """The format that explains most of these lines, and what comes second."""
    sample = lines if len(lines) <= SAMPLE else lines[:: -(-len(lines) // SAMPLE)]
    is_marked = any(line.lstrip()[:1] in "<*&" for line in sample)
    texts = [known for known in FORMATS if known.shapes and not known.page]
    pages = [known for known in FORMATS if known.page and is_marked]
    ranked = sorted((_score(known, sample) for known in texts), key=_rank, reverse=True)
    scores = ranked
    if len(sample) < len(lines) or pages:
        enough = max(ranked[0].matched * NEARLY, 1)
        finalists = [scored.format for scored in ranked if scored.matched >= enough]
        finalists = finalists or [ranked[0].format]
        scores = [_score(known, lines) for known in [*pages, *finalists]]
    best, *others = sorted(scores, key=_rank, reverse=True)
    return best, others[0] if others and others[0].matched else None


def _score(format_: Format, lines: list[str]) -> Sniffed:
    """How many lines have a shape of a format, of those that its frame leaves."""
    matched = bare = total = signs = 0
    frame, sign = format_.frame, format_.signs
    patterns = [known.pattern for known in format_.shapes]
    for line in lines:
        for pattern in patterns:
            if match := pattern.match(line):
                if match[1]:
                    matched += 1
                else:
                    bare += 1
                total += 1
                break
        else:
            total += frame is None or frame.match(line) is None
        if sign is not None and sign.match(line):
            signs += 1
    if format_.loose or (format_.bare and signs):
        matched += bare
    return Sniffed(format_, matched, total, signs=signs)


def _rank(scored: Sniffed) -> tuple[int, int, int]:
    """By lines explained, then by signs, then by our preference, which puts the loose last."""
    signs = 0 if scored.format.signs is None else (1 if scored.signs else -1)
    return scored.matched, signs, -scored.format.preference


def _convinces(scored: Sniffed, lines: list[str]) -> bool:
    format_ = scored.format
    if not scored.matched or scored.matched < scored.lines * format_.enough:
        return False
    if not format_.loose:
        return True
    # Prose has colons, too; in a talk somebody speaks twice.
    speech = format_.shapes[0].pattern
    nicks = [match[2] for line in lines if (match := speech.match(line))]
    return len(set(nicks)) < len(nicks)


def _with_habits(format_: Format, lines: list[str]) -> Format:
    if lines and lines[0].startswith("```"):
        format_ = replace(format_, whole=True)  # somebody cut a meeting out
    if format_.profile != "classic" or any("#startmeeting" in line for line in lines):
        return format_
    w3c = sum(_W3C.match(line) is not None for line in lines)
    if w3c >= BY_W3C:
        return replace(format_, profile="w3c", whole=True)
    # Others have topics and actions, too: these words choose the dialect and no more.
    often = sum(_OFTEN_W3C.match(line) is not None for line in lines)
    return replace(format_, profile="w3c") if w3c + often >= BY_W3C else format_


def _closest(best: Sniffed, text: str) -> str:
    if _MINUTES.search(text):
        return (
            "These are the minutes of a meeting, not its log. Hand in the log, which MeetBot keeps"
            " beside them as .log.txt or .log.html."
        )
    return (
        f"No known log format: {best.format.title} comes closest with {best.matched} of"
        f" {best.lines} lines. If you know its format, name it (in a terminal with --format)."
    )

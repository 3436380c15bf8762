from dataclasses import dataclass

from meetings.logs.formats import FORMATS, Format

HEAD = 64 * 1024  # bytes that the sniffer looks at
ENOUGH = 0.5  # share of the head's lines that a format must explain


class NotALog(ValueError):
    """These bytes are in no format we read; the message says why, fit for a person."""


@dataclass(frozen=True)
class Sniffed:
    """The format that explains a log best, with the figures that say so."""

    format: Format
    matched: int
    lines: int

    @property
    def why(self) -> str:
        return f"{self.matched} of the first {self.lines} lines have a shape of {self.format.title}"


def sniff(head: bytes) -> Sniffed:
    """Which format explains most lines of the beginning of a log. Raises NotALog."""
    if head.count(0) > len(head) // 10:
        raise NotALog("This is a binary file (or UTF-16), not a text log.")
    # The last line of a full head may be cut in two, and a line of megabytes tells nothing.
    lines = head.decode("utf-8-sig", errors="replace").split("\n")
    lines = [line for line in lines[: -1 if len(head) >= HEAD else None] if line.strip()]
    if not lines:
        raise NotALog("There is no line to read in it.")
    best = max((_score(format_, lines) for format_ in FORMATS), key=lambda scored: scored.matched)
    if best.matched < len(lines) * ENOUGH:
        names = ", ".join(format_.name for format_ in FORMATS)
        raise NotALog(
            f"No known log format: {best.format.title} comes closest with {best.matched} of"
            f" {len(lines)} lines. Name the format with --format ({names})."
        )
    return best


def _score(format_: Format, lines: list[str]) -> Sniffed:
    matched = sum(any(shape.pattern.match(line) for shape in format_.shapes) for line in lines)
    return Sniffed(format_, matched, len(lines))

"""What wraps the words of a line: tags and entities, escapes, the codes of colours."""

import re
from html import unescape

from meetings.logs.decoding import VISIBLE

# What IRC clients and terminals write for bold, colours and the like.
CODES = "\x02\x03\x0f\x11\x16\x1b\x1d\x1e\x1f"
_CODE = re.compile(
    r"\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x1b\[[0-9;]{0,16}[A-Za-z]?|[\x02\x0f\x11\x16\x1b\x1d-\x1f]"
)
_TAG = re.compile(r"<[^<>]{1,4000}>")
_ESCAPE = re.compile(r"((?:\\x[0-9a-f]{2})+)|\\(.)")
_MARKDOWN = re.compile(r"\\([!-/:-@\[-`{-~])")
_ESCAPED = VISIBLE | {ord("\n"): " "}  # an escape says what a line of text cannot hold


def has_codes(text: str) -> bool:
    return any(code in text for code in CODES)


def without_codes(text: str) -> str:
    """The text as one sees it on a screen without colours."""
    return _CODE.sub("", text) if has_codes(text) else text


def words_with_codes(line: str, words: str) -> str:
    """The end of a line that, without its codes, is these words: with them."""
    start = len(without_codes(line)) - len(words)
    removed = 0
    for code in _CODE.finditer(line):
        if code.start() - removed >= start:
            break
        removed += len(code[0])
    return line[start + removed :]


def of_html(text: str) -> str:
    """The words that a page shows."""
    text = _TAG.sub("", text) if "<" in text else text
    return unescape(text).translate(_ESCAPED) if "&" in text else text


def of_python_bytes(text: str) -> str:
    r"""The words in `it\'s \xe2\x80\x9cquoted\xe2\x80\x9d`."""
    if "\\" not in text:
        return text

    def meant(match: re.Match[str]) -> str:
        if match[1]:
            said = bytes.fromhex(match[1].replace("\\x", "")).decode(errors="replace")
            return said.translate(_ESCAPED)
        return {"t": "\t", "n": " ", "r": " "}.get(match[2], match[2])

    return _ESCAPE.sub(meant, text)


def of_markdown(text: str) -> str:
    """The words without their escapes, and without the blanks that break a line."""
    return (_MARKDOWN.sub(r"\1", text) if "\\" in text else text).rstrip()

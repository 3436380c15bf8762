"""Words of others without their colours, and with what is invisible in them made visible: pure."""

import re
from functools import lru_cache

# How clients colour and format: mIRC's codes (colour by number or by hexadecimal digits, bold,
# reset, monospace, reverse, italic, struck, underlined), and the escapes of a terminal.
_FORMATTING = (
    r"\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?"
    r"|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?"
    r"|[\x02\x0f\x11\x16\x1d-\x1f]"
    r"|\x1b\[[0-?]{0,32}[ -/]{0,8}[@-~]"
)
# Controls but the tab, separators of lines, what turns or hides text, letters that show nothing.
# Not the two joiners, nor the signs of Arabic and Syriac numbers: these belong to their scripts.
_INVISIBLE = (
    "\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_UNWANTED = re.compile(f"{_FORMATTING}|([{_INVISIBLE}])")
_SIGNS = ("#", "!", "^")  # of a command
_BRACKETS = str.maketrans("", "", "<>")
_WRITTEN_OUT = re.compile(r"⟨U\+[0-9A-F]{4,6}⟩")
_LONGEST_NICK = 64  # characters that our own log's reader takes for one


def harmless(text: str) -> str:
    """Colours taken away, control and invisible characters made visible; the rest as it is."""
    if text.isascii() and text.isprintable():  # nearly every line; ten times as quick
        return text
    shown = _UNWANTED.sub(_visible, text)
    if shown.startswith(_SIGNS) and not text.startswith(_SIGNS):
        # This code is no mere colour: it keeps the line from being a command.
        return _picture(text[0]) + shown
    return shown


@lru_cache(maxsize=1024)  # a log names the same few again and again
def one_word(nick: str) -> str:
    """A nick, harmless, as it can stand between the brackets of a log's line and be read there."""
    word = "_".join(harmless(nick).translate(_BRACKETS).split()) or "_"
    return word if len(word) <= max(len(nick), _LONGEST_NICK) else _WRITTEN_OUT.sub("␦", word)


def _visible(found: re.Match[str]) -> str:
    character: str | None = found[1]
    if character is None:
        return ""
    if character < " ":
        return _picture(character)
    return f"⟨U+{ord(character):04X}⟩"


def _picture(control: str) -> str:
    """␀ to ␟."""
    return chr(0x2400 + ord(control))

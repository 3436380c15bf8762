"""The short form of `make fuzz`."""

import json

import pytest
from django.db import transaction
from hypothesis import given, settings

from tests.properties import logs


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(data=logs.logs, format_=logs.formats)
def test_whatever_comes_in_is_stored_once_and_whole_or_refused_in_words(data, format_):
    with transaction.atomic():
        logs.check(data, format_)
        transaction.set_rollback(True)


def weechat(*lines):
    """A meeting out of weechat's window, whose actions are of any nick without a blank."""
    said = ["    ada | #startmeeting Weekly", "    ada | hello", *lines, "    bea | done"]
    return "".join(f"21:00:{second:02} {line}\n" for second, line in enumerate(said)).encode()


def element(*senders):
    """A room of Matrix in which each says a word."""
    at = 1454693150375
    said = [("@ada:example.org", "!startmeeting Weekly"), *((who, "hello") for who in senders)]
    messages = [
        {
            "type": "m.room.message",
            "sender": who,
            "origin_server_ts": at + 1000 * number,
            "event_id": f"${number}",
            "content": {"msgtype": "m.text", "body": words},
        }
        for number, (who, words) in enumerate(said)
    ]
    return json.dumps({"room_name": "Weekly", "messages": messages}).encode()


DELETES = "\x7f" * 9
DISGUISED = {
    "a bot in bold": weechat("      * | meetbot\x02 waves"),
    "a bot in brackets": weechat("      * | <meetbot> waves"),
    "somebody in bold who speaks like a bot without it": weechat(
        "      * | eve\x02 waves", "    eve | The chair is ada. Information about MeetBot"
    ),
    "somebody who would be too long, written out": weechat(f"      * | {DELETES} waves"),
    "somebody as long who speaks": weechat(f"  {DELETES} | hello"),
    "a bot of Matrix in bold": element("@meetbot\x02:example.org", "@bea:example.org"),
    "a bot in the quotes of Python": (
        rb"b'2017-07-17T20:56:04 <ada> #startmeeting x"
        b"\n"
        rb"2017-07-17T20:56:05 <meet\x02bot\x20> hello"
        b"\n"
        rb"2017-07-17T20:56:06 <bea> hello"
        b"\n"
    ),
    "somebody who comes in, and then speaks as bots do": (
        b'0:00:00 * "ea\n0:00:00 <"ea>Meeting started Teu Mar '
    ),
    "somebody who speaks as bots do, and was met before": (
        b"00:00:00 * ea\n00:00:00 <\0>Meeting started Aaa Mar 1 00:00:00 2000 UTC\n"
        b"00:00:00 <ea>Meeting started Aaa Aaa "
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("who", DISGUISED)
def test_a_nick_in_disguise_is_the_same_one_when_our_own_log_comes_back(who):
    logs.check(DISGUISED[who], None)

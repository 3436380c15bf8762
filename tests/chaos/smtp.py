"""A real SMTP server that counts what it accepts by Message-ID, and can be unfriendly."""

import asyncio
import socket
from collections import Counter
from contextlib import contextmanager
from email import message_from_bytes

from aiosmtpd.controller import Controller

FRIENDLY = "friendly"
REFUSES_RECIPIENT, TEMPORARY, PERMANENT = "550 at RCPT", "451 at the end", "554 at the end"
STALLS, STALLS_AT_THE_END = "stalls at RCPT", "stalls at the end"
DROPS, DROPS_AT_THE_END = "drops at RCPT", "drops after the final dot"
LONG = 5  # seconds; longer than anybody in the tests waits


class Postman:
    """`mood` says how it treats the next message; `delay` seconds pass before it says 250."""

    def __init__(self, delay=0.0):
        self.mood, self.delay, self.accepted, self.messages = FRIENDLY, delay, Counter(), []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 aiosmtpd's
        if self.mood == REFUSES_RECIPIENT:
            return "550 No such user here"
        if self.mood == DROPS:
            server.transport.close()
        if self.mood == STALLS:
            await asyncio.sleep(LONG)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 the same
        if self.mood == TEMPORARY:
            return "451 Try again later"
        if self.mood == PERMANENT:
            return "554 Not wanted"
        self.messages.append(envelope.content)
        self.accepted[message_from_bytes(envelope.content)["Message-ID"]] += 1
        if self.mood == DROPS_AT_THE_END:
            server.transport.close()
        if self.mood == STALLS_AT_THE_END:
            await asyncio.sleep(LONG)
        await asyncio.sleep(self.delay)
        return "250 OK"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def postman(**settings):
    """A postman and the port at which they are found."""
    handler = Postman(**settings)
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield handler, controller.port
    finally:
        controller.stop()

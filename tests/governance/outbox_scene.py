"""Notices to send, sinks that remember, and an SMTP server that can be unfriendly."""

import re
from datetime import timedelta

from governance import outbox, reminders
from governance.models import Notice
from governance.sinks import NotSent, Unknown, Unreachable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Memory:
    """A sink that keeps what it takes, and fails as it is told."""

    honours_key = False

    def __init__(self, *, offers=(), hands=()):
        self.mails, self.keys = [], []
        self._offers, self._hands = list(offers), list(hands)

    def offer(self, mail):
        if self._offers and (error := self._offers.pop(0)):
            raise error

    def hand_over(self, mail, key):
        if self._hands and (error := self._hands.pop(0)):
            raise error
        self.mails.append(mail)
        self.keys.append(key)

    def withdraw(self):
        pass

    def close(self):
        pass

    def told(self, person):
        """The subjects of what one person got, without the number of the exception."""
        mine = [mail for mail in self.mails if mail.to == [f"{person.name.lower()}@example.org"]]
        return [re.sub(r"^FFE-\d+ ", "", mail.subject) for mail in mine]


def run(at, sink=None, *, swept=True):
    """A sweep and a delivery at an instant; the sink."""
    sink = sink or Memory()
    if swept:
        reminders.sweep(at=at)
    outbox.deliver(clock=lambda: at, sink=sink)
    return sink


def with_addresses(scene):
    """Everybody of the scene can be reached by mail."""
    for name in "thea vera ondine jun".split():
        getattr(scene, name).handles.create(kind="email", value=f"{name}@example.org")
    return scene


def states(**fields):
    """State and lead of each notice, in the order in which they came to be."""
    found = Notice.objects.filter(**fields).order_by("pk")
    return list(found.values_list("state", "lead"))


FAILURES = {
    "refused": NotSent("550 no such user"),
    "unreachable": Unreachable("ConnectionRefusedError"),
    "unknown": Unknown("timed out"),
}

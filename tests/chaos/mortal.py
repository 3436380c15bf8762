"""A process whose children deliver and die: told what to do on standard input.

`python -m tests.chaos.mortal` answers each line of JSON, `[order, ...]`, with one. It starts once
and forks, so that a hundred deaths cost no hundred starts.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import timedelta

import django

DEADLINE_IN = timedelta(hours=1)


def prepare(count):
    """One exception that expires in an hour, watched by so many, and all their reminders."""
    from django.utils import timezone  # noqa: PLC0415 Django is set up first

    from governance import reminders  # noqa: PLC0415 the same
    from governance.models import Notice, Watch  # noqa: PLC0415 the same
    from releases.models import Handle, Person  # noqa: PLC0415 the same
    from tests.factories import make_exception, make_freeze, make_manager  # noqa: PLC0415 the same

    now = timezone.now()
    manager = make_manager()
    exception = make_exception(
        freeze=make_freeze(at=now - timedelta(days=9)), at=now - timedelta(days=8)
    )
    exception.grant(
        by=manager,
        at=now - timedelta(days=7),
        expires=now + DEADLINE_IN,
        rationale="Agreed.",
    )
    people = Person.objects.bulk_create(Person(name=f"Watcher {n}") for n in range(count))
    Handle.objects.bulk_create(
        Handle(person=person, kind="email", value=f"watcher-{person.pk}@example.org")
        for person in people
    )
    Watch.objects.bulk_create(Watch(exception=exception, person=person) for person in people)
    reminders.sweep(at=now)
    Notice.objects.exclude(recipient__in=people, state="pending").delete()
    return [notice.key for notice in Notice.objects.all()]


def told():
    """How each notice stands: key, state, and whether anybody ever was uncertain of it."""
    from governance.models import Notice  # noqa: PLC0415 Django is set up first

    return [
        [notice.key, notice.state, notice.uncertain_at is not None]
        for notice in Notice.objects.order_by("pk")
    ]


def forked(settings, *, again_and_again=False):
    """A child that delivers with these settings; its process id."""
    from django.db import connections  # noqa: PLC0415 Django is set up first

    connections.close_all()  # what is open belongs to the parent
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        while True:
            deliver(settings)
            if not again_and_again:
                break
            time.sleep(0.06)
        status = 0
    except Exception as error:  # noqa: BLE001 a child must end here, whatever it met
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        os._exit(status)


def deliver(settings):
    from django.conf import settings as of_django  # noqa: PLC0415 Django is set up first
    from django.utils import timezone  # noqa: PLC0415 the same

    from governance import outbox, sinks  # noqa: PLC0415 the same

    for name, value in settings.items():
        if name.isupper():
            setattr(of_django, name, value)
    outbox.LEASE = timedelta(seconds=settings["lease"])
    sinks.STEP_TIMEOUT = sinks.FINAL_TIMEOUT = settings["lease"] / 2
    later = timedelta(seconds=settings.get("later", 0))
    outbox.deliver(clock=lambda: timezone.now() + later)


def die(settings):
    """The exit status of a child that delivers; 137 where it died at its failpoint."""
    return os.waitstatus_to_exitcode(os.waitpid(forked(settings), 0)[1])


def riot(settings, workers, patience, every):
    """Workers without end, of which one is killed every so many seconds, until nothing is unsent.

    On a slow machine a worker may not live long enough to send anything: so they are spared until
    something has left since the last was killed. Gives how many were killed; None where there was
    no end.
    """
    chance, kills, until = random.Random(settings["seed"]), 0, time.monotonic() + patience
    since = None
    crowd = [forked(settings, again_and_again=True) for _ in range(workers)]
    try:
        while time.monotonic() < until:
            time.sleep(chance.uniform(*every))
            if not unsent(settings):
                return kills
            if (left := backlog()) not in (0, since):
                since = left
                victim = chance.randrange(workers)
                os.kill(crowd[victim], signal.SIGKILL)
                os.waitpid(crowd[victim], 0)
                crowd[victim] = forked(settings, again_and_again=True)
                kills += 1
        return None
    finally:
        for child in crowd:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def unsent(settings):
    """How many have not come to their end. Into the spool, what is uncertain is tried again."""
    from governance.models import Notice  # noqa: PLC0415 Django is set up first

    states = ["pending", "claimed", "handing", "failed"]
    if settings["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
        states.append("uncertain")
    return Notice.objects.filter(state__in=states).count()


def backlog():
    from governance.models import Notice  # noqa: PLC0415 Django is set up first

    return Notice.objects.filter(state="pending").count()


def empty():
    from governance.models import Notice  # noqa: PLC0415 Django is set up first

    Notice.objects.all().delete()
    return "emptied"


ORDERS = {"prepare": prepare, "told": told, "die": die, "riot": riot, "empty": empty}


def main():
    django.setup()
    for line in sys.stdin:
        order, *arguments = json.loads(line)
        print(json.dumps(ORDERS[order](*arguments)), flush=True)


if __name__ == "__main__":
    main()

"""Try what must hold on ever new input for a minute: `python -m tests.fuzz [SECONDS] [TARGET...]`.

The targets take turns: logs, deadlines, references, documents of others, events, requests to any
address, searches, and the API as its own document describes it. DATABASE_URL chooses the database.
Exit status 1: something did not hold; the smallest input that shows it is printed.
"""

import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import django

ROUND = 100  # inputs of one target between two looks at the clock
TURN = 5  # seconds for which one target is tried before the next


def main(seconds: float, chosen: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="thaw-fuzz-") as var:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "thaw.settings",
            "THAW_VAR": var,
            "API_RATE_ANONYMOUS": "",
            "API_RATE_SIGNED_IN": "",
        }
        django.setup()
        logging.disable(logging.CRITICAL)  # what is refused in words is no news here
        from django.test.utils import (  # noqa: PLC0415 Django is set up first
            setup_databases,
            setup_test_environment,
            teardown_databases,
        )

        setup_test_environment(debug=False)
        old = setup_databases(verbosity=0, interactive=False)
        try:
            return _try(seconds, chosen)
        finally:
            teardown_databases(old, verbosity=0)


def _try(seconds: float, chosen: list[str]) -> int:
    from hypothesis import HealthCheck, Phase, seed, settings  # noqa: PLC0415 as above

    from tests.properties import targets  # noqa: PLC0415 as above

    quiet = settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
    )
    tried, broken = Counter[str](), set[str]()
    began, rounds = monotonic(), 0
    known: dict[str, Callable[[], Iterator[Any]]] = targets.all_targets()
    turns = [name for name in known if not chosen or name in chosen]
    while monotonic() - began < seconds and len(broken) < len(turns):
        for name in turns:
            if name in broken or monotonic() - began >= seconds:
                continue
            turn = monotonic()
            try:
                while monotonic() - turn < TURN:
                    for test in known[name]():
                        seed(os.getpid() * 1_000_000 + rounds)(quiet(test))()
                        tried[name] += ROUND
                        rounds += 1
            except Exception as error:  # noqa: BLE001 whatever it is, it is news; the others go on
                broken.add(name)
                sys.excepthook(type(error), error, error.__traceback__)
    for name in turns:
        print(f"{name}: {tried[name]:,} tried, {'BROKEN' if name in broken else 'all held'}.")
    return 1 if broken else 0


if __name__ == "__main__":
    limit, *names = [*sys.argv[1:], *(["60"] if len(sys.argv) == 1 else [])]
    sys.exit(main(float(limit), names))

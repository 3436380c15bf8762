"""Try what must hold for any log on ever new ones, a minute long: `python -m tests.fuzz [SECONDS]`.

Exit status 1: something did not hold; the smallest log that shows it is printed.
"""

import os
import sys
import tempfile
from time import monotonic

import django

ROUND = 100  # logs between two looks at the clock


def main(seconds: float) -> int:
    with tempfile.TemporaryDirectory(prefix="thaw-fuzz-") as var:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "thaw.settings",
            "THAW_VAR": var,
            "DATABASE_URL": "sqlite://:memory:",
            "LOG_LEVEL": "WARNING",
        }
        django.setup()
        return _try(seconds)


def _try(seconds: float) -> int:
    from django.core.management import call_command  # noqa: PLC0415 Django is set up first
    from django.db import transaction  # noqa: PLC0415 the same
    from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: PLC0415 the same

    from tests.properties import check, formats, logs  # noqa: PLC0415 the same

    call_command("migrate", verbosity=0)
    began, rounds, tried = monotonic(), 0, 0

    def one(data, format_):
        nonlocal tried
        tried += 1
        with transaction.atomic():
            check(data, format_)
            transaction.set_rollback(True)

    quiet = settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    while monotonic() - began < seconds:
        seed(os.getpid() * 1000 + rounds)(quiet(given(data=logs, format_=formats)(one)))()
        rounds += 1
    print(f"{tried:,} logs in {monotonic() - began:.0f} s: nothing raised, no line lost.")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60))

"""One of two processes that race on a SQLite database: told what to do on standard input.

`python -m tests.governance.racer` answers each line of JSON, `[order, contest, ...]`, with one.
"""

import json
import sys
import time

import django


def main() -> None:
    django.setup()
    from tests.governance.races import CONTESTS, aftermath, attempt  # noqa: PLC0415 models need Django

    act = None
    for line in sys.stdin:
        order, name, *told = json.loads(line)
        contest = CONTESTS[name]
        if order == "prepare":
            answer = contest.prepare()
        elif order == "get ready":
            side, ids = told
            act = getattr(contest, side)(ids)
            answer = "ready"
        elif order == "go":
            (start,) = told
            while time.time() < start:
                pass  # so that both start at the same instant, not when the system wakes them
            answer = attempt(act)
        else:
            answer = aftermath(contest, *told)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

"""Runs gunicorn and Celery as their own programs do: told on standard input.

`python -m tests.operations.nursery` starts once and forks, so that a dozen processes cost one
start. It answers each line of JSON, `[order, ...]`, with one.
"""

import json
import os
import runpy
import sys
from importlib import import_module
from pathlib import Path

import django

# What each process would read by itself, read once for all.
READ_BEFORE = ["thaw.urls", "gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "celery.bin.celery"]
READ_BEFORE += ["celery.apps.worker", "celery.apps.beat", "kombu.transport.redis"]
PROGRAMS = {"celery": "celery.__main__:main"}


def start(words, log):
    """A process of its own session that runs this command; its process id."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for target in (1, 2):
            os.dup2(out, target)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.argv = words
        run(*words)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException as error:  # noqa: BLE001 a child must end here, whatever it met
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        status = 1
    finally:
        sys.stderr.flush()
        os._exit(status or 0)


def run(program, *options):
    """A program by its name, or a module as `python -m` runs it."""
    if options[:1] == ("-m",):
        sys.argv = list(options[1:])
        runpy.run_module(options[1], run_name="__main__", alter_sys=True)
        return
    module, _, name = PROGRAMS[Path(program).name].partition(":")
    getattr(import_module(module), name)()


def wait(child):
    """The exit status of a child that has ended, or was killed; a signal's number below 0."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


ORDERS = {"start": start, "wait": wait}


def main():
    django.setup()
    for name in READ_BEFORE:
        import_module(name)
    for line in sys.stdin:
        order, *arguments = json.loads(line)
        print(json.dumps(ORDERS[order](*arguments)), flush=True)


if __name__ == "__main__":
    main()

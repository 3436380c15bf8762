"""Somebody who types what a page says, in a checkout with the demo, and compares what comes."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.docs.pages import ROOT, Command, blocks, commands, runs
from tests.docs.preloaded import QUIET, Preloaded
from tests.thaw.places import Place

MANAGE = ".venv/bin/python manage.py"
LOAD = """
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
call_command("migrate", verbosity=0)
from releases.models import Person
from thaw.demo import load_demo
from thaw.models import Scope, Token
now = timezone.now()
load_demo(at=now, password="-")
thea = Person.objects.get(user__username="thea")
print(Token.objects.make(person=thea, name="pages", scope=Scope.WRITE, at=now)[1])
"""
DAYS = r"(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)
# The demo is dated around the day on which it is loaded; a page around the day of its writing.
MOMENTS = re.compile(
    rf"(?:{DAYS} )?\b\d{{1,2}} {MONTHS}(?: \d{{4}})?(?: \d\d:\d\d)?(?: [A-Z]{{3,5}}\b)?"
    rf"|\b\d{{4}}-\d\d-\d\d(?:[T -]\d\d[:.]\d\d(?::\d\d(?:\.\d+)?)?)?"
    rf"|\b{DAYS}\b"
    r"|\b\d+ (?:s|min|h|d|seconds?|minutes?|hours?|days?)\b"
)


@dataclass(frozen=True)
class Done:
    """A command that was typed: its exit status and all it printed."""

    command: Command
    status: int
    printed: str

    @property
    def as_shown(self) -> bool:
        """Whether it printed what the page shows, moments aside; `...` stands for anything."""
        if self.command.shown is None:
            return True
        parts = map(re.escape, _timeless(self.command.shown).split("..."))
        return bool(re.fullmatch(".*".join(parts), _timeless(self.printed)))


def _timeless(text: str) -> str:
    """Without moments and without blanks, since a page breaks long lines."""
    return "".join(MOMENTS.sub("<moment>", " ".join(text.split())).split())


class Reader:
    """Somebody who types pages, one after the other, each on a demo of its own."""

    def __init__(self, folder: Path) -> None:
        self._place, self._folder = Place(folder / "var"), folder
        self._preloaded = Preloaded(self._place, folder)

    def end(self) -> None:
        self._preloaded.end()

    def load(self, demo: Path) -> None:
        """Load the demo, and a token of its release manager with it, to be copied."""
        cwd = self._checkout("loading")
        (cwd / "load.py").write_text(LOAD)
        [done] = self._typed([Command(f"{MANAGE} shell -v 0 < load.py", None)], cwd=cwd)
        assert done.status == 0, done.printed
        self._place.var.rename(demo)
        (demo / "token").write_text(done.printed.strip())

    def read(self, page: Path, *, demo: Path) -> list[Done]:
        """Type everything that a page has typed, in its order.

        `THAW_URL` is the address of a server on the same data, and `THAW_TOKEN` a token for it.
        """
        wanted = [one for block in blocks(page) if runs(block) for one in commands(block)]
        shutil.rmtree(self._place.var, ignore_errors=True)
        shutil.copytree(demo, self._place.var)
        cwd = self._checkout(page.stem)
        if not any("THAW_URL" in one.typed for one in wanted):
            return self._typed(wanted, cwd=cwd)
        with self._served(cwd) as url:
            token = (demo / "token").read_text()
            return self._typed(wanted, cwd=cwd, THAW_URL=url, THAW_TOKEN=token)

    def _checkout(self, name: str) -> Path:
        """A folder that looks like the checkout, in which a page may write."""
        cwd = self._folder / name
        cwd.mkdir()
        for path in ROOT.iterdir():
            if path.name not in {".venv", ".git", "var", ".env"}:
                (cwd / path.name).symlink_to(path)
        (cwd / ".venv").symlink_to(self._preloaded.venv)
        return cwd

    def _typed(self, wanted: list[Command], *, cwd: Path, **variables: str) -> list[Done]:
        """Type commands one after the other into one shell."""
        mark = "--- done with status"
        script = "".join(
            f'{one.typed}\nstatus=$?; echo; echo "{mark} $status"; (exit $status)\n'
            for one in wanted
        )
        process = subprocess.run(
            ["bash", "-c", script],
            env=self._place.environment(QUIET | {"HOME": str(cwd)} | variables),
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        *said, _ = re.split(rf"\n?\n{mark} (\d+)\n", process.stdout)
        assert len(said) == 2 * len(wanted), f"The shell ended early:\n{process.stdout}"
        statuses = map(int, said[1::2])
        return [Done(*one) for one in zip(wanted, statuses, said[0::2], strict=True)]

    @contextmanager
    def _served(self, cwd: Path) -> Iterator[str]:
        """The address of a web server on the same data."""
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [*MANAGE.split(), "runserver", "--noreload", "--insecure", str(port)]
        with (cwd / "server.log").open("wb") as log:
            server = subprocess.Popen(
                command, cwd=cwd, env=self._place.environment(QUIET), stdout=log, stderr=log
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(url: str) -> None:
    for _ in range(400):
        try:
            urlopen(f"{url}/healthz", timeout=5).close()
        except (URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"Nothing answers at {url}")

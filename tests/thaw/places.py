"""Thaw in a process of its own, with a var/ of its own: settings are read once in a process."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.forked import Forked

ROOT = Path(__file__).resolve().parents[2]
# What `.env.example` lists: nothing of it is taken over from the shell that runs the tests.
READ = [
    line.strip("# ").partition("=")[0]
    for line in (ROOT / ".env.example").read_text().splitlines()
    if "=" in line and line.strip("# ").partition("=")[0].isupper()
]
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "kQ3vZr8tY1uXw5bN7mJp2sLd9fGh4cVaEoRiTzUxWyBnMqSk-0000",
    "ALLOWED_HOSTS": "thaw.example.org",
    "SITE_URL": "https://thaw.example.org",
}
OIDC = {
    "OIDC_SERVER": "https://sso.example.org/realms/example",
    "OIDC_CLIENT_ID": "thaw",
    "OIDC_SECRET": "known to two",
    "OIDC_ROLES": "release-team=release-manager,nova-core=reviewer:nova",
}
GITHUB = {"GITHUB_CLIENT_ID": "Iv1.8a61f9b3a7aba766", "GITHUB_SECRET": "known to two"}
TITLE = "Thaw will not start in production (DEBUG=false):"
# Without which `check --deploy` warns; nothing is connected to by it.
SERVICES = {
    "BEHIND_PROXY": "true",
    "DEFAULT_FROM_EMAIL": "Thaw <thaw@example.org>",
    "DATABASE_URL": "postgres://thaw@db.example.org/thaw",
    "EMAIL_URL": "smtp://mail.example.org",
    "REDIS_URL": "redis://redis.example.org:6379/0",
}
SETUP = "import json, django\nfrom django.conf import settings\n"


@dataclass(frozen=True)
class Place:
    """A var/ and the processes that are started on it."""

    var: Path

    def environment(self, changes: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in READ}
        ours = {"THAW_VAR": str(self.var), "DJANGO_SETTINGS_MODULE": "thaw.settings"}
        return kept | ours | changes

    def run(self, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """`python *command` until its end, or for a minute."""
        with TemporaryDirectory(prefix="thaw-said-") as folder:
            stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
            process = self.start(*command, stdout=stdout, stderr=stderr, **changes)
            try:
                status = process.wait(timeout=60)
            finally:
                process.kill()
            said = stdout.read_text(), stderr.read_text()
        return subprocess.CompletedProcess(command, status, *said)

    def manage(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return self.run("manage.py", *arguments, **changes)

    def tell(self, code: str, **changes: str):
        """What a piece of Python prints as JSON, with `json`, `django` and `settings` at hand."""
        process = self.run("-c", SETUP + code, **changes)
        assert process.returncode == 0, process.stderr
        return json.loads(process.stdout)

    def start(
        self,
        *command: str,
        stdout: str | Path = os.devnull,
        stderr: str | Path = os.devnull,
        **changes: str,
    ) -> Forked:
        """A process that goes on; whoever starts it ends it."""
        environment = self.environment(changes)
        return Forked(command, cwd=ROOT, env=environment, stdout=str(stdout), stderr=str(stderr))


def refused_for(said):
    """The problems that kept production from starting, out of all that a process said."""
    head, *lines = said[said.rindex(TITLE) :].splitlines()
    assert head == TITLE
    return [line.removeprefix("  - ") for line in lines]

"""Web server, worker and beat of one machine, started and stopped together (`make run`)."""

import os
import signal
import socket
import sys
from contextlib import closing

from honcho.command import main as honcho

from thaw.environment import ROOT, env


def main(port: int) -> None:
    """Serve until Ctrl-C or until the terminal is closed; say so in words if the port is taken."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(
                f"Port {port} cannot be used ({error.strerror}). Stop what uses it, or choose"
                " another: make run PORT=8001"
            )
    # A closed terminal is an end like any other; honcho knows of Ctrl-C and TERM alone.
    signal.signal(signal.SIGHUP, lambda number, frame: os.kill(os.getpid(), signal.SIGTERM))
    site = f"http://127.0.0.1:{port}"
    env.read_env(ROOT / ".env")  # what it says of the site's address goes first
    os.environ.setdefault("SITE_URL", site)  # links in mail and feeds lead to where it is served
    sys.stdout.write(f"Thaw is at {site} (Ctrl-C stops it)\n")
    sys.stdout.flush()
    honcho(["start", "--port", str(port)])


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""`make run` and `manage.py`, as somebody in a terminal meets them."""

import os
import subprocess
import sys

from tests.thaw.places import ROOT

SERVE = """
import os, socket
from thaw import serve
serve.honcho = lambda arguments: None  # the processes would go on
told, serve.sys.stdout = serve.sys.stdout, open(os.devnull, "w")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
serve.main(port)
serve.sys.stdout = told
print(json.dumps([f"http://127.0.0.1:{port}", os.environ["SITE_URL"]]))
"""


def test_links_lead_to_the_port_that_is_served(place):
    served, linked = place.tell(SERVE)
    assert linked == served


def test_an_address_of_ones_own_stays(place):
    given = "https://thaw.example.org"
    _, linked = place.tell(SERVE, SITE_URL=given)
    assert linked == given


def test_a_command_whose_reader_has_enough_ends_without_a_trace(place):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        process = subprocess.run(
            [sys.executable, "manage.py", "help"],
            env=place.environment({}),
            cwd=ROOT,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert (process.returncode, process.stderr) == (141, "")

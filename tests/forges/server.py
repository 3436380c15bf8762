"""A forge on this machine: real HTTP, answering what a test tells it to."""

import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from releases.forges import Access, Host
from releases.references import parse_reference

SHAPES = Path(__file__).parents[1] / "data" / "forges"
ENTITY_TAG = '"as-recorded"'


@dataclass
class Reply:
    """One answer; `body` is JSON, or bytes as they are."""

    body: object = None
    status: int = 200
    headers: dict = field(default_factory=dict)
    chunks: object = None  # bytes sent one by one, as long as somebody reads

    @property
    def bytes(self):
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Forge:
    """What was asked, and what is answered: a Reply a path, or for every path."""

    url: str = ""
    replies: dict = field(default_factory=dict)
    always: object = None
    asked: list = field(default_factory=list)  # (path, headers)
    released: object = field(default_factory=threading.Event)  # ends a reply that stalls

    @property
    def paths(self):
        return [path for path, _ in self.asked]

    def host(self, name, forge, **fields):
        return Host(name, forge, base_url=self.url, is_private=True, allows_http=True, **fields)

    def access(self, *names, **limits):
        """`access("github.com=github", seconds=1)`: these hosts, all of them here."""
        pairs = [name.split("=") for name in names]
        hosts = {name: self.host(name, forge) for name, forge in pairs}
        return Access(hosts, **{"connections": 2, "seconds": 5} | limits)

    def play(self, shape):
        """Answer as one of the recorded shapes."""
        for path, body in shape["answers"].items():
            words = json.dumps(body).replace("{base}", self.url)
            prefix = b")]}'\n" if shape["forge"] == "gerrit" else b""
            self.replies[path] = Reply(prefix + words.encode(), headers={"ETag": ENTITY_TAG})


def shape(name):
    """A recorded shape, with the reference and the forge that it is for."""
    read = json.loads((SHAPES / f"{name}.json").read_text())
    reference = parse_reference(read["url"])
    return read | {"reference": reference, "forge": reference.forge, "name": name}


NAMES = sorted(path.stem for path in SHAPES.glob("*.json"))
HOSTS = (
    "launchpad.net=launchpad",
    "review.opendev.org=gerrit",
    "github.com=github",
    "gitlab.com=gitlab",
    "codeberg.org=forgejo",
)


@contextmanager
def serving(*, certificate=None):
    """A running server; with a certificate (and its key in the same file), over TLS."""
    forge = Forge()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            forge.asked.append((self.path, dict(self.headers)))
            reply = forge.replies.get(self.path) or forge.always or Reply({}, 404)
            reply = reply(self) if callable(reply) else reply
            if reply is None:  # a server that never answers
                forge.released.wait(10)
                self.close_connection = True
                return
            tag = reply.headers.get("ETag")
            if tag and self.headers.get("If-None-Match") == tag:
                reply = Reply(b"", 304, {"ETag": tag})
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value.replace("{base}", forge.url))
            if reply.chunks is None:
                self.send_header("Content-Length", str(len(reply.bytes)))
            else:
                self.close_connection = True
            self.end_headers()
            try:
                for part in [reply.bytes] if reply.chunks is None else reply.chunks:
                    self.wfile.write(part)
            except OSError:
                self.close_connection = True  # nobody reads any more, which is what is tested

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        # The handshake is done by the thread that answers; who gives up on it is no error here.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        server.handle_error = lambda *broken: None
        scheme = "https"
    forge.url = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield forge
    finally:
        forge.released.set()
        server.shutdown()
        server.server_close()
        thread.join()

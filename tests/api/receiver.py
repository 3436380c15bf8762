"""A receiver of webhooks on a real port, which fails, stalls or takes what it is told."""

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Receiver:
    """`answers` are the statuses to come, the last one for good; "stall" answers nothing, "drip"
    never comes to the end of its headers, "flood" never to the end of its body.
    """

    origin: str = ""
    answers: list = field(default_factory=lambda: [200])
    heard: list = field(default_factory=list)  # headers and body of each message
    released: Event = field(default_factory=Event)

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.heard.append((dict(handler.headers), body))
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if answer == "stall":
            self.released.wait(20)
            return
        if answer in {"drip", "flood"}:
            self.pour(handler, answer)
            return
        handler.send_response(answer)
        if 300 <= answer < 400:
            handler.send_header("Location", self.origin + "/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def pour(self, handler, answer):
        handler.close_connection = True
        with suppress(OSError):  # until nobody listens any more
            handler.wfile.write(b"HTTP/1.0 200 OK\r\n" + b"\r\n" * (answer == "flood"))
            while not self.released.wait(0.05 if answer == "drip" else 0):
                handler.wfile.write(b"X: y\r\n" if answer == "drip" else b"x" * 65536)
                handler.wfile.flush()


@contextmanager
def receiving(*answers):
    receiver = Receiver(answers=list(answers) or [200])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            receiver.answer(self)

        def log_message(self, *args):
            """Nothing: the tests read what was heard."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.origin = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()

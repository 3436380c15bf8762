"""Sign-in as GitHub documents it, over real HTTP; no package that does it is kept.

GET /login/oauth/authorize (answered by a person, here by `answer`), POST /login/oauth/access_token,
GET /api/v3/user and /api/v3/user/emails, as a server of GitHub Enterprise has them.
"""

import hashlib
import json
import threading
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit


class GitHubServer:
    def __init__(self):
        self.url = ""
        self.callback = ""
        self.user = {"id": 583231, "login": "octocat", "name": "Mona Octocat"}
        self.emails = [{"email": "mona@example.org", "verified": True, "primary": True}]
        self.codes = {}  # code -> what it was asked with

    def answer(self, asked):
        """Where GitHub sends the browser of who agrees."""
        told = {name: one for name, (one,) in parse_qs(urlsplit(asked).query).items()}
        assert (told["client_id"], told["redirect_uri"]) == ("app", self.callback)
        assert told["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = told
        return f"{self.callback}?{urlencode({'code': code, 'state': told['state']})}"

    def token(self, form):
        """GitHub says with status 200 that it gives none."""
        asked = self.codes.pop(form.get("code"), None)
        verifier = form.get("code_verifier", "").encode()
        hashed = urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if (
            not asked
            or asked["code_challenge"] != hashed
            or form["client_secret"] != "known to two"
        ):
            return {"error": "bad_verification_code"}
        return {"access_token": "gho_x", "scope": "user:email", "token_type": "bearer"}

    def read(self, path):
        return {"/api/v3/user": self.user, "/api/v3/user/emails": self.emails}.get(path)

    @classmethod
    @contextmanager
    def running(cls):
        github = cls()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                allowed = self.headers["Authorization"] == "Bearer gho_x"
                found = github.read(self.path) if allowed else None
                self.tell(found, 200 if found is not None else 404)

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                form = parse_qs(self.rfile.read(length).decode())
                self.tell(github.token({name: one for name, (one,) in form.items()}), 200)

            def tell(self, body, status):
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *parts):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        github.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield github
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

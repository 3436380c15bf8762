"""The provider of oidc-provider-mock in a process of its own, stricter and, on demand, lying.

It holds clients to PKCE, which the package does not ask for. `PUT /lies` says what is changed in
its answers: by path, a status, a text, or fields of the JSON (null: left out); `nonce`, which it
takes for the one that it is asked for; and `claims` of the ID token, signed anew with its own key
(named by `kid`, or by nothing), or as `signed` says: by a key of somebody else, with what it
publishes as a password, or not at all.
"""

import hashlib
import hmac
import json
import os
import re
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import flask
import jwt
import oidc_provider_mock
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from werkzeug.serving import make_server

AUTHORIZE, TOKEN = "/oauth2/authorize", "/oauth2/token"
lies: dict = {}
challenges: dict = {}

app = oidc_provider_mock.app(require_client_registration=True, require_nonce=True)


@app.put("/lies")
def lie():
    lies.clear()
    lies.update(flask.request.get_json())
    return "", 204


@app.before_request
def hold_to_pkce():
    told = flask.request
    if told.path == AUTHORIZE and told.args.get("code_challenge_method") != "S256":
        return flask.jsonify({"error": "invalid_request"}), 400
    if told.path == TOKEN:
        verifier = told.form.get("code_verifier", "").encode()
        hashed = encoded(hashlib.sha256(verifier).digest()).decode()
        if challenges.pop(told.form.get("code"), None) != hashed:
            return flask.jsonify({"error": "invalid_grant"}), 400
    return None


@app.after_request
def answer(response):
    path = flask.request.path
    if path == AUTHORIZE and "Location" in response.headers:
        told = parse_qs(urlsplit(response.headers["Location"]).query)
        for code in told.get("code", []):
            challenges[code] = flask.request.args["code_challenge"]
        if "state" not in told:  # which the package forgets where somebody denies
            response.headers["Location"] += f"&state={flask.request.args['state']}"
    lie = lies.get(path)
    if isinstance(lie, int):
        return flask.make_response("", lie)
    if isinstance(lie, str):
        return flask.make_response(lie, 200, {"Content-Type": "application/json"})
    if path == TOKEN and {"claims", "signed", "kid"} & set(lies):
        lie = {"id_token": signed_anew(json.loads(response.data)["id_token"])}
    if isinstance(lie, dict) and response.is_json:
        said = {**json.loads(response.data), **lie}
        said = {name: value for name, value in said.items() if value is not None}
        return flask.make_response(flask.jsonify(said), 200)
    return response


def signed_anew(id_token):
    own = flask.g.oidc_provider_mock_storage.jwk
    claims = jwt.decode(id_token, options={"verify_signature": False}) | lies.get("claims", {})
    claims = {name: value for name, value in claims.items() if value is not None}
    headers = {"kid": lies["kid"]} if lies.get("kid") else None
    match lies.get("signed"):
        case "by nobody":
            return jwt.encode(claims, "", algorithm="none")
        case "with what it publishes":
            return with_password(claims, json.dumps(own.as_dict(is_private=False)).encode())
        case "by somebody else":
            key = generate_private_key(65537, 2048)
        case _:
            key = jwt.PyJWK(own.as_dict(is_private=True), "RS256").key
    return jwt.encode(claims, key, algorithm="RS256", headers=headers)


def with_password(claims, password):
    """By hand: jwt itself refuses to take a public key for a password."""
    parts = [{"alg": "HS256"}, claims]
    words = b".".join(encoded(json.dumps(part).encode()) for part in parts)
    return b".".join([words, encoded(hmac.digest(password, words, "sha256"))]).decode()


def encoded(content):
    return urlsafe_b64encode(content).rstrip(b"=")


inner = app.wsgi_app


def with_other_nonce(environ, start):
    if environ["PATH_INFO"] == AUTHORIZE and "nonce" in lies:
        query = environ["QUERY_STRING"]
        environ["QUERY_STRING"] = re.sub(r"nonce=[^&]*", f"nonce={lies['nonce']}", query)
    return inner(environ, start)


app.wsgi_app = with_other_nonce

if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()

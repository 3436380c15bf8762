"""Whom we ask, and what we put up with: every way to lead us elsewhere is refused."""

import asyncio
import ipaddress
import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path

import anyio
import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured

from governance.posting import post
from releases.forge_settings import access as access_of_settings
from releases.forges import (
    READERS,
    Access,
    ForgeError,
    Gone,
    Host,
    NotSupported,
    RateLimited,
    Refused,
    Session,
    Unreachable,
    Unreadable,
    fetch,
    web,
)
from releases.forges.addresses import is_inside, is_public
from releases.host_settings import KINDS
from releases.references import parse_reference
from tests.forges.server import HOSTS, Reply, serving, shape

GITHUB = "https://github.com/kubernetes/kubernetes/pull/134345"

NOT_PUBLIC = """
    127.0.0.1 127.255.0.1 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1
    224.0.0.1 240.0.0.1 255.255.255.255 192.0.2.1 198.18.0.1 ::1 :: ::ffff:127.0.0.1
    ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1::
    2001::1 fe80::1 fc00::1 fd12::1 ff02::1 2001:db8::1 ::ffff:0:127.0.0.1
""".split()
PUBLIC = "8.8.8.8 185.125.189.1 2620:2d:4000:1::1 2606:50c0:8000::153 ::ffff:8.8.8.8".split()


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_on_the_open_internet_is_none_of_a_forge(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_on_the_open_internet_is_one(address):
    assert is_public(ipaddress.ip_address(address))


def test_a_private_host_may_be_in_a_private_network_but_never_where_clouds_keep_credentials():
    inside = [a for a in NOT_PUBLIC if is_inside(ipaddress.ip_address(a))]
    assert {"127.0.0.1", "10.0.0.1", "192.168.1.1", "fd12::1", "::1"} <= set(inside)
    assert not {"169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::"} & set(inside)


@pytest.mark.parametrize(
    "host",
    "127.0.0.1 2130706433 0x7f.1 127.1 localhost 169.254.169.254 10.0.0.1 evil.example.org".split(),
)
def test_a_host_that_is_not_on_the_list_is_not_asked(host, forge):
    reference = parse_reference(f"https://{host}/owner/repo/pulls/3")
    with pytest.raises(Refused, match="is not among the forges"):
        fetch(reference, access=forge.access(*HOSTS))
    assert forge.asked == []


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "127.1", "localhost", "127.0.0.1"])
def test_a_listed_name_that_leads_into_the_machine_is_refused(name):
    access = Access({name: Host(name, "forgejo")}, seconds=5)
    with pytest.raises(Refused, match="not on the open Internet"):
        fetch(parse_reference(f"https://{name}/owner/repo/pulls/3"), access=access)


def test_a_name_is_looked_up_once_for_a_connection_and_what_was_checked_is_connected_to(
    forge, monkeypatch
):
    """A name that answers with a public address first, and then with ours, gains nothing."""
    answers = iter(["93.184.215.14", "127.0.0.1"])
    port = int(forge.url.rpartition(":")[2])
    connected = []

    async def look_up(host, *args, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    async def connect(remote_host, remote_port, **options):
        connected.append(remote_host)
        raise OSError("no network here")

    monkeypatch.setattr(anyio, "getaddrinfo", look_up)
    monkeypatch.setattr(anyio, "connect_tcp", connect)
    host = Host(
        "forge.example.org", "forgejo", f"http://forge.example.org:{port}", allows_http=True
    )
    access = Access({host.name: host}, seconds=5)
    reference = parse_reference("https://forge.example.org/owner/repo/pulls/3")

    async def twice():
        async with Session(access) as session:
            for error in (Unreachable, Refused):
                with pytest.raises(error):
                    await session.fetch(reference)

    asyncio.run(twice())
    assert (connected, forge.asked) == (["93.184.215.14"], [])


ELSEWHERE = [
    ("http://127.0.0.1/", "leads elsewhere"),
    ("http://127.0.0.1:1/", "leads elsewhere"),
    ("https://127.0.0.1/", "leads elsewhere"),
    ("https://2130706433/", "leads elsewhere"),
    ("https://[::ffff:127.0.0.1]/", "leads elsewhere"),
    ("https://github.com.evil.example/", "leads elsewhere"),
    ("//evil.example/x", "leads elsewhere"),
    ("file:///etc/passwd", "leads elsewhere"),
    ("gopher://127.0.0.1:6379/_INFO", "leads elsewhere"),
    ("http://user:pass@127.0.0.1/", "name and password"),
    ("https://[broken/", "that is none"),
    ("https://evil.example:99999/", "that is none"),
]


@pytest.mark.parametrize(("location", "why"), ELSEWHERE)
def test_a_redirect_off_the_site_is_not_followed(location, why, forge):
    forge.always = Reply({}, 302, {"Location": location})
    with pytest.raises(Refused, match=why):
        fetch(parse_reference(GITHUB), access=forge.access(*HOSTS))
    assert len(forge.asked) == 1


def test_a_next_page_off_the_site_is_not_fetched(forge):
    recorded = shape("github")
    forge.play(recorded)
    pull, reviews = recorded["answers"]
    forge.replies[reviews] = Reply([], headers={"Link": '<https://evil.example/2>; rel="next"'})
    with pytest.raises(Refused, match="leads elsewhere"):
        fetch(recorded["reference"], access=forge.access(*HOSTS))
    assert forge.paths == [pull, reviews]


def test_a_redirect_within_the_site_is_followed(forge):
    recorded = shape("github")
    forge.play(recorded)
    pull = next(iter(recorded["answers"]))
    forge.replies["/repositories/9/pulls/1"] = forge.replies[pull]
    forge.replies[pull] = Reply({}, 301, {"Location": "{base}/repositories/9/pulls/1"})
    snapshot = fetch(recorded["reference"], access=forge.access(*HOSTS))
    assert snapshot.title == "Restart all containers"


def test_redirects_without_end_end(forge):
    forge.always = Reply({}, 302, {"Location": "/again"})
    with pytest.raises(Unreadable, match="redirects again and again"):
        fetch(parse_reference(GITHUB), access=forge.access(*HOSTS))
    assert len(forge.asked) == 4


def test_a_body_that_is_too_long_is_not_read_to_its_end(forge):
    forge.always = Reply(chunks=repeat(b"x" * 65536, 10_000))
    with pytest.raises(Unreadable, match="more than 100,000 bytes"):
        fetch(parse_reference(GITHUB), access=forge.access(*HOSTS, largest=100_000))


@pytest.mark.parametrize(
    ("reply", "error", "why"),
    [
        (Reply(b"[" * 100_000), Unreadable, "no JSON"),
        (Reply(b"<html>"), Unreadable, "no JSON"),
        (Reply(b"\xff\xfe"), Unreadable, "no JSON"),
        (Reply({}, headers={"Content-Encoding": "gzip"}), Unreadable, "compressed"),
        (Reply({}, 204), Unreadable, "status 204"),
        (Reply({}, 404), Gone, "does not know it"),
        (Reply({}, 410), Gone, "does not know it"),
        (Reply({}, 401), Gone, "FORGE_TOKENS"),
        (Reply({}, 403), Gone, "FORGE_TOKENS"),
        (Reply({}, 500), Unreachable, "status 500"),
        (Reply({}, 503), Unreachable, "status 503"),
    ],
)
def test_an_answer_that_is_none_is_told_in_a_sentence(reply, error, why, forge):
    forge.always = reply
    with pytest.raises(error, match=why):
        fetch(parse_reference(GITHUB), access=forge.access(*HOSTS))


def slowly(forge):
    """A byte now and then: every read is quick, and the whole never ends."""
    while not forge.released.wait(0.05):
        yield b" "


@pytest.mark.parametrize("kind", ["silent", "slow"])
def test_a_server_that_takes_too_long_is_left(kind, forge):
    forge.always = (lambda asked: None) if kind == "silent" else Reply(chunks=slowly(forge))
    began = time.monotonic()
    with pytest.raises(Unreachable, match="did not answer within"):
        fetch(parse_reference(GITHUB), access=forge.access(*HOSTS, seconds=0.3))
    assert time.monotonic() - began < 5


def test_a_server_that_is_not_there_is_said_not_to_be_reached():
    host = Host("github.com", "github", "http://127.0.0.1:9", is_private=True, allows_http=True)
    with pytest.raises(Unreachable, match="cannot be reached"):
        fetch(parse_reference(GITHUB), access=Access({"github.com": host}, seconds=5))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for `localhost`, signed by nobody, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl is installed to make a certificate")
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    new = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*new, "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.mark.parametrize(
    ("is_trusted", "name", "result"),
    [
        (True, "localhost", "Attach volumes through the API"),
        (True, "127.0.0.1", "IP address mismatch"),
        (False, "localhost", "self-signed certificate"),
    ],
)
def test_a_host_is_spoken_to_only_under_a_certificate_for_its_name(
    is_trusted, name, result, certificate, monkeypatch
):
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    web.tls.cache_clear()
    with serving(certificate=certificate) as forge:
        forge.play(shape("gerrit"))
        base = forge.url.replace("127.0.0.1", name)
        host = Host("review.opendev.org", "gerrit", base, is_private=True)
        access = Access({host.name: host}, seconds=5)
        try:
            told = fetch(shape("gerrit")["reference"], access=access).title
        except Unreachable as error:
            told = str(error)
        try:
            asyncio.run(post(base, b"{}", {}, seconds=5))
            posted = "answered"
        except httpx.ConnectError as error:
            posted = str(error)
    web.tls.cache_clear()
    assert result in told
    assert posted == "answered" if told == result else result in posted


HOUR = timedelta(hours=1)
EPOCH, DATE = "{epoch}", "{at:%a, %d %b %Y %H:%M:%S GMT}"  # in an hour


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "120"}, 120),
        (503, {"Retry-After": "120"}, 120),
        (403, {"Retry-After": "60"}, 60),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": EPOCH}, 3600),
        (429, {"RateLimit-Reset": EPOCH}, 3600),
        (429, {"Retry-After": DATE}, 3600),
        (429, {}, 30),
        (429, {"Retry-After": "soon"}, 30),
        (429, {"Retry-After": "-5"}, 30),
        (429, {"Retry-After": "99999999"}, 86400),
    ],
)  # fmt: skip
def test_a_host_says_when_it_may_be_asked_again(status, headers, wait, forge):
    at = datetime.now(UTC) + HOUR
    said = {name: value.format(at=at, epoch=int(at.timestamp())) for name, value in headers.items()}
    forge.always = Reply({}, status, said)
    with pytest.raises(RateLimited) as limited:
        fetch(parse_reference(GITHUB), access=forge.access(*HOSTS))
    assert abs((limited.value.until - datetime.now(UTC)).total_seconds() - wait) < 60


@pytest.mark.parametrize(
    ("name", "header", "value"),
    [
        ("github", "Authorization", "Bearer s3cret"),
        ("gitlab", "Private-Token", "s3cret"),
        ("forgejo", "Authorization", "token s3cret"),
        ("gerrit", "Authorization", "Basic dXNlcjpzM2NyZXQ="),
    ],
)
def test_a_token_goes_to_its_own_host_in_its_own_way_and_into_no_text(name, header, value, forge):
    recorded = shape(name)
    forge.play(recorded)
    forge.replies |= {
        path.replace("/changes", "/a/changes"): r for path, r in forge.replies.items()
    }
    token = "user:s3cret" if name == "gerrit" else "s3cret"
    host_name = {"gerrit": "review.opendev.org", "forgejo": "codeberg.org"}.get(name, f"{name}.com")
    host = forge.host(host_name, name, token=token)
    fetch(recorded["reference"], access=Access({host_name: host}))
    assert {headers.get(header) or headers.get(header.upper()) for _, headers in forge.asked} == {
        value
    }
    assert "s3cret" not in repr(host) + repr(Access({host_name: host}))


def test_a_forge_without_a_reader_and_a_host_of_another_forge_are_named(forge):
    patch = parse_reference("https://bitbucket.org/w/r/pull-requests/1")
    with pytest.raises(NotSupported, match="no reader for proposal:bitbucket"):
        fetch(patch, access=forge.access(*HOSTS))
    with pytest.raises(NotSupported, match=r"github\.com is known as gitlab"):
        fetch(parse_reference(GITHUB), access=forge.access("github.com=gitlab"))
    with pytest.raises(ForgeError, match="no reader"):
        fetch(parse_reference("https://github.com/o/r/issues/1"), access=forge.access(*HOSTS))


BAD_SETTINGS = [
    ({"FORGE_HOSTS": ["github.com"]}, "FORGE_HOSTS: number 1 of its entries should look like"),
    ({"FORGE_BASE_URLS": ["github.com=http://10.0.0.1"]}, "must begin with https://"),
    ({"FORGE_BASE_URLS": ["github.com=http://127.0.0.1:80"], "DEBUG": False}, "https://"),
    ({"FORGE_BASE_URLS": ["github.com=https://user@127.0.0.1"]}, "and a path, no more"),
    ({"FORGE_BASE_URLS": ["github.com=https://"]}, "and a path, no more"),
]


@pytest.mark.parametrize(("values", "why"), BAD_SETTINGS)
def test_settings_that_would_open_a_door_are_refused(values, why, settings):
    for name, value in values.items():
        setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=why):
        access_of_settings()


def test_a_token_that_is_written_wrongly_is_not_repeated(settings):
    settings.FORGE_TOKENS = ["github.com=abc", "s3cret-token-alone"]
    with pytest.raises(ImproperlyConfigured, match="FORGE_TOKENS: number 2 of its") as error:
        access_of_settings()
    assert "s3cret" not in str(error.value)


def test_every_kind_of_forge_that_settings_may_name_has_a_reader():
    assert sorted(KINDS) == sorted(READERS)


def test_settings_name_hosts_their_tokens_and_which_are_private(settings):
    settings.FORGE_HOSTS = ["Git.Example.org=forgejo", "github.com=github"]
    settings.FORGE_TOKENS = ["github.com=abc=", "nowhere.example=x"]
    settings.FORGE_PRIVATE_HOSTS = ["git.example.org"]
    settings.FORGE_BASE_URLS = ["git.example.org=https://git.example.org/sub/"]
    hosts = access_of_settings().hosts
    assert [
        (host.name, host.forge, host.api, host.token, host.is_private, host.allows_http)
        for host in hosts.values()
    ] == [
        ("git.example.org", "forgejo", "https://git.example.org/sub", "", True, False),
        ("github.com", "github", "https://api.github.com", "abc=", False, False),
    ]

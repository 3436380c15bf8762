import re

import pytest
from axes.models import AccessAttempt
from django.utils import timezone

from thaw.demo import CAST, load_demo

pytestmark = [pytest.mark.once, pytest.mark.django_db]

PASSWORD = "an old secret"
LIMIT = 8


@pytest.fixture
def ttx(django_user_model):
    return django_user_model.objects.create_superuser("ttx", password=PASSWORD)


def sign_in(client, username="ttx", password="wrong", at="/admin/login/", **headers):
    return client.post(at, {"username": username, "password": password}, **headers)


def statuses(client, attempts, **fields):
    return [sign_in(client, **fields).status_code for _ in range(attempts)]


def test_the_right_password_signs_in(ttx, client):
    answer = sign_in(client, password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_after_eight_failures_even_the_right_password_is_refused_for_a_while(
    ttx, client, time_machine
):
    time_machine.move_to(timezone.now(), tick=False)
    assert statuses(client, LIMIT) == [200] * (LIMIT - 1) + [429]
    assert sign_in(client, password=PASSWORD).status_code == 429
    time_machine.shift(16 * 60)
    assert sign_in(client, password=PASSWORD).status_code == 302


def test_failures_count_together_wherever_they_are_made(ttx, client):
    addresses = ["/admin/login/", "/login/"] * (LIMIT // 2)
    found = [sign_in(client, at=address).status_code for address in addresses]
    assert found == [200] * (LIMIT - 1) + [429]
    assert [
        sign_in(client, at=address, password=PASSWORD).status_code for address in addresses[:2]
    ] == [429, 429]


def test_a_success_starts_the_count_anew(ttx, client):
    statuses(client, LIMIT - 1)
    sign_in(client, password=PASSWORD)
    client.logout()
    assert statuses(client, LIMIT - 1) == [200] * (LIMIT - 1)


def test_an_unknown_user_gets_the_same_answers(ttx, client):
    def answers(username):
        found = []
        for _ in range(LIMIT + 1):
            answer = sign_in(client, username=username)
            text = answer.content.decode().replace(username, "NAME")
            found.append((answer.status_code, re.sub(r'value="\w{64}"', "", text)))
        return found

    assert answers("ttx") == answers("nil")


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Real-Ip", "Forwarded", "Client-Ip", "Cf-Connecting-Ip"]
)
def test_a_spoofed_header_does_not_help(header, ttx, client):
    found = [
        sign_in(client, headers={header: f"203.0.113.{number}"}).status_code
        for number in range(LIMIT)
    ]
    assert found == [200] * (LIMIT - 1) + [429]


@pytest.mark.parametrize("seen", ["unknown", "_hidden", "203.0.113.9:4711", "'; --", "1" * 500])
def test_what_a_proxy_says_and_is_no_address_counts_as_the_proxy(seen, ttx, client, settings):
    settings.PROXY_COUNT, settings.AXES_CLIENT_IP_CALLABLE = 1, "thaw.visitors.address"
    found = [
        sign_in(client, headers={"X-Forwarded-For": f"198.51.100.7, {seen}"}).status_code
        for _ in range(LIMIT)
    ]
    assert found == [200] * (LIMIT - 1) + [429]
    assert {one.ip_address for one in AccessAttempt.objects.all()} == {"127.0.0.1"}


@pytest.mark.parametrize("disguise", [" ttx", "ttx ", "\uff54\uff54\uff58", "\tttx\n"])
def test_a_disguised_name_counts_as_the_name(disguise, ttx, client):
    statuses(client, LIMIT - 1)
    assert sign_in(client, username=disguise).status_code == 429


def test_somebody_elsewhere_is_not_locked_out(ttx, client):
    statuses(client, LIMIT)
    elsewhere = sign_in(client, password=PASSWORD, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 302


@pytest.mark.parametrize("at", ["/login/", "/admin/login/"])
@pytest.mark.parametrize("hours", [0.25, 0.5])
def test_a_lockout_is_a_page_that_says_how_long_it_takes(hours, at, ttx, client, settings):
    settings.AXES_COOLOFF_TIME = hours
    statuses(client, LIMIT - 1)
    answer = sign_in(client, at=at)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (429, str(int(hours * 3600)))
    assert f"Wait {int(hours * 60)} minutes, then try again" in page
    assert '<main id="main">' in page


def test_a_try_before_the_end_of_the_wait_begins_it_anew(ttx, client, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    statuses(client, LIMIT)
    for _ in range(2):
        time_machine.shift(10 * 60)
        assert sign_in(client, password=PASSWORD).status_code == 429
    time_machine.shift(16 * 60)
    assert sign_in(client, password=PASSWORD).status_code == 302


def test_a_password_is_neither_kept_nor_logged(ttx, client, caplog):
    sign_in(client, password="a wrong secret")
    assert "a wrong secret" not in caplog.text
    assert "a wrong secret" not in str(AccessAttempt.objects.values())


@pytest.mark.parametrize("username", ["", "\0", "a\0b", "x" * 100_000, "💩", "' OR 1=1 --"])
def test_a_weird_name_is_refused_in_words(username, client):
    answer = sign_in(client, username=username)
    assert (answer.status_code, "errornote" in answer.content.decode()) == (200, True)


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example"])
@pytest.mark.parametrize("at", ["/admin/login/", "/login/"])
def test_signing_in_does_not_lead_to_another_site(at, to, ttx, client):
    answer = client.post(f"{at}?next={to}", {"username": "ttx", "password": PASSWORD, "next": to})
    assert (answer.status_code, "evil" in answer.headers["Location"]) == (302, False)


def test_everybody_of_the_demo_can_sign_in_where_the_page_says_so(client):
    load_demo(at=timezone.now(), password=PASSWORD)
    where = re.search(r'<a href="([^"]+)">Sign in</a>', client.get("/").content.decode())[1]
    signed_in = {}
    for cast in CAST:
        client.post(where, {"username": cast.nick, "password": PASSWORD})
        signed_in[cast.nick] = f">{cast.nick}</a>" in client.get("/").content.decode()
        client.logout()
    assert signed_in == {cast.nick: True for cast in CAST}

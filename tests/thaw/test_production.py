import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.thaw.places import GITHUB, OIDC, PRODUCTION, SERVICES, refused_for
from thaw.production import refuse_insecure, short_token

WEAK_KEY = "SECRET_KEY is missing or weak"
SHORT_TOKEN = "METRICS_TOKEN is short: set at least 20 random characters"
KEY = PRODUCTION["SECRET_KEY"]
A_YEAR = 365 * 24 * 3600  # seconds
CHECK = ("check", "--deploy", "--fail-level", "WARNING")
PROBLEMS = {
    "no key": ({"secret_key": ""}, [WEAK_KEY]),
    "a short key": ({"secret_key": KEY[:49]}, [WEAK_KEY]),
    "a dull key": ({"secret_key": "abab" * 20}, [WEAK_KEY]),
    "no hosts": ({"allowed_hosts": []}, ["ALLOWED_HOSTS is empty"]),
    "any host": ({"allowed_hosts": ["thaw.example.org", "*"]}, ["ALLOWED_HOSTS holds '*'"]),
    "a plain address": ({"site_url": "http://e.org"}, ["SITE_URL must begin with https://"]),
    "a blank address": (
        {"site_url": "https://e.org /"},
        ["SITE_URL holds a blank"],
    ),
    "a blank before the address": (
        {"site_url": " https://e.org"},
        ["SITE_URL must begin with https://"],
    ),
    "an address with a user": ({"site_url": "https://thea:x@e.org"}, ["SITE_URL holds a user's"]),
    "an address with a word for a port": ({"site_url": "https://e.org:x"}, ["SITE_URL is no addr"]),
    "an address with a path": ({"site_url": "https://e.org/thaw/"}, ["SITE_URL is more than a"]),
    "an address with a query": (
        {"site_url": "https://e.org?a=b"},
        ["SITE_URL is more than a host"],
    ),
    "an address of no host": (
        {"site_url": "https://"},
        ["SITE_URL leads to '', which ALLOWED_HOSTS does not let in"],
    ),
    "an address that is not let in": (
        {"site_url": "https://www.e.org"},
        ["SITE_URL leads to 'www.e.org', which ALLOWED_HOSTS does not let in"],
    ),
    "a short token": ({"others": short_token("METRICS_TOKEN", "n" * 19)}, [SHORT_TOKEN]),
    "all": (
        {"secret_key": "", "allowed_hosts": [], "site_url": ""},
        [WEAK_KEY, "ALLOWED_HOSTS is empty", "SITE_URL must begin with https://"],
    ),
}


FINE = {"secret_key": KEY, "allowed_hosts": ["e.org"], "site_url": "https://e.org"}
NO_HOSTS = [
    "https://e.org", "e.org:443", " e.org", "e.org ", "e.org/", "e.org/thaw", "www e.org",
    "*.e.org", "::1", "[::1]:8000",
]  # fmt: skip


@pytest.mark.parametrize("host", NO_HOSTS)
def test_a_host_that_no_request_could_ask_for_is_refused(host):
    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_insecure(**FINE | {"allowed_hosts": ["e.org", host]})
    (problem,) = refused_for(str(refused.value))
    assert problem.startswith(f"ALLOWED_HOSTS holds {host!r}, which matches no request")


@pytest.mark.parametrize(
    ("host", "site_url"),
    [
        ("E.org", "https://e.ORG"),
        (".e.org", "https://thaw.e.org:8443/"),
        ("[2001:db8::1]", "https://[2001:db8::1]"),
        ("192.0.2.7", "https://192.0.2.7"),
        ("localhost", "https://localhost"),
    ],
)
def test_hosts_and_addresses_as_they_are_written_are_fine(host, site_url):
    refuse_insecure(**FINE | {"allowed_hosts": [host], "site_url": site_url})


@pytest.mark.parametrize("case", PROBLEMS)
def test_production_is_refused_for_every_problem_by_name(case):
    changes, expected = PROBLEMS[case]
    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_insecure(**FINE | changes)
    problems = refused_for(str(refused.value))
    assert [words in problem for words, problem in zip(expected, problems, strict=True)] == [
        True
    ] * len(expected)


def test_a_token_that_is_long_enough_or_none_is_no_problem():
    assert (short_token("METRICS_TOKEN", ""), short_token("METRICS_TOKEN", "n" * 20)) == ([], [])


def test_production_does_not_start_in_a_bare_environment(place):
    process = place.run("-c", "import thaw.settings", DEBUG="false")
    problems = refused_for(process.stderr)
    assert (process.returncode, [words.split()[0] for words in problems]) == (
        1,
        ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL"],
    )
    assert not (place.var / "secret-key").exists()


def test_production_with_an_environment_of_its_own_passes_the_deployment_check(place):
    process = place.manage(*CHECK, **PRODUCTION, **SERVICES)
    assert (process.returncode, process.stdout, process.stderr) == (
        0,
        "System check identified no issues (2 silenced).\n",  # of promises for other names
        "",
    )
    assert not (place.var / "secret-key").exists()


def test_production_with_providers_passes_the_deployment_check_too(place):
    told = PRODUCTION | SERVICES | OIDC | GITHUB
    process = place.manage(*CHECK, **told)
    assert (process.returncode, process.stderr) == (0, "")


WARNED = {
    "EMAIL_URL": "(thaw.W001) Mail leaves this host for nobody: it is written to {var}/mail.",
    "DATABASE_URL": "(thaw.W002) Everything is kept in the SQLite file {var}/thaw.sqlite3, for one",
    "REDIS_URL": "(thaw.W003) Tasks wait in a file beside the data, for one host with one worker.",
    "DEFAULT_FROM_EMAIL": "(thaw.W004) Mail comes from Thaw <thaw@localhost>, which few servers",
    "BEHIND_PROXY": "(thaw.W005) BEHIND_PROXY is false: behind a proxy that ends TLS every page",
}


@pytest.mark.parametrize("left_out", WARNED)
def test_what_production_lacks_is_told_before_it_starts(left_out, place):
    kept = {name: value for name, value in SERVICES.items() if name != left_out}
    process = place.manage(*CHECK, **PRODUCTION | kept)
    warnings = [line for line in process.stderr.splitlines() if line.startswith("?: (")]
    assert (process.returncode, len(warnings)) == (1, 1)
    assert WARNED[left_out].format(var=place.var) in warnings[0]


def test_a_file_that_is_named_was_chosen(place):
    chosen = {"DATABASE_URL": f"sqlite:///{place.var}/thaw.sqlite3"}
    process = place.manage(*CHECK, **PRODUCTION | SERVICES | chosen)
    assert (process.returncode, process.stderr) == (0, "")


OVER_HTTPS = """
print(json.dumps([settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE,
                  settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS]))
"""


def test_in_production_pages_and_cookies_go_over_https_alone_and_for_a_year(place):
    assert place.tell(OVER_HTTPS, **PRODUCTION) == [True, True, True, A_YEAR]


PROMISED = """
print(json.dumps([settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS,
                  settings.SECURE_HSTS_PRELOAD]))
"""
FOR_ALL = {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "true", "SECURE_HSTS_PRELOAD": "true"}


def test_https_is_promised_for_this_name_alone_until_somebody_promises_it_for_those_below(place):
    assert place.tell(PROMISED, **PRODUCTION) == [A_YEAR, False, False]
    below = {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "true"}
    assert place.tell(PROMISED, **PRODUCTION, **below) == [A_YEAR, True, False]
    assert place.tell(PROMISED, **PRODUCTION, **FOR_ALL) == [A_YEAR, True, True]


@pytest.mark.parametrize(
    "short",
    [{"SECURE_HSTS_INCLUDE_SUBDOMAINS": "false"}, {"SECURE_HSTS_SECONDS": str(A_YEAR - 1)}],
)
def test_a_promise_that_no_browser_would_take_into_its_list_stops_the_start(short, place):
    process = place.run("-c", "import thaw.settings", **PRODUCTION | FOR_ALL | short)
    (problem,) = refused_for(process.stderr)
    assert problem == (
        "SECURE_HSTS_PRELOAD asks browsers to list this name and all below it: for that they want"
        " SECURE_HSTS_INCLUDE_SUBDOMAINS=true and SECURE_HSTS_SECONDS=31536000 or more. Set both,"
        " or leave it out."
    )


def test_there_is_no_failpoint_in_production(place):
    ask = "print(json.dumps(settings.FAILPOINT))"
    assert place.tell(ask, THAW_FAILPOINT="after_data") == "after_data"
    assert place.tell(ask, THAW_FAILPOINT="after_data", **PRODUCTION) == ""

import json
import sqlite3
import stat

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from tests.thaw.places import PRODUCTION
from thaw.environment import email_settings
from thaw.production import refuse_insecure, short_token

TITLE = "Thaw will not start in production (DEBUG=false):"
WEAK_KEY = "SECRET_KEY is missing or weak"
SHORT_TOKEN = "METRICS_TOKEN is short: set at least 20 random characters"
KEY = PRODUCTION["SECRET_KEY"]
PROBLEMS = {
    "no key": ({"secret_key": ""}, [WEAK_KEY]),
    "a short key": ({"secret_key": KEY[:49]}, [WEAK_KEY]),
    "a dull key": ({"secret_key": "abab" * 20}, [WEAK_KEY]),
    "no hosts": ({"allowed_hosts": []}, ["ALLOWED_HOSTS is empty"]),
    "any host": ({"allowed_hosts": ["thaw.example.org", "*"]}, ["ALLOWED_HOSTS holds '*'"]),
    "a plain address": ({"site_url": "http://e.org"}, ["SITE_URL must begin with https://"]),
    "a short token": ({"others": short_token("METRICS_TOKEN", "n" * 19)}, [SHORT_TOKEN]),
    "all": (
        {"secret_key": "", "allowed_hosts": [], "site_url": ""},
        [WEAK_KEY, "ALLOWED_HOSTS is empty", "SITE_URL must begin with https://"],
    ),
}


def named(problems):
    """What each problem begins with, up to the colon before the advice."""
    head, *lines = problems.splitlines()
    assert head == TITLE
    return [line.removeprefix("  - ") for line in lines]


@pytest.mark.parametrize("case", PROBLEMS)
def test_production_is_refused_for_every_problem_by_name(case):
    changes, expected = PROBLEMS[case]
    fine = {"secret_key": KEY, "allowed_hosts": ["e.org"], "site_url": "https://e.org"}
    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_insecure(**fine | changes)
    problems = named(str(refused.value))
    assert [words in problem for words, problem in zip(expected, problems, strict=True)] == [
        True
    ] * len(expected)


def test_a_token_that_is_long_enough_or_none_is_no_problem():
    assert (short_token("METRICS_TOKEN", ""), short_token("METRICS_TOKEN", "n" * 20)) == ([], [])


def test_production_does_not_start_in_a_bare_environment(place):
    process = place.run("-c", "import thaw.settings", DEBUG="false")
    problems = named(process.stderr[process.stderr.rindex(TITLE) :])
    assert (process.returncode, [words.split()[0] for words in problems]) == (
        1,
        ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL"],
    )
    assert not (place.var / "secret-key").exists()


def test_production_with_an_environment_of_its_own_passes_the_deployment_check(place):
    process = place.manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (process.returncode, process.stdout, process.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
        "",
    )
    assert not (place.var / "secret-key").exists()


OVER_HTTPS = """
print(json.dumps([settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE,
                  settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS]))
"""


def test_in_production_pages_and_cookies_go_over_https_alone_and_for_a_year(place):
    assert place.tell(OVER_HTTPS, **PRODUCTION) == [True, True, True, 365 * 24 * 3600]


SLIPS = {
    "DATABASE_URL": {
        "notaurl": "DATABASE_URL cannot be read: write postgres://",
        "postgress://thaw:secret@db/thaw": "DATABASE_URL cannot be read",
        "mysql://thaw:secret@db/thaw": "DATABASE_URL cannot be read",
        "postgres://thaw:sec/ret@db/thaw": "in a password %2F for /",
    },
    "REDIS_URL": {
        "127.0.0.1:6379": "REDIS_URL cannot be read: write redis://",
        "http://127.0.0.1:6379": "REDIS_URL cannot be read",
        "redis://:sec#ret@broker:6379/0": "in a password %2F for /",
    },
    "SWEEP_SECONDS": {
        "0": "SWEEP_SECONDS is “0”: write a whole number, 1 or more.",
        "-5": "SWEEP_SECONDS is “-5”",
        "half a minute": "SWEEP_SECONDS is “half a minute”",
        "": "SWEEP_SECONDS is “”",
    },
    "FORGE_SECONDS": {
        "nan": "FORGE_SECONDS is “nan”: write a number, 0.1 or more.",
        "inf": "FORGE_SECONDS is “inf”",
    },
    "BEHIND_PROXY": {"ture": "BEHIND_PROXY is “ture”: write true or false."},
    "DEBUG": {"flase": "DEBUG is “flase”", "": "DEBUG is “”"},
    "DEADLINE_ZONE": {
        "Mars/Base": "DEADLINE_ZONE is “Mars/Base”: name a zone",
        "Europe": "DEADLINE_ZONE is “Europe”",
        "/etc/passwd": "DEADLINE_ZONE is “/etc/passwd”",
    },
    "LOG_LEVEL": {"LOUD": "LOG_LEVEL is “LOUD”: it is one of DEBUG, INFO, WARNING"},
    "LOG_FORMAT": {"xml": "LOG_FORMAT is “xml”: it is one of json, plain."},
    "API_RATE_ANONYMOUS": {
        "many": "API_RATE_ANONYMOUS is “many”: write it as 600/min",
        "600/fortnight": "API_RATE_ANONYMOUS is “600/fortnight”",
    },
    "REMINDER_OFFSETS": {"3x": "REMINDER_OFFSETS: “3x” is no time before a deadline"},
    "METRICS_NETWORKS": {"10.0.0.1/8": "METRICS_NETWORKS: 10.0.0.1/8 has host bits set."},
    "FORGE_HOSTS": {
        "github.com": "FORGE_HOSTS: number 1 of its entries should look like",
        "svn.example.org=svn": "FORGE_HOSTS: “svn” of svn.example.org is none of forgejo, gerrit",
    },
    "FORGE_TOKENS": {"github.com:s3cret": "FORGE_TOKENS: number 1 of its entries should look like"},
    "FORGE_SECRETS": {"github.com": "FORGE_SECRETS: number 1 of its entries should look like"},
    "STATUS_TOKENS": {"=s3cret": "STATUS_TOKENS: number 1 of its entries should look like"},
}


# Reads the settings once for each slip, in a child of one process, and tells what stopped it.
READ_THEM = """
import django, json, os, sys
import releases.host_settings, thaw.environment, thaw.production  # once for all
from django.core.exceptions import ImproperlyConfigured
told = []
for name, value in json.loads(sys.argv[1]):
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.environ[name] = value
        try:
            import thaw.settings
            django.setup()
        except ImproperlyConfigured as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as sentence:
        told.append([name, value, sentence.read()])
    os.wait()
print(json.dumps(told))
"""


def test_a_slip_stops_the_start_in_one_sentence_that_names_it(place):
    slips = [(name, value) for name, values in SLIPS.items() for value in values]
    done = place.run("-c", READ_THEM, json.dumps(slips), **PRODUCTION)
    told = json.loads(done.stdout)
    assert [[name, value] for name, value, _ in told] == [list(slip) for slip in slips]
    for name, value, sentence in told:
        assert SLIPS[name][value] in sentence, (name, value, sentence)
        assert [len(sentence.splitlines()), "sec/ret" in sentence] == [1, False]


def test_a_command_tells_a_slip_without_our_code(place):
    process = place.manage("check", **PRODUCTION | {"SWEEP_SECONDS": "-5"})
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.startswith("SWEEP_SECONDS is “-5”")
    assert len(process.stderr.splitlines()) == 1


def test_the_same_sentence_stops_the_web_server(place):
    told = PRODUCTION | {"SWEEP_SECONDS": "0"}
    process = place.run("-m", "gunicorn", "thaw.wsgi", "--bind", "127.0.0.1:0", **told)
    assert (process.returncode, process.stderr) == (
        1,
        "SWEEP_SECONDS is “0”: write a whole number, 1 or more.\n",
    )


def test_a_database_that_does_not_answer_is_told_without_our_code(place):
    away = {"DATABASE_URL": "postgres://thaw:s3cret-word@127.0.0.1:1/thaw"}
    process = place.manage("migrate", **away)
    assert (process.returncode, "Traceback" in process.stderr) == (1, False)
    assert process.stderr.startswith("The database does not do its part: connection failed")
    assert "s3cret" not in process.stderr
    assert "Traceback" in place.manage("migrate", "--traceback", **away).stderr


def test_words_are_read_in_capitals_or_not(place):
    ask = "print(json.dumps([settings.DEBUG, settings.LOGGING['root']['level']]))"
    assert place.tell(ask, DEBUG="Yes", LOG_LEVEL="warning") == [True, "WARNING"]


OIDC = {
    "OIDC_SERVER": "https://sso.example.org/realms/example",
    "OIDC_CLIENT_ID": "thaw",
    "OIDC_SECRET": "known to two",
    "OIDC_ROLES": "release-team=release-manager,nova-core=reviewer:nova",
}
GITHUB = {"GITHUB_CLIENT_ID": "Iv1.8a61f9b3a7aba766", "GITHUB_SECRET": "known to two"}


def test_production_with_providers_passes_the_deployment_check_too(place):
    told = PRODUCTION | OIDC | GITHUB
    process = place.manage("check", "--deploy", "--fail-level", "WARNING", **told)
    assert (process.returncode, process.stderr) == (0, "")


HALF = {
    "no server": (OIDC | {"OIDC_SERVER": ""}, ["OIDC_SERVER is missing"]),
    "no client": (OIDC | {"OIDC_CLIENT_ID": ""}, ["OIDC_CLIENT_ID is missing"]),
    "no secret": (OIDC | {"OIDC_SECRET": ""}, ["OIDC_SECRET is missing"]),
    "roles alone": (
        {"OIDC_ROLES": OIDC["OIDC_ROLES"]},
        ["OIDC_SERVER is missing", "OIDC_CLIENT_ID is missing", "OIDC_SECRET is missing"],
    ),
    "in the clear": (OIDC | {"OIDC_SERVER": "http://sso.example.org"}, ["OIDC_SERVER must begin"]),
    "no host": (OIDC | {"OIDC_SERVER": "https:///realm"}, ["OIDC_SERVER is no plain address"]),
    "no address": (OIDC | {"OIDC_SERVER": "https://[sso"}, ["OIDC_SERVER is no plain address"]),
    "no address of a host": (OIDC | {"OIDC_HOSTS": "[sso"}, ["OIDC_HOSTS names “[sso”"]),
    "a secret in it": (
        OIDC | {"OIDC_SERVER": "https://me:it@sso.example.org"},
        ["OIDC_SERVER is no plain address"],
    ),
    "hosts with a path": (
        OIDC | {"OIDC_HOSTS": "a.example.org/x"},
        ["OIDC_HOSTS names “a.example"],
    ),
    "hosts with a scheme": (OIDC | {"OIDC_HOSTS": "https://a.org"}, ["OIDC_HOSTS names “https:"]),
    "no openid": (OIDC | {"OIDC_SCOPES": "profile,email"}, ["OIDC_SCOPES lacks openid"]),
    "half of GitHub": (GITHUB | {"GITHUB_SECRET": ""}, ["GITHUB_SECRET is missing"]),
    "GitHub in the clear": (GITHUB | {"GITHUB_URL": "http://ghe.org"}, ["GITHUB_URL must begin"]),
    "both": (
        {"OIDC_CLIENT_ID": "thaw", "GITHUB_SECRET": "x"},
        ["OIDC_SERVER is missing", "OIDC_SECRET is missing", "GITHUB_CLIENT_ID is missing"],
    ),
}


@pytest.mark.parametrize("case", HALF)
def test_a_provider_that_is_half_set_up_stops_production_by_name(case, place):
    told, expected = HALF[case]
    process = place.run("-c", "import thaw.settings", **PRODUCTION, **told)
    problems = named(process.stderr[process.stderr.rindex(TITLE) :])
    assert [words in problem for words, problem in zip(expected, problems, strict=True)] == [
        True
    ] * len(expected)


def test_a_provider_that_is_half_set_up_stops_a_checkout_too(place):
    process = place.run("-c", "import thaw.settings", OIDC_CLIENT_ID="thaw")
    assert (process.returncode, "OIDC_SERVER is missing" in process.stderr) == (1, True)


def test_a_role_that_is_none_stops_the_start(place):
    process = place.manage("check", **PRODUCTION, **OIDC | {"OIDC_ROLES": "core=boss"})
    assert (process.returncode, "“boss” in “core=boss” is no role" in process.stderr) == (1, True)


def test_what_is_not_said_of_a_provider_has_its_usual_value(place):
    ask = "print(json.dumps(settings.SOCIALACCOUNT_PROVIDERS))"
    assert place.tell(ask) == {}
    told = place.tell(ask, **PRODUCTION, **OIDC, **GITHUB)
    assert [told[kind]["APPS"][0]["settings"] for kind in ("openid_connect", "github")] == [
        {
            "oauth_pkce_enabled": True,
            "server_url": "https://sso.example.org/realms/example",
            "origins": ["https://sso.example.org"],
            "scope": ["openid", "profile", "email"],
            "groups_claim": "groups",
            "roles": ["release-team=release-manager", "nova-core=reviewer:nova"],
            "new_people": True,
            "session_hours": 12,
        },
        {
            "oauth_pkce_enabled": True,
            "server_url": "https://github.com",
            "api_url": "https://api.github.com",
            "origins": ["https://github.com", "https://api.github.com"],
            "scope": ["user:email"],
            "roles": [],
            "new_people": False,
            "session_hours": None,
        },
    ]


def test_the_key_of_a_checkout_is_made_once_and_is_its_owners_alone(place):
    keys = [place.tell("print(json.dumps(settings.SECRET_KEY))") for _ in range(2)]
    path = place.var / "secret-key"
    assert keys == [path.read_text()] * 2
    assert len(keys[0]) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_in_the_environment_is_taken_and_none_is_made(place):
    key = PRODUCTION["SECRET_KEY"]
    assert place.tell("print(json.dumps(settings.SECRET_KEY))", SECRET_KEY=key) == key
    assert not (place.var / "secret-key").exists()


WHERE = """
database = settings.DATABASES["default"]
print(json.dumps([database["ENGINE"].rpartition(".")[2], database["NAME"], database["HOST"],
                  settings.CELERY_BROKER_URL, settings.EMAIL_BACKEND.rpartition(".")[0]]))
"""


def test_without_an_environment_data_broker_and_mail_stand_in_var(place):
    assert place.tell(WHERE) == [
        "sqlite3",
        f"{place.var}/thaw.sqlite3",
        "",
        f"sqla+sqlite:///{place.var}/broker.sqlite3",
        "django.core.mail.backends.filebased",
    ]


def test_the_environment_names_database_broker_and_mail(place):
    assert place.tell(
        WHERE,
        DATABASE_URL="postgres://thaw:secret@db.example.org:5433/thaw",
        REDIS_URL="redis://cache.example.org:6380/2",
        EMAIL_URL="smtp+tls://u:p@mail.example.org:587",
    ) == [
        "postgresql",
        "thaw",
        "db.example.org",
        "redis://cache.example.org:6380/2",
        "django.core.mail.backends.smtp",
    ]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("postgres://thaw:p%2Fw@[::1]:5432/thaw", "::1"),
        ("postgres://thaw@one.example.org:5432,two.example.org/thaw", "one.example.org,two"),
        ("postgres:///thaw?host=/run/postgresql", ""),
    ],
)
def test_a_database_is_named_by_any_address_that_there_is(url, host, place):
    assert place.tell(WHERE, DATABASE_URL=url)[:1] == ["postgresql"]
    assert place.tell(WHERE, DATABASE_URL=url)[2].startswith(host)


def test_empty_variables_count_as_absent(place):
    empty = {"DATABASE_URL": "", "REDIS_URL": "", "EMAIL_URL": "", "SECRET_KEY": ""}
    assert place.tell(WHERE, **empty)[:2] == ["sqlite3", f"{place.var}/thaw.sqlite3"]


def test_an_empty_place_for_data_is_the_usual_one_and_not_the_folder_one_stands_in(place):
    assert place.tell(WHERE, THAW_VAR="", SECRET_KEY="k" * 60)[1].endswith("/var/thaw.sqlite3")


@pytest.mark.parametrize("name", ["with a blank", "with#hash or?mark"])
def test_a_checkout_may_stand_in_a_folder_of_any_name(name, tmp_path, place):
    var = tmp_path / name
    assert place.tell(WHERE, THAW_VAR=str(var))[1] == f"{var}/thaw.sqlite3"


PRAGMAS = """
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    names = ["journal_mode", "recursive_triggers", "foreign_keys", "synchronous", "busy_timeout"]
    said = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names}
from django.db import transaction
import sqlite3
with transaction.atomic():
    other = sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
        said["an open transaction"] = "leaves the lock to others"
    except sqlite3.OperationalError as error:
        said["an open transaction"] = str(error)
print(json.dumps(said))
"""


def test_sqlite_runs_as_a_server_needs_it(migrated_place):
    assert migrated_place.tell(PRAGMAS) == {
        "journal_mode": "wal",
        "recursive_triggers": 1,
        "foreign_keys": 1,
        "synchronous": 1,
        "busy_timeout": 20_000,
        "an open transaction": "database is locked",
    }
    with sqlite3.connect(migrated_place.var / "thaw.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


@pytest.mark.django_db
def test_the_models_and_their_migrations_agree():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


PROXIED = """
django.setup()
from axes.helpers import get_client_ip_address
from django.test import RequestFactory
requests = [
    RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=said)
    for said in ("203.0.113.9", "198.51.100.1, 203.0.113.9")
]
print(json.dumps([get_client_ip_address(request) for request in requests]))
"""


def test_behind_a_proxy_a_visitor_is_who_the_proxy_says(place):
    """Else everybody has the proxy's address, and anybody can lock out anybody."""
    visitors = place.tell(PROXIED, **PRODUCTION, BEHIND_PROXY="true", PROXY_COUNT="1")
    assert visitors == ["203.0.113.9", "203.0.113.9"]


def test_without_a_proxy_a_visitor_is_who_connects(place):
    assert place.tell(PROXIED, **PRODUCTION) == ["127.0.0.1", "127.0.0.1"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example.org:25", (None, None)),
        ("smtp://u:p%40ss@mail.example.org:587?tls=true", (True, None)),
        ("smtp://mail.example.org:465?ssl=true", (None, True)),
        ("smtp+tls://mail.example.org:587", (True, None)),
        ("smtp://mail.example.org:587?tls=false", (False, None)),
    ],
)
def test_the_address_of_the_mail_server_says_whether_it_is_encrypted(url, found):
    read = email_settings(url)
    assert (read.get("EMAIL_USE_TLS"), read.get("EMAIL_USE_SSL")) == found
    assert read["EMAIL_HOST"] == "mail.example.org"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("smtp://mail.example.org:587?tsl=true", "nobody knows what tsl means"),
        ("smtp://mail.example.org:587?tls=true&ssl=true", "choose"),
    ],
)
def test_a_misspelt_wish_for_encryption_does_not_send_mail_in_the_clear(url, words):
    with pytest.raises(ImproperlyConfigured, match=words):
        email_settings(url)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"REMINDER_OFFSETS": "3 weeks"}, "is no time before a deadline"),
        ({"REMINDER_UNCERTAIN": "panic"}, "it is one of resend, park"),
        ({"LOG_FORMAT": "xml"}, "it is one of json, plain"),
        ({"KEPT_DAYS": "14"}, "it is 0 (keep all), or 15 and more"),
        ({"METRICS_NETWORKS": "10.0.0.1/8"}, "METRICS_NETWORKS: 10.0.0.1/8 has host bits set"),
    ],
)
def test_misspelt_settings_stop_the_start_in_words(changes, words, place):
    process = place.run("-c", "import thaw.settings", **changes)
    assert (process.returncode, words in process.stderr) == (1, True)


def test_there_is_no_failpoint_in_production(place):
    ask = "print(json.dumps(settings.FAILPOINT))"
    assert place.tell(ask, THAW_FAILPOINT="after_data") == "after_data"
    assert place.tell(ask, THAW_FAILPOINT="after_data", **PRODUCTION) == ""

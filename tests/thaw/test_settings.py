import sqlite3
import stat

import pytest
from django.core.management import call_command

from tests.thaw.places import GITHUB, OIDC, PRODUCTION
from thaw import visitors
from thaw.environment import broker_url, email_settings


def test_words_are_read_in_capitals_or_not(place):
    ask = "print(json.dumps([settings.DEBUG, settings.LOGGING['root']['level']]))"
    assert place.tell(ask, DEBUG="Yes", LOG_LEVEL="warning") == [True, "WARNING"]


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


def test_processes_that_start_at_once_have_one_key(place, tmp_path):
    told = [tmp_path / str(number) for number in range(6)]
    code = "import thaw.settings as s; print(s.SECRET_KEY)"
    for process in [place.start("-c", code, stdout=path) for path in told]:
        assert process.wait(timeout=60) == 0
    assert {path.read_text().strip() for path in told} == {(place.var / "secret-key").read_text()}


# A file system without hard links, on which all that start have come as far before any goes on.
NO_LINKS = """
import errno, os, pathlib, sys, time
here, number, many, why = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:4]), sys.argv[4]
def link(*paths, **options):
    (here / f"came-{number}").touch()
    while len(list(here.glob("came-*"))) < many:
        time.sleep(0.01)
    raise OSError(getattr(errno, why), "no links here")
def rename(*paths, move=os.rename, **options):
    time.sleep(number / 5)  # each would come into the place of the one before
    move(*paths, **options)
os.link, os.rename = link, rename
import thaw.settings as s
print(s.SECRET_KEY)
"""


@pytest.mark.parametrize("error", ["EPERM", "EOPNOTSUPP"])
def test_where_there_are_no_hard_links_they_have_one_key_too(error, place, tmp_path):
    told = [tmp_path / f"{number}.txt" for number in range(4)]
    processes = [
        place.start(
            *("-c", NO_LINKS, str(tmp_path), str(number), str(len(told)), error),
            stdout=path,
            stderr=path,
        )
        for number, path in enumerate(told)
    ]
    for process in processes:
        assert process.wait(timeout=60) == 0, [path.read_text() for path in told]
    path = place.var / "secret-key"
    assert {path.read_text().strip() for path in told} == {path.read_text()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(file.name for file in place.var.glob("secret-key*")) == [
        "secret-key",
        "secret-key.lock",
    ]


def test_a_key_that_can_be_neither_read_nor_made_is_told_in_a_sentence(place):
    path = place.var / "secret-key"
    path.mkdir(parents=True)
    process = place.run("-c", "import thaw.settings")
    assert process.stderr.splitlines()[-1].endswith(
        f"SECRET_KEY: {path} can be neither read nor made (Is a directory). Let whoever runs Thaw"
        " write there, or set SECRET_KEY."
    )


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
        ("postgres:////run/postgresql/thaw", "/run/postgresql"),
        ("postgres:///?service=thaw", ""),
    ],
)
def test_a_database_is_named_by_any_address_that_there_is(url, host, place):
    assert place.tell(WHERE, DATABASE_URL=url)[:1] == ["postgresql"]
    assert place.tell(WHERE, DATABASE_URL=url)[2].startswith(host)


@pytest.mark.parametrize(
    "url", ["redis://cache", "rediss://u:p%2Fw@cache:6380/", "redis+socket:///run/redis.sock"]
)
def test_a_broker_is_named_by_any_address_that_there_is(url):
    assert broker_url(url) == url


def test_empty_variables_count_as_absent(place):
    empty = {"DATABASE_URL": "", "REDIS_URL": "", "EMAIL_URL": "", "SECRET_KEY": ""}
    assert place.tell(WHERE, **empty)[:2] == ["sqlite3", f"{place.var}/thaw.sqlite3"]


def test_an_empty_place_for_data_is_the_usual_one_and_not_the_folder_one_stands_in(place):
    assert place.tell(WHERE, THAW_VAR="", SECRET_KEY="k" * 60)[1].endswith("/var/thaw.sqlite3")


ASK = """
from kombu import Connection
with Connection(settings.CELERY_BROKER_URL) as broker:
    broker.SimpleQueue("asked").put("anything")
"""


@pytest.mark.parametrize("name", ["with a blank", "with#hash or?mark"])
def test_a_checkout_may_stand_in_a_folder_of_any_name(name, tmp_path, place):
    var = tmp_path / name
    assert place.tell(ASK + WHERE, THAW_VAR=str(var))[1] == f"{var}/thaw.sqlite3"
    assert (var / "broker.sqlite3").exists()


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


def test_a_count_of_proxies_that_is_too_high_is_told_once(rf, settings, caplog):
    settings.PROXY_COUNT = 2
    visitors.tell_too_high.cache_clear()
    for said in ("", "203.0.113.9", "203.0.113.9", "198.51.100.1, 203.0.113.9"):
        visitors.address(rf.get("/", HTTP_X_FORWARDED_FOR=said))
    (told,) = caplog.messages
    assert told.startswith("PROXY_COUNT is 2, and a request came through 1: ")


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

import json
import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.machine import postgresql_url
from tests.thaw.places import GITHUB, OIDC, PRODUCTION, refused_for
from thaw.environment import email_settings

SLIPS = {
    "DATABASE_URL": {
        "notaurl": "DATABASE_URL cannot be read: write postgres://",
        "postgress://thaw:secret@db/thaw": "DATABASE_URL cannot be read",
        "mysql://thaw:secret@db/thaw": "DATABASE_URL cannot be read",
        "postgres://thaw:sec/ret@db/thaw": "in a password %2F for /",
        "postgres://thaw:5/sec/ret@db/thaw": "in a password %2F for /",
        "postgres://thaw:secret@db": "DATABASE_URL cannot be read",
        "postgres://thaw:secret@db:5432/?sslmode=require": "DATABASE_URL cannot be read",
        "postgres://thaw:secret@db:99999/thaw": "DATABASE_URL cannot be read",
        "postgres://thaw:secret@db:0/thaw": "DATABASE_URL cannot be read",
        "sqlite://thaw.sqlite3": "DATABASE_URL cannot be read",
        "postgres://thaw:secret@db/thaw?ssl_mode=require": "nobody knows what ssl_mode means",
    },
    "REDIS_URL": {
        "127.0.0.1:6379": "REDIS_URL cannot be read: write redis://",
        "http://127.0.0.1:6379": "REDIS_URL cannot be read",
        "redis://:sec#ret@broker:6379/0": "in a password %2F for /",
        "redis://127.0.0.1:6379/abc": "REDIS_URL cannot be read",
        "redis://127.0.0.1:99999": "REDIS_URL cannot be read",
        "redis://:5/sec/ret@broker/0": "REDIS_URL cannot be read",
        "redis://": "REDIS_URL cannot be read",
        "redis:///0": "REDIS_URL cannot be read",
        "redis+socket://": "REDIS_URL cannot be read",
    },
    "EMAIL_URL": {
        "mail.example.org": "EMAIL_URL cannot be read: write smtp://user:password@host:587?tls=true",
        "sec/ret://a": "EMAIL_URL cannot be read",
        "smtp://thaw:sec/ret@mail.example.org:587": "in a password %2F for /",
        "smtp://thaw:587/sec/ret@mail.example.org": "in a password %2F for /",
        "smtp://thaw:5?sec/ret@mail.example.org": "EMAIL_URL cannot be read",
        "smtp://u:sec%2Fret@": "EMAIL_URL cannot be read",
        "smtp://mail.example.org:65536": "EMAIL_URL cannot be read",
        "smtp://one.example.org,two.example.org": "EMAIL_URL cannot be read",
        "smtps://thaw:sec%2Fret@mail.example.org:465": "EMAIL_URL begins with smtps, which",
        "smtp://mail.example.org?tls=maybe": "EMAIL_URL: tls is neither true nor false: write smtp",
        "smtp://mail.example.org?tls": "EMAIL_URL: tls is neither true nor false",
        "smtp://mail.example.org?ssl=": "EMAIL_URL: ssl is neither true nor false",
    },
    "DEFAULT_FROM_EMAIL": {
        "Thaw": "DEFAULT_FROM_EMAIL is “Thaw”: write one address, thaw@example.org or Thaw <thaw@",
        "": "DEFAULT_FROM_EMAIL is “”",
        "'Thaw <thaw@example.org>'": "DEFAULT_FROM_EMAIL is “'Thaw <thaw@example.org>'”",
        "thea@example.org, jun@example.org": "write one address",
    },
    "SWEEP_SECONDS": {
        "0": "SWEEP_SECONDS is “0”: write a whole number, 1 or more.",
        "-5": "SWEEP_SECONDS is “-5”",
        "half a minute": "SWEEP_SECONDS is “half a minute”",
        "": "SWEEP_SECONDS is “”",
    },
    "WEB_CONCURRENCY": {"two": "WEB_CONCURRENCY is “two”: write a whole number, 1 or more."},
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
    "FORGE_BASE_URLS": {
        "git.example.org=http://git.example.org": "the address of git.example.org must begin with",
        "git.example.org=https://[git": "must be a scheme, a host and a path, no more.",
        "git.example.org=https://git:a": "must be a scheme, a host and a path, no more.",
    },
    "REMINDER_OFFSETS": {"3x": "REMINDER_OFFSETS: “3x” is no time before a deadline"},
    "METRICS_NETWORKS": {"10.0.0.1/8": "METRICS_NETWORKS: 10.0.0.1/8 has host bits set."},
    "FORGE_HOSTS": {
        "github.com": "FORGE_HOSTS: number 1 of its entries should look like",
        "svn.example.org=svn": "FORGE_HOSTS: “svn” of svn.example.org is none of forgejo, gerrit",
        "https://github.com=github": "FORGE_HOSTS: number 1 of its entries should look like",
        "github.com/us=github": "FORGE_HOSTS: number 1 of its entries should look like",
    },
    "FORGE_PRIVATE_HOSTS": {
        "git.example.org": "the host of number 1 of its entries is not in FORGE_HOSTS. Add",
    },
    "WEBHOOK_HOSTS": {
        "https://hooks.example.org/thaw": "WEBHOOK_HOSTS names “https://hooks.example.org/thaw”:",
        "http://hooks.example.org": "Webhooks go over https.",
        "a.example.org,b example.org": "WEBHOOK_HOSTS names “b example.org”: write a host alone",
    },
    "FORGE_TOKENS": {
        "github.com:s3cret": "FORGE_TOKENS: number 1 of its entries should look like",
        "github.com=x,sec/ret=github.com": "FORGE_TOKENS: number 2 of its entries should look like",
        "github.com=x,git.example.org=sec/ret": "the host of number 2 of its entries is not in",
    },
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
    process = place.manage("gate", "nova#77", **PRODUCTION | {"SWEEP_SECONDS": "-5"})
    assert (process.returncode, process.stdout) == (2, "")  # 1 would say that it may not land
    assert process.stderr.startswith("SWEEP_SECONDS is “-5”")
    assert len(process.stderr.splitlines()) == 1


PROGRAMS = {
    "manage.py": "manage.py check",
    "web": "-m thaw.web thaw.wsgi --bind 127.0.0.1:0",
    "gunicorn": "-m gunicorn thaw.wsgi --bind 127.0.0.1:0",
    "worker": "-m celery --quiet --app thaw worker --pool solo",
    "beat": "-m celery --quiet --app thaw beat --pidfile=",
}


@pytest.mark.parametrize(
    ("slip", "sentence"),
    [
        ({"SWEEP_SECONDS": "0"}, "SWEEP_SECONDS is “0”: write a whole number, 1 or more."),
        (
            {"FORGE_HOSTS": "svn.example.org"},
            "FORGE_HOSTS: number 1 of its entries should look like review.example.org=gerrit.",
        ),
        (
            {"THAW_VAR": "/proc/x"},
            "THAW_VAR: /proc/x cannot be made (No such file or directory). Name a folder that can.",
        ),
    ],
)
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_same_sentence_stops_every_program_and_nothing_else_is_said(
    program, slip, sentence, place
):
    process = place.run(*PROGRAMS[program].split(), **PRODUCTION | slip)
    assert (process.returncode, process.stdout, process.stderr) == (1, "", f"{sentence}\n")


@pytest.mark.skipif(os.access("/proc/1", os.W_OK), reason="there is no such folder here")
def test_beat_does_not_start_where_it_cannot_keep_what_it_did_last(place):
    unwritable = {"THAW_VAR": "/proc/1"}
    process = place.run(*PROGRAMS["beat"].split(), **PRODUCTION | unwritable)
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr == (
        f"THAW_VAR: /proc/1 cannot be written by the user with the number {os.geteuid()}. Give it"
        " to them, or name another folder.\n"
    )


@pytest.mark.parametrize("many", ["abc", "0", "-1", "1.5", ""])
def test_a_number_of_web_processes_that_is_none_stops_the_start_in_a_sentence(many, place):
    process = place.run(*PROGRAMS["web"].split(), **PRODUCTION | {"WEB_CONCURRENCY": many})
    assert (process.returncode, process.stdout, process.stderr) == (
        1,
        "",
        f"WEB_CONCURRENCY is “{many}”: write a whole number, 1 or more.\n",
    )


def test_a_database_that_does_not_answer_is_told_without_our_code(place):
    away = {"DATABASE_URL": "postgres://thaw:s3cret-word@127.0.0.1:1/thaw"}
    process = place.manage("migrate", **away)
    assert (process.returncode, "Traceback" in process.stderr) == (1, False)
    assert process.stderr.startswith("The database does not do its part: connection failed")
    assert "s3cret" not in process.stderr
    assert "Traceback" in place.manage("migrate", "--traceback", **away).stderr


def test_a_database_in_a_file_that_cannot_be_opened_is_told_with_its_file(place):
    process = place.manage("migrate", DATABASE_URL=f"sqlite:///{place.var}/none/thaw.sqlite3")
    assert process.returncode == 1
    assert process.stderr == (
        "The database does not do its part: unable to open database file"
        f" ({place.var}/none/thaw.sqlite3)\n"
    )


def test_a_folder_that_cannot_be_written_is_told_without_our_code(place):
    nobody_may = "/sys/static"  # root neither
    process = place.manage("collectstatic", "--no-input", STATIC_ROOT=nobody_may)
    assert (process.returncode, len(process.stderr.splitlines())) == (1, 1)
    assert process.stderr.startswith(f"{nobody_may} cannot be read or written (")


@pytest.mark.parametrize("command", ["verify_ledger", "send_reminders --dry-run", "prune"])
def test_a_database_that_is_not_migrated_is_told_without_our_code(command, place):
    assert_not_migrated(place.manage(*command.split()))


@pytest.mark.postgresql
@pytest.mark.parametrize("command", ["verify_ledger", "send_reminders --dry-run", "prune"])
def test_so_is_one_on_postgresql(command, place):
    empty = f"{postgresql_url()}?options=-csearch_path%3Dnowhere"
    assert_not_migrated(place.manage(*command.split(), DATABASE_URL=empty))


def assert_not_migrated(process):
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.startswith("The database does not do its part: ")
    assert process.stderr.endswith(". Is it migrated?\n")
    assert len(process.stderr.splitlines()) == 1


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
    ("url", "found"),
    [
        ("smtp://thaw:a%2Fb@mail.example.org:587?tls=true", ("a/b", 587, True, None)),
        ("smtp://thaw@example.org:a,b@mail.example.org", ("a,b", None, None, None)),
        ("smtp://[::1]/?ssl=yes&TLS=off", (None, None, False, True)),
        ("consolemail://", (None, None, None, None)),
    ],
)
def test_what_an_address_for_mail_says_is_done(url, found):
    told = email_settings(url)
    names = ("EMAIL_HOST_PASSWORD", "EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    assert tuple(map(told.get, names)) == found


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
    "no port": (OIDC | {"OIDC_SERVER": "https://sso:a"}, ["OIDC_SERVER is no plain address"]),
    "no address of a host": (OIDC | {"OIDC_HOSTS": "[sso"}, ["OIDC_HOSTS names “[sso”"]),
    "its description": (
        OIDC | {"OIDC_SERVER": "https://sso.example.org/.well-known/openid-configuration"},
        ["OIDC_SERVER is the issuer: leave out /.well-known/ and what follows it."],
    ),
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
    problems = refused_for(process.stderr)
    assert [words in problem for words, problem in zip(expected, problems, strict=True)] == [
        True
    ] * len(expected)


def test_a_provider_that_is_half_set_up_stops_a_checkout_too(place):
    process = place.run("-c", "import thaw.settings", OIDC_CLIENT_ID="thaw")
    assert (process.returncode, "OIDC_SERVER is missing" in process.stderr) == (1, True)


def test_a_role_that_is_none_stops_the_start(place):
    process = place.manage("check", **PRODUCTION, **OIDC | {"OIDC_ROLES": "core=boss"})
    assert (process.returncode, "“boss” in “core=boss” is no role" in process.stderr) == (1, True)

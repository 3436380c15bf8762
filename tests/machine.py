"""What the tests need beside Python, and how to find it on this machine."""

import getpass
import os
import shutil
from functools import cache

import psycopg
import redis

MISSING = {
    "postgresql": "no PostgreSQL answers on 127.0.0.1:5432 (TEST_POSTGRESQL_URL names another)",
    "redis": "no Redis answers on 127.0.0.1:6379 (TEST_REDIS_URL names another)",
    "nginx": "no nginx is installed",
    "browser": "no Chromium is installed (CHROMIUM names one)",
}


def required() -> bool:
    """Whether a missing service is a failure."""
    return os.environ.get("REQUIRE_SERVICES") == "1"


@cache
def postgresql_url() -> str | None:
    """A PostgreSQL on which databases may be made."""
    users = dict.fromkeys([getpass.getuser(), "postgres"])
    urls = [f"postgres://{user}@127.0.0.1:5432/postgres" for user in users]
    for url in [os.environ.get("TEST_POSTGRESQL_URL"), *urls]:
        try:
            if url:
                psycopg.connect(url, connect_timeout=3).close()
                return url
        except psycopg.OperationalError:
            continue
    return None


@cache
def redis_url() -> str | None:
    """A Redis whose database 15 is ours."""
    url = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
    client = redis.Redis.from_url(url, socket_connect_timeout=3)
    try:
        client.ping()
    except redis.RedisError:
        return None
    finally:
        client.close()
    return url


@cache
def chromium() -> str | None:
    named = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    return next((path for name in named if name and (path := shutil.which(name))), None)


@cache
def nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


FOUND = {"postgresql": postgresql_url, "redis": redis_url, "nginx": nginx, "browser": chromium}

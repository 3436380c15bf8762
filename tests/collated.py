"""Make the PostgreSQL database `thaw_tests_in_en_us`, which sorts words as people do.

With TEST_DATABASE_TEMPLATE set to its name, the tests' databases are copies of it.
"""

import psycopg

from tests.machine import postgresql_url

NAME = "thaw_tests_in_en_us"


def main() -> None:
    url = postgresql_url()
    assert url, "PostgreSQL does not answer"
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if found.fetchone() is None:
            connection.execute(
                f"CREATE DATABASE {NAME} TEMPLATE template0 ENCODING 'UTF8'"
                " LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"
            )


if __name__ == "__main__":
    main()

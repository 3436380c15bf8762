"""Sessions in the database, which is asked only for keys as we make them.

A cookie can hold any character, by octal numbers even those that no header may have, and
PostgreSQL refuses some: that would be a fault of ours on every page.
"""

import re

from django.contrib.sessions.backends import db

_KEY = re.compile(r"[a-z0-9]{8,40}")


class SessionStore(db.SessionStore):
    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key if session_key and _KEY.fullmatch(session_key) else None)

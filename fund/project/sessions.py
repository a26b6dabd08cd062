"""Sessions in the database, read by one written statement: a queryset builds its SQL anew for every request."""

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

STATEMENT = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's, but for how it is read."""

    def _validate_session_key(self, key: str | None) -> bool:
        # A quoted cookie may hold a NUL, which PostgreSQL takes in no text.
        return bool(key and len(key) >= 8 and key.isascii() and key.isalnum())

    def load(self) -> dict[str, Any]:
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(STATEMENT, [self.session_key, now])
            found = cursor.fetchone()
        if found is None:
            self._session_key = None  # as Django's does: a key that somebody else made is never taken over
            return {}
        data: dict[str, Any] = self.decode(found[0])
        return data

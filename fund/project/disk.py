"""A full disk, or a folder that is another user's, in one sentence instead of a traceback."""

from __future__ import annotations

import errno
import os
import pwd
import sqlite3
from contextlib import suppress
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
SQLITE = {
    sqlite3.SQLITE_FULL: "The disk of the database is full. Make room, and start again.",
    sqlite3.SQLITE_IOERR: "The disk of the database is full, or it fails. Make room, and start again.",
    sqlite3.SQLITE_CANTOPEN: "The file of the database, or its folder, may not be opened by this user.",
    sqlite3.SQLITE_READONLY: "The file of the database, or its folder, may not be written by this user.",
}


def fault(error: BaseException | None) -> str | None:
    """What is wrong with the disk; None where the error is of another kind. Django's errors have SQLite's as cause."""
    if error is None:
        return None
    if isinstance(error, OSError) and error.errno in FULL:
        where = f" of {Path(os.fsdecode(error.filename)).absolute()}" if error.filename else ""
        return f"The disk{where} is full. Make room, and start again."
    if isinstance(error, OSError) and error.errno in REFUSED and error.filename:
        return _refused(Path(os.fsdecode(error.filename)).absolute())
    if isinstance(error, sqlite3.Error):
        return SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)  # the lowest byte; the others say which call
    return fault(error.__cause__)


def _refused(path: Path) -> str:
    said = f"{_name(os.geteuid())} may not read or write {path}"
    for place in (path, *path.parents):  # what lies in a closed folder shows no owner, the folder does
        with suppress(OSError):
            said += f": {place} belongs to {_name(place.stat().st_uid)}"
            break
    return f"{said}. Start as that user, or name another place: the demo's is GREENLIGHT_VAR."


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"

"""A full disk and another user's folder are said in a sentence."""

from __future__ import annotations

import errno
import os
import pwd
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import management
from django.db import OperationalError

import manage
from fund.project import disk

ROOT = Path(__file__).resolve().parents[2]


def test_a_full_disk_is_named() -> None:
    said = disk.fault(OSError(errno.ENOSPC, "No space left on device", "/srv/var/up.lock"))
    assert said == "The disk of /srv/var/up.lock is full. Make room, and start again."


def test_what_another_user_owns_is_told_with_its_owner(tmp_path: Path) -> None:
    said = disk.fault(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "not there" / "secret_key")))
    owner = pwd.getpwuid(tmp_path.stat().st_uid).pw_name
    assert said and f"{tmp_path} belongs to {owner}. Start as that user" in said


def test_a_full_database_is_known_through_the_error_that_django_makes_of_it(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "small.sqlite3")
    database.execute("PRAGMA max_page_count=1")
    try:
        with pytest.raises(OperationalError) as full:
            try:
                database.execute("CREATE TABLE t (x)")
            except sqlite3.OperationalError as cause:
                raise OperationalError("as django.db.utils does") from cause
    finally:
        database.close()
    assert disk.fault(full.value) == disk.SQLITE[sqlite3.SQLITE_FULL]


@pytest.mark.parametrize("error", [OSError(errno.ECONNREFUSED, "refused"), ValueError("no number"), None])
def test_other_errors_are_not_the_disks(error: Exception | None) -> None:
    assert disk.fault(error) is None


def test_a_command_ends_with_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(management, "execute_from_command_line", fill)
    with pytest.raises(SystemExit, match="is full"):
        manage.main()


def test_a_command_does_not_hide_other_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(arguments: object) -> None:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")

    monkeypatch.setattr(management, "execute_from_command_line", refuse)
    with pytest.raises(ConnectionRefusedError):
        manage.main()


def test_a_folder_that_nobody_may_make_needs_no_traceback() -> None:
    tried = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {"GREENLIGHT_MODE": "demo", "GREENLIGHT_VAR": "/sys/greenlight"},  # not even by root
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert tried.returncode == 1
    assert "may not read or write /sys/greenlight: /sys belongs to root." in tried.stderr
    assert len(tried.stderr.splitlines()) == 1

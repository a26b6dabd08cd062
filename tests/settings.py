"""The product's settings in demo mode, on the tests' own folder, with real servers of their own.

TEST_DATABASE=sqlite|postgres chooses the suite's database; TEST_DATABASE_URL and TEST_REDIS_URL name servers to use
instead of starting our own. What is missing is noted in tests.servers.MISSING: conftest.py fails or skips on it.
"""

# ruff: noqa: E402, F403

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.servers import MISSING, Missing, Postgres, Redis

TEST_DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
if TEST_DATABASE not in {"sqlite", "postgres"}:
    raise SystemExit(f"TEST_DATABASE={TEST_DATABASE!r}; expected sqlite or postgres.")

_folder = Path(tempfile.mkdtemp(prefix="gl-test-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)


SERVERS: list[Postgres | Redis] = []  # of our own; tests/conftest.py starts them, where tests are run


def _server(kind: type[Postgres | Redis], given: str, otherwise: str) -> str:
    """The address in the variable `given`, else that of a server of our own, else one where nobody answers."""
    if url := os.environ.get(given):
        return url
    try:
        SERVERS.append(kind())
    except Missing as none:
        MISSING[none.what] = none.mend
        return otherwise
    return SERVERS[-1].url


os.environ["GREENLIGHT_MODE"] = "demo"
os.environ["GREENLIGHT_VAR"] = str(_folder)
os.environ["REDIS_URL"] = _server(Redis, "TEST_REDIS_URL", f"unix://{_folder}/no-redis.sock")
os.environ.pop("DATABASE_URL", None)
if TEST_DATABASE == "postgres":
    os.environ["DATABASE_URL"] = _server(Postgres, "TEST_DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")

from fund.settings import *

os.environ["DJANGO_SETTINGS_MODULE"] = "fund.settings"  # for the processes that tests start
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # slow hashes would be most of the suite's time
WHITENOISE_AUTOREFRESH = True  # else every test client walks all static files once

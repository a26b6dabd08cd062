"""The bench of an uploaded table says what it promises. No time is asserted."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.slow
def test_the_bench_prints_its_figures_as_json() -> None:
    out = StringIO()
    call_command("bench", "upload", "--rows", "100", "--json", stdout=out)
    found = json.loads(out.getvalue().splitlines()[-1])
    assert found.keys() >= {"bench", "n", "faults", "seconds", "floor_seconds", "ratio", "peak_mib"}
    assert (found["bench"], found["n"], found["faults"]) == ("upload", 100, 2)


def test_fewer_than_one_row_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("bench", "upload", "--rows", "0")

"""The bench of stacking says what it promises, and its floor does the same arithmetic. No time is asserted."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from fund.bench.stacking import Bare, synthetic_scenes
from scoring.engine.stacking.stack import values


def test_the_bench_prints_its_figures_as_json() -> None:
    out = StringIO()
    call_command("bench", "stacking", "--scenes", "5", "--measures", "6", "--json", stdout=out)
    found = json.loads(out.getvalue().splitlines()[-1])
    assert found.keys() >= {"bench", "n", "seconds", "floor_seconds", "ratio", "peak_mib", "drawn_seconds"}
    assert (found["bench"], found["n"], found["measures"], found["drawn_measures"]) == ("stacking", 5, 6, 16)
    assert 0 < found["drawn_error_percent"] < 1


@pytest.mark.parametrize("options", [["--scenes", "0"], ["--measures", "3"], ["--measures", "13"]])
def test_sizes_that_are_not_measured_are_refused(options: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("bench", "stacking", *options)


def test_the_floor_comes_to_the_same_savings() -> None:
    for scene, bundle in synthetic_scenes(20, 9, seed=3):
        assert np.allclose(Bare(scene, bundle).v(), values(scene, bundle), rtol=1e-12, atol=1e-9)

"""The bench of the score says what it promises, and its floor does the same arithmetic. No time is asserted."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from fund.bench import score as bench_score
from scoring.engine.score.theme import judge


def test_the_bench_prints_its_figures_as_json() -> None:
    out = StringIO()
    call_command("bench", "score", "--candidates", "500", "--json", stdout=out)
    found = json.loads(out.getvalue().splitlines()[-1])
    assert found.keys() >= {"bench", "n", "seconds", "floor_seconds", "ratio", "peak_mib"}
    assert (found["bench"], found["n"]) == ("score", 500)


def test_fewer_than_one_candidate_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("bench", "score", "--candidates", "0")


def test_the_floor_comes_to_the_same_probabilities() -> None:
    sheet, columns = bench_score.synthetic_sheet(), bench_score.synthetic_columns(5000, seed=3)
    judged = judge(columns, sheet, bench_score.AS_OF)
    floor = bench_score.Bare(columns, sheet).p()
    assert np.allclose(np.where(np.isnan(judged.p_cleared), 1.0, judged.p_cleared), floor, rtol=1e-12)
    assert (judged.known == 3).all()
    assert set(judged.cleared.tolist()) == {0, 1, 2, 3}

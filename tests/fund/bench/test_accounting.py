"""The bench of accounting says what it promises, and its floor does the same arithmetic. No time is asserted."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from fund.bench import accounting as bench_accounting


@pytest.mark.slow
def test_the_bench_prints_its_figures_as_json() -> None:
    out = StringIO()
    call_command("bench", "accounting", "--lines", "2000", "--json", stdout=out)
    found = json.loads(out.getvalue().splitlines()[-1])
    assert found.keys() >= {"bench", "n", "seconds", "floor_seconds", "ratio", "peak_mib", "draw_cpu_seconds"}
    assert (found["bench"], found["n"], found["draws"], found["draw_lines"]) == ("accounting", 2000, 10_000, 1000)


def test_fewer_than_one_line_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("bench", "accounting", "--lines", "0")


def test_the_floor_comes_to_the_same_tonnes() -> None:
    columns = bench_accounting.synthetic_columns(5000, seed=3)
    ledger = bench_accounting.computed(columns)
    assert not ledger.errors
    factors, gwps = bench_accounting.resolved(ledger)
    masses, co2e_kg, total_kg = bench_accounting.multiply_add(columns.amount, factors, gwps)
    assert np.allclose(co2e_kg / 1000, ledger.co2e_t, rtol=1e-12)
    assert total_kg / 1000 == pytest.approx(ledger.totals[0].total_location.tonnes, rel=1e-12)
    assert len(masses) == len(ledger.kg)

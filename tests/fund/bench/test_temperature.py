"""The bench of the temperature score says what it promises, on real work. No time is asserted: machines differ."""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from fund.bench.temperature import run, synthesise
from scoring.engine.temperature.inputs import NONE
from scoring.engine.temperature.outcomes import outcomes
from scoring.engine.temperature.scores import OUTCOMES
from scoring.tables.temperature import shipped_method


@pytest.mark.parametrize(("method", "aggregates"), [("current", 105), ("parity15", 105), ("parity", 63)])
def test_the_bench_gives_its_figures_beside_a_floor(method: str, aggregates: int) -> None:
    out = StringIO()
    call_command("bench", "temperature", "--companies=60", f"--method={method}", "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    assert (found["bench"], found["n"], found["companies"], found["targets"]) == ("temperature", 60, 60, 120)
    assert (found["aggregates"], found["method"]) == (aggregates, method)
    assert found["floor_seconds"] > 0 and found["peak_mib"] > 0
    assert found["ratio"] == pytest.approx(found["seconds"] / found["floor_seconds"], rel=0.2)


def test_the_synthetic_targets_meet_every_rule_worth_timing() -> None:
    made = synthesise(2000, seed=1)
    scores, aggregates = run(made, shipped_method("parity"))
    met = {OUTCOMES[code] for code in np.unique(np.concatenate([outcomes(scores), scores.rejected]))}
    assert met >= {"chosen", "metric_other", "already_achieved", "in_the_past", "too_far_ahead", "lower_coverage"}
    assert (scores.candidates.partner != NONE).sum() > 50
    assert all(one.score_c is not None and one.refusal is None and len(one.top) == 5 for one in aggregates)


def test_they_meet_those_of_1_5_too() -> None:
    scores, aggregates = run(synthesise(2000, seed=1), shipped_method())
    met = {OUTCOMES[code] for code in np.unique(np.concatenate([outcomes(scores), scores.rejected]))}
    assert met >= {"chosen", "no_reduction", "in_the_past", "one_scope_alone", "older_statement", "lower_coverage"}
    assert (scores.candidates.category[scores.winner == np.arange(len(scores.winner))] > 0).sum() > 50
    assert all(one.score_c is not None and len(one.top) == 5 for one in aggregates)


@pytest.mark.parametrize("peer", [sys.executable, "no-such-interpreter"])
def test_a_peer_without_the_reference_tool_is_named(peer: str) -> None:
    with pytest.raises(CommandError, match=Path(peer).name):
        call_command("bench", "temperature", "--companies=5", f"--peer={peer}")

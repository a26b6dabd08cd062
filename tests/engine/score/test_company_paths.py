"""One archived company's paths, told. Figures are worked out beside the assertion."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scoring.engine import digest
from scoring.engine.errors import UnknownWord
from scoring.engine.pathways import alignment, benchmarks, china, paths, words
from scoring.engine.pathways.record import PathwayStory
from scoring.engine.score.company_paths import tell
from scoring.tables.pathways import shipped
from tests.engine.make import company, target, year

AS_OF = date(2025, 6, 30)


def told(**facts: Any) -> PathwayStory:
    """Steel of the method page: 100, 90, 81 t and net zero by 2050."""
    years = [year(y, scope1_t=t, scope2_t=0.0) for y, t in ((2021, 100.0), (2022, 90.0), (2023, 81.0))]
    net_zero = target(kind="net_zero", reduction_share=None, base_year=None, target_year=2050)
    record = company(**({"sector": "metals", "years": years, "targets": [net_zero]} | facts))
    return tell(record, AS_OF, shipped().reference())  # type: ignore[arg-type]


def test_the_worked_example_of_the_method_page() -> None:
    found = told()["pathway"]
    assert found["cumulative_trajectory_t"] == pytest.approx(957.6, abs=0.05)
    assert found["temperature"]["temperature_c"] == pytest.approx(1.506, abs=6e-4)
    assert found["benchmark"]["sector"] == "Steel" and found["benchmark"]["marks"] == []


def test_contraction_is_the_base_year_s_tonnes_less_its_rate() -> None:
    allowed = {(row["goal"], row["year"]): row["allowed_t"] for row in told()["contraction"]}
    # 100 t of 2021: 100 · (1 − 0.042 · 9) in 2030, 100 · (1 − 0.025 · 29) in 2050, and never below zero.
    assert allowed["1.5c", 2030] == pytest.approx(62.2)
    assert allowed["well_below_2c", 2050] == pytest.approx(27.5)
    assert allowed["1.5c", 2050] == 0.0


def test_convergence_needs_output_and_names_the_unit() -> None:
    assert words.answer(told())["convergence"]["en"] == "not available: needs output (in t Steel)"


def test_a_sector_without_benchmark_is_held_against_the_whole_economy_and_says_so() -> None:
    found = told(sector="food")
    assert [mark["code"] for mark in found["pathway"]["benchmark"]["marks"]] == ["sector_unmapped", "economy_wide"]
    assert found["convergence"]["code"] == "economy_wide_index"


def test_two_years_give_no_trajectory_but_a_target_path() -> None:
    found = told(years=[year(2022, scope1_t=100.0), year(2023)])["pathway"]
    assert found["trajectory"]["code"] == "too_few_years" and set(found["series"]["trajectory_t"]) == {None}
    assert found["temperature"]["result_type"] == "TARGET_ONLY"


def test_without_emissions_every_part_says_why() -> None:
    found = told(years=[])
    assert found["pathway"]["trajectory"]["code"] == found["pathway"]["target"]["code"] == "no_history"
    assert found["contraction"] == [] and found["china"]["peak"]["code"] == "not_available"


def test_zhejiang_s_code_needs_value_added_and_never_takes_revenue() -> None:
    for found in (told(), told(years=[])):
        assert found["efficiency"]["level"] == "not_available"
        assert words.answer(found)["efficiency"]["because"]["en"] == "not available: needs value added"


@pytest.mark.parametrize(
    ("codes", "sentences"),
    [
        (benchmarks.MARKS, "MARKS"),
        (paths.TRAJECTORY_REASONS[1:], "_TRAJECTORY"),
        (paths.TARGET_REASONS[1:], "_TARGET"),
        (paths.TARGET_OUTCOMES, "_OUTCOME"),
        (alignment.BUDGET_REASONS[1:], "_BUDGET"),
        (china.ANSWERS, "_ANSWER"),
        (china.MILESTONE_REASONS[1:], "_MILESTONE"),
        (china.EFFICIENCY_REASONS[1:], "_EFFICIENCY"),
        (china.LEVELS[1:], "_LEVEL"),
    ],
)
def test_every_code_of_a_path_has_its_words_in_both_languages(codes: tuple[str, ...], sentences: str) -> None:
    table = getattr(words, sentences)
    assert set(table) == set(codes) and all(zh and en and zh != en for zh, en in table.values())


def test_a_word_that_is_mended_leaves_the_digest_of_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    before, sentence = digest(told(years=[])), words.trajectory(told(years=[])["pathway"])
    monkeypatch.setattr(words, "_TRAJECTORY", {"no_history": ("没有记录", "nothing on record")})
    assert digest(told(years=[])) == before
    assert (
        words.trajectory(told(years=[])["pathway"])
        == (
            "无法推算趋势：没有记录",
            "trajectory not available: nothing on record",
        )
        != sentence
    )


def test_a_scenario_that_the_tables_lack_is_refused() -> None:
    record = company(sector="metals")
    with pytest.raises(UnknownWord):
        tell(record, AS_OF, shipped().reference("No such scenario"))  # type: ignore[arg-type]


def test_the_digest_names_the_tables() -> None:
    assert told()["reference_digest"] == shipped().digest and len(shipped().digest) == 64

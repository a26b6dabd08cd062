"""Sources side by side: ratios, spread, the reasons that apply, and no mean."""

from typing import Any

import pytest

from scoring.engine.cities.reconciliation import REASONS, Source, reconcile
from scoring.engine.cities.words import REASONS_TEXT, SOURCE_REFUSED, source_refused
from scoring.engine.errors import SourceRefused

CITY = Source("CEADs city", 156_254_681.0, "municipality", "territory", "with", ("CO2",), year=2019, revision="2022")
PROVINCE = Source("CEADs province", 156_254_672.0, "municipality", "territory", "with", ("CO2",), year=2019)
GRID = Source("Carbon Monitor Cities", 23_086_471.0, "urban area", "territory", "with", ("CO2",), year=2019)


def test_chongqing_2019_is_far_apart_and_says_why() -> None:
    found = reconcile([CITY, PROVINCE, GRID], "CEADs city")
    assert [round(each.ratio, 2) for each in found.compared] == [1.0, 1.0, 0.15]
    assert found.spread == pytest.approx(6.768235864)
    assert found.agreeing == (("CEADs city", "CEADs province"),)
    assert [each.agrees for each in found.compared] == [True, True, False]
    grid = dict(found.compared[2].reasons)
    assert grid == {"boundary": "differs", "scope": "unstated", "method": "unstated", "revision": "unstated"}
    assert dict(found.reasons) == grid  # the province agrees: what it leaves unsaid explains nothing
    assert not hasattr(found, "mean")


def test_the_selected_source_has_no_reasons_and_one_source_is_alone() -> None:
    found = reconcile([CITY], "CEADs city")
    assert (found.is_alone, found.spread, found.agreeing, found.reasons) == (True, 1.0, (), ())
    assert not reconcile([CITY, GRID], "Carbon Monitor Cities").compared[1].reasons


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"boundary": "built-up area"}, "boundary"),
        ({"accounting": "supply"}, "territory_or_supply"),
        ({"process_emissions": "without"}, "process_emissions"),
        ({"gases": ("CO2", "CH4")}, "gases"),
        ({"year": 2020}, "year"),
        ({"revision": "2024"}, "revision"),
    ],
)
def test_each_reason_is_told_where_both_say_something_else(changes: dict[str, Any], reason: str) -> None:
    other = Source(**{**CITY.__dict__, "name": "other", "tonnes": 1.0, **changes})
    told = [name for name, verdict in reconcile([CITY, other], "CEADs city").reasons if verdict == "differs"]
    assert told == [reason]


def test_gases_in_another_order_are_the_same() -> None:
    one = Source("one", 1.0, gases=("CO2", "CH4"))
    other = Source("other", 2.0, gases=("CH4", "CO2"))
    assert "gases" not in dict(reconcile([one, other], "one").reasons)


@pytest.mark.parametrize(
    ("sources", "selected", "code"),
    [
        ([], "CEADs city", "no_source"),
        ([CITY, CITY], "CEADs city", "twice"),
        ([CITY], "yearbook", "not_among_them"),
        ([Source("none", 0.0)], "none", "not_above_zero"),
        ([Source("none", float("nan"))], "none", "not_above_zero"),
    ],
)
def test_what_cannot_be_put_side_by_side_is_refused(sources: list[Source], selected: str, code: str) -> None:
    with pytest.raises(SourceRefused) as caught:
        reconcile(sources, selected)
    assert caught.value.code == code
    assert all(source_refused(caught.value))


def test_every_reason_has_its_words() -> None:
    assert tuple(REASONS_TEXT) == REASONS
    assert all(all(text) for text in SOURCE_REFUSED.values())

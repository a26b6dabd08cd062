"""The desk of local factors: what one would take the place of, and what of its supplier's years would change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.models import LocalFactor
from scoring.ledgers.effects import effect_of
from scoring.tables.built_in import in_force_of
from tests.scoring.signing.desk import Desk, line

pytestmark = pytest.mark.django_db

# The grid of Chongqing in 2022 is 0.5227 kg/kWh in the tables (MEE-NBS).
FACTS: dict[str, Any] = {"kind": "electricity", "region": "CN-CQ", "data_year": 2022, "gas": "CO2", "unit": "kWh"}
FACTS |= {"purpose": "inventory_average", "publisher": "a utility", "published": date(2023, 5, 1), "document": "p. 3"}


@pytest.fixture(autouse=True)
def _in_english(settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


def waiting(desk: Desk, value: float, **facts: Any) -> LocalFactor:
    given = FACTS | {"value": value, "evidence": desk.bill(), "company": desk.company, "far_reason": "measured"} | facts
    made = LocalFactor.start(desk.company, by=desk.alice, **given)
    made.submit(by=desk.alice)
    return made


def handed_in(*lines: Any) -> Desk:
    desk = Desk(*lines)
    desk.take()
    desk.disclosure.figures.create(quantity="scope1_t", value=3.0, typed="3")
    desk.disclosure.submit(by=desk.alice)
    return desk


def test_lines_and_tonnes_that_it_would_change() -> None:
    desk = handed_in(line(), line(amount=5e5), line(place="CN-SH"))
    effect = effect_of(waiting(desk, 0.26135), desk.bob)
    assert effect is not None
    (year,) = effect.years
    assert (year.lines, effect.lines) == ([1, 2], 2)
    assert year.now_t == pytest.approx(522.7 * 1.5)  # 1,500 MWh × 0.5227 kg/kWh
    assert year.then_t == pytest.approx(522.7 * 1.5 / 2)
    assert len(effect.replaced) == 1 and "cn-grid/CN-CQ/2022" in effect.replaced[0]


def test_a_draft_is_not_counted_for_a_verifier() -> None:
    desk = Desk()
    made = waiting(desk, 0.5)
    found = effect_of(made, desk.bob), effect_of(made, desk.alice)
    assert found[0] is not None and found[0].years == []
    assert found[1] is not None and found[1].lines == 1


def test_a_correction_is_held_against_the_local_factor_in_force() -> None:
    desk = handed_in()
    first = waiting(desk, 0.5)
    assert in_force_of(first) is None
    first.verify(by=desk.bob, digest=first.digest)
    second = first.correct(by=desk.alice)
    second.revise(by=desk.alice, edition=second.edition, value=0.25)
    second.submit(by=desk.alice)
    standing, effect = in_force_of(second), effect_of(second, desk.bob)
    assert standing is not None and standing.factor_id == first.factor_id
    assert standing.ratio == pytest.approx(0.5)
    assert effect is not None and effect.replaced == [first.factor_id]
    assert (effect.years[0].now_t, effect.years[0].then_t) == (pytest.approx(500.0), pytest.approx(250.0))


def test_the_desk_shows_what_is_furthest_from_the_tables_first() -> None:
    desk = handed_in()
    near, far = waiting(desk, 0.52), waiting(desk, 522.7, gas="CO2e", region="CN-SC")
    alone = waiting(desk, 3.0, kind="spend.purchased_goods", unit="CNY", purpose="reporting_default", gas="CO2e")
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.bob)
    page = client.get(reverse("portfolio:local_factors")).content.decode()
    places = [page.index(made.get_absolute_url()) for made in (far, alone, near)]
    assert places == sorted(places)
    of_far, of_near = (client.get(made.get_absolute_url()).content.decode() for made in (far, near))
    assert "A slip of the unit looks like this" in of_far
    assert "A slip of the unit looks like this" not in of_near
    assert "522.7" in of_near and "520.0" in of_near
    client.force_login(desk.alice)
    assert "What it would change" not in client.get(near.get_absolute_url()).content.decode()

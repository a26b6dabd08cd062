"""Every door at which a person hands in a number, every number, every extreme: refused with a sentence, nothing kept.

The fields are found in forms, serializers and models themselves, so that a new one is asked as well.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import translation

from fund.holdings import imports
from fund.models import Position, PriceInputs, ProjectFigures, ThemeFund
from portfolio.activities.forms import ActivityForm
from portfolio.activities.kinds import activity_types
from portfolio.activities.rules import PARAMETERS
from portfolio.disclosures.forms import DisclosureForm
from portfolio.local_factors.forms import LocalFactorForm
from portfolio.models import Activity, Disclosure, Figure, Quantity, Solution
from portfolio.models.solution import AMOUNTS
from portfolio.solutions.forms import SolutionForm
from portfolio.typed.bounds import Within
from portfolio.typed.fields import NumberField
from scoring.estimators import training_tables
from scoring.proofs import temperature_files
from tests import make
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db
# As typed; a JSON body has the first three as numbers as well.
EXTREMES = ("1e308", "1e300", "-1e308", "NaN", "Infinity", "1e-320")
AS_JSON = (1e308, 1e300, -1e308, float("nan"), float("inf"), 1e-320, *EXTREMES)
IN_ANY_HURRY = ("1e308", 1e308, "1e-320", 1e-320)


def each(values: Iterable[Any]) -> list[Any]:
    return [pytest.param(one, marks=[] if one in IN_ANY_HURRY else pytest.mark.slow, id=repr(one)) for one in values]


# Stored numbers that no person hands in.
# Read from what is typed, which is asked below; or what the ledger had.
COMPUTED = {"portfolio.Activity.amount", "portfolio.Figure.ledger_value"}
# Numbers that a form, a serializer or a reader bounds before they are stored.
AT_THEIR_DOORS = {
    "portfolio.Figure.value",
    "portfolio.Activity.uncertainty_percent",
    "portfolio.Activity.contract_kg_per_kwh",
    "portfolio.LocalFactor.value",
    "portfolio.LocalFactor.lower95",
    "portfolio.LocalFactor.upper95",
}
OF_ENTRIES = (Position, PriceInputs, ProjectFigures)  # bounded by `clean`, in the currency of the entry
DRAFT = Disclosure.State.DRAFT


def test_every_number_that_is_stored_is_bounded_at_a_door() -> None:
    """In its model, or at the doors that are asked below."""
    unbounded = []
    for app in ("portfolio", "fund"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.fields:
                name = f"{app}.{model.__name__}.{field.name}"
                is_number = isinstance(field, models.FloatField | models.DecimalField)
                if not is_number or name in AT_THEIR_DOORS | COMPUTED or model in OF_ENTRIES:
                    continue
                limits = [check for check in field.validators if isinstance(check, Within)]
                has_most = any(getattr(check, "code", "") == "max_value" for check in field.validators)
                if not limits and not has_most:
                    unbounded.append(name)
    assert unbounded == []


# --- forms -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", each(EXTREMES))
def test_the_form_of_a_disclosure_refuses_each_quantity(typed: str) -> None:
    draft = make.disclosure(make.company(), state=DRAFT)
    data = QueryDict(mutable=True)
    data.update({quantity.value: typed for quantity in Quantity} | {"edition": "1"})
    form = DisclosureForm(data, disclosure=draft, last_year={})
    assert {quantity.value for quantity in Quantity} <= set(form.errors)


@pytest.mark.parametrize("typed", each(EXTREMES))
def test_the_form_of_a_line_refuses_each_number_of_it(typed: str) -> None:
    draft = make.disclosure(make.company(), state=DRAFT)
    for kind in {kind.units: kind for kind in activity_types().values()}.values():
        data = QueryDict(mutable=True)
        data.update({"kind": kind.key, "amount": typed, "unit": kind.units[0], "edition": "1"})
        names = {"amount", *(name for name, field in ActivityForm(disclosure=draft).fields.items() if is_number(field))}
        data.update(dict.fromkeys(names, typed))
        form = ActivityForm(data, disclosure=draft)
        assert names <= set(form.errors), (kind.key, names - set(form.errors))


@pytest.mark.parametrize("typed", each(EXTREMES))
def test_the_form_of_a_local_factor_refuses_each_number_of_it(typed: str) -> None:
    person = make.alice(make.company())
    names = {name for name, field in LocalFactorForm(user=person).fields.items() if is_number(field)}
    data = QueryDict(mutable=True)
    data.update(dict.fromkeys(names, typed))
    assert names == {"value", "lower95", "upper95"}
    assert names <= set(LocalFactorForm(data, user=person).errors)


@pytest.mark.parametrize("typed", each(EXTREMES))
def test_the_form_of_a_solution_refuses_each_number_of_it(typed: str) -> None:
    draft = make.disclosure(make.company(), state=DRAFT)
    names = {name for name, field in SolutionForm(disclosure=draft).fields.items() if is_number(field)}
    data = QueryDict(mutable=True)
    data.update(dict.fromkeys(names, typed))
    assert names == set(AMOUNTS)
    assert names <= set(SolutionForm(data, disclosure=draft).errors)


def is_number(field: forms.Field) -> bool:
    return isinstance(field, NumberField | forms.FloatField | forms.DecimalField)


@pytest.mark.parametrize("typed", each(EXTREMES))
@pytest.mark.parametrize("model", [*OF_ENTRIES, ThemeFund])
def test_administrators_cannot_enter_it_either(model: type[models.Model], typed: str) -> None:
    request = RequestFactory().get("/")
    request.user = make.erin()
    form = admin.site.get_model_admin(model).get_form(request)
    own = entry_of(model)
    numbers = {name: field for name, field in form.base_fields.items() if is_number(field)}
    assert numbers
    for name, field in numbers.items():
        try:
            value = field.clean(typed)
        except ValidationError:
            continue
        with pytest.raises(ValidationError) as refusal:
            model(**own | {name: value}).full_clean()
        assert name in refusal.value.message_dict


def entry_of(model: type[models.Model]) -> dict[str, Any]:
    """What else an entry has."""
    company, fund = make.company(), make.fund()
    holding = make.holding(fund, company)
    own = {"holding": holding, "company": company, "currency": "CNY", "source": "s", "as_of": make.date(2025, 6, 30)}
    names = {field.name for field in model._meta.fields}
    return {name: value for name, value in own.items() if name in names}


# --- the API -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", each(AS_JSON))
def test_the_api_refuses_each_quantity(value: Any) -> None:
    alice = Caller(make.alice(make.company()))
    figures = [{"quantity": quantity.value, "value": value} for quantity in Quantity]
    answer = alice.send("/disclosures/", {"company": "demo-alpha", "year": 2024, "figures": figures})
    assert answer.status_code == 400
    assert not Figure.objects.exists()
    if answer.json()["type"] == "/problems/validation_error":
        assert len(answer.json()["errors"]) == len(Quantity)
        assert all(error["detail"] for error in answer.json()["errors"])


@pytest.mark.parametrize("value", each(AS_JSON))
def test_the_api_refuses_each_number_of_a_line(value: Any) -> None:
    company = make.company()
    alice, draft = Caller(make.alice(company)), make.disclosure(company, state=DRAFT)
    path = f"/disclosures/{draft.pk}/activities/"
    good = {"activity": "electricity", "amount": "1", "unit": "kWh", "contract": "direct", "contract_kg_per_kwh": "0"}
    for wrong in (
        {"amount": value},
        {"uncertainty_percent": value},
        {"contract_kg_per_kwh": value},
        *({"activity": "fuel.lng", "unit": "t", "parameters": {name: value}} for name in PARAMETERS),
    ):
        tag = alice.read(path)["ETag"]
        answer = alice.ask("PUT", f"/api/v1{path}", {"activities": [good | wrong]}, If_Match=tag)
        assert answer.status_code == 400, wrong
    assert not Activity.objects.exists()


@pytest.mark.parametrize("value", each(AS_JSON))
def test_the_api_refuses_each_number_of_a_solution(value: Any) -> None:
    company = make.company()
    alice, draft = Caller(make.alice(company)), make.disclosure(company, state=DRAFT)
    path = f"/disclosures/{draft.pk}/solutions/"
    for name in AMOUNTS:
        tag = alice.read(path)["ETag"]
        rows = [{"family": "F01", "country": "CHN", name: value}]
        answer = alice.ask("PUT", f"/api/v1{path}", {"solutions": rows}, If_Match=tag)
        assert answer.status_code == 400, name
    assert not Solution.objects.exists()


@pytest.mark.parametrize("value", each(AS_JSON))
def test_a_calculation_refuses_each_number_of_an_activity(value: Any) -> None:
    alice = Caller(make.alice(make.company()))
    good = {"activity": "electricity", "amount": "1", "unit": "kWh", "place": "CN", "year": 2023}
    contract = {"name": "c", "kg_per_kwh": "0", "uncertainty_percent": "0"}
    for wrong in (
        {"amount": value},
        {"uncertainty_percent": value},
        {"contract": contract | {"kg_per_kwh": value}},
        {"contract": contract | {"uncertainty_percent": value}},
        *({"activity": "fuel.lng", "unit": "t", "parameters": {name: value}} for name in PARAMETERS),
    ):
        answer = alice.send("/calculations/", {"activities": [good | wrong]})
        assert answer.status_code in (200, 400)
        if answer.status_code == 200:
            [item] = answer.json()["items"]
            assert item["result"] is None, wrong
            assert item["errors"][0]["detail"]


# --- files -------------------------------------------------------------------------------------------------
def written(folder: Path, name: str, row: dict[str, str]) -> Path:
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    return path


@pytest.mark.parametrize("typed", each(EXTREMES))
def test_files_of_positions_and_prices_are_refused_at_each_amount(tmp_path: Path, typed: str) -> None:
    fund = make.fund()
    make.company()
    row = {"company_key": "demo-alpha", "currency": "CNY", "as_of": "2025-06-30", "source": "s"}
    position = row | {"holding_key": "k", "asset_class": "listed_equity", "instrument": "shares"}
    with translation.override("en"):
        positions = imports.import_positions(
            written(tmp_path, "positions", position | dict.fromkeys(imports.POSITION_AMOUNTS, typed)), fund, by=None
        )
        prices = imports.import_prices(
            written(tmp_path, "prices", row | dict.fromkeys(imports.PRICE_AMOUNTS, typed)), by=None
        )
    assert (positions.entered, prices.entered) == (0, 0)
    assert set(imports.POSITION_AMOUNTS) <= {fault.column for fault in positions.faults}
    assert set(imports.PRICE_AMOUNTS) <= {fault.column for fault in prices.faults}


@pytest.mark.parametrize("typed", each(EXTREMES))
def test_a_temperature_file_is_refused_at_each_number(tmp_path: Path, typed: str) -> None:
    columns = list(temperature_files.QUANTITIES)
    path = written(tmp_path, "sheet", dict.fromkeys(columns, typed))
    faults: list[Any] = []
    sheet = temperature_files.read_sheet(path, (), columns, faults)
    for column in columns:
        sheet.numbers(column)
    assert {fault.column for fault in faults} == set(columns)


@pytest.mark.parametrize("typed", each(EXTREMES))
@pytest.mark.parametrize("column", ["scope1_t", "scope2_t", *training_tables.NUMBER_COLUMNS])
def test_a_training_table_leaves_it_out_with_its_line(tmp_path: Path, column: str, typed: str) -> None:
    header = (training_tables.COLUMNS | training_tables.NUMBER_COLUMNS)[column][0]
    good = [
        {"company_key": f"c{i}", "year": "2023", "sector": "ab"[i % 2], "scope1_t": "10", "scope2_t": "20", header: "5"}
        for i in range(4)
    ]
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, good[0])
        writer.writeheader()
        writer.writerows([*good, good[0] | {"company_key": "bad", header: typed}])
    table = training_tables.read_evaluation_table(path)
    assert [(fault.line, fault.column) for fault in table.faults] == [(6, header)]

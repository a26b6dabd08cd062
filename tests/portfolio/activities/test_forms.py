"""The form of a line: typed as on the bill, read into the canonical unit, and every fault said at its field."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from portfolio.activities.forms import ActivityForm
from portfolio.activities.kinds import activity_types, unit_label
from portfolio.activities.rules import PARAMETERS, parameters_of
from portfolio.errors import StaleVersion
from portfolio.models import Activity, City, Disclosure, Evidence, Site
from portfolio.typed.files import read_upload
from scoring.engine.accounting import rates
from tests import make

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n"
BOUGHT = {"edition": "1", "kind": "electricity", "amount": "1,234.05", "unit": "万千瓦时", "place": "CN-SC"}


def form_of(draft: Disclosure, activity: Activity | None = None, file: bytes = b"", **typed: str) -> ActivityForm:
    data = QueryDict(mutable=True)
    data.update(BOUGHT | typed)
    files = MultiValueDict({"cited-attached": [SimpleUploadedFile("bill.pdf", file)]}) if file else None
    return ActivityForm(data, files, disclosure=draft, activity=activity)


def draft_of(company: Any) -> Disclosure:
    return make.disclosure(company, state=Disclosure.State.DRAFT)


def test_a_line_is_kept_as_typed_and_as_read_with_its_evidence() -> None:
    company = make.company()
    alice, draft = make.alice(company), draft_of(company)
    form = form_of(
        draft, file=PDF, period_start="2024-01-01", period_end="2024-06-30", **{"cited-attached-place": "p. 3"}
    )
    assert form.is_valid(), form.errors
    assert not Evidence.objects.exists()  # a preview keeps nothing
    form.save(by=alice)
    line = draft.activities.get()
    assert (line.typed, line.amount, line.unit) == ("1,234.05 万千瓦时", 12_340_500.0, "kWh")
    [cited] = line.cited
    assert (cited.evidence.open(by=alice), cited.place) == (PDF, "p. 3")
    assert form.echo() == "1,234.05 万千瓦时 = 12,340,500 kWh"


def test_nothing_is_kept_of_a_line_that_comes_too_late() -> None:
    company = make.company()
    alice, draft = make.alice(company), draft_of(company)
    form = form_of(draft, file=PDF)
    assert form.is_valid()
    draft.add_activity(Activity(kind="heat", notation="NO"), by=alice, edition=1)
    with pytest.raises(StaleVersion):
        form.save(by=alice)
    assert not Evidence.objects.exists()
    assert draft.activities.count() == 1


def test_a_line_is_changed_in_its_place_and_shows_what_was_typed() -> None:
    company = make.company()
    alice, draft = make.alice(company), draft_of(company)
    first = form_of(draft, file=PDF, contract="certificate", contract_kg_per_kwh="0", certificate="GEC 1")
    assert first.is_valid(), first.errors
    line = first.save(by=alice)
    again = ActivityForm(disclosure=draft, activity=line)
    shown = {name: again[name].value() for name in again.fields}
    assert (shown["amount"], shown["unit"], shown["contract_kg_per_kwh"]) == ("1,234.05", "万千瓦时", "0")
    [row, _empty] = again.citing.rows
    kept = {"cited-0-evidence": str(row["evidence"].value()), "contract": "certificate", "contract_kg_per_kwh": "0"}
    form = form_of(draft, line, amount="2", unit="MWh", edition="2", **kept)
    assert form.is_valid(), form.errors
    form.save(by=alice)
    [changed] = draft.activities.all()
    assert (changed.number, changed.amount) == (1, 2000.0)
    assert [one.said_as() for one in changed.cited] == [(Evidence.objects.get().pk, "")]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"amount": "12,34o"}, "amount", "not a number"),
        ({"amount": "-5"}, "amount", "below zero"),
        ({"amount": ""}, "amount", "choose a notation key"),
        ({"unit": "kW"}, "unit", "kW"),
        ({"unit": "千瓦小"}, "unit", "not a unit we know"),
        ({"unit": ""}, "unit", "give the unit"),
        ({"unit": "mt"}, "unit", "read in several ways"),
        ({"kind": "fuel.unobtainium"}, "kind", "no activity"),
        ({"notation": "NE"}, "notation", "not both"),
        ({"notation": "IE", "amount": ""}, "included_in", "includes it"),
        ({"period_start": "2024-01-01"}, "period_end", "Both days"),
        ({"period_start": "2023-12-01", "period_end": "2024-01-31"}, "period_start", "about 2024"),
        ({"contract": "certificate"}, "contract_kg_per_kwh", "give the contract"),
        ({"certificate": "GEC 1"}, "certificate", "which kind of contract"),
        ({"doc": "0.15"}, "doc", "takes no such parameter"),
        ({"kind": "heat", "unit": "GJ", "contract": "direct"}, "contract", "electricity only"),
        ({"heating_value_basis": "GCV"}, "heating_value_basis", "Only for fuel"),
        ({"uncertainty_percent": "5000"}, "uncertainty_percent", "at most"),
    ],
)
def test_a_fault_is_said_at_its_field(typed: dict[str, str], field: str, words: str) -> None:
    form = form_of(draft_of(make.company()), **typed)
    with translation.override("en"):
        assert not form.is_valid()
        assert words in " ".join(str(error) for error in form.errors[field])
    with translation.override("zh-hans"):
        again = form_of(draft_of(make.company("demo-beta")), **typed)
        said = " ".join(str(error) for error in again.errors[field])
    assert any("\u4e00" <= sign <= "\u9fff" for sign in said), said


def test_a_site_in_a_place_allows_only_places_within_it() -> None:
    company = make.company()
    city = City.objects.create(code="510100", name_zh="成都市", name_en="Chengdu", country="CHN", source="GB/T 2260")
    site = Site.objects.create(company=company, site_key="plant", name="plant", city=city, **make.SOURCE)
    draft = draft_of(company)
    form = form_of(draft, site=str(site.pk))
    assert "place" in form.errors
    for place, code in (("", "510100"), ("510104", "510104"), ("成都", "510100")):
        form = form_of(draft, site=str(site.pk), place=place)
        assert form.is_valid(), form.errors
        assert form.activity().located.code == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("成都市", "510100"),
        ("chengdu", "510100"),
        ("510104", "510104"),
        ("Chengdu 510100", "510100"),
        ("四川", "CN-SC"),
    ],
)
def test_a_place_is_typed_by_name_pinyin_or_code(typed: str, code: str) -> None:
    form = form_of(draft_of(make.company()), place=typed)
    assert form.is_valid(), form.errors
    assert form.activity().place == code


@pytest.mark.parametrize(("typed", "named"), [("鼓楼区", "南京"), ("510199", "成都市"), ("chengdo", "成都市")])
def test_what_is_not_one_place_is_answered_with_places(typed: str, named: str) -> None:
    with translation.override("zh-hans"):
        form = form_of(draft_of(make.company()), place=typed)
        assert named in " ".join(form.errors["place"])


def test_sites_and_evidence_of_another_company_cannot_be_chosen() -> None:
    company, other = make.company(), make.company("demo-beta")
    site = Site.objects.create(company=other, site_key="theirs", name="theirs", **make.SOURCE)
    theirs = Evidence.keep(read_upload("bill.pdf", PDF), company=other, by=make.user("mallory", company=other))
    form = form_of(draft_of(company), site=str(site.pk), **{"cited-0-evidence": str(theirs.pk)})
    assert "site" in form.errors and not form.is_valid()
    assert "evidence" in form.citing.rows[0].errors


def test_an_exe_named_pdf_is_refused() -> None:
    form = form_of(draft_of(make.company()), file=b"MZ\x90\x00")
    assert not form.is_valid() and "attached" in form.citing.new.errors


# --- the lists that two layers share -------------------------------------------------------------------------
def test_every_parameter_of_the_form_is_one_the_engine_knows() -> None:
    for kind in activity_types().values():
        known = rates.PARAMETERS.get(kind.kind, ())
        assert set(parameters_of(kind)) <= set(known), kind.key
    assert set(PARAMETERS) == {name for names in rates.PARAMETERS.values() for name in names}


def test_a_gas_volume_says_its_temperature() -> None:
    assert (unit_label("m3@20C"), unit_label("kWh"), unit_label("CNY")) == ("m³ (20 °C)", "kWh", "CNY")

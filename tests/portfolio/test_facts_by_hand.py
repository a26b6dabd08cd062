"""Financials, targets and tracks that an administrator enters in the admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portfolio.models import AuditEvent, Company, CompanyTrack, Financials, Role, Target
from portfolio.universe.load import load
from portfolio.universe.read import read_tables
from portfolio.universe.sources import of_files
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = {"source": "Annual report 2024", "licence": "own data"}


@pytest.fixture
def company() -> Company:
    return make.company("w-1")


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make.user("anna", role=Role.ADMIN))
    return client


def add(client: Client, model: str, **facts: Any) -> Any:
    return client.post(reverse(f"admin:portfolio_{model}_add"), {"_save": "1", **SOURCE, **facts})


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_an_administrator_enters_what_a_company_earns(client: Client, company: Company) -> None:
    answer = add(
        client, "financials", company=company.pk, year="2024", currency="eur", revenue="86亿", employees="5200"
    )

    assert answer.status_code == 302
    row = Financials.objects.get()
    assert (row.currency, row.revenue, row.employees, row.entered_by.username) == ("EUR", 8.6e9, 5200, "anna")
    assert AuditEvent.objects.filter(verb="admin.financials.added").count() == 1


def test_a_correction_keeps_before_and_after(client: Client, company: Company) -> None:
    add(client, "financials", company=company.pk, year="2024", currency="CNY", revenue="100")
    row = Financials.objects.get()

    url = reverse("admin:portfolio_financials_change", args=[row.pk])
    client.post(url, {"_save": "1", **SOURCE, "year": "2024", "currency": "CNY", "revenue": "200"})

    assert list(row.history.order_by("history_id").values_list("revenue", flat=True)) == [100.0, 200.0]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"currency": "XYZ", "revenue": "1"}, "currency"),
        ({"currency": "CNY", "revenue": "1", "year": "3024"}, "year"),
        ({"currency": "CNY"}, "__all__"),
        ({"currency": "CNY", "revenue": "-5"}, "revenue"),
        ({"currency": "CNY", "revenue": "1e308"}, "revenue"),
        ({"currency": "CNY", "revenue": "abc"}, "revenue"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    client: Client, company: Company, facts: dict[str, str], field: str
) -> None:
    answer = add(client, "financials", company=company.pk, **({"year": "2024"} | facts))

    assert list(errors(answer)) == [field]
    assert not Financials.objects.exists()


def test_a_target_is_typed_in_percent(client: Client, company: Company) -> None:
    facts = {"horizon": "interim", "kind": "absolute", "scope3": "no", "status": "pledge", "validated": "unstated"}

    answer = add(
        client, "target", company=company.pk, reduction_percent="42", base_year="2020", target_year="2030", **facts
    )

    assert answer.status_code == 302
    target = Target.objects.get()
    assert (target.target_key, target.reduction_share) == ("own-1", 0.42)
    refused = add(client, "target", company=company.pk, reduction_percent="0.42", **facts)
    assert list(errors(refused)) == ["reduction_percent"]
    backwards = add(client, "target", company=company.pk, base_year="2030", target_year="2020", **facts)
    assert list(errors(backwards)) == ["base_year"]


def test_a_track_that_is_entered_waits_for_its_confirmation(client: Client, company: Company) -> None:
    answer = add(client, "companytrack", company=company.pk, track="power_decarbonisation", why="makes wind turbines")

    assert answer.status_code == 302
    assert not CompanyTrack.objects.get().is_confirmed


def test_a_row_from_a_file_is_read_only_and_one_by_hand_is_kept_by_the_next_load(
    client: Client, company: Company
) -> None:
    files = {
        "financials.csv": b"company_key,year,revenue,currency,source,licence\nw-1,2023,5,CNY,file,own\n"
        b"w-1,2024,7,CNY,Annual report 2024,own data\n"
    }
    add(client, "financials", company=company.pk, year="2024", currency="CNY", revenue="9")

    report = load(read_tables(of_files(files)))

    assert (report.counts["financials"].created, report.counts["financials"].kept) == (1, 1)
    assert Financials.objects.get(year=2024).revenue == 9
    url = reverse("admin:portfolio_financials_change", args=[Financials.objects.get(year=2023).pk])
    assert client.post(url, {"_save": "1", **SOURCE, "currency": "CNY", "revenue": "1"}).status_code == 403

"""The portfolio pages: what a fund holds, what that finances, and where each figure comes from. Fund side only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fund.holdings import temperature_report
from fund.holdings.book import RefusedMoney
from fund.holdings.figures import KINDS, coverage_words
from fund.holdings.lead import Lead
from fund.holdings.open_questions import OpenQuestions, faults_words, settle
from fund.holdings.provenance import provenance
from fund.holdings.report import (
    DEFAULT_SORT,
    ROWS_A_PAGE,
    SORTS,
    VIEWS,
    Asked,
    HoldingRow,
    PortfolioReport,
    Refused,
    asked,
    heads,
)
from fund.holdings.story import Story
from portfolio.exports import Table, addresses, file_of, made_by
from portfolio.models.people import FUND_SIDE, Role, has_role
from scoring.engine.temperature.methods import MethodName

SHIPPED: MethodName = "current"  # by which a portfolio has its temperature


@login_required
@require_GET
def portfolio(request: HttpRequest) -> HttpResponse:
    """?fund=&date=&view=overview|holdings|temperature|rules|pboc, for holdings also &sort=&page=.

    Another `method` of temperature than the shipped one is named and dropped.
    """
    found = _asked(request)
    view = request.GET.get("view", "overview")
    if view not in VIEWS:
        found.refused.append(Refused("view", _("There is no view “%(view)s”.") % {"view": view}))
        view = "overview"
    if (method := request.GET.get("method", SHIPPED)) != SHIPPED:
        words = {"method": method[:40], "shipped": SHIPPED}
        why = _("A portfolio has its temperature by “%(shipped)s” alone, not by “%(method)s”: a company's page has it.")
        found.refused.append(Refused("method", why % words))
    context: dict[str, Any] = {"asked": found, "view": view, "views": VIEWS}
    if found.book is not None and found.day is not None:
        report = PortfolioReport(found.book, found.day)
        context |= {"report": report, "files": addresses("portfolio", f"?{report.query}")}
        context |= _of_view(request, view, report, found)
    return render(request, "fund/holdings/book.html", context)


def _of_view(request: HttpRequest, view: str, report: PortfolioReport, found: Asked) -> dict[str, Any]:
    if view in ("overview", "rules"):
        story = Story(report)
        return {"story": story, "lead": Lead(story)}
    if view == "temperature":
        return {"temperature": temperature_report.TemperatureReport(report), "story": Story(report)}
    if view != "holdings":
        return {}
    sort = request.GET.get("sort", DEFAULT_SORT)
    if sort.removeprefix("-") not in SORTS:
        found.refused.append(Refused("sort", _("Holdings are not sorted by “%(sort)s”.") % {"sort": sort}))
        sort = DEFAULT_SORT
    page = Paginator(report.sorted_rows(sort), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "sort": sort, "heads": heads(sort, report.query)}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_questions(request: HttpRequest) -> HttpResponse:
    """What a fund's book leaves to a person: issuers to match, rows that were refused, figures to confirm."""
    found = _asked(request)
    may_settle = has_role(request.user, Role.FUND_MANAGER, Role.ADMIN)
    if request.method == "POST" and not may_settle:
        raise PermissionDenied
    if found.fund is None or found.book is None:
        return render(request, "fund/holdings/open.html", {"asked": found})
    page = OpenQuestions(found.book, found.day)
    if request.method == "POST":
        assert isinstance(request.user, User)  # noqa: S101  who has a role has an account
        for told in settle(page, request.POST, request.user):
            messages.add_message(request, messages.SUCCESS if told.is_done else messages.ERROR, told.words)
        return redirect(f"{reverse('portfolio_open')}?{urlencode({'fund': found.fund.pk})}")
    pager, unmatched = page.unmatched_page(request.GET.get("page"))
    context = {"asked": found, "open": page, "page": pager, "unmatched": unmatched, "may_settle": may_settle}
    return render(request, "fund/holdings/open.html", context)


@login_required
@require_GET
def figure(request: HttpRequest, code: str) -> HttpResponse:
    """Where one figure comes from: formula, holdings, inputs with their sources, and what was left out."""
    found = _asked(request)
    if code not in KINDS and code not in temperature_report.CODES:
        raise Http404
    if found.book is None or found.day is None:
        return render(request, "fund/holdings/figure.html", {"asked": found})
    report = PortfolioReport(found.book, found.day)
    context: dict[str, Any] = {"asked": found, "report": report}
    if code in temperature_report.CODES:
        context["shown"] = temperature_report.provenance(report, code)
        return render(request, "fund/holdings/temperature.html", context)
    context["shown"] = provenance(report, KINDS[code])
    return render(request, "fund/holdings/figure.html", context)


# --- files -----------------------------------------------------------------------------------------------
@login_required
@require_GET
def holdings_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The table of holdings with its metrics; `?meta=0` leaves out the lines about the file.

    A page can say that it shows another fund or day than was asked for; a file cannot, so it is 404 then.
    """
    found = _asked(request)
    if found.book is None or found.day is None or found.refused:
        raise Http404
    report = PortfolioReport(found.book, found.day)
    told = _about(report) | made_by(request.user)
    table = Table(f"holdings_{report.day.isoformat()}", told, list(columns().values()), _rows(report))
    return file_of(table, kind, with_meta=request.GET.get("meta") != "0")


def columns() -> dict[str, str]:
    """Each with its head, in the reader's language; a program reads the API instead."""
    return {
        "holding_key": _("Holding key"),
        "company_key": _("Company key"),
        "company": _("Company"),
        "instrument": _("Instrument"),
        "asset_class": _("Asset class"),
        "outstanding_cny": _("Outstanding, CNY"),
        "attribution_factor": _("Attribution factor"),
        "financed_s1_t": _("Financed scope 1, t"),
        "financed_s2_t": _("Financed scope 2, t"),
        "financed_s3_t": _("Financed scope 3, t"),
        "financed_avoided_t": _("Financed avoided emissions, t"),
        "financed_removed_t": _("Financed removals, t"),
        "pboc_s1_s2_t": _("Scopes 1 + 2 by the People's Bank, t"),
        "share_of_s1_s2": _("Share of financed scopes 1 + 2"),
        "waci": _("Adds to WACI, t/million CNY"),
        "data_quality": _("Data quality"),
        "emissions_year": _("Year of the emissions"),
        "worth_year": _("Year of the value"),
        "flags": _("Notes"),
        "because": _("Because"),
    }


def _rows(report: PortfolioReport) -> Iterator[list[object]]:
    scopes = {code: KINDS[code].terms(report.statement).contributions() for code in _TONNES}
    rows = (
        _cells(row, {code: None if found[at] != found[at] else float(found[at]) for code, found in scopes.items()})
        for at, row in enumerate(report.rows)
    )
    return chain(rows, map(_refused_cells, report.statement.refused_rows))


_TONNES = ("financed_s1", "financed_s2", "financed_s3", "financed_avoided", "financed_removed", "pboc_s1_s2")


def _cells(row: HoldingRow, tonnes: dict[str, float | None]) -> list[object]:
    held = row.held
    return [
        held.holding.holding_key,
        held.company.company_key if held.company else "",
        held.holding.issuer,
        held.holding.instrument,
        row.asset_class,
        row.outstanding,
        row.factor,
        *(tonnes[code] for code in _TONNES),
        row.share,
        row.waci,
        row.quality,
        held.tonnes_year,
        held.worth_year,
        " · ".join(row.flag_words()),
        row.because,
    ]


def _refused_cells(money: RefusedMoney) -> list[object]:
    """A row that was refused at import: what is known of it, and why it is in no figure."""
    known: dict[str, object] = {
        "holding_key": money.row.holding_key,
        "company": money.row.name,
        "outstanding_cny": money.value,
        "flags": _("refused"),
        "because": faults_words(money.row),
    }
    return [known.get(column, "") for column in columns()]


def _about(report: PortfolioReport) -> dict[str, object]:
    both = KINDS["financed_s1_s2"].metric(report.statement)
    return {
        _("Portfolio"): report.fund,
        _("As of"): report.day.isoformat(),
        _("Units"): _(
            "Money in CNY, tonnes of CO₂e for a year; PCAF Part A, 3rd edition (2025-12-02); People's Bank 2021"
        ),
        _("Issuers on record"): report.on_record,
        _("Coverage of scopes 1 + 2"): coverage_words(both),
    }


def _asked(request: HttpRequest) -> Asked:
    if not has_role(request.user, *FUND_SIDE):
        raise Http404
    return asked(request.user, request.GET.dict())

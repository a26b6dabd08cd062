"""The demo fund's candidates: the 47 real ones that are loaded, and illustrative ones, complete, one for each state.

All of the illustrative ones are invented and say so (示例). Their figures go the way that everyone's go: a submitter
types and submits them, the demo's verifier signs, the manager confirms track, catalogue code and gates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from stdnum.cn import uscc

from fund.demo import requests
from fund.models import Candidate, ThemeFund
from portfolio import audit
from portfolio.models import (
    Citation,
    Company,
    CompanyTrack,
    Disclosure,
    Evidence,
    Figure,
    GateWord,
    Membership,
    Opinion,
    Quantity,
    Sector,
    Solution,
    Target,
    TechnologyFamily,
    Track,
)
from portfolio.typed.files import EvidenceKind, Upload
from portfolio.typed.tables import whole_table
from portfolio.universe.words import DEMO_CANDIDATES

MANAGER, VERIFIER, REVIEWER = "manager", "verifier", "reviewer"  # accounts of fund/demo/people.py
ORIGIN = {
    "source": "示例数据（演示用） Made for the demo, illustrative",
    "licence": "无需许可（示例数据） none needed: invented",
}
YEAR = 2025
EVIDENCE = "示例：演示用的佐证材料说明 Illustrative: evidence written for the demo"
DOCUMENT = "示例：{year} 年度报告与环境报告 Illustrative: annual and environmental report {year}"
BOUNDARY = "示例：集团全部生产场所 Illustrative: all production sites of the group"
CATALOGUE_CODE, VALID_UNTIL = "示例 DEMO-1.2", date(2030, 12, 31)
M = 1e6

Figures = Mapping[Quantity, float | None]

# What most of them tell: turbines of the worked example of the method, with a tenth of its tonnes.
MONEY: Figures = {
    Quantity.REVENUE: 1_000 * M,
    Quantity.EBIT: 90 * M,
    Quantity.GRANTS: 40 * M,
    Quantity.PRICE_PREMIUM: 0.0,
    Quantity.THEME_CREDITS: 0.0,
    Quantity.THEME_REVENUE: 90.0,
}
TONNES: Figures = {Quantity.SCOPE_1: 300.0, Quantity.SCOPE_2_LOCATION: 1_700.0}
TURBINES: Mapping[str, Any] = {
    "units_sold": 500.0,
    "service_per_unit_year": 2_200.0,
    "life_years": 20,
    "use_share": 0.95,
    "lca_t_per_unit": 308.0,
}
SUBSIDIES = (Quantity.GRANTS, Quantity.PRICE_PREMIUM, Quantity.THEME_CREDITS)
NO_SUBSIDY_TOLD: Figures = dict.fromkeys(SUBSIDIES)
NO_SUBSIDY: Figures = dict.fromkeys(SUBSIDIES, 0.0)
PASSED = {"exclusion": "no", "fossil_extraction": "no", "direct_and_significant": "yes", "climate_action": "yes"}


@dataclass(frozen=True)
class Invented:
    """`figures` stand over MONEY and TONNES, `sold` over TURBINES; None: not told."""

    key: str
    name_zh: str
    name_en: str
    shows: str  # which state of the page
    figures: Figures = field(default_factory=dict)
    sold: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    family: str = "F01"
    track: Track = Track.POWER
    year: int = YEAR
    has_catalogue_code: bool = True
    is_verified: bool = True


INVENTED = (
    Invented(
        "tailwind",
        "顺风风电",
        "Tailwind Turbines",
        "the worked example of the method, exactly: its tonnes are above the bar of the first sheet",
        figures={Quantity.SCOPE_1: 2_000.0, Quantity.SCOPE_2_LOCATION: 18_000.0},
    ),
    Invented("clearwind", "清岚风电", "Clearwind Turbines", "three bars cleared, verified"),
    Invented(
        "linewind",
        "平川风电",
        "Plainwind Turbines",
        "cleared on the line",
        figures={Quantity.EBIT: 12 * M, Quantity.GRANTS: 8 * M, Quantity.SCOPE_2_LOCATION: 2_500.0},
    ),
    Invented(
        "untold", "云岭风电", "Cloudridge Turbines", "one bar unknown: subsidies are not told", figures=NO_SUBSIDY_TOLD
    ),
    Invented(
        "loss",
        "远川风电",
        "Farbrook Turbines",
        "resilience missed",
        figures={Quantity.EBIT: -30 * M, Quantity.GRANTS: 20 * M},
    ),
    Invented(
        "slow",
        "静山风电",
        "Stillhill Turbines",
        "contribution missed",
        sold={"service_per_unit_year": 1_500.0},
    ),
    Invented(
        "harm",
        "焚能环保",
        "Plastic to Power",
        "harm: more is emitted than avoided",
        figures={Quantity.SCOPE_1: 200_000.0, Quantity.SCOPE_2_LOCATION: 3_000.0},
        sold={
            "units_sold": 1_000_000.0,
            "service_per_unit_year": None,
            "life_years": None,
            "use_share": None,
            "lca_t_per_unit": 0.2,
        },
        family="F23",
        track=Track.GREENING,
    ),
    Invented(
        "venture",
        "微风科技",
        "Breeze Labs",
        "a venture with a runway",
        figures={
            **NO_SUBSIDY,
            Quantity.REVENUE: 30 * M,
            Quantity.EBIT: -12 * M,
            Quantity.GROSS_PROFIT: 5 * M,
            Quantity.RUNWAY: 30.0,
            Quantity.SCOPE_1: 10.0,
            Quantity.SCOPE_2_LOCATION: 50.0,
        },
        sold={"units_sold": 10.0},
        words={"venture": "yes"},
    ),
    Invented(
        "venture-untold",
        "初帆科技",
        "First Sail Labs",
        "a venture that does not tell its runway",
        figures={
            **NO_SUBSIDY,
            Quantity.REVENUE: 25 * M,
            Quantity.EBIT: -14 * M,
            Quantity.GROSS_PROFIT: 4 * M,
            Quantity.SCOPE_1: 10.0,
            Quantity.SCOPE_2_LOCATION: 45.0,
        },
        sold={"units_sold": 9.0},
        words={"venture": "yes"},
    ),
    Invented(
        "operator",
        "海岭风电场",
        "Searidge Wind Farms",
        "an operator",
        sold={
            "units_sold": 800_000.0,
            "units_made": 800_000.0,
            "service_per_unit_year": None,
            "life_years": None,
            "use_share": None,
            "lca_t_per_unit": None,
        },
        family="F06b",
    ),
    Invented(
        "blades",
        "翼达叶片",
        "Winggain Blades",
        "a component with its share of the system's cost",
        sold={"is_component": True, "cost_share": 0.22, "service_per_unit_year": 2_300.0},
    ),
    Invented(
        "gearboxes",
        "恒转齿轮箱",
        "Steadyturn Gearboxes",
        "a component without a share: no lifetime tonnes",
        sold={"is_component": True, "service_per_unit_year": 2_300.0},
    ),
    Invented(
        "planned",
        "蓝图风电",
        "Blueprint Turbines",
        "planned units only",
        sold={"kind": "planned", "units_sold": 300.0},
    ),
    Invented(
        "excluded",
        "旧矿风电",
        "Oldmine Turbines",
        "gate 2 failed: an exclusion holds",
        words={"exclusion": "yes"},
    ),
    Invented(
        "sideline",
        "百业机械",
        "Manytrades Machinery",
        "gate 4 failed: 30 % of revenue",
        figures={Quantity.THEME_REVENUE: 30.0},
    ),
    Invented(
        "uncoded",
        "新目风电",
        "Newline Turbines",
        "gate 3 open: no catalogue code",
        has_catalogue_code=False,
    ),
    Invented("unsorted", "未分类设备", "Unsorted Devices", "no family yet", family=""),
    Invented(
        "assisted",
        "少报风电",
        "Quiet Turbines",
        "tonnes not told: the model fills them, as evidence of the lowest grade",
        figures=dict.fromkeys(TONNES),
        is_verified=False,
    ),
    Invented("older", "昨日风电", "Yesteryear Turbines", "an older year stands in", year=YEAR - 1),
)


def set_up(fund: ThemeFund, by: User) -> None:
    """Make what is missing, and a candidate of the fund of each. `by` is an administrator.

    A real candidate whose directory is not loaded is passed over. Raises NotEntitled.
    """
    real = [row.text("company_key") for row in whole_table(DEMO_CANDIDATES / "companies.csv").rows]
    for company in Company.objects.filter(company_key__in=real).order_by("company_key"):
        Candidate.of(fund, company, by=by)
    for number, invented in enumerate(INVENTED, 1):
        company = Company.objects.filter(company_key=key_of(invented)).first() or _make(invented, number)
        Candidate.of(fund, company, by=by)


def key_of(invented: Invented) -> str:
    return f"demo-{invented.key}"


def _make(invented: Invented, number: int) -> Company:
    manager = User.objects.get(username=MANAGER)
    with transaction.atomic():
        company = _company(invented, number)
        for question, answer in (PASSED | dict(invented.words)).items():
            code = "coal" if (question, answer) == ("exclusion", "yes") else ""
            GateWord.confirm(company, question, answer, EVIDENCE, by=manager, code=code)
        _classify(company, invented, manager)
        if company.company_key == requests.ANSWERED.company_key:
            requests.ask(company, requests.ANSWERED)
        if invented.is_verified:
            _verified(company, invented, _submitter(company, invented))
        else:
            _recorded(company, invented)
        audit.append(None, "demo.company_made", f"company:{company.company_key}")
    return company


def _company(invented: Invented, number: int) -> Company:
    base = f"91000000DEM{number:06d}"  # no place has the code 000000, so that no real company has the number
    company = Company.objects.create(
        company_key=key_of(invented),
        name_zh=f"示例{invented.name_zh}有限公司（示例）",
        name_en=f"{invented.name_en} Ltd. (illustrative 示例)",
        uscc=base + uscc.calc_check_digit(base),
        country="CHN",
        sector=Sector.MACHINERY,
        isic="C28",
        sector_source="Wind turbines (illustrative)",  # the estimator reads these words
        note=f"示例 illustrative: {invented.shows}",
        is_illustrative=True,
        **ORIGIN,
    )
    Target.objects.create(
        company=company,
        target_key="illustrative-2035",
        horizon=Target.Horizon.INTERIM,
        kind=Target.Kind.ABSOLUTE,
        reduction_share=0.5,
        base_year=invented.year - 2,
        target_year=2035,
        covers_scope_1="Yes",
        covers_scope_2="Yes",
        scope3=Target.Scope3.NO,
        status=Target.Status.STRATEGY,
        text="示例：2035 年范围一和范围二排放减半。Illustrative: halve scopes 1 and 2 by 2035.",
        **ORIGIN,
    )
    return company


def _classify(company: Company, invented: Invented, manager: User) -> None:
    track = CompanyTrack.objects.create(company=company, track=invented.track, why="示例 illustrative", **ORIGIN)
    track.confirm(by=manager, reason=EVIDENCE)
    track.classify(
        by=manager,
        family=TechnologyFamily.objects.get(code=invented.family) if invented.family else None,
        solutions=invented.name_zh,
        edition="2025" if invented.has_catalogue_code else "",
        code=CATALOGUE_CODE if invented.has_catalogue_code else "",
        valid_until=VALID_UNTIL if invented.has_catalogue_code else None,
        reason=EVIDENCE,
    )


def _submitter(company: Company, invented: Invented) -> User:
    """Who nobody can log in as: the people of the demo are those of one company."""
    user = User.objects.create_user(
        f"applicant-{invented.key}",
        f"{invented.key}@demo.invalid",
        first_name=invented.key,
        last_name="(illustrative 示例)",
    )
    Membership.objects.create(user=user, company=company, kind=Membership.Kind.SUBMITTER)
    return user


def _verified(company: Company, invented: Invented, submitter: User) -> None:
    draft = Disclosure.open_year(company, invented.year, by=submitter)
    draft.revise(
        by=submitter,
        edition=draft.edition,
        boundary=BOUNDARY,
        revenue_boundary=Disclosure.RevenueBoundary.MATCHED,
        source_document=DOCUMENT.format(year=invented.year),
        figures=_figures(invented),
        cited=_cited(company, invented, submitter),
    )
    if rows := _sold(invented):
        Solution.put(draft, rows, by=submitter, edition=draft.edition)
    draft.submit(by=submitter)
    opinion = Opinion.draft(
        draft,
        by=User.objects.get(username=VERIFIER),
        digest=draft.digest,
        level=Opinion.Level.LIMITED,
        kind=Opinion.Kind.UNMODIFIED,
        criteria=Opinion.Criteria.GHG_PROTOCOL,
        scope=BOUNDARY,
        sampling="示例：全部数据逐项核对。Illustrative: every figure was looked at.",
        statement="示例：未发现重大错报。Illustrative: nothing material came to our attention.",
        despite="示例：已与年报核对。Illustrative: compared with the report." if draft.open_items() else "",
        has_no_conflict=True,
    )
    opinion.issue(by=User.objects.get(username=REVIEWER))


def _cited(company: Company, invented: Invented, submitter: User) -> dict[str, list[Citation]]:
    """Each figure by one invented file: without evidence none counts as verified."""
    figures = _figures(invented)
    rows = "\n".join(f"{figure.quantity},{figure.typed}" for figure in figures)
    content = f"示例 Illustrative,{invented.name_zh} {invented.year}\n{rows}\n".encode()
    upload = Upload(f"{invented.key}-{invented.year}.csv", EvidenceKind.CSV, content)
    file = Evidence.keep(upload, company=company, by=submitter)
    return {str(figure.quantity): [Citation(evidence=file, place="示例 illustrative")] for figure in figures}


def _recorded(company: Company, invented: Invented) -> None:
    """As a public source would have it: a submission must tell its tonnes."""
    made = Disclosure.objects.create(
        company=company,
        year=invented.year,
        state=Disclosure.State.RECORDED,
        boundary=BOUNDARY,
        revenue_boundary=Disclosure.RevenueBoundary.MATCHED,
        source_document=DOCUMENT.format(year=invented.year),
        **ORIGIN,
    )
    for figure in _figures(invented):
        figure.disclosure = made
        figure.save()
    for number, row in enumerate(_sold(invented), 1):
        row.disclosure, row.number = made, number
        row.save()
    Disclosure.objects.filter(pk=made.pk).update(digest=made.content_digest(), frozen_at=Now())


def _figures(invented: Invented) -> list[Figure]:
    told = {**MONEY, **TONNES, **invented.figures}
    return [
        Figure(
            quantity=quantity,
            value=value,
            typed=f"{value:g}",
            basis=Figure.Basis.AUDITED if quantity.unit == "CNY" else Figure.Basis.REPORTED,
            ebit_standing="inside" if quantity in SUBSIDIES else "",
            source=ORIGIN["source"],
        )
        for quantity, value in told.items()
        if value is not None
    ]


def _sold(invented: Invented) -> list[Solution]:
    if not invented.family:
        return []
    told = {"kind": "realised", **TURBINES, **invented.sold}
    family = TechnologyFamily.objects.get(code=invented.family)
    return [Solution(family=family, country="CHN", name=invented.name_zh, source=ORIGIN["source"], **told)]

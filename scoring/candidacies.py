"""Rows of the database → what is archived of candidates: figures with how each is known, and the facts of the gates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError

from portfolio.models import (
    Company,
    CompanyTrack,
    Disclosure,
    EbitStanding,
    ExchangeRates,
    Figure,
    Financials,
    GateWord,
    Join,
    Quantity,
    Solution,
)
from portfolio.typed.numbers import grouped
from portfolio.universe.flags import doubts
from scoring.engine.accounting.choice import choose
from scoring.engine.errors import EngineError
from scoring.engine.score.bar_sheet import Rung
from scoring.engine.score.candidacy import (
    SUBSIDIES,
    CandidacyRecord,
    CandidateYear,
    Catalogue,
    GateFacts,
    Sold,
    StatedAvoided,
    Subsidy,
    ThemeShare,
    Told,
    Word,
)
from scoring.models.score import GateVerdict
from scoring.quality import Quality
from scoring.tables import in_force

KG_PER_TONNE = 1000.0
NO_PLACE = "ZZZ"  # of ISO 3166-1's codes for users: no source tells where it is used, and the sheet's stand-in stands
OF_FIGURE = {  # name in the record → quantity of a disclosure
    "scope1": Quantity.SCOPE_1,
    "scope2_location": Quantity.SCOPE_2_LOCATION,
    "revenue": Quantity.REVENUE,
    "value_added": Quantity.VALUE_ADDED,
    "ebit": Quantity.EBIT,
    "ebitda": Quantity.EBITDA,
    "gross_profit": Quantity.GROSS_PROFIT,
    "priced_t": Quantity.PRICED,
    "free_allocation_t": Quantity.FREE_ALLOCATION,
    "runway_months": Quantity.RUNWAY,
}
OF_ACCOUNTS = ("revenue", "value_added", "ebit", "ebitda", "gross_profit")  # columns of financials, in a currency
SUBSIDY_QUANTITIES = dict(
    zip(SUBSIDIES, (Quantity.GRANTS, Quantity.PRICE_PREMIUM, Quantity.THEME_CREDITS), strict=True)
)
OF_SOLUTION = {  # name in the record → column of a solution
    "units": "units_sold",
    "service": "service_per_unit_year",
    "life": "life_years",
    "use": "use_share",
    "energy": "energy_mwh_per_service",
    "lca": "lca_t_per_unit",
}
GASES = ("CO2", "CO2_or_CO2e", "CO2e")  # of grid factors, as publishers name them
Grid = Callable[[int], float | None]  # of a year, kg per kWh


def candidacies(
    ids: Sequence[int], as_of: date, rates: ExchangeRates, quality: Quality, *, tables: in_force.Tables | None = None
) -> dict[int, CandidacyRecord]:
    """By company; `quality` of all that stands of them by then. A handful of queries, however many there are."""
    rows = _Rows(ids, as_of, quality)
    tables = tables or in_force.in_force()
    return {company.pk: _candidacy(company, rows, as_of, rates, tables) for company in rows.companies}


class _Rows:
    """What the database holds of these companies, by company."""

    def __init__(self, ids: Sequence[int], as_of: date, quality: Quality) -> None:
        self.quality = quality
        self.companies = list(Company.objects.filter(pk__in=ids).select_related("city").order_by("pk"))
        self.tracks: dict[int, list[CompanyTrack]] = defaultdict(list)
        for track in CompanyTrack.objects.filter(company__in=ids).select_related("family").order_by("pk"):
            self.tracks[track.company_id].append(track)
        self.disclosures: dict[int, list[Disclosure]] = defaultdict(list)
        standing = Disclosure.objects.standing().filter(company__in=ids, year__lte=as_of.year)
        for disclosure in standing.order_by("year"):
            self.disclosures[disclosure.company_id].append(disclosure)
        told_in = [disclosure.pk for mine in self.disclosures.values() for disclosure in mine]
        self.figures: dict[int, dict[str, Figure]] = defaultdict(dict)  # of a disclosure, by quantity
        for figure in Figure.objects.filter(disclosure__in=told_in).order_by():
            figure.value = self.quality.value(figure)
            self.figures[figure.disclosure_id][figure.quantity] = figure
        self.solutions: dict[int, list[Solution]] = defaultdict(list)  # of a disclosure
        for solution in Solution.objects.filter(disclosure__in=told_in).select_related("family").order_by("number"):
            self.solutions[solution.disclosure_id].append(solution)
        self.accounts: dict[int, dict[int, list[Financials]]] = defaultdict(lambda: defaultdict(list))
        told = Financials.objects.counting().filter(company__in=ids, year__isnull=False, year__lte=as_of.year)
        for row in told.order_by("-is_audited", "pk"):  # of two sources of one figure the accounts come first
            self.accounts[row.company_id][row.year or 0].append(row)
        self.joins: dict[int, list[Join]] = defaultdict(list)
        for join in Join.objects.filter(company__in=ids):
            self.joins[join.company_id].append(join)
        self.words = GateWord.objects.filter(company__in=ids, at__date__lte=as_of).confirmed()
        self.verdicts = GateVerdict.standing(ids)


def _candidacy(
    company: Company, rows: _Rows, as_of: date, rates: ExchangeRates, tables: in_force.Tables
) -> CandidacyRecord:
    tracks = sorted(rows.tracks[company.pk], key=lambda one: not one.is_confirmed)  # a confirmed one before an opinion
    track = tracks[0] if tracks else None
    words = rows.words.get(company.pk, {})
    by_year: dict[int, list[Disclosure]] = defaultdict(list)
    for disclosure in rows.disclosures[company.pk]:
        by_year[disclosure.year].append(disclosure)
    accounts = rows.accounts[company.pk]
    grid = _grid(company, tables, as_of)
    family = track.family.code if track and track.family else None
    years = [
        _year(year, by_year.get(year, []), rows, accounts.get(year, []), family, rates, grid)
        for year in sorted(set(by_year) | set(accounts))
    ]
    venture = words.get(GateWord.Question.VENTURE)
    return CandidacyRecord(
        track=track.track if track else "",
        family=family,
        stage="venture" if venture is not None and venture.answer == GateWord.Answer.YES else "mature",
        gates=_gates(company, track, rows, words),
        years=years,
        stated_avoided=[
            _stated(d.year, s) for d in rows.disclosures[company.pk] for s in rows.solutions[d.pk] if _states(s)
        ],
    )


# --- gates -----------------------------------------------------------------------------------------------
def _gates(company: Company, track: CompanyTrack | None, rows: _Rows, words: Mapping[str, GateWord]) -> GateFacts:
    return GateFacts(
        identifiers=_identifiers(company),
        joins=_joins(rows.joins[company.pk]),
        exclusion=_word(words.get(GateWord.Question.EXCLUSION)),
        track_confirmed=track is not None and track.is_confirmed,
        catalogue=_catalogue(track),
        theme_share=_theme_share(rows.disclosures[company.pk], rows.figures, rows.accounts[company.pk]),
        fossil_extraction=_word(words.get(GateWord.Question.FOSSIL)),
        direct_and_significant=_word(words.get(GateWord.Question.DIRECT)),
        recorded=dict(rows.verdicts.get(company.pk, {})),  # type: ignore[arg-type]
    )


def _identifiers(company: Company) -> Any:
    told = False
    for name in ("uscc", "lei", "isin"):
        if value := getattr(company, name):
            told = True
            try:
                company._meta.get_field(name).clean(value, company)  # type: ignore[union-attr]
            except ValidationError:
                return "invalid"
    return "valid" if told or company.national_id else "none"


def _joins(joins: Sequence[Join]) -> Any:
    """Conflicting: the data say that figures are another entity's, and they still count."""
    if any(join.method == Join.Method.OTHER_ENTITY and join.state != Join.State.REJECTED for join in joins):
        return "conflicting"
    return "waiting" if any(join.state == Join.State.NOT_CONFIRMED for join in joins) else "confirmed"


def _word(word: GateWord | None) -> Word | None:
    if word is None:
        return None
    return Word(
        answer=word.answer,  # type: ignore[typeddict-item]
        code=word.code,
        evidence=word.evidence,
        on=word.at.date().isoformat(),
    )


def _catalogue(track: CompanyTrack | None) -> Catalogue | None:
    if track is None or not track.catalogue_code:
        return None
    until = track.catalogue_valid_until
    return Catalogue(
        edition=track.catalogue_edition,
        code=track.catalogue_code,
        valid_until=until.isoformat() if until else None,
    )


def _theme_share(
    disclosures: Sequence[Disclosure],
    figures: Mapping[int, Mapping[str, Figure]],
    accounts: Mapping[int, Sequence[Financials]],
) -> ThemeShare | None:
    """The latest told one; of revenue before that of capex and R&D, what the company disclosed before other sources."""
    found: list[tuple[int, int, ThemeShare]] = []
    for disclosure in disclosures:
        for place, (quantity, basis) in enumerate(_SHARES):
            if figure := figures[disclosure.pk].get(quantity):
                told = _share(disclosure.year, figure.value / 100, False, basis, disclosure.digest)
                found.append((disclosure.year, -place, told))
    for year, rows in accounts.items():
        for row in rows:
            for place, (share, basis) in enumerate(
                ((row.theme_share, "revenue"), (row.theme_capex_rnd_share, "capex_and_rnd"))
            ):
                if share is not None:
                    partial = row.theme_share_is_partial and basis == "revenue"
                    found.append((year, -2 - place, _share(year, share, partial, basis, row.source)))
    return max(found, key=lambda one: one[:2])[2] if found else None


_SHARES = ((Quantity.THEME_REVENUE, "revenue"), (Quantity.THEME_CAPEX_RND, "capex_and_rnd"))


def _share(year: int, share: float, is_partial: bool, basis: str, source: str) -> ThemeShare:
    return ThemeShare(year=year, share=share, is_partial=is_partial, basis=basis, source=source)  # type: ignore[typeddict-item]


# --- years -----------------------------------------------------------------------------------------------
def _year(
    year: int,
    disclosures: Sequence[Disclosure],
    rows: _Rows,
    accounts: Sequence[Financials],
    family: str | None,
    rates: ExchangeRates,
    grid: Grid,
) -> CandidateYear:
    """A year has one standing disclosure, or none where only accounts tell of it."""
    disclosure = disclosures[-1] if disclosures else None
    figures = rows.figures[disclosure.pk] if disclosure else {}
    solutions = rows.solutions[disclosure.pk] if disclosure else []
    told: dict[str, Told | None] = {
        name: _of_figure(rows.quality, disclosure, figures.get(quantity)) for name, quantity in OF_FIGURE.items()
    }
    for name in OF_ACCOUNTS:
        told[name] = told[name] or _of_accounts(accounts, name, rates)
    told["runway_months"] = told["runway_months"] or _runway(accounts)
    sold = [_sold(rows.quality, disclosure, row) for row in solutions] if disclosure else []
    record: dict[str, Any] = {
        "year": year,
        "boundary": disclosure.revenue_boundary if disclosure else "unstated",
        **told,
        "scope2_by_activity": _by_activity(rows.quality, disclosure, figures.get(Quantity.ELECTRICITY), grid, year),
        "scope2_other_rung": _other_scope2(rows.quality, disclosure, figures),
        "output": _output(rows.quality, disclosure, solutions, family),
        "subsidies": {
            name: _subsidy(name, rows.quality, disclosure, figures.get(quantity), accounts, rates)
            for name, quantity in SUBSIDY_QUANTITIES.items()
        },
        "sold": sold,
    }
    return record  # type: ignore[return-value]


def _rung(quality: Quality, figure: Figure) -> Rung:
    """How a figure of a disclosure is known. Accounts count as audited where a verifier or a public filing says so."""
    if figure.basis == Figure.Basis.AUDITED:
        return "audited"
    return "verified" if quality.is_first(figure.disclosure_id, figure.quantity) else "reported"


def _of_figure(quality: Quality, disclosure: Disclosure | None, figure: Figure | None) -> Told | None:
    if disclosure is None or figure is None:
        return None
    told = Told(value=figure.value, rung=_rung(quality, figure), source=disclosure.digest)
    if Quantity(figure.quantity).value.startswith("scope") and (
        doubted := _doubted(disclosure.quality_flag, "emissions")
    ):
        told["doubts"] = doubted
    return told


def _doubted(flag: str, *about: str) -> list[str]:
    return [doubt for doubt in doubts(flag) if doubt in about]


def _of_accounts(accounts: Sequence[Financials], name: str, rates: ExchangeRates) -> Told | None:
    """In yuan, at the mean of the year; the first source that tells it and can be converted."""
    for row in accounts:
        amount = getattr(row, name)
        applied = rates.of_year(row.currency, row.year or 0)
        if amount is None or applied is None:
            continue
        told = Told(
            value=amount * applied.cny_per_unit, rung="audited" if row.is_audited else "reported", source=row.source
        )
        if row.currency != "CNY":
            told["given"] = f"{grouped(amount)} {row.currency} × {applied.cny_per_unit:.6g} ({applied.of})"
        if name == "revenue" and (doubted := _doubted(row.quality_flag, "revenue")):
            told["doubts"] = doubted
        return told
    return None


def _runway(accounts: Sequence[Financials]) -> Told | None:
    row = next((row for row in accounts if row.runway_months is not None), None)
    if row is None or row.runway_months is None:
        return None
    return Told(value=row.runway_months, rung="audited" if row.is_audited else "reported", source=row.source)


def _subsidy(
    name: str,
    quality: Quality,
    disclosure: Disclosure | None,
    figure: Figure | None,
    accounts: Sequence[Financials],
    rates: ExchangeRates,
) -> Subsidy:
    if told := _of_figure(quality, disclosure, figure):
        standing = figure.ebit_standing if figure else ""
    else:
        row = next((row for row in accounts if getattr(row, name) is not None), None)
        told = _of_accounts([row], name, rates) if row else None
        standing = getattr(row, f"{name}_standing") if row else ""
    return Subsidy(told=told, standing=standing or EbitStanding.UNKNOWN.value)  # type: ignore[typeddict-item]


def _other_scope2(quality: Quality, disclosure: Disclosure | None, figures: Mapping[str, Figure]) -> Rung | None:
    for quantity in (Quantity.SCOPE_2_MARKET, Quantity.SCOPE_2_UNSPECIFIED):
        if disclosure is not None and (figure := figures.get(quantity)):
            return _rung(quality, figure)
    return None


# --- electricity -----------------------------------------------------------------------------------------
def _grid(company: Company, tables: in_force.Tables, as_of: date) -> Grid:
    """The location-based factor of where the company is, by year; None where none was published by the day."""

    def of_year(year: int) -> float | None:
        code = company.city.code if company.city else company.country_code
        try:
            places = tables.places_of(code)
        except EngineError:
            return None
        for gas in GASES:
            try:
                chosen = choose(
                    tables.factors,
                    activity="electricity",
                    gas=gas,
                    places=places,
                    year=year,
                    purpose="inventory_average",
                    as_of=as_of,
                )
            except EngineError:
                continue
            return chosen.factor.value
        return None

    return of_year


def _by_activity(
    quality: Quality, disclosure: Disclosure | None, kwh: Figure | None, grid: Grid, year: int
) -> Told | None:
    if disclosure is None or kwh is None:
        return None
    factor = grid(year)
    if factor is None:
        return None
    verified = quality.is_first(disclosure.pk, kwh.quantity)
    return Told(
        value=kwh.value * factor / KG_PER_TONNE,
        rung="activity_verified" if verified else "activity",
        source=disclosure.digest,
        given=f"{grouped(kwh.value)} kWh × {factor:.6g} kg/kWh",
    )


# --- what was sold ----------------------------------------------------------------------------------------
def _sold(quality: Quality, disclosure: Disclosure, row: Solution) -> Sold:
    rung: Rung = "verified" if quality.is_verified(disclosure.pk) else "reported"

    def told(value: float | None) -> Told | None:
        return None if value is None else Told(value=float(value), rung=rung, source=row.source or disclosure.digest)

    record: dict[str, Any] = {name: told(getattr(row, column)) for name, column in OF_SOLUTION.items()}
    # A whole system is all of itself, once anything is told of it; of a component without its share lifetime
    # tonnes are not known.
    whole = 1.0 if any(record.values()) else None
    share = told(row.cost_share if row.is_component else whole)
    place = row.country or NO_PLACE
    found: Any = {"family": row.family.code, "kind": row.kind, "place": place, "cost_share": share, **record}
    sold: Sold = found
    return sold


def _output(
    quality: Quality, disclosure: Disclosure | None, solutions: Sequence[Solution], family: str | None
) -> Told | None:
    """Made in the year, of the company's own family: the denominator of O where that is output."""
    if disclosure is None or family is None:
        return None
    rows = [row for row in solutions if row.family.code == family]
    made = [row.units_made for row in rows if row.units_made is not None]
    if not made:
        return None
    rung: Rung = "verified" if quality.is_verified(disclosure.pk) else "reported"
    return Told(
        value=sum(made), rung=rung, source=next(filter(None, map(attrgetter("source"), rows)), disclosure.digest)
    )


def _states(row: Solution) -> bool:
    return row.stated_avoided_t is not None


def _stated(year: int, row: Solution) -> StatedAvoided:
    kind = row.stated_avoided_kind or Solution.Stated.UNSTATED.value
    return StatedAvoided(year=year, t=row.stated_avoided_t or 0.0, kind=kind, source=row.source)

"""The temperature of a portfolio: what is held on a day, scored as each company's own dossier scores it."""

from __future__ import annotations

import json
from functools import cached_property

import numpy as np

from fund.holdings.book import Book, Statement, companies_of
from fund.models import AssetClass
from portfolio.models import Company
from scoring.engine.columns import Bools
from scoring.engine.temperature.inputs import (
    TIME_FRAMES,
    CompanyFacts,
    TargetFacts,
    TemperatureCompanies,
    TemperatureTargets,
)
from scoring.engine.temperature.portfolio import (
    AGGREGATIONS,
    EMISSIONS_OF,
    VALUED_BY,
    Aggregate,
    Contribution,
    Holdings,
    Portfolio,
    missing,
)
from scoring.engine.temperature.score import score
from scoring.engine.temperature.scores import TemperatureScores
from scoring.engine.temperature.thin_targets import thin_company
from scoring.snapshots import take
from scoring.tables.temperature import shipped_method

METHOD = "WATS"  # of the what-ifs


class TemperatureOfPortfolio:
    """All aggregations of one statement. A holding whose amount is not known is left out, and counted."""

    def __init__(self, book: Book, statement: Statement) -> None:
        self.book, self.statement = book, statement
        self.held = {company.company_key: company for company in companies_of(statement)}
        self.unknown = statement.pcaf.outstanding_unknown

    @cached_property
    def scores(self) -> TemperatureScores:
        facts, targets = self._facts()
        companies = TemperatureCompanies.from_records(facts)
        rows = TemperatureTargets.from_records(targets, companies)
        return score(companies, rows, shipped_method(), self.statement.day)

    @cached_property
    def portfolio(self) -> Portfolio:
        position = {key: at for at, key in enumerate(self.scores.companies.company_id)}
        pcaf = self.statement.pcaf
        money = pcaf.outstanding
        known = ~np.isnan(money) & (pcaf.attribution.aside == 0)
        rows = [row for row, is_known in zip(self.statement.rows, known, strict=True) if is_known]
        company = np.array([position[row.company.company_key] for row in rows if row.company], dtype=np.int64)
        engaged = np.array([row.holding.is_engaged for row in rows], dtype=np.bool_)
        return Portfolio(self.scores, Holdings.merged(company, money[known], engaged))

    @cached_property
    def aggregates(self) -> dict[tuple[str, str, str], Aggregate]:
        """By method, time frame and scope: seven, three and five of them."""
        return {(one.method, one.time_frame, one.scope): one for one in self.portfolio.aggregates(AGGREGATIONS)}

    def coverage(self, one: Aggregate) -> float | None:
        """Share of all that the fund holds, as of every other figure; None where an amount in it is not known."""
        return self.statement.pcaf.coverage(self._counted(one))

    def coverage_at_most(self, one: Aggregate) -> float | None:
        return self.statement.pcaf.coverage_at_most(self._counted(one))

    def _counted(self, one: Aggregate) -> float:
        """In yuan: the engine sees only what has a company and an amount, so its coverage is a share of that."""
        return one.coverage_percent / 100 * self.portfolio.invested

    @cached_property
    def targeted(self) -> Bools:
        """Whether a company that is held stands on a usable target, shape (companies, time frames, scopes)."""
        stands: Bools = self.scores.default_share < 1
        return stands

    def with_target(self, scope: str, time_frame: str | None = None) -> float:
        """Money, in yuan, in companies whose score stands on a usable target in a time frame, or in any of them."""
        of_scope = self.targeted[:, :, self.scores.scopes.index(scope)]
        frames = range(len(TIME_FRAMES)) if time_frame is None else [TIME_FRAMES.index(time_frame)]
        stands = np.logical_or.reduce([of_scope[:, frame] for frame in frames])
        holdings = self.portfolio.holdings
        return float(holdings.investment_value[stands[holdings.company]].sum())

    @cached_property
    def imagined(self) -> dict[str, dict[tuple[str, str], Aggregate]]:
        """The six futures by WATS, each by time frame and scope."""
        return {
            code: {(one.time_frame, one.scope): one for one in found}
            for code, found in self.portfolio.what_ifs(METHOD).items()
        }

    @cached_property
    def engaged(self) -> list[Company]:
        """Companies that the fund engages with: what-if 4 is about them."""
        engaged = [row.company for row in self.statement.rows if row.holding.is_engaged]
        return list({company.pk: company for company in engaged if company}.values())

    def contributions(self, method: str, time_frame: str, scope: str) -> list[tuple[Company, Contribution]]:
        """Of every company that enters, the largest first."""
        ids = self.scores.companies.company_id
        found = self.portfolio.contributions(method, time_frame, scope)
        return [(self.held[ids[part.company]], part) for part in found]

    def left_out(self, method: str, time_frame: str, scope: str) -> list[tuple[Company, list[str]]]:
        """Companies held that do not enter, each with the columns that it lacks; none where its amount is not known."""
        entered = {company.pk for company, _part in self.contributions(method, time_frame, scope)}
        needed = [*VALUED_BY.get(method, ()), *(EMISSIONS_OF[scope] if method != "WATS" else ())]
        lacking = missing(self.scores.companies, self.portfolio.holdings)
        position = {key: at for at, key in enumerate(self.scores.companies.company_id)}
        return [
            (company, [name for name in needed if position[key] in lacking[name]])
            for key, company in self.held.items()
            if company.pk not in entered
        ]

    def _facts(self) -> tuple[list[CompanyFacts], list[TargetFacts]]:
        """The archived records of the companies, with what they are worth."""
        day = self.statement.day
        revenue = {
            row.company.company_key: row.inputs["revenue"].value
            for row in self.statement.rows
            if row.company and row.holding.asset_class != AssetClass.PROJECT_FINANCE  # that is the project's
        }
        facts: list[CompanyFacts] = []
        targets: list[TargetFacts] = []
        followed = Company.objects.filter(holdings__fund=self.book.fund).distinct()
        for snapshot in take(followed, day):
            if snapshot.company_key not in self.held:
                continue
            company = self.held[snapshot.company_key]
            thin = thin_company(json.loads(snapshot.inputs))
            worth = self.book.worth(company.pk, day)
            facts.append(
                CompanyFacts(
                    company_id=snapshot.company_key,
                    company_name=company.name,
                    isic=thin.facts["isic"],
                    ghg_s1s2=thin.facts["ghg_s1s2"],
                    ghg_s3=thin.facts["ghg_s3"],
                    ghg_s1=thin.facts.get("ghg_s1"),
                    ghg_s2=thin.facts.get("ghg_s2"),
                    company_revenue=revenue.get(snapshot.company_key),
                    company_market_cap=worth["market_cap"],
                    company_enterprise_value=worth["enterprise_value"],
                    company_total_assets=worth["total_assets"],
                    company_cash_equivalents=worth["cash"],
                )
            )
            targets += [row for target in thin.targets for row in target.facts]
        return facts, targets

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portfolio.models.finance import ExchangeRates
from portfolio.universe.words import exchange_rates
from scoring.bar_sheets.shipped import FOLDER, frozen_bars, measured_bars, read


class Command(BaseCommand):
    help = (
        "Print what the reporters of each class of industry come to: class, n, median, spread, bar, and who is in it. "
        "With --check: fail where the shipped bar sheet has another bar."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *, check: bool, **_: Any) -> None:
        measured = measured_bars(FOLDER, _yuan_per, read(FOLDER).sheet.judgements)
        for one in measured:
            bar = f"bar {one.bar.value:.4f}" if one.bar else "no bar: too few"
            self.stdout.write(
                f"{one.industry_class}: n {len(one.reporters)}, median {one.median:.4f} t per 10,000 CNY of revenue, "
                f"sd of ln {one.sd_ln:.2f}, {bar}"
            )
            for reporter, footprint in sorted(
                zip(one.reporters, one.footprints, strict=True), key=lambda pair: pair[1]
            ):
                self.stdout.write(f"  {footprint:.4f}  ISIC {reporter.division}  {reporter.name}: {reporter.reason}")
        if check and {one.industry_class: one.bar for one in measured if one.bar} != frozen_bars(FOLDER):
            raise CommandError("The shipped bar sheet has other bars.")


def _yuan_per(currency: str, year: int) -> float:
    """The mean of the year, as it ships."""
    rates = ExchangeRates((row.currency, row.year, row.day, row.per_usd) for row in exchange_rates())
    found = rates.of_year(currency, year)
    if found is None:
        raise CommandError(f"No exchange rate of {year} for {currency} ships.")
    return found.cny_per_unit

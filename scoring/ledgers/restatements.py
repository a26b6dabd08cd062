"""Calculations that are kept, and the restatements that newer factors suggest. Nothing here rewrites a disclosure."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portfolio import audit
from portfolio.errors import NotAllowed
from portfolio.mail import outbox
from portfolio.models import Activity, Disclosure, LocalFactor, Mail
from scoring.engine import VERSION, canonical_json, digest
from scoring.engine.accounting.ledger import LineResult, change_percent
from scoring.engine.accounting.totals import Amount
from scoring.engine.columns import rounded
from scoring.engine.errors import BrokenTable
from scoring.ledgers.ledger import Accounted, Row, account_disclosure, day_of
from scoring.models.ledger import Calculation, CheckedLedger, FactorUse, Restatement
from scoring.tables import in_force as factors
from scoring.wake import tell

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 5  # what a sweep may spend here; what is left waits for the next one
TOTALS = Calculation.TOTALS


# --- what is kept when people act ------------------------------------------------------------------------
def on_disclosure_submitted(disclosure: Disclosure, **_signal: Any) -> None:
    keep(disclosure, Calculation.Occasion.SUBMITTED)


def on_disclosure_verified(disclosure: Disclosure, **_signal: Any) -> None:
    """Keep what was verified; proposals for earlier versions of the year have lost their object."""
    keep(disclosure, Calculation.Occasion.VERIFIED)
    of_year = Disclosure.objects.filter(company=disclosure.company_id, year=disclosure.year).exclude(pk=disclosure.pk)
    Restatement.objects.open().filter(disclosure__in=of_year).update(state=Restatement.State.OVERTAKEN)
    transaction.on_commit(partial(tell, "recheck_ledgers"), robust=True)


def on_local_factor_verified(factor: LocalFactor, by: User, **_signal: Any) -> None:
    """In force from the commit on. Raises NotAllowed where it could not be used, which undoes all."""
    try:
        tables = factors.in_force(factor.company)
    except BrokenTable as refused:
        raise NotAllowed(_("The tables cannot hold this factor: %(why)s") % {"why": refused}) from refused
    if rivals := factors.rivals(tables.factors, tables.by_id[factor.factor_id]):
        words = _("For this place and year %(ids)s stands already: with two, no line there could be computed.")
        raise NotAllowed(words % {"ids": ", ".join(rivals)})
    transaction.on_commit(partial(tell, "recheck_ledgers"), robust=True)


def keep(disclosure: Disclosure, occasion: str, *, as_of: date | None = None) -> Calculation | None:
    """Store what the ledger comes to; the same result a second time is the row that is there. None without lines."""
    accounted = account_disclosure(disclosure, as_of=as_of or day_of(disclosure))
    return _store(accounted, occasion) if accounted.total else None


def _store(accounted: Accounted, occasion: str) -> Calculation:
    text = canonical_json(rounded(record_of(accounted)))
    total = accounted.total
    assert total is not None  # noqa: S101
    kept, is_new = Calculation.objects.get_or_create(
        disclosure=accounted.disclosure,
        occasion=occasion,
        digest=digest(text),
        defaults={
            "content_digest": accounted.disclosure.digest,
            "tables_digest": accounted.tables.digest,
            "gwp_set": accounted.gwp_set,
            "as_of": accounted.as_of,
            "scope_1_t": total.scope_1.tonnes,
            "scope_2_location_t": total.scope_2_location.tonnes,
            "scope_2_market_t": total.scope_2_market.tonnes if total.scope_2_market else None,
            "scope_3_t": total.scope_3.tonnes,
            "record_json": text,
        },
    )
    if is_new:
        FactorUse.objects.bulk_create(
            FactorUse(calculation=kept, factor_id=factor_id, lines=lines)
            for factor_id, lines in sorted(_uses(accounted).items())
        )
    return kept


def _uses(accounted: Accounted) -> Counter[str]:
    """Factor → lines that rest on it, by either method."""
    results = [row.result for row in accounted.rows if row.result]
    return Counter(
        factor_id for found in results for factor_id in sorted({*found.factor_ids, *found.market_factor_ids})
    )


def record_of(accounted: Accounted) -> dict[str, Any]:
    """Everything that a recalculation is compared with, in codes, numbers and sources: no sentence."""
    disclosure, total = accounted.disclosure, accounted.total
    assert total is not None  # noqa: S101
    return {
        "company_key": disclosure.company.company_key,
        "year": disclosure.year,
        "version": disclosure.version,
        "content_digest": disclosure.digest,
        "tables_digest": accounted.tables.digest,
        "engine": VERSION,
        "gwp_set": accounted.gwp_set,
        "as_of": accounted.as_of.isoformat(),
        "totals": {
            **{name: _amount(getattr(total, name)) for name in TOTALS},
            "gases_kg": {gas: _amount(mass) for gas, mass in sorted(total.gases_kg.items())},
            "biogenic_co2_t": total.biogenic_co2_t,
            "data_quality": total.data_quality,
            "is_complete": total.completeness.complete,
        },
        "lines": [_line_or_why_not(row) | _placing(row) for row in accounted.rows],
    }


def _line_or_why_not(row: Row) -> dict[str, Any]:
    if row.result:
        return _line(row.result)
    return {"line": row.line.line_id, "error": row.error.code if row.error else "", "notation": row.line.notation}


def _placing(row: Row) -> dict[str, Any]:
    return {"place": row.placing.code, "place_source": row.placing.source, "place_flags": list(row.placing.flags)}


def _amount(amount: Amount | None) -> list[float | None] | None:
    return None if amount is None else [amount.tonnes, amount.half_width_percent]


def _line(found: LineResult) -> dict[str, Any]:
    return {
        "line": found.line_id,
        "activity": found.activity,
        "scope": found.scope,
        "kg": dict(sorted(found.kg.items())),
        "co2e_t": found.co2e_t,
        "half_width_percent": found.half_width_percent,
        "biogenic_co2_t": found.biogenic_co2_t,
        "market_co2e_t": found.market_co2e_t,
        "factor_ids": list(found.factor_ids),
        "market_factor_ids": list(found.market_factor_ids),
        "data_quality": found.data_quality,
        "because": found.because,
    }


# --- what newer factors change ---------------------------------------------------------------------------
def due() -> models.QuerySet[Disclosure]:
    """Standing disclosures with a ledger that were not recalculated with the tables of now."""
    lines = Activity.objects.filter(disclosure=models.OuterRef("pk"))
    checked = CheckedLedger.objects.filter(disclosure=models.OuterRef("pk"), tables_version=factors.version())
    return Disclosure.objects.standing().filter(models.Exists(lines), ~models.Exists(checked)).order_by("pk")


def recheck(seconds: float) -> bool:
    """Recalculate what is due until the time is up; true when nothing is left. Doing it twice does no harm."""
    ends = time.monotonic() + seconds
    for disclosure in due().select_related("company").iterator():
        if time.monotonic() > ends:
            return False
        version = factors.version()
        try:
            propose(disclosure)
        except Exception:  # one ledger that cannot be computed must not keep the others waiting
            logger.exception("disclosure %s was not recalculated", disclosure.pk)
        CheckedLedger.objects.update_or_create(disclosure=disclosure, defaults={"tables_version": version})
    return True


def propose(disclosure: Disclosure, threshold_percent: float | None = None) -> Restatement | None:
    """Recalculate a standing ledger with all that is published by today; propose where a total moves too far."""
    threshold = settings.RESTATEMENT_PERCENT if threshold_percent is None else threshold_percent
    before = _baseline(disclosure)
    accounted = account_disclosure(disclosure, as_of=timezone.localdate())
    if before is None or accounted.total is None:
        return None
    with transaction.atomic():
        # The disclosure's row stays locked, so that two workers do not propose the same thing twice.
        Disclosure.objects.select_for_update(no_key=True).get(pk=disclosure.pk)
        opened = Restatement.objects.open().filter(disclosure=disclosure).select_related("after").first()
        moved = changes(before.record["totals"], record_of(accounted)["totals"], threshold)
        if opened and moved and _agree(opened.after, accounted, 0.0):
            return opened
        if opened:
            Restatement.objects.open().filter(pk=opened.pk).update(state=Restatement.State.OVERTAKEN)
        if not moved or _was_dismissed(disclosure, accounted, threshold):
            return None
        after = _store(accounted, Calculation.Occasion.RECALCULATED)
        percents: list[float] = [abs(change["percent"]) for change in moved if change["percent"] is not None]
        made, is_new = Restatement.objects.get_or_create(
            before=before,
            after=after,
            defaults={
                "disclosure": disclosure,
                "changes": moved,
                "factors": exchanged(before.record["lines"], after.record["lines"]),
                "percent": max(percents) if percents else None,
            },
        )
        if is_new:
            audit.append(None, "restatement.proposed", f"restatement:{made.pk}", digest=after.digest)
            tell_proposed(made)
    return made


def tell_proposed(made: Restatement) -> None:
    """The people of the company, who decide about it."""
    about, path = f"restatement:{made.pk}", reverse("scoring:restatement", args=[made.pk])
    company, year = made.disclosure.company, made.disclosure.year
    outbox.tell(outbox.people_of(company.pk), Mail.Kind.RESTATEMENT, about, path, company=company, year=year)


def _baseline(disclosure: Disclosure) -> Calculation | None:
    """What stands: the calculation of the verification, made up for where there is none yet."""
    verified = Calculation.objects.filter(
        disclosure=disclosure, occasion=Calculation.Occasion.VERIFIED, content_digest=disclosure.digest
    )
    return verified.order_by("pk").first() or keep(disclosure, Calculation.Occasion.VERIFIED)


def _was_dismissed(disclosure: Disclosure, accounted: Accounted, threshold_percent: float) -> bool:
    """The company has decided about about as much already."""
    decided = Restatement.objects.filter(disclosure=disclosure, state=Restatement.State.DISMISSED)
    last = decided.select_related("after").order_by("-pk").first()
    return last is not None and _agree(last.after, accounted, threshold_percent)


def _agree(kept: Calculation, accounted: Accounted, threshold_percent: float) -> bool:
    return not changes(kept.record["totals"], record_of(accounted)["totals"], threshold_percent)


def changes(before: Mapping[str, Any], after: Mapping[str, Any], threshold_percent: float) -> list[dict[str, Any]]:
    """The totals that move by more than the threshold; percent is None where one comes from zero.

    A total that is missing on either side is left out: a method that was not there before is no restatement.
    """
    moved = []
    for name in TOTALS:
        if before[name] is None or after[name] is None:
            continue
        before_t, after_t = before[name][0], after[name][0]
        percent = float(change_percent(before_t, after_t)) if before_t else None
        is_far = after_t != before_t if percent is None else abs(percent) > threshold_percent
        if is_far:
            moved.append({"total": name, "before_t": before_t, "after_t": after_t, "percent": percent})
    return moved


def exchanged(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines whose factors are others: those that only one side has."""
    olds = {line["line"]: line for line in before}
    found = []
    for line in after:
        old = olds.get(line["line"], {})
        was, now = _factor_ids(old), _factor_ids(line)
        if was != now:
            activity = line.get("activity", "")
            found.append(
                {"line": line["line"], "activity": activity, "old": sorted(was - now), "new": sorted(now - was)}
            )
    return found


def _factor_ids(line: Mapping[str, Any]) -> set[str]:
    return {*line.get("factor_ids", ()), *line.get("market_factor_ids", ())}


# --- background ------------------------------------------------------------------------------------------
def work() -> None:
    """What a worker does when woken: a shard, then it hands over."""
    if not recheck(settings.RUN_SHARD_SECONDS):
        tell("recheck_ledgers")


def sweep() -> None:
    recheck(SWEEP_SECONDS)

"""A directory of tables → companies and what public sources say of them.

`read` names every fault of every file at once and then gives nothing; what is implausible but possible is kept
and flagged. `load` writes in one transaction, and writes nothing that is there already. See docs/reference/data.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from portfolio import audit
from portfolio.models import (
    City,
    Company,
    CompanyTrack,
    DataRequest,
    Disclosure,
    ExchangeRate,
    Figure,
    Financials,
    GateWord,
    Join,
    Site,
    SiteYear,
    Solution,
    Target,
    TrackDecision,
)
from portfolio.models.company import search_text
from portfolio.places.names import city_of
from portfolio.typed.numbers import grouped
from portfolio.universe import versions, words
from portfolio.universe.flags import SEPARATOR as FLAG_SEPARATOR
from portfolio.universe.flags import is_own
from portfolio.universe.read import DisclosureFacts, Fields, Key, M, Universe

CHANGES_TOLD = 200

LAST_YEAR = 9999


@dataclass
class Counts:
    """`kept`: a person has confirmed or corrected the row, so the directory does not touch it.
    `gone`: known from the same source, and no longer in the directory; left as it is."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    gone: int = 0


@dataclass(frozen=True)
class Change:
    """One field of a row that was there already."""

    row: str
    field: str
    before: str
    now: str


@dataclass
class Report:
    digest: str
    counts: dict[str, Counts]
    changes: list[Change]  # the first CHANGES_TOLD of them
    flags: dict[str, int]
    notes: list[str]

    @property
    def changed_anything(self) -> bool:
        return any(count.created or count.changed for count in self.counts.values())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def tried(universe: Universe) -> Report:
    """What loading it would do; nothing is written."""
    with transaction.atomic():
        report = load(universe)
        transaction.set_rollback(True)
    return report


def load(universe: Universe, *, by: User | None = None) -> Report:
    """Write what is new or different, in one transaction; one event in the audit log if anything was."""
    changes: list[Change] = []
    with transaction.atomic():
        counts = {"places": _load_places(), "exchange_rates": _load_rates()}
        cities = _cities(universe)
        counts["companies"] = _load_companies(universe, cities, changes)
        ids = dict(Company.objects.values_list("company_key", "pk"))
        tracks = {(ids[key], track): facts for (key, track), facts in universe.tracks.items()}
        rejected = TrackDecision.objects.rejected() & tracks.keys()
        counts["tracks"] = _sync(
            CompanyTrack,
            {key: facts for key, facts in tracks.items() if key not in rejected},
            ("company_id", "track"),
            keep=lambda row: row.is_confirmed,
            changes=changes,
        )
        counts["tracks"].kept += len(rejected)
        counts["disclosures"] = _load_disclosures(universe, ids)
        counts["financials"] = _sync(
            Financials,
            {(ids[key], *rest): facts for (key, *rest), facts in universe.financials.items()},
            ("company_id", "year", "source"),
            keep=lambda row: row.entered_by_id is not None,
            changes=changes,
        )
        counts["targets"] = _sync(
            Target,
            {(ids[key], target): facts for (key, target), facts in universe.targets.items()},
            ("company_id", "target_key"),
            keep=lambda row: row.entered_by_id is not None,
            changes=changes,
        )
        counts |= _load_sites(universe, ids, cities)
        counts["joins"] = _load_joins(universe, ids)
        counts["gate_words"] = _load_gate_words(universe, ids)
        report = Report(
            universe.digest,
            counts,
            changes,
            dict(universe.flags.most_common()),
            [*universe.notes, *_without_rate(universe)],
        )
        if report.changed_anything:
            DataRequest.objects.settle()
            detail = ", ".join(f"{kind} +{count.created} ~{count.changed}" for kind, count in counts.items())
            audit.append(by, "universe.loaded", "universe", digest=universe.digest, detail=detail)
    return report


def _load_places() -> Counts:
    return _sync(
        City,
        {
            (place.code,): {
                "name_zh": place.name_zh,
                "name_en": place.name_en,
                "country": place.country,
                "source": place.source,
            }
            for place in words.places()
        },
        ("code",),
    )


def _cities(universe: Universe) -> dict[str, int]:
    """Code → row, with those that the directory names and nobody named before."""
    known = dict(City.objects.values_list("code", "pk"))
    named = {facts.get("city") for facts in (*universe.companies.values(), *universe.sites.values())}
    return known | {code: city_of(code).pk for code in named if code and code not in known}


def _load_rates() -> Counts:
    """A rate that a person entered or changed stays as it is."""
    return _sync(
        ExchangeRate,
        {
            (row.currency, row.year, row.day): {"per_usd": row.per_usd, "source": row.source}
            for row in words.exchange_rates()
        },
        ("currency", "year", "day"),
        keep=lambda row: row.entered_by_id is not None,
        create=lambda rates: bulk_create_with_history(rates, ExchangeRate, batch_size=500),
    )


def _without_rate(universe: Universe) -> list[str]:
    """Which currencies and years of the revenues have no exchange rate of their own, and what stands for it."""
    at_hand = ExchangeRate.objects.means()
    asked = Counter(
        (facts["currency"], year or 0)  # 0: its source gives no year, and the last one stands for it
        for (_key, year, *_source), facts in universe.financials.items()
        if facts["revenue"] is not None
    )
    notes = []
    for (currency, year), count in sorted(asked.items()):
        found = at_hand.of_year(currency, year or LAST_YEAR)
        facts = {"currency": currency, "year": year, "count": count}
        if found is None and year:
            words = _(
                "No exchange rate for %(currency)s %(year)s or before: revenue that cannot be converted: %(count)s."
            )
        elif found is None:
            words = _("No exchange rate for %(currency)s: revenue without a year that cannot be converted: %(count)s.")
        elif year and found.lag_years:
            words = _("No exchange rate for %(currency)s %(year)s: revenue taken at the mean of %(of)s: %(count)s.")
        else:
            continue
        notes.append(words % (facts | {"of": found.of if found else ""}))
    return notes


def _load_companies(universe: Universe, cities: Mapping[str, int], changes: list[Change]) -> Counts:
    def create(companies: list[Company]) -> None:
        for company in companies:
            company.search_text = search_text(company)
        bulk_create_with_history(companies, Company, batch_size=500)

    on_record = {c.company_key: c for c in Company.objects.filter(company_key__in=universe.fill_only)}
    wanted = {
        (key,): _filling(on_record[key], facts) if key in on_record else _with_city(facts, cities)
        for key, facts in universe.companies.items()
    }
    return _sync(Company, wanted, ("company_key",), create=create, changes=changes)


def _filling(company: Company, facts: Fields) -> Fields:
    """Of a row that only fills: names and description that the company on record lacks."""
    blank = [name for name in ("name_zh", "name_en", "description") if not getattr(company, name)]
    filled = {name: facts[name] for name in blank if facts.get(name)}
    if "name_zh" in filled:
        filled["name_zh_source"] = facts.get("name_zh_source", facts["source"])
    return {"source": company.source, "licence": company.licence} | filled


def _load_sites(universe: Universe, ids: Mapping[str, int], cities: Mapping[str, int]) -> dict[str, Counts]:
    wanted = {}
    for (key, site_key), facts in universe.sites.items():
        wanted[ids[key], site_key] = _with_city(
            {name: value for name, value in facts.items() if name != "latest"}, cities
        )
    counts = {"sites": _sync(Site, wanted, ("company_id", "site_key"))}
    site_ids = {(company, key): pk for pk, company, key in Site.objects.values_list("pk", "company_id", "site_key")}
    years = {
        (site_ids[ids[key], site_key], year): facts for (key, site_key, year), facts in universe.site_years.items()
    }
    return counts | {"site_years": _sync(SiteYear, years, ("site_id", "year"))}


def _load_joins(universe: Universe, ids: Mapping[str, int]) -> Counts:
    """A person's word stands for as long as the source says the same of the entity that it was about."""
    wanted = {(ids[key], *rest): facts for (key, *rest), facts in universe.joins.items()}
    for join in Join.objects.filter(decisions__isnull=False).distinct():
        facts = wanted.get((join.company_id, join.source, join.figures))
        if facts and all(getattr(join, name) == facts[name] for name in Join.ENTITY):
            facts["state"] = join.state
    for facts in wanted.values():
        facts.setdefault("state", Join.BEGINS_AS[facts["method"]].value)
    return _sync(Join, wanted, ("company_id", "source", "figures"))


def _load_gate_words(universe: Universe, ids: Mapping[str, int]) -> Counts:
    """Words are added, never edited: what a source says otherwise now is another word, and the last one holds."""
    counts = Counts()
    said: dict[Key, GateWord] = {}
    for word in GateWord.objects.filter(is_confirmed=False, by__isnull=True).order_by("pk"):
        said[word.company_id, word.question, word.source] = word
    new = []
    for (key, question, source), facts in universe.gate_words.items():
        before = said.get((ids[key], question, source))
        if before and all(getattr(before, name) == value for name, value in facts.items()):
            counts.unchanged += 1
            continue
        new.append(GateWord(company_id=ids[key], **facts))
        counts.changed += before is not None
        counts.created += before is None
    GateWord.objects.bulk_create(new)
    return counts


def _with_city(facts: Fields, cities: Mapping[str, int]) -> Fields:
    if "city" not in facts:
        return facts
    code = facts["city"]
    return {name: value for name, value in facts.items() if name != "city"} | {
        "city_id": cities[code] if code else None
    }


def _sync(
    model: type[M],
    wanted: Mapping[Key, Fields],
    key_fields: tuple[str, ...],
    *,
    keep: Callable[[M], bool] = lambda row: False,
    create: Callable[[list[M]], None] | None = None,
    changes: list[Change] | None = None,
) -> Counts:
    """Create what is missing in bulk, save what differs one by one (so that history is written), leave the rest."""
    counts = Counts()
    rows = model._default_manager.all()
    existing = {tuple(getattr(row, name) for name in key_fields): row for row in rows}
    new: list[M] = []
    for key, facts in wanted.items():
        row = existing.get(key)
        if row is None:
            new.append(model(**dict(zip(key_fields, key, strict=True)), **_without(facts, key_fields)))
        elif all(getattr(row, name) == value for name, value in facts.items()):
            counts.unchanged += 1
        elif keep(row):
            counts.kept += 1
        else:
            if changes is not None:
                changes += _changes(row, facts)[: CHANGES_TOLD - len(changes)]
            for name, value in facts.items():
                setattr(row, name, value)
            row.save()
            counts.changed += 1
    if new:
        (create or _bulk_create)(new)
    counts.created = len(new)
    sources = {facts["source"] for facts in wanted.values()}
    counts.gone = sum(getattr(row, "source", None) in sources for key, row in existing.items() if key not in wanted)
    return counts


def _changes(row: models.Model, facts: Fields) -> list[Change]:
    different = ((name, getattr(row, name), value) for name, value in facts.items() if getattr(row, name) != value)
    return [
        Change(str(row), str(row._meta.get_field(name).verbose_name), _shown(before), _shown(now))  # type: ignore[union-attr]
        for name, before, now in different
    ]


def _shown(value: Any) -> str:
    return grouped(value) if isinstance(value, float) else "" if value is None else str(value)


def _without(facts: Fields, names: Collection[str]) -> Fields:
    return {name: value for name, value in facts.items() if name not in names}


def _bulk_create(rows: list[M]) -> None:
    type(rows[0])._default_manager.bulk_create(rows, batch_size=500)


def _load_disclosures(universe: Universe, ids: Mapping[str, int]) -> Counts:
    """A frozen version is never edited: what differs becomes the next version, beside what another source said.

    Where people have a version of their own (a draft, or one that was verified), a changed row of a public source
    does not go on top of it.
    """
    counts = Counts()
    set_aside = versions.of_other_entities(universe, ids)
    stored: dict[tuple[int, int], list[Disclosure]] = defaultdict(list)
    for version in Disclosure.objects.order_by("version"):
        stored[version.company_id, version.year].append(version)
    new: list[tuple[Disclosure, DisclosureFacts]] = []
    for (key, year), facts in universe.disclosures.items():
        company_id = ids[key]
        known = stored.get((company_id, year), [])
        recorded = [version for version in known if version.state == Disclosure.State.RECORDED]
        mine = versions.last_of(facts.source, recorded)
        before = [version for version in recorded if mine and version.version < mine.version]
        then = versions.with_another(facts, before, company_id, set_aside) if mine else None
        if mine and then and _says_the_same(mine, then.as_version(mine.version, key, company_id, year)):
            counts.unchanged += 1
        elif any(version.state not in (Disclosure.State.RECORDED, Disclosure.State.WITHDRAWN) for version in known):
            counts.kept += 1
        elif (now := versions.with_another(facts, recorded, company_id, set_aside)) is None:
            counts.unchanged += 1  # another source said all of it, or it speaks of another entity
        else:
            next_version = known[-1].version + 1 if known else 1
            new.append((now.as_version(next_version, key, company_id, year), now))
            counts.changed += bool(known)
            counts.created += not known
    _insert_frozen(new)
    wanted = {(ids[key], year) for key, year in universe.disclosures}
    sources = {facts.source for facts in universe.disclosures.values()}
    counts.gone = sum(
        of_year not in wanted and any(v.state == Disclosure.State.RECORDED and v.source in sources for v in found)
        for of_year, found in stored.items()
    )
    return counts


def _says_the_same(stored: Disclosure, row: Disclosure) -> bool:
    """By digest and the source's own flag. Our flags may differ: they follow from other years too."""
    return stored.digest == row.digest and _stated_flags(stored) == _stated_flags(row)


def _stated_flags(row: Disclosure) -> list[str]:
    return [flag for flag in row.quality_flag.split(FLAG_SEPARATOR) if flag and not is_own(flag)]


def _insert_frozen(new: list[tuple[Disclosure, DisclosureFacts]]) -> None:
    """Frozen last: from then on the database refuses figures (portfolio/guards.py)."""
    Disclosure.objects.bulk_create([disclosure for disclosure, _facts in new], batch_size=500)
    names = ("quantity", "value", "typed", "basis", "boundary", "source", "note")
    Figure.objects.bulk_create(
        [
            Figure(disclosure=disclosure, **dict(zip(names, figure, strict=True)))
            for disclosure, facts in new
            for figure in facts.figures
        ],
        batch_size=500,
    )
    sold = [(disclosure, row) for disclosure, facts in new for row in facts.solutions]
    for disclosure, row in sold:
        row.pk, row.disclosure = None, disclosure
    Solution.objects.bulk_create([row for _disclosure, row in sold], batch_size=500)
    pks = [disclosure.pk for disclosure, _facts in new]
    for start in range(0, len(pks), 500):
        Disclosure.objects.filter(pk__in=pks[start : start + 500]).update(frozen_at=Now())

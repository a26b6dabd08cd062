"""Targets as trackers tell them → what the temperature score is given. Trackers give words, not protocols.

The rules: a type is intensity only if it says so, else absolute, marked; a scope that is said to be covered counts as
covered whole, "as stated"; one that is covered partly, or of which nothing is said, cannot be used; base-year tonnes
come from the nearest reported year within ± 3, never across a step of more than twofold, for splitting alone, marked;
where the sector's word spans divisions of several variables, that of all greenhouse gases is used, marked. A target per
unit of anything is intensity, and one on financed emissions or of another kind is on nobody's own tonnes. One whose
text contradicts its figures is a question; a scope to which the text does not give the percentage is not scored by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scoring.engine.inputs import FIGURES_ASKED, SCOPES_ASKED, CompanyRecord, TargetRecord, YearRecord
from scoring.engine.temperature.inputs import HEADLINE, CompanyFacts, TargetFacts
from scoring.engine.temperature.method_15 import ISIC_VARIABLE

BASE_YEAR_WINDOW = 3
STEP = 2.0  # between two reported years: more is another company than before
WORDS_ONLY = ("other", "words_only", "none")
# Why a target gives the temperature score nothing at all.
UNUSABLE = (
    "no_target",
    "words_only",
    "not_own_tonnes",
    "reduction_doubtful",
    "text_contradicts",
    "text_of_other_scopes",
    "no_reduction",
    "coverage_not_archived",
    "coverage_partial",
    "coverage_not_stated",
    "covers_nothing",
)


@dataclass(frozen=True)
class Tonnes:
    """Tonnes of a reported year."""

    year: int
    scope1_t: float
    scope2_t: float
    scope3_t: float | None


@dataclass
class ThinTarget:
    """One stated target, and the rows that the temperature score gets of it: none, one, or one for each part."""

    stated: TargetRecord
    facts: list[TargetFacts] = field(default_factory=list)
    unusable: str | None = None  # in UNUSABLE
    type_assumed: bool = False
    left_out: tuple[tuple[str, str], ...] = ()  # scope and the word about it, where the rest is used
    base_year_tonnes: Tonnes | None = None  # where they are found; 1.5 as we read it never needs them


@dataclass(frozen=True)
class ThinCompany:
    """What the temperature score is given of one company, with the years that its tonnes are of."""

    facts: CompanyFacts
    targets: tuple[ThinTarget, ...]
    isic: tuple[str, ...]  # divisions that its sector's word can stand for
    isic_spans: bool  # divisions of several variables: none is used
    s1s2_year: int | None
    s3_year: int | None


def thin_company(record: CompanyRecord) -> ThinCompany:
    """Read one archived record. Missing stays None; a record from before temperature scores lacks scope 3 and ISIC."""
    isic = tuple(record.get("isic", []))
    variables = {ISIC_VARIABLE.get(division[:3]) for division in isic}
    spans = len(variables) > 1
    latest, with_scope3 = _latest(record["years"])
    weighed = with_scope3 or latest  # both scopes of one year, or their shares would compare two years
    facts = CompanyFacts(
        company_id=record["company_key"],
        company_name=record["company_key"],
        isic=isic[0] if isic and not spans else None,
        ghg_s1s2=_s1s2_t(weighed) if weighed else None,
        ghg_s3=with_scope3.get("scope3_t") if with_scope3 else None,
        company_revenue=None,
        company_market_cap=None,
        company_enterprise_value=None,
        company_total_assets=None,
        company_cash_equivalents=None,
        ghg_s1=weighed["scope1_t"] if weighed else None,
        ghg_s2=weighed["scope2_t"] if weighed else None,
    )
    return ThinCompany(
        facts,
        tuple(_thin_target(target, record) for target in record["targets"]),
        isic,
        spans,
        weighed["year"] if weighed else None,
        with_scope3["year"] if with_scope3 else None,
    )


def _s1s2_t(year: YearRecord) -> float | None:
    """Scope 1 + 2; zero and zero is missing, as everywhere in the score."""
    if year["scope1_t"] is None or year["scope2_t"] is None:
        return None
    return year["scope1_t"] + year["scope2_t"] or None


def _latest(years: Sequence[YearRecord]) -> tuple[YearRecord | None, YearRecord | None]:
    """The latest year with scope 1 + 2, and the latest that has scope 3 as well."""
    reported = [year for year in years if _s1s2_t(year) is not None]
    both = [year for year in reported if year.get("scope3_t") is not None]
    return (reported[-1] if reported else None), (both[-1] if both else None)


def _thin_target(stated: TargetRecord, record: CompanyRecord) -> ThinTarget:
    thin = ThinTarget(stated)
    covers = {"S1": stated.get("scope1"), "S2": stated.get("scope2"), "S3": stated["scope3"]}
    codes = {one["code"] for one in stated.get("asked", [])}
    asked = {scope for scope, code in zip(covers, SCOPES_ASKED, strict=True) if code in codes}
    covered = {scope for scope, word in covers.items() if word == "yes"} - asked
    if codes & {*FIGURES_ASKED}:
        thin.unusable = "text_contradicts"
    elif stated["kind"] in WORDS_ONLY:
        thin.unusable = {"none": "no_target", "other": "not_own_tonnes"}.get(stated["kind"], "words_only")
    elif "reduction" in stated.get("doubts", []):
        thin.unusable = "reduction_doubtful"
    elif stated["reduction_share"] is None:
        thin.unusable = "no_reduction"
    elif covers["S1"] is None or covers["S2"] is None:
        thin.unusable = "coverage_not_archived"
    elif not covered:
        thin.unusable = "text_of_other_scopes" if asked else _why_not_covered(set(covers.values()))
    if thin.unusable:
        return thin
    thin.type_assumed = stated["kind"] not in ("absolute", "intensity")
    words = {scope: "asked" if scope in asked else str(word) for scope, word in covers.items()}
    thin.left_out = tuple((scope, word) for scope, word in words.items() if word in ("asked", "partial", "unspecified"))
    thin.base_year_tonnes = nearest_tonnes(record["years"], stated["base_year"])
    scopes = sorted(covered)
    if covered >= {"S1", "S2"}:
        scopes = ["S1+S2+S3" if "S3" in covered else "S1+S2"]
    thin.facts = [_facts(stated, record, scope, thin.base_year_tonnes) for scope in scopes]
    return thin


def _why_not_covered(said: set[str | None]) -> str:
    if "partial" in said:
        return "coverage_partial"
    return "coverage_not_stated" if "unspecified" in said else "covers_nothing"


def nearest_tonnes(years: Sequence[YearRecord], base_year: int | None) -> Tonnes | None:
    """Of the reported year nearest to the base year, at most BASE_YEAR_WINDOW away; of two the earlier.

    Where the years on both sides differ by more than STEP the base year may lie on either side of a sale or a purchase:
    then nobody knows its tonnes.
    """
    if base_year is None:
        return None
    near = sorted(
        (year for year in years if _s1s2_t(year) is not None and abs(year["year"] - base_year) <= BASE_YEAR_WINDOW),
        key=lambda year: (abs(year["year"] - base_year), year["year"]),
    )
    if not near:
        return None
    found = near[0]
    when = found["year"]
    before = next((_s1s2_t(year) or 0.0 for year in near if year["year"] < base_year), None)
    after = next((_s1s2_t(year) or 0.0 for year in near if year["year"] > base_year), None)
    if when != base_year and before and after and max(before, after) > STEP * min(before, after):
        return None
    return Tonnes(when, found["scope1_t"] or 0.0, found["scope2_t"] or 0.0, found.get("scope3_t"))


def _facts(stated: TargetRecord, record: CompanyRecord, scope: str, tonnes: Tonnes | None) -> TargetFacts:
    return TargetFacts(
        company_id=record["company_key"],
        target_type="intensity" if stated["kind"] == "intensity" else "absolute",
        intensity_metric=None,  # no tracker says by what
        scope=scope,
        coverage_s1=1.0 if "S1" in scope else None,
        coverage_s2=1.0 if "S2" in scope else None,
        coverage_s3=1.0 if "S3" in scope else None,
        reduction_ambition=stated["reduction_share"],
        base_year=stated["base_year"] or 0,
        start_year=None,
        end_year=stated["target_year"] or 0,
        base_year_ghg_s1=tonnes.scope1_t if tonnes else None,
        base_year_ghg_s2=tonnes.scope2_t if tonnes else None,
        achieved_reduction=None,
        s3_category=HEADLINE,  # no tracker says a category
        base_year_ghg_s3=tonnes.scope3_t if tonnes else None,
        statement_date=None,
    )

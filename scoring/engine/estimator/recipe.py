"""A model as text: what a refit needs besides the table, the fingerprint that a refit must meet, and the card.

The recipe (digest of the table, columns, seed, code) is the model. What takes long to find out (which model each rung
uses, how wide it is) is written down as numbers, so that a worker refits in seconds; `verify_model` finds out again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np

from scoring.engine.columns import Bools, Floats
from scoring.engine.errors import EngineError
from scoring.engine.estimator.conformal import LEVELS, Spread
from scoring.engine.estimator.contenders import make, out_of_fold, target
from scoring.engine.estimator.estimator import CODE, RUNG_ACTIVITY, RUNG_SIZE, Choice, Estimator, Guard, Recipe, Rung
from scoring.engine.estimator.evaluation import Difference, Interval, Resampled, coverage, errors, r2, within_factor
from scoring.engine.estimator.features import ACTIVITY, FirmYears, grouped_folds, log10_column

LOW, MEDIAN, HIGH = LEVELS.index(0.05), LEVELS.index(0.5), LEVELS.index(0.95)
TOLERANCE = 1e-9
FOLDS = 5
FEWEST_IN_GROUP = 5  # companies; the card prints no figure of fewer
SIZE_BANDS = (1e9, 1e10, 1e11)  # revenue in units of the table's currency: below 1, 1 to 10, 10 to 100, above 100 bn
PROBE_REVENUES, PROBE_KWH = (1e8, 1e10, 1e12), 1e8


class LearnedRung(TypedDict):
    """What choosing and out-of-fold estimates gave: numbers and words, no code."""

    chosen: str
    because: str
    rmse: dict[str, float]
    economy: float
    sectors: dict[str, float]
    quantiles: list[float]
    guard: float
    smearing: float


Learned = dict[str, LearnedRung]  # by the rung's number as text


class Probed(TypedDict):
    key: str
    rung: int
    log10_t: list[float]  # at LEVELS


class GroupFigures(TypedDict):
    companies: int
    rmse: float
    mae: float
    coverage90: float


class Card(TypedDict):
    """How good the recipe is on companies it has not seen: every figure from folds by company, fitted anew each."""

    rows: int
    companies: int
    rmse: float
    mae: float
    bias: float
    r2: float
    within2x: float
    coverage90: float
    coverage90_wilson: Interval
    rungs: dict[str, int]
    sum_ratio: float
    sector_median_rmse: float
    leak_gap: float
    by_sector: dict[str, GroupFigures]
    by_size: dict[str, GroupFigures]


class Paired(TypedDict):
    """Two recipes on the same company-years, each fitted without the companies it is asked about."""

    rows: int
    companies: int
    rmse_champion: float
    rmse_challenger: float
    gain: Difference
    coverage90_champion: float
    coverage90_challenger: float
    wilson_champion: Interval
    wilson_challenger: Interval


class UnknownCode(EngineError):
    """A recipe of other code: refitting it by this code would be another model under the same name."""


class TamperedModel(EngineError):
    """The refit does not give the stored figures: recipe, table or figures were changed, or the code was."""


# --- as text -------------------------------------------------------------------------------------------
def learned(estimator: Estimator) -> Learned:
    return {
        str(number): {
            "chosen": rung.choice.name,
            "because": rung.choice.because,
            "rmse": dict(rung.choice.rmse),
            "economy": rung.spread.economy,
            "sectors": dict(rung.spread.sectors),
            "quantiles": list(rung.spread.quantiles),
            "guard": rung.spread.guard,
            "smearing": rung.spread.smearing,
        }
        for number, rung in sorted(estimator.rungs_.items())
    }


def refit(recipe: Recipe, batch: FirmYears, known: Mapping[str, LearnedRung]) -> Estimator:
    """The estimator without the search: seconds instead of minutes. Raises UnknownCode.

    The result is what `Estimator(recipe).fit(batch)` gives if `known` is what that found; `check` tells.
    """
    if recipe.code != CODE:
        raise UnknownCode(f"this is {CODE}", value=recipe.code)
    estimator = Estimator(recipe)
    estimator.training_digest_ = batch.digest()
    estimator.rungs_ = {}
    for number in (RUNG_SIZE, RUNG_ACTIVITY):
        if str(number) not in known:
            continue
        told, mine = known[str(number)], _columns_of(number, recipe, batch)
        spread = Spread(
            told["economy"], dict(told["sectors"]), tuple(told["quantiles"]), told["guard"], told["smearing"]
        )
        choice = Choice(told["chosen"], told["because"], dict(told["rmse"]))
        model = make(choice.name).fit(mine, recipe.seed)
        estimator.rungs_[number] = Rung(number, model, choice, Guard().fit(mine), spread, np.full(len(mine), np.nan))
    return estimator


def _columns_of(number: int, recipe: Recipe, batch: FirmYears) -> FirmYears:
    used = recipe.activity if number == RUNG_ACTIVITY else ()
    return batch.without([name for name in ACTIVITY if name not in used])


# --- fingerprint -----------------------------------------------------------------------------------------
def probe(batch: FirmYears) -> FirmYears:
    """Made-up companies that the fingerprint is taken of: each known sector and none, small to giant, with and
    without electricity. They follow from the table, so everybody who has it can ask the same."""
    sectors: list[str | None] = [*sorted({name for name in batch.sector if name}), None]
    asked = [(s, revenue, kwh) for s in sectors for revenue in PROBE_REVENUES for kwh in (np.nan, PROBE_KWH)]
    last = int(np.max(batch.year))
    return FirmYears(
        tuple(f"{sector or '-'}|{revenue:g}|{kwh:g}" for sector, revenue, kwh in asked),
        np.full(len(asked), last, dtype=np.int64),
        tuple(sector for sector, _revenue, _kwh in asked),
        tuple((sector or "") for sector, _revenue, _kwh in asked),
        {
            "revenue_money": np.array([revenue for _sector, revenue, _kwh in asked]),
            "electricity_kwh": np.array([kwh for _sector, _revenue, kwh in asked]),
        },
    )


def probed(estimator: Estimator, batch: FirmYears) -> list[Probed]:
    """The estimates of the table's probe."""
    asked = probe(batch)
    found = estimator.predict(asked)
    return [
        {"key": key, "rung": rung, "log10_t": values}
        for key, rung, values in zip(asked.company_key, found.rung.tolist(), found.log10_t.T.tolist(), strict=True)
    ]


def fingerprint(rows: Sequence[Probed]) -> str:
    """SHA-256 over the probe's estimates, in full digits."""
    lines = [f"{row['key']} {row['rung']} " + " ".join(map(repr, row["log10_t"])) for row in rows]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


Verdict = Literal["identical", "equal within 1e-9"]


def compare(stored: object, found: object, where: str = "") -> tuple[Verdict | None, str]:
    """(verdict, "") of two nested values, or (None, the first figure that differs in words)."""
    if isinstance(stored, Mapping) and isinstance(found, Mapping):
        names = sorted(stored.keys() | found.keys())
        pairs = [(stored.get(name), found.get(name), f"{where}/{name}") for name in names]
    elif isinstance(stored, list | tuple) and isinstance(found, list | tuple) and len(stored) == len(found):
        pairs = [(a, b, f"{where}/{i}") for i, (a, b) in enumerate(zip(stored, found, strict=True))]
    elif stored == found:
        return "identical", ""
    elif isinstance(stored, float) and isinstance(found, int | float):
        near = abs(stored - found) <= TOLERANCE * max(abs(stored), abs(found), 1.0)
        return ("equal within 1e-9", "") if near else (None, f"{where}: stored {stored!r}, found {found!r}")
    else:
        return None, f"{where or '/'}: stored {stored!r}, found {found!r}"
    worst: Verdict = "identical"
    for a, b, place in pairs:
        verdict, difference = compare(a, b, place)
        if verdict is None:
            return None, difference
        worst = verdict if verdict != "identical" else worst
    return worst, ""


def check(estimator: Estimator, batch: FirmYears, stored: Sequence[Probed], stamped: str) -> Verdict:
    """Whether a refit is the model it says it is. Raises TamperedModel."""
    if fingerprint(stored) != stamped:
        raise TamperedModel("the stored figures do not have the stored fingerprint", value=stamped)
    verdict, difference = compare(list(stored), probed(estimator, batch))
    if verdict is None:
        raise TamperedModel("the refit differs from the stored figures", value=difference)
    return verdict


# --- card ------------------------------------------------------------------------------------------------
def card(recipe: Recipe, batch: FirmYears, fitted: Estimator) -> Card:
    """Errors in log10 tonnes on folds by company; choice, fit and interval are found anew without the held-out fold.

    `leak_gap`: how much better the best rung's model would look on folds of rows.
    """
    truth, n = target(batch), len(batch)
    found, low, high, mean_t = (np.empty(n) for _ in range(4))
    rung = np.empty(n, dtype=np.int64)
    folds = min(FOLDS, len(set(batch.company_key)))
    dumb = out_of_fold("sector_median", batch, recipe.seed, folds)
    for train, held in grouped_folds(batch.company_key, folds, recipe.seed + 1):
        one = Estimator(recipe).fit(batch.rows(train)).predict(batch.rows(held))
        found[held], low[held], high[held] = one.log10_t[MEDIAN], one.log10_t[LOW], one.log10_t[HIGH]
        mean_t[held], rung[held] = one.mean_t, one.rung
    inside = (low <= truth) & (truth <= high)
    share, wilson = coverage(inside, batch.company_key)
    numbers, counts = np.unique(rung, return_counts=True)
    all_errors = errors(found, truth)
    return {
        "rows": n,
        "companies": len(set(batch.company_key)),
        "rmse": all_errors["rmse"],
        "mae": all_errors["mae"],
        "bias": float(np.mean(found - truth)),
        "r2": r2(found, truth),
        "within2x": within_factor(found, truth, 2.0),
        "coverage90": share,
        "coverage90_wilson": wilson,
        "rungs": {str(number): int(count) for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)},
        "sum_ratio": float(np.sum(mean_t) / np.sum(np.power(10.0, truth))),
        "sector_median_rmse": errors(dumb, truth)["rmse"],
        "leak_gap": _leak_gap(recipe, batch, fitted),
        "by_sector": _groups([name or "-" for name in batch.sector], batch, found, inside),
        "by_size": _groups(size_bands(batch), batch, found, inside),
    }


def size_bands(batch: FirmYears) -> list[str]:
    """Each row's band of revenue: `0` the smallest to `3`, `-` where revenue is not reported."""
    logs = log10_column(batch, "revenue_money")
    position = np.searchsorted(np.log10(np.array(SIZE_BANDS)), logs, side="right").tolist()
    return ["-" if missing else str(band) for band, missing in zip(position, np.isnan(logs).tolist(), strict=True)]


def _groups(names: Sequence[str], batch: FirmYears, found: Floats, inside: Bools) -> dict[str, GroupFigures]:
    truth, figures = target(batch), {}
    for name in sorted(set(names)):
        rows = np.flatnonzero(np.array([other == name for other in names]))
        keys = [batch.company_key[i] for i in rows.tolist()]
        if len(set(keys)) < FEWEST_IN_GROUP:
            continue
        mine = errors(found[rows], truth[rows])
        share, _interval = coverage(inside[rows], keys)
        figures[name] = GroupFigures(companies=len(set(keys)), rmse=mine["rmse"], mae=mine["mae"], coverage90=share)
    return figures


def _leak_gap(recipe: Recipe, batch: FirmYears, fitted: Estimator) -> float:
    number = max((n for n in fitted.rungs_), key=lambda n: n == RUNG_ACTIVITY)
    mine, name = _columns_of(number, recipe, batch), fitted.rungs_[number].choice.name
    grouped = errors(out_of_fold(name, mine, recipe.seed), target(mine))["rmse"]
    return grouped - errors(out_of_fold(name, mine, recipe.seed, by_company=False), target(mine))["rmse"]


# --- two models ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Known:
    """A recipe with its table and what fitting it gave."""

    recipe: Recipe
    batch: FirmYears
    learned: Learned


def paired(champion: Known, challenger: Known, seed: int) -> Paired:
    """Both on the challenger's table, by folds of its companies. `gain` above 0: the challenger errs less.

    The interval draws companies, 2,000 times, the same for both. Widths are those of the whole tables.
    """
    truth = challenger.batch
    found = {name: np.empty((3, len(truth))) for name in ("champion", "challenger")}
    for _train, held in grouped_folds(truth.company_key, min(FOLDS, len(set(truth.company_key))), seed):
        away = {truth.company_key[i] for i in held.tolist()}
        for name, known in (("champion", champion), ("challenger", challenger)):
            seen = np.array([key not in away for key in known.batch.company_key])
            one = refit(known.recipe, known.batch.rows(seen), known.learned).predict(truth.rows(held))
            found[name][:, held] = one.log10_t[[LOW, MEDIAN, HIGH]]
    y, keys = target(truth), truth.company_key
    inside = {name: (low <= y) & (y <= high) for name, (low, _median, high) in found.items()}
    shares = {name: coverage(mine, keys) for name, mine in inside.items()}
    return {
        "rows": len(truth),
        "companies": len(set(keys)),
        "rmse_champion": errors(found["champion"][1], y)["rmse"],
        "rmse_challenger": errors(found["challenger"][1], y)["rmse"],
        "gain": Resampled(keys, seed).rmse_difference(found["champion"][1], found["challenger"][1], y),
        "coverage90_champion": shares["champion"][0],
        "coverage90_challenger": shares["challenger"][0],
        "wilson_champion": shares["champion"][1],
        "wilson_challenger": shares["challenger"][1],
    }

"""The ML-assisted score (method 8.4 to 8.6): gaps filled as distributions, and the score with its interval.

An emission that is not reported enters as a model's predictive distribution (rungs 5 to 7); any other gap as the frozen
distribution of those who report, between their worst decile and their median, headline at the worst decile; at the
median where a revenue is reported and only its exchange rate is missing, which is nobody's silence. Reports carry the
uncertainty of reports. Draws come in streams of their own (seed, "input", company, input, year), weights in one that is
common to all; half of the draws aggregate geometrically, half arithmetically.
Columns are added one by one in the order of the parameters, so a batch of one and a batch of N give the same bits.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints
from scoring.engine.errors import WrongShape
from scoring.engine.inputs import BOUNDARIES, Inputs
from scoring.engine.means import logarithmic_mean
from scoring.engine.score import words as wording
from scoring.engine.score.bars.assisted import EstimateRecord as EstimateRecord
from scoring.engine.score.indicators import CNY_PER_WAN, NO_ROW, Measures
from scoring.engine.score.methodology import MEASURED, Assistance, Methodology, Parameters

Z90 = 1.6448536269514722  # p95 of the standard normal
LN_10 = math.log(10.0)
BASELINE = 50.0  # where the waterfall starts


class GapRecord(TypedDict):
    """An indicator that is not observed, and what stands for it."""

    code: str
    pillar: str
    label_zh: str
    label_en: str
    kind: Literal["estimated", "imputed", "unconverted"]  # the last: reported, without an exchange rate
    rung: int | None
    data_quality: int | None
    model: str | None
    weight: float
    utility: float  # at the headline
    p05: float  # of the utility
    p95: float
    because_zh: str
    because_en: str


class AssistedPillar(TypedDict):
    code: str
    weight: float
    utility: float
    contribution: float


class AssistedRecord(TypedDict):
    """`value` and `band` are None where too much is imputed; the interval stands all the same."""

    status: Literal["scored", "insufficient"]
    value: float | None
    band: str | None  # one letter, or the shortest run of adjacent ones
    median: float
    p05: float
    p95: float
    bands: dict[str, float]  # probability of each letter
    coverage: float  # share of the weight that is observed
    imputed: float
    draws: int
    seed: int
    pillars: list[AssistedPillar]
    gaps: list[GapRecord]
    estimates: list[EstimateRecord]


# --- columns ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Assisted:
    """Shapes (n,), (letters, n), (pillars, n) and (indicators, n). An imputed utility is that of the headline."""

    batch: Inputs
    methodology: Methodology
    settings: Assistance
    estimates: Sequence[EstimateRecord | None]
    scored: Bools
    value: Floats
    quantiles: Floats  # (3, n): p05, median, p95
    letters: Floats  # (letters, n) probabilities
    run: tuple[str, ...]
    coverage: Floats
    utility: Floats
    utility_p05: Floats
    utility_p95: Floats
    observed: Bools
    estimated: Bools  # (n,): the intensity rests on an estimate
    pillar_utility: Floats
    pillar_contribution: Floats

    def record(self, i: int) -> AssistedRecord:
        scored, estimate = bool(self.scored[i]), self.estimates[i]
        p05, median, p95 = self.quantiles[:, i].tolist()
        coverage = float(self.coverage[i])
        bands = self.methodology.parameters.bands
        return {
            "status": "scored" if scored else "insufficient",
            "value": float(self.value[i]) if scored else None,
            "band": self.run[i] if scored else None,
            "median": median,
            "p05": p05,
            "p95": p95,
            "bands": dict(zip([band.letter for band in bands], self.letters[:, i].tolist(), strict=True)),
            "coverage": coverage,
            "imputed": 1.0 - coverage,
            "draws": self.settings.draws,
            "seed": self.settings.seed,
            "pillars": [
                {
                    "code": pillar.code,
                    "weight": pillar.weight,
                    "utility": float(self.pillar_utility[k, i]),
                    "contribution": float(self.pillar_contribution[k, i]),
                }
                for k, pillar in enumerate(self.methodology.parameters.pillars)
            ],
            "gaps": self._gaps(i),
            "estimates": [] if estimate is None else [estimate],
        }

    def _gaps(self, i: int) -> list[GapRecord]:
        if self.observed[:, i].all():
            return []
        gaps: list[GapRecord] = []
        j = -1
        for pillar in self.methodology.parameters.pillars:
            for indicator in pillar.indicators:
                j += 1
                if self.observed[j, i]:
                    continue
                told = self.estimates[i] if indicator.code == "carbon_intensity" and self.estimated[i] else None
                zh, en = self._because(i, indicator.code, told)
                gaps.append(
                    {
                        "code": indicator.code,
                        "pillar": pillar.code,
                        "label_zh": indicator.label_zh,
                        "label_en": indicator.label_en,
                        "kind": self._kind(i, indicator.code, told),
                        "rung": None if told is None else told["rung"],
                        "data_quality": None if told is None else data_quality(told["rung"]),
                        "model": None if told is None else told["model"],
                        "weight": pillar.weight * indicator.weight,
                        "utility": float(self.utility[j, i]),
                        "p05": float(self.utility_p05[j, i]),
                        "p95": float(self.utility_p95[j, i]),
                        "because_zh": zh,
                        "because_en": en,
                    }
                )
        return gaps

    def _kind(self, i: int, code: str, told: EstimateRecord | None) -> Literal["estimated", "imputed", "unconverted"]:
        if told is not None:
            return "estimated"
        return "unconverted" if code == "carbon_intensity" and unconverted(self.batch, i) else "imputed"

    def _because(self, i: int, code: str, told: EstimateRecord | None) -> tuple[str, str]:
        if told is not None:
            features = self.batch.features[i]
            revenue = None if features is None else features["revenue_cny"]
            undated = features is not None and features["revenue_undated"]
            p05, median, p95 = (10.0**value for value in told["log10_t"])
            mean_of = None if features is None else features.get("mean_of")
            return wording.estimated(
                told["rung"], told["year"], median, p05, p95, revenue, undated, mean_of, told["guards"]
            )
        reporters = self.settings.reporters[code]
        sector = self.batch.sector[i]
        mine = reporters.sectors.get(sector or "", reporters.economy)
        if code == "carbon_intensity" and (what := unconverted(self.batch, i)):
            return wording.unconverted(what, mine.n, sector in reporters.sectors)
        return wording.imputed(mine.n, sector in reporters.sectors)


def unconverted(batch: Inputs, i: int) -> str:
    """Currency and year of the last revenue that is reported and has no exchange rate; "" where none is.

    Archives from before engine 0.3.0 do not say it, and count as they did.
    """
    features = batch.features[i]
    if features is not None and "no_rate_for" in features:
        return features["no_rate_for"]
    for year in reversed(batch.records[i]["years"]):
        if "mean_of" in year and year["cny_per_unit"] is None and (year["revenue"] or 0) > 0:
            return f"{year['currency']} {year['year']}"
    return ""


def data_quality(rung: int) -> int:
    """PCAF's grade of an estimate that has revenue or activity."""
    return 3 if rung <= 5 else 4


def assist(
    batch: Inputs,
    methodology: Methodology,
    measures: Measures,
    utility: Floats,
    estimates: Sequence[EstimateRecord | None] | None,
) -> Assisted | None:
    """The assisted scores of a batch, None where the version knows none. `utility` is of what is observed, NaN else."""
    settings = methodology.assisted
    if settings is None:
        return None
    known = [None] * len(batch) if estimates is None else estimates
    filled = _Filled(batch, methodology, settings, measures, utility, known)
    parameters = methodology.parameters
    weights = [pillar.weight * indicator.weight for pillar in parameters.pillars for indicator in pillar.indicators]
    draws = _aggregate(filled.draws, *_drawn_weights(parameters, settings))
    counts = _letter_counts(draws, parameters)
    coverage = np.zeros(len(batch))
    log_value = np.zeros(len(batch))
    for j, weight in enumerate(weights):
        coverage = coverage + np.where(filled.observed[j], weight, 0.0)
        log_value = log_value + weight * np.log(filled.headline[j])
    scored = np.round(1.0 - coverage, 9) <= round(settings.max_imputed_share, 9)
    return Assisted(
        batch,
        methodology,
        settings,
        known,
        scored,
        np.exp(log_value),
        _quantiles(draws, (0.05, 0.5, 0.95)),
        counts / settings.draws,
        letter_runs(counts, [band.letter for band in parameters.bands], settings),
        coverage,
        filled.headline,
        filled.p05,
        filled.p95,
        filled.observed,
        filled.estimated,
        *_pillars(filled.headline, np.exp(log_value), parameters),
    )


class _Filled:
    """Each indicator's utility: the headline (indicators, n) and the draws, (n, draws) or (n, 1) if certain."""

    def __init__(
        self,
        batch: Inputs,
        methodology: Methodology,
        settings: Assistance,
        measures: Measures,
        utility: Floats,
        estimates: Sequence[EstimateRecord | None],
    ) -> None:
        self.batch, self.methodology, self.settings, self.measures = batch, methodology, settings, measures
        self.estimates = estimates
        self.observed = ~np.isnan(utility)
        self.headline = utility.copy()
        self.p05, self.p95 = np.full(utility.shape, np.nan), np.full(utility.shape, np.nan)
        self.estimated = np.zeros(len(batch), dtype=np.bool_)
        self.streams = _Streams(settings)
        errors = _report_errors(batch, measures, self.streams)
        self.draws: list[Floats] = []
        indicators = [indicator for pillar in methodology.parameters.pillars for indicator in pillar.indicators]
        for j, indicator in enumerate(indicators):
            code = indicator.code
            is_measured = code in MEASURED
            self.draws.append(
                self._measured(j, code, self._noisy(code, errors)) if is_measured else self._stated(j, code)
            )

    def _noisy(self, code: str, errors: Floats) -> Floats:
        """x' of what is observed, with the errors of its reports; (n, draws), NaN where it is missing."""
        m, years = self.measures, self.batch.years
        found = np.full((len(self.batch), self.settings.draws), np.nan)
        if code == "carbon_intensity":
            seen = np.flatnonzero(m.intensity_row != NO_ROW)
            rows = m.intensity_row[seen]
            found[seen] = -np.log10(m.intensity[seen])[:, None] - errors[rows]
            wide = np.flatnonzero(years.boundary[rows] == BOUNDARIES.index("mismatched"))
            for position in wide.tolist():  # what the boundary leaves out can only add to the emissions
                company = int(seen[position])
                z = self.streams.normals(self.batch.company_key[company], "boundary", int(years.year[rows[position]]))
                found[company] -= self.settings.mismatch_log10 / Z90 * np.maximum(z, 0.0)
            return found
        seen = np.flatnonzero(~np.isnan(m.slope_log10))
        found[seen] = -m.slope_log10[seen][:, None]
        leverage = _leverage(self.batch, m)
        for rows in _nth_rows(m.trend_rows, self.batch):
            mine = rows[~np.isnan(m.slope_log10[years.owner[rows]])]
            found[years.owner[mine]] -= leverage[mine][:, None] * errors[mine]
        return found

    def _measured(self, j: int, code: str, x: Floats) -> Floats:
        """Utilities between goalposts; gaps by an estimate or by those who report."""
        lo, hi = self._goalposts(code)
        headline_x = np.full(len(self.batch), np.nan)
        for i in np.flatnonzero(~self.observed[j]).tolist():
            estimate, features = self.estimates[i], self.batch.features[i]
            revenue = None if features is None else features["revenue_cny"]
            if code == "carbon_intensity" and estimate is not None and revenue:
                low, middle, high = estimate["log10_t"]
                per_wan = math.log10(revenue / CNY_PER_WAN)
                z = self.streams.normals(self.batch.company_key[i], "emissions_t", estimate["year"])
                side = np.where(z < 0, (middle - low) / Z90, (high - middle) / Z90)
                x[i] = per_wan - (middle + side * z)
                headline_x[i] = per_wan - middle
                self.estimated[i] = True
            else:
                values = self._reporters(code, i)
                x[i] = values[self.streams.choices(self.batch.company_key[i], code, len(values))]
                is_silence = code != "carbon_intensity" or not unconverted(self.batch, i)
                headline_x[i] = values[0] if is_silence else values[-1]
        floor = self.methodology.parameters.floor_share
        span = hi - lo
        u = np.clip((x - lo[:, None]) / span[:, None], floor, 1.0) * 100.0
        gap = ~self.observed[j]
        self.headline[j, gap] = np.clip((headline_x[gap] - lo[gap]) / span[gap], floor, 1.0) * 100.0
        self._remember(j, gap, u)
        return u

    def _stated(self, j: int, code: str) -> Floats:
        """Utilities of a staircase: certain where it is stated."""
        uncertain = np.zeros(len(self.batch), dtype=np.bool_)
        tables = {i: self._reporters(code, i) for i in np.flatnonzero(~self.observed[j]).tolist()}
        for i, values in tables.items():
            self.headline[j, i] = self.p05[j, i] = self.p95[j, i] = values[0]
            uncertain[i] = values[-1] > values[0]  # else everybody who reports stands on one step
        if not uncertain.any():
            return np.ascontiguousarray(self.headline[j][:, None])
        u = np.repeat(self.headline[j][:, None], self.settings.draws, axis=1)
        for i in np.flatnonzero(uncertain).tolist():
            u[i] = tables[i][self.streams.choices(self.batch.company_key[i], code, len(tables[i]))]
        self._remember(j, uncertain, u)
        return u

    def _remember(self, j: int, drawn: Bools, u: Floats) -> None:
        rows = np.flatnonzero(drawn)
        if len(rows):
            self.p05[j, rows], self.p95[j, rows] = _quantiles(u[rows], (0.05, 0.95))

    def _goalposts(self, code: str) -> tuple[Floats, Floats]:
        posts = self.methodology.goalposts[code]
        mine = [posts.economy if s is None else posts.sectors.get(s, posts.economy) for s in self.batch.sector]
        return np.array([post.lo for post in mine]), np.array([post.hi for post in mine])

    def _reporters(self, code: str, i: int) -> Floats:
        reporters = self.settings.reporters[code]
        return np.array(reporters.sectors.get(self.batch.sector[i] or "", reporters.economy).values)


# --- draws ----------------------------------------------------------------------------------------------------------
class _Streams:
    """Random numbers by key: PCG64 whose state and increment are the SHA-256 of the key.

    One generator that is set anew for each key: numpy's own way of seeding costs ten times the draws.
    """

    def __init__(self, settings: Assistance) -> None:
        self.settings = settings
        self._bits = np.random.PCG64(0)
        self._generator = np.random.Generator(self._bits)

    def at(self, *key: object) -> np.random.Generator:
        """Good until the next call."""
        text = "\x1f".join(map(str, (self.settings.seed, *key)))
        digest = hashlib.sha256(text.encode()).digest()
        state, increment = int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:], "big") | 1
        self._bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": state, "inc": increment},
            "has_uint32": 0,
            "uinteger": 0,
        }
        return self._generator

    def normals(self, company_key: str, name: str, year: int) -> Floats:
        """Of one input of one company, the same in every batch."""
        return self.at("input", company_key, name, year).standard_normal(self.settings.draws)

    def choices(self, company_key: str, name: str, size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        return self.at("input", company_key, name, 0).integers(0, size, self.settings.draws, dtype=np.uint8)


def _report_errors(batch: Inputs, measures: Measures, streams: _Streams) -> Floats:
    """log10 errors of each year row that a figure rests on; (year rows, draws), 0 where none does."""
    years = batch.years
    used = measures.trend_rows & ~np.isnan(measures.slope_log10)[years.owner]
    used[measures.intensity_row[measures.intensity_row != NO_ROW]] = True
    settings = streams.settings
    sigma = {rung: math.log1p(u95) / 1.959963984540054 / LN_10 for rung, u95 in settings.report_u95.items()}
    found = np.zeros((len(years.year), settings.draws))
    owners, told, rungs = years.owner.tolist(), years.year.tolist(), years.rung.tolist()
    for row in np.flatnonzero(used).tolist():
        z = streams.normals(batch.company_key[owners[row]], "emissions_t", told[row])
        np.multiply(z, sigma[rungs[row]], out=found[row])
    return found


def _leverage(batch: Inputs, measures: Measures) -> Floats:
    """(t − t̄) / Σ (t − t̄)² of each row of a trend: what its error does to the slope."""
    rows, n = measures.trend_rows, len(batch)
    owner, year = batch.years.owner[rows], batch.years.year[rows]
    count = np.maximum(np.bincount(owner, minlength=n), 1)
    t = year - (np.bincount(owner, year, minlength=n) / count)[owner]
    spread = np.bincount(owner, t * t, minlength=n)
    found = np.zeros(len(batch.years.year))
    found[rows] = t / np.where(spread > 0, spread, np.nan)[owner]
    return found


def _nth_rows(wanted: Bools, batch: Inputs) -> list[Ints]:
    """First the first wanted row of each company, then the second …"""
    rows = np.flatnonzero(wanted)
    owner = batch.years.owner[rows]
    first = np.searchsorted(owner, owner)
    position = np.arange(len(rows)) - first
    return [rows[position == k] for k in range(int(position.max()) + 1)] if len(rows) else []


def _drawn_weights(parameters: Parameters, settings: Assistance) -> tuple[Floats, int]:
    """Weights of the indicators in each draw, shape (indicators, draws), and how many draws are geometric."""
    generator = _Streams(settings).at("weights")
    across = generator.dirichlet([settings.dirichlet * p.weight for p in parameters.pillars], settings.draws)
    rows = []
    for k, pillar in enumerate(parameters.pillars):
        inside = np.ones((settings.draws, 1))
        if len(pillar.indicators) > 1:
            inside = generator.dirichlet([settings.dirichlet * i.weight for i in pillar.indicators], settings.draws)
        rows += [across[:, k] * inside[:, v] for v in range(len(pillar.indicators))]
    return np.ascontiguousarray(rows), settings.draws // 2


def _aggregate(utilities: Sequence[Floats], weights: Floats, geometric: int) -> Floats:
    """Weighted geometric means of the first draws, arithmetic ones of the rest; shape (n, draws)."""
    n, draws = len(utilities[0]), weights.shape[1]
    found = np.zeros((n, draws))
    logs, sums = found[:, :geometric], found[:, geometric:]
    for u, w in zip(utilities, weights, strict=True):
        certain = u.shape[1] == 1
        logs += w[:geometric] * np.log(np.ascontiguousarray(u if certain else u[:, :geometric]))
        sums += w[geometric:] * (u if certain else u[:, geometric:])
    found[:, :geometric] = np.exp(np.ascontiguousarray(logs))
    return found


def _quantiles(drawn: Floats, levels: Sequence[float]) -> Floats:
    """Of each row, linear between neighbours, shape (levels, n); sorting is quicker than numpy's partitions."""
    rising = np.sort(drawn, axis=1)
    found = []
    for level in levels:
        low, share = divmod(level * (drawn.shape[1] - 1), 1.0)
        below, above = rising[:, int(low)], rising[:, min(int(low) + 1, drawn.shape[1] - 1)]
        found.append(below + share * (above - below))
    return np.array(found)


# --- letters ----------------------------------------------------------------------------------------------------------
def _letter_counts(draws: Floats, parameters: Parameters) -> Floats:
    """How many draws fall into each band, (letters, n); a value counts as rounded to 1e-9."""
    reached = [np.count_nonzero(draws >= band.at_least - 5e-10, axis=1) for band in parameters.bands]
    return np.array([reached[0], *(lower - upper for upper, lower in zip(reached, reached[1:], strict=False))])


def letter_runs(counts: Floats, letters: Sequence[str], settings: Assistance) -> tuple[str, ...]:
    """The shortest run of adjacent letters that holds the needed share; of equally short ones the likeliest."""
    needed = math.ceil(settings.letter_probability * settings.draws - 1e-9)
    runs = []
    for mine in counts.T.tolist():
        for length in range(1, len(letters) + 1):
            held = [sum(mine[start : start + length]) for start in range(len(letters) - length + 1)]
            if max(held) >= needed:
                start = held.index(max(held))
                runs.append("–".join(dict.fromkeys((letters[start], letters[start + length - 1]))))
                break
    return tuple(runs)


def _pillars(headline: Floats, value: Floats, parameters: Parameters) -> tuple[Floats, Floats]:
    """Utility and contribution of each pillar at the headline; the contributions sum to value less 50."""
    scale = logarithmic_mean(value, np.full(len(value), BASELINE))
    logs, j = [], 0
    for pillar in parameters.pillars:
        log = np.zeros(headline.shape[1])
        for indicator in pillar.indicators:
            log = log + indicator.weight * np.log(np.ascontiguousarray(headline[j]))
            j += 1
        logs.append(log)
    contribution = [
        scale * pillar.weight * (log - np.log(BASELINE)) for pillar, log in zip(parameters.pillars, logs, strict=True)
    ]
    return np.exp(np.array(logs)), np.array(contribution)


def estimates_of_records(records: Sequence[Mapping[str, object]]) -> list[EstimateRecord | None]:
    """The archived distributions of score records: what `score` needs to give the same again without the model.

    Raises WrongShape for what is no distribution.
    """
    found: list[EstimateRecord | None] = []
    for record in records:
        assisted = record.get("assisted_score")
        told = assisted.get("estimates") if isinstance(assisted, dict) else None
        found.append(_checked(told[0]) if isinstance(told, list) and told else None)
    return found


def _checked(told: Any) -> EstimateRecord:
    names = EstimateRecord.__annotations__.keys()
    if not isinstance(told, dict) or told.keys() != names or told["rung"] not in wording.RUNG:
        raise WrongShape("an estimate has absent or unexpected names", value=told)
    quantiles = told["log10_t"]
    if not isinstance(quantiles, list) or len(quantiles) != 3 or not all(type(q) is float for q in quantiles):
        raise WrongShape("an estimate needs p05, median and p95 of log10 tonnes", value=quantiles)
    if type(told["year"]) is not int or not isinstance(told["guards"], list) or quantiles != sorted(quantiles):
        raise WrongShape("an estimate needs a year, rising quantiles and its guards", value=told)
    if any(guard not in wording.GUARD for guard in told["guards"]):
        raise WrongShape("an estimate names an unknown guard", value=told["guards"])
    found: EstimateRecord = told  # type: ignore[assignment]
    return found

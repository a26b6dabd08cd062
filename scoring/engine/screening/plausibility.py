"""What looks wrong about a submitted inventory, before anybody relies on it: rules in a fixed order.

A finding blocks, warns or informs; a reason turns the block of a jump into a warning that keeps the reason. No rule
changes a figure. An understatement of 30 % can't be seen on a first report, and no rule here claims otherwise. A
finding is a code with its numbers: the sentences that people read are made of it where they are shown.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from scoring.engine.columns import Bools, Floats

VERSION = "2"  # of the rules: raised whenever one of them, or a limit, changes
Severity = Literal["block", "warn", "info"]
# Why a figure may rightly jump; a word outside the list lifts nothing.
REASONS = ("boundary", "acquisition", "restatement")

ROUND_DIGITS, ROUND_SHARE, ROUND_FIGURES = 2, 0.5, 3

RULES: Mapping[str, Severity] = {
    "not_finite": "block",
    "negative": "block",
    "too_large": "block",
    "figure_too_large": "warn",
    "too_small": "warn",
    "wrong_total": "block",
    "scope3_parts": "warn",
    "energy_mismatch": "warn",
    "jump": "warn",
    "jump_tenfold": "block",
    "jump_with_reason": "warn",
    "scope_jump": "warn",
    "figure_jump": "warn",
    "outside_model": "warn",
    "same_as_last_year": "warn",
    "round_numbers": "info",
    "missing_scope": "block",
    "scope3_gone": "warn",
    "boundary_changed": "warn",
    "test_words": "warn",
    "zero_emissions": "warn",
}
SCOPES = ("scope1_t", "scope2_t", "scope3_t")

# Words that nobody leaves in a real report; a Chinese one counts only if nothing else of the kind follows (测试中心).
_TEST_WORDS = re.compile(
    r"\b(?:test|testing|asdf\w*|qwerty\w*|lorem ipsum|foo|xxx+|tbd|todo|dummy|placeholder)\b"
    r"|(?:测试|測試)(?![\u3400-\u9fff])|待定|待填|随便填",
    re.IGNORECASE,
)
# A note that is nothing else: a sentence with such a word in it may well be of a real test report.
_TRIAL_ONLY = re.compile(rf"(?:(?:{_TEST_WORDS.pattern})[\W\d_]*)+", re.IGNORECASE)


def is_trial_entry(text: str) -> bool:
    """Whether a note or a source holds nothing but words of a trial entry."""
    return bool(_TRIAL_ONLY.fullmatch(text.strip()))


@dataclass(frozen=True)
class Limits:
    """Where the rules begin to ask. Jumps are |log10| of a change, ten times exactly being 1."""

    largest: Mapping[str, float]  # of a column or of one of `figures`: no company has more
    too_small_t: float  # of scopes 1 + 2
    total_share: float
    energy_low: float
    energy_high: float
    jump: float
    jump_tenfold: float
    part_jump: float  # of a single scope, or of any other figure


@dataclass(frozen=True, eq=False)
class Submissions:
    """Inventories as columns of shape (n,), tonnes CO2e; NaN is not reported. Only the scopes must be given.

    `parts_t` is what `total_t` should be; by default the sum of the scopes. `scope3_parts_t` is the sum of the
    categories. `*_from_energy_t` is activity × factor of the energy reported with it; `last_*` is the company's year
    before, or the nearest earlier one, which `last_year` then names; `figures` are its other amounts by name.
    `median_t`, `p01_t`, `p99_t` are the `model`'s for a company like this. `words` are what was typed as text, by the
    name of the field.
    """

    scope1_t: Floats
    scope2_t: Floats
    scope3_t: Floats | None = None
    total_t: Floats | None = None
    parts_t: Floats | None = None
    scope3_parts_t: Floats | None = None
    scope1_from_energy_t: Floats | None = None
    scope2_from_energy_t: Floats | None = None
    last_scope1_t: Floats | None = None
    last_scope2_t: Floats | None = None
    last_scope3_t: Floats | None = None
    last_year: Floats | None = None
    median_t: Floats | None = None
    p01_t: Floats | None = None
    p99_t: Floats | None = None
    figures: Mapping[str, Floats] = field(default_factory=dict)
    last_figures: Mapping[str, Floats] = field(default_factory=dict)
    boundary: Sequence[str] = ()
    last_boundary: Sequence[str] = ()
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reason: Sequence[str] = ()  # one of REASONS or ""
    model: str = ""

    def __len__(self) -> int:
        return len(self.scope1_t)

    def column(self, name: str) -> Floats:
        found: Floats | None = getattr(self, name)
        return np.full(len(self), np.nan) if found is None else found


@dataclass(frozen=True)
class Finding:
    """`subject` is the column it is about, "total_t" or "boundary"; `parameters` are the numbers of the sentence."""

    code: str
    severity: Severity
    subject: str
    parameters: Mapping[str, float | str]


@dataclass
class _Findings:
    rows: list[list[Finding]] = field(default_factory=list)

    def add(self, code: str, where: Bools, subject: str | Sequence[str], **numbers: Floats | Sequence[str]) -> None:
        for i in np.flatnonzero(where).tolist():
            named = subject if isinstance(subject, str) else subject[i]
            told = {
                name: value if isinstance(value := column[i], str) else float(value)
                for name, column in numbers.items()
                if column[i] == column[i]  # NaN: there is none
            }
            self.rows[i].append(Finding(code, RULES[code], named, told))


def check(batch: Submissions, limits: Limits) -> tuple[tuple[Finding, ...], ...]:
    """The findings of each submission in the order of the rules. Rules without their data are silent."""
    found = _Findings([[] for _ in range(len(batch))])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total = batch.scope1_t + batch.scope2_t
        _range(batch, limits, total, found)
        _total(batch, limits, found)
        _energy(batch, limits, found)
        _jumps(batch, limits, total, found)
        _model(batch, total, found)
        _identical(batch, found)
        _round(batch, found)
        _missing(batch, found)
        _texts(batch, found)
        _zero(batch, found)
    order = list(RULES)
    return tuple(tuple(sorted(row, key=lambda one: order.index(one.code))) for row in found.rows)


def blocked(findings: Sequence[Finding]) -> bool:
    return any(one.severity == "block" for one in findings)


def alarmed(findings: Sequence[Finding]) -> bool:
    """Whether a person should look: what only informs does not call one."""
    return any(one.severity != "info" for one in findings)


def _range(batch: Submissions, limits: Limits, total: Floats, found: _Findings) -> None:
    for name in SCOPES:
        amount = batch.column(name)
        found.add("not_finite", np.isinf(amount), name)
        found.add("negative", np.isfinite(amount) & (amount < 0), name, value_t=amount)
        if name == "scope3_t":
            found.add("figure_too_large", np.isfinite(amount) & (amount > limits.largest[name]), name, value=amount)
        else:
            found.add("too_large", np.isfinite(amount) & (amount > limits.largest[name]), name, value_t=amount)
    for name, amount in batch.figures.items():
        if name in limits.largest:
            too_large = np.isfinite(amount) & (amount > limits.largest[name])
            found.add("figure_too_large", too_large, name, value=amount)
    found.add("too_small", (total > 0) & (total < limits.too_small_t), _larger_scope(batch), value_t=total)


def _total(batch: Submissions, limits: Limits, found: _Findings) -> None:
    scope3_t = batch.column("scope3_t")
    parts = batch.scope1_t + batch.scope2_t + np.where(np.isnan(scope3_t), 0.0, scope3_t)
    parts = parts if batch.parts_t is None else batch.parts_t
    total = batch.column("total_t")
    off = np.abs(total - parts) / parts
    found.add("wrong_total", off > limits.total_share, "total_t", total_t=total, parts_t=parts)
    parts = batch.column("scope3_parts_t")
    found.add("scope3_parts", parts > scope3_t * (1 + limits.total_share), "scope3_t", total_t=scope3_t, parts_t=parts)


def _energy(batch: Submissions, limits: Limits, found: _Findings) -> None:
    for name in ("scope1_t", "scope2_t"):
        computed = batch.column(name.replace("_t", "_from_energy_t"))
        ratio = batch.column(name) / computed
        off = (ratio < limits.energy_low) | (ratio > limits.energy_high)
        found.add("energy_mismatch", np.isfinite(ratio) & off, name, ratio=ratio, computed_t=computed)


def _jumps(batch: Submissions, limits: Limits, total: Floats, found: _Findings) -> None:
    last_1, last_2 = batch.column("last_scope1_t"), batch.column("last_scope2_t")
    year = {"last_year": batch.column("last_year")}
    ratio = total / (last_1 + last_2)
    step = _step(ratio)
    moved_more = np.abs(batch.scope2_t - last_2) > np.abs(batch.scope1_t - last_1)
    mover = np.where(moved_more, "scope2_t", "scope1_t").tolist()
    reasons = list(batch.reason) or [""] * len(batch)
    given = np.array([reason in REASONS for reason in reasons], dtype=np.bool_)
    tenfold = np.isfinite(step) & (step >= limits.jump_tenfold)
    found.add("jump", (step > limits.jump) & (step < limits.jump_tenfold), mover, ratio=ratio, **year)
    found.add("jump_tenfold", tenfold & ~given, mover, ratio=ratio, **year)
    found.add("jump_with_reason", tenfold & given, mover, ratio=ratio, reason=reasons, **year)
    for name in SCOPES:
        own = batch.column(name) / batch.column(f"last_{name}")
        apart = _step(own)
        told = tenfold & (name != "scope3_t")
        found.add("scope_jump", np.isfinite(apart) & (apart >= limits.part_jump) & ~told, name, ratio=own, **year)
    for name, amount in batch.figures.items():
        if name in batch.last_figures:
            own = amount / batch.last_figures[name]
            apart = _step(own)
            found.add("figure_jump", np.isfinite(apart) & (apart >= limits.part_jump), name, ratio=own, **year)


def _adjacent(batch: Submissions) -> Bools:
    """Whether what it is compared with is the year before."""
    return np.isnan(batch.column("last_year"))


def _step(ratio: Floats) -> Floats:
    """|log10|, rounded: ten times is 1 exactly."""
    return np.asarray(np.round(np.abs(np.log10(ratio)), 9))


def _larger_scope(batch: Submissions) -> list[str]:
    return ["scope2_t" if larger else "scope1_t" for larger in (batch.scope2_t > batch.scope1_t).tolist()]


def _model(batch: Submissions, total: Floats, found: _Findings) -> None:
    low, high = batch.column("p01_t"), batch.column("p99_t")
    outside = (total > 0) & ((total < low) | (total > high))
    model = [batch.model] * len(batch)
    numbers = {"value_t": total, "low_t": low, "high_t": high}
    found.add("outside_model", outside, _larger_scope(batch), **numbers, model=model)


def _identical(batch: Submissions, found: _Findings) -> None:
    for name in SCOPES:
        amount = batch.column(name)
        found.add("same_as_last_year", _adjacent(batch) & (amount > 0) & (amount == batch.column(f"last_{name}")), name)


def _round(batch: Submissions, found: _Findings) -> None:
    """Share of figures of at least four digits that have at most two that are not zero."""
    figures = np.array([*(batch.column(name) for name in (*SCOPES, "total_t")), *batch.figures.values()])
    large = np.isfinite(figures) & (np.abs(figures) >= 1000)
    unit = np.power(10.0, np.floor(np.log10(np.where(large, np.abs(figures), 1000.0))) - (ROUND_DIGITS - 1))
    plain = large & (np.mod(figures, unit) == 0)
    count = large.sum(axis=0)
    share = plain.sum(axis=0) / np.maximum(count, 1)
    found.add("round_numbers", (count >= ROUND_FIGURES) & (share > ROUND_SHARE), "", share=share)


def _missing(batch: Submissions, found: _Findings) -> None:
    for name in ("scope1_t", "scope2_t"):
        found.add("missing_scope", np.isnan(batch.column(name)), name)
    gone = np.isnan(batch.column("scope3_t")) & (batch.column("last_scope3_t") > 0) & _adjacent(batch)
    found.add("scope3_gone", gone, "scope3_t")


def _texts(batch: Submissions, found: _Findings) -> None:
    if batch.boundary and batch.last_boundary:
        changed = [
            bool(now.strip() and before.strip() and "".join(now.split()) != "".join(before.split()))
            for now, before in zip(batch.boundary, batch.last_boundary, strict=True)
        ]
        found.add("boundary_changed", np.array(changed, dtype=np.bool_) & _adjacent(batch), "boundary")
    for name, texts in batch.words.items():
        words = [match[0] if (match := _TEST_WORDS.search(text)) else "" for text in texts]
        found.add("test_words", np.array([bool(word) for word in words], dtype=np.bool_), name, word=words)


def _zero(batch: Submissions, found: _Findings) -> None:
    for name in ("scope1_t", "scope2_t"):
        found.add("zero_emissions", batch.column(name) == 0, name)

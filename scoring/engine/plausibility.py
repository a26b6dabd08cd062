"""What looks wrong about a submitted inventory, before anybody relies on it: rules in a fixed order.

A finding blocks, warns or is a note; a reason code turns the block of a jump into a warning that keeps the reason. No
rule changes a figure. An understatement of 30 % can't be seen on a first report, and no rule here claims otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from scoring.engine.inputs import Bools, Floats

Severity = Literal["block", "warn", "note"]
# Why a figure may rightly jump; a word outside the list lifts nothing.
REASONS = ("boundary", "acquisition", "restatement")

LARGEST_T, SMALLEST_T = 1e9, 0.1  # no company emits 1 Gt of scope 1 or 2; below 100 kg a unit is likely wrong
TOTAL_SHARE = 0.01
ENERGY_RATIO = (0.5, 2.0)
JUMP_WARN, JUMP_BLOCK = 0.3, 1.0  # |Δlog10| from the year before: about 2-fold and 10-fold
SCOPE_JUMP_WARN = 1.0
ROUND_DIGITS, ROUND_SHARE, ROUND_FIGURES = 2, 0.5, 3

# Code: severity, Chinese, English. The texts take the value of the finding.
RULES: dict[str, tuple[Severity, str, str]] = {
    "not_finite": ("block", "{what}不是有效数字", "{what} is not a number"),
    "negative": ("block", "{what}为负：{value:g} 吨", "{what} is negative: {value:g} t"),
    "too_large": (
        "block",
        "{what}为 {value:.3g} 吨，超过任何公司的量级，请检查单位",
        "{what} is {value:.3g} t, more than any company emits: check the unit",
    ),
    "too_small": (
        "warn",
        "范围一与范围二合计仅 {value:.3g} 吨，请检查单位",
        "scope 1 + 2 is only {value:.3g} t: check the unit",
    ),
    "wrong_total": (
        "block",
        "合计与各范围之和相差 {value:.1%}",
        "the total differs from the sum of the scopes by {value:.1%}",
    ),
    "energy_mismatch": (
        "warn",
        "{what}是能源用量推算值的 {value:.2f} 倍（应在 0.5 至 2 倍之间）",
        "{what} is {value:.2f} times what the energy used gives (0.5 to 2 is expected)",
    ),
    "jump": (
        "warn",
        "范围一与范围二合计为上年的 {value:.3g} 倍",
        "scope 1 + 2 is {value:.3g} times the year before",
    ),
    "jump_tenfold": (
        "block",
        "范围一与范围二合计为上年的 {value:.3g} 倍，请核对或说明原因",
        "scope 1 + 2 is {value:.3g} times the year before: check, or give a reason",
    ),
    "jump_with_reason": (
        "warn",
        "范围一与范围二合计为上年的 {value:.3g} 倍，已说明原因：{what}",
        "scope 1 + 2 is {value:.3g} times the year before, reason given: {what}",
    ),
    "scope_jump": ("warn", "{what}为上年的 {value:.3g} 倍", "{what} is {value:.3g} times the year before"),
    "outside_model": (
        "warn",
        "范围一与范围二合计为同类公司估算值的 {value:.3g} 倍，超出 1%–99% 区间",
        "scope 1 + 2 is {value:.3g} times what companies like this emit, outside the range of 98 in 100",
    ),
    "same_as_last_year": ("warn", "{what}与上年完全相同", "{what} is identical to the year before"),
    "round_numbers": ("note", "{value:.0%} 的数值为整数约数", "{value:.0%} of the figures are round numbers"),
    "missing_scope": ("warn", "缺少{what}", "{what} is missing"),
    "boundary_changed": (
        "warn",
        "组织边界的表述与上年不同",
        "the boundary is described otherwise than the year before",
    ),
}
_SCOPES = {"scope1_t": ("范围一", "scope 1"), "scope2_t": ("范围二", "scope 2"), "scope3_t": ("范围三", "scope 3")}
_REASON_WORDS = {
    "boundary": ("边界变化", "boundary"),
    "acquisition": ("并购或剥离", "acquisition"),
    "restatement": ("重述", "restatement"),
}


@dataclass(frozen=True, eq=False)
class Submissions:
    """Inventories as columns of shape (n,), tonnes CO2e; NaN is not reported. Only the scopes must be given.

    `*_from_energy_t` is activity × factor of the energy reported with it; `last_*` is the company's year before;
    `median_t`, `p01_t`, `p99_t` are the model's for a company like this.
    """

    scope1_t: Floats
    scope2_t: Floats
    scope3_t: Floats | None = None
    total_t: Floats | None = None
    scope1_from_energy_t: Floats | None = None
    scope2_from_energy_t: Floats | None = None
    last_scope1_t: Floats | None = None
    last_scope2_t: Floats | None = None
    last_scope3_t: Floats | None = None
    median_t: Floats | None = None
    p01_t: Floats | None = None
    p99_t: Floats | None = None
    boundary: Sequence[str] = ()
    last_boundary: Sequence[str] = ()
    reason: Sequence[str] = ()  # one of REASONS or ""

    def __len__(self) -> int:
        return len(self.scope1_t)

    def column(self, name: str) -> Floats:
        found: Floats | None = getattr(self, name)
        return np.full(len(self), np.nan) if found is None else found


@dataclass(frozen=True)
class Finding:
    code: str
    severity: Severity
    value: float
    message_zh: str
    message_en: str


@dataclass
class _Findings:
    rows: list[list[Finding]] = field(default_factory=list)

    def add(self, code: str, where: Bools, value: Floats, what: tuple[str, str] | Sequence[tuple[str, str]]) -> None:
        severity, zh, en = RULES[code]
        for i in np.flatnonzero(where).tolist():
            words: Any = what if isinstance(what, tuple) else what[i]
            number = float(value[i])
            self.rows[i].append(
                Finding(
                    code,
                    severity,
                    number,
                    zh.format(what=words[0], value=number),
                    en.format(what=words[1], value=number),
                )
            )


def check(batch: Submissions) -> tuple[tuple[Finding, ...], ...]:
    """The findings of each submission in the order of the rules. Rules without their data are silent."""
    found = _Findings([[] for _ in range(len(batch))])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total = batch.scope1_t + batch.scope2_t
        last = batch.column("last_scope1_t") + batch.column("last_scope2_t")
        _range(batch, total, found)
        _total(batch, found)
        _energy(batch, found)
        _jumps(batch, total, last, found)
        _model(batch, total, found)
        _identical(batch, found)
        _round(batch, found)
        _missing(batch, found)
        _boundary(batch, found)
    return tuple(tuple(row) for row in found.rows)


def blocked(findings: Sequence[Finding]) -> bool:
    return any(one.severity == "block" for one in findings)


def alarmed(findings: Sequence[Finding]) -> bool:
    """Whether a person should look: a note alone does not call one."""
    return any(one.severity != "note" for one in findings)


def _range(batch: Submissions, total: Floats, found: _Findings) -> None:
    for name, words in _SCOPES.items():
        amount = batch.column(name)
        found.add("not_finite", np.isinf(amount), amount, words)
        found.add("negative", np.isfinite(amount) & (amount < 0), amount, words)
        if name != "scope3_t":
            found.add("too_large", np.isfinite(amount) & (amount > LARGEST_T), amount, words)
    found.add("too_small", (total >= 0) & (total < SMALLEST_T), total, ("", ""))


def _total(batch: Submissions, found: _Findings) -> None:
    scope3_t = batch.column("scope3_t")
    parts = batch.scope1_t + batch.scope2_t + np.where(np.isnan(scope3_t), 0.0, scope3_t)
    off = np.abs(batch.column("total_t") - parts) / parts
    found.add("wrong_total", off > TOTAL_SHARE, off, ("", ""))


def _energy(batch: Submissions, found: _Findings) -> None:
    for name in ("scope1_t", "scope2_t"):
        ratio = batch.column(name) / batch.column(name.replace("_t", "_from_energy_t"))
        off = (ratio < ENERGY_RATIO[0]) | (ratio > ENERGY_RATIO[1])
        found.add("energy_mismatch", np.isfinite(ratio) & off, ratio, _SCOPES[name])


def _jumps(batch: Submissions, total: Floats, last: Floats, found: _Findings) -> None:
    ratio = total / last
    step = np.round(np.abs(np.log10(ratio)), 9)  # a change by exactly the limit is not beyond it
    reasons = list(batch.reason) or [""] * len(batch)
    given = np.array([reason in REASONS for reason in reasons], dtype=np.bool_)
    tenfold = np.isfinite(step) & (step > JUMP_BLOCK)
    found.add("jump_tenfold", tenfold & ~given, ratio, ("", ""))
    found.add("jump_with_reason", tenfold & given, ratio, [_REASON_WORDS.get(reason, ("", "")) for reason in reasons])
    found.add("jump", (step > JUMP_WARN) & (step <= JUMP_BLOCK), ratio, ("", ""))
    for name in ("scope1_t", "scope2_t"):
        own = batch.column(name) / batch.column(f"last_{name}")
        apart = np.round(np.abs(np.log10(own)), 9)
        found.add("scope_jump", np.isfinite(apart) & (apart > SCOPE_JUMP_WARN) & ~tenfold, own, _SCOPES[name])


def _model(batch: Submissions, total: Floats, found: _Findings) -> None:
    outside = (total < batch.column("p01_t")) | (total > batch.column("p99_t"))
    found.add("outside_model", (total > 0) & outside, total / batch.column("median_t"), ("", ""))


def _identical(batch: Submissions, found: _Findings) -> None:
    for name, words in _SCOPES.items():
        amount = batch.column(name)
        found.add("same_as_last_year", (amount > 0) & (amount == batch.column(f"last_{name}")), amount, words)


def _round(batch: Submissions, found: _Findings) -> None:
    """Share of figures of at least four digits that have at most two that are not zero."""
    figures = np.array([batch.column(name) for name in (*_SCOPES, "total_t")])
    large = np.isfinite(figures) & (np.abs(figures) >= 1000)
    unit = np.power(10.0, np.floor(np.log10(np.where(large, np.abs(figures), 1000.0))) - (ROUND_DIGITS - 1))
    plain = large & (np.mod(figures, unit) == 0)
    count = large.sum(axis=0)
    share = plain.sum(axis=0) / np.maximum(count, 1)
    found.add("round_numbers", (count >= ROUND_FIGURES) & (share > ROUND_SHARE), share, ("", ""))


def _missing(batch: Submissions, found: _Findings) -> None:
    """Scope 1 or 2 absent, or zero where the year before was not; scope 3 absent where it was reported."""
    for name, words in _SCOPES.items():
        amount, before = batch.column(name), batch.column(f"last_{name}")
        gone = (np.isnan(amount) | (amount == 0)) & (before > 0)
        found.add("missing_scope", gone if name == "scope3_t" else gone | np.isnan(amount), amount, words)


def _boundary(batch: Submissions, found: _Findings) -> None:
    if not batch.boundary or not batch.last_boundary:
        return
    changed = [
        bool(now.strip() and before.strip() and "".join(now.split()) != "".join(before.split()))
        for now, before in zip(batch.boundary, batch.last_boundary, strict=True)
    ]
    found.add("boundary_changed", np.array(changed, dtype=np.bool_), np.full(len(batch), np.nan), ("", ""))

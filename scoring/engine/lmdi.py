"""LMDI-I: what of a change came of activity, structure, intensity and factor. "The grid got cleaner" or "we saved".

Sources: Ang 2005, "The LMDI approach to decomposition analysis: a practical guide", Energy Policy 33; Ang 2015, "LMDI
decomposition approach: a guide for implementation", Energy Policy 86. Zeros by their analytical limits: Ang and Liu
2007, "Handling zero values in the logarithmic mean Divisia index decomposition approach", Energy Policy 35; Wood and
Lenzen 2006, Energy Policy 34.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scoring.engine.columns import Floats
from scoring.engine.errors import LmdiError, WrongShape

ACTIVITY, STRUCTURE, INTENSITY, FACTOR = "activity", "structure", "intensity", "factor"


@dataclass(frozen=True, eq=False)
class Decomposition:
    """A change from 0 to t by factor; leading axes are those of the input.

    `additive` has the unit of the values and adds up to `total` but for `residual`, which is there when the values are
    not the products of their factors (printed figures are rounded). `multiplicative` multiplies to `ratio`; NaN where a
    total is zero, for which there is none.
    """

    additive: Floats  # shape (…, factors)
    by_sector: Floats  # shape (…, factors, sectors)
    multiplicative: Floats  # shape (…, factors)
    total: Floats  # shape (…,): vt − v0 over all sectors
    ratio: Floats  # shape (…,)

    @property
    def residual(self) -> Floats:
        left: Floats = self.total - self.additive.sum(axis=-1)
        return left


def log_mean(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """L(a, b) = (a − b)/(ln a − ln b); a where both are equal, 0 where one is zero. Raises LmdiError below zero."""
    x, y = _amounts(a), _amounts(b)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Two years that hardly differ would lose all digits in ln(a/b), two far apart in log1p.
        logs = np.where(abs(x - y) < 0.5 * y, np.log1p((x - y) / y), np.log(x / y))
        mean = (x - y) / logs
    found: Floats = np.where(x == y, x, np.where((x == 0.0) | (y == 0.0), 0.0, mean))
    return found


def decompose(v0: npt.ArrayLike, vt: npt.ArrayLike, x0: npt.ArrayLike, xt: npt.ArrayLike) -> Decomposition:
    """Effect of factor k = Σ over sectors of L(vt, v0) · ln(xk,t / xk,0).

    Values have shape (…, sectors), factors (…, factors, sectors), in any units whose product is the values'. A sector
    that is zero in one of the years gives its whole change to the factors that are zero there, in equal parts: the
    limit of a small number in their place. Several years at once: `decompose(v[:-1], v[1:], x[:-1], x[1:])`.
    Raises LmdiError below zero and where a value is zero and no factor is, or the other way round; WrongShape.
    """
    first, last = _amounts(v0), _amounts(vt)
    before, after = _amounts(x0), _amounts(xt)
    if first.shape != last.shape or before.shape != after.shape or before.ndim != first.ndim + 1:
        raise WrongShape("values (…, sectors) and factors (…, factors, sectors) of two years", value=before.shape)
    if before.shape[:-2] + before.shape[-1:] != first.shape:
        raise WrongShape("as many sectors in values as in factors", value=(first.shape, before.shape))
    gone0, gone_t = before == 0.0, after == 0.0
    for values, gone in ((first, gone0), (last, gone_t)):
        if ((values == 0.0) != gone.any(axis=-2)).any():
            raise LmdiError("a value is zero where one of its factors is, and only there", value=values.tolist())
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = log_mean(last, first)[..., np.newaxis, :] * np.log(after / before)
    effects = np.where(gone0 | gone_t, 0.0, plain)
    begins, ends = (first == 0.0) & (last > 0.0), (first > 0.0) & (last == 0.0)
    for where, gone, change in ((begins, gone0, last), (ends, gone_t, -first)):
        parts = gone * (change / np.maximum(gone.sum(axis=-2), 1))[..., np.newaxis, :]
        effects = np.where(where[..., np.newaxis, :], parts, effects)
    whole0, whole_t = first.sum(axis=-1), last.sum(axis=-1)
    additive = np.ascontiguousarray(effects).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = log_mean(whole_t, whole0)[..., np.newaxis]
        multiplicative = np.where(mean > 0.0, np.exp(additive / mean), np.nan)
        ratio = np.where((whole0 > 0.0) & (whole_t > 0.0), whole_t / whole0, np.nan)
    return Decomposition(additive, effects, multiplicative, whole_t - whole0, ratio)


def names(factors: int) -> tuple[str, ...]:
    """What `decompose_sectors` calls its factors, in order."""
    return (ACTIVITY, STRUCTURE, INTENSITY, FACTOR)[:factors]


def decompose_sectors(amounts0: Sequence[npt.ArrayLike], amounts_t: Sequence[npt.ArrayLike]) -> Decomposition:
    """A change of the last amount of a chain by sector: output, energy and, if there are any, emissions.

    Each of shape (…, sectors). Activity is all output, structure a sector's share of it, intensity energy an output,
    factor emissions an energy. What would be divided by nothing in one year is as in the other: it changes nothing.
    Raises LmdiError below zero, where nothing has output, and for energy without output or emissions without energy.
    """
    v0, x0 = _chain(amounts0)
    vt, xt = _chain(amounts_t)
    x0, xt = np.where(np.isnan(x0), xt, x0), np.where(np.isnan(xt), x0, xt)
    return decompose(v0, vt, np.where(np.isnan(x0), 1.0, x0), np.where(np.isnan(xt), 1.0, xt))


def _chain(amounts: Sequence[npt.ArrayLike]) -> tuple[Floats, Floats]:
    """Values, shape (…, sectors), and factors, (…, factors, sectors), of one year; NaN for 0/0."""
    chain = [_amounts(each) for each in amounts]
    whole = chain[0].sum(axis=-1, keepdims=True)
    if not (whole > 0.0).all():
        raise LmdiError("no sector has output", value=chain[0].tolist())
    factors = [np.broadcast_to(whole, chain[0].shape), chain[0] / whole]
    for below, above in pairwise(chain):
        if ((below == 0.0) & (above > 0.0)).any():
            raise LmdiError("energy without output, or emissions without energy", value=above.tolist())
        with np.errstate(invalid="ignore"):
            factors.append(above / below)
    return chain[-1], np.stack(factors, axis=-2)


def _amounts(values: npt.ArrayLike | Sequence[float]) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if (found < 0.0).any() or np.isinf(found).any():
        raise LmdiError("amounts are finite and not below zero", value=found.tolist())
    return found

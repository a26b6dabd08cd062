"""The logarithmic mean, by which a geometric mean is told as an exact sum."""

import numpy as np

from scoring.engine.columns import Floats


def logarithmic_mean(a: Floats, b: Floats) -> Floats:
    """L(a, b) = (a − b) / ln(a / b) for positive a and b, with L(x, x) = x.

    Written as b · (e^z − 1) / z with z = ln(a / b); below |z| = 1e-5 by its series 1 + z/2 + z²/6.
    """
    z = np.log(a / b)
    near = np.abs(z) < 1e-5
    ratio = np.where(near, 1.0 + z / 2.0 + z * z / 6.0, np.expm1(z) / np.where(near, 1.0, z))
    mean: Floats = b * ratio
    return mean

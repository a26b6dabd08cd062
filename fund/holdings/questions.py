"""What looks wrong about a holding and may be right: asked of a person, on every door alike, since it is read anew.

Beside these stands a share above 1, which `scoring.engine.finance.financed` finds and leaves out of every sum.
"""

from __future__ import annotations

from collections.abc import Iterable

# A fund may own at most a tenth of what one company issued: China's Measures on publicly offered funds (CSRC order
# 104, 2014) Article 32(2) for all funds of a manager together; Directive 2009/65/EC Article 56(2) is alike.
LARGE_SHARE = 0.10
# A company worth less is listed nowhere near here: the Beijing exchange, the smallest of the mainland, asks for 200
# million yuan (Listing Rules, 2.1.3). A tenth of less than that points at a price in thousands or millions.
SMALLEST_LISTED_CNY = 200e6
# Of listed companies the value is 0.1 to 100 times a year's revenue. A slip of millions for units is a million times,
# one of thousands a thousand: beyond that one of the two figures is not what it says.
PRICE_SCALE = 1_000.0
# Tonnes of one company divided by the value of another: what a group sold or bought between the two years is in one of
# them alone. Our own limits; the second is the one that trajectories and base years have (paths.STEP).
LONGEST_LAG = 2  # years
REVENUE_STEP = 2.0


def is_large_share(share: float, outstanding_cny: float) -> bool:
    """More than a tenth of a listed company, for an amount that buys no tenth of any. NaN is no share.

    More than all of it is a question of its own.
    """
    return LARGE_SHARE < share <= 1 and outstanding_cny < LARGE_SHARE * SMALLEST_LISTED_CNY


def is_out_of_scale(values_cny: Iterable[float | None], revenue_cny: float | None) -> bool:
    """Whether something that a company is worth is of another size than the revenue that is on record."""
    if not revenue_cny or revenue_cny < 0:
        return False
    ratios = [value / revenue_cny for value in values_cny if value is not None and value > 0]
    return any(ratio > PRICE_SCALE or ratio < 1 / PRICE_SCALE for ratio in ratios)


def is_far_apart(tonnes_year: int | None, worth_year: int | None) -> bool:
    """Whether tonnes and value are of years that lie too far apart; a year that nobody knows is not asked about."""
    return tonnes_year is not None and worth_year is not None and abs(worth_year - tonnes_year) > LONGEST_LAG


def is_step(fold: float | None) -> bool:
    """Whether a revenue that became `fold` times as much is still of the same company."""
    return fold is not None and not 1 / REVENUE_STEP <= fold <= REVENUE_STEP

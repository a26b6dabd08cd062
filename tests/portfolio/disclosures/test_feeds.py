"""Each field says what it feeds, in one table; and each is asked for in one place."""

from __future__ import annotations

from collections import Counter

import pytest
from django.utils.translation import override

from portfolio.disclosures.feeds import FEEDS, needed
from portfolio.disclosures.groups import GROUPS
from portfolio.models import Quantity


@pytest.mark.parametrize("is_venture", [False, True])
def test_what_a_bar_needs_says_that_it_feeds_the_bar(is_venture: bool) -> None:
    with override("en"):
        silent = [
            (bar, quantity)
            for bar, quantities in needed(is_venture=is_venture).items()
            for quantity in quantities
            if f"{bar.upper()} " not in str(FEEDS.get(quantity, ""))
        ]
    assert not silent


def test_no_figure_stands_in_the_form_twice_and_none_is_left_out() -> None:
    asked = Counter(quantity for group in GROUPS for quantity in group.quantities)
    assert set(asked) == set(Quantity) and max(asked.values()) == 1

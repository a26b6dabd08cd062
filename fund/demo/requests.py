"""What the demo's fund has asked its illustrative companies for: one request that is open, one overdue, one answered.

Made where the company was never asked, by the verb that everyone asks with; the answered one is asked before the
company submits (fund/demo/candidates.py) and settles itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.utils import timezone

from portfolio.models import Company, DataRequest, Quantity
from portfolio.models.data_request import Asked

MANAGER = "manager"  # an account of fund/demo/people.py
YEAR = 2025
NOTE = "示例：{zh} Illustrative: {en}"


class Example(NamedTuple):
    """`days_ago` it was asked, and due so many days after that."""

    company_key: str
    figures: Sequence[Quantity]
    days_ago: int
    days: int
    zh: str
    en: str


ANSWERED = Example(
    "demo-clearwind",
    (Quantity.REVENUE, Quantity.SCOPE_1, Quantity.SCOPE_2_LOCATION),
    *(10, 30, "三项门槛所需的数据。", "the figures that its three bars need."),
)
WAITING = (
    Example(
        "demo-untold",
        (Quantity.GRANTS, Quantity.PRICE_PREMIUM, Quantity.THEME_CREDITS),
        *(3, 21, "经济韧性一项只缺政府补助。", "its resilience waits for the subsidies alone."),
    ),
    Example(
        "demo-assisted",
        (Quantity.SCOPE_1, Quantity.SCOPE_2_LOCATION),
        *(28, 21, "目前只有模型估算，请填报排放量。", "only a model's estimate so far; please tell the tonnes."),
    ),
)


def set_up() -> None:
    for example in WAITING:
        company = Company.objects.filter(company_key=example.company_key).first()
        if company:
            ask(company, example)


def ask(company: Company, example: Example) -> None:
    """Once: nothing where the company has been asked before."""
    if DataRequest.objects.filter(company=company).exists():
        return
    asked_at = timezone.now() - timedelta(days=example.days_ago)
    DataRequest.ask(
        company,
        [Asked(YEAR, figure.value) for figure in example.figures],
        due=timezone.localdate(asked_at) + timedelta(days=example.days),
        by=User.objects.get(username=MANAGER),
        note=NOTE.format(zh=example.zh, en=example.en),
        asked_at=asked_at,
    )

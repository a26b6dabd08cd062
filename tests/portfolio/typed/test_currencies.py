"""Currencies as people type them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from portfolio.typed.currencies import UnreadableCurrency, main_currency, read_currency


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *[("EUR", "EUR"), ("eur", "EUR"), ("Eur", "EUR"), (" gbp ", "GBP"), ("GBP", "GBP"), ("ＵＳＤ", "USD")],
        *[("RMB", "CNY"), ("rmb", "CNY"), ("CNH", "CNY"), ("人民币", "CNY"), ("人民幣元", "CNY"), ("CN¥", "CNY")],
        *[("NT$", "TWD"), ("NTD", "TWD"), ("新臺幣", "TWD"), ("US$", "USD"), ("US $", "USD"), ("美元", "USD")],
        *[
            ("HK$", "HKD"),
            ("港元", "HKD"),
            ("€", "EUR"),
            ("欧元", "EUR"),
            ("£", "GBP"),
            ("日元", "JPY"),
            ("JP￥", "JPY"),
        ],
    ],
)
def test_a_code_in_any_case_a_name_or_a_sign_is_its_currency(typed: str, code: str) -> None:
    assert (read_currency(typed).code, read_currency(typed).per_unit, main_currency(typed)) == (code, 1, code)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *[("GBp", "GBP"), ("GBX", "GBP"), ("gbx", "GBP"), ("GBpence", "GBP"), ("便士", "GBP")],
        *[("ZAc", "ZAR"), ("ZAX", "ZAR"), ("ZAr", "ZAR"), ("ILA", "ILS"), ("ILs", "ILS"), ("USX", "USD")],
    ],
)
def test_pence_cents_and_agorot_are_hundredths_and_never_the_currency_itself(typed: str, code: str) -> None:
    assert read_currency(typed)[:2] == (code, 100)
    with pytest.raises(UnreadableCurrency, match=code):
        main_currency(typed)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        *[("$", "USD"), ("¥", "JPY"), ("￥", "CNY"), ("元", "TWD"), ("kr", "NOK"), ("Fr.", "CHF")],
        *[("Gbp", "GBP, GBp"), ("gBP", "GBP, GBp"), ("KWd", "KWD"), ("EUr", "EUR")],
    ],
)
def test_what_may_be_several_is_asked_about(typed: str, asked: str) -> None:
    with pytest.raises(UnreadableCurrency, match="several") as refused:
        read_currency(typed)
    assert asked in str(refused.value)


@pytest.mark.parametrize("typed", ["", "XX", "pounds sterling", "123", "E U", "usdollarcoin"])
def test_what_is_no_currency_is_refused(typed: str) -> None:
    with pytest.raises(UnreadableCurrency, match="ISO 4217"):
        read_currency(typed)


def test_what_was_divided_is_said() -> None:
    assert read_currency("GBp").divided(450e6) == "GBp: 450,000,000 pence entered as 4,500,000 GBP"
    assert read_currency("ILA").divided(150.0) == "ILA: 150 agorot entered as 1.5 ILS"

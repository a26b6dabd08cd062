"""Currencies as people type them: one reader for every door. Pence are never taken for pounds."""

from __future__ import annotations

from typing import NamedTuple

import pycountry
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portfolio.errors import PortfolioError
from portfolio.folding import normal
from portfolio.typed.numbers import grouped
from portfolio.typed.tables import Row


class UnreadableCurrency(PortfolioError):
    """What was typed is no currency, or more than one; the message says what to type instead."""


# In hundredths, as exchanges and terminals quote. The three letters count as they stand: GBp is pence, GBP is pounds.
HUNDREDTHS = {
    "GBp": "GBP",
    "GBX": "GBP",
    "GBx": "GBP",
    "gbx": "GBP",
    "GBpence": "GBP",
    "pence": "GBP",
    "便士": "GBP",
    "ZAc": "ZAR",
    "ZAC": "ZAR",
    "ZAr": "ZAR",
    "ZAX": "ZAR",
    "ILA": "ILS",
    "ILa": "ILS",
    "ILs": "ILS",
    "agorot": "ILS",
    "USX": "USD",
    "USx": "USD",
    "USc": "USD",
}
HUNDREDTHS_OF = {"GBP": _("pence"), "ZAR": _("cents"), "ILS": _("agorot"), "USD": _("cents")}
# By what is left without blanks and in capitals. Traditional characters beside simplified ones.
ALIASES = {
    name: code
    for code, names in {
        "CNY": "RMB CNH CN¥ RMB¥ 人民币 人民幣 人民币元 人民幣元",
        "TWD": "NT$ NTD NTD$ TW$ 新台币 新臺幣 新台幣 台币 臺幣 台幣 新台币元 新臺幣元",
        "USD": "US$ USD$ U$ 美元 美金",
        "HKD": "HK$ HKD$ 港元 港币 港幣",
        "EUR": "€ EUR€ EURO EUROS 欧元 歐元",
        "GBP": "£ GBP£ UK£ 英镑 英鎊",
        "JPY": "JP¥ YEN 日元 日圆 日圓 日币 日幣",
        "KRW": "₩ 韩元 韓元 韩圆 韓圜",
        "CHF": "SFR 瑞士法郎",
        "SEK": "瑞典克朗",
        "NOK": "挪威克朗",
        "DKK": "丹麦克朗 丹麥克朗",
        "AUD": "A$ AU$ 澳元 澳大利亚元 澳幣",
        "CAD": "C$ CA$ 加元 加拿大元 加幣",
        "SGD": "S$ SG$ 新加坡元 新加坡幣",
        "INR": "₹ 印度卢比 印度盧比",
    }.items()
    for name in names.split()
}
AMBIGUOUS = {
    "$": "USD, TWD, HKD, CAD, AUD, SGD",
    "¥": "CNY, JPY",
    "元": "CNY, TWD, HKD",
    "圆": "CNY, JPY",
    "圓": "CNY, TWD, JPY",
    "KR": "SEK, NOK, DKK",
    "DOLLAR": "USD, TWD, HKD, CAD, AUD, SGD",
    "FR": "CHF, EUR",
}


class Currency(NamedTuple):
    """`code` is ISO 4217. Amounts are given in hundredths of it where `per_unit` is 100."""

    code: str
    per_unit: int = 1
    typed: str = ""

    def divided(self, amount: float) -> str:
        """How an amount in hundredths is entered, in words: GBp: 450,000,000 pence entered as 4,500,000 GBP."""
        words = _("%(typed)s: %(given)s %(hundredths)s entered as %(amount)s %(code)s")
        return words % {
            "typed": self.typed,
            "given": grouped(amount),
            "hundredths": HUNDREDTHS_OF[self.code],
            "amount": grouped(amount / self.per_unit),
            "code": self.code,
        }


def read_currency(typed: str) -> Currency:
    """ISO codes in any case, names and signs that mean one currency, and hundredths by their exact code.

    Raises UnreadableCurrency, whose message asks which one is meant where it may be several.
    """
    text = "".join(normal("NFKC", typed).split())
    if text in HUNDREDTHS:
        return Currency(HUNDREDTHS[text], 100, typed.strip())
    upper = text.upper()
    if upper in ALIASES:
        return Currency(ALIASES[upper])
    if meant := AMBIGUOUS.get(upper.rstrip(".")):
        raise UnreadableCurrency(_asked(typed, meant))
    if pycountry.currencies.get(alpha_3=upper) is None:
        words = _("“%(typed)s” is no currency: give the code of ISO 4217, such as CNY.")
        raise UnreadableCurrency(words % {"typed": typed.strip()})
    if text not in (upper, text.lower()):  # capitals and small letters side by side are how hundredths are written
        hundredths = [name for name, main in HUNDREDTHS.items() if main == upper][:1]
        if hundredths or text != text.capitalize():
            raise UnreadableCurrency(_asked(typed, ", ".join([upper, *hundredths])))
    return Currency(upper)


def main_currency(typed: str) -> str:
    """The code, where amounts stand elsewhere and cannot be divided. Raises UnreadableCurrency for hundredths, too."""
    currency = read_currency(typed)
    if currency.per_unit != 1:
        words = _("“%(typed)s” are %(hundredths)s: give %(code)s, and amounts in it.")
        facts = {"typed": typed.strip(), "hundredths": HUNDREDTHS_OF[currency.code], "code": currency.code}
        raise UnreadableCurrency(words % facts)
    return currency.code


def currency_of(row: Row, column: str = "currency") -> Currency:
    """Of a row, which must have one; with a fault and without a code where it cannot be read."""
    typed = row.text(column, required=True)
    if not typed:
        return Currency("")
    try:
        return read_currency(typed)
    except UnreadableCurrency as refusal:
        row.fault(column, str(refusal))
        return Currency("")


def _asked(typed: str, meant: str) -> str | Promise:
    words = _("“%(typed)s” may mean several currencies: give the code of the one meant, such as %(meant)s.")
    return words % {"typed": typed.strip(), "meant": meant}

"""USCC, LEI and ISIN with their real check digits, and messages of our own in both languages.

Each function is a field validator that also returns the compact form, a str (typed Any, since Django wants None).
"""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import isin, lei
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength
from stdnum.exceptions import ValidationError as NumberError

LEI_LENGTH = 20
# Of a share listed in Taiwan: TW, 000, the ticker of four digits, 00, the check digit (TWSE, coding of securities).
_TAIWAN = re.compile(r"TW000([0-9]{4})00[0-9]")
_WRONG = {
    "USCC": {
        InvalidLength: _("A unified social credit code has 18 characters; this one has %(length)s."),
        InvalidFormat: _("A unified social credit code has digits and capital letters, never I, O, S, V or Z."),
        InvalidComponent: _("The beginning of this unified social credit code is not one that is issued."),
        InvalidChecksum: _(
            "The check character of this unified social credit code does not fit: look for a typing slip."
        ),
    },
    "LEI": {
        InvalidLength: _("An LEI has 20 characters; this one has %(length)s."),
        InvalidFormat: _("An LEI has digits and capital letters only."),
        InvalidComponent: _("This LEI has a part that is not issued."),
        InvalidChecksum: _("The check digits of this LEI do not fit: look for a typing slip."),
    },
    "ISIN": {
        InvalidLength: _("An ISIN has 12 characters; this one has %(length)s."),
        InvalidFormat: _("An ISIN has digits and capital letters only."),
        InvalidComponent: _("An ISIN begins with a country code; this one does not."),
        InvalidChecksum: _("The check digit of this ISIN does not fit: look for a typing slip."),
    },
}


def _validate(kind: str, value: str) -> str:
    rules = {"USCC": uscc, "LEI": lei, "ISIN": isin}[kind]
    try:
        if kind == "LEI" and len(lei.compact(value)) != LEI_LENGTH:  # stdnum asks for the check digits alone
            raise InvalidLength
        return str(rules.validate(value))
    except NumberError as wrong:
        length = len(rules.compact(value))
        message = _WRONG[kind].get(type(wrong), _WRONG[kind][InvalidFormat])
        raise ValidationError(message, code=f"invalid_{kind.lower()}", params={"length": length}) from wrong


def validate_uscc(value: str) -> Any:
    """The compact unified social credit code (GB 32100-2015), or ValidationError."""
    return _validate("USCC", value)


def validate_lei(value: str) -> Any:
    """The compact LEI (ISO 17442, mod 97-10), or ValidationError."""
    return _validate("LEI", value)


def validate_isin(value: str) -> Any:
    """The compact ISIN (ISO 6166, Luhn), or ValidationError."""
    return _validate("ISIN", value)


def ticker_of(isin: str) -> str:
    """The ticker that an ISIN spells out, TW0002330008 → 2330; empty where its country does not write it so."""
    found = _TAIWAN.fullmatch(isin)
    return found[1] if found else ""

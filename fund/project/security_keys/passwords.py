"""What is tried first when somebody guesses a password: our own words, and common ones made longer."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# As docs/reference/security.md lists them. A password may hold one of them, and enough beside it.
OWN_WORDS = (
    *("greenlight", "greenfinance", "greenfund", "portfolio", "disclosure", "verifier", "emission", "carbon"),
    *("committee", "fundmanager", "administrator", "绿色金融投资", "碳排放核算"),
)
LEAST_BESIDE = 8  # characters beside the own word


class LongEnough(MinimumLengthValidator):
    """Django's own, whose refusal has no Chinese words yet."""

    def get_error_message(self) -> str:
        return _("The password is too short: at least %(n)d characters.") % {"n": self.min_length}


class GuessedFirst:
    """Few of the common ones that Django lists are as long as ours must be: people make those of a short one."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: Any = None) -> None:
        plain = password.casefold()
        if any(word in plain and len(plain) - len(word) < LEAST_BESIDE for word in OWN_WORDS):
            raise ValidationError(_("This is one of our own words with little beside it, and guessed first."))
        if any(core in self.common for core in _cores(plain)):
            raise ValidationError(_("This is a common password made longer, and guessed first."))

    def get_help_text(self) -> str:
        return _("It is not a common password made longer, nor one of our own words with little beside it.")


def _cores(plain: str) -> set[str]:
    """What is left without digits and signs around it, or of what stands there two to four times."""
    repeated = {plain[: len(plain) // n] for n in (2, 3, 4) if plain == plain[: len(plain) // n] * n}
    # By hand: a regular expression that looks for the end from every sign is minutes of a long password.
    letters = [at for at, sign in enumerate(plain) if sign.isalnum() and not sign.isdecimal()]
    bare = {plain[letters[0] : letters[-1] + 1], plain[: letters[-1] + 1]} if letters else set()
    return (bare | repeated) - {""}

"""What can go wrong with facts, in words for a person. None of these is worth a retry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.utils.functional import Promise


class PortfolioError(Exception):
    """Something a person asked for cannot be done; the message says why."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(PortfolioError):
    """The rule that forbids it is in the message."""


class BlockingCheck(Protocol):
    """What a refusal tells of a check that blocks."""

    @property
    def code(self) -> str: ...
    @property
    def quantity(self) -> str: ...  # a quantity or field; empty where it is about all of them
    @property
    def words(self) -> str: ...


class Blocked(NotAllowed):
    """Checks that block stand against a submission; `checks` are those."""

    def __init__(self, message: str | Promise, checks: Sequence[BlockingCheck]) -> None:
        super().__init__(message)
        self.checks = checks


class ReasonNeeded(Blocked):
    """It may be done all the same, with a reason in words; `checks` are the open items."""


class AnswerNeeded(NotAllowed):
    """It was returned and comes back as it was: it needs an answer in words."""


class Locked(NotAllowed):
    """A return left it closed; `points` are the codes of what may not be changed (portfolio/models/desk/points.py)."""

    def __init__(self, message: str | Promise, points: Sequence[str]) -> None:
        super().__init__(message)
        self.points = points


class Unanswered(NotAllowed):
    """Findings ask for an answer first; `points` are the codes of what they are about."""

    def __init__(self, message: str | Promise, points: Sequence[str]) -> None:
        super().__init__(message)
        self.points = points


class StaleVersion(PortfolioError):
    """Somebody else was faster: read again, then decide again."""

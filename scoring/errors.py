"""What can go wrong when a person handles a run, a model or a bar sheet. (In a computation: engine/errors.py.)"""

from django.utils.functional import Promise


class RunRefused(Exception):
    """A person asked for something the run's state does not allow; the message says why."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class ModelRefused(RunRefused):
    """The same of a training set or a model."""


class BarSheetRefused(RunRefused):
    """The same of a bar sheet."""

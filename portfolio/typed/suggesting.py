"""How many suggestions one request may cost: to look for what was meant takes a hundred times longer than to refuse.

A thousand unknown words in one body were 17 seconds of the processor. The first faults say what may be meant; whoever
mends those has seen enough of the rest. Outside a request (a command on one's own machine) there is no bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MOST = 20

_left: ContextVar[int | None] = ContextVar("suggestions_left", default=None)


@contextmanager
def bounded() -> Iterator[None]:
    """Round a request."""
    before = _left.set(MOST)
    try:
        yield
    finally:
        _left.reset(before)


def may_suggest() -> bool:
    """Whether this fault may still say what was meant; asking counts."""
    left = _left.get()
    if left is None:
        return True
    _left.set(left - 1)
    return left > 0

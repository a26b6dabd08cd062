"""One of several processes that ask one question at the same moment: `python -m tests.faults.starter GATE DAY`."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

import django


def main(gate: Path, as_of: date) -> None:
    django.setup()
    from portfolio.models import Company
    from scoring.runs import queue as runs

    companies = list(Company.objects.filter(is_illustrative=False))
    print("ready", flush=True)  # noqa: T201
    while not gate.exists():
        time.sleep(0.001)
    run, _is_new = runs.start(companies, title="at once", by=None, as_of=as_of)
    print(run.pk, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))

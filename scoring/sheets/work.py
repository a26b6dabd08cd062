"""What a worker does with a file that was handed in. The row is the queue; a lost message is made good by the sweep."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from portfolio.models import Activity, SheetUpload
from portfolio.sheets.changes import changes
from portfolio.sheets.reading import read_sheets
from portfolio.typed import suggesting
from scoring.ledgers.ledger import account_disclosure
from scoring.tables.in_force import in_force
from scoring.wake import tell

logger = logging.getLogger(__name__)

SECONDS = 180  # a file of the largest size takes a tenth of it
SWEPT = 20  # files of one sweep


def on_sheet_handed_in(upload: SheetUpload, **_signal: Any) -> None:
    transaction.on_commit(partial(tell, "read_sheet", upload.pk), robust=True)


def sweep() -> None:
    """Wake a worker for each file that waits, or whose worker is gone."""
    for pk in SheetUpload.objects.due().values_list("pk", flat=True)[:SWEPT]:
        tell("read_sheet", pk)


def read(pk: int) -> None:
    """Read the file and compare it with the draft as it stands. Doing it twice does no harm."""
    upload = SheetUpload.objects.select_related("disclosure__company").filter(pk=pk).first()
    if upload is None or not upload.is_open or not upload.claim():
        return
    disclosure = upload.disclosure
    disclosure.refresh_from_db()
    with override(upload.language), suggesting.bounded():
        sheets = read_sheets(bytes(upload.content), disclosure, upload.tell)
        found = changes(sheets, disclosure, partial(tonnes, upload))
    upload.finish(found, disclosure.edition)
    logger.info("sheet %s: %s faults", pk, found["wrong_count"])


def tonnes(upload: SheetUpload, lines: list[Activity]) -> Mapping[str, float | None]:
    """By scope, location-based, in tCO2e; None where no line of the scope was computed. Empty without lines."""
    if not lines:
        return {}
    tables = in_force(upload.disclosure.company)
    accounted = account_disclosure(upload.disclosure, tables=tables, activities=lines)
    total = accounted.total
    if total is None:
        return {}
    scopes = {1: total.scope_1, 2: total.scope_2_location, 3: total.scope_3}
    words = {1: _("Scope 1"), 2: _("Scope 2"), 3: _("Scope 3")}
    found = {words[scope]: amount.tonnes if accounted.has(scope) else None for scope, amount in scopes.items()}
    return {scope: value for scope, value in found.items() if value is not None}

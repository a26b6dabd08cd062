"""Bring in what a person has looked at: in one transaction, through the doors of the draft, on the edition compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Citation, Disclosure, Figure, SheetUpload
from portfolio.sheets.changes import KEEP, REPEATS, outcome_name, resolved

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def bring_in(
    upload: SheetUpload,
    *,
    by: User,
    repeats: str = "",
    partial: bool = False,
    without_missing: bool = False,
) -> None:
    """Raises NotAllowed where something is still to be decided, StaleVersion where the draft moved: look again."""
    disclosure, found = upload.disclosure, upload.found
    if upload.state != SheetUpload.State.READ or found is None:
        raise StaleVersion(_("This file was imported or dropped meanwhile."))
    if not disclosure.can_be_edited_by(by):
        raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
    if not found["is_whole"]:
        raise NotAllowed(_("This file cannot be imported: see what is wrong with it."))
    if found["wrong_count"] and not partial:
        raise NotAllowed(_("Rows of the file have faults: mend them, or tick that the other rows are to be imported."))
    if found["groups"] and repeats not in REPEATS:
        raise NotAllowed(_("Please choose what becomes of the rows that are there twice."))
    outcome = found["outcomes"][
        outcome_name(repeats if found["groups"] else KEEP, without=without_missing and bool(found["missing"]))
    ]
    if not outcome["fits"]:
        raise NotAllowed(_("The year would have more rows than it can hold: add up rows of the same month."))
    if disclosure.edition != upload.edition:
        raise StaleVersion(_("Somebody else saved this disclosure meanwhile."))
    with transaction.atomic():
        upload.close(by=by)
        _bring_in_figures(disclosure, upload, by, without_missing=without_missing)
        changed, added = resolved(found, disclosure, repeats if found["groups"] else KEEP)
        stored = {line.number: line for line in disclosure.activities.all()}
        for number, line in changed.items():
            line.pk = stored[number].pk
        removed = [stored[row["number"]] for row in found["missing"]] if without_missing else []
        if changed or added or removed:
            disclosure.write_activities(
                by=by, edition=disclosure.edition, changed=list(changed.values()), added=added, removed=removed
            )


def _bring_in_figures(disclosure: Disclosure, upload: SheetUpload, by: User, *, without_missing: bool) -> None:
    found: dict[str, Any] = upload.found or {}
    removed = {row["quantity"] for row in found["figures_missing"]} if without_missing else set()
    if not found["figures"] and not removed:
        return
    cited = {
        told["quantity"]: [Citation(evidence_id=file, place=place) for file, place in told["cited"]]
        for told in found["figures"]
    }
    rows: dict[str, Figure] = {figure.quantity: figure for figure in disclosure.figures.all()}
    for told in found["figures"]:
        row = rows.setdefault(told["quantity"], Figure(quantity=told["quantity"]))
        row.value, row.typed, row.basis = told["value"], told["typed"], told["basis"]
        row.ebit_standing = told["standing"]
    for row in rows.values():
        row.pk = None
    disclosure.revise(
        by=by,
        edition=disclosure.edition,
        boundary=disclosure.boundary,
        revenue_boundary=disclosure.revenue_boundary,
        source_document=disclosure.source_document,
        figures=[row for quantity, row in rows.items() if quantity not in removed],
        cited=cited,
    )

"""Who puts a bar sheet in force, and what nobody can do to one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from portfolio.models import AuditEvent, Role
from scoring.bar_sheets.words import difference
from scoring.errors import BarSheetRefused
from scoring.models import BarSheet, SheetFamily, SheetPath, SheetUncertainty
from tests import make as people
from tests.scoring.bar_sheets import make

pytestmark = pytest.mark.django_db


def test_a_sheet_comes_in_force_by_two_people_from_a_day_on() -> None:
    dan, erin = make.dan(), make.erin()
    made = make.approved(dan, erin, bar_share=0.9)
    tomorrow = timezone.localdate() + timedelta(days=1)
    made.activate(by=dan, day=tomorrow)
    assert BarSheet.in_force(timezone.localdate()) == make.shipped()
    assert BarSheet.in_force(tomorrow) == made
    assert made.engine().judgements.bar_share == 0.9
    assert make.shipped().in_force_until == timezone.localdate()
    verbs = AuditEvent.objects.filter(object=f"bar_sheet:{made.pk}").order_by("seq").values_list("verb", "actor")
    assert list(verbs) == [
        ("bar_sheet.cloned", "dan"),
        ("bar_sheet.proposed", "dan"),
        ("bar_sheet.approved", "erin"),
        ("bar_sheet.activated", "dan"),
    ]


def test_before_the_first_sheet_none_is_in_force() -> None:
    assert BarSheet.in_force(date(2025, 12, 31)) is None


def test_whoever_proposes_does_not_approve() -> None:
    dan = make.dan()
    made = make.changed(dan)
    made.propose(by=dan)
    with pytest.raises(BarSheetRefused):
        made.approve(by=dan, digest=made.digest)
    with pytest.raises(IntegrityError), transaction.atomic():
        BarSheet.objects.filter(pk=made.pk).update(state="approved", approved_by=dan)


def test_only_what_was_read_is_approved() -> None:
    dan, erin = make.dan(), make.erin()
    made = make.changed(dan)
    made.propose(by=dan)
    with pytest.raises(BarSheetRefused):
        made.approve(by=erin, digest="0" * 64)
    assert BarSheet.objects.get(pk=made.pk).state == BarSheet.State.PROPOSED


@pytest.mark.parametrize("role", [Role.FUND_MANAGER, Role.COMMITTEE_MEMBER, Role.VERIFIER])
def test_only_administrators_change_sheets(role: str) -> None:
    made, carol, erin = make.changed(make.dan()), people.user("carol", role), make.erin()
    verbs: list[Callable[[], object]] = [
        lambda: made.clone(by=carol, version="3", title="Mine"),
        lambda: made.propose(by=carol),
        lambda: made.approve(by=carol, digest=made.digest),
        lambda: made.send_back(by=carol),
        lambda: made.activate(by=carol, day=timezone.localdate()),
    ]
    for verb in verbs:
        with pytest.raises(BarSheetRefused):
            verb()
    made.propose(by=erin)


def test_a_step_twice_is_refused() -> None:
    dan, erin = make.dan(), make.erin()
    made = make.approved(dan, erin)
    today = timezone.localdate()
    made.activate(by=dan, day=today)
    for verb in (
        lambda: made.propose(by=dan),
        lambda: made.approve(by=erin, digest=made.digest),
        lambda: made.send_back(by=dan),
        lambda: made.activate(by=dan, day=today + timedelta(days=1)),
    ):
        with pytest.raises(BarSheetRefused):
            verb()


def test_what_is_sent_back_is_edited_and_proposed_again() -> None:
    dan, erin = make.dan(), make.erin()
    made = make.changed(dan)
    made.propose(by=dan)
    first = made.digest
    made.send_back(by=erin)
    SheetFamily.objects.filter(sheet=made, code="F01").update(service_per_unit_year=2300)
    made.propose(by=dan)
    assert made.digest != first
    assert made.engine().family["F01"].reference is not None


def test_the_past_is_not_decided_anew() -> None:
    dan, erin = make.dan(), make.erin()
    made = make.approved(dan, erin)
    with pytest.raises(BarSheetRefused):
        made.activate(by=dan, day=timezone.localdate() - timedelta(days=1))
    made.activate(by=dan, day=timezone.localdate() + timedelta(days=9))
    other = make.changed(dan, "3")
    other.propose(by=dan)
    other.approve(by=erin, digest=other.digest)
    with pytest.raises(BarSheetRefused):
        other.activate(by=dan, day=timezone.localdate() + timedelta(days=9))


def test_a_draft_that_cannot_be_computed_is_not_proposed() -> None:
    dan = make.dan()
    made = make.draft(dan)
    SheetFamily.objects.filter(sheet=made, code="F01").update(own_inputs="")
    with pytest.raises(BarSheetRefused):
        made.propose(by=dan)
    assert made.is_draft


IMPOSSIBLE: list[dict[str, Any]] = [
    *({"bar_share": share} for share in (-1, 0, 7)),
    *({name: 1.2} for name in ("pass_through", "theme_share", "realisation_share", "distinguishable", "verify_below")),
    *({name: 0} for name in ("footprint_multiple", "least_reporters", "most_months", "sigma_min_footprint")),
    *({name: -1} for name in ("free_allocation_t", "least_runway_months", "venture_theme_revenue_cny")),
    *({"lower_price_cny_per_t": price} for price in (-1, 201)),
    {"higher_price_cny_per_t": 199},
    {"on_the_line_from": 0.8},
    {"least_plan": "hope"},
]


@pytest.mark.parametrize("columns", IMPOSSIBLE)
def test_an_impossible_judgement_is_neither_clean_nor_proposed(columns: dict[str, Any]) -> None:
    dan = make.dan()
    made = make.draft(dan, **columns)
    with pytest.raises(ValidationError):
        made.full_clean()
    with pytest.raises(BarSheetRefused):
        made.propose(by=dan)
    assert BarSheet.objects.get(pk=made.pk).is_draft


def test_an_unchanged_clone_is_not_proposed() -> None:
    dan = make.dan()
    made = make.draft(dan)
    with override("en"), pytest.raises(BarSheetRefused, match="Nothing differs from the sheet in force"):
        made.propose(by=dan)
    BarSheet.objects.filter(pk=made.pk).update(theme_share=0.6)
    made.refresh_from_db()
    made.propose(by=dan)


def test_an_impossible_row_is_not_proposed() -> None:
    dan = make.dan()
    made = make.draft(dan)
    SheetFamily.objects.filter(sheet=made, code="F01").update(use_share=1.5)
    with override("en"), pytest.raises(BarSheetRefused, match="F01 .*share in use: More than 0 and at most 1"):
        made.propose(by=dan)


def test_a_version_is_given_once() -> None:
    with pytest.raises(BarSheetRefused):
        make.draft(make.dan(), "1")


# --- the database refuses edits ------------------------------------------------------------------------------
EDITS = [
    lambda sheet: BarSheet.objects.filter(pk=sheet.pk).update(bar_share=0.1),
    lambda sheet: BarSheet.objects.filter(pk=sheet.pk).update(content="{}"),
    lambda sheet: BarSheet.objects.filter(pk=sheet.pk).update(closing_day="2099-01-01"),
    lambda sheet: BarSheet.objects.filter(pk=sheet.pk)._raw_delete("default"),
    lambda sheet: SheetFamily.objects.filter(sheet=sheet, code="F01").update(service_per_unit_year=1),
    lambda sheet: SheetFamily.objects.filter(sheet=sheet)._raw_delete("default"),
    lambda sheet: SheetPath.objects.filter(sheet=sheet).update(t_per_mwh=1),
    lambda sheet: SheetPath.objects.create(
        sheet=sheet, place="SWE", purpose="p", base_year=2023, t_per_mwh=0, fall_t_per_mwh_year=0, source="s"
    ),
    lambda sheet: SheetUncertainty.objects.filter(sheet=sheet).update(half_width=0),
]


@pytest.mark.parametrize("edit", EDITS)
def test_a_proposed_sheet_is_never_edited(edit: Callable[[BarSheet], object]) -> None:
    dan = make.dan()
    made = make.changed(dan)
    made.propose(by=dan)
    for sheet in (made, make.shipped()):
        with pytest.raises(DatabaseError), transaction.atomic():
            edit(sheet)


@pytest.mark.parametrize(
    "changes", [{"state": "draft", "content": "", "digest": ""}, {"approved_by": None}, {"state": "proposed"}]
)
def test_an_approval_is_never_taken_back(changes: dict[str, object]) -> None:
    made = make.approved(make.dan(), make.erin())
    with pytest.raises(DatabaseError), transaction.atomic():
        BarSheet.objects.filter(pk=made.pk).update(**changes)


def test_the_day_of_an_active_sheet_never_moves() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        BarSheet.objects.filter(version="1").update(active_from=date(2027, 1, 1))


# --- clone and difference ---------------------------------------------------------------------------------
def test_a_clone_differs_in_nothing_but_the_version() -> None:
    shipped, clone = make.shipped(), make.draft(make.dan())
    assert difference(shipped.engine(), clone.engine()) == []
    assert clone.engine().version == "2"
    sources = clone.uncertainties.values_list("input", "rung", "source")
    assert set(sources) == set(shipped.uncertainties.values_list("input", "rung", "source"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "share of the reference row that a candidate must reach: 80% → 90%",
                "F01 Onshore wind turbines: service a unit and year: 2,225 → 2,300",
            ],
        ),
        ("zh-hans", ["须达到参照行的比例: 80% → 90%", "F01 陆上风电机组: 单位年服务量：2,225 → 2,300"]),
    ],
)
def test_a_difference_is_told_in_the_readers_language(language: str, said: list[str]) -> None:
    made = make.draft(make.dan(), bar_share=0.9)
    SheetFamily.objects.filter(sheet=made, code="F01").update(service_per_unit_year=2300)
    with override(language):
        found = [f"{change.about}: {change.words}" for change in difference(make.shipped().engine(), made.engine())]
    assert found == said


def test_a_family_that_is_new_or_left_out_is_told() -> None:
    made = make.draft(make.dan())
    SheetFamily.objects.filter(sheet=made, code="F01").update(code="F01x")
    with override("en"):
        found = {(change.about, change.words) for change in difference(make.shipped().engine(), made.engine())}
    assert found == {("F01 Onshore wind turbines", "left out"), ("F01x Onshore wind turbines", "added")}


def test_the_engine_gets_the_same_from_rows_and_from_what_is_stored() -> None:
    made = make.approved(make.dan(), make.erin(), on_the_line_from=0.3, higher_price_cny_per_t=500)
    assert made.engine() == made.from_rows()
    assert made.engine().digest == made.digest
    judgements = made.engine().judgements
    assert (judgements.on_the_line, judgements.other_prices_cny_per_t) == ((0.3, 0.8), (100, 500))

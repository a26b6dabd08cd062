"""Monitoring plans in the administration: read there, written by companies and approved by verifiers on their pages."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy

from portfolio.admin.pages import StepInline
from portfolio.admin.roles import ReadOnlyAdmin, ReadOnlyInline
from portfolio.models import MonitoringPlan, MonitoringPlanStep, PlannedSource


class PlannedSourceInline(ReadOnlyInline[PlannedSource, MonitoringPlan]):
    model = PlannedSource
    fields = ("number", "kind", "site", "meter", "measured", "unit", "often", "evidence", "responsible")
    readonly_fields = fields


class MonitoringPlanStepInline(StepInline):
    model = MonitoringPlanStep


@admin.register(MonitoringPlan)
class MonitoringPlanAdmin(ReadOnlyAdmin[MonitoringPlan]):
    empty_text = gettext_lazy("No monitoring plans in force yet. Companies write them, verifiers approve them.")
    list_display = ("company", "version", "valid_from", "state", "frozen_at")
    list_select_related = ("company",)
    search_fields = ("company__search_text",)
    inlines = (PlannedSourceInline, MonitoringPlanStepInline)

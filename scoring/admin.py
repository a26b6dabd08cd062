"""Methods, runs, scores and what factors did, in the admin: to look at, to stop and to retry; nothing is typed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.admin import ReadOnlyAdmin
from portfolio.models import Role, has_role
from portfolio.templatetags.figures import figure
from scoring.bar_sheets import admin as bar_sheets  # Django looks here for it
from scoring.candidates.words import stage_word
from scoring.errors import RunRefused
from scoring.estimators.words import activity_words
from scoring.models import RetiredMethod, Score, ScoreItem, ScoreRun
from scoring.models.estimator import ModelChange, ModelVersion, TrainingSet
from scoring.models.ledger import Calculation, FactorImport, Restatement
from scoring.runs import queue as runs

__all__ = ["bar_sheets"]
M = TypeVar("M", bound=Model)
FAILURES_SHOWN = 100  # the run's page shows them all


@admin.register(RetiredMethod)
class RetiredMethodAdmin(ReadOnlyAdmin[RetiredMethod]):
    empty_text = gettext_lazy("No retired method: nothing was scored here before the bars.")
    list_display = ("version", "digest")


@admin.register(ScoreRun)
class ScoreRunAdmin(ReadOnlyAdmin[ScoreRun]):
    empty_text = gettext_lazy(
        "No runs yet. Start one from the list of companies; a verified disclosure starts its own."
    )
    list_display = ("id", "title", "state", "bar_sheet", "as_of", "requested_by", "queued_at", "finished_at", "page")
    list_select_related = ("bar_sheet", "requested_by")
    list_filter = ("state", "bar_sheet")
    search_fields = ("title", "key")
    readonly_fields = ("page", "failures")
    actions = ("cancel", "retry")

    def has_run_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.ADMIN)

    @admin.display(description=gettext_lazy("run page"))
    def page(self, run: ScoreRun) -> str:
        return format_html('<a href="{}">{}</a>', run.get_absolute_url(), _("Open"))

    @admin.display(description=gettext_lazy("failed companies"))
    def failures(self, run: ScoreRun) -> str:
        failed = run.items.filter(state=ScoreItem.State.FAILED).select_related("company").defer("inputs")
        shown = failed.order_by("company__company_key")[:FAILURES_SHOWN]
        return format_html_join("\n", "<p>{}: <code>{}</code></p>", ((item.company, item.error) for item in shown))

    @admin.action(description=gettext_lazy("Cancel the selected runs"), permissions=["run"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[ScoreRun]) -> None:
        self._each(request, chosen, runs.cancel)

    @admin.action(description=gettext_lazy("Retry the failed companies of the selected runs"), permissions=["run"])
    def retry(self, request: HttpRequest, chosen: QuerySet[ScoreRun]) -> None:
        self._each(request, chosen, runs.retry)

    def _each(self, request: HttpRequest, chosen: QuerySet[ScoreRun], do: Callable[..., None]) -> None:
        for run in chosen:
            try:
                do(run, by=request.user)
            except RunRefused as refused:
                self.message_user(request, f"{run}: {refused}", messages.WARNING)
            else:
                run.refresh_from_db()
                self.message_user(request, f"{run}: {run.get_state_display()}", messages.SUCCESS)


@admin.register(Score)
class ScoreAdmin(ReadOnlyAdmin[Score]):
    empty_text = gettext_lazy("No scores yet. They are written by a scoring run.")
    list_display = (
        *("company", "dossier", "kind", "track", "group_code", "cleared", "shown_p"),
        *("gates", "evidence", "data_year", "run"),
    )
    list_select_related = ("company", "run")
    list_filter = ("kind", "track", "group_code", "gates")
    search_fields = ("company__search_text", "digest")
    exclude = ("stage",)
    readonly_fields = ("of_stage", "dossier")
    show_full_result_count = False

    @admin.display(description=gettext_lazy("P of the cleared bars"), ordering="p_cleared")
    def shown_p(self, score: Score) -> str | None:
        return None if score.p_cleared is None else f"{score.p_cleared:.0%}"

    @admin.display(description=gettext_lazy("stage"))
    def of_stage(self, score: Score) -> str:
        return stage_word(score.stage) if score.stage else "—"

    @admin.display(description=gettext_lazy("dossier"))
    def dossier(self, score: Score) -> str:
        return format_html('<a href="{}">{}</a>', score.get_absolute_url(), _("Open"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Score]:
        return _short_in_lists(super().get_queryset(request), request, "record_json")


# --- models ------------------------------------------------------------------------------------------------
@admin.register(TrainingSet)
class TrainingSetAdmin(ReadOnlyAdmin[TrainingSet]):
    empty_text = gettext_lazy("No training sets yet. The migrations bring the first one; upload others on Models.")
    list_display = ("name", "kind", "rows", "companies", "licence", "taken_by", "taken_at", "page")
    list_select_related = ("taken_by",)
    list_filter = ("kind",)
    search_fields = ("name", "digest")
    exclude = ("content",)
    readonly_fields = ("page",)

    @admin.display(description=gettext_lazy("page"))
    def page(self, found: TrainingSet) -> str:
        return format_html('<a href="{}">{}</a>', reverse("scoring:training_set", args=[found.pk]), _("Open"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainingSet]:
        return super().get_queryset(request).defer("content")


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin[ModelVersion]):
    """To look at. Everything that changes which one is in force happens on its page."""

    empty_text = gettext_lazy("No models yet. The migrations bring the first one.")
    list_display = ("name", "state", "training_set", "seed", "code", "made_by", "made_at", "page")
    list_select_related = ("training_set", "made_by")
    list_filter = ("state",)
    search_fields = ("digest", "fingerprint")
    exclude = ("activity",)
    readonly_fields = ("columns", "page")

    @admin.display(description=gettext_lazy("activity columns"))
    def columns(self, found: ModelVersion) -> str:
        return activity_words(found) or "—"

    @admin.display(description=gettext_lazy("model"), ordering="pk")
    def name(self, found: ModelVersion) -> str:
        return str(found)

    @admin.display(description=gettext_lazy("page"))
    def page(self, found: ModelVersion) -> str:
        return format_html('<a href="{}">{}</a>', found.get_absolute_url(), _("Open"))


@admin.register(ModelChange)
class ModelChangeAdmin(ReadOnlyAdmin[ModelChange]):
    empty_text = gettext_lazy("No changes of model yet.")
    list_display = ("model", "kind", "outcome", "replaces", "proposed_by", "proposed_at", "decided_by", "decided_at")
    list_select_related = ("model", "replaces", "proposed_by", "decided_by")
    list_filter = ("kind", "outcome")


# --- carbon accounting -----------------------------------------------------------------------------------
@admin.register(FactorImport)
class FactorImportAdmin(ReadOnlyAdmin[FactorImport]):
    empty_text = gettext_lazy("No imports yet: the factors that ship are in force. Import others: import_factors FILE.")
    list_display = (
        "name",
        "table",
        "added",
        "superseded",
        "changed",
        "unchanged",
        "imported_by",
        "imported_at",
        "browse",
    )
    list_filter = ("table",)
    search_fields = ("name", "digest", "imported_by")
    exclude = ("content",)

    @admin.display(description=gettext_lazy("factors in force"))
    def browse(self, made: FactorImport) -> str:
        return format_html('<a href="{}">{}</a>', reverse("scoring:factors"), _("Open"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[FactorImport]:
        return _short_in_lists(super().get_queryset(request), request, "content")


@admin.register(Calculation)
class CalculationAdmin(ReadOnlyAdmin[Calculation]):
    empty_text = gettext_lazy("No calculations yet. They are kept when a disclosure with a ledger is submitted.")
    list_display = (
        "disclosure",
        "occasion",
        "as_of",
        "gwp_set",
        "shown_scope_1",
        "shown_scope_2_location",
        "shown_scope_2_market",
        "shown_scope_3",
        "created_at",
    )
    list_select_related = ("disclosure__company",)
    list_filter = ("occasion", "gwp_set")
    search_fields = ("disclosure__company__search_text", "digest")
    show_full_result_count = False

    @admin.display(description=gettext_lazy("scope 1, tCO₂e"), ordering="scope_1_t")
    def shown_scope_1(self, kept: Calculation) -> str:
        return figure(kept.scope_1_t, 1)

    @admin.display(description=gettext_lazy("scope 2, location-based, tCO₂e"), ordering="scope_2_location_t")
    def shown_scope_2_location(self, kept: Calculation) -> str:
        return figure(kept.scope_2_location_t, 1)

    @admin.display(description=gettext_lazy("scope 2, market-based, tCO₂e"), ordering="scope_2_market_t")
    def shown_scope_2_market(self, kept: Calculation) -> str:
        return figure(kept.scope_2_market_t, 1)

    @admin.display(description=gettext_lazy("scope 3, tCO₂e"), ordering="scope_3_t")
    def shown_scope_3(self, kept: Calculation) -> str:
        return figure(kept.scope_3_t, 1)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calculation]:
        return _short_in_lists(super().get_queryset(request), request, "record_json")


@admin.register(Restatement)
class RestatementAdmin(ReadOnlyAdmin[Restatement]):
    """Companies decide about them; here they are looked at."""

    empty_text = gettext_lazy("No restatements yet. Newer factors propose them where they move a total far enough.")
    list_display = ("disclosure", "state", "shown_percent", "proposed_at", "decided_by", "decided_at", "page")
    list_select_related = ("disclosure__company", "decided_by")
    list_filter = ("state",)
    search_fields = ("disclosure__company__search_text",)
    exclude = ("changes", "factors")
    readonly_fields = ("page",)

    @admin.display(description=gettext_lazy("largest change, %"), ordering="percent")
    def shown_percent(self, found: Restatement) -> str:
        return figure(found.percent, 1)

    @admin.display(description=gettext_lazy("page"))
    def page(self, found: Restatement) -> str:
        return format_html('<a href="{}">{}</a>', found.get_absolute_url(), _("Open"))


def _short_in_lists(rows: QuerySet[M], request: HttpRequest, long_text: str) -> QuerySet[M]:
    """A list does without the long text."""
    match: Any = request.resolver_match
    return rows.defer(long_text) if match and match.url_name.endswith("_changelist") else rows

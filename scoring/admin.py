"""Methods, runs and scores in the admin: to look at, to stop and to retry; nothing here is typed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.admin import ReadOnlyAdmin
from portfolio.models import Role, has_role
from scoring import runs
from scoring.errors import RunRefused
from scoring.models import Methodology, Score, ScoreItem, ScoreRun

FAILURES_SHOWN = 100  # the run's page shows them all


@admin.register(Methodology)
class MethodologyAdmin(ReadOnlyAdmin[Methodology]):
    empty_text = gettext_lazy("No methodology yet. The migrations bring the first one.")
    list_display = ("version", "state", "digest")
    list_filter = ("state",)


@admin.register(ScoreRun)
class ScoreRunAdmin(ReadOnlyAdmin[ScoreRun]):
    empty_text = gettext_lazy(
        "No runs yet. Start one from the list of companies; a verified disclosure starts its own."
    )
    list_display = ("id", "title", "state", "methodology", "as_of", "requested_by", "queued_at", "finished_at", "page")
    list_select_related = ("methodology", "requested_by")
    list_filter = ("state", "methodology")
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
    list_display = ("company", "dossier", "status", "band", "shown_score", "data_quality", "data_year", "run")
    list_select_related = ("company", "run")
    list_filter = ("status", "band", "data_quality")
    search_fields = ("company__search_text", "digest")
    readonly_fields = ("dossier",)
    show_full_result_count = False

    @admin.display(description=gettext_lazy("score"), ordering="emissions_score")
    def shown_score(self, score: Score) -> str | None:
        return None if score.emissions_score is None else f"{score.emissions_score:.1f}"

    @admin.display(description=gettext_lazy("dossier"))
    def dossier(self, score: Score) -> str:
        return format_html('<a href="{}">{}</a>', score.get_absolute_url(), _("Open"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Score]:
        """The record is long: a list does without it."""
        rows = super().get_queryset(request)
        match: Any = request.resolver_match
        return rows.defer("record_json") if match and match.url_name.endswith("_changelist") else rows

"""What makes a company a candidate, in the admin: the families that there are, and what was said of gates."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from portfolio.admin.roles import HistoryAdmin, ReadOnlyAdmin, ReadOnlyInline
from portfolio.models import DataRequest, Disclosure, GateWord, Role, Solution, TechnologyFamily


@admin.register(TechnologyFamily)
class TechnologyFamilyAdmin(HistoryAdmin[TechnologyFamily]):
    """The code and the track of a family stay as they are: solutions, tracks and bar sheets name it."""

    add_roles = change_roles = (Role.ADMIN,)
    empty_text = gettext_lazy("No technology families yet. Those that ship come with every upgrade; add one here.")
    list_display = ("code", "name_zh", "name_en", "track", "unit", "service_unit")
    list_filter = ("track",)
    search_fields = ("code", "name_zh", "name_en", "words")
    fields = ("code", "track", "name_zh", "name_en", "unit", "service_unit", "words")

    def get_readonly_fields(self, request: HttpRequest, obj: TechnologyFamily | None = None) -> tuple[str, ...]:
        return ("code", "track", "unit", "service_unit") if obj else ()


@admin.register(GateWord)
class GateWordAdmin(ReadOnlyAdmin[GateWord]):
    empty_text = gettext_lazy("No words on gates yet. Companies state them, and the fund confirms them on its page.")
    list_display = ("company", "question", "answer", "is_confirmed", "by", "at", "source")
    list_select_related = ("company", "by")
    list_filter = ("question", "answer", "is_confirmed")
    search_fields = ("company__search_text", "evidence")


@admin.register(DataRequest)
class DataRequestAdmin(ReadOnlyAdmin[DataRequest]):
    empty_text = gettext_lazy("No requests for data yet. They are made on the candidates' list and on a dossier.")
    list_display = ("company", "state", "due", "asked_by", "asked_at", "closed_by", "closed_at", "reason")
    list_select_related = ("company", "asked_by", "closed_by")
    list_filter = ("state",)
    search_fields = ("company__search_text", "note")


class SolutionInline(ReadOnlyInline[Solution, Disclosure]):
    """A block each: nineteen columns stand on no screen."""

    model = Solution
    template = "admin/edit_inline/stacked.html"
    fields = (
        ("number", "family", "kind", "country"),
        ("units_sold", "units_made", "service_per_unit_year", "life_years"),
        ("use_share", "energy_mwh_per_service", "lca_t_per_unit"),
        ("is_component", "cost_share", "stated_avoided_t", "stated_avoided_kind"),
        ("basis", "source", "note"),
    )
    readonly_fields = tuple(name for line in fields for name in line)

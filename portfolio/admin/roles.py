"""Who may what in any admin page, and what its pages share."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

from portfolio import audit
from portfolio.folding import fold
from portfolio.models import (
    Role,
    has_role,
)
from portfolio.models.company import LONGEST_SEARCH

M = TypeVar("M", bound=Model)


P = TypeVar("P", bound=Model)


def visible(rows: QuerySet[M], request: HttpRequest) -> QuerySet[M]:
    """What this person may see, where the model says so."""
    return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows


# Whole numbers that are names, not quantities: 2024, not 2,024.
NAMES_OF_YEARS = {"year", "data_year", "base_year", "target_year", "oldest_data_year", "seq", "id"}


def plain(model: type[Model], name: Any) -> Any:
    """The column itself, or for a year one that prints it without grouping."""
    if name not in NAMES_OF_YEARS:
        return name

    @admin.display(description=model._meta.get_field(name).verbose_name, ordering=name)  # type: ignore[union-attr]
    def show(row: Model) -> str:
        value = getattr(row, name)
        return "—" if value is None else str(value)  # on a row's own page Django would print "None"

    show.__name__ = name
    return show


def _plain_all(model: type[Model], names: Any) -> list[Any]:
    return [_plain_all(model, one) if isinstance(one, list | tuple) else plain(model, one) for one in names]


class YearFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Any:
        return (choice | {"display": str(choice["display"])} for choice in super().choices(changelist))


class DoneFilter(admin.EmptyFieldListFilter):
    """A moment or a row that is there or not, in the words of the thing."""

    words: tuple[Any, Any, Any] = (gettext_lazy("All"), gettext_lazy("Open"), gettext_lazy("Done"))

    def choices(self, changelist: Any) -> Any:
        return (
            choice | {"display": word} for choice, word in zip(super().choices(changelist), self.words, strict=True)
        )


class ConfirmedFilter(DoneFilter):
    words = (gettext_lazy("All"), gettext_lazy("Not confirmed"), gettext_lazy("Confirmed"))


class RoleRules:
    """Permission by house role, for admin pages and their inlines. A role that is not named may not."""

    view_roles: tuple[str, ...] = (Role.ADMIN,)
    add_roles: tuple[str, ...] = ()
    change_roles: tuple[str, ...] = ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, *self.view_roles)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, *self.add_roles)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, *self.change_roles)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField[Any]:
        """A list of choices starts at what the person may see, too."""
        kwargs.setdefault("queryset", visible(db_field.remote_field.model._default_manager.all(), request))
        field: ModelChoiceField[Any] = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        return field


class RoleAdmin(RoleRules, admin.ModelAdmin[M]):
    """The base of every admin page: default deny, audited, readable when empty."""

    empty_text: Any = ""
    empty_value_display = "—"
    list_per_page = 50
    list_max_show_all = 200
    change_list_template = "admin/portfolio/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return visible(super().get_queryset(request), request)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """As typed, or folded: what companies are searched in is folded. Nothing has a name as long as a page."""
        if len(search_term) > LONGEST_SEARCH:
            return queryset.none(), False
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if (folded := fold(search_term)) != search_term:
            also, repeats = super().get_search_results(request, queryset, folded)
            found, may_repeat = found | also, may_repeat or repeats
        return found, may_repeat

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [plain(self.model, name) for name in super().get_list_display(request)]

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:
        """Years without grouping where they are only looked at."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [(title, how | {"fields": _plain_all(self.model, how["fields"])}) for title, how in sets]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Headed by what is listed, where Django says "Select … to change"."""
        about = {"title": capfirst(self.opts.verbose_name_plural), "empty_text": self.empty_text}
        return super().changelist_view(request, about | (extra_context or {}))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Headed by the row itself, under it what it is."""
        row = self.get_object(request, unquote(object_id)) if object_id else None
        about = {"title": str(row), "subtitle": capfirst(self.opts.verbose_name)} if row else {}
        return super().changeform_view(request, object_id, form_url, about | (extra_context or {}))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        return super().history_view(request, object_id, {"title": _("History")} | (extra_context or {}))

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> Any:
        self._audit(request, "added", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> Any:
        self._audit(request, "changed", obj, message)
        return super().log_change(request, obj, message)

    def _audit(self, request: HttpRequest, verb: str, obj: M, message: Any = ()) -> None:
        """Django calls the log_ methods inside the transaction that saves the row. Which fields; never their values."""
        name, fields = self.model._meta.model_name, []
        for part in message if isinstance(message, list) else ():
            fields += [str(field) for field in part.get("changed", {}).get("fields", ())]
        told = ", ".join(fields)
        audit.append(request.user, f"admin.{name}.{verb}", f"{name}:{obj.pk}", detail=told)


class ReadOnlyAdmin(RoleAdmin[M]):
    """Rows that come from elsewhere: a loader, a run, a person's submission."""

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> list[Any]:
        """Digests last; a record in JSON is for programs, and its page shows it in words."""
        told = [name for name in super().get_fields(request, obj) if not str(name).endswith("_json")]
        told.sort(key=lambda name: "digest" in str(name) or "sha256" in str(name))
        return [plain(self.model, name) for name in told]


class ChangesInWords(HistoricalRecordContextHelper):  # type: ignore[misc]  # simple_history ships no types
    """A choice by its label, a yes or no as a word: what the form shows, not what the column holds."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        if value in (None, ""):
            return "—"
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        labels = dict(self.model._meta.get_field(change.field).flatchoices or ())
        return labels.get(value, super().prepare_delta_change_value(change, value))


class HistoryAdmin(SimpleHistoryAdmin, RoleAdmin[M]):  # type: ignore[misc]  # simple_history ships no types
    """Who changed what, before and after. An old version is not brought back by a button: it is typed anew."""

    object_history_template = "admin/portfolio/history.html"
    object_history_list_template = "admin/portfolio/history_list.html"

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        return super().history_view(request, object_id, {"title": _("History")} | (extra_context or {}))

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> ChangesInWords:
        return ChangesInWords(self.model, historical_record)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_form_view(self, request: HttpRequest, object_id: str, version_id: str, **extra: Any) -> HttpResponse:
        raise Http404


class ReadOnlyInline(RoleRules, admin.TabularInline[M, P]):
    extra = 0
    can_delete = False
    show_change_link = False

"""The field that chooses a kind of activity, for every form that asks for one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.activities.kinds import KINDS, activity_types
from portfolio.activities.rules import unknown_kind


class KindSelect(forms.Select):
    """The kinds of activity, with the words that static/portfolio/find.js searches beyond their names."""

    def __init__(self) -> None:
        find = gettext_lazy("Search: diesel, 天然气, R410A …")
        said = {
            "data-fit": gettext_lazy("{n} of {all} fit"),
            "data-near": gettext_lazy("Nothing is called that. The nearest names:"),
            "data-none": gettext_lazy("Nothing is called that."),
        }
        super().__init__(attrs={"data-find": find, **said})

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        if kind := activity_types().get(str(option["value"])):
            option["attrs"]["data-words"] = " ".join((kind.name_zh, kind.name_en, *kind.aliases))
        return option


class KindField(forms.ChoiceField):
    """A kind of activity from the searchable list; an unknown one is answered with the nearest names."""

    widget = KindSelect

    def validate(self, value: str) -> None:
        if value and not self.valid_value(value):
            raise forms.ValidationError(unknown_kind(value), code="unknown_activity")
        super().validate(value)


def kind_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every kind of activity, grouped by scope and family."""
    groups: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for kind in activity_types().values():
        groups.setdefault((kind.scope, kind.kind), []).append((kind.key, str(kind)))
    titles = {
        group: _("Scope %(scope)s · %(family)s") % {"scope": group[0], "family": KINDS[group[1]]} for group in groups
    }
    return [(titles[group], groups[group]) for group in sorted(groups, key=_in_order)]


def _in_order(group: tuple[int, str]) -> tuple[int, int]:
    return group[0], list(KINDS).index(group[1])

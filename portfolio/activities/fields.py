"""The field that chooses a kind of activity, for every form that asks for one."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _

from portfolio.activities.kinds import KINDS, SCOPES, activity_types
from portfolio.activities.rules import unknown_kind


class KindField(forms.ChoiceField):
    """A kind of activity from the list; nothing is chosen beforehand, an unknown one is answered with candidates."""

    def validate(self, value: str) -> None:
        if value and not self.valid_value(value):
            raise forms.ValidationError(unknown_kind(value), code="unknown_activity")
        super().validate(value)


def kind_choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Every kind of activity, grouped by scope and family, below an empty line."""
    groups: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for kind in activity_types().values():
        groups.setdefault((kind.scope, kind.kind), []).append((kind.key, str(kind)))
    titles = {group: f"{SCOPES[group[0]]} · {KINDS[group[1]]}" for group in groups}
    return [("", _("— please choose")), *((titles[group], groups[group]) for group in sorted(groups, key=_in_order))]


def _in_order(group: tuple[int, str]) -> tuple[int, int]:
    return group[0], list(KINDS).index(group[1])

"""Asking candidates for data: what of each can be asked, what has been already, and who is there to read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from fund.pipeline.chosen import Chosen, Done
from fund.pipeline.report import judged
from portfolio import beijing
from portfolio.errors import PortfolioError
from portfolio.models import Asked, Company, DataRequest, Membership
from portfolio.models.data_request import FARTHEST, LONGEST_NOTE, field_word, told
from portfolio.wording import listed
from scoring.candidates import words
from scoring.candidates.asked import Askable, askable, basics
from scoring.engine.score.record import BARS

NEXT, ALL = "next", "all"
WORKING_DAYS = 10  # what a company is given unless the fund says otherwise


@dataclass(frozen=True)
class ToAsk:
    """One candidate: `open` can be asked of it, the next question first."""

    company: Company
    open: list[Askable]
    asked_already: int
    has_people: bool
    question: str

    @property
    def next(self) -> list[Askable]:
        return [one for one in self.open if one.is_next]

    def of(self, scope: str) -> list[Asked]:
        return [one.asked for one in (self.next if scope == NEXT else self.open)]

    @property
    def next_words(self) -> str:
        return by_year(self.of(NEXT))

    @property
    def all_words(self) -> str:
        return by_year(self.of(ALL))

    @property
    def why_not(self) -> str:
        if self.open:
            return ""
        if self.asked_already:
            return _("all of it has been asked for already")
        return _("nothing that the company could tell is unknown")


def by_year(asked: Sequence[Asked]) -> str:
    """2024: EBIT, government grants; 2025: scope 1."""
    found: dict[int, list[str]] = defaultdict(list)
    for one in asked:
        found[one.year].append(field_word(one.field))
    between = pgettext("between years", "; ")
    return between.join(
        _("%(year)s: %(figures)s") % {"year": year, "figures": listed(figures)}
        for year, figures in sorted(found.items(), reverse=True)
    )


class Asking:
    """For candidates that were selected. Seven queries, however many they are."""

    def __init__(self, user: User, chosen: Chosen) -> None:
        self.user, self.chosen = user, chosen
        self.rows = list(self._rows())

    def _rows(self) -> Any:
        companies = self.chosen.companies
        ids = [company.pk for company in companies]
        sheet, latest = judged(self.user)
        rows = latest.filter(company__in=ids).select_related("score")
        records = {one.company_id: one.score.record["candidacy"] for one in rows}
        known = told(ids)
        waiting: dict[int, set[Asked]] = defaultdict(set)
        for request in DataRequest.objects.open().filter(company__in=ids):
            waiting[request.company_id] |= request.items
        people = set(Membership.objects.filter(company__in=ids, user__is_active=True).values_list("company", flat=True))
        data_year = sheet.data_year if sheet else timezone.localdate().year - 1
        for company in companies:
            record = records.get(company.pk)
            wanted = askable(record, data_year) if record else basics(data_year)
            untold = [one for one in wanted if one.asked not in known[company.pk]]
            left = [one for one in untold if one.asked not in waiting[company.pk]]
            question = words.question_sentence(record) if record else ""
            yield ToAsk(company, left, len(untold) - len(left), company.pk in people, question)

    @property
    def can_ask(self) -> list[ToAsk]:
        return [row for row in self.rows if row.open]

    @property
    def cannot(self) -> list[ToAsk]:
        return [row for row in self.rows if not row.open]

    @property
    def unread(self) -> list[ToAsk]:
        """Those of whom nobody has an account here."""
        return [row for row in self.can_ask if not row.has_people]

    @property
    def of_next(self) -> int:
        return sum(bool(row.next) for row in self.can_ask)

    @cached_property
    def only(self) -> ToAsk | None:
        """Where it is one candidate, its figures are chosen one by one."""
        return self.can_ask[0] if len(self.rows) == 1 and self.can_ask else None

    def ask(self, given: Mapping[str, Any], by: User) -> Done:
        """Each by itself: what was told or asked meanwhile keeps none of the others back."""
        changed, refused = [], []
        for row in self.can_ask:
            asked = given["figures"] if self.only else row.of(given["scope"])
            if not asked:
                refused.append((row.company, _("nothing of its next question is for the company to tell")))
                continue
            try:
                DataRequest.ask(row.company, asked, due=given["due"], note=given["note"], by=by)
            except PortfolioError as why:
                refused.append((row.company, str(why)))
            else:
                changed.append(row.company)
        return Done(changed, refused)


def waits_word(one: Askable) -> str:
    """Of a bar its name, of a gate its name."""
    if not one.waits:
        return ""
    return words.bar_name(one.waits) if one.waits in BARS else words.gate_name(one.waits)


class AskForm(forms.Form):
    """`figures` of one candidate, `scope` of several."""

    figures = forms.MultipleChoiceField(
        label=gettext_lazy("Figures asked for"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Please choose what to ask for.")},
    )
    scope = forms.ChoiceField(label=gettext_lazy("What to ask for"), widget=forms.RadioSelect)
    due = forms.DateField(label=gettext_lazy("Due"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    note = forms.CharField(
        label=gettext_lazy("Note to the company"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=gettext_lazy("Why it is asked and what would do; the company reads it."),
    )

    def __init__(self, asking: Asking, data: Any = None) -> None:
        today = timezone.localdate()
        due = beijing.add_working_days(today, WORKING_DAYS)
        super().__init__(data, initial={"due": due.day})
        if not due.is_by_calendar:
            self.fields["due"].help_text = str(due)
        if asking.only:
            del self.fields["scope"]
            chosen: Any = self.fields["figures"]
            chosen.choices = [(_code(one.asked), _label(one)) for one in asking.only.open]
            self.initial["figures"] = [_code(one.asked) for one in asking.only.next or asking.only.open]
        else:
            del self.fields["figures"]
            offered: Any = self.fields["scope"]
            about = {"all": len(asking.can_ask), "n": asking.of_next}
            offered.choices = [(ALL, _("All that is unknown and the company can tell (%(all)s candidates)") % about)]
            if asking.of_next:
                of_next = _("The figures of the next question (%(n)s of %(all)s candidates)") % about
                offered.choices = [(NEXT, of_next), *offered.choices]
            self.initial["scope"] = NEXT if asking.of_next else ALL
        self.fields["due"].widget.attrs |= {"min": today.isoformat(), "max": (today + FARTHEST).isoformat()}

    def clean_figures(self) -> list[Asked]:
        pairs = [code.split(":", 1) for code in self.cleaned_data["figures"]]
        return [Asked(int(year), field) for year, field in pairs]

    def clean_due(self) -> date:
        due: date = self.cleaned_data["due"]
        today = timezone.localdate()
        if not today <= due <= today + FARTHEST:
            raise forms.ValidationError(_("The due day is from today on and within a year."))
        return due


def _code(asked: Asked) -> str:
    return f"{asked.year}:{asked.field}"


def _label(one: Askable) -> str:
    about = {"year": one.asked.year, "figure": field_word(one.asked.field), "bar": waits_word(one)}
    return (_("%(year)s: %(figure)s, for %(bar)s") if one.waits else _("%(year)s: %(figure)s")) % about

"""Draft an opinion, put a conservative value in place, say a word as a reviewer or as a company that appeals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portfolio.models import Disclosure, Finding, Opinion, Substitution
from portfolio.models.case.opinion import LONGEST_WORDS
from portfolio.models.case.substitution import LONGEST_BASIS, OF_EMISSIONS
from portfolio.models.disclosure import LONGEST_REASON
from portfolio.typed.fields import NumberField
from portfolio.verification.sampling import sampling_record

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.verification.opinions import Measured


class KindSelect(forms.RadioSelect):
    """An opinion that the case does not allow cannot be chosen; the page says why beside it."""

    impossible: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.impossible:
            option["attrs"]["disabled"] = True
        return option


def _words(rows: int, most: int = LONGEST_WORDS) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": most})


class OpinionForm(forms.Form):
    kind = forms.ChoiceField(label=_("Opinion"), choices=Opinion.Kind.choices, widget=KindSelect)
    level = forms.ChoiceField(label=_("Level of assurance"), choices=Opinion.Level.choices, widget=forms.RadioSelect)
    criteria = forms.ChoiceField(label=_("Criteria"), choices=Opinion.Criteria.choices)
    criteria_words = forms.CharField(
        label=_("Criteria in words"),
        required=False,
        max_length=400,
        help_text=_("Edition, industry, or other criteria."),
    )
    scope = forms.CharField(label=_("Scope and boundary"), max_length=LONGEST_WORDS, widget=_words(3))
    sampling = forms.CharField(
        label=_("What was looked at, and what was left out"), max_length=LONGEST_WORDS, widget=_words(6)
    )
    statement = forms.CharField(label=_("Statement"), max_length=LONGEST_WORDS, widget=_words(5))
    despite = forms.CharField(
        label=_("Why it may stand with these items open"),
        required=False,
        max_length=LONGEST_REASON,
        widget=_words(3, LONGEST_REASON),
        help_text=_("Everyone who reads the version sees it."),
    )
    has_no_conflict = forms.BooleanField(
        label=_("I have no conflict of interest in this company, and no part in a fund that may hold it.")
    )

    def __init__(self, data: Any = None, *, measured: Measured, has_items: bool) -> None:
        disclosure = measured.disclosure
        before = disclosure.opinions.order_by("-pk").first()  # sent back, or of before a return: nothing is typed twice
        initial: dict[str, Any] = {"level": Opinion.Level.LIMITED, "scope": disclosure.boundary}
        if before is not None:
            names = ("level", "criteria", "criteria_words", "scope", "statement", "despite")
            initial |= {name: getattr(before, name) for name in names}
        # What was looked at is of exactly one content: of another one the record begins anew.
        is_of_this = before is not None and before.digest == disclosure.digest
        initial["sampling"] = before.sampling if before and is_of_this else sampling_record(disclosure)
        super().__init__(data, label_suffix="", initial=initial)
        self.disclosure = disclosure
        self.why = {kind: why for kind, _label, why in measured.possible}
        select = self.fields["kind"].widget
        assert isinstance(select, KindSelect)  # noqa: S101  tells the type checker
        select.impossible = frozenset(kind for kind, why in self.why.items() if why)
        if not has_items:
            del self.fields["despite"]

    @property
    def kinds(self) -> list[tuple[Any, str]]:
        """Each kind's input, and why it is impossible."""
        return [(one, self.why[str(one.data["value"])]) for one in self["kind"]]

    def save(self, *, by: User, digest: str) -> Opinion:
        """Raises what Opinion.draft raises."""
        return Opinion.draft(self.disclosure, by=by, digest=digest, **self.cleaned_data)


class FindingChoice(forms.ModelChoiceField[Finding]):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.about} · {obj.words[:60]}"


class SubstitutionForm(forms.Form):
    quantity = forms.ChoiceField(label=_("Figure"))
    value = NumberField(label=_("Conservative value, tCO₂e"), help_text=_("Above what was submitted."))
    finding = FindingChoice(
        label=_("Because of the finding"), queryset=Finding.objects.none(), required=False, empty_label="—"
    )
    basis = forms.CharField(
        label=_("Basis"),
        max_length=LONGEST_BASIS,
        widget=_words(3, LONGEST_BASIS),
        help_text=_(
            "Where it comes from: a default of the guide with its table, last year's highest month, an upper bound."
        ),
    )

    def __init__(self, data: Any = None, *, disclosure: Disclosure) -> None:
        super().__init__(data, label_suffix="", auto_id="id_substitution_%s")
        self.disclosure = disclosure
        self.fields["value"].required = True
        told = {figure.quantity: figure.value for figure in disclosure.figures.all()}
        quantity, finding = self.fields["quantity"], self.fields["finding"]
        assert isinstance(quantity, forms.ChoiceField)  # noqa: S101  tells the type checker
        assert isinstance(finding, FindingChoice)  # noqa: S101
        quantity.choices = [(one.value, f"{one.label} · {told[one]:,.10g} t") for one in OF_EMISSIONS if one in told]
        finding.queryset = disclosure.findings.filter(kind__in=Finding.WRONG)

    def save(self, *, by: User) -> Substitution:
        """Raises what Substitution.put raises."""
        given = self.cleaned_data
        value = given["value"].value
        return Substitution.put(
            self.disclosure, given["quantity"], value, given["basis"], by=by, finding=given["finding"]
        )


class WordsForm(forms.Form):
    words = forms.CharField(label=_("Your words"), max_length=LONGEST_WORDS, widget=_words(4))

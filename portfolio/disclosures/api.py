"""API: disclosures. Each view starts from what the person may see; the model decides what they may do."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.citations.serializers import CitationReading, CitationWriting, evidence_of
from portfolio.disclosures.figures import echo, read_figure
from portfolio.disclosures.forms import bases_of
from portfolio.disclosures.untold import Untold, untold
from portfolio.errors import NotAllowed
from portfolio.lists import FilterSet
from portfolio.models import Company, Disclosure, Evidence, Figure, JumpReason, Membership, Quantity
from portfolio.models.activity import MOST_CITATIONS
from portfolio.models.check import LONGEST_REASON
from portfolio.models.disclosure import FIRST_YEAR
from portfolio.models.quantity import SIGNED_AMOUNTS, SUBSIDIES, EbitStanding
from portfolio.models.signed import LONGEST_ANSWER
from portfolio.rest.described import ETAG, FIELDS, IF_MATCH, LOCATION
from portfolio.rest.facts import CheckReading, DisclosuresView
from portfolio.rest.views import (
    AmountField,
    Chosen,
    Listing,
    PassedOver,
    Posting,
    PostThrottle,
    Reading,
    Strict,
    Unchanged,
    amount,
    decimal_text,
    etag,
    require_match,
)
from portfolio.typed.bounds import refused
from portfolio.typed.numbers import NONE, UnreadableNumber
from portfolio.typed.units import UnitError

SAID_OF_FIGURE = ("value", "basis", "boundary", "source", "note", "ebit_standing")
UNTOLD = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "bar": {"type": "string", "enum": ["c", "r", "o"]},
            "name": {"type": "string"},
            "untold": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"code": {"type": "string"}, "label": {"type": "string"}},
                    "required": ["code", "label"],
                },
            },
        },
        "required": ["bar", "name", "untold"],
    },
}


MISSING = {  # by the field that would fill it; of scope 2 either would
    Quantity.SCOPE_1: "no_scope_1",
    Quantity.SCOPE_2_LOCATION: "no_scope_2",
    "boundary": "no_boundary",
    "source_document": "no_source_document",
}


class LackReading(serializers.Serializer[Any]):
    code = serializers.ChoiceField(list(MISSING.values()))
    point = serializers.CharField(help_text="A quantity or a field of the disclosure")
    words = serializers.CharField(help_text="In the caller's language")


class FigureSerializer(serializers.ModelSerializer[Figure]):
    value = serializers.SerializerMethodField(
        "get_counted", help_text="As it counts: a conservative value where one is in its place"
    )
    submitted_value = serializers.SerializerMethodField(help_text="What was told, where another value counts; or null")
    unit = serializers.CharField()
    read_as = serializers.SerializerMethodField(help_text="3,450 kt = 3,450,000 tCO₂e; empty where nothing was typed.")
    ledger_value = AmountField(
        allow_null=True, help_text="What was taken over from the ledger, where it was changed by hand since; else null"
    )
    provenance = serializers.CharField(help_text="In the caller's language; empty for one that was never the ledger's")
    evidence = serializers.SerializerMethodField()

    class Meta:
        model = Figure
        fields = (
            "quantity",
            "value",
            "submitted_value",
            "unit",
            "typed",
            "read_as",
            "basis",
            "ebit_standing",
            "boundary",
            "source",
            "note",
            "ledger_value",
            "changed_at",
            "provenance",
            "evidence",
        )
        read_only_fields = fields
        extra_kwargs = {"ebit_standing": {"allow_blank": True}}

    @extend_schema_field({"type": "string", "format": "decimal"})
    def get_counted(self, figure: Figure) -> str:
        return self._decimal(figure.disclosure.substituted().get(figure.quantity, figure.value))

    @extend_schema_field({"type": ["string", "null"], "format": "decimal"})
    def get_submitted_value(self, figure: Figure) -> str | None:
        is_substituted = figure.quantity in figure.disclosure.substituted()
        return self._decimal(figure.value) if is_substituted else None

    @staticmethod
    def _decimal(value: float) -> str:
        return str(AmountField().to_representation(value))

    def get_read_as(self, figure: Figure) -> str:
        return echo(figure)

    @extend_schema_field(CitationReading(many=True))
    def get_evidence(self, figure: Figure) -> Any:
        told = figure.disclosure.citations.all()  # of the prefetch
        return CitationReading([one for one in told if one.quantity == figure.quantity], many=True).data


class DisclosureSerializer(Chosen[Disclosure]):
    company = serializers.CharField(source="company.company_key")
    figures = FigureSerializer(many=True)
    total = serializers.SerializerMethodField(help_text="Scope 1 plus scope 2; null where either is missing.")
    missing = serializers.SerializerMethodField(help_text="What a submission must have and this one lacks")
    badge = serializers.CharField(
        help_text="`verified`; `correcting` while a newer version is under way or its opinion was reopened; else empty"
    )
    unknown_for_bars = serializers.SerializerMethodField(
        help_text="Bars that stay unknown, with what is not told of them here: no submission needs it"
    )

    class Meta:
        model = Disclosure
        fields: tuple[str, ...] = (
            "id",
            "company",
            "year",
            "version",
            "state",
            "badge",
            "boundary",
            "revenue_boundary",
            "source",
            "licence",
            "source_document",
            "quality_flag",
            "figures",
            "total",
            "missing",
            "unknown_for_bars",
            "digest",
            "edition",
            "submitted_at",
            "verified_at",
            "verified_despite",
            "frozen_at",
        )
        read_only_fields = fields

    @extend_schema_field(
        {"type": ["object", "null"], "properties": {"value": {"type": "string"}, "unit": {"type": "string"}}}
    )
    def get_total(self, found: Disclosure) -> dict[str, str] | None:
        return amount(found.total_t(), Quantity.SCOPE_1.unit)

    @extend_schema_field(LackReading(many=True))
    def get_missing(self, found: Disclosure) -> list[dict[str, str]]:
        lacks = found.missing_fields() if found.state in Disclosure.EDITABLE else {}
        return [{"code": MISSING[point], "point": point, "words": words} for point, words in lacks.items()]

    @extend_schema_field(UNTOLD)
    def get_unknown_for_bars(self, found: Disclosure) -> list[dict[str, Any]]:
        return [
            {
                "bar": one.bar,
                "name": str(one.name),
                "untold": [{"code": lack.code, "label": lack.label} for lack in one.lacks],
            }
            for one in self._untold[found.pk]
        ]

    @cached_property
    def _untold(self) -> dict[int, list[Untold]]:
        """Of all that are told at once, so that a list asks no more than a single one."""
        rows: Any = self.parent.instance if self.parent else [self.instance]
        return untold(rows)


class HandedInSerializer(DisclosureSerializer):
    """What was submitted or verified, with what is open about it."""

    open = serializers.SerializerMethodField(help_text="Questions that stand: verifying with any needs a reason.")

    class Meta(DisclosureSerializer.Meta):
        fields = (*DisclosureSerializer.Meta.fields, "open")
        read_only_fields = fields

    @extend_schema_field(CheckReading(many=True))
    def get_open(self, found: Disclosure) -> Any:
        return CheckReading(found.open_items(), many=True).data


class FigureAmountField(AmountField):
    """An amount, or a word of a page or file for none; cleans to that word then."""

    words = NONE
    default_error_messages = {
        "invalid": gettext_lazy(
            "A decimal number such as “1234.5”, please: no grouping, no exponent, no unit. Of a subsidy “none” states"
            " that there was none; a figure that is not known is left out."
        ),
        "null": gettext_lazy(
            "A figure that is not known is left out. Of a subsidy “none” states that there was none, and so does 0."
        ),
    }

    def to_internal_value(self, data: Any) -> Any:
        word = data.strip().lower() if isinstance(data, str) else ""
        return word if word in self.words else super().to_internal_value(data)


class FigureWriting(Strict):
    quantity = serializers.ChoiceField(Quantity.choices)
    value = FigureAmountField(
        signed=True,
        help_text="Below 0 for earnings alone. Of a subsidy `none` states that there was none, and so does 0. What is"
        " not known is no figure: leave it out.",
    )
    unit = serializers.CharField(
        max_length=20, required=False, help_text="tCO2e, kt, 万吨, MWh, 亿元 …; the quantity's own without it"
    )
    basis = serializers.ChoiceField(Figure.Basis.choices, default=Figure.Basis.REPORTED, help_text="`audited`: money")
    ebit_standing = serializers.ChoiceField(
        EbitStanding.choices,
        required=False,
        allow_blank=True,
        help_text="Of a subsidy: whether EBIT counts it; else `unknown`",
    )
    boundary = serializers.CharField(max_length=300, allow_blank=True, default="")
    source = serializers.CharField(max_length=300, allow_blank=True, default="")  # type: ignore[assignment]
    note = serializers.CharField(max_length=400, allow_blank=True, default="")
    evidence = CitationWriting(  # type: ignore[call-arg]
        many=True, required=False, max_length=MOST_CITATIONS, help_text="Left out: as it stands"
    )
    submitted_value = PassedOver()  # a draft has none
    typed = PassedOver()
    read_as = PassedOver()
    ledger_value = PassedOver()
    changed_at = PassedOver()
    provenance = PassedOver()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """`value` in the quantity's own unit; what was sent stays beside it as `typed`."""
        quantity, value = Quantity(given["quantity"]), given["value"]
        is_word = isinstance(value, str)
        if is_word and quantity not in SUBSIDIES:
            words = _("“none” is said of subsidies alone. What is not known is left out; 0 is a printed zero.")
            raise serializers.ValidationError({"value": [words]}, code="no_subsidy")
        if not is_word and value < 0 and quantity not in SIGNED_AMOUNTS:
            words = str(AmountField.default_error_messages["invalid"])
            raise serializers.ValidationError({"value": [words]}, code="invalid")
        if given["basis"] not in dict(bases_of(quantity)):
            raise serializers.ValidationError({"basis": [_("Only money is from audited accounts.")]}, code="not_money")
        if not given.get("ebit_standing"):
            given.pop("ebit_standing", None)
        if "ebit_standing" in given and quantity not in SUBSIDIES:
            words = _("Only of a subsidy is it asked whether EBIT counts it.")
            raise serializers.ValidationError({"ebit_standing": [words]}, code="no_subsidy")
        if quantity in SUBSIDIES:
            given.setdefault("ebit_standing", EbitStanding.UNKNOWN)
        unit = given.pop("unit", "").strip()
        given["typed"] = value if is_word else f"{decimal_text(value)} {unit}".strip()
        try:
            given["value"] = read_figure(given["typed"], quantity).value
        except UnreadableNumber as refusal:
            raise serializers.ValidationError({"value": [str(refusal)]}, code="unreadable") from refusal
        except UnitError as refusal:
            raise serializers.ValidationError({"unit": [str(refusal)]}, code=refusal.code) from refusal
        if why := refused(given["quantity"], given["value"]):
            raise serializers.ValidationError({"value": [why]}, code="too_large")
        return given


class DisclosureChange(Strict):
    """What a draft's people may write. `figures`, where given, are all that the disclosure has from then on."""

    boundary = serializers.CharField(max_length=300, allow_blank=True, required=False)
    revenue_boundary = serializers.ChoiceField(Disclosure.RevenueBoundary.choices, required=False)
    source_document = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    figures = FigureWriting(many=True, required=False, max_length=len(Quantity))  # type: ignore[call-arg]
    id = Unchanged()
    company: Any = Unchanged()
    year: Any = Unchanged()
    version = Unchanged()
    state = Unchanged()
    source = Unchanged()  # type: ignore[assignment]
    licence = Unchanged()
    quality_flag = Unchanged()
    badge = PassedOver()
    total = PassedOver()
    missing = PassedOver()
    unknown_for_bars = PassedOver()
    digest = Unchanged()
    edition = Unchanged()
    submitted_at = Unchanged()
    verified_at = Unchanged()
    verified_despite = Unchanged()
    frozen_at = Unchanged()

    def validate_figures(self, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen = [row["quantity"] for row in given]
        if len(set(seen)) < len(seen):
            raise serializers.ValidationError(_("Each quantity once, please."), code="twice")
        return given


class SubmissionWriting(Strict):
    """Why a figure is far from last year's: it lifts the check `jump_tenfold`, and the verifier reads the words.

    And the answer to a return, needed where nothing else changed since.
    """

    reason = serializers.ChoiceField(JumpReason.choices, required=False)
    words = serializers.CharField(max_length=LONGEST_REASON, required=False)
    answer = serializers.CharField(max_length=LONGEST_ANSWER, required=False)


class DisclosureOpening(DisclosureChange):
    company = serializers.CharField(max_length=80, help_text="company_key")
    year = serializers.IntegerField(min_value=FIRST_YEAR, max_value=9999)

    def validate_company(self, key: str) -> Company:
        found = Company.objects.visible_to(self.context["request"].user).filter(company_key=key).first()
        if found is None:
            raise serializers.ValidationError(_("There is no such company."), code="unknown")
        return found


class DisclosureFilters(FilterSet):
    company = filters.CharFilter(field_name="company__company_key", max_length=80)
    year = filters.NumberFilter(field_name="year", min_value=0, max_value=9999, decimal_places=0)
    state = filters.MultipleChoiceFilter(choices=Disclosure.State.choices)
    ordering = filters.OrderingFilter(fields=["id", "year", "version", "submitted_at"])


@extend_schema_view(
    get=extend_schema(operation_id="disclosures_list", parameters=[FIELDS]),
    post=extend_schema(
        operation_id="disclosures_create",
        summary="Start a company-year, with what is known so far.",
        request=DisclosureOpening,
        responses={201: DisclosureSerializer},
        parameters=[LOCATION, ETAG],
    ),
)
class Disclosures(DisclosuresView, Posting, Listing[Disclosure]):
    serializer_class = DisclosureSerializer
    filterset_class = DisclosureFilters

    def get_queryset(self) -> models.QuerySet[Disclosure]:
        return self.disclosures(self.request).order_by("-pk")

    def act(self, request: Request, **kwargs: Any) -> Response:
        kept = {one.pk: one for one in Evidence.objects.filter(company__memberships__user=self.person)}
        opening = DisclosureOpening(data=request.data, context={"request": request, "evidence": kept})
        opening.is_valid(raise_exception=True)
        given = opening.validated_data
        company = given.pop("company")
        if not Membership.objects.filter(user=self.person, company=company).exists():
            self.permission_denied(request, _("Only people of the company can disclose for it."))
        draft = Disclosure.open_year(company, given.pop("year"), by=self.person)
        if given:
            _revise(draft, given, by=self.person)
        return written(self.disclosures(request).get(pk=draft.pk), 201, {"request": request})


@extend_schema_view(
    get=extend_schema(operation_id="disclosures_retrieve", parameters=[FIELDS, ETAG]),
    patch=extend_schema(
        operation_id="disclosures_update",
        summary="Change a draft. Only what is sent changes.",
        request=DisclosureChange,
        responses={200: DisclosureSerializer},
        parameters=[IF_MATCH, ETAG],
    ),
)
class DisclosureDetail(DisclosuresView, Reading[Disclosure]):
    serializer_class = DisclosureSerializer

    def get_queryset(self) -> models.QuerySet[Disclosure]:
        return self.disclosures(self.request)

    def patch(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=pk)
        if found.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company can change its disclosure."))
        require_match(request, found)
        if found.state not in Disclosure.EDITABLE:
            raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
        known: dict[str, Any] = {"request": request, "evidence": evidence_of(found.company)}
        known["told"] = DisclosureSerializer(found).data
        change = DisclosureChange(data=request.data, context=known)
        change.is_valid(raise_exception=True)
        _revise(found, change.validated_data, by=self.person)
        return written(self.disclosures(request).get(pk=pk), 200, {"request": request})


@extend_schema_view(
    post=extend_schema(
        operation_id="disclosures_submit",
        summary="Hand exactly this version to verification.",
        description="The body may be empty. Checks that block are answered with 409 `blocked_by_checks`, each by its"
        " code; a reason lifts `jump_tenfold`. What was returned and comes back unchanged needs an `answer`. The answer"
        " of a submission names what is `open`.",
        request=SubmissionWriting,
        responses={200: HandedInSerializer},
        parameters=[IF_MATCH, ETAG],
    )
)
class DisclosureSubmission(DisclosuresView, Posting):
    throttle_classes = [PostThrottle]
    throttle_scope = "submit"

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=kwargs["pk"])
        member = found.membership_of(request.user)
        if member is None or member.kind != Membership.Kind.SUBMITTER:
            self.permission_denied(request, _("Only a submitter of the company can submit its disclosure."))
        require_match(request, found)
        given = SubmissionWriting(data=request.data)
        given.is_valid(raise_exception=True)
        found.submit(by=self.person, **given.validated_data)
        return written(self.disclosures(request).get(pk=found.pk), 200, {"request": request}, HandedInSerializer)


def _revise(draft: Disclosure, given: dict[str, Any], *, by: Any) -> None:
    """Write what is given over what stands; `Disclosure.revise` takes the whole."""
    cited = {row["quantity"]: row.pop("evidence") for row in given.get("figures", ()) if "evidence" in row}
    if "figures" in given:
        figures = [Figure(**row) for row in given["figures"]]
        _keep_aswritten(figures, {figure.quantity: figure for figure in draft.figures.all()})
    else:
        figures = list(draft.figures.all())
        for figure in figures:
            figure.pk = None  # `revise` finds them by their quantity
    names = ("boundary", "revenue_boundary", "source_document")
    texts = {name: given.get(name, getattr(draft, name)) for name in names}
    draft.revise(by=by, edition=draft.edition, figures=figures, cited=cited, **texts)


def _keep_aswritten(figures: list[Figure], stored: dict[str, Figure]) -> None:
    """What says the same as before keeps how it was written: what GET answers may be sent back as it is."""
    for figure in figures:
        before = stored.get(figure.quantity)
        if before is not None and all(getattr(figure, name) == getattr(before, name) for name in SAID_OF_FIGURE):
            figure.typed = before.typed


def written(
    found: Disclosure,
    status: int,
    context: dict[str, Any],
    serializer: type[DisclosureSerializer] = DisclosureSerializer,
) -> Response:
    headers = {"ETag": etag(found)}
    if status == 201:
        headers["Location"] = reverse("api:disclosure", args=[found.pk])
    return Response(serializer(found, context=context).data, status, headers=headers)

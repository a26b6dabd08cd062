"""API: the lines of a disclosure's ledger with their tonnes: all of them, or one; and taking them over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.activities.serializers import EXTERNAL_ID, LineReading, LinesWriting, LineWriting, as_written
from portfolio.citations.serializers import evidence_of
from portfolio.disclosures.api import DisclosureSerializer, written
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Activity, Disclosure, Quantity
from portfolio.models.desk.points import number_of, of_line
from portfolio.rest.described import ETAG, IF_MATCH, LOCATION
from portfolio.rest.facts import DisclosuresView
from portfolio.rest.problems import Problem
from portfolio.rest.rows import RowsOfDisclosure
from portfolio.rest.views import Posting, Strict, amount, etags_of, require_match
from scoring.engine import digest
from scoring.engine.accounting import words
from scoring.ledgers import ledger as ledgers
from scoring.ledgers.ledger import Accounted, Comparison, Row
from scoring.ledgers.results import AmountReading, ResultReading, TextsReading, TotalsReading, result_of, totals_of
from scoring.reading import said

COMPUTED, NOT_COMPUTED, NOTATION = "computed", "not_computed", "notation"


# --- what is answered ------------------------------------------------------------------------------------
class NotComputedReading(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField(help_text="In the caller's language")
    choices = TextsReading(help_text="What could be given instead")


class ComputedLineReading(LineReading):
    """With what became of it; `rows` of the context are those of the ledger, by number."""

    state = serializers.SerializerMethodField(help_text="`notation`: a notation key stands instead of an amount")
    result = serializers.SerializerMethodField(help_text="Null where it is not computed")
    not_computed = serializers.SerializerMethodField(help_text="Why it is not; else null")

    class Meta(LineReading.Meta):
        fields = (*LineReading.Meta.fields, "state", "result", "not_computed")
        read_only_fields = fields

    @extend_schema_field({"type": "string", "enum": [COMPUTED, NOT_COMPUTED, NOTATION]})
    def get_state(self, line: Activity) -> str:
        row = self._row(line)
        return COMPUTED if row.is_computed else NOT_COMPUTED if row.error else NOTATION

    @extend_schema_field(ResultReading(allow_null=True))
    def get_result(self, line: Activity) -> dict[str, Any] | None:
        row = self._row(line)
        return result_of(row.line, row.result) if row.result is not None else None

    @extend_schema_field(NotComputedReading(allow_null=True))
    def get_not_computed(self, line: Activity) -> dict[str, Any] | None:
        error = self._row(line).error
        if error is None:
            return None
        return {"code": error.code, "detail": said(words.refusal(error)), "choices": list(error.choices)}

    def _row(self, line: Activity) -> Row:
        return self.context["rows"][line.number]  # type: ignore[no-any-return]


class TakeOverReading(serializers.Serializer[Any]):
    """A total beside the figure that is reported."""

    quantity = serializers.ChoiceField(Quantity.choices)
    computed = AmountReading(help_text="What the ledger comes to")
    reported = AmountReading(help_text="The figure as it stands")
    difference_percent = serializers.FloatField(allow_null=True, help_text="Reported against computed")
    taken = AmountReading(help_text="The figure that taking over would write; null where there is nothing to take")
    because = TextsReading(help_text="What may explain the difference, in the caller's language")


class LinesReading(serializers.Serializer[Any]):
    disclosure = serializers.IntegerField()
    edition = serializers.IntegerField()
    gwp_set = serializers.CharField()
    as_of = serializers.DateField(help_text="Factors published by that day count")
    tables_digest = serializers.CharField(help_text="SHA-256 of all that was looked up")
    activities = ComputedLineReading(many=True)
    totals = TotalsReading(allow_null=True, help_text="Null where nothing was computed")
    take_over = TakeOverReading(many=True)


def ledger_told(accounted: Accounted) -> dict[str, Any]:
    """The ledger as LinesReading has it, but for disclosure and edition."""
    rows = {row.activity.number: row for row in accounted.rows}
    computed = sum(row.is_computed for row in accounted.rows)
    asked = sum(not row.line.notation for row in accounted.rows)
    lines = [row.activity for row in accounted.rows]
    has_totals = bool(computed) and accounted.total is not None
    compared = ledgers.compare_with_reported(accounted, accounted.disclosure.figures.all())
    return {
        "gwp_set": accounted.gwp_set,
        "as_of": accounted.as_of.isoformat(),
        "tables_digest": accounted.tables.digest,
        "activities": ComputedLineReading(lines, many=True, context={"rows": rows}).data,
        "totals": totals_of(accounted.total, asked, computed) if has_totals and accounted.total else None,
        "take_over": [_compared(one) for one in compared],
    }


def _compared(one: Comparison) -> dict[str, Any]:
    unit = one.quantity.unit
    return {
        "quantity": one.quantity.value,
        "computed": amount(None if one.value is None else float(f"{one.value:.12g}"), unit),
        "reported": amount(one.reported.value if one.reported else None, unit),
        "difference_percent": one.difference_percent,
        "taken": amount(one.taken_value if one.can_be_taken else None, unit),
        "because": [str(sentence) for sentence in one.words],
    }


# --- all lines -------------------------------------------------------------------------------------------
@extend_schema_view(
    get=extend_schema(
        operation_id="activities_list",
        summary="The lines of a ledger, each with its tonnes, their totals, and what taking over would write.",
        parameters=[ETAG],
        responses={200: LinesReading},
    ),
    put=extend_schema(
        operation_id="activities_put",
        summary="Make these lines all that a draft has.",
        description="What GET answers may be sent back as it is: it changes nothing.",
        request=LinesWriting,
        responses={200: LinesReading},
        parameters=[IF_MATCH, ETAG],
    ),
)
class DisclosureActivities(RowsOfDisclosure):
    serializer_class = LinesReading
    is_always_told = True
    writing = LinesWriting

    def known(self, found: Disclosure) -> dict[str, Any]:
        return known(found)

    def keep(self, found: Disclosure, given: Mapping[str, Any]) -> None:
        lines = ledgers.activities_of(found)
        addressed = {line.external_id: line for line in lines if line.external_id}
        for row, line in zip(given["activities"], [*lines, *[None] * len(given["activities"])], strict=False):
            as_written(row, addressed.get(row.external_id, line))
        found.put_activities(by=self.person, edition=found.edition, activities=given["activities"])

    def answer(self, found: Disclosure) -> dict[str, Any]:
        told = {"disclosure": found.pk, "edition": found.edition}
        return told | ledger_told(ledgers.account_disclosure(found))


def known(found: Disclosure) -> dict[str, Any]:
    """What a line may point to, for LineWriting. A site's key goes before another site's name."""
    sites = list(found.company.sites.select_related("city"))
    return {
        "disclosure": found,
        "sites": {site.name: site for site in sites} | {site.site_key: site for site in sites},
        "evidence": evidence_of(found.company),
    }


# --- one line --------------------------------------------------------------------------------------------
class LinesOfDraft(DisclosuresView):
    """Single lines: who writes others is in nobody's way, so the version of the whole is not asked for."""

    def draft(self, request: Request, pk: int) -> Disclosure:
        """Locked until the transaction ends, so that nobody comes between what is read and what is written."""
        found = get_object_or_404(self.disclosures(request), pk=pk)
        if found.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company can change its ledger."))
        found = Disclosure.objects.select_for_update(of=("self",)).select_related("company").get(pk=pk)
        if found.state not in Disclosure.EDITABLE:
            raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
        return found


def tag_of(line: Activity) -> str:
    """The version of one line."""
    return f'"{digest([line.external_id, *line.signed()])[:32]}"'


@extend_schema_view(
    get=extend_schema(
        operation_id="activities_retrieve",
        summary="One line with its tonnes.",
        responses={200: ComputedLineReading},
        parameters=[ETAG],
    ),
    put=extend_schema(
        operation_id="activities_upsert",
        summary="Make this the line of this external_id, whether or not there is one.",
        description="`If-Match` is the line's own ETag and may be left out.",
        request=LineWriting,
        responses={200: ComputedLineReading, 201: ComputedLineReading},
        parameters=[ETAG, LOCATION],
    ),
    patch=extend_schema(
        operation_id="activities_update",
        summary="Change a line. Only what is sent changes.",
        request=LineWriting(partial=True),
        responses={200: ComputedLineReading},
        parameters=[ETAG],
    ),
    delete=extend_schema(operation_id="activities_delete", summary="Take a line out.", responses={204: None}),
)
class LineOfDisclosure(LinesOfDraft):
    serializer_class = ComputedLineReading
    is_always_told = True

    def get(self, request: Request, pk: int, line: str) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=pk)
        return self._told(_stored_or_404(found, line), found)

    @transaction.atomic
    def put(self, request: Request, pk: int, line: str) -> Response:
        found = self.draft(request, pk)
        stored = _stored(found, line)
        if stored is None and (number_of(line) is not None or not EXTERNAL_ID.fullmatch(line)):
            raise Problem("not_found")  # a number is ours to give
        given = dict(request.data) if isinstance(request.data, Mapping) else request.data
        if isinstance(given, dict) and number_of(line) is None:
            given.setdefault("external_id", line)
            if given["external_id"] != line:
                detail = exceptions.ErrorDetail(_("The address names another line."), code="not_the_address")
                raise serializers.ValidationError({"external_id": [detail]})
        return self._keep(request, found, stored, given)

    @transaction.atomic
    def patch(self, request: Request, pk: int, line: str) -> Response:
        found = self.draft(request, pk)
        stored = _stored_or_404(found, line)
        given: Any = request.data
        if isinstance(given, Mapping):
            given = {**LineReading(stored).data, **given}
        return self._keep(request, found, stored, given)

    @transaction.atomic
    def delete(self, request: Request, pk: int, line: str) -> Response:
        found = self.draft(request, pk)
        stored = _stored_or_404(found, line)
        _require_tag(request, stored)
        found.write_activities(removed=[stored], by=self.person, edition=found.edition)
        return Response(status=204)

    def _keep(self, request: Request, found: Disclosure, stored: Activity | None, given: Any) -> Response:
        _require_tag(request, stored)
        writing = LineWriting(data=given, context=known(found))
        writing.is_valid(raise_exception=True)
        row: Activity = writing.validated_data
        _require_free(found, row, stored)
        if stored is None:
            found.add_activity(row, by=self.person, edition=found.edition)
        else:
            row.pk, row.number, row.external_id = stored.pk, stored.number, row.external_id or stored.external_id
            if not as_written(row, stored) or row.external_id != stored.external_id:
                found.write_activities(changed=[row], by=self.person, edition=found.edition)
        return self._told(_stored_or_404(found, of_line(row.number)), found, 200 if stored else 201)

    def _told(self, line: Activity, found: Disclosure, status: int = 200) -> Response:
        accounted = ledgers.account_disclosure(found, activities=[line])
        reading = ComputedLineReading(line, context={"rows": {line.number: accounted.rows[0]}})
        headers = {"ETag": tag_of(line)}
        if status == 201:
            headers["Location"] = self.request.path
        return Response(reading.data, status, headers=headers)


def _stored(found: Disclosure, address: str) -> Activity | None:
    number = number_of(address)
    wanted = {"external_id": address} if number is None else {"number": number}
    line = found.activities.select_related("site__city").with_citations().filter(**wanted).first()
    if line is not None:
        line.disclosure = found
    return line


def _stored_or_404(found: Disclosure, address: str) -> Activity:
    line = _stored(found, address)
    if line is None:
        raise Problem("not_found")
    return line


def _require_tag(request: Request, stored: Activity | None) -> None:
    given = request.headers.get("If-Match", "").strip()
    if given and (stored is None or tag_of(stored) not in etags_of(given, weak=False)):
        raise Problem("precondition_failed")


def _require_free(found: Disclosure, row: Activity, stored: Activity | None) -> None:
    others = found.activities.exclude(pk=stored.pk) if stored else found.activities.all()
    if row.external_id and others.filter(external_id=row.external_id).exists():
        detail = exceptions.ErrorDetail(_("Another line has this number already."), code="twice")
        raise serializers.ValidationError({"external_id": [detail]})


# --- taking over -----------------------------------------------------------------------------------------
class TakingOver(Strict):
    quantities = serializers.ListField(
        child=serializers.ChoiceField(Quantity.choices), min_length=1, max_length=len(Quantity)
    )
    tables_digest = serializers.CharField(max_length=64, help_text="Of the ledger that was read")


@extend_schema_view(
    post=extend_schema(
        operation_id="activities_take_over",
        summary="Make totals of the ledger the figures of the draft.",
        description="`If-Match` and `tables_digest` are those of the ledger that was read.",
        request=TakingOver,
        responses={200: DisclosureSerializer},
        parameters=[IF_MATCH, ETAG],
    )
)
class TakeOver(DisclosuresView, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=kwargs["pk"])
        if found.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company can change its disclosure."))
        require_match(request, found)
        writing = TakingOver(data=request.data)
        writing.is_valid(raise_exception=True)
        accounted = ledgers.account_disclosure(found)
        if writing.validated_data["tables_digest"] != accounted.tables.digest:
            raise StaleVersion(_("The ledger or its factors changed since you read it. Read it again, please."))
        quantities: Iterable[str] = writing.validated_data["quantities"]
        ledgers.take_over(accounted, quantities, by=self.person, edition=found.edition)
        return written(self.disclosures(request).get(pk=found.pk), 200, {"request": request})

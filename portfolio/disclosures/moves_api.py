"""API: what becomes of a disclosure: its history, its return, its withdrawal, a version that corrects it."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.disclosures.api import DisclosureSerializer, written
from portfolio.disclosures.receipts import has_receipts_for
from portfolio.models import Disclosure, Step
from portfolio.models.desk import points
from portfolio.models.disclosure import LONGEST_REASON
from portfolio.models.signed import LONGEST_ANSWER
from portfolio.rest.described import ETAG, IF_MATCH, LOCATION
from portfolio.rest.facts import DisclosuresView
from portfolio.rest.views import Posting, PostThrottle, Strict, require_match


# --- history -------------------------------------------------------------------------------------------
class PointReading(serializers.Serializer[Any]):
    point = serializers.CharField(allow_blank=True, help_text="As findings name it; empty: the whole")
    label = serializers.CharField(help_text="In the caller's language")  # type: ignore[assignment]


class StepReading(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True, help_text="Null where a program recorded it")
    verb = serializers.CharField(help_text="opened, saved, submitted, returned, verified, withdrawn")
    label = serializers.CharField(help_text="The verb in the caller's language")  # type: ignore[assignment]
    words = serializers.CharField(allow_blank=True, help_text="Of a return its reason, of a submission its answer")
    changed = PointReading(many=True, help_text="What was saved after a return")
    opened = PointReading(many=True, help_text="What a return opened for correction")
    typed_by = serializers.CharField(allow_blank=True, help_text="Who typed it through a one-off link")
    digest = serializers.CharField(allow_blank=True, help_text="Of the content then; empty of a draft")
    receipt = serializers.IntegerField(allow_null=True, help_text="Number of the receipt of a submission")


class HistoryReading(serializers.Serializer[Any]):
    state = serializers.ChoiceField(Disclosure.State.choices)
    returned = StepReading(allow_null=True, help_text="The return that no submission has answered yet")
    steps = StepReading(many=True, help_text="The newest first")


@extend_schema_view(
    get=extend_schema(
        operation_id="disclosures_history",
        summary="Who did what when, what changed, and a verifier's words.",
        responses={200: HistoryReading},
    )
)
class History(DisclosuresView):
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=pk)
        rows = found.steps.select_related("by").prefetch_related("opened").order_by("-pk")
        steps = [_told(step, with_receipt=has_receipts_for(request.user)) for step in rows]
        moved = next((step for step in steps if step["verb"] in ("returned", "submitted")), None)
        waiting = moved if moved is not None and moved["verb"] == "returned" else None
        told = {"state": found.state, "returned": waiting, "steps": steps}
        return Response(HistoryReading(told).data)


def _told(step: Step, *, with_receipt: bool) -> dict[str, Any]:
    opened = sorted(one.point for one in step.opened.all())
    return {
        "at": step.at,
        "by": step.by.get_username() if step.by else None,
        "verb": step.verb,
        "label": str(step.label),
        "words": "" if step.verb == "saved" else step.comment,
        "changed": _points(step.points),
        "opened": _points(opened),
        "typed_by": step.typed_by,
        "digest": step.digest,
        "receipt": step.pk if step.verb == "submitted" and with_receipt else None,
    }


def _points(codes: list[str]) -> list[dict[str, str]]:
    return [{"point": code, "label": points.label(code)} for code in codes]


# --- moves ---------------------------------------------------------------------------------------------
@extend_schema_view(
    post=extend_schema(
        operation_id="disclosures_new_version",
        summary="Start a version that corrects this verified one, with its figures, lines and solutions copied.",
        description="Lines keep their `external_id`. The body is empty.",
        request=None,
        responses={201: DisclosureSerializer},
        parameters=[LOCATION, ETAG],
    )
)
class NewVersion(DisclosuresView, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=kwargs["pk"])
        if found.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company can correct its disclosure."))
        draft = found.new_version(by=self.person)
        return written(self.disclosures(request).get(pk=draft.pk), 201, {"request": request})


class Withdrawal(Strict):
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="It stays on record")


@extend_schema_view(
    post=extend_schema(
        operation_id="disclosures_withdraw",
        summary="Take back a draft that was opened by mistake and never submitted.",
        request=Withdrawal,
        responses={200: DisclosureSerializer},
        parameters=[IF_MATCH, ETAG],
    )
)
class DisclosureWithdrawal(DisclosuresView, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=kwargs["pk"])
        if found.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company can change its disclosure."))
        require_match(request, found)
        given = Withdrawal(data=request.data)
        given.is_valid(raise_exception=True)
        found.withdraw(by=self.person, **given.validated_data)
        return written(self.disclosures(request).get(pk=found.pk), 200, {"request": request})


class Returning(Strict):
    """What findings name is open then, and `also`; or everything."""

    reason = serializers.CharField(max_length=LONGEST_ANSWER, help_text="The company reads it")
    also = serializers.ListField(
        child=serializers.CharField(max_length=32, allow_blank=True), default=list, max_length=200
    )
    everything = serializers.BooleanField(default=False)


@extend_schema_view(
    post=extend_schema(
        operation_id="disclosures_return",
        summary="Return exactly this version for correction, for verifiers.",
        request=Returning,
        responses={200: DisclosureSerializer},
        parameters=[IF_MATCH, ETAG],
    )
)
class DisclosureReturning(DisclosuresView, Posting):
    throttle_classes = [PostThrottle]
    throttle_scope = "submit"

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=kwargs["pk"])
        if objection := found.objection_to(request.user):
            self.permission_denied(request, objection)
        require_match(request, found)
        given = Returning(data=request.data)
        given.is_valid(raise_exception=True)
        found.return_for_correction(by=self.person, digest=found.digest, **given.validated_data)
        return written(self.disclosures(request).get(pk=found.pk), 200, {"request": request})

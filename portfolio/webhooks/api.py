"""API: webhooks and what was delivered to them. The model decides who may; the rules are those of the pages."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.errors import NotAllowed
from portfolio.lists import FilterSet
from portfolio.models import Company, Scope, Webhook, WebhookDelivery
from portfolio.models.desk.webhook import CHOOSABLE, LONGEST_URL
from portfolio.rest.described import FIELDS, LOCATION
from portfolio.rest.views import ApiView, Chosen, Listing, Posting, Reading, Strict
from portfolio.webhooks.addresses import WrongAddress, target_of
from portfolio.webhooks.events import test_message

EVENTS = [(event.value, event.label) for event in CHOOSABLE]


class WebhookReading(Chosen[Webhook]):
    company = serializers.CharField(source="company.company_key", allow_null=True, default=None, help_text="null: all")
    events = serializers.ListField(child=serializers.CharField())
    is_on = serializers.BooleanField()
    made_by = serializers.CharField(source="made_by.username")

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            *("id", "company", "url", "events", "is_on", "off_at", "off_why", "failing_since"),
            *("made_by", "made_at"),
        )
        read_only_fields = fields


class WebhookTold(WebhookReading):
    secret = serializers.CharField(
        help_text="Told this once and stored nowhere: empty in an answer that is repeated by its Idempotency-Key"
    )

    class Meta(WebhookReading.Meta):
        fields = (*WebhookReading.Meta.fields, "secret")
        read_only_fields = fields


class DeliveryReading(Chosen[WebhookDelivery]):
    webhook = serializers.IntegerField(source="webhook_id")

    class Meta:
        model = WebhookDelivery
        fields = (
            *("id", "webhook", "message_id", "event", "body", "state", "attempts", "status_code", "last_error"),
            *("written_at", "not_before", "delivered_at"),
        )
        read_only_fields = fields


class WebhookWriting(Strict):
    company = serializers.CharField(
        max_length=80,
        required=False,
        allow_null=True,
        default=None,
        help_text="Its key; null: of the house, told of all",
    )
    url = serializers.CharField(max_length=LONGEST_URL, help_text="With https, of a host that the server allows")
    events = serializers.MultipleChoiceField(choices=EVENTS, allow_empty=False)

    def validate_company(self, key: str | None) -> Company | None:
        if key is None:
            return None
        found = Company.objects.visible_to(self.context["request"].user).filter(company_key=key).first()
        if found is None:
            raise serializers.ValidationError(_("There is no such company among yours."), code="unknown")
        return found

    def validate_url(self, url: str) -> str:
        try:
            target_of(url)
        except WrongAddress as wrong:
            raise serializers.ValidationError(str(wrong), code="invalid") from wrong
        return url


class WebhookChange(Strict):
    is_on = serializers.BooleanField()


class WebhookFilters(FilterSet):
    company = filters.CharFilter(field_name="company__company_key", max_length=80)
    ordering = filters.OrderingFilter(fields=["id", "made_at"])


class DeliveryFilters(FilterSet):
    state = filters.MultipleChoiceFilter(choices=WebhookDelivery.State.choices)
    ordering = filters.OrderingFilter(fields=["id", "written_at"])


class OfWebhooks(ApiView):
    """An address may carry a key of its own: reading it takes the same scope as keeping it."""

    scopes = {method: Scope.WEBHOOKS_WRITE for method in ("GET", "POST", "PATCH")}

    def seen(self) -> models.QuerySet[Webhook]:
        return Webhook.objects.visible_to(self.request.user).select_related("company", "made_by").order_by("-pk")

    def require_keeper(self, company: Company | None) -> None:
        if not Webhook.may_be_kept_by(self.request.user, company):
            words = _("Only submitters of the company keep its webhooks, and administrators those of the house.")
            self.permission_denied(self.request, words)

    def kept(self) -> Webhook:
        found = get_object_or_404(self.seen(), pk=self.kwargs["pk"])
        self.require_keeper(found.company)
        return found

    def deliveries(self) -> models.QuerySet[WebhookDelivery]:
        found = get_object_or_404(self.seen(), pk=self.kwargs["pk"])
        return WebhookDelivery.objects.filter(webhook=found).select_related("webhook__company").order_by("-pk")


class Telling(OfWebhooks, Posting):
    """Its answer has a secret, which is put in after the answer was stored for its Idempotency-Key: never stored."""

    secret = ""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().post(request, *args, **kwargs)
        if self.secret:
            response.data["secret"] = self.secret
        return response

    def told(self, found: Webhook, status: int = 200) -> Response:
        headers = {"Location": reverse("api:webhook", args=[found.pk])} if status == 201 else None
        return Response({**WebhookReading(found).data, "secret": ""}, status, headers=headers)


@extend_schema_view(
    get=extend_schema(
        operation_id="webhooks_list",
        summary="Webhooks: of the companies that you submit for; all for administrators.",
        parameters=[FIELDS],
    ),
    post=extend_schema(
        operation_id="webhooks_create",
        summary="Register an address that is told of events. The secret is told this once.",
        request=WebhookWriting,
        responses={201: WebhookTold},
        parameters=[LOCATION],
    ),
)
class Webhooks(Telling, Listing[Webhook]):
    serializer_class = WebhookReading
    filterset_class = WebhookFilters

    def get_queryset(self) -> models.QuerySet[Webhook]:
        return self.seen()

    def act(self, request: Request, **kwargs: Any) -> Response:
        writing = WebhookWriting(data=request.data, context={"request": request})
        writing.is_valid(raise_exception=True)
        company, url, chosen = (writing.validated_data[name] for name in ("company", "url", "events"))
        self.require_keeper(company)
        events = [event for event, _label in EVENTS if event in chosen]
        made, self.secret = Webhook.register(company, url, events, by=self.person)
        return self.told(made, 201)


@extend_schema_view(
    get=extend_schema(operation_id="webhooks_retrieve", parameters=[FIELDS]),
    patch=extend_schema(
        operation_id="webhooks_update",
        summary="Switch it on or off.",
        request=WebhookChange,
        responses={200: WebhookReading},
    ),
)
class WebhookDetail(OfWebhooks, Reading[Webhook]):
    serializer_class = WebhookReading

    def get_queryset(self) -> models.QuerySet[Webhook]:
        return self.seen()

    def patch(self, request: Request, **kwargs: Any) -> Response:
        found = self.kept()
        change = WebhookChange(data=request.data)
        change.is_valid(raise_exception=True)
        found.switch(on=change.validated_data["is_on"], by=self.person)
        return Response(WebhookReading(found).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="webhooks_rotate",
        summary="A new secret, told this once. Messages are signed by the old one as well for a day.",
        request=None,
        responses={200: WebhookTold},
    )
)
class WebhookRotating(Telling):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.kept()
        self.secret = found.rotate(by=self.person)
        return self.told(found)


@extend_schema_view(
    post=extend_schema(
        operation_id="webhooks_test",
        summary="Send a test message.",
        request=None,
        responses={202: DeliveryReading},
    )
)
class WebhookTesting(OfWebhooks, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.kept()
        if not found.is_on:
            raise NotAllowed(_("The webhook is off: switch it on first."))
        delivery = test_message(found)
        delivery.refresh_from_db()
        return Response(DeliveryReading(delivery).data, 202)


@extend_schema_view(
    get=extend_schema(
        operation_id="webhooks_deliveries", summary="What was sent to it, the newest first.", parameters=[FIELDS]
    )
)
class Deliveries(OfWebhooks, Listing[WebhookDelivery]):
    serializer_class = DeliveryReading
    filterset_class = DeliveryFilters

    def get_queryset(self) -> models.QuerySet[WebhookDelivery]:
        return self.deliveries()


@extend_schema_view(
    post=extend_schema(
        operation_id="webhooks_resend",
        summary="Send a message again, under the same number.",
        request=None,
        responses={202: DeliveryReading},
    )
)
class DeliveryResending(OfWebhooks, Posting):
    def act(self, request: Request, **kwargs: Any) -> Response:
        delivery = get_object_or_404(self.deliveries(), pk=kwargs["number"])
        delivery.send_again(by=self.person)
        return Response(DeliveryReading(delivery).data, 202)

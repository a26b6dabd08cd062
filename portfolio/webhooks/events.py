"""What is told, and to whom: in the transaction in which it happens. Ids and addresses, no figures, nothing typed."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from portfolio.mail.outbox import administrators, people_of, tell
from portfolio.models import (
    Appeal,
    Company,
    DataRequest,
    Disclosure,
    Finding,
    Mail,
    Membership,
    MonitoringPlan,
    Opinion,
    SheetUpload,
    Webhook,
    WebhookDelivery,
)
from portfolio.models.desk.webhook import Event


def on_disclosure_submitted(disclosure: Disclosure, **_signal: Any) -> None:
    _of_disclosure(Event.SUBMITTED, disclosure)


def on_disclosure_returned(signed: Disclosure, **_signal: Any) -> None:
    _of_disclosure(Event.RETURNED, signed)


def on_disclosure_verified(disclosure: Disclosure, **_signal: Any) -> None:
    _of_disclosure(Event.VERIFIED, disclosure)


def on_finding_moved(finding: Finding, verb: str, **_signal: Any) -> None:
    event = {"raised": Event.FINDING_RAISED, "asked": Event.FINDING_RAISED, "closed": Event.FINDING_CLOSED}.get(verb)
    if event is not None and not finding.is_comment:
        about = {"finding": finding.pk, "disclosure": finding.disclosure_id}
        announce(event, finding.disclosure.company, "api:finding", finding.pk, **about)


def on_opinion_moved(opinion: Opinion, verb: str, **_signal: Any) -> None:
    event = {"issued": Event.OPINION_ISSUED, "reopened": Event.OPINION_REOPENED}.get(verb)
    if event is not None:
        _of_opinion(event, opinion)


def on_appeal_moved(appeal: Appeal, verb: str, **_signal: Any) -> None:
    if verb in ("upheld", "rejected"):
        _of_opinion(Event.APPEAL_ANSWERED, appeal.opinion)


def on_monitoring_plan_returned(signed: MonitoringPlan, **_signal: Any) -> None:
    _of_plan(Event.PLAN_RETURNED, signed)


def on_monitoring_plan_verified(plan: MonitoringPlan, **_signal: Any) -> None:
    _of_plan(Event.PLAN_APPROVED, plan)


def on_data_request_moved(request: DataRequest, **_signal: Any) -> None:
    if request.is_open:
        announce(Event.REQUEST_ASKED, request.company, "api:request", request.pk, request=request.pk)


def on_sheet_read(upload: SheetUpload, **_signal: Any) -> None:
    about = {"upload": upload.pk, "disclosure": upload.disclosure_id}
    announce(Event.UPLOAD_READ, upload.disclosure.company, "api:upload", upload.pk, **about)


def on_webhook_ended(webhook: Webhook, **_signal: Any) -> None:
    """By mail to those who keep it."""
    submitters = people_of(webhook.company_id, Membership.Kind.SUBMITTER) if webhook.company_id else administrators()
    once = f"{timezone.now().astimezone(UTC):%Y%m%d%H%M%S}"
    about = f"webhook:{webhook.pk}"
    page = webhook.get_absolute_url()
    tell(submitters, Mail.Kind.WEBHOOK_OFF, about, page, company=webhook.company, once=once, why=webhook.off_why)


def _of_opinion(event: Event, opinion: Opinion) -> None:
    about = {"opinion": opinion.pk, "disclosure": opinion.disclosure_id}
    announce(event, opinion.disclosure.company, "api:opinion", opinion.pk, **about)


def _of_plan(event: Event, plan: MonitoringPlan) -> None:
    announce(event, plan.company, "api:monitoring_plan", plan.pk, monitoring_plan=plan.pk, version=plan.version)


def _of_disclosure(event: Event, disclosure: Disclosure) -> None:
    about = {"disclosure": disclosure.pk, "year": disclosure.year, "version": disclosure.version}
    announce(event, disclosure.company, "api:disclosure", disclosure.pk, **about)


def announce(event: Event, company: Company, route: str, pk: int, **about: int) -> None:
    """To the webhooks of the company, and to those of the house."""
    kept = Webhook.objects.on().filter(company=company) | Webhook.objects.on().filter(company=None)
    wanted = [webhook for webhook in kept if event.value in webhook.events]
    if wanted:
        data = {"company": company.company_key, **about, "url": settings.SITE_URL + reverse(route, args=[pk])}
        text = message(event, data)
        for webhook in wanted:
            webhook.tell(event, text)


def message(event: Event, data: dict[str, Any]) -> str:
    moment = timezone.now().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return json.dumps({"type": event.value, "timestamp": moment, "data": data}, ensure_ascii=False)


def test_message(webhook: Webhook) -> WebhookDelivery:
    """What a person sends to see whether it arrives."""
    company = webhook.company.company_key if webhook.company else None
    return webhook.tell(Event.TEST, message(Event.TEST, {"company": company, "webhook": webhook.pk}))

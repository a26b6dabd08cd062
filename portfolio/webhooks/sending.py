"""Send what waits, signed as Standard Webhooks 1.0.0 has it. Called by a worker, never in a request."""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
import threading
import time
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from standardwebhooks import Webhook as Signing

from portfolio.models.desk.webhook import Webhook, WebhookDelivery
from portfolio.webhooks.addresses import Target, WrongAddress, address_of, target_of

logger = logging.getLogger("greenlight.webhooks")

AT_ONCE_SECONDS = 40  # then the next call goes on
STEP_SECONDS = 5  # of connecting, and of each word
TALK_SECONDS = 10  # with one address altogether
GONE = 410


def deliver() -> int:
    """One after the other, the oldest first, until the time is up. How many went."""
    sent, end = 0, time.monotonic() + AT_ONCE_SECONDS
    while time.monotonic() < end and (delivery := WebhookDelivery.objects.claim()):
        sent += _try(delivery)
    return sent


def _try(delivery: WebhookDelivery) -> bool:
    webhook = delivery.webhook
    secrets = webhook.secrets()
    if not secrets:
        webhook.end(Webhook.Off.KEY)
        return False
    moment = timezone.now()
    try:
        status = post(webhook.url, delivery.body, headers_of(delivery, secrets, moment))
    except (OSError, http.client.HTTPException, WrongAddress) as refused:
        why = str(refused) if isinstance(refused, WrongAddress) else f"{type(refused).__name__}: {refused}"
        return _has_failed(delivery, why)
    if 200 <= status < 300:
        webhook.has_answered()
        return delivery.is_delivered(status)
    if status == GONE:
        delivery.is_put_off("410", status)
        webhook.end(Webhook.Off.GONE)
        return False
    return _has_failed(delivery, f"{status}", status)


def _has_failed(delivery: WebhookDelivery, why: str, status: int | None = None) -> bool:
    about = {"event": "webhook_not_delivered", "webhook": delivery.webhook_id, "status": status}
    logger.warning("webhook %s: delivery %s failed", delivery.webhook_id, delivery.pk, extra=about)
    delivery.is_put_off(why, status)
    delivery.webhook.has_failed(timezone.now())
    return False


def headers_of(delivery: WebhookDelivery, secrets: list[bytes], moment: datetime) -> dict[str, str]:
    """The same number at each attempt, the time of this one, and a signature by each secret."""
    signed = [Signing(secret).sign(delivery.message_id, moment.astimezone(UTC), delivery.body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Greenlight-Webhooks/1",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def post(url: str, body: str, headers: dict[str, str]) -> int:
    """The status that the address answers; nothing else of its answer is read, and no redirect is followed.

    Raises WrongAddress, OSError or HTTPException.
    """
    target = target_of(url)
    way = _Way(target, address_of(target))
    watch = threading.Timer(TALK_SECONDS, way.cut)  # whoever answers a letter at a time
    watch.start()
    try:
        way.request("POST", target.path, body=body.encode(), headers=headers | {"Connection": "close"})
        return way.getresponse().status
    finally:
        watch.cancel()
        way.close()


class _Way(http.client.HTTPConnection):
    """To the number that was looked at; the host's name is for its certificate and the Host header."""

    def __init__(self, target: Target, number: str) -> None:
        super().__init__(target.host, target.port, timeout=STEP_SECONDS)
        self.default_port = 443 if target.scheme == "https" else 80
        self.number, self.is_safe = number, target.scheme == "https"

    def connect(self) -> None:
        self.sock: Any = socket.create_connection((self.number, self.port), STEP_SECONDS)
        if self.is_safe:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                logger.debug("the other side had hung up")

"""An append-only, hash-chained log of what happened. Every layer appends to it; the database refuses edits.

Each row's `mac` is an HMAC over the previous mac and the row, keyed by AUDIT_KEY. One head row, locked for each
append, holds the last sequence number and mac, so that a cut tail shows. Rolling back rows and head together
shows only against a head that was exported earlier: `manage.py audit_verify --export-head`.
Values of submissions never enter the log, only ids and digests.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

START = "0" * 64


class AuditEvent(models.Model):
    seq = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("when"))
    actor = models.CharField(_("who"), max_length=150)
    verb = models.CharField(_("what"), max_length=60)
    object = models.CharField(_("of what"), max_length=120)
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    detail = models.CharField(_("detail"), max_length=400, blank=True)
    prev = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        ordering = ["-seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.object}"

    def expected_mac(self, prev: str) -> str:
        row = [
            self.seq,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.actor,
            self.verb,
            self.object,
            self.digest,
            self.detail,
        ]
        return _mac(prev, json.dumps(row, ensure_ascii=False))


class AuditHead(models.Model):
    seq = models.PositiveBigIntegerField(default=0)
    mac = models.CharField(max_length=64, default=START)

    class Meta:
        verbose_name = _("audit head")
        verbose_name_plural = _("audit head")

    def __str__(self) -> str:
        return f"{self.seq} {self.mac}"


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found. `first_bad` is None when all is well."""

    events: int
    first_bad: int | None
    reason: str


def append(
    actor: AbstractBaseUser | str | None, verb: str, object: str, *, digest: str = "", detail: str = ""
) -> AuditEvent:
    """Add one event, in the caller's transaction or one of its own."""
    with transaction.atomic():
        AuditHead.objects.get_or_create(pk=1)
        head = AuditHead.objects.select_for_update().annotate(now=Now()).get(pk=1)
        event = AuditEvent(
            seq=head.seq + 1,
            at=head.now,
            actor=(str(actor) if actor else "system")[:150],
            verb=verb,
            object=object,
            digest=digest,
            detail=detail[:400],
            prev=head.mac,
        )
        event.mac = event.expected_mac(head.mac)
        event.save(force_insert=True)
        head.seq, head.mac = event.seq, event.mac
        head.save(update_fields=["seq", "mac"])
    return event


def verify(events: Iterable[AuditEvent] | None = None) -> Verdict:
    """Recompute the chain from the first event to the head."""
    prev, count = START, 0
    for event in AuditEvent.objects.order_by("seq").iterator() if events is None else events:
        if event.seq != count + 1:
            return Verdict(count, count + 1, "the event is missing")
        if event.prev != prev or not hmac.compare_digest(event.mac, event.expected_mac(prev)):
            return Verdict(count, event.seq, "the event does not fit the chain")
        prev, count = event.mac, event.seq
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    if (head.seq, head.mac) != (count, prev):
        return Verdict(count, min(head.seq, count) + 1, f"the head names event {head.seq}, the log ends at {count}")
    return Verdict(count, None, "")


def export_head() -> dict[str, str | int]:
    """The head, signed, to be kept outside the database."""
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    return {"seq": head.seq, "mac": head.mac, "signature": _mac(head.mac, str(head.seq))}


def verify_against(exported: dict[str, str | int]) -> Verdict:
    """Check an earlier exported head against today's log: finds a rollback of rows and head together."""
    seq, mac = int(exported["seq"]), str(exported["mac"])
    if not hmac.compare_digest(_mac(mac, str(seq)), str(exported["signature"])):
        return Verdict(0, seq, "the exported head's signature does not fit")
    found = AuditEvent.objects.filter(seq=seq).first()
    if seq and (found is None or found.mac != mac):
        return Verdict(0, seq, "the log no longer holds the exported head")
    return Verdict(seq, None, "")


def _mac(prev: str, text: str) -> str:
    return hmac.new(settings.AUDIT_KEY.encode(), f"{prev}\n{text}".encode(), hashlib.sha256).hexdigest()

"""An append-only, hash-chained log of what happened. Every layer appends to it; the database refuses edits.

Each row's `mac` is an HMAC over the previous mac and the row, keyed by AUDIT_KEY, whose id stands in the row: from some
row on it can be another key, while AUDIT_KEY_FALLBACKS still verify those before. One head row, locked for each append,
holds the last sequence number and mac, so that a cut tail shows. Rolling back rows and head together
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

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portfolio.audit_words import verb_words

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

START = "0" * 64
SYSTEM = "system"  # who acts where no person does


class AuditEvent(models.Model):
    seq = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("when"))
    actor = models.CharField(_("who"), max_length=150)
    verb = models.CharField(_("what"), max_length=60)
    object = models.CharField(_("of what"), max_length=120)
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    detail = models.CharField(_("detail"), max_length=400, blank=True)
    key_id = models.CharField(_("key"), max_length=16, blank=True, default="")  # empty: before keys had one
    prev = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        ordering = ["-seq"]

    def __str__(self) -> str:
        return f"{self.seq} {verb_words(self.verb)}"

    def expected_mac(self, prev: str, key: str) -> str:
        row: list[str | int] = [
            self.seq,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.actor,
            self.verb,
            self.object,
            self.digest,
            self.detail,
            *([self.key_id] if self.key_id else []),
        ]
        return _mac(key, prev, json.dumps(row, ensure_ascii=False))

    def fits(self, prev: str) -> bool:
        """By the key that it names; one of before names none."""
        keys = [key for key in _keys() if self.key_id in ("", id_of(key))]
        return any(hmac.compare_digest(self.mac, self.expected_mac(prev, key)) for key in keys)


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
    actor: AbstractBaseUser | AnonymousUser | str | None, verb: str, object: str, *, digest: str = "", detail: str = ""
) -> AuditEvent:
    """Add one event, in the caller's transaction or one of its own."""
    with transaction.atomic():
        AuditHead.objects.get_or_create(pk=1)
        head = AuditHead.objects.select_for_update().annotate(now=Now()).get(pk=1)
        event = AuditEvent(
            seq=head.seq + 1,
            at=head.now,
            actor=(str(actor) if actor else SYSTEM)[:150],
            verb=verb,
            object=object,
            digest=digest,
            detail=detail[:400],
            key_id=id_of(settings.AUDIT_KEY),
            prev=head.mac,
        )
        event.mac = event.expected_mac(head.mac, settings.AUDIT_KEY)
        event.save(force_insert=True)
        head.seq, head.mac = event.seq, event.mac
        head.save(update_fields=["seq", "mac"])
    return event


def is_named(actor: str) -> bool:
    """Whether the log has something done under this name, or under one that differs in capitals only."""
    return actor.casefold() == SYSTEM or AuditEvent.objects.filter(actor__iexact=actor).exists()


def verify(events: Iterable[AuditEvent] | None = None) -> Verdict:
    """Recompute the chain from the first event to the head."""
    prev, count = START, 0
    for event in AuditEvent.objects.order_by("seq").iterator() if events is None else events:
        if event.seq != count + 1:
            return Verdict(count, count + 1, "the event is missing")
        if event.key_id and event.key_id not in map(id_of, _keys()):
            return Verdict(count, event.seq, f"its key {event.key_id} is not known here, see AUDIT_KEY_FALLBACKS")
        if event.prev != prev or not event.fits(prev):
            return Verdict(count, event.seq, "the event does not fit the chain")
        prev, count = event.mac, event.seq
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    if (head.seq, head.mac) != (count, prev):
        return Verdict(count, min(head.seq, count) + 1, f"the head names event {head.seq}, the log ends at {count}")
    return Verdict(count, None, "")


def export_head() -> dict[str, str | int]:
    """The head, signed, to be kept outside the database."""
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    signature = _mac(settings.AUDIT_KEY, head.mac, str(head.seq))
    return {"seq": head.seq, "mac": head.mac, "key_id": id_of(settings.AUDIT_KEY), "signature": signature}


def verify_against(exported: dict[str, str | int]) -> Verdict:
    """Check an earlier exported head against today's log: finds a rollback of rows and head together."""
    seq, mac = int(exported["seq"]), str(exported["mac"])
    signature = str(exported["signature"])
    if not any(hmac.compare_digest(_mac(key, mac, str(seq)), signature) for key in _keys()):
        return Verdict(0, seq, "the exported head's signature does not fit")
    found = AuditEvent.objects.filter(seq=seq).first()
    if seq and (found is None or found.mac != mac):
        return Verdict(0, seq, "the log no longer holds the exported head")
    return Verdict(seq, None, "")


def id_of(key: str) -> str:
    """Says which key it was, and nothing of it."""
    return hmac.new(key.encode(), b"greenlight audit key", hashlib.sha256).hexdigest()[:12]


def _keys() -> list[str]:
    return [settings.AUDIT_KEY, *settings.AUDIT_KEY_FALLBACKS]


def _mac(key: str, prev: str, text: str) -> str:
    return hmac.new(key.encode(), f"{prev}\n{text}".encode(), hashlib.sha256).hexdigest()


# --- found by the company ------------------------------------------------------------------------------------------
# What an event is of → its model, and the way from there to the company. Each layer enters its own when it starts.
LEADS: dict[str, tuple[str, str]] = {}
MOST_COMPANIES = 50


def objects_of(companies: Iterable[int]) -> list[str]:
    """All that events of these companies are of, such as "company:7" and "proposal:12"."""
    ids = list(companies)[:MOST_COMPANIES]
    keys = apps.get_model("portfolio.Company")._default_manager.filter(pk__in=ids).values_list("company_key", flat=True)
    found = [f"company:{name}" for name in (*ids, *keys)]
    for kind, (label, way) in LEADS.items():
        rows = apps.get_model(label)._default_manager.filter(**{f"{way}__in": ids}).values_list("pk", flat=True)
        found += [f"{kind}:{pk}" for pk in rows]
    return found

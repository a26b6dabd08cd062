"""A file with a company-year that was handed in: the row is the queue in which it waits to be read.

It is read by a worker, which leaves what would change; a person looks at that and imports it, or hands in another.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portfolio import audit
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models.disclosure import Disclosure
from portfolio.signals import sheet_handed_in, sheet_read
from portfolio.typed.files import LONGEST_NAME, EvidenceKind, Upload

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from portfolio.models.people import SomeUser

LEASE = timedelta(minutes=5)  # a worker that said nothing for so long is gone
MOST_ATTEMPTS = 3
KINDS = (EvidenceKind.XLSX, EvidenceKind.CSV)


class SheetQuerySet(models.QuerySet["SheetUpload"]):
    def visible_to(self, user: SomeUser) -> SheetQuerySet:
        return self.filter(disclosure__in=Disclosure.objects.visible_to(user))

    def due(self) -> SheetQuerySet:
        """What waits, and what a worker took and lost."""
        lost = models.Q(state=SheetUpload.State.READING, told_at__lt=timezone.now() - LEASE)
        return self.filter(models.Q(state=SheetUpload.State.WAITING) | lost).order_by("pk")


class SheetUpload(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("of an uploaded file", "Waiting")
        READING = "reading", pgettext_lazy("of an uploaded file", "Being read")
        READ = "read", pgettext_lazy("of an uploaded file", "Read, nothing imported yet")
        IMPORTED = "imported", pgettext_lazy("of an uploaded file", "Imported")
        DROPPED = "dropped", pgettext_lazy("of an uploaded file", "Dropped")
        FAILED = "failed", pgettext_lazy("of an uploaded file", "Could not be read")

    OPEN = (State.WAITING, State.READING)

    disclosure = models.ForeignKey(Disclosure, models.CASCADE, related_name="sheets", verbose_name=_("disclosure"))
    name = models.CharField(_("file name"), max_length=LONGEST_NAME)
    kind = models.CharField(_("file type"), max_length=8, choices=EvidenceKind.choices)
    size_bytes = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    content = models.BinaryField(_("content"))  # empty once a later file took its place
    language = models.CharField(_("language"), max_length=16, help_text=_("In which its faults are told"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    told_at = models.DateTimeField(_("last sign of its worker"), null=True, blank=True)
    done = models.PositiveIntegerField(_("rows read"), default=0)
    total = models.PositiveIntegerField(_("rows"), default=0)
    edition = models.PositiveIntegerField(_("edition it was compared with"), default=0)
    found = models.JSONField(_("what was found"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "told_at"], name="sheet_upload_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "reading", "read", "imported", "dropped", "failed"]),
                name="sheet_upload_state_is_known",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=["xlsx", "csv"]), name="sheet_upload_is_a_table"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("scoring:upload", args=[self.disclosure_id])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0

    # --- what people do ------------------------------------------------------------------------------
    @classmethod
    def hand_in(cls, upload: Upload, disclosure: Disclosure, *, by: User) -> SheetUpload:
        """Keep the file and have it read; it takes the place of the one before. Raises NotAllowed."""
        if not disclosure.can_be_edited_by(by):
            raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
        if upload.kind not in KINDS:
            raise NotAllowed(_("“%(name)s”: please send an .xlsx or .csv file.") % {"name": upload.name})
        sha256 = hashlib.sha256(upload.content).hexdigest()
        with transaction.atomic():
            cls._clear(disclosure)
            made = cls.objects.create(
                disclosure=disclosure,
                name=upload.name,
                kind=upload.kind,
                size_bytes=len(upload.content),
                sha256=sha256,
                content=upload.content,
                language=get_language() or settings.LANGUAGE_CODE,
                uploaded_by=by,
            )
            audit.append(by, "sheet.uploaded", f"disclosure:{disclosure.pk}", digest=sha256)
            sheet_handed_in.send(sender=cls, upload=made)
        return made

    @classmethod
    def _clear(cls, disclosure: Disclosure) -> None:
        """Earlier files keep their row and digest; what was not imported is dropped. Large contents do not pile up."""
        earlier = cls.objects.filter(disclosure=disclosure)
        earlier.exclude(state=cls.State.IMPORTED).update(state=cls.State.DROPPED, closed_at=Now())
        earlier.exclude(content=b"").update(content=b"", found=None)

    def drop(self, *, by: User) -> None:
        """Forget the file; nothing of it was imported. Raises NotAllowed."""
        if not self.disclosure.can_be_edited_by(by):
            raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
        with transaction.atomic():
            kept = type(self).objects.filter(pk=self.pk).exclude(state=self.State.IMPORTED)
            if kept.update(state=self.State.DROPPED, content=b"", found=None, closed_at=Now()):
                audit.append(by, "sheet.withdrawn", f"disclosure:{self.disclosure_id}", digest=self.sha256)

    def read_again(self) -> None:
        """Compare it anew: the draft is another one than that it was compared with."""
        changed = type(self).objects.filter(pk=self.pk, state__in=(self.State.READ, self.State.FAILED))
        with transaction.atomic():
            changed.update(state=self.State.WAITING, attempts=0, done=0, found=None)
            sheet_handed_in.send(sender=type(self), upload=self)

    def close(self, *, by: User) -> None:
        """Within the transaction that imports it: exactly one person does. Raises StaleVersion."""
        closed = type(self).objects.filter(pk=self.pk, state=self.State.READ, edition=self.edition)
        if not closed.update(state=self.State.IMPORTED, closed_at=Now()):
            raise StaleVersion(_("This file was imported or dropped meanwhile."))
        audit.append(by, "sheet.imported", f"disclosure:{self.disclosure_id}", digest=self.sha256)

    # --- what a worker does --------------------------------------------------------------------------
    def claim(self) -> bool:
        """Take it to be read; false where another worker was faster."""
        due = type(self).objects.due().filter(pk=self.pk, attempts=self.attempts)
        if self.attempts >= MOST_ATTEMPTS:
            due.update(state=self.State.FAILED, closed_at=Now())
            return False
        if not due.update(state=self.State.READING, attempts=self.attempts + 1, told_at=Now(), done=0):
            return False
        self.refresh_from_db()
        return True

    def tell(self, done: int, total: int) -> None:
        self._mine().update(done=done, total=total, told_at=Now())

    def finish(self, found: Any, edition: int) -> None:
        with transaction.atomic():
            mine = self._mine().update(state=self.State.READ, found=found, edition=edition, told_at=Now())
            if mine:
                sheet_read.send(sender=SheetUpload, upload=self)

    def _mine(self) -> models.QuerySet[SheetUpload]:
        return type(self).objects.filter(pk=self.pk, state=self.State.READING, attempts=self.attempts)

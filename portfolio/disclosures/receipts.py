"""The receipt of a submission: what was handed in, by whom, when, under which digests; on a page and as PDF."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portfolio.documents.pdf import Document, Facts, Heading, Table, Words, in_words
from portfolio.models import Declaration, Disclosure, Evidence, Figure, Quantity, Step
from portfolio.models.check import FIGURES, Parts, parts_of
from portfolio.models.people import VERIFICATION_SIDE, SomeUser, has_role, role_of
from portfolio.models.signed import text_of
from portfolio.typed.numbers import grouped

BETWEEN = "; "


def visible_to(user: SomeUser) -> models.QuerySet[Step]:
    """Submissions whose receipt this person may see: the company's own people, and those who verify."""
    if not has_receipts_for(user):
        return Step.objects.none()
    return _submissions().filter(disclosure__in=Disclosure.objects.visible_to(user))


def has_receipts_for(user: SomeUser) -> bool:
    """Whether there are any for a person of this role."""
    return not role_of(user) or has_role(user, *VERIFICATION_SIDE)


def receipts_of(disclosure: Disclosure) -> list[Receipt]:
    """The newest first."""
    return [Receipt(step) for step in _submissions().filter(disclosure=disclosure)]


def _submissions() -> models.QuerySet[Step]:
    steps = Step.objects.filter(verb="submitted")
    return steps.select_related("disclosure__company", "by", "declaration").order_by("-pk")


@dataclass(frozen=True)
class SignedFigure:
    label: str
    value: str
    unit: str
    basis: str
    papers: str  # name and place of each file that shows it


@dataclass(frozen=True)
class Receipt:
    """Of one submission; its number is that of the step."""

    step: Step

    @property
    def number(self) -> int:
        return self.step.pk

    @property
    def disclosure(self) -> Disclosure:
        return self.step.disclosure

    @cached_property
    def declaration(self) -> Declaration | None:
        """None of what was submitted before declarations were kept."""
        return getattr(self.step, "declaration", None)

    @cached_property
    def text(self) -> str:
        """What was signed, word for word: as it was kept, else as it stands if nothing has changed since; or empty."""
        if self.declaration:
            return self.declaration.content
        content = text_of(self.disclosure.content())
        return content if self.disclosure.content_digest() == self.step.digest else ""

    @cached_property
    def parts(self) -> Parts | None:
        return parts_of(json.loads(self.text)) if self.text else None

    @property
    def figures_digest(self) -> str:
        return self.parts.figures_digest if self.parts else ""

    @property
    def ledger_digest(self) -> str:
        return self.parts.ledger_digest if self.parts else ""

    @property
    def wording(self) -> str:
        return self.declaration.wording if self.declaration else ""

    @property
    def lines(self) -> int:
        return len(self.parts.ledger) if self.parts else 0

    @property
    def by(self) -> str:
        return (self.step.by.get_full_name() or self.step.by.get_username()) if self.step.by else "—"

    @property
    def at(self) -> str:
        return in_words(self.step.at)

    @cached_property
    def figures(self) -> list[SignedFigure]:
        """As they were signed, in the order of the form."""
        rows = {row[0]: row for row in self.parts.figures[FIGURES]} if self.parts else {}
        cited = self._cited()
        kept = Evidence.objects.filter(company=self.disclosure.company_id)
        names = dict(kept.values_list("sha256", "name")) if cited else {}
        return [
            SignedFigure(
                str(quantity.label),
                grouped(rows[quantity][1]),
                str(quantity.unit_label),
                str(Figure.Basis(rows[quantity][3]).label),
                BETWEEN.join(f"{names.get(sha256, sha256[:12])} {place}".strip() for sha256, place in cited[quantity]),
            )
            for quantity in Quantity
            if quantity in rows
        ]

    def _cited(self) -> defaultdict[str, list[list[str]]]:
        """Quantity → digest and place of each file that was signed with it."""
        figures = self.parts.figures if self.parts else []
        told: list[Any] = next((item["cited"] for item in figures if isinstance(item, dict) and "cited" in item), [])
        return defaultdict(list, told)

    @property
    def ledger_in_words(self) -> str:
        if not self.parts:
            return "—"
        if not self.lines:
            return _("no lines")
        return ngettext("%(n)d line", "%(n)d lines", self.lines) % {"n": self.lines}

    def facts(self) -> list[tuple[str, str, bool]]:
        """Label, value, whether it is a code."""
        found, company = self.disclosure, self.disclosure.company
        told = [
            (_("Receipt number"), str(self.number), False),
            (_("Company"), company.name, False),
            (_("USCC"), company.uscc, True),
            (_("Year"), str(found.year), False),
            (_("Version"), f"v{found.version}", False),
            (_("Submitted by"), self.by, False),
            (_("Submitted at"), self.at, False),
            (_("Ledger"), self.ledger_in_words, False),
            (_("SHA-256 of the figures"), self.figures_digest, True),
            (_("SHA-256 of the ledger"), self.ledger_digest, True),
            (_("SHA-256 of both together"), self.step.digest, True),
        ]
        return [fact for fact in told if fact[1]]

    @property
    def declared(self) -> str:
        if self.declaration:
            return self.declaration.words
        return _("It was submitted before declarations were kept word for word.")

    def document(self) -> Document:
        found = self.disclosure
        names = {"company": found.company.name, "year": found.year, "version": found.version}
        about = _("%(company)s · %(year)s v%(version)s") % names
        heads = [_("Figure"), _("Value"), _("Unit"), _("Basis"), _("Evidence")]
        rows = [[row.label, row.value, row.unit, row.basis, row.papers] for row in self.figures]
        if not any(row.papers for row in self.figures):
            heads, rows = heads[:-1], [row[:-1] for row in rows]
        return Document(
            title=_("Receipt of a submission"),
            running=about,
            foot=_("Receipt %(number)s · SHA-256 %(digest)s…")
            % {"number": self.number, "digest": self.step.digest[:16]},
            at=self.step.at,
            blocks=[
                Facts(self.facts()),
                Heading(_("Declaration")),
                Words(self.declared),
                Heading(_("Figures as they were signed")),
                Table(heads, [False, True, False, False, False][: len(heads)], rows)
                if rows
                else Words(self.why_no_figures()),
                Heading(_("How to check it")),
                Words(how_to_check()),
                Words(what_it_is()),
            ],
        )

    def why_no_figures(self) -> str:
        if self.parts:
            return _("No figure was reported.")
        return _("They were changed after this submission, and its content was not kept then: only its digest is.")


def how_to_check() -> str:
    return _(
        "Download the signed content from the page of this receipt and compute the SHA-256 of the file: on Windows"
        " with certutil -hashfile FILE SHA256, elsewhere with sha256sum FILE. It must be the digest printed here."
    )


def what_it_is() -> str:
    return _(
        "A receipt says what was handed in and when. It says nothing of whether it was verified; the checks do not"
        " claim to detect greenwashing."
    )

"""What a verifier looked at and left out, in words: the record that an opinion begins with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from portfolio.models import Case, Disclosure, Finding, Look
from portfolio.models.case.look import points_of
from portfolio.models.desk import points
from portfolio.wording import labelled


def sampling_record(disclosure: Disclosure) -> str:
    """The sampling plan, how many points were agreed or found against, what is left out and why, and the rest.

    Of the present content only. Empty where nobody planned or looked.
    """
    plan, told = Case.of(disclosure).sampling, points_of(disclosure)
    looks = {code: look for code, look in Look.objects.standing(disclosure, disclosure.digest).items() if code in told}
    found = _found_at(disclosure)
    agreed = {code for code, look in looks.items() if look.verdict == Look.Verdict.AGREED} - found
    if not (plan or looks or found):
        return ""
    lines = [plan, _("Agreed: %(n)s of %(m)s data points.") % {"n": len(agreed), "m": len(told)}]
    if found:
        lines.append(_line(_("Finding or question"), found))
    left_out = defaultdict[str, set[str]](set)  # by why
    for code in looks.keys() - agreed - found:
        left_out[looks[code].words].add(code)
    for why, codes in sorted(left_out.items(), key=lambda item: points.in_order(item[1])):
        lines.append(labelled(_line(_("Left out of the sample"), codes), why))
    if rest := told - agreed - found - looks.keys():
        lines.append(_line(_("Neither agreed nor left out of the sample"), rest))
    return "\n".join(filter(None, lines))


def _line(words: str, codes: Collection[str]) -> str:
    counted = _("%(what)s (%(n)s)") % {"what": words, "n": len(codes)}
    return labelled(counted, points.labels(codes))


def _found_at(disclosure: Disclosure) -> set[str]:
    """Points with a finding or question that is not closed, or was raised since this content was submitted."""
    since = Q(raised_at__gte=disclosure.submitted_at) if disclosure.submitted_at else Q(pk=None)
    asked = disclosure.findings.filter(kind__in=Finding.OF_VERIFIERS)
    return set(asked.filter(~Q(state=Finding.State.CLOSED) | since).values_list("point", flat=True))

"""What shows a line or a figure, as the API reads and writes it: a list of files with a place in each."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers

from portfolio.models import Citation, Company, Evidence
from portfolio.models.activity import LONGEST_PLACE
from portfolio.rest.views import PassedOver, Strict


class CitationReading(serializers.ModelSerializer[Citation]):
    id = serializers.IntegerField(source="evidence_id", help_text="Of the evidence")
    name = serializers.CharField(source="evidence.name")
    sha256 = serializers.CharField(source="evidence.sha256")
    place = serializers.CharField(allow_blank=True, help_text="Page, sheet or row")

    class Meta:
        model = Citation
        fields = ("id", "name", "sha256", "place")
        read_only_fields = fields


class CitationWriting(Strict):
    """Cleans to a Citation; `evidence` of the context is what the company keeps, by id."""

    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Of evidence that was handed in")
    place = serializers.CharField(
        max_length=LONGEST_PLACE, required=False, allow_blank=True, help_text="Page, sheet or row, such as p. 3"
    )
    name = PassedOver()
    sha256 = PassedOver()

    def validate(self, given: dict[str, Any]) -> Citation:
        """What belongs to others is as unknown as what does not exist."""
        kept = self.context["evidence"].get(given["id"])
        if kept is None:
            detail = exceptions.ErrorDetail(_("The company has nothing of this name."), code="unknown")
            raise serializers.ValidationError({"id": [detail]})
        return Citation(evidence=kept, place=given.get("place", ""))


def evidence_of(company: Company) -> dict[int, Evidence]:
    """What may be cited, for the context of CitationWriting."""
    return {kept.pk: kept for kept in Evidence.objects.filter(company=company)}

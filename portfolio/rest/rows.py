"""The rows of a disclosure that are read and written as a whole, by their version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.errors import NotAllowed
from portfolio.models import Disclosure
from portfolio.rest.facts import DisclosuresView
from portfolio.rest.views import Strict, etag, etags_of, require_match


class RowsOfDisclosure(DisclosuresView):
    """GET and PUT of all rows of one kind. A view says what it `tells`, how it reads and how it `keeps` them."""

    serializer_class: type[serializers.Serializer[Any]]
    writing: type[Strict]
    is_always_told: ClassVar[bool] = False  # for an answer that can change while the disclosure does not

    def tells(self, found: Disclosure) -> Mapping[str, Any]:
        raise NotImplementedError

    def known(self, found: Disclosure) -> dict[str, Any]:
        """What the rows may point to, for the context of `writing`: read once for all of them."""
        raise NotImplementedError

    def keep(self, found: Disclosure, given: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=pk)
        if not self.is_always_told and etag(found) in etags_of(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": etag(found)})
        return self._told(found)

    def put(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(self.disclosures(request), pk=pk)
        if found.membership_of(request.user) is None:
            self.permission_denied(request, _("Only people of the company can change its disclosure."))
        require_match(request, found)
        if found.state not in Disclosure.EDITABLE:
            raise NotAllowed(_("Only people of the company can change its disclosure, and only a draft."))
        writing = self.writing(data=request.data, context={"request": request} | self.known(found))
        writing.is_valid(raise_exception=True)
        self.keep(found, writing.validated_data)
        return self._told(found)

    def answer(self, found: Disclosure) -> Any:
        told = {"disclosure": found.pk, "edition": found.edition, **self.tells(found)}
        return self.serializer_class(told).data

    def _told(self, found: Disclosure) -> Response:
        return Response(self.answer(found), headers={"ETag": etag(found)})

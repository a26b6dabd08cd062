"""API: which saved views there are; a list itself is asked by name with `view=`."""

from __future__ import annotations

import django_filters as filters
from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from portfolio.lists import FilterSet
from portfolio.models import SavedView, Scope
from portfolio.rest.described import FIELDS
from portfolio.rest.views import Chosen, Listing

ADDRESSES = {SavedView.List.CANDIDATES.value: "candidates", SavedView.List.PEERS.value: "peers"}


class SavedViewList(FilterSet):
    list = filters.ChoiceFilter(choices=[(word, word) for word in ADDRESSES.values()], method="of_list")

    @staticmethod
    def of_list(views: models.QuerySet[SavedView], _name: str, word: str) -> models.QuerySet[SavedView]:
        return views.filter(list=next(code for code, other in ADDRESSES.items() if other == word))


class SavedViewSerializer(Chosen[SavedView]):
    list = serializers.SerializerMethodField(help_text="candidates or peers")
    owner = serializers.CharField(source="owner.username")

    class Meta:
        model = SavedView
        fields = ("id", "list", "name", "owner", "query", "is_shared", "is_default")
        read_only_fields = fields

    def get_list(self, view: SavedView) -> str:
        return ADDRESSES[view.list]


@extend_schema_view(
    get=extend_schema(
        operation_id="saved_views_list",
        description="Your saved views, and those shared with you. Ask a list with `view=NAME`; yours come first.",
        parameters=[FIELDS],
    )
)
class SavedViews(Listing[SavedView]):
    scopes = {"GET": Scope.SCORES_READ}
    serializer_class = SavedViewSerializer
    filterset_class = SavedViewList

    def get_queryset(self) -> models.QuerySet[SavedView]:
        return SavedView.objects.visible_to(self.request.user).select_related("owner").order_by("list", "name", "pk")

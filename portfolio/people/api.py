"""API: the people of a company, its invitations, and requests to join. The rules are those of the pages; the links
themselves travel by mail alone."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.mail.links import send_invitation
from portfolio.models import Company, Invitation, JoinRequest, Membership, Role, Scope, has_role
from portfolio.models.desk.joining import LONGEST_REASON
from portfolio.models.desk.link import LONGEST_ADDRESS
from portfolio.models.people import role_of
from portfolio.rest.described import LOCATION
from portfolio.rest.views import ApiView, Posting, Strict
from portfolio.universe.sectors import sector_of_division


class MemberReading(serializers.ModelSerializer[Membership]):
    user = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.get_full_name")
    is_active = serializers.BooleanField(source="user.is_active", help_text="False: the account is switched off")
    seen_on = serializers.SerializerMethodField()

    class Meta:
        model = Membership
        fields = ("id", "user", "name", "kind", "is_active", "seen_on")
        read_only_fields = fields

    def get_seen_on(self, member: Membership) -> str | None:
        """The day they were here last."""
        person = getattr(member.user, "person", None)
        return person.seen_at.date().isoformat() if person and person.seen_at else None


class MemberChange(Strict):
    kind = serializers.ChoiceField(Membership.Kind.choices)


class InvitationReading(serializers.ModelSerializer[Invitation]):
    company = serializers.CharField(source="company.company_key")
    invited_by = serializers.CharField(source="invited_by.username")
    is_expired = serializers.BooleanField()

    class Meta:
        model = Invitation
        fields = (
            *("id", "company", "address", "kind", "state", "is_expired", "expires_at", "sent_at"),
            *("invited_by", "invited_at"),
        )
        read_only_fields = fields


class Inviting(Strict):
    address = serializers.CharField(max_length=LONGEST_ADDRESS, help_text="E-mail; only its account can accept")
    kind = serializers.ChoiceField(Membership.Kind.choices)


class JoinRequestReading(serializers.ModelSerializer[JoinRequest]):
    answered_by = serializers.CharField(source="answered_by.username", allow_null=True, default=None)

    class Meta:
        model = JoinRequest
        fields = (
            *("id", "name", "address", "uscc", "company_name", "state", "asked_at"),
            *("answered_by", "answered_at", "reason"),
        )
        read_only_fields = fields


class Accepting(Strict):
    isic = serializers.CharField(
        max_length=8, required=False, allow_blank=True, default="", help_text="Division, of a company not on record"
    )


class Refusing(Strict):
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="The person reads it")


class OfPeople(ApiView):
    scopes = {
        "GET": Scope.COMPANIES_READ,
        "POST": Scope.PEOPLE_WRITE,
        "PATCH": Scope.PEOPLE_WRITE,
        "DELETE": Scope.PEOPLE_WRITE,
    }

    def company(self, request: Request, key: str) -> Company:
        found = get_object_or_404(Company.objects.visible_to(request.user), company_key=key)
        self.require_side(request)
        return found

    def require_side(self, request: Request) -> None:
        if role_of(request.user) and not has_role(request.user, Role.ADMIN):
            self.permission_denied(request, _("Only people of the company and administrators see this."))

    def member(self, request: Request, pk: int) -> Membership:
        rows = Membership.objects.filter(company__in=Company.objects.visible_to(request.user))
        found = get_object_or_404(rows.select_related("user__person", "company"), pk=pk)
        self.require_side(request)
        if refusal := found.refusal(request.user):
            self.permission_denied(request, refusal)
        return found

    def invitation(self, request: Request, pk: int) -> Invitation:
        return get_object_or_404(Invitation.objects.visible_to(request.user).select_related("company"), pk=pk)


@extend_schema_view(
    get=extend_schema(
        operation_id="people_list",
        summary="Who works for a company.",
        responses={200: MemberReading(many=True)},
    )
)
class People(OfPeople):
    serializer_class = MemberReading

    def get(self, request: Request, company_key: str) -> Response:
        rows = Membership.objects.filter(company=self.company(request, company_key)).select_related("user__person")
        return Response(MemberReading(rows.order_by("pk"), many=True).data)


@extend_schema_view(
    patch=extend_schema(
        operation_id="people_update",
        summary="Give somebody another role in the company.",
        request=MemberChange,
        responses={200: MemberReading},
    ),
    delete=extend_schema(
        operation_id="people_delete", summary="Leave the company, or remove somebody from it.", responses={204: None}
    ),
)
class PersonDetail(OfPeople):
    serializer_class = MemberReading

    def patch(self, request: Request, pk: int) -> Response:
        found = self.member(request, pk)
        change = MemberChange(data=request.data)
        change.is_valid(raise_exception=True)
        found.become(change.validated_data["kind"], by=self.person)
        return Response(MemberReading(found).data)

    def delete(self, request: Request, pk: int) -> Response:
        self.member(request, pk).end(by=self.person)
        return Response(status=204)


@extend_schema_view(
    get=extend_schema(
        operation_id="invitations_list",
        summary="Invitations that wait, for submitters and administrators.",
        responses={200: InvitationReading(many=True)},
    ),
    post=extend_schema(
        operation_id="invitations_create",
        summary="Invite somebody by e-mail; `sent_at` is empty where the mail server did not take it.",
        request=Inviting,
        responses={201: InvitationReading},
        parameters=[LOCATION],
    ),
)
class Invitations(OfPeople, Posting):
    serializer_class = InvitationReading

    def get(self, request: Request, company_key: str) -> Response:
        company = self.company(request, company_key)
        rows = Invitation.objects.visible_to(request.user).open().filter(company=company)
        return Response(InvitationReading(rows.select_related("company", "invited_by"), many=True).data)

    def act(self, request: Request, **kwargs: Any) -> Response:
        company = self.company(request, kwargs["company_key"])
        mine = Membership.objects.filter(user=self.person, company=company, kind=Membership.Kind.SUBMITTER)
        if not mine.exists():
            self.permission_denied(request, _("Only a submitter of the company invites people."))
        typed = Inviting(data=request.data)
        typed.is_valid(raise_exception=True)
        made, token = Invitation.invite(company, by=self.person, **typed.validated_data)
        send_invitation(made, token)
        made.refresh_from_db()
        address = reverse("api:invitation", args=[made.pk])
        return Response(InvitationReading(made).data, 201, headers={"Location": address})


@extend_schema_view(
    get=extend_schema(operation_id="invitations_retrieve", summary="One invitation."),
    delete=extend_schema(
        operation_id="invitations_delete", summary="Take it back: its link opens nothing.", responses={204: None}
    ),
)
class InvitationDetail(OfPeople):
    serializer_class = InvitationReading

    def get(self, request: Request, pk: int) -> Response:
        return Response(InvitationReading(self.invitation(request, pk)).data)

    def delete(self, request: Request, pk: int) -> Response:
        self.invitation(request, pk).revoke(by=self.person)
        return Response(status=204)


@extend_schema_view(
    post=extend_schema(
        operation_id="invitations_send",
        summary="Send it again by a new link; the one before is dead.",
        request=None,
        responses={200: InvitationReading},
    )
)
class InvitationSending(OfPeople, Posting):
    serializer_class = InvitationReading

    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.invitation(request, kwargs["pk"])
        send_invitation(found, found.send_again(by=self.person))
        found.refresh_from_db()
        return Response(InvitationReading(found).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="join_requests_list",
        summary="One's own requests to join a company, and those that one may answer.",
        responses={200: JoinRequestReading(many=True)},
    )
)
class JoinRequests(OfPeople):
    serializer_class = JoinRequestReading

    def get(self, request: Request) -> Response:
        rows = JoinRequest.objects.visible_to(request.user).select_related("answered_by")[:200]
        return Response(JoinRequestReading(rows, many=True).data)


class JoinRequestAnswer(OfPeople, Posting):
    serializer_class = JoinRequestReading

    def request_to(self, request: Request, pk: int) -> JoinRequest:
        rows: models.QuerySet[JoinRequest] = JoinRequest.objects.visible_to(request.user).select_related("user")
        found = get_object_or_404(rows, pk=pk)
        if refusal := found.refusal(self.person):
            self.permission_denied(request, refusal)
        return found


@extend_schema_view(
    post=extend_schema(
        operation_id="join_requests_accept",
        summary="Accept it: the first of a company becomes its submitter, others contributors.",
        request=Accepting,
        responses={200: JoinRequestReading},
    )
)
class JoinRequestAccepting(JoinRequestAnswer):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.request_to(request, kwargs["pk"])
        given = Accepting(data=request.data)
        given.is_valid(raise_exception=True)
        isic = given.validated_data["isic"]
        found.accept(by=self.person, isic=isic, sector=sector_of_division(isic) or "")
        return Response(JoinRequestReading(found).data)


@extend_schema_view(
    post=extend_schema(
        operation_id="join_requests_decline",
        summary="Decline it, with a reason.",
        request=Refusing,
        responses={200: JoinRequestReading},
    )
)
class JoinRequestDeclining(JoinRequestAnswer):
    def act(self, request: Request, **kwargs: Any) -> Response:
        found = self.request_to(request, kwargs["pk"])
        given = Refusing(data=request.data)
        given.is_valid(raise_exception=True)
        found.decline(by=self.person, **given.validated_data)
        return Response(JoinRequestReading(found).data)

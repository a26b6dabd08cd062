"""What every API view shares: scopes, strict parameters, pages, versions, throttles, and once is once."""

from __future__ import annotations

import hashlib
import json
import math
import re
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, cast

import django_filters as filters
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, fields, generics, pagination, permissions, serializers, throttling
from rest_framework.filters import BaseFilterBackend
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portfolio.lists import LARGEST_PAGE, LAST_PAGE, PAGE_SIZE, whole_number
from portfolio.models import ApiToken, RepeatableRequest, SavedView
from portfolio.rest import cost
from portfolio.rest.problems import Problem, WrongParameters, unknown
from portfolio.typed.bounds import LARGEST, SMALLEST, refused
from portfolio.wording import listed

M = TypeVar("M", bound=models.Model)
NUMBER = re.compile(r"[0-9]{1,19}(\.[0-9]{1,20})?")
KEY = re.compile("[!-~]{1,255}")  # as fund/api/schema.py describes it
STORED = range(200, 300)  # whatever refuses has no effect, so its answer is not kept


# --- who may -------------------------------------------------------------------------------------------
class HasScope(permissions.BasePermission):
    """A token needs the scope that the view names for the method; a view that names none is closed to tokens."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        method = "GET" if request.method in permissions.SAFE_METHODS else str(request.method)
        scopes = getattr(view, "scopes", {})
        needed = scopes.get(method, "")
        if request.method == "OPTIONS" and set(scopes.values()) & set(request.auth.scopes):
            return True
        if needed in request.auth.scopes or request.method not in view.allowed_methods:
            return True
        raise Problem("insufficient_scope", _("This needs the scope %(scope)s.") % {"scope": needed or "—"})


def has_scope(request: Request | HttpRequest, scope: str) -> bool:
    """A page's request carries no token, and so no limit."""
    token = getattr(request, "auth", None)
    return not isinstance(token, ApiToken) or scope in token.scopes


class CostThrottle(throttling.BaseThrottle):
    """Every write, by what the person's writes of late have cost (portfolio/rest/cost.py)."""

    def allow_request(self, request: Request, view: Any) -> bool:
        is_write = request.method not in permissions.SAFE_METHODS
        self.seconds = cost.wait_seconds(request.user.pk) if is_write and request.user.pk else 0
        return not self.seconds

    def wait(self) -> float:
        return self.seconds


class PostThrottle(throttling.SimpleRateThrottle):
    """So many POSTs a person: `throttle_scope` of the view names the entry of API_RATES."""

    scope: str

    def __init__(self) -> None:
        """The rate is known once the view is."""

    def allow_request(self, request: Any, view: Any) -> bool:
        if request.method != "POST":
            return True
        self.scope = view.throttle_scope
        self.rate = settings.API_RATES[self.scope]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return super().allow_request(request, view)

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"api_rate_{self.scope}_{request.user.pk}"


# --- lists ---------------------------------------------------------------------------------------------
class Pages(pagination.PageNumberPagination):
    page_size = PAGE_SIZE
    max_page_size = LARGEST_PAGE
    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int:
        asked = whole_number(request.query_params.get("page_size", str(PAGE_SIZE)), LARGEST_PAGE)
        if asked is None:
            words = _("A whole number from 1 to %(most)s, please.") % {"most": LARGEST_PAGE}
            raise WrongParameters({"page_size": [exceptions.ErrorDetail(words, "invalid")]})
        return asked

    def get_page_number(self, request: Request, paginator: Any) -> str:
        asked = request.query_params.get("page", "1")
        if whole_number(asked, LAST_PAGE) is None:
            words = _("A whole number of at least 1, please.")
            raise WrongParameters({"page": [exceptions.ErrorDetail(words, "invalid")]})
        return asked

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        described["required"] = ["count", "next", "previous", "results"]
        for name in ("next", "previous"):  # the framework's `nullable` is a word of OpenAPI 3.0, unknown to 3.1
            described["properties"][name].pop("nullable")
            described["properties"][name]["type"] = ["string", "null"]
        return described

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        whole = {"type": "integer", "minimum": 1}
        return [
            {"name": "page", "in": "query", "required": False, "schema": whole | {"maximum": LAST_PAGE}},
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "schema": whole | {"maximum": LARGEST_PAGE, "default": PAGE_SIZE},
            },
        ]


class Filters(BaseFilterBackend):
    """Narrow by the view's FilterSet; a wrong value is refused, not ignored."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        chosen = view.filterset_class(data=view.asked(request), queryset=queryset, request=request)
        if not chosen.is_valid():
            wrong = chosen.errors.as_data()
            raise WrongParameters({name: [_detail(error) for error in errors] for name, errors in wrong.items()})
        return chosen.qs

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        known = [_parameter(name, one) for name, one in view.filterset_class.base_filters.items()]
        if view.saved_list:
            told = "Name of a saved view: asks what it stands for; what stands beside it has the last word"
            known.append(_word("view", told))
            known.append(_word("cols", "Columns of the page; changes nothing here"))
        return known


def _detail(error: Any) -> exceptions.ErrorDetail:
    words = str(error.message)
    return exceptions.ErrorDetail(words % error.params if error.params else words, error.code or "invalid")


def _parameter(name: str, one: Any) -> dict[str, Any]:
    """A filter as OpenAPI tells it."""
    extra, schema = one.extra, dict[str, Any]()
    if isinstance(one, filters.OrderingFilter):
        schema = {"type": "string", "enum": [code for code, _label in one.extra["choices"]]}
    elif isinstance(one, filters.MultipleChoiceFilter):
        schema = {"type": "array", "items": {"type": "string", "enum": [code for code, _label in extra["choices"]]}}
    elif isinstance(one, filters.ChoiceFilter):
        schema = {"type": "string", "enum": [code for code, _label in extra["choices"]]}
    elif isinstance(one, filters.NumberFilter):
        schema = {"type": "integer" if "decimal_places" in extra else "number"}
        schema |= {"minimum": extra["min_value"], "maximum": extra["max_value"]}
    elif isinstance(one, filters.DateFilter):
        schema = {"type": "string", "format": "date"}
    else:
        schema = {"type": "string", "maxLength": extra["max_length"]}
    described = {"name": name, "in": "query", "required": False, "schema": schema}
    if isinstance(one, filters.MultipleChoiceFilter):
        described |= {"style": "form", "explode": True}
    return described | ({"description": str(one._label)} if one._label else {})


def _word(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": description}


# --- the views -----------------------------------------------------------------------------------------
def word_asked(request: Request, longest: int) -> str | None:
    """What `q` looks for; None without it. Raises WrongParameters."""
    asked = request.query_params.get("q")
    if asked is not None and len(asked) > longest:
        words = _("At most %(most)s characters, please.") % {"most": longest}
        raise WrongParameters({"q": [exceptions.ErrorDetail(words, "max_length")]})
    return asked


class JsonBody(JSONParser):
    """JSON; nested without end it is unreadable, not a fault of ours."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as too_deep:
            raise exceptions.ParseError from too_deep


class ApiView(APIView):
    """Asks tokens for their scope, and refuses query parameters that it does not know or that have no value."""

    parser_classes = [JsonBody]
    permission_classes = [permissions.IsAuthenticated, HasScope]
    scopes: ClassVar[Mapping[str, str]] = {}
    parameters: ClassVar[frozenset[str]] = frozenset()
    saved_list: ClassVar[str] = ""  # of SavedView.List: `view=NAME` asks what that view stands for

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":  # read now: a CSRF check would consume a multipart body
            request._request.body  # noqa: B018
        super().initial(request, *args, **kwargs)
        known = self.known_parameters() if request.method in permissions.SAFE_METHODS else frozenset()
        wrong = {name: [unknown(name)] for name in sorted(set(request.query_params) - known)}
        for name in sorted(set(request.query_params) - set(wrong)):
            if not all(value.strip() for value in request.query_params.getlist(name)):
                # A filter without a value is a slip in a program: were it ignored, all rows would look like the answer.
                wrong[name] = [exceptions.ErrorDetail(_("A value, please, or leave the parameter out."), "blank")]
        if wrong:
            raise WrongParameters(wrong)

    def get_throttles(self) -> list[Any]:
        return [CostThrottle(), *super().get_throttles()]

    def asked(self, request: Request) -> QueryDict:
        """What the list is narrowed by: of a view its question, in which what stands beside it has the last word."""
        name = request.query_params.get("view") if self.saved_list else None
        if name is None:
            return request.query_params
        view = SavedView.objects.filter(list=self.saved_list).named(name, request.user)
        if view is None:
            words = _("There is no view named “%(name)s”.") % {"name": name[:60]}
            raise WrongParameters({"view": [exceptions.ErrorDetail(words, "invalid_choice")]})
        return view.asked_with(request.query_params)

    def known_parameters(self) -> frozenset[str]:
        return self.parameters

    @property
    def person(self) -> User:
        return cast(User, self.request.user)


class Posting(ApiView):
    """A view whose POST may carry an Idempotency-Key; it says in `act` what is to be done."""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return once(request, lambda: self.act(request, **kwargs))

    def act(self, request: Request, **kwargs: Any) -> Response:
        raise NotImplementedError


class Listing(ApiView, generics.ListAPIView[M]):
    """A page of what the person may see, narrowed by a FilterSet."""

    filterset_class: ClassVar[Any]
    filter_backends = [Filters]
    pagination_class = Pages

    def known_parameters(self) -> frozenset[str]:
        known = frozenset({"page", "page_size", "fields", *self.filterset_class.base_filters})
        return known | {"view", "cols"} if self.saved_list else known  # `cols` is the page's, and changes nothing here


class Reading(ApiView, generics.RetrieveAPIView[M]):
    """One thing that the person may see; with an ETag where its serializer says what its version is."""

    parameters = frozenset({"fields"})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.get_object()
        tag = etag(found)
        if tag and tag in etags_of(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": tag})
        return Response(self.get_serializer(found).data, headers={"ETag": tag} if tag else None)


# --- serializers ---------------------------------------------------------------------------------------
class Chosen(serializers.ModelSerializer[M]):
    """`fields=a,b` leaves only those."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        view, request = self.context.get("view"), self.context.get("request")
        asked = request.query_params.get("fields") if request and isinstance(view, ApiView) else None
        if asked is None:
            return
        names = [name.strip() for name in asked.split(",") if name.strip()]
        wrong = sorted(set(names) - set(self.fields)) or ([""] if not names else [])
        if wrong:
            words = _("“%(name)s” is not a field. Fields: %(fields)s")
            said = [words % {"name": name, "fields": listed(self.fields)} for name in wrong]
            raise WrongParameters({"fields": [exceptions.ErrorDetail(text, "invalid_choice") for text in said]})
        for name in set(self.fields) - set(names):
            self.fields.pop(name)


class Strict(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a slip in a name must not look like success."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            strangers = sorted(str(name) for name in data if name not in self.fields)
            if strangers:
                raise serializers.ValidationError({name: [unknown(name)] for name in strangers})
        return super().to_internal_value(data)


class PassedOver(fields.Field[Any, Any, Any, Any]):
    """What only an answer tells: a body may bring it back, so that what was read can be written as it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, help_text="Of the answer; passed over", **kwargs)

    def run_validation(self, data: Any = fields.empty) -> Any:
        raise fields.SkipField


class Unchanged(PassedOver):
    """What no body may change: it may come back as it stands in `told` of the context, the answer that was read."""

    def run_validation(self, data: Any = fields.empty) -> Any:
        stands = self.context.get("told", {}).get(self.field_name, fields.empty)
        if data is not fields.empty and (stands is fields.empty or data != stands):
            detail = _("It cannot be changed here: send it back as it is, or leave it out.")
            raise serializers.ValidationError(detail, code="read_only")
        raise fields.SkipField


class AmountField(fields.Field[float, Any, str, Any]):
    """A number of at least 0, as a decimal string such as "1234.5" or a JSON number.

    `bound` names the quantity of data/bounds.csv; without it another rule knows what there can be of it. Only a
    `signed` one may be below 0. `words`: what a kind of it takes instead of a number.
    """

    words: ClassVar[tuple[str, ...]] = ()

    default_error_messages = {
        "invalid": gettext_lazy("A decimal number such as “1234.5”, please: no grouping, no exponent, no unit."),
        "too_large": "{why}",
        "too_small": gettext_lazy("Nothing is measured as finely as this."),
    }

    def __init__(self, *, bound: str = "", signed: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bound, self.signed = bound, signed

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            self.fail("invalid")
        if isinstance(data, str) and not NUMBER.fullmatch(data.removeprefix("-") if self.signed else data):
            self.fail("invalid")
        try:
            value = float(data)
        except OverflowError:
            value = math.inf
        if math.isnan(value) or (value < 0 and not self.signed):
            self.fail("invalid")
        if abs(value) > LARGEST:
            self.fail("too_large", why=_("Nothing of a company is as large as this."))
        if 0 < abs(value) < SMALLEST:
            self.fail("too_small")
        if self.bound and (why := refused(self.bound, value)):
            self.fail("too_large", why=why)
        return value + 0.0

    def to_representation(self, value: float) -> str:
        return decimal_text(value)


def decimal_text(value: float) -> str:
    """Every digit the number has, without exponent: 1e21 → 1000000000000000000000."""
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def amount(value: float | None, unit: str) -> dict[str, str] | None:
    """A number on its way out never travels without its unit."""
    return None if value is None else {"value": decimal_text(value), "unit": unit}


# --- versions ------------------------------------------------------------------------------------------
def etag(found: Any) -> str:
    """A hash of the version counter, never of a time. Empty for what has no version."""
    for counter in ("edition", "digest"):
        if hasattr(found, counter):
            words = f"{found._meta.label_lower} {found.pk} {getattr(found, counter)}"
            return '"' + hashlib.sha256(words.encode()).hexdigest()[:32] + '"'
    return ""


def require_match(request: Request, found: Any) -> None:
    """The caller has read exactly this version. 428 when they do not say, 412 when it is another."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise Problem("precondition_required")
    if etag(found) not in etags_of(given, weak=False):
        raise Problem("precondition_failed")


def etags_of(header: str, *, weak: bool = True) -> list[str]:
    tags = [tag.strip() for tag in header.split(",")]
    return [tag.removeprefix("W/") for tag in tags] if weak else tags


# --- once ----------------------------------------------------------------------------------------------
def once(request: Request, act: Callable[[], Response]) -> Response:
    """Do it in one transaction; with an Idempotency-Key, once however often it is asked for.

    The row under its lock is committed first. The answer is stored in the transaction of the effect, and only while
    the lock is still ours: no stored answer means no effect, so whoever comes after a crash may safely run it.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        with transaction.atomic():
            return act()
    if not KEY.fullmatch(key):
        words = _("1 to 255 printable ASCII characters without spaces, please.")
        raise serializers.ValidationError({"Idempotency-Key": [exceptions.ErrorDetail(words, "invalid")]})
    body_sha256 = hashlib.sha256(request._request.body).hexdigest()
    lock = _lock(cast(User, request.user), f"{request.method} {request.path}", key, body_sha256)
    if isinstance(lock, RepeatableRequest):
        return _replay(lock)
    try:
        with transaction.atomic():
            response = act()
            if response.status_code in STORED:
                _store(lock, response)
            else:
                transaction.set_rollback(True)
    except BaseException:
        _release(lock)
        raise
    if response.status_code not in STORED:
        _release(lock)
    return response


def _lock(user: User, route: str, key: str, body_sha256: str) -> uuid.UUID | RepeatableRequest:
    """Our lock, or the finished row. Refuses another body, and a request that is still running."""
    mine = uuid.uuid4()
    until = Now() + RepeatableRequest.LOCK
    rows = RepeatableRequest.objects.filter(user=user, route=route, key=key)
    try:
        with transaction.atomic():
            RepeatableRequest.objects.create(
                user=user, route=route, key=key, body_sha256=body_sha256, lock_token=mine, locked_until=until
            )
        return mine
    except IntegrityError:
        found = rows.first()
    if found is None:  # released between our insert and our look
        raise Problem("request_running", wait_seconds=1)
    if found.body_sha256 != body_sha256:
        raise Problem("key_reused")
    if found.is_finished:
        return found
    taken = rows.filter(status__isnull=True, lock_token=found.lock_token, locked_until__lt=Now())
    if taken.update(lock_token=mine, locked_until=until) == 1:
        return mine
    raise Problem("request_running", wait_seconds=1)


def _store(lock: uuid.UUID, response: Response) -> None:
    stored = RepeatableRequest.objects.filter(lock_token=lock, status__isnull=True).update(
        status=response.status_code,
        location=response.headers.get("Location", ""),
        etag=response.headers.get("ETag", ""),
        answer=JSONRenderer().render(response.data).decode(),
    )
    if stored != 1:  # we were so slow that somebody else runs it now: leave no effect
        raise Problem("request_running", wait_seconds=1)


def _release(lock: uuid.UUID) -> None:
    RepeatableRequest.objects.filter(lock_token=lock, status__isnull=True).delete()


def _replay(done: RepeatableRequest) -> Response:
    headers = {"Idempotency-Replayed": "true"}
    headers |= {name: value for name, value in (("Location", done.location), ("ETag", done.etag)) if value}
    return Response(json.loads(done.answer), done.status, headers=headers)

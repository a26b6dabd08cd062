"""API: the fund's candidates, as their page lists them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from fund.models import Candidate, Decision, Proposal
from fund.pipeline.report import CandidatesOfFund, judged
from fund.pipeline.standing import Standing, standings
from portfolio.models import SavedView, Scope
from portfolio.rest.described import AMOUNT, FIELDS
from portfolio.rest.views import Chosen, Listing, amount, decimal_text
from scoring.access import fund_side_only
from scoring.candidates import amounts, words
from scoring.candidates.listing import families_by_sheet
from scoring.engine.score.record import BARS, BarRecord, CandidacyResult
from scoring.models import Headline, LatestScore

NUMBER = {"type": ["string", "null"]}
MISSING = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "who": {"type": "string", "enum": ["company", "verifier", "fund"]}},
    "required": ["name", "who"],
}
BAR = {
    "type": "object",
    "properties": {
        "state": {"type": "string", "enum": ["cleared", "missed", "unknown"]},
        "because": {"type": "string"},
        "value": AMOUNT,
        "bar": AMOUNT,
        "margin": NUMBER,
        "p": NUMBER,
        "year": {"type": ["integer", "null"]},
        "awaited_year": {"type": ["integer", "null"]},
        "evidence": {"type": ["string", "null"]},
        "on_the_line": {"type": "boolean"},
        "missing": {"type": "array", "items": MISSING},
    },
    "required": [
        *("state", "because", "value", "bar", "margin", "p", "year", "awaited_year", "evidence", "on_the_line"),
        "missing",
    ],
}
P = {
    "type": ["object", "null"],
    "properties": {"cleared": {"type": "integer"}, "p_cleared": NUMBER},
    "required": ["cleared", "p_cleared"],
}
QUESTION = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "bar": {"type": "string"}, "text": {"type": "string"}},
    "required": ["code", "bar", "text"],
}
GATES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "gate": {"type": "string"},
            "verdict": {"type": "string"},
            "because": {"type": "string"},
            "evidence": {"type": "array", "items": {"type": "string"}},
            "who": {"type": ["string", "null"]},
        },
        "required": ["gate", "verdict", "because", "evidence", "who"],
    },
}
STANDING = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "fund": {"type": "integer"},
            "stage": {"type": "string", "enum": Candidate.Stage.values},
            "kind": {"type": ["string", "null"], "enum": [*Proposal.Kind.values, None]},
            "outcome": {"type": ["string", "null"], "enum": [*Decision.Outcome.values, None]},
            "follower": {"type": ["string", "null"]},
        },
        "required": ["fund", "stage", "kind", "outcome", "follower"],
    },
}


class CandidateSerializer(Chosen[LatestScore]):
    """A candidate as its list shows it. `assisted` orders nothing; whoever is not admitted has no P."""

    company = serializers.CharField(source="company.company_key")
    name = serializers.CharField(source="company.name", help_text="In the caller's language where it is known.")
    is_illustrative = serializers.BooleanField(source="company.is_illustrative")
    score = serializers.IntegerField(source="score_id")
    run = serializers.IntegerField(source="score.run_id")
    bar_sheet = serializers.SerializerMethodField(
        help_text="By which it was judged: an earlier one until the run by the one in force is done"
    )
    track = serializers.CharField(help_text="Empty: none yet")
    gates = serializers.CharField(help_text="passed, open or failed")
    group = serializers.CharField(source="part", help_text="3, 2, 1, 0, unknown, no_figures or not_admitted")
    gate_verdicts = serializers.SerializerMethodField()
    p_cleared = serializers.SerializerMethodField(help_text="Product over the cleared bars: with their count the order")
    p_low = serializers.SerializerMethodField()
    p_high = serializers.SerializerMethodField()
    assisted = serializers.SerializerMethodField(help_text="With own emissions filled in by a model (E5)")
    contribution = serializers.SerializerMethodField()
    resilience = serializers.SerializerMethodField()
    footprint = serializers.SerializerMethodField()
    question = serializers.SerializerMethodField(help_text="What is asked first; its text in the caller's language")
    standing = serializers.SerializerMethodField(
        help_text="With each fund of yours: how far it is, what the committee decided last (kind and outcome of that"
        " proposal, null before the first), and the user name of who follows it"
    )
    notes = serializers.SerializerMethodField(help_text="How many the fund's people have written about it")
    requests_open = serializers.SerializerMethodField(help_text="Data requests that wait for the company")
    requests_overdue = serializers.SerializerMethodField(help_text="Of those, whose day has passed")

    class Meta:
        model = LatestScore
        fields = (
            *("company", "name", "is_illustrative", "track", "family", "stage", "group", "gates", "gate_verdicts"),
            *("cleared", "known", "p_cleared", "p_low", "p_high", "assisted", "contribution", "resilience"),
            *("footprint", "question", "evidence", "data_year", "score", "run", "bar_sheet", "as_of"),
            *("standing", "notes", "requests_open", "requests_overdue"),
        )
        read_only_fields = fields

    @staticmethod
    def _candidacy(latest: LatestScore) -> CandidacyResult:
        found = latest.score.record["candidacy"]
        assert found is not None, latest  # noqa: S101
        return found

    def _p(self, latest: LatestScore, p: float | None) -> str | None:
        is_admitted = latest.group_code != Headline.Group.NOT_ADMITTED
        return decimal_text(p) if p is not None and is_admitted else None

    def get_bar_sheet(self, latest: LatestScore) -> str:
        return _sheet_of(latest)

    @extend_schema_field(GATES)
    def get_gate_verdicts(self, latest: LatestScore) -> list[dict[str, Any]]:
        kept = ("gate", "verdict", "because", "evidence", "who")
        return [{name: gate[name] for name in kept} for gate in self._candidacy(latest)["gates"]]  # type: ignore[literal-required]

    @extend_schema_field(NUMBER)
    def get_p_cleared(self, latest: LatestScore) -> str | None:
        return self._p(latest, latest.p_cleared)

    @extend_schema_field(NUMBER)
    def get_p_low(self, latest: LatestScore) -> str | None:
        return self._p(latest, latest.p_low)

    @extend_schema_field(NUMBER)
    def get_p_high(self, latest: LatestScore) -> str | None:
        return self._p(latest, latest.p_high)

    @extend_schema_field(P)
    def get_assisted(self, latest: LatestScore) -> dict[str, Any] | None:
        if latest.assisted_cleared is None:
            return None
        return {"cleared": latest.assisted_cleared, "p_cleared": self._p(latest, latest.assisted_p)}

    @extend_schema_field(BAR)
    def get_contribution(self, latest: LatestScore) -> dict[str, Any]:
        return _bar("c", self._candidacy(latest)["c"])

    @extend_schema_field(BAR)
    def get_resilience(self, latest: LatestScore) -> dict[str, Any]:
        return _bar("r", self._candidacy(latest)["r"])

    @extend_schema_field(BAR)
    def get_footprint(self, latest: LatestScore) -> dict[str, Any]:
        return _bar("o", self._candidacy(latest)["o"])

    @extend_schema_field(QUESTION)
    def get_question(self, latest: LatestScore) -> dict[str, str]:
        candidacy = self._candidacy(latest)
        family = self.context["families"].get(_sheet_of(latest), {}).get(latest.family)
        asked = candidacy["question"]
        return {
            "code": asked["code"],
            "bar": asked["bar"] if asked["bar"] in BARS else "",
            "text": words.question_sentence(candidacy, family),
        }

    # --- with the fund ---
    def _standings(self, latest: LatestScore) -> list[Standing]:
        found: list[Standing] = self.context["standings"].get(latest.company_id, [])
        return found

    @extend_schema_field(STANDING)
    def get_standing(self, latest: LatestScore) -> list[dict[str, Any]]:
        kept = ("fund", "stage", "kind", "outcome", "follower")
        return [{name: getattr(one, name) for name in kept} for one in self._standings(latest)]

    def get_notes(self, latest: LatestScore) -> int:
        return next((one.notes for one in self._standings(latest)), 0)

    def get_requests_open(self, latest: LatestScore) -> int:
        return next((one.requests for one in self._standings(latest)), 0)

    def get_requests_overdue(self, latest: LatestScore) -> int:
        return next((one.overdue for one in self._standings(latest)), 0)


def _sheet_of(latest: LatestScore) -> str:
    sheet = latest.score.run.bar_sheet
    return sheet.version if sheet else ""


def _bar(bar: str, record: BarRecord) -> dict[str, Any]:
    unit = "share" if bar == "r" else amounts.per_unit(record["unit"], record["denominator"] if bar == "c" else "")
    told: dict[str, Any] = {
        name: record[name] for name in ("state", "because", "year", "awaited_year", "evidence", "on_the_line")
    }
    return told | {
        "value": amount(record["value"], unit),
        "bar": amount(record["bar"], unit),
        "margin": None if record["margin"] is None else decimal_text(record["margin"]),
        "p": None if record["p"] is None else decimal_text(record["p"]),
        "missing": [{"name": one["name"], "who": one["who"]} for one in record["missing"]],
    }


@extend_schema_view(
    get=extend_schema(
        operation_id="candidates_list",
        description="Candidates of your funds by the bar sheet that judged them last, as their page lists them: by bars"
        " cleared, gates passed before open, P of the cleared bars, company key. One track is one list: ask with"
        " `track`.",
        parameters=[FIELDS],
    )
)
class Candidates(Listing[LatestScore]):
    scopes = {"GET": Scope.SCORES_READ}
    serializer_class = CandidateSerializer
    filterset_class = CandidatesOfFund
    saved_list = SavedView.List.CANDIDATES
    on_page: Sequence[int] = ()  # companies

    @cached_property
    def judged(self) -> models.QuerySet[LatestScore]:
        return judged(self.request.user)[1]

    def get_queryset(self) -> models.QuerySet[LatestScore]:
        fund_side_only(self.request)
        found = self.judged.select_related("company", "score__run__bar_sheet")
        return found.defer("score__run__bar_sheet__content")

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        self.on_page = [row.company_id for row in page or ()]
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        of_page = standings(self.request.user, self.on_page)
        return {**super().get_serializer_context(), "families": families_by_sheet(self.judged), "standings": of_page}

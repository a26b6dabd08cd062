"""Models: what estimates, how good it is, which scores rest on it, and who put it in force.

The fund's side reads; administrators take tables, fit candidates, propose, confirm and roll back.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio.models import Sector
from scoring.access import act, administrator, fund_side_only, may_act
from scoring.errors import ModelRefused
from scoring.estimators import registry, training_sets
from scoring.estimators import watch as model_watch
from scoring.estimators.training_sets import MOST_BYTES, Taken
from scoring.estimators.training_tables import TrainingTableError, UnreadableTable
from scoring.estimators.words import ModelReport, drift_row, refusal_words
from scoring.models import Score
from scoring.models.estimator import ModelChange, ModelVersion, NightlyLook, TrainingSet

ROWS_A_PAGE = 25
FAULTS_SHOWN = 100


# --- pages -----------------------------------------------------------------------------------------------
@login_required
@require_GET
def models_list(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    found = ModelVersion.objects.visible_to(request.user).select_related("training_set", "made_by")
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    champion = ModelVersion.champion()
    context = {
        "page": page,
        "champion": ModelReport(champion) if champion else None,
        "reports": [ModelReport(model) for model in page],
        "sets": TrainingSet.objects.visible_to(request.user).defer("content").select_related("taken_by")[:50],
        "look": NightlyLook.objects.select_related("made").first(),
        "may_act": may_act(request),
    }
    return render(request, "scoring/estimators/models.html", context)


@login_required
@require_GET
def model(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _model_or_404(request, pk)
    changes = ModelChange.objects.select_related("model", "replaces", "proposed_by", "decided_by")
    resting = Score.objects.visible_to(request.user).filter(model=shown).select_related("company", "run")
    comparison = registry.comparison_of(shown)
    context = {
        "report": ModelReport(shown),
        "comparison": comparison,
        "shadow": model_watch.shadow_of(shown, comparison.champion) if comparison else None,
        "open_change": changes.filter(model=shown, outcome=ModelChange.Outcome.OPEN).first(),
        "changes": changes.filter(model=shown).exclude(outcome=ModelChange.Outcome.OPEN),
        "before": registry.before_champion() if shown.state == ModelVersion.State.CHAMPION else None,
        "scores": Paginator(resting.defer("record_json"), ROWS_A_PAGE).get_page(request.GET.get("page")),
        "may_act": may_act(request),
    }
    return render(request, "scoring/estimators/model.html", context)


@login_required
@require_GET
def training_set(request: HttpRequest, pk: int) -> HttpResponse:
    fund_side_only(request)
    found = get_object_or_404(TrainingSet.objects.visible_to(request.user).defer("content"), pk=pk)
    reports = [ModelReport(each) for each in found.versions.select_related("training_set")]
    context = {"set": found, "reports": reports, "may_act": may_act(request)}
    return render(request, "scoring/estimators/training_set.html", context)


@login_required
@require_GET
def model_drift(request: HttpRequest) -> HttpResponse:
    fund_side_only(request)
    champion = ModelVersion.champion()
    found = champion.drift.first() if champion else None
    context: dict[str, Any] = {"champion": champion}
    if found:
        sectors = dict(Sector.choices)
        unseen = [(sectors.get(code, code), n) for code, n in found.report["unseen_sectors"].items()]
        features = [drift_row(told) for told in found.report["features"]]
        context |= {"drift": found.report, "written": found.at, "unseen": unseen, "features": features}
    return render(request, "scoring/estimators/model_drift.html", context)


# --- training sets ------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def training_set_new(request: HttpRequest) -> HttpResponse:
    """First the file: everything that is wrong with it, by row. Then, seen, it is taken."""
    by = _admin(request)
    given = {name: request.POST.get(name, "").strip() for name in ("licence", "origin")}
    context: dict[str, Any] = {"given": given, "most_mb": MOST_BYTES // 1_000_000}
    if request.method == "GET":
        return render(request, "scoring/estimators/training_set_new.html", context)
    try:
        raw, name = _content(request)
        taken = training_sets.read_table(raw, name)
        if request.POST.get("seen") == taken.table.digest:
            made, is_new = training_sets.take_table(taken, **given, kind=TrainingSet.Kind.UPLOADED, by=by)
            words = _("The training set is taken.") if is_new else _("This training set is there already.")
            messages.success(request, words)
            return redirect("scoring:training_set", made.pk)
        if not all(given.values()):
            raise ModelRefused(_("A training set needs its licence and its origin."))
    except (TrainingTableError, ModelRefused) as refused:
        return render(
            request, "scoring/estimators/training_set_new.html", context | {"refusal": refusal_words(refused)}
        )
    context |= _preview(taken, raw)
    return render(request, "scoring/estimators/training_set_new.html", context)


def _content(request: HttpRequest) -> tuple[bytes, str]:
    """The file, or what the preview carried along. Raises TrainingTableError."""
    file = request.FILES.get("file")
    if file is not None:
        if (file.size or 0) > MOST_BYTES:
            raise UnreadableTable("larger than 5 MB", file.name)
        return file.read(), file.name or "table.csv"
    try:
        packed = base64.b64decode(request.POST.get("packed", ""), validate=True)
        raw = zlib.decompressobj(wbits=31).decompress(packed, MOST_BYTES + 1)
    except (binascii.Error, zlib.error) as error:
        raise UnreadableTable("no file came with the form") from error
    if not raw:
        raise UnreadableTable("no file came with the form")
    return raw, request.POST.get("name", "table.csv")[:120]


def _preview(taken: Taken, raw: bytes) -> dict[str, Any]:
    return {
        "taken": taken,
        "rows": len(taken.table.batch),
        "companies": len(set(taken.table.batch.company_key)),
        "faults": taken.table.faults[:FAULTS_SHOWN],
        "more_faults": max(0, len(taken.table.faults) - FAULTS_SHOWN),
        "packed": base64.b64encode(gzip.compress(taken.text.encode(), mtime=0)).decode(),
    }


@login_required
@require_POST
def training_set_built(request: HttpRequest) -> HttpResponse:
    """From the verified disclosures, beside the table of the champion."""
    by = _admin(request)
    champion = ModelVersion.objects.select_related("training_set").filter(state=ModelVersion.State.CHAMPION).first()
    try:
        if not training_sets.verified_rows():
            raise ModelRefused(_("There is no verified disclosure with both scopes yet."))
        made, is_new = training_sets.take_verified(champion.training_set if champion else None, by)
    except (TrainingTableError, ModelRefused) as refused:
        messages.error(request, refusal_words(refused))
        return redirect("scoring:models")
    messages.success(request, _("The training set is taken.") if is_new else _("This training set is there already."))
    return redirect("scoring:training_set", made.pk)


@login_required
@require_POST
def training_set_fit(request: HttpRequest, pk: int) -> HttpResponse:
    by = _admin(request)
    found = get_object_or_404(TrainingSet.objects.visible_to(request.user), pk=pk)
    try:
        made, is_new = registry.make_candidate(found, by=by)
    except (TrainingTableError, ModelRefused) as refused:
        messages.error(request, refusal_words(refused))
        return redirect("scoring:training_set", pk)
    if not is_new:
        messages.info(request, _("This recipe exists: the same table gives the same model."))
    return redirect(made)


# --- in force -------------------------------------------------------------------------------------------------
@login_required
@require_POST
def model_challenge(request: HttpRequest, pk: int) -> HttpResponse:
    by, shown = _admin(request), _model_or_404(request, pk)
    return act(request, shown, lambda: registry.challenge(shown, by=by), _("The model runs in shadow from now on."))


@login_required
@require_POST
def model_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    by, shown = _admin(request), _model_or_404(request, pk)
    return act(request, shown, lambda: registry.withdraw(shown, by=by), _("The model is a candidate again."))


@login_required
@require_POST
def model_propose(request: HttpRequest, pk: int) -> HttpResponse:
    by, shown = _admin(request), _model_or_404(request, pk)
    reason, seen = request.POST.get("reason", "")[:2000], request.POST.get("statistics", "")
    return act(
        request,
        shown,
        lambda: registry.propose(shown, by=by, reason=reason, statistics_sha256=seen),
        _("Proposed. Another administrator confirms or rejects it."),
    )


@login_required
@require_POST
def model_decide(request: HttpRequest, pk: int) -> HttpResponse:
    by = _admin(request)
    change = get_object_or_404(ModelChange.objects.select_related("model"), pk=pk)
    answer = request.POST.get("answer", "")
    if answer not in ("confirm", "reject"):
        messages.error(request, _("Confirm or reject, please."))
        return redirect(change.model)
    seen = request.POST.get("statistics", "")
    return act(
        request,
        change.model,
        lambda: registry.decide(change, by=by, confirmed=answer == "confirm", statistics_sha256=seen),
        _("Your answer is recorded."),
    )


@login_required
@require_POST
def model_roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    by, shown = _admin(request), _model_or_404(request, pk)
    if shown.state != ModelVersion.State.CHAMPION:
        messages.error(request, _("Another model is in force by now. Look again, please."))
        return redirect(shown)
    reason = request.POST.get("reason", "")[:2000]
    return act(
        request, shown, lambda: registry.roll_back(by=by, reason=reason), _("The model before is in force again.")
    )


# --- who may -----------------------------------------------------------------------------------------------------
def _admin(request: HttpRequest) -> User:
    return administrator(request, _("Only administrators change models and training sets."))


def _model_or_404(request: HttpRequest, pk: int) -> ModelVersion:
    fund_side_only(request)
    found = ModelVersion.objects.visible_to(request.user).select_related("training_set", "made_by")
    return get_object_or_404(found.defer("training_set__content"), pk=pk)

"""How a run is started, worked on and closed. The rows are the queue; Celery only saves waiting.

States move only by conditional UPDATE. Whoever holds an item's lease token may write its result (the fence); a
worker that comes late changes nothing, nor does one whose token a cancel took back. So shards are written side by
side: only claim, settle and cancel lock the run's row. Lease times come from the database's clock, never a worker's.
"""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portfolio import audit, bulk
from portfolio.models import Company, Disclosure
from portfolio.signals import candidates_to_be_told, scores_kept
from scoring import snapshots
from scoring.engine import VERSION, Inputs, canonical_json, digest
from scoring.engine.errors import EngineError
from scoring.engine.score.bar_sheet import BarSheet as EngineSheet
from scoring.engine.score.measured import MeasuredRules
from scoring.engine.score.record import CandidacyResult, ScoreRecord
from scoring.engine.score.theme import score
from scoring.errors import RunRefused
from scoring.estimators import registry
from scoring.models import BarSheet, GateVerdict, Headline, LastSweep, LatestScore, Score, ScoreItem, ScoreRun
from scoring.models.estimator import ModelVersion
from scoring.tables import pathways as pathway_data
from scoring.tables.temperature import shipped_method
from scoring.wake import tell

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)

BATCH = 500  # items a worker leases at once
LOST_BATCH = 32  # of those lost once; lost twice, an item goes alone, so that the third loss is nobody else's
RENEWALS = 4  # of a lease, in its time, by a worker that lives
WAKE_AT_MOST = 4  # messages for one run, so that several workers start together
ATTEMPTS = 3
GAVE_UP = "gave up: worker lost or timed out 3 times"

_TODO = models.Q(state=ScoreItem.State.TODO)
_LAPSED = models.Q(state=ScoreItem.State.LEASED, lease_until__lt=Now())
_LOST = _LAPSED & models.Q(attempts__lt=ATTEMPTS)
_HOPELESS = _LAPSED & models.Q(attempts__gte=ATTEMPTS)  # it took three workers with it and shall take no fourth


@dataclass(frozen=True)
class Shard:
    """Items that one worker holds under one token."""

    run: ScoreRun
    token: uuid.UUID
    items: tuple[ScoreItem, ...]


# --- start -------------------------------------------------------------------------------------------
def start(
    companies: Iterable[Company],
    *,
    title: str,
    by: User | None,
    as_of: date | None = None,
    sheet: BarSheet | None = None,
) -> tuple[ScoreRun, bool]:
    """Ask for the scores of these companies. The same question returns the same run: (run, is new).

    Candidates are judged by `sheet`, which is that in force on the day where none is given; everyone else is a peer.
    A run that is asked for again stands again: the facts are once more what they were, so its scores come before
    those of questions in between. A cancelled one is revived. Raises RunRefused when there is no company.
    """
    as_of = as_of or timezone.localdate()
    sheet = sheet or BarSheet.in_force(as_of)
    taken = snapshots.take(companies, as_of, candidates=candidates() if sheet else ())
    if not taken:
        raise RunRefused(_("There is no company to score."))
    model = ModelVersion.champion()
    key = run_key(taken, sheet, as_of, model)
    try:
        with transaction.atomic():
            run = ScoreRun.objects.create(
                key=key,
                title=title,
                bar_sheet=sheet,
                model=model,
                as_of=as_of,
                company_count=len(taken),
                candidate_count=sum(one.is_candidate for one in taken),
                engine_version=VERSION,
                requested_by=by,
            )
            items = (
                ScoreItem(
                    run_id=run.pk,
                    company_id=s.company_id,
                    is_candidate=s.is_candidate,
                    inputs=s.inputs,
                    inputs_sha256=s.sha256,
                )
                for s in taken
            )
            bulk.insert(ScoreItem, items)
            audit.append(by, "run.queued", f"run:{run.pk}", digest=key, detail=f"{len(taken)} companies")
            transaction.on_commit(lambda: wake(run.pk), robust=True)
            return run, True
    except IntegrityError:
        run = ScoreRun.objects.get(key=key)
    _stand_again(run, by)
    if run.state == ScoreRun.State.CANCELLED:
        _reopen(run, ScoreRun.State.CANCELLED, by, "run.revived", [ScoreItem.State.LEASED, ScoreItem.State.FAILED])
    return run, False


def candidates() -> set[int]:
    """Ids of the companies that some fund looks at: whoever keeps funds tells."""
    return set().union(*_told())


def without_candidates(companies: models.QuerySet[Company]) -> models.QuerySet[Company]:
    """The others of these. The database compares: a thousand ids in a query cost more than its answer."""
    for told in _told():
        companies = companies.exclude(pk__in=told)
    return companies


def _told() -> list[Iterable[int]]:
    answers: Iterable[tuple[Any, Any]] = candidates_to_be_told.send(sender=ScoreRun)
    return [told for _receiver, told in answers]


def _stand_again(run: ScoreRun, by: User | None) -> None:
    """Its pointers take the new time even where they do not move, so that a run still going does not overtake them."""
    with transaction.atomic():
        stood = LatestScore.objects.filter(score__run=run).count()
        ScoreRun.objects.filter(pk=run.pk).update(asked_at=Now())
        _point_latest(run)
        moved = LatestScore.objects.filter(score__run=run).count() - stood
        if moved > 0:
            audit.append(by, "run.stands_again", f"run:{run.pk}", digest=run.key, detail=f"{moved} companies")


def run_key(
    taken: Sequence[snapshots.Snapshot], sheet: BarSheet | None, as_of: date, model: ModelVersion | None = None
) -> str:
    """SHA-256 of the question: every input's digest, the bar sheet, the engine, the day and the model in force."""
    items = sorted((snapshot.company_key, snapshot.sha256) for snapshot in taken)
    question: list[Any] = [items, sheet.digest if sheet else "", VERSION, as_of.isoformat()]
    question += [model.fingerprint] if model else []
    return digest(question)


def on_disclosure_verified(disclosure: Disclosure, by: User, **_signal: Any) -> None:
    """Queue the company's run in the transaction that verifies the disclosure."""
    company = disclosure.company
    start([company], title=f"{company.company_key} {disclosure.year} v{disclosure.version}", by=by)


def on_facts_confirmed(company: Company, by: User, **_signal: Any) -> None:
    """Queue the run of a candidate whose gate, track or family a person has confirmed, in their transaction."""
    if company.pk in candidates():
        start([company], title=f"{company.company_key} {timezone.localdate()}", by=by)


def wake(run_id: int) -> None:
    """Tell as many workers as there are batches to do."""
    todo = ScoreItem.objects.filter(run_id=run_id, state=ScoreItem.State.TODO).count()
    for _message in range(max(1, min(WAKE_AT_MOST, math.ceil(todo / BATCH)))):
        tell("drain", run_id)


# --- work --------------------------------------------------------------------------------------------
def drain(run_id: int) -> None:
    """Claim, compute and finish until nothing is open or the shard's time is up; then hand over or settle."""
    ends = time.monotonic() + settings.RUN_SHARD_SECONDS
    while time.monotonic() < ends:
        shard = claim(run_id)
        if shard is None:
            settle(run_id)
            return
        with renewed(shard):
            results = compute(shard)
        finish(shard, results)
    wake(run_id)


def claim(run_id: int, batch: int = BATCH) -> Shard | None:
    """Lease up to `batch` items that are to do, or else some whose lease ran out: few, and in the end one alone.

    Five hundred that went with their worker one by one would take minutes; one among them that kills each worker must
    not take the others along three times.
    """
    with transaction.atomic():
        # The run's row stays locked while items change hands: a claim never crosses a cancel.
        open_run = ScoreRun.objects.select_related("bar_sheet", "model").filter(pk=run_id, state__in=ScoreRun.OPEN)
        run = open_run.select_for_update(no_key=True, of=("self",)).first()
        if run is None:
            return None
        skip = connection.features.has_select_for_update_skip_locked  # SQLite has one writer: nothing to skip
        items = run.items.select_for_update(skip_locked=skip).order_by("attempts", "pk")
        # Two questions, each answered by the first rows of an index: one with OR would sort the whole run each time.
        chosen = list(items.filter(_TODO)[:batch]) or _few(list(items.filter(_LOST)[: min(LOST_BATCH, batch)]))
        if not chosen:
            return None
        token = uuid.uuid4()
        ScoreItem.objects.filter(pk__in=[item.pk for item in chosen]).update(
            state=ScoreItem.State.LEASED,
            lease_token=token,
            lease_until=Now() + timedelta(seconds=settings.RUN_LEASE_SECONDS),
            attempts=models.F("attempts") + 1,
        )
        if run.state == ScoreRun.State.QUEUED:
            ScoreRun.objects.filter(pk=run.pk).update(state=ScoreRun.State.RUNNING, started_at=Now())
    return Shard(run, token, tuple(chosen))


def _few(lost: list[ScoreItem]) -> list[ScoreItem]:
    return [item for item in lost if item.attempts == 1] or lost[:1]


@contextmanager
def renewed(shard: Shard) -> Iterator[None]:
    """While the block computes, a thread keeps the lease from running out: so it may be short, and ends with us."""
    is_over = threading.Event()
    renewing = threading.Thread(target=_renew_until, args=(is_over, shard.token), name="lease", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        is_over.set()
        renewing.join()


def _renew_until(is_over: threading.Event, token: uuid.UUID) -> None:
    try:
        while not is_over.wait(settings.RUN_LEASE_SECONDS / RENEWALS):
            try:
                renew(token)
            except DatabaseError as refused:  # the next time, or else the lease runs out and another takes over
                logger.warning("a lease was not renewed (%s)", type(refused).__name__)
                connection.close()
    finally:
        connection.close()  # this thread's own


def renew(token: uuid.UUID) -> int:
    """Set back the end of what is still held under this token; how many items that are."""
    with transaction.atomic():
        held = ScoreItem.objects.filter(lease_token=token, state=ScoreItem.State.LEASED)
        mine = list(held.select_for_update().order_by("pk").values_list("pk", flat=True))  # in the order of a cancel
        until = Now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)
        return held.filter(pk__in=mine).update(lease_until=until)


def compute(shard: Shard) -> dict[int, ScoreRecord | str]:
    """Item id → its record, or the sentence that says why there is none. Touches no database."""
    sheet = shard.run.bar_sheet.engine() if shard.run.bar_sheet else None
    try:
        return _score(shard.items, sheet, shard.run.as_of, shard.run.model)
    except SoftTimeLimitExceeded:
        raise
    except Exception as failure:  # one company's data must not cost its neighbours their score
        if len(shard.items) == 1:
            if not isinstance(failure, EngineError):
                logger.exception("run %s: company %s", shard.run.pk, shard.items[0].company_id)
            return {shard.items[0].pk: f"{type(failure).__name__}: {failure}"}
    results: dict[int, ScoreRecord | str] = {}
    for item in shard.items:
        results |= compute(Shard(shard.run, shard.token, (item,)))
    return results


def _score(
    items: Sequence[ScoreItem], sheet: EngineSheet | None, as_of: date, model: ModelVersion | None
) -> dict[int, ScoreRecord | str]:
    batch = Inputs.from_records([item.facts for item in items])
    result = score(batch, sheet, as_of, registry.estimates(batch, model), measured_rules())
    return {item.pk: result.record(position) for position, item in enumerate(items)}


@lru_cache(maxsize=1)
def measured_rules() -> MeasuredRules:
    """The tables that what is measured stands on: of this release, as the receipts say by their digest."""
    pathways = pathway_data.shipped()
    return MeasuredRules(temperature=shipped_method(), milestones=pathways.milestones, pathways=pathways.reference())


def finish(shard: Shard, results: dict[int, ScoreRecord | str]) -> int:
    """Write what this worker still holds; return how many items that were. Results without a lease are dropped."""
    rows = {item.pk: _score_row(shard.run, item, results[item.pk]) for item in shard.items}
    with transaction.atomic():
        held = ScoreItem.objects.filter(pk__in=list(rows), lease_token=shard.token, state=ScoreItem.State.LEASED)
        mine = set(held.select_for_update().order_by("pk").values_list("pk", flat=True))
        if not mine:
            return 0
        scores = [row for pk, row in rows.items() if pk in mine and isinstance(row, Score)]
        bulk.insert(Score, scores)
        _keep_verdicts(scores)
        _point_latest(shard.run, [row.company_id for row in scores])
        scores_kept.send(sender=Score, run=shard.run, companies=[row.company_id for row in scores])
        done = [pk for pk in mine if isinstance(rows[pk], Score)]
        ScoreItem.objects.filter(pk__in=done).update(
            state=ScoreItem.State.DONE, error="", lease_token=None, lease_until=None
        )
        for pk in mine.difference(done):
            ScoreItem.objects.filter(pk=pk).update(
                state=ScoreItem.State.FAILED, error=rows[pk], lease_token=None, lease_until=None
            )
        detail = f"{len(done)} done, {len(mine) - len(done)} failed"
        content = digest("".join(row.digest for row in scores))
        # Last, since every writer waits for the log's head until this transaction ends.
        audit.append(None, "run.shard", f"run:{shard.run.pk}", digest=content, detail=detail)
    return len(mine)


def _score_row(run: ScoreRun, item: ScoreItem, record: ScoreRecord | str) -> Score | str:
    """The row to store, or the error text. A number that is not finite is a failure, not a score."""
    if isinstance(record, str):
        return record
    try:
        text = canonical_json(record)
    except EngineError as not_finite:
        return f"{type(not_finite).__name__}: {not_finite}"
    measured, candidacy = record["measured"], record["candidacy"]
    assisted = candidacy["assisted"] if candidacy else None
    row = Score(
        run=run,
        company_id=item.company_id,
        kind=record["kind"],
        data_year=measured["data_year"],
        emissions_t=measured["emissions_t"],
        emissions_rung=measured["rung"],
        intensity=measured["intensity"],
        years_observed=measured["years"],
        change_per_year=measured["change_per_year"],
        intensity_change_per_year=measured["intensity_change_per_year"],
        revenue_change_per_year=measured["revenue_change_per_year"],
        temperature_c=measured["temperature_c"],
        pathway_c=measured["pathway_c"],
        model_id=run.model_id if assisted or measured["estimate"] else None,
        record_json=text,
        inputs_sha256=item.inputs_sha256,
        digest=digest(text),
    )
    if candidacy:
        _judge(row, candidacy)
    return row


def _judge(row: Score, candidacy: CandidacyResult) -> None:
    """What lists show of a candidate. The reported result alone sorts."""
    reported, assisted = candidacy["reported"], candidacy["assisted"]
    row.track, row.family, row.stage = candidacy["track"], candidacy["family"] or "", candidacy["stage"]
    row.group_code, row.gates = reported["group"], reported["gates"]
    row.cleared, row.known = reported["cleared"], reported["known"]
    row.p_cleared, row.p_low, row.p_high = reported["p_cleared"], reported["p_low"], reported["p_high"]
    row.evidence = reported["evidence"] or ""
    row.margin_c, row.margin_r, row.margin_o = (candidacy[bar]["margin"] for bar in ("c", "r", "o"))
    years = [
        year for bar in ("c", "r", "o") if (year := candidacy[bar]["year"]) and candidacy[bar]["state"] != "unknown"
    ]
    if years:
        row.data_year = min(years)
    if assisted:
        row.assisted_cleared, row.assisted_p = assisted["cleared"], assisted["p_cleared"]


def _keep_verdicts(scores: Sequence[Score]) -> None:
    """Gates that these scores decided by their evidence, where that is news. Of rows that are stored already."""
    judged = [score for score in scores if score.kind == Headline.Kind.CANDIDATE]
    standing = GateVerdict.standing([score.company_id for score in judged]) if judged else {}
    stored = {}
    if judged:
        of_run = Score.objects.filter(run=judged[0].run_id, company__in=[score.company_id for score in judged])
        stored = dict(of_run.values_list("company_id", "pk"))
    news = [
        GateVerdict(
            company_id=score.company_id,
            gate=gate["gate"],
            verdict=gate["verdict"],
            because=gate["because"],
            score_id=stored[score.company_id],
        )
        for score in judged
        for gate in score.record["candidacy"]["gates"]  # type: ignore[index]
        if gate["verdict"] != "not_decidable"
        and not gate["is_recorded"]
        and standing.get(score.company_id, {}).get(gate["gate"]) != gate["verdict"]
    ]
    GateVerdict.objects.bulk_create(news)


def _point_latest(run: ScoreRun, companies: Sequence[int] | None = None) -> None:
    """Move each company's pointer to its score of this run, unless a question asked later has been answered already.

    The one place that writes LatestScore: with the pointer goes a copy of the score's headline. All companies of the
    run, or these; in order of company, so that two runs that end at once never wait for each other in a circle.
    """
    latest, score, question = (model._meta.db_table for model in (LatestScore, Score, ScoreRun))
    which = "" if companies is None else f" AND {score}.company_id IN ({', '.join(['%s'] * len(companies)) or 'NULL'})"
    copied = Headline.columns()
    written = ["company_id", "score_id", "as_of", "asked_at", *copied]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {latest} ({', '.join(written)})"  # noqa: S608
            f" SELECT {score}.company_id, {score}.id, {question}.as_of, {question}.asked_at,"
            f" {', '.join(f'{score}.{column}' for column in copied)}"
            f" FROM {score} JOIN {question} ON {question}.id = {score}.run_id"
            f" WHERE {score}.run_id = %s{which} ORDER BY {score}.company_id"
            f" ON CONFLICT (company_id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in written[1:])}"
            f" WHERE (excluded.as_of, excluded.asked_at) >= ({latest}.as_of, {latest}.asked_at)"
            f" AND (excluded.score_id <> {latest}.score_id OR excluded.asked_at > {latest}.asked_at)",
            [run.pk, *(companies or [])],
        )


# --- close -------------------------------------------------------------------------------------------
def settle(run_id: int) -> bool:
    """Close the run when nothing is open; true for exactly one caller."""
    open_items = [ScoreItem.State.TODO, ScoreItem.State.LEASED]
    with transaction.atomic():
        open_run = ScoreRun.objects.filter(pk=run_id, state__in=ScoreRun.OPEN)
        run = open_run.select_for_update(no_key=True).first()
        if run is None:
            return False
        run.items.filter(_HOPELESS).update(
            state=ScoreItem.State.FAILED, error=GAVE_UP, lease_token=None, lease_until=None
        )
        if run.items.filter(state__in=open_items).exists():
            return False
        failed = run.items.filter(state=ScoreItem.State.FAILED).count()
        state = ScoreRun.State.PARTIAL if failed else ScoreRun.State.DONE
        closed = ScoreRun.objects.filter(pk=run_id, state__in=ScoreRun.OPEN).update(state=state, finished_at=Now())
        if closed == 1:
            audit.append(None, f"run.{state}", f"run:{run_id}", detail=f"{failed} failed")
    return closed == 1


def sweep() -> None:
    """Repair whatever a lost message, a late one or a dead worker left. Idempotent: two sweeps do no harm.

    And ask by a bar sheet whose day has come.
    """
    for run in ScoreRun.objects.open():
        if not settle(run.pk) and run.items.filter(_TODO | _LOST).exists():
            wake(run.pk)
    ask_by_new_sheet()
    LastSweep.note()


def ask_by_new_sheet() -> None:
    """Ask for the candidates of which the bar sheet in force was never asked."""
    if (sheet := BarSheet.in_force(timezone.localdate())) is None:
        return
    asked = ScoreItem.objects.filter(company=OuterRef("pk"), run__bar_sheet=sheet, is_candidate=True)
    if found := Company.objects.filter(~Exists(asked), pk__in=candidates()):
        start(found, title=f"bar sheet {sheet.version}", by=None, sheet=sheet)


# --- what a person may do ------------------------------------------------------------------------------
def cancel(run: ScoreRun, *, by: User) -> None:
    """Stop an open run. What is scored stays. Raises RunRefused when it is closed already."""
    with transaction.atomic():
        stopped = ScoreRun.objects.filter(pk=run.pk, state__in=ScoreRun.OPEN).update(
            state=ScoreRun.State.CANCELLED, finished_at=Now()
        )
        if stopped != 1:
            raise RunRefused(_("This run is closed already; there is nothing to cancel."))
        # Take the tokens back: a shard that is being written ends before us, any later one writes nothing.
        leased = run.items.filter(state=ScoreItem.State.LEASED).select_for_update().order_by("pk")
        held = list(leased.values_list("pk", flat=True))
        ScoreItem.objects.filter(pk__in=held).update(lease_token=None, lease_until=None)
        audit.append(by, "run.cancelled", f"run:{run.pk}")


def retry(run: ScoreRun, *, by: User, item: ScoreItem | None = None) -> None:
    """Try the failed companies again, or one of them. Raises RunRefused unless the run ended partly failed."""
    if not _reopen(run, ScoreRun.State.PARTIAL, by, "run.retried", [ScoreItem.State.FAILED], item):
        raise RunRefused(_("Only a run that ended with failed companies can be retried."))


def _reopen(
    run: ScoreRun,
    old: str,
    by: User | None,
    verb: str,
    item_states: Sequence[str],
    item: ScoreItem | None = None,
) -> bool:
    with transaction.atomic():
        opened = ScoreRun.objects.filter(pk=run.pk, state=old).update(state=ScoreRun.State.QUEUED, finished_at=None)
        if opened != 1:
            return False
        items = run.items.filter(state__in=item_states)
        if item is not None:
            items = items.filter(pk=item.pk)
        count = items.update(state=ScoreItem.State.TODO, attempts=0, error="", lease_token=None, lease_until=None)
        audit.append(by, verb, f"run:{run.pk}", detail=f"{count} companies")
        transaction.on_commit(lambda: wake(run.pk), robust=True)
    run.refresh_from_db()
    return True

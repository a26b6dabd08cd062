"""Promises that the database keeps by trigger: some rows are never edited.

`install` runs in the migrations; `remove` exists for the tests, which must empty tables between each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Guard:
    """Refuse `events` on `table` when `condition` holds.

    The condition is an SQL expression over OLD or NEW, which may look at other tables; empty means always.
    """

    table: str
    events: tuple[str, ...]  # INSERT, DELETE, UPDATE or "UPDATE OF column, column"
    condition: str = ""
    message: str = "append-only"
    keys: tuple[tuple[str, ...], ...] = (("id",),)  # what is unique in the table; see `_against_replacement`
    label: str = ""  # where a table has a second guard for the same event

    def name(self, event: str) -> str:
        return "_".join(("guard", self.table, event.split()[0].lower(), *([self.label] if self.label else [])))


def append_only(table: str, *keys: tuple[str, ...]) -> Guard:
    return Guard(table, ("UPDATE", "DELETE"), message=f"{table} is append-only", keys=keys or (("id",),))


_PARENT_FROZEN = (
    "EXISTS (SELECT 1 FROM portfolio_disclosure d WHERE d.id = {row}.disclosure_id AND d.frozen_at IS NOT NULL)"
)

FIRST: tuple[Guard, ...] = (  # as of migration 0002
    append_only("portfolio_auditevent", ("seq",)),
    append_only("portfolio_step"),
    Guard(
        "portfolio_disclosure",
        ("UPDATE", "DELETE"),
        "OLD.frozen_at IS NOT NULL",
        "a frozen disclosure is never edited",
        keys=(("id",), ("company_id", "year", "version")),
    ),
    Guard("portfolio_figure", ("INSERT",), _PARENT_FROZEN.format(row="NEW"), "a frozen disclosure is never edited"),
    Guard("portfolio_figure", ("DELETE",), _PARENT_FROZEN.format(row="OLD"), "a frozen disclosure is never edited"),
    Guard(  # neither a figure of a frozen version, nor one on its way into it
        "portfolio_figure",
        ("UPDATE",),
        f"{_PARENT_FROZEN.format(row='OLD')} OR {_PARENT_FROZEN.format(row='NEW')}",
        "a frozen disclosure is never edited",
    ),
)

OF_ACTIVITIES: tuple[Guard, ...] = (  # as of migration 0005
    append_only("portfolio_evidence", ("id",), ("company_id", "sha256")),
    append_only("portfolio_evidencecontent", ("id",), ("evidence_id",)),
    append_only("portfolio_localfactorstep"),
    Guard("portfolio_activity", ("INSERT",), _PARENT_FROZEN.format(row="NEW"), "a frozen disclosure is never edited"),
    Guard("portfolio_activity", ("DELETE",), _PARENT_FROZEN.format(row="OLD"), "a frozen disclosure is never edited"),
    Guard(
        "portfolio_activity",
        ("UPDATE",),
        f"{_PARENT_FROZEN.format(row='OLD')} OR {_PARENT_FROZEN.format(row='NEW')}",
        "a frozen disclosure is never edited",
    ),
    Guard(
        "portfolio_localfactor",
        ("UPDATE", "DELETE"),
        "OLD.frozen_at IS NOT NULL",
        "a verified factor is never edited",
    ),
)

OF_CHECKS: tuple[Guard, ...] = (  # as of migration 0007
    append_only("portfolio_checkedversion", ("id",), ("disclosure_id", "digest", "basis_digest")),
    append_only("portfolio_check", ("id",), ("checked_id", "number")),
    append_only("portfolio_givenreason"),
    append_only("portfolio_trackdecision"),
    Guard(
        "portfolio_disclosure",
        ("UPDATE",),
        "NEW.state = 'submitted' AND OLD.state <> 'submitted' AND NOT EXISTS ("
        "SELECT 1 FROM portfolio_checkedversion v WHERE v.disclosure_id = NEW.id AND v.digest = NEW.digest"
        " AND NOT EXISTS (SELECT 1 FROM portfolio_check c WHERE c.checked_id = v.id AND c.severity = 'block'))",
        "only what was checked and is not blocked is submitted",
        label="submitted",
    ),
)

OF_JOINS: tuple[Guard, ...] = (append_only("portfolio_joindecision"),)  # as of the migration `joins`

OF_CANDIDACY: tuple[Guard, ...] = (  # as of the migration `candidacy`
    append_only("portfolio_gateword"),
    Guard("portfolio_solution", ("INSERT",), _PARENT_FROZEN.format(row="NEW"), "a frozen disclosure is never edited"),
    Guard("portfolio_solution", ("DELETE",), _PARENT_FROZEN.format(row="OLD"), "a frozen disclosure is never edited"),
    Guard(
        "portfolio_solution",
        ("UPDATE",),
        f"{_PARENT_FROZEN.format(row='OLD')} OR {_PARENT_FROZEN.format(row='NEW')}",
        "a frozen disclosure is never edited",
    ),
)

_ASKED_OTHERWISE = " OR ".join(
    f"OLD.{column} <> NEW.{column}" for column in ("company_id", "note", "due", "asked_by_id", "asked_at")
)
_OTHER_FIGURES = "CAST(OLD.asked AS TEXT) <> CAST(NEW.asked AS TEXT)"

OF_DATA_REQUESTS: tuple[Guard, ...] = (  # as of the migration `data_requests`
    Guard(
        "portfolio_datarequest",
        ("UPDATE",),
        f"OLD.state <> 'open' OR {_ASKED_OTHERWISE} OR {_OTHER_FIGURES}",
        "what was asked is never edited, nor how it ended",
    ),
    Guard("portfolio_datarequest", ("DELETE",), message="a data request is never deleted"),
)

_NOT_THE_ROLE_GRANTED = (
    "NOT EXISTS (SELECT 1 FROM portfolio_rolechange c WHERE c.user_id = NEW.user_id AND c.role = NEW.role"
    " AND c.id = (SELECT MAX(l.id) FROM portfolio_rolechange l WHERE l.user_id = NEW.user_id"
    " AND l.outcome IN ('confirmed', 'founding')))"
)
_NO_ADMINISTRATOR = (
    "NOT EXISTS (SELECT 1 FROM portfolio_person p JOIN auth_user u ON u.id = p.user_id"
    " WHERE p.user_id = NEW.{column} AND p.role = 'admin' AND u.is_active)"
)
_OTHER_CHANGE = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("user_id", "before", "role", "reason", "proposed_by_id", "proposed_at")
)


_CONTROL = "('created', 'password', 'factor', 'email', 'opened', 'through')"
_SAME_HANDS = (
    "(EXISTS (SELECT 1 FROM portfolio_handling h WHERE h.until > {moment}"
    " AND ((h.user_id = {decider} AND h.by_id = {proposer}) OR (h.user_id = {proposer} AND h.by_id = {decider}"
    " AND h.what IN {control})))"
    " OR EXISTS (SELECT 1 FROM portfolio_handling h JOIN portfolio_handling g ON g.by_id = h.by_id"
    " WHERE h.user_id = {decider} AND g.user_id = {proposer} AND h.until > {moment} AND g.until > {moment}"
    " AND h.what IN {control} AND g.what IN {control}))"
)


def same_hands(decider: str, proposer: str, moment: str) -> str:
    """Condition: at that moment the two do not count as two people (portfolio/models/people.py, `same_hands`)."""
    return _SAME_HANDS.format(decider=decider, proposer=proposer, moment=moment, control=_CONTROL)


OF_ROLES: tuple[Guard, ...] = (  # as of the migration `four_eyes`
    append_only("portfolio_handling"),
    Guard(
        "portfolio_person",
        ("INSERT",),
        f"NEW.role <> '' AND {_NOT_THE_ROLE_GRANTED}",
        "a house role is granted by two administrators",
    ),
    Guard(
        "portfolio_person",
        ("UPDATE OF role, user_id",),
        f"NEW.user_id <> OLD.user_id OR (NEW.role <> OLD.role AND {_NOT_THE_ROLE_GRANTED})",
        "a house role is granted by two administrators",
    ),
    Guard(
        "portfolio_rolechange",
        ("INSERT",),
        "NEW.outcome NOT IN ('open', 'founding') OR (NEW.outcome = 'founding'"
        " AND EXISTS (SELECT 1 FROM portfolio_rolechange c WHERE c.outcome <> 'founding')"
        " AND EXISTS (SELECT 1 FROM portfolio_person p JOIN auth_user u ON u.id = p.user_id"
        " WHERE p.role = 'admin' AND u.is_active))",
        "a change of role is proposed before it is confirmed",
    ),
    Guard("portfolio_rolechange", ("DELETE",), message="a change of role is never deleted"),
    Guard(
        "portfolio_rolechange",
        ("UPDATE",),
        f"OLD.outcome <> 'open' OR {_OTHER_CHANGE} OR NEW.outcome = 'founding' OR (NEW.outcome = 'confirmed' AND ("
        f"{_NO_ADMINISTRATOR.format(column='proposed_by_id')} OR {_NO_ADMINISTRATOR.format(column='answered_by_id')}"
        f" OR {same_hands('NEW.answered_by_id', 'NEW.proposed_by_id', 'NEW.answered_at')}))",
        "a change of role is confirmed by another administrator, and never edited",
    ),
)

_VERIFIED_BY_SAME_HANDS = "OLD.state = 'submitted' AND NEW.state = 'verified' AND " + same_hands(
    "NEW.verified_by_id", "NEW.submitted_by_id", "NEW.frozen_at"
)

OF_HANDS: tuple[Guard, ...] = tuple(  # as of the migration `hands`
    Guard(
        table, ("UPDATE",), _VERIFIED_BY_SAME_HANDS, "what was submitted is verified by a second person", label="hands"
    )
    for table in ("portfolio_disclosure", "portfolio_localfactor")
)

_OTHER_MAIL = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("key", "kind", "user_id", "language", "company_id", "about", "subject", "body", "written_at")
)

OF_MAILS: tuple[Guard, ...] = (  # as of the migration `outbox`
    Guard("portfolio_mail", ("UPDATE",), _OTHER_MAIL, "what a mail says is never edited"),
    Guard("portfolio_mail", ("DELETE",), message="a mail is never deleted"),
)

OF_DECLARATIONS: tuple[Guard, ...] = (  # as of the migration `declarations`
    append_only("portfolio_declaration", ("id",), ("step_id",)),
)

OF_CITATIONS: tuple[Guard, ...] = (  # as of the migration `citations`
    Guard("portfolio_citation", ("INSERT",), _PARENT_FROZEN.format(row="NEW"), "a frozen disclosure is never edited"),
    Guard("portfolio_citation", ("DELETE",), _PARENT_FROZEN.format(row="OLD"), "a frozen disclosure is never edited"),
    Guard(
        "portfolio_citation",
        ("UPDATE",),
        f"{_PARENT_FROZEN.format(row='OLD')} OR {_PARENT_FROZEN.format(row='NEW')}",
        "a frozen disclosure is never edited",
    ),
)

_OTHER_FINDING = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("disclosure_id", "point", "kind", "words", "raised_by_id", "raised_at")
)

OF_FINDINGS: tuple[Guard, ...] = (  # as of the migration `findings`
    append_only("portfolio_findingmessage"),
    append_only("portfolio_openedpoint", ("id",), ("step_id", "point")),
    Guard(
        "portfolio_finding",
        ("UPDATE",),
        f"OLD.state = 'closed' OR {_OTHER_FINDING}",
        "what was found is never edited, nor once it is closed",
    ),
    Guard("portfolio_finding", ("DELETE",), message="a finding is never deleted"),
)

_OTHER_OPINION = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in (
        *("disclosure_id", "digest", "level", "kind", "criteria", "criteria_words", "scope", "sampling", "statement"),
        *("despite", "has_no_conflict", "drafted_by_id", "drafted_at", "unclosed", "substituted"),
        *("reported_t", "threshold_t", "net_t", "absolute_t", "largest_t"),
    )
)
_ROLE = (
    "EXISTS (SELECT 1 FROM portfolio_person p JOIN auth_user u ON u.id = p.user_id WHERE u.is_active"
    " AND p.user_id = {who} AND p.role = '{role}')"
)
_TIED = (  # to the company, or to what is verified
    "(EXISTS (SELECT 1 FROM portfolio_membership m JOIN portfolio_disclosure d ON d.company_id = m.company_id"
    " WHERE d.id = NEW.disclosure_id AND m.user_id = {who})"
    " OR EXISTS (SELECT 1 FROM portfolio_step s JOIN portfolio_disclosure e ON e.id = s.disclosure_id"
    " JOIN portfolio_disclosure d ON d.company_id = e.company_id AND d.year = e.year"
    " WHERE d.id = NEW.disclosure_id AND s.by_id = {who} AND s.verb IN ('opened', 'saved', 'submitted')))"
)
_FOUND_OR_CLOSED = (
    "EXISTS (SELECT 1 FROM portfolio_finding f WHERE f.disclosure_id = NEW.disclosure_id AND f.kind <> 'comment'"
    " AND (f.raised_by_id = NEW.reviewed_by_id OR f.closed_by_id = NEW.reviewed_by_id))"
)
_SUBMITTED_BY_SAME = "EXISTS (SELECT 1 FROM portfolio_disclosure d WHERE d.id = NEW.disclosure_id AND {same})".format(  # noqa: S608  our own tables
    same=same_hands("NEW.reviewed_by_id", "d.submitted_by_id", "NEW.reviewed_at")
)
_TOOK_PART = " OR ".join(
    (_FOUND_OR_CLOSED, _SUBMITTED_BY_SAME, same_hands("NEW.reviewed_by_id", "NEW.drafted_by_id", "NEW.reviewed_at"))
)
_FIGURE_AS_SUBMITTED = (
    "EXISTS (SELECT 1 FROM portfolio_figure f WHERE f.disclosure_id = NEW.disclosure_id AND f.quantity = NEW.quantity"
    " AND f.value = NEW.submitted)"
)
_OTHER_APPEAL = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in ("opinion_id", "words", "made_by_id", "made_at", "due")
)
_DRAFTED_BY_ANSWERER = (
    "EXISTS (SELECT 1 FROM portfolio_opinion o WHERE o.id = NEW.opinion_id AND o.drafted_by_id = NEW.answered_by_id)"
)
_UNCLOSED = (
    "EXISTS (SELECT 1 FROM portfolio_finding f WHERE f.disclosure_id = NEW.disclosure_id AND f.state <> 'closed'"
    " AND f.kind IN ('misstatement', 'non_conformity', 'question'))"
)
_WAITS = (
    "EXISTS (SELECT 1 FROM portfolio_disclosure d WHERE d.id = NEW.disclosure_id AND d.state = 'submitted'"
    " AND d.digest = NEW.digest)"
)
_OPINION = (  # that lets the row go there
    "EXISTS (SELECT 1 FROM portfolio_opinion o WHERE o.disclosure_id = NEW.id AND o.digest = NEW.digest"
    " AND o.state = 'issued' AND o.kind IN {kinds}{by})"
)
_PARENT_REFUSED = (
    "EXISTS (SELECT 1 FROM portfolio_disclosure d WHERE d.id = {row}.disclosure_id AND d.state = 'refused')"
)


def _of_refused(table: str) -> tuple[Guard, ...]:
    message, label = "a refused disclosure is never edited", "refused"
    old, new = _PARENT_REFUSED.format(row="OLD"), _PARENT_REFUSED.format(row="NEW")
    return (
        Guard(table, ("INSERT",), new, message, label=label),
        Guard(table, ("DELETE",), old, message, label=label),
        Guard(table, ("UPDATE",), f"{old} OR {new}", message, label=label),
    )


OF_OPINIONS: tuple[Guard, ...] = (  # as of the migration `opinions`
    append_only("portfolio_substitution"),
    Guard(
        "portfolio_substitution",
        ("INSERT",),
        f"NOT {_WAITS} OR {_TIED.format(who='NEW.by_id')} OR NOT {_ROLE.format(who='NEW.by_id', role='verifier')}"
        f" OR NOT {_FIGURE_AS_SUBMITTED}",
        "a verifier substitutes a figure of what waits",
    ),
    Guard(
        "portfolio_opinion",
        ("INSERT",),
        f"NEW.state <> 'waiting' OR NOT {_WAITS} OR {_TIED.format(who='NEW.drafted_by_id')}"
        f" OR NOT {_ROLE.format(who='NEW.drafted_by_id', role='verifier')}",
        "an opinion is drafted by a verifier on what waits",
    ),
    Guard("portfolio_opinion", ("DELETE",), message="an opinion is never deleted"),
    Guard(
        "portfolio_opinion",
        ("UPDATE",),
        f"{_OTHER_OPINION} OR NOT ((OLD.state = 'waiting' AND NEW.state IN ('sent_back', 'withdrawn', 'issued'))"
        " OR (OLD.state = 'issued' AND NEW.state IN ('reopened', 'superseded')))",
        "what an opinion says is never edited, nor how it ended",
    ),
    Guard(
        "portfolio_opinion",
        ("UPDATE",),
        "OLD.state = 'waiting' AND NEW.state IN ('issued', 'sent_back')"
        f" AND (NOT {_ROLE.format(who='NEW.reviewed_by_id', role='independent_reviewer')}"
        f" OR {_TIED.format(who='NEW.reviewed_by_id')} OR {_TOOK_PART}"
        f" OR (NEW.state = 'issued' AND (NOT {_WAITS} OR (NEW.kind IN ('unmodified', 'modified') AND {_UNCLOSED}))))",
        "an opinion is issued by an independent reviewer from outside the team",
        label="issued",
    ),
    Guard(
        "portfolio_disclosure",
        ("UPDATE",),
        "(NEW.state = 'verified' AND OLD.state <> 'verified' AND (OLD.state <> 'submitted' OR NOT "
        + _OPINION.format(kinds="('unmodified', 'modified')", by=" AND o.drafted_by_id = NEW.verified_by_id")
        + ")) OR (NEW.state = 'refused' AND OLD.state <> 'refused' AND (OLD.state <> 'submitted' OR NOT "
        + _OPINION.format(kinds="('adverse', 'disclaimer')", by="")
        + "))",
        "a disclosure is verified or refused by an issued opinion on exactly this content",
        label="opinion",
    ),
    Guard(
        "portfolio_disclosure",
        ("UPDATE",),
        "OLD.state = 'refused' AND (NEW.state <> 'submitted' OR NEW.digest <> OLD.digest OR "
        + _OPINION.format(kinds="('adverse', 'disclaimer')", by="")
        + ")",
        "a refused disclosure is never edited",
        label="refused",
    ),
    *_of_refused("portfolio_figure"),
    *_of_refused("portfolio_activity"),
    *_of_refused("portfolio_solution"),
    *_of_refused("portfolio_citation"),
    Guard(
        "portfolio_appeal",
        ("UPDATE",),
        f"OLD.state <> 'open' OR NEW.state = 'open' OR {_OTHER_APPEAL} OR (NEW.state IN ('upheld', 'rejected')"
        f" AND (NOT {_ROLE.format(who='NEW.answered_by_id', role='independent_reviewer')} OR {_DRAFTED_BY_ANSWERER}"
        f" OR {same_hands('NEW.answered_by_id', 'NEW.made_by_id', 'NEW.answered_at')}))",
        "an appeal is answered once, by an independent reviewer, and never edited",
    ),
    Guard("portfolio_appeal", ("DELETE",), message="an appeal is never deleted"),
    Guard(
        "portfolio_appeal",
        ("INSERT",),
        "NEW.state <> 'open' OR NOT EXISTS (SELECT 1 FROM portfolio_opinion o JOIN portfolio_disclosure d"
        " ON d.id = o.disclosure_id JOIN portfolio_membership m ON m.company_id = d.company_id"
        " WHERE o.id = NEW.opinion_id AND o.state = 'issued' AND m.user_id = NEW.made_by_id AND m.kind = 'submitter')",
        "a submitter of the company appeals against an issued opinion",
    ),
)

_PLAN_IN_HAND = (
    "EXISTS (SELECT 1 FROM portfolio_monitoringplan p WHERE p.id = {row}.plan_id"
    " AND p.state IN ('submitted', 'verified'))"
)
_ANOTHER_PLAN = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("company_id", "version", "valid_from", "boundary", "reason", "supersedes_id")
)

_PLAN_LEAVES_THE_DESK = (
    f"OLD.state = 'submitted' AND (NEW.state NOT IN ('submitted', 'returned', 'verified') OR {_ANOTHER_PLAN})"
)
_PLAN_WITHOUT_SOURCES = "NOT EXISTS (SELECT 1 FROM portfolio_plannedsource s WHERE s.plan_id = NEW.id)"

OF_MONITORING_PLANS: tuple[Guard, ...] = (  # as of the migration `monitoring_plans`
    append_only("portfolio_monitoringplanstep"),
    Guard(
        "portfolio_monitoringplan",
        ("UPDATE", "DELETE"),
        "OLD.frozen_at IS NOT NULL",
        "an approved monitoring plan is never edited",
        keys=(("id",), ("company_id", "version")),
    ),
    Guard(
        "portfolio_monitoringplan",
        ("UPDATE",),
        f"(NEW.state = 'verified' AND OLD.state <> 'submitted') OR ({_PLAN_LEAVES_THE_DESK})"
        f" OR (NEW.state = 'submitted' AND {_PLAN_WITHOUT_SOURCES})",
        "a monitoring plan is submitted with its sources, then approved or returned as it is",
        label="states",
    ),
    Guard("portfolio_monitoringplan", ("UPDATE",), _VERIFIED_BY_SAME_HANDS, OF_HANDS[0].message, label="hands"),
    *(
        Guard(
            "portfolio_plannedsource",
            (event,),
            " OR ".join(_PLAN_IN_HAND.format(row=row) for row in rows),
            "what a monitoring plan says is edited in a draft alone",
        )
        for event, rows in (("INSERT", ("NEW",)), ("DELETE", ("OLD",)), ("UPDATE", ("OLD", "NEW")))
    ),
)

GUARDS = (
    *(FIRST + OF_ACTIVITIES + OF_CHECKS + OF_JOINS + OF_CANDIDACY + OF_DATA_REQUESTS + OF_ROLES + OF_HANDS),
    *(OF_MAILS + OF_DECLARATIONS + OF_FINDINGS + OF_CITATIONS + OF_OPINIONS + OF_MONITORING_PLANS),
)


def install(connection: BaseDatabaseWrapper, guards: tuple[Guard, ...] = GUARDS) -> None:
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor, guards):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, guards: tuple[Guard, ...] = GUARDS) -> None:
    on = " ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for guard in guards:
            for event in _events(connection.vendor, guard):
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name(event)}{on.format(table=guard.table)}")
                if connection.vendor == "sqlite":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name('REPLACE')}")
                if connection.vendor == "postgresql":
                    cursor.execute(f"DROP FUNCTION IF EXISTS {guard.name(event)}()")


def missing(connection: BaseDatabaseWrapper, guards: tuple[Guard, ...] = GUARDS) -> list[str]:
    """The names of the triggers that should be in the database and are not there, or are switched off."""
    there = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(there)
        names = {name for (name,) in cursor.fetchall()}
    expected = [guard.name(event) for guard in guards for event in _events(connection.vendor, guard)]
    return [name for name in expected if name not in names]


def _events(vendor: str, guard: Guard) -> tuple[str, ...]:
    """PostgreSQL can also empty a whole table at once; an append-only one refuses that."""
    return (*guard.events, "TRUNCATE") if vendor == "postgresql" and not guard.condition else guard.events


def _statements(vendor: str, guards: tuple[Guard, ...]) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {guard.name(event)} BEFORE {event} ON {guard.table} FOR EACH ROW"
            f"{f' WHEN {guard.condition}' if guard.condition else ''}"
            f" BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
            for guard in guards
            for event in _events(vendor, guard)
        ] + [_against_replacement(guard) for guard in guards if "DELETE" in guard.events]
    return [
        statement for guard in guards for event in _events(vendor, guard) for statement in _on_postgresql(guard, event)
    ]


def _against_replacement(guard: Guard) -> str:
    """SQLite's INSERT OR REPLACE deletes the row in its way without asking a DELETE trigger, so ask before."""
    same = " OR ".join(
        "(" + " AND ".join(f"kept.{column} = NEW.{column}" for column in columns) + ")" for columns in guard.keys
    )
    stays = f" AND ({guard.condition.replace('OLD.', 'kept.')})" if guard.condition else ""
    in_the_way = f"EXISTS (SELECT 1 FROM {guard.table} kept WHERE ({same}){stays})"  # noqa: S608  our own tables
    return (
        f"CREATE TRIGGER IF NOT EXISTS {guard.name('REPLACE')} BEFORE INSERT ON {guard.table} FOR EACH ROW"
        f" WHEN {in_the_way} BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


def _on_postgresql(guard: Guard, event: str) -> tuple[str, str]:
    """PostgreSQL allows no subquery in WHEN, so each trigger has a function of its own that asks."""
    name, each = guard.name(event), "STATEMENT" if event == "TRUNCATE" else "ROW"
    row = "OLD" if event == "DELETE" else "NEW"
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {guard.condition or 'true'} THEN"
        f" RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END IF; RETURN {row}; END $$",
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {guard.table}"
        f" FOR EACH {each} EXECUTE FUNCTION {name}('{guard.message}')",
    )

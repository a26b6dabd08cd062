"""What the audit log's codes mean, in the reader's language: `candidate.opened` is "Candidate · opened".

The log itself keeps the codes: they are what its digests were made of, and what a program looks for.
"""

from __future__ import annotations

from django.apps import apps
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy, pgettext_lazy

KINDS: dict[str, str | Promise] = {
    "account": gettext_lazy("account"),
    "api_token": gettext_lazy("API token"),
    "bar_sheet": gettext_lazy("bar sheet"),
    "appeal": gettext_lazy("appeal"),
    "candidate": gettext_lazy("candidate"),
    "company": gettext_lazy("company"),
    "data_request": gettext_lazy("data request"),
    "database": gettext_lazy("database"),
    "decision": pgettext_lazy("of the committee", "decision"),
    "demo": gettext_lazy("demo data"),
    "disclosure": gettext_lazy("disclosure"),
    "dispute": gettext_lazy("dispute"),
    "evidence": gettext_lazy("evidence"),
    "exchange_rates": gettext_lazy("exchange rates"),
    "factors": gettext_lazy("factors"),
    "form_link": gettext_lazy("quarterly form by a link"),
    "finding": gettext_lazy("finding"),
    "fund": gettext_lazy("fund"),
    "gate": gettext_lazy("gate"),
    "holding": gettext_lazy("holding"),
    "holdings": gettext_lazy("holdings"),
    "invitation": gettext_lazy("invitation"),
    "join": gettext_lazy("join"),
    "join_request": gettext_lazy("request to join a company"),
    "local_factor": gettext_lazy("local factor"),
    "mandate": gettext_lazy("mandate"),
    "member": gettext_lazy("member"),
    "model": gettext_lazy("model"),
    "monitoring_plan": gettext_lazy("monitoring plan"),
    "note": gettext_lazy("note"),
    "opinion": gettext_lazy("opinion"),
    "preview": gettext_lazy("preview of a result"),
    "prices": gettext_lazy("prices"),
    "proposal": gettext_lazy("proposal"),
    "refused_row": gettext_lazy("refused row"),
    "restatement": gettext_lazy("restatement"),
    "role": gettext_lazy("role"),
    "run": gettext_lazy("run"),
    "session": gettext_lazy("session"),
    "sheet": gettext_lazy("sheet"),
    "site": gettext_lazy("site"),
    "track": gettext_lazy("track"),
    "training_set": gettext_lazy("training set"),
    "universe": gettext_lazy("universe"),
    "user": gettext_lazy("user"),
    "webhook": gettext_lazy("webhook"),
}
ACTS: dict[str, str | Promise] = {
    "accepted": pgettext_lazy("in the audit log", "accepted"),
    "activated": pgettext_lazy("in the audit log", "activated"),
    "added": pgettext_lazy("in the audit log", "added"),
    "answered": pgettext_lazy("in the audit log", "answered"),
    "approved": pgettext_lazy("in the audit log", "approved"),
    "asked": pgettext_lazy("in the audit log", "asked"),
    "asked_to_open": pgettext_lazy("in the audit log", "asked to open"),
    "assigned": pgettext_lazy("in the audit log", "assigned"),
    "backed_up": pgettext_lazy("in the audit log", "backed up"),
    "cancelled": pgettext_lazy("in the audit log", "cancelled"),
    "candidate": pgettext_lazy("in the audit log", "made a candidate"),
    "challenger": pgettext_lazy("in the audit log", "made the challenger"),
    "champion": pgettext_lazy("in the audit log", "made the champion"),
    "changed": pgettext_lazy("in the audit log", "changed"),
    "classified": pgettext_lazy("in the audit log", "classified"),
    "cloned": pgettext_lazy("in the audit log", "cloned"),
    "closed": pgettext_lazy("in the audit log", "closed"),
    "commented": pgettext_lazy("in the audit log", "commented"),
    "company_made": pgettext_lazy("in the audit log", "company made"),
    "confirmed": pgettext_lazy("in the audit log", "confirmed"),
    "created": pgettext_lazy("in the audit log", "created"),
    "declined": pgettext_lazy("in the audit log", "declined"),
    "deleted": pgettext_lazy("in the audit log", "deleted"),
    "described": pgettext_lazy("in the audit log", "described"),
    "dismissed": pgettext_lazy("in the audit log", "dismissed"),
    "drafted": pgettext_lazy("in the audit log", "drafted"),
    "done": pgettext_lazy("in the audit log", "done"),
    "email": pgettext_lazy("in the audit log", "e-mail changed"),
    "ended": pgettext_lazy("in the audit log", "ended"),
    "explained": pgettext_lazy("in the audit log", "explained"),
    "factor_added": pgettext_lazy("in the audit log", "second factor added"),
    "factor_removed": pgettext_lazy("in the audit log", "second factor removed"),
    "factor_renamed": pgettext_lazy("in the audit log", "second factor renamed"),
    "failed": pgettext_lazy("in the audit log", "failed"),
    "founded": pgettext_lazy("in the audit log", "given at the start"),
    "fund_made": pgettext_lazy("in the audit log", "fund made"),
    "holdings_made": pgettext_lazy("in the audit log", "holdings made"),
    "issued": pgettext_lazy("in the audit log", "issued"),
    "imported": pgettext_lazy("in the audit log", "imported"),
    "joined": pgettext_lazy("in the audit log", "joined"),
    "left": pgettext_lazy("in the audit log", "left"),
    "loaded": pgettext_lazy("in the audit log", "loaded"),
    "made": pgettext_lazy("in the audit log", "made"),
    "nightly": pgettext_lazy("in the audit log", "watched at night"),
    "opened": pgettext_lazy("in the audit log", "opened"),
    "overtaken": pgettext_lazy("in the audit log", "overtaken"),
    "partial": pgettext_lazy("in the audit log", "partly failed"),
    "password": pgettext_lazy("in the audit log", "password changed"),
    "proposed": pgettext_lazy("in the audit log", "proposed"),
    "queued": pgettext_lazy("in the audit log", "queued"),
    "raised": pgettext_lazy("in the audit log", "raised"),
    "read": pgettext_lazy("in the audit log", "read"),
    "real_funds_made": pgettext_lazy("in the audit log", "funds of others loaded"),
    "recovery_codes": pgettext_lazy("in the audit log", "recovery codes made"),
    "rejected": pgettext_lazy("in the audit log", "rejected"),
    "removed": pgettext_lazy("in the audit log", "removed"),
    "refused": pgettext_lazy("in the audit log", "refused"),
    "renamed": pgettext_lazy("in the audit log", "renamed"),
    "reopened": pgettext_lazy("in the audit log", "reopened"),
    "restored": pgettext_lazy("in the audit log", "restored"),
    "retired": pgettext_lazy("in the audit log", "retired"),
    "returned": pgettext_lazy("in the audit log", "returned"),
    "revoked": pgettext_lazy("in the audit log", "revoked"),
    "rolled_back": pgettext_lazy("in the audit log", "rolled back"),
    "rotated": pgettext_lazy("in the audit log", "secret made anew"),
    "saved": pgettext_lazy("in the audit log", "saved"),
    "sent_again": pgettext_lazy("in the audit log", "sent again"),
    "sent_back": pgettext_lazy("in the audit log", "sent back"),
    "set_aside": pgettext_lazy("in the audit log", "set aside"),
    "settled": pgettext_lazy("in the audit log", "settled"),
    "shard": pgettext_lazy("in the audit log", "part done"),
    "shortlisted": pgettext_lazy("in the audit log", "shortlisted"),
    "stands_again": pgettext_lazy("in the audit log", "stands again"),
    "submitted": pgettext_lazy("in the audit log", "submitted"),
    "substituted": pgettext_lazy("in the audit log", "a conservative value put in place"),
    "substitution_withdrawn": pgettext_lazy("in the audit log", "conservative value taken back"),
    "superseded": pgettext_lazy("in the audit log", "superseded"),
    "switched_off": pgettext_lazy("in the audit log", "switched off"),
    "switched_on": pgettext_lazy("in the audit log", "switched on"),
    "taken": pgettext_lazy("in the audit log", "taken"),
    "upheld": pgettext_lazy("in the audit log", "upheld"),
    "uploaded": pgettext_lazy("in the audit log", "uploaded"),
    "user_made": pgettext_lazy("in the audit log", "user made"),
    "verified": pgettext_lazy("in the audit log", "verified"),
    "verified_despite": pgettext_lazy("in the audit log", "verified with questions open"),
    "withdrawn": pgettext_lazy("in the audit log", "withdrawn"),
    "written": pgettext_lazy("in the audit log", "written"),
}


def verb_words(verb: str) -> str:
    """Of what happened. A code without words, of a newer or an older version, stays as it is."""
    of, _dot, act = verb.rpartition(".")
    return f"{capfirst(_kind(of))} · {ACTS.get(act, act)}"


def object_words(told: str) -> str:
    """Of what it happened to: "Candidate 7"."""
    kind, _colon, key = told.partition(":")
    return f"{capfirst(_kind(kind))} {'' if key == '*' else key}".strip()


def _kind(code: str) -> str:
    """Changes by the forms of the administration name their table."""
    return str(KINDS.get(code) or _tables().get(code.removeprefix("admin."), code))


def _tables() -> dict[str, str | Promise]:
    return {model._meta.model_name or "": model._meta.verbose_name or "" for model in apps.get_models()}

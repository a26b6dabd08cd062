"""What each kind of mail says, in the reader's language: what happened, until when, and where to read the rest.

No figures, no reasons and notes that people typed: a mail travels in the open, and may be read by others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from portfolio import beijing
from portfolio.models import Asked, Mail, Membership, Role, Webhook
from portfolio.models.data_request import field_word
from portfolio.wording import listed

Words = tuple[str, list[str]]  # subject, sentences


def letter(sentences: list[str], address: str) -> str:
    """A paragraph a sentence, then where to go."""
    end = _("Greenlight wrote this mail by itself; answers to it are not read.")
    return "\n\n".join([*sentences, f"{_('Open the page:')}\n{address}", f"-- \n{end}\n"])


def _moment(text: str) -> str:
    return beijing.in_words(datetime.fromisoformat(text))


def _end_of(day: str) -> str:
    return beijing.in_words(beijing.at(date.fromisoformat(day), beijing.LAST_MINUTE))


def _submitted(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "version": about["version"]}
    return _("%(company)s: the disclosure of %(year)s was submitted") % named, [
        _("The disclosure of %(year)s of %(company)s, version %(version)s, has been handed to verification.") % named,
        _("Receipt number: %(number)s") % {"number": about["number"]},
        _("Received: %(when)s") % {"when": _moment(about["at"])},
        _("SHA-256 of what was submitted: %(digest)s") % {"digest": about["digest"]},
        _("You will be told by mail when it is verified, or returned for correction."),
    ]


def _returned(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "version": about["version"]}
    return _("%(company)s: the disclosure of %(year)s was returned for correction") % named, [
        _("A verifier has returned the disclosure of %(year)s of %(company)s, version %(version)s.") % named,
        *_how_many(about.get("findings", 0)),
        _("What is to be corrected stands on its page. Correct it there, or answer, and submit it again."),
    ]


def _how_many(findings: int) -> list[str]:
    words = ngettext(
        "It has %(n)s finding. Only what it names is open for correction.",
        "It has %(n)s findings. Only what they name is open for correction.",
        findings,
    )
    return [words % {"n": findings}] if findings else []


def _finding(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "version": about["version"]}
    return _("%(company)s: a verifier asks about the disclosure of %(year)s") % named, [
        _("A verifier has written about the disclosure of %(year)s of %(company)s, version %(version)s.") % named,
        _("What is asked, and until when, stands on its page. Answer it there."),
    ]


def _finding_answered(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "version": about["version"]}
    return _("%(company)s has answered about the disclosure of %(year)s") % named, [
        _("%(company)s has written about what you found in its disclosure of %(year)s, version %(version)s.") % named,
        _("Read the answer on its page, then ask again or close the finding."),
    ]


def _finding_closed(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "version": about["version"]}
    return _("%(company)s: a finding about the disclosure of %(year)s is closed") % named, [
        _("A verifier has closed a finding about the disclosure of %(year)s of %(company)s.") % named,
        _("The closing words, and what is still open, stand on its page."),
    ]


def _mention(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "by": about["by"]}
    return _("%(company)s: %(by)s names you in a thread about %(year)s") % named, [
        _("%(by)s names you in a thread about the disclosure of %(year)s of %(company)s.") % named,
        _("Read it, and answer if you are asked something."),
    ]


def _verified(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "version": about["version"]}
    return _("%(company)s: the disclosure of %(year)s was verified") % named, [
        _("The disclosure of %(year)s of %(company)s, version %(version)s, has been verified.") % named,
        _("It can no longer be changed; a correction is a new version. The score follows by itself."),
    ]


def _named(company: str, about: Mapping[str, Any]) -> dict[str, Any]:
    return {"company": company, "year": about["year"], "version": about["version"]}


def _refused(company: str, about: Mapping[str, Any]) -> Words:
    named = _named(company, about)
    return _("%(company)s: the disclosure of %(year)s was not verified") % named, [
        _("By the opinion issued the disclosure of %(year)s of %(company)s, version %(version)s, does not stand.")
        % named,
        _("Read the opinion on its page. Your company can appeal until %(day)s, or open a new version.")
        % {"day": about["appeal_until"]},
    ]


def _opinion(company: str, about: Mapping[str, Any]) -> Words:
    named = _named(company, about)
    return _("%(company)s: an opinion on %(year)s waits for your review") % named, [
        _("A verifier has drafted an opinion on the disclosure of %(year)s of %(company)s, version %(version)s.")
        % named,
        _("Issue it, or send it back with words."),
    ]


def _opinion_back(company: str, about: Mapping[str, Any]) -> Words:
    named = _named(company, about)
    return _("%(company)s: your opinion on %(year)s came back") % named, [
        _("The independent reviewer has sent back your opinion on the disclosure of %(year)s of %(company)s.") % named,
        _("Read the words on its page, then draft it again."),
    ]


def _reopened(company: str, about: Mapping[str, Any]) -> Words:
    named = _named(company, about)
    end = (
        _("The version keeps standing as reported. Open a new version: it is verified anew.")
        if about["stands"]
        else _("The version waits for verification again. You need not do anything.")
    )
    return _("%(company)s: the opinion on %(year)s was reopened") % named, [
        _("The opinion on the disclosure of %(year)s of %(company)s, version %(version)s, no longer counts.") % named,
        end,
    ]


def _appeal(company: str, about: Mapping[str, Any]) -> Words:
    named = _named(company, about)
    return _("%(company)s appeals against the opinion on %(year)s") % named, [
        _("%(company)s does not agree with the opinion on its disclosure of %(year)s, version %(version)s.") % named,
        _("An independent reviewer answers it, until %(day)s.") % {"day": about["due"]},
    ]


def _appeal_answered(company: str, about: Mapping[str, Any]) -> Words:
    named = _named(company, about)
    outcome = _("It was upheld: the opinion no longer counts.") if about["upheld"] else _("It was rejected.")
    return _("%(company)s: your appeal on %(year)s was answered") % named, [
        _("The appeal against the opinion on the disclosure of %(year)s of %(company)s was answered.") % named,
        outcome,
        _("The answer in words stands on its page."),
    ]


def _plan_returned(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "version": about["version"]}
    return _("%(company)s: the monitoring plan was returned for correction") % named, [
        _("A verifier has returned version %(version)s of the monitoring plan of %(company)s.") % named,
        _("What is to be corrected stands on its page. Correct it there, or answer, and submit it again."),
    ]


def _plan_approved(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "version": about["version"], "year": about["year"]}
    return _("%(company)s: the monitoring plan was approved") % named, [
        _("Version %(version)s of the monitoring plan of %(company)s has been approved.") % named,
        _("Reports from %(year)s on are held against it. A change is a new version.") % named,
    ]


def _restatement(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"]}
    return _("%(company)s: newer factors change the verified emissions of %(year)s") % named, [
        _("Newer emission factors move the verified emissions of %(year)s of %(company)s noticeably.") % named,
        _("Nothing has been changed. Look at what moves, then correct the disclosure or dismiss the proposal."),
    ]


def _reminder(company: str, about: Mapping[str, Any]) -> Words:
    """By its date alone: how many days are left when it is read, nobody knows who writes it."""
    named = {"company": company, "year": about["year"], "when": _end_of(about["due"])}
    return _("%(company)s: the disclosure of %(year)s is due %(when)s") % named, [
        _("The disclosure of %(year)s of %(company)s has not been submitted yet.") % named,
        _("It is due: %(when)s") % named,
        _("What is still missing stands on its page."),
    ]


def _request(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "when": _end_of(about["due"])}
    return _("%(company)s: the fund asks for data until %(when)s") % named, [
        _("The fund asks %(company)s for figures that only the company can tell.") % named,
        _("Asked for: %(figures)s") % {"figures": _asked(about["asked"])},
        _("Due: %(when)s") % named,
        _("Enter them in the disclosure of the year; a submitter may also decline, with a reason."),
    ]


def _request_overdue(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "when": _end_of(about["due"])}
    return _("%(company)s: data that the fund asked for are overdue") % named, [
        _("The fund asked %(company)s for figures that have not arrived.") % named,
        _("Asked for: %(figures)s") % {"figures": _asked(about["asked"])},
        _("Was due: %(when)s") % named,
        _("They can still be entered in the disclosure of the year; a submitter may also decline, with a reason."),
    ]


def _request_withdrawn(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company}
    return _("%(company)s: the fund has withdrawn its request for data") % named, [
        _("The fund no longer asks %(company)s for these figures.") % named,
        _("Asked for: %(figures)s") % {"figures": _asked(about["asked"])},
        _("Nothing needs to be done."),
    ]


def _preview(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "day": _last_day(about)}
    return _("%(company)s: the result of %(year)s can be seen") % named, [
        _("The verified year %(year)s of %(company)s has been scored: its page shows the inputs and the three bars.")
        % named,
        _("A submitter confirms it, or disputes it field by field. Last day: %(day)s") % named,
        _("Whoever says nothing loses nothing: the result then stands as it is shown."),
    ]


def _preview_ends(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "day": _last_day(about)}
    return _("%(company)s: the result of %(year)s is neither confirmed nor disputed") % named, [
        _("The result of %(year)s of %(company)s can be confirmed or disputed for two more working days.") % named,
        _("Last day: %(day)s") % named,
    ]


def _decided(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"]}
    return _("%(company)s: the fund has decided") % named, [
        _("The fund's investment committee has decided on %(company)s.") % named,
        _("The decision stands beside the result of %(year)s.") % named,
        *([_("The fund has written some words to you, which you read there.")] if about["has_words"] else []),
    ]


def _dispute(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"]}
    return _("%(company)s disputes its result of %(year)s") % named, [
        _("A submitter of %(company)s disputes a field of the result of %(year)s.") % named,
        _("What is disputed and why stands on the page of disputes. Answer it there."),
    ]


def _dispute_withdrawn(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"]}
    return _("%(company)s has withdrawn a dispute") % named, [
        _("%(company)s no longer disputes a field of its result of %(year)s.") % named,
        _("Nothing needs to be done."),
    ]


def _dispute_answered(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"]}
    return _("%(company)s: the fund answered a dispute of the result of %(year)s") % named, [
        _("The fund has answered what %(company)s disputed of its result of %(year)s.") % named,
        _("The answer stands on the page of the result."),
    ]


def _last_day(about: Mapping[str, Any]) -> str:
    return str(beijing.WorkingDay(date.fromisoformat(about["due"]), about["is_by_calendar"]))


def _request_declined(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company}
    return _("%(company)s has declined a request for data") % named, [
        _("%(company)s says that it cannot tell these figures; why stands on the page.") % named,
        _("Asked for: %(figures)s") % {"figures": _asked(about["asked"])},
        _("They may be asked for again."),
    ]


def _asked(items: list[list[Any]]) -> str:
    """2025: EBIT, scope 1; 2024: scope 1."""
    by_year: dict[int, list[str]] = {}
    for one in (Asked(*item) for item in items):
        by_year.setdefault(one.year, []).append(field_word(one.field))
    return pgettext("between years", "; ").join(
        _("%(year)s: %(figures)s") % {"year": year, "figures": listed(figures)}
        for year, figures in sorted(by_year.items(), reverse=True)
    )


def _join_request(company: str, about: Mapping[str, Any]) -> Words:
    """To submitters it names the company; an administrator reads which one on the page."""
    if company:
        return _("Somebody asks to work for %(company)s") % {"company": company}, [
            _("A person with a confirmed e-mail address asks to work for %(company)s.") % {"company": company},
            _("Look whether you know them, then accept or decline. Until then they see nothing of the company."),
        ]
    return _("Somebody asks to speak for a company"), [
        _("A person with a confirmed e-mail address asks to be the first submitter of a company."),
        _("Make sure that they speak for it, then accept or decline. Until then they see nothing of the company."),
    ]


def _join_declined(_company: str, _about: Mapping[str, Any]) -> Words:
    return _("Your request to work for a company was declined"), [
        _("The reason stands on the page, after you log in."),
    ]


def _team(company: str, about: Mapping[str, Any]) -> Words:
    """Of oneself, or to the submitters of somebody who left."""
    before, after = (str(Membership.Kind(kind).label) if kind else "" for kind in (about["before"], about["after"]))
    named = {"company": company, "user": about["user"], "before": before, "after": after}
    if about["is_own"] and not before:
        return _("You now work for %(company)s") % named, [
            _("Your role in %(company)s: %(after)s.") % named,
            _("Its disclosures are on your page."),
        ]
    if about["is_own"] and not after:
        return _("You no longer work for %(company)s") % named, [
            _("You were %(before)s of %(company)s. What you did stays with your name.") % named,
        ]
    if about["is_own"]:
        return _("Your role in %(company)s has changed") % named, [_("Before: %(before)s. Now: %(after)s.") % named]
    return _("%(company)s: %(user)s no longer works for the company") % named, [
        _("%(user)s, %(before)s, has left. What they did stays with their name.") % named,
    ]


def _form_saved(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "quarter": about["quarter"]}
    return _("%(company)s: the form of quarter %(quarter)s of %(year)s was filled in") % named, [
        _("What was typed stands in the draft of %(year)s, marked as typed through the link.") % named,
        _("Look it over; only a submitter hands it in."),
    ]


def _form_link(company: str, about: Mapping[str, Any]) -> Words:
    named = {"company": company, "year": about["year"], "quarter": about["quarter"]}
    return _("%(company)s: a new link to the quarterly form is wanted") % named, [
        _("The link to the form of quarter %(quarter)s of %(year)s has expired, and somebody wants to fill it in.")
        % named,
        _("Send a new one from the page, or take the link back."),
    ]


def _role(_company: str, about: Mapping[str, Any]) -> Words:
    role = Role(about["role"]).label if about["role"] else _("no house role")
    named = {"user": about["user"], "by": about["by"], "role": role}
    return _("A change of a house role waits for a second administrator"), [
        _("%(by)s proposes for %(user)s: %(role)s.") % named,
        _("It is in force once another administrator confirms it."),
    ]


def _webhook_off(company: str, about: Mapping[str, Any]) -> Words:
    subject = _("%(company)s: a webhook was switched off") % {"company": company} if company else ""
    return subject or _("A webhook of the house was switched off"), [
        _("Why: %(why)s.") % {"why": Webhook.Off(about["why"]).label},
        _("Nothing is sent to it until somebody switches it on again. Its page lists what was not delivered."),
    ]


def _test(_company: str, _about: Mapping[str, Any]) -> Words:
    return _("Test mail of Greenlight"), [_("Mails of Greenlight arrive at this address.")]


SENTENCES: Mapping[Mail.Kind, Callable[[str, Mapping[str, Any]], Words]] = {
    Mail.Kind.SUBMITTED: _submitted,
    Mail.Kind.RETURNED: _returned,
    Mail.Kind.VERIFIED: _verified,
    Mail.Kind.REFUSED: _refused,
    Mail.Kind.OPINION: _opinion,
    Mail.Kind.OPINION_BACK: _opinion_back,
    Mail.Kind.REOPENED: _reopened,
    Mail.Kind.APPEAL: _appeal,
    Mail.Kind.APPEAL_ANSWERED: _appeal_answered,
    Mail.Kind.PLAN_RETURNED: _plan_returned,
    Mail.Kind.PLAN_APPROVED: _plan_approved,
    Mail.Kind.RESTATEMENT: _restatement,
    Mail.Kind.REQUEST_DECLINED: _request_declined,
    Mail.Kind.JOIN_REQUEST: _join_request,
    Mail.Kind.JOIN_DECLINED: _join_declined,
    Mail.Kind.TEAM: _team,
    Mail.Kind.FORM_SAVED: _form_saved,
    Mail.Kind.FORM_LINK: _form_link,
    Mail.Kind.REMINDER: _reminder,
    Mail.Kind.REQUEST: _request,
    Mail.Kind.REQUEST_OVERDUE: _request_overdue,
    Mail.Kind.REQUEST_WITHDRAWN: _request_withdrawn,
    Mail.Kind.FINDING: _finding,
    Mail.Kind.FINDING_ANSWERED: _finding_answered,
    Mail.Kind.FINDING_CLOSED: _finding_closed,
    Mail.Kind.MENTION: _mention,
    Mail.Kind.PREVIEW: _preview,
    Mail.Kind.PREVIEW_ENDS: _preview_ends,
    Mail.Kind.DECIDED: _decided,
    Mail.Kind.DISPUTE: _dispute,
    Mail.Kind.DISPUTE_WITHDRAWN: _dispute_withdrawn,
    Mail.Kind.DISPUTE_ANSWERED: _dispute_answered,
    Mail.Kind.ROLE: _role,
    Mail.Kind.WEBHOOK_OFF: _webhook_off,
    Mail.Kind.TEST: _test,
}

"""Write mails into the outbox: one row a person, in the caller's transaction and the recipient's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone, translation

from portfolio.mail.words import SENTENCES, letter
from portfolio.models import Company, Mail, Membership, Role

UNKNOWN = "zh-hans"  # the language of whoever has never chosen one


def people_of(company: int, *kinds: str) -> list[User]:
    """Those who work for it here, or only the submitters: `people_of(7, Membership.Kind.SUBMITTER)`."""
    mine = Membership.objects.filter(company=company, user__is_active=True, kind__in=kinds or Membership.Kind.values)
    return [one.user for one in mine.select_related("user__person").order_by("user__pk")]


def administrators() -> list[User]:
    found = User.objects.filter(is_active=True, person__role=Role.ADMIN)
    return list(found.select_related("person").order_by("pk"))


def language_of(user: User) -> str:
    person = getattr(user, "person", None)
    return person.language if person and person.language in dict(settings.LANGUAGES) else UNKNOWN


def tell(
    people: Iterable[User],
    kind: str,
    about: str,
    path: str,
    *,
    company: Company | None = None,
    once: str = "",
    not_before: datetime | None = None,
    **parameters: Any,
) -> None:
    """Queue a mail for each of them. `path` is of the page that it leads to.

    The same kind about the same thing goes to nobody twice; `once` tells apart what may be told again, such as a
    second return of one disclosure. Of `parameters`, which are kept as JSON, the words of the kind are made
    (portfolio/mail/words.py): no secrets, nothing that anybody typed.
    """
    queued = timezone.now() if not_before is None else not_before
    Mail.objects.bulk_create(
        (_mail(user, kind, about, path, company, once, queued, parameters) for user in people),
        ignore_conflicts=True,  # by its key it is there already
    )


def _mail(
    user: User,
    kind: str,
    about: str,
    path: str,
    company: Company | None,
    once: str,
    not_before: datetime,
    parameters: Mapping[str, Any],
) -> Mail:
    language = language_of(user)
    with translation.override(language):
        subject, sentences = SENTENCES[Mail.Kind(kind)](company.name if company else "", parameters)
        body = letter(sentences, settings.SITE_URL + path)
    return Mail(
        key=":".join(filter(None, (kind, about, once, f"user:{user.pk}"))),
        kind=kind,
        user=user,
        address=user.email,
        language=language,
        company=company,
        about=about,
        parameters=dict(parameters),
        subject=" ".join(subject.split()),  # a name may hold a line break, a head must not
        body=body,
        not_before=not_before,
    )

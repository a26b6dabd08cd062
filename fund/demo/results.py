"""What the demo's applicant has come to elsewhere: results that are confirmed, disputed, refused and decided.

Bound to scores, so it is made after the first run, where missing. All of it is labelled as illustrative.
"""

from __future__ import annotations

from django.contrib.auth.models import User

from fund.models import Preview
from portfolio.models import Membership

APPLICANT, MANAGER = "applicant", "manager"  # accounts of fund/demo/people.py
CONFIRMED = ("demo-clearwind", "demo-untold", "demo-sideline")  # decided, before the committee, not admitted
DISPUTED = "demo-linewind"
OPEN = (
    "r.ebit",
    "示例：年报第 12 页的息税前利润是 1,210 万元，请核对。 Illustrative: page 12 of the report says 12.1 million.",
)
ANSWERED = (
    "bar.o",
    "示例：对照的行业是否有误？ Illustrative: is it compared with the right industry?",
    "示例：已核对，按风电整机的技术类别比较。 Illustrative: checked; it is compared as a maker of wind turbines.",
)


def set_up() -> None:
    """Nothing for companies that are not scored, or of which something was said before."""
    applicant, manager = (User.objects.get(username=name) for name in (APPLICANT, MANAGER))
    previews = Preview.objects.filter(disclosure__company__company_key__in=(*CONFIRMED, DISPUTED))
    for preview in previews.select_related("disclosure__company"):
        company = preview.disclosure.company
        Membership.objects.get_or_create(user=applicant, company=company, defaults={"kind": Membership.Kind.SUBMITTER})
        if preview.confirmed_at or preview.disputes.exists() or not preview.is_running:
            continue
        digest = preview.standing_score().digest
        if company.company_key == DISPUTED:
            field, words, answer = ANSWERED
            preview.dispute(field, words, by=applicant, digest=digest).reply(answer, by=manager)
            preview.dispute(*OPEN, by=applicant, digest=digest)
        else:
            preview.confirm(by=applicant, digest=digest)

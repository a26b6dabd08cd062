"""People of a company leave, are removed and take over; the company keeps a submitter."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from portfolio.errors import NotAllowed
from portfolio.models import AuditEvent, Company, Membership
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def company() -> Company:
    return make.company()


@pytest.fixture
def alice(company: Company) -> User:
    return make.alice(company)


@pytest.fixture
def frank(company: Company) -> User:
    return make.frank(company)


def member(user: User) -> Membership:
    return Membership.objects.get(user=user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def test_a_contributor_leaves_and_a_submitter_removes(company: Company, alice: User, frank: User) -> None:
    gail = make.user("gail", company=company, kind="contributor")
    member(frank).end(by=frank)
    member(gail).end(by=alice)
    assert list(Membership.objects.values_list("user__username", flat=True)) == ["alice"]
    told = AuditEvent.objects.filter(verb__startswith="member.").order_by("seq")
    assert list(told.values_list("actor", "verb", "object", "detail")) == [
        ("frank", "member.left", f"company:{company.pk}", "frank: contributor > -"),
        ("alice", "member.removed", f"company:{company.pk}", "gail: contributor > -"),
    ]


def test_the_last_submitter_needs_a_successor(alice: User, frank: User) -> None:
    with pytest.raises(NotAllowed):
        member(alice).end(by=alice)
    with pytest.raises(NotAllowed):
        member(alice).become("contributor", by=make.dan())
    member(frank).become("submitter", by=alice)
    member(alice).end(by=alice)
    assert member(frank).kind == "submitter"


def test_a_successor_who_is_switched_off_is_none(company: Company, alice: User) -> None:
    User.objects.filter(pk=make.user("gone", company=company).pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        member(alice).end(by=alice)


@pytest.mark.parametrize("who", ["frank", "stranger", "manager"])
def test_others_change_nobody(who: str, alice: User, frank: User) -> None:
    by = {"frank": frank, "stranger": make.user("x"), "manager": make.carol()}[who]
    for do in (lambda: member(alice).end(by=by), lambda: member(frank).become("submitter", by=by)):
        with pytest.raises(NotAllowed):
            do()


def test_the_page_does_it_and_says_why_not(company: Company, alice: User, frank: User) -> None:
    page = reverse("portfolio:members", args=[company.pk])
    client, other = signed_in(alice), signed_in(frank)
    assert "People of the company" in client.get(reverse("disclosures")).content.decode()
    refused = client.post(page, {"member": member(alice).pk, "action": "end"})
    assert refused.status_code == 409
    assert "make somebody else of the company a submitter first" in refused.content.decode()
    assert "Make a submitter" not in other.get(page).content.decode()
    assert other.post(page, {"member": member(alice).pk, "action": "end"}).status_code == 409
    done = client.post(page, {"member": member(frank).pk, "action": "submitter"}, follow=True).content.decode()
    assert "frank is now: Submitter" in done
    assert client.post(page, {"member": member(alice).pk, "action": "end"})["Location"] == reverse("disclosures")
    assert client.get(page).status_code == 404
    for wrong in ({"member": "x", "action": "end"}, {"member": "999"}):
        assert other.post(page, wrong).status_code == 404
    assert other.post(page, {"member": member(frank).pk, "action": "king"}).status_code == 409


def test_leaving_takes_two_steps_and_goes_to_its_own_page(company: Company, alice: User, frank: User) -> None:
    client, page = signed_in(alice), reverse("portfolio:members", args=[company.pk])
    again = client.post(reverse("portfolio:invite", args=[company.pk]), {"address": "x", "kind": "contributor"})
    shown = again.content.decode()
    assert shown.count(f'class="row" action="{page}"') == 2  # not to the address of the refused invitation
    assert shown.index("<summary>Leave the company…") < shown.index('value="end">Leave the company</button>')


def test_administrators_add_change_and_remove_with_old_and_new(company: Company, alice: User, frank: User) -> None:
    client = signed_in(make.dan())
    change = reverse("admin:portfolio_membership_change", args=[member(alice).pk])
    assert "only submitter" in client.post(change, {"kind": "contributor"}).content.decode()
    client.post(reverse("admin:portfolio_membership_change", args=[member(frank).pk]), {"kind": "submitter"})
    gail = make.user("gail")
    new = {"user": gail.pk, "company": company.pk, "kind": "contributor"}
    client.post(reverse("admin:portfolio_membership_add"), new)
    rows = reverse("admin:portfolio_membership_changelist")
    both = {"action": "remove", "_selected_action": [member(alice).pk, member(frank).pk]}
    said = client.post(rows, both, follow=True).content.decode()
    assert "only submitter" in said
    assert Membership.objects.filter(kind="submitter").count() == 1
    told = AuditEvent.objects.filter(verb__startswith="member.").order_by("seq").values_list("verb", "detail")
    assert list(told)[:2] == [
        ("member.changed", "frank: contributor > submitter"),
        ("member.added", "gail: - > contributor"),
    ]

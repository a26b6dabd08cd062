"""Sign-up by the company's code, the links of mails, and what a stranger can find out by them: nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fund.project.logs import told_path
from portfolio.errors import NotAllowed
from portfolio.models import AuditEvent, Company, Handling, Invitation, JoinRequest, Mail, Membership
from tests import make

pytestmark = pytest.mark.django_db

USCC = "91350100M000100Y43"
OTHER_USCC = "91110000100000000R"
SECRET = "harbour kettle mosaic"
TOLD = {"email": "Lin@Example.org", "name": "林芳", "uscc": USCC, "company_name": "蜀光储能", "consent": "on"}


def browser(user: User | None = None) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    if user:
        client.force_login(user)
    return client


def link_of(message: EmailMessage) -> str:
    found = re.search(r"https?://[^/]+(/[if]/[^/\s]+/)", str(message.body))
    assert found, message.body
    return found[1]


def sign_up(client: Client, **other: str) -> Any:
    return client.post(reverse("sign_up"), TOLD | other)


def confirmed(client: Client, **other: str) -> JoinRequest:
    """Signed up, and the link of the mail followed."""
    sign_up(client, **other)
    answer = client.post(link_of(mail.outbox[-1]), {"password": SECRET})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("join"))
    return JoinRequest.objects.latest("pk")


# --- signing up ------------------------------------------------------------------------------------------
def test_who_signs_up_chooses_a_password_by_the_link_and_waits() -> None:
    client = browser()
    assert sign_up(client).status_code == 200
    assert not User.objects.exists()
    asked = confirmed(client)
    user = User.objects.get()
    assert (user.email, user.get_full_name(), user.check_password(SECRET)) == ("lin@example.org", "林芳", True)
    assert EmailAddress.objects.get(user=user).verified
    assert (asked.state, asked.user, asked.consent) == ("waiting", user, "2026-11")
    page = client.get(reverse("join")).content.decode()
    assert "蜀光储能" in page and "Waits" in page
    assert not Handling.objects.exists()  # nobody had the account in hand
    assert not Company.objects.exists()


def test_the_link_is_good_once_and_read_without_effect() -> None:
    client = browser()
    sign_up(client)
    link = link_of(mail.outbox[0])
    for _time in range(2):
        assert browser().get(link).status_code == 200
    assert not User.objects.exists()
    client.post(link, {"password": SECRET})
    assert browser().get(link).status_code == 410
    assert browser().post(link, {"password": SECRET}).status_code == 410
    assert browser().get(reverse("one_off", args=["no-such-token"])).status_code == 404


def test_an_expired_link_opens_nothing_and_is_forgotten() -> None:
    sign_up(browser())
    JoinRequest.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert browser().get(link_of(mail.outbox[0])).status_code == 410
    assert JoinRequest.prune() == 1


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("uscc", "91350100M000100Y44", "does not fit"),
        ("uscc", "123", "18 characters"),
        ("email", "nobody", "no e-mail address"),
        ("name", "", "required"),
        ("consent", "", "consent"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(field: str, typed: str, said: str) -> None:
    page = sign_up(browser(), **{field: typed})
    assert page.status_code == 200 and not mail.outbox
    assert said in str(page.context["form"].errors[field])
    assert "蜀光储能" in page.content.decode()


def test_the_check_character_is_looked_at_while_the_rest_is_typed() -> None:
    wrong = browser().get(reverse("check_uscc"), {"uscc": "91350100M000100Y44"}).content.decode()
    right = browser().get(reverse("check_uscc"), {"uscc": USCC.lower()}).content.decode()
    assert "does not fit" in wrong and "fits" in right


def test_the_answer_is_the_same_whatever_is_known_here() -> None:
    """Neither the address nor the company, nor whether it has people, nor its name can be found out."""
    known = make.company(uscc=USCC)
    make.alice(known)
    pages = {
        sign_up(browser(), email=address, uscc=code).content.decode().replace(address, "")
        for address in ("new@example.org", "alice@example.org")
        for code in (USCC, OTHER_USCC)
    }
    strip = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
    assert len({strip.sub("", page) for page in pages}) == 1
    assert "Shuguang" not in pages.pop()
    assert [len(re.findall("/i/", str(one.body))) for one in mail.outbox] == [1, 1, 0, 0]


def test_a_mail_server_that_is_down_costs_a_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_given: Any, **_how: Any) -> None:
        raise OSError("no route")

    monkeypatch.setattr("portfolio.mail.links.send_mail", down)
    page = sign_up(browser())
    assert page.status_code == 503
    assert "Nothing is lost" in page.content.decode() and "Lin@Example.org" in page.content.decode()


def test_signing_up_is_throttled(settings: Any) -> None:
    settings.ENTRANCE_RATES = settings.ENTRANCE_RATES | {"sign_up_address": "2/h/key", "link": "1/m/ip"}
    assert [sign_up(browser()).status_code for _time in range(3)] == [200, 200, 429]
    assert len(mail.outbox) == 2
    assert [browser().get(reverse("one_off", args=["x"])).status_code for _time in range(2)] == [404, 429]


def test_a_log_line_keeps_no_link() -> None:
    assert told_path("/i/secret-token/") == "/i/…/" and told_path("/f/secret-token/") == "/f/…/"
    assert told_path("/app/f/7/") == "/app/f/7/"


def test_no_token_is_stored() -> None:
    sign_up(browser())
    token = link_of(mail.outbox[0]).split("/")[2]
    row = JoinRequest.objects.values().get()
    assert token not in str(row) and not Mail.objects.exists()
    assert not AuditEvent.objects.filter(detail__contains=token).exists()


# --- who answers -----------------------------------------------------------------------------------------
def test_the_first_submitter_of_a_new_company_is_accepted_by_an_administrator() -> None:
    erin = make.erin()
    asked = confirmed(browser())
    assert Mail.objects.get(kind=Mail.Kind.JOIN_REQUEST).user == erin
    desk = browser(erin)
    page = desk.get(reverse("portfolio:join_requests")).content.decode()
    assert "No company of this code yet" in page and "林芳" in page
    bare = {"request": asked.pk, "action": "accept"}
    assert desk.post(reverse("portfolio:join_requests"), bare).status_code == 409  # the industry is missing
    assert desk.post(reverse("portfolio:join_requests"), bare | {"isic": "C27"}).status_code == 302
    company = Company.objects.get(uscc=USCC)
    assert (company.name, company.sector, company.isic) == ("蜀光储能", "machinery", "C27")
    assert Membership.objects.get(company=company).kind == "submitter"
    assert Mail.objects.get(kind=Mail.Kind.TEAM).user == asked.user
    with pytest.raises(NotAllowed):
        asked.accept(by=erin)


def test_submitters_answer_for_their_company_and_the_name_is_compared() -> None:
    company = make.company(uscc=USCC)
    alice, erin, mallory = make.alice(company), make.erin(), make.user("mallory", company=make.company("demo-beta"))
    asked = confirmed(browser(), company_name="Shuguang  STORAGE")
    assert asked.is_named_alike
    assert Mail.objects.get(kind=Mail.Kind.JOIN_REQUEST).user == alice
    assert not JoinRequest.objects.to_answer(erin).exists() and not JoinRequest.objects.to_answer(mallory).exists()
    for stranger in (erin, mallory, asked.user):
        with pytest.raises(NotAllowed):
            asked.accept(by=stranger)
    answer = browser(alice).post(reverse("portfolio:join_requests"), {"request": asked.pk, "action": "accept"})
    assert answer.status_code == 302
    assert Membership.objects.get(user=asked.user).kind == "contributor"


def test_who_is_declined_reads_why_and_asks_again() -> None:
    make.alice(make.company(uscc=USCC))
    alice = User.objects.get(username="alice")
    client = browser()
    asked = confirmed(client)
    desk = browser(alice)
    assert desk.post(reverse("portfolio:join_requests"), {"request": asked.pk, "reason": " "}).status_code == 409
    desk.post(reverse("portfolio:join_requests"), {"request": asked.pk, "reason": "We do not know you."})
    assert "We do not know you." in client.get(reverse("join")).content.decode()
    assert Mail.objects.get(kind=Mail.Kind.JOIN_DECLINED).user == asked.user
    again = {"uscc": USCC, "company_name": "蜀光储能", "consent": "on"}
    assert client.post(reverse("join"), again).status_code == 302
    assert client.post(reverse("join"), again).status_code == 200  # it waits already
    waiting = JoinRequest.objects.waiting().get()
    client.post(reverse("join"), {"withdraw": waiting.pk})
    assert not JoinRequest.objects.waiting().exists()


def test_an_administrator_who_made_the_account_is_no_second_person() -> None:
    erin, dan, gail = make.erin(), make.dan(), make.user("gail")
    Handling.note(gail, Handling.What.CREATED, by=erin)
    asked = JoinRequest.ask(gail, uscc=USCC, company_name="蜀光储能")
    with pytest.raises(NotAllowed):
        asked.accept(by=erin, isic="C27", sector="machinery")
    assert asked.accept(by=dan, isic="C27", sector="machinery").kind == "submitter"


# --- invitations -----------------------------------------------------------------------------------------
def invited(client: Client, company: Company, address: str = "wang@example.org", kind: str = "contributor") -> str:
    answer = client.post(reverse("portfolio:invite", args=[company.pk]), {"address": address, "kind": kind})
    assert answer.status_code == 302
    return link_of(mail.outbox[-1])


def test_who_is_invited_makes_an_account_and_works_for_the_company() -> None:
    company = make.company()
    alice = make.alice(company)
    link = invited(browser(alice), company)
    client = browser()
    assert "Shuguang Storage" in client.get(link).content.decode()
    told = {"name": "王五", "password": SECRET}
    assert client.post(link, told).status_code == 200  # without consent there is no account
    assert client.post(link, told | {"consent": "on"}).status_code == 302
    member = Membership.objects.get(user__email="wang@example.org")
    assert (member.company, member.kind, member.user.get_full_name()) == (company, "contributor", "王五")
    assert Invitation.objects.get().consent == "2026-11"
    assert client.get(reverse("disclosures")).status_code == 200
    assert browser().get(link).status_code == 410


def test_an_account_of_the_address_joins_and_no_other() -> None:
    company = make.company()
    link = invited(browser(make.alice(company)), company, "gail@example.org")
    gail, judy = make.user("gail"), make.user("judy")
    assert "Log in" in browser().get(link).content.decode()
    assert browser(judy).post(link).status_code == 200
    assert not Membership.objects.filter(user__in=[gail, judy]).exists()
    assert browser(gail).post(link).status_code == 302
    assert Membership.objects.get(user=gail).kind == "contributor"


def test_a_link_that_is_taken_back_sent_again_or_whose_sender_left_opens_nothing() -> None:
    company = make.company()
    alice = make.alice(company)
    desk = browser(alice)
    first = invited(desk, company)
    row = Invitation.objects.get()
    desk.post(reverse("portfolio:invitation", args=[row.pk]), {"action": "again"})
    second = link_of(mail.outbox[-1])
    assert (browser().get(first).status_code, browser().get(second).status_code) == (404, 200)
    Membership.objects.filter(user=alice).update(kind="contributor")
    assert browser().get(second).status_code == 410
    Membership.objects.filter(user=alice).update(kind="submitter")
    desk.post(reverse("portfolio:invitation", args=[row.pk]), {"action": "revoke"})
    assert browser().get(second).status_code == 410
    assert [one.verb for one in AuditEvent.objects.filter(verb__startswith="invitation.").order_by("seq")] == [
        "invitation.made",
        "invitation.sent_again",
        "invitation.revoked",
    ]


def test_what_was_typed_stays_where_an_invitation_is_refused() -> None:
    company = make.company()
    desk = browser(make.alice(company))
    make.frank(company)
    for address, said in (("frank@example.org", "works for the company already"), ("nobody", "no e-mail address")):
        page = desk.post(reverse("portfolio:invite", args=[company.pk]), {"address": address, "kind": "contributor"})
        assert page.status_code == 409
        assert said in page.content.decode() and address in page.content.decode()
    assert not Invitation.objects.exists()


def test_contributors_and_strangers_invite_nobody() -> None:
    company = make.company()
    frank, mallory = make.frank(company), make.user("mallory", company=make.company("demo-beta"))
    typed = {"address": "wang@example.org", "kind": "submitter"}
    assert browser(frank).post(reverse("portfolio:invite", args=[company.pk]), typed).status_code == 409
    assert browser(mallory).post(reverse("portfolio:invite", args=[company.pk]), typed).status_code == 404
    assert not mail.outbox


def test_an_invitation_that_the_mail_server_did_not_take_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_given: Any, **_how: Any) -> None:
        raise OSError("no route")

    monkeypatch.setattr("portfolio.mail.links.send_mail", down)
    company = make.company()
    desk = browser(make.alice(company))
    page = desk.post(
        reverse("portfolio:invite", args=[company.pk]), {"address": "w@example.org", "kind": "contributor"}, follow=True
    ).content.decode()
    assert "did not take the invitation" in page and "Not sent" in page


def test_invitations_have_an_end() -> None:
    company = make.company()
    alice = make.alice(company)
    for number in range(Invitation.MOST_OPEN):
        Invitation.invite(company, f"w{number}@example.org", "contributor", by=alice)
    with pytest.raises(NotAllowed, match="20"):
        Invitation.invite(company, "one-more@example.org", "contributor", by=alice)


def test_every_change_of_a_team_is_told_to_whom_it_concerns() -> None:
    company = make.company()
    alice, frank = make.alice(company), make.frank(company)
    Membership.objects.get(user=frank).become("submitter", by=alice)
    Membership.objects.get(user=alice).end(by=alice)
    told = Mail.objects.filter(kind=Mail.Kind.TEAM).order_by("pk")
    assert [(one.user, one.parameters["after"]) for one in told] == [(frank, "submitter"), (frank, "")]
    assert "alice" in told[1].subject

"""What somebody of the fund sees first."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio.models import Role, RoleChange
from tests import make, make_candidates
from tests.fund.pipeline.test_candidates import some
from tests.scoring.pages import mei, signed_in, text

pytestmark = pytest.mark.django_db


def test_who_is_new_sees_three_steps_and_who_comes_back_does_not() -> None:
    carol = make.carol()
    client = signed_in(carol)
    assert "Three steps to begin" in text(client.get(reverse("home")))
    assert "Three steps to begin" in text(client.get(reverse("home")))  # the same visit
    client = signed_in(carol)
    page = text(client.get(reverse("home")))
    assert "Three steps to begin" not in page and "Your last visit" in page
    assert "Nothing changed." in page and "Nothing waits for you." in page


def test_the_second_and_third_step_lead_to_the_candidate_that_clears_most() -> None:
    some()
    page = text(signed_in(make.carol()).get(reverse("home")))
    steps = page[page.index('class="steps"') :].split("</ol>")[0]
    [company, figures] = re.findall(r'href="(/app/companies/\d+/[^"]*)"', steps)
    assert figures == f"{company}#bar-c"


def test_the_tiles_count_what_the_list_shows() -> None:
    some()
    page = text(signed_in(make.carol()).get(reverse("home")))
    tile = page[page.index("track=power_decarbonisation") :]
    assert "<b>3</b>" in tile[:600] or "<b>2</b>" in tile[:600]
    assert "7 candidates, " in tile[:800]


def test_a_proposal_waits_for_the_other_administrator_only() -> None:
    fund, dan, erin = make.fund(), make.dan(), make.erin()
    company = make_candidates.candidate(fund, "turbines", dan)
    run = make_candidates.score(company)
    candidate = company.candidacies.get()
    candidate.propose(run.scores.get(), "invest", "It clears all three bars, verified.", dan, amount_cny=1_000_000)
    assert "proposal waits for your decision" in text(signed_in(erin).get(reverse("home")))
    mine = text(signed_in(dan).get(reverse("home")))
    assert "proposal of yours waits for a decision" in mine
    assert "proposal waits for your decision" not in mine
    manager = text(signed_in(make.carol()).get(reverse("home")))
    assert "“Invest” was proposed" in manager and "/admin/" not in manager
    assert "proposal is before the committee" in manager and "?state=waiting" in manager
    assert "before the committee" not in mine


def test_the_shortlist_waits_for_a_proposal_on_the_pages_of_who_proposes() -> None:
    fund, dan, carol = make.fund(), make.dan(), make.carol()
    company = make_candidates.candidate(fund, "turbines", dan)
    make_candidates.score(company)
    waits = "candidate on the shortlist waits for a proposal"
    pages = (reverse("home"), reverse("admin:index"))
    assert all(waits not in text(signed_in(dan).get(page)) for page in pages)
    company.candidacies.get().shortlist(by=carol)
    for page in pages:
        shown = text(signed_in(dan).get(page))
        assert waits in shown and "?standing=shortlisted" in shown
    assert waits in text(signed_in(carol).get(reverse("home")))
    assert waits not in text(signed_in(mei()).get(reverse("home")))


def test_a_role_waits_for_the_administrator_who_may_confirm_it() -> None:
    dan, erin, carol = make.dan(), make.erin(), make.carol()
    change = RoleChange.propose(make.user("nora"), Role.VERIFIER, "joins us in May", by=dan)
    told = "house role waits for your confirmation"
    shown = text(signed_in(erin).get(reverse("home")))
    assert told in shown and "/admin/portfolio/rolechange/?outcome__exact=open" in shown
    assert told in text(signed_in(erin).get(reverse("admin:index")))
    for other in (dan, carol):  # who proposed it, and who is no administrator
        assert told not in text(signed_in(other).get(reverse("home")))
    change.confirm(by=erin)
    assert told not in text(signed_in(erin).get(reverse("home")))


def test_a_candidate_that_moved_since_the_last_visit_is_named_with_its_reason() -> None:
    fund, dan, carol = make.fund(), make.dan(), make.carol()
    company = make_candidates.candidate(fund, "moves", dan, name_en="Moving Turbines")
    make_candidates.candidate(fund, "stays", dan, name_en="Steady Turbines")
    make_candidates.score(company)
    signed_in(carol)  # a visit, before which nothing moved
    client = signed_in(carol)
    make_candidates.say(company, "exclusion", "yes", by=dan)
    make_candidates.score(company)
    page = text(client.get(reverse("home")))
    assert "Moving Turbines" in page and "data: facts of the gates" in page
    assert "Steady Turbines" not in page


def test_as_many_queries_for_many_candidates() -> None:
    fund, dan, carol = make.fund(), make.dan(), make.carol()
    client = signed_in(carol)
    counts = []
    for n in range(2):
        made = [make_candidates.candidate(fund, f"k{n}{i}", dan) for i in range(1 + 3 * n)]
        make_candidates.score(*made)
        client.get(reverse("home"))
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(reverse("home"))
        counts.append(len(seen))
    assert counts[0] == counts[1]

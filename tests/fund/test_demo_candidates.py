"""The demo's candidates: the real ones that are loaded, and an invented one for each state of the page."""

from django.test import TestCase

from fund.demo import candidates, requests
from fund.models import Candidate
from portfolio import audit
from portfolio.models import Company, CompanyTrack, DataRequest, Disclosure, GateWord, Quantity, Solution
from tests import make


class DemoCandidates(TestCase):
    """Made once for the fund, with one of the real ones on record."""

    made: dict[str, Company]  # by key

    @classmethod
    def setUpTestData(cls) -> None:
        make.user("manager", "fund_manager")
        make.user("verifier", "verifier")
        make.user("reviewer", "independent_reviewer")
        make.company("x-goldwind")
        candidates.set_up(make.fund(), make.dan())
        cls.made = {company.company_key: company for company in Company.objects.all()}

    def test_each_is_a_candidate_once_and_setting_up_again_changes_nothing(self) -> None:
        erin = make.erin()
        before = (Candidate.objects.count(), Disclosure.objects.count(), audit.AuditEvent.objects.count())

        candidates.set_up(Candidate.objects.all()[0].fund, erin)

        assert before == (Candidate.objects.count(), Disclosure.objects.count(), audit.AuditEvent.objects.count())
        assert before[0] == len(candidates.INVENTED) + 1

    def test_the_requests_tell_of_all_three_states_and_are_made_once(self) -> None:
        for _twice in range(2):
            requests.set_up()
        found = {one.company.company_key: one for one in DataRequest.objects.select_related("company")}

        assert DataRequest.objects.count() == len(found) == 3
        assert found["demo-clearwind"].state == DataRequest.State.ANSWERED
        assert found["demo-assisted"].is_overdue and found["demo-assisted"].asked_at.date() < found["demo-assisted"].due
        assert found["demo-untold"].is_open and not found["demo-untold"].is_overdue
        assert all("示例" in one.note and "Illustrative" in one.note for one in found.values())

    def test_all_but_the_real_one_say_in_both_languages_that_they_are_invented(self) -> None:
        for company in self.made.values():
            is_invented = company.company_key != "x-goldwind"
            assert company.is_illustrative == is_invented
            assert ("示例" in company.name_zh and "illustrative" in company.name_en) == is_invented

    def test_tailwind_is_the_worked_example_of_the_method(self) -> None:
        disclosure = self.made["demo-tailwind"].disclosures.get()
        told = disclosure.values()
        sold = Solution.objects.get(disclosure=disclosure)

        assert (disclosure.state, disclosure.year) == ("verified", 2025)
        assert (sold.units_sold, sold.service_per_unit_year, sold.life_years) == (500.0, 2200.0, 20)
        assert (sold.use_share, sold.lca_t_per_unit) == (0.95, 308.0)
        assert (told[Quantity.SCOPE_1] or 0) + (told[Quantity.SCOPE_2_LOCATION] or 0) == 20_000
        assert (told[Quantity.REVENUE], told[Quantity.EBIT], told[Quantity.GRANTS]) == (1e9, 9e7, 4e7)
        assert (told[Quantity.THEME_REVENUE], told[Quantity.PRICE_PREMIUM], told[Quantity.THEME_CREDITS]) == (90, 0, 0)

    def test_every_verified_one_was_signed_by_another_person_and_stands(self) -> None:
        verified = Disclosure.objects.filter(state="verified")

        assert {row.verified_by.username for row in verified if row.verified_by} == {"verifier"}
        assert all(row.digest == row.content_digest() for row in verified)
        assert verified.count() == sum(one.is_verified for one in candidates.INVENTED)

    def test_gates_family_and_code_are_confirmed_by_the_manager(self) -> None:
        words = GateWord.objects.confirmed()

        assert words[self.made["demo-excluded"].pk]["exclusion"].answer == "yes"
        assert words[self.made["demo-venture"].pk]["venture"].answer == "yes"
        assert all(word.by and word.by.username == "manager" for found in words.values() for word in found.values())
        tracks = {
            track.company.company_key: track for track in CompanyTrack.objects.select_related("company", "family")
        }
        assert tracks["demo-unsorted"].family is None
        assert [key for key, track in tracks.items() if not track.catalogue] == ["demo-uncoded"]
        assert all(track.is_confirmed for track in tracks.values())

    def test_each_state_is_there(self) -> None:
        def told(key: str) -> dict[str, float | None]:
            return self.made[f"demo-{key}"].disclosures.get().values()

        def sold(key: str) -> Solution:
            return Solution.objects.get(disclosure__company=self.made[f"demo-{key}"])

        assert not {Quantity.GRANTS, Quantity.PRICE_PREMIUM, Quantity.THEME_CREDITS} & told("untold").keys()
        assert Quantity.SCOPE_1 not in told("assisted") and Quantity.REVENUE in told("assisted")
        assert (told("venture")[Quantity.RUNWAY], told("venture-untold").get(Quantity.RUNWAY)) == (30.0, None)
        assert sold("planned").kind == "planned"
        assert (sold("blades").cost_share, sold("gearboxes").cost_share) == (0.22, None)
        assert sold("blades").is_component and sold("gearboxes").is_component
        assert self.made["demo-older"].disclosures.get().year == 2024
        assert told("sideline")[Quantity.THEME_REVENUE] == 30.0

"""A target's own text against the figures beside it: what is asked, and what is no contradiction."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from portfolio.universe import flags, words
from portfolio.universe.target_texts import questions
from portfolio.universe.words import DEMO_UNIVERSE

S1S2, ALL = ["1", "2"], ["1", "2", "3"]
THIRD = flags.TEXT_SCOPE["3"]


def asked(
    text: str, percent: float | None = 42.0, base: int | None = 2020, end: int | None = 2030, **facts: Any
) -> Any:
    return questions(
        text, facts.get("kind", "absolute"), percent, base, end, facts.get("scopes", S1S2), facts.get("tonnes")
    )


def says(said: str, given: str = "42%") -> str:
    return flags.TEXT_REDUCTION % {"said": said, "given": given}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("We care.", []),
        ("Reduce scope 1 and 2 emissions by 42% by 2030 from 2020", []),
        ("Reduce scope 1 and 2 emissions by 41.96%", []),  # a tracker rounds
        ("Reduce emissions by 40-45% by 2030", []),
        ("Reduce absolute scope 1 and 2 emissions 90% and scope 3 emissions 25%", [says("90% / 25%")]),
        ("范畴一、二排放减少 50%", [says("50%")]),
        ("We source 100% renewable electricity, and 70% of our suppliers have targets", []),
        ("We have reduced emissions by 17% since 2018", []),  # done, and no promise
        ("Target: reduce emissions 52.6% by 2030. 42% reduction in emissions since 2019.", [says("52.6%")]),
        ("Emissions decrease by 1% year by year", []),
        ("A 33% reduction in financed emissions by 2030", []),
    ],
)
def test_the_share(text: str, found: list[str]) -> None:
    assert asked(text) == found


def test_half_is_a_percentage_too() -> None:
    assert asked("Halve our emissions by 2030, and scope 3 by 30% likewise", 50.0) == []


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Reduce emissions by 42% by 2030 from a 2014 base year", "2014"),
        ("Reduce emissions 42% compared with FY18 levels", "2018"),
        ("42% less by 2030 (baseline year of 2019)", "2019"),
        ("以 2017 年为基准年，2030 年减排 42%", "2017"),
        ("2030年碳排放较2017年减少42%", "2017"),
        ("Reduce emissions by 42% by 2030 from a 2020 base year; before that it was 30% from 2014", ""),
        ("Reduce emissions by 42% by 2030", ""),
        ("A 42% cut against fiscal 2020", ""),
        ("Reach 42% no later than 2030", ""),
    ],
)
def test_the_base_year(text: str, years: str) -> None:
    assert asked(text) == ([flags.TEXT_BASE_YEAR % {"said": years, "given": 2020}] if years else [])


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Reduce emissions 21% before 2025; by 42% before 2035", "2035"),
        ("Reduce emissions 42% from 2020 to be met by 2040", "2040"),
        ("到 2035 年排放减少 42%", "2035"),
        ("2025: scope 1 and 2 emissions: -42% worldwide compared to 2020", "2025"),
        ("2025 – our targets were validated: emissions 42% lower", ""),
        ("Reduce emissions 42% by 2030 and scope 3 emissions 60% by 2040", ""),
        ("On the way to net zero by 2050 we cut emissions 42%", ""),
        ("By 2030, reduce emissions by 42%, up from a goal of 30%", ""),
        ("2030 年排放较 2020 年减少 42%", ""),
        ("We brought the year of our goal (42% less scope 1 and 2 emissions) forward from 2030 to 2027", "2027"),
        ("Reduce emissions 42% by 2027 instead of 2030", "2027"),
        ("The year of our 42% cut of emissions was postponed from 2030 to 2035", "2035"),
        ("减排 42% 的目标由 2030 年提前至 2027 年", "2027"),
        ("Reduce emissions by 42% from 2020 to 2030", ""),
        ("Reduce emissions 42% below 2020 by 2030; it was 42% below 2016 by 2025 (previously 2030)", ""),
    ],
)
def test_the_target_year(text: str, years: str) -> None:
    assert asked(text) == ([flags.TEXT_TARGET_YEAR % {"said": years, "given": 2030}] if years else [])


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        (
            "Reduce Scope 1 and Scope 2 emissions by 42% and reduce Scope 3 emissions by 25% per ton of production.",
            True,
        ),
        ("-42% reduction in Scope 1 & 2 emissions (tCO2e) 35% in emissions intensity for Scope 3 per ton.km", True),
        ("Scope 1 and 2 emissions: -42% worldwide Value chain emissions (Scope 3): -39% globally", True),
        ("A 42% reduction in internal carbon emissions, and a 33.7% reduction in financed emissions (scope 3)", True),
        ("Own operations: reduce absolute emissions by 42%", True),
        ("(Scopes 1, 2 (42%) and 3 (40%))", True),
        ("Reduce emissions by 42%. Reduce scope 3 emissions by 25%.", True),
        ("范畴一及范畴二排放减少 42%，范畴三减少 25%", True),
        ("Reduce absolute scope 1, 2 and 3 emissions by 42%", False),
        ("Scope 1, Scope 2, and relevant Scope 3 emissions down 42%", False),
        ("42% absolute reduction across all scopes", False),
        ("Reduce emissions from scope 1 to 3 by 42%", False),
        ("范围一至三排放减少 42%", False),
        ("Scope 1 and 2 emissions -42% by 2030 and scope 3 emissions -42% by 2030", False),
        ("Reduce value chain emissions by 42%", False),
        ("Reduce emissions by 42%", False),
    ],
)
def test_scope_3_is_asked_where_the_percentage_is_of_others(text: str, is_asked: bool) -> None:
    assert asked(text, scopes=ALL) == ([THIRD] if is_asked else [])
    assert asked(text, scopes=S1S2) == []


def test_scopes_1_and_2_are_asked_only_where_scopes_are_named() -> None:
    assert asked("Reduce absolute scope 1 emissions by 42%") == [flags.TEXT_SCOPE["2"]]
    only_third = asked("Reduce scope 3 emissions by 42%", scopes=ALL)
    assert only_third == [flags.TEXT_SCOPE["1"], flags.TEXT_SCOPE["2"]]
    direct = (
        "direct emissions (Scope 1) and emissions of bought electricity (Scope 2) 42 percent by 2030; 10% less travel"
    )
    assert asked(f"Reduce {direct}") == []


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Cut scope 1, 2 and 3[1] emissions 42%. [1] From retail purchased goods and services.", "retail {goods}"),
        ("A 42% cut of emissions in our operations, business travel and supply chain", "business travel"),
        ("Scope 1, 2 and 3 (purchased goods and services, employee commuting) -42%", "{goods} / employee commuting"),
        ("Reduce scope 1, 2 and 3 emissions 42%, scope 3 being categories 1-15", ""),
        ("Reduce scope 1, 2 and 3 emissions, including business travel, by 42%", ""),
        ("Reduce scope 1 and 2 emissions, and scope 3 emissions from business travel, by 42%", "business travel"),
        ("范围一、二及范围三（员工通勤、差旅）减排 42%", "员工通勤 / 差旅"),
    ],
)
def test_a_part_of_scope_3_is_not_the_whole(text: str, part: str) -> None:
    said = part.format(goods="purchased goods and services")
    assert asked(text, scopes=ALL) == ([flags.TEXT_PART_3 % {"said": said}] if part else [])


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("We raised our non-consolidated goal to 42% less emissions", "non-consolidated"),
        ("Our data center business will reduce emissions by 42%", "data center business"),
        ("母公司单体排放减少 42%", "单体"),
        ("Our business will reduce emissions by 42%", ""),
        ("Reduce emissions by 42% in all markets", ""),
    ],
)
def test_a_part_of_the_company_is_not_the_whole(text: str, part: str) -> None:
    assert asked(text) == ([flags.TEXT_PART % {"said": part}] if part else [])


def test_tonnes_tell_of_what_a_percentage_is() -> None:
    dow = "By 2030 we reduce net annual carbon emissions by 5 million metric tons vs. our 2020 baseline (15% reduction)"
    third = [flags.TEXT_TONNES % {"said": "33,300,000"}]
    assert asked(dow, 15.0, scopes=ALL, tonnes=33.1e6) == third
    assert asked(dow, 15.0, scopes=ALL, tonnes=20e6) == asked(dow, 15.0, scopes=ALL) == []
    assert asked(dow, 15.0, scopes=S1S2, tonnes=33.1e6) == []
    assert flags.asked(third[0]) == [("scope3", {"said": "33,300,000"})]


@pytest.mark.parametrize("kind", ["other", "words_only", "none"])
def test_a_row_filed_as_something_else_is_asked_for_the_promise_of_its_text(kind: str) -> None:
    alone = [flags.TEXT_ALONE % {"said": "47%"}]
    assert asked("Carbon neutral by 2030. Reduce scope 1, 2 and 3 emissions by 47% by 2030", None, kind=kind) == alone
    assert asked("By 2030, 100% of our purchases of vans are electric", None, kind=kind) == []
    assert asked("Having met the goal of 50% less emissions, by 2030 we want a 47% reduction vs 2018", None) == alone
    denied = "A long-term reduction of emissions of 50% by 2032 without explicitly stated interim milestones."
    assert asked(denied, None, kind="none") == []


@pytest.mark.parametrize("kind", ["other", "words_only", "none"])
def test_what_is_never_scored_is_not_asked(kind: str) -> None:
    assert asked("Reduce emissions 10% from 2011", kind=kind) == []


def test_a_percentage_that_only_the_text_has_is_asked_and_not_called_missing() -> None:
    alone = [flags.TEXT_ALONE % {"said": "50%"}]
    assert asked("Reduce scope 1 and 2 emissions by 50% by 2030 from 2018", percent=None) == alone
    assert asked("承諾 2050 年範疇一～三排放量絕對減量 50%", percent=None) == alone
    assert asked("We cut our emissions, 1% of the world's", percent=None) == []
    assert asked("Reduce emissions 50% on the way to net zero", percent=None, kind="net_zero") == []
    assert flags.asked(alone[0]) == [("reduction", {"said": "50%"})]


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("Reduce scope 1 and 2 emissions 42% by 2030 and 65% by 2040 from 2020", ("65%", "2040")),
        ("Reduce emissions by 42% by 2030. Reduce emissions by 76% by 2035 and 90% by 2050.", ("76%", "2035")),
        ("2030 年排放减少 42%，2040 年减少 80%", ("80%", "2040")),
        ("Reduce emissions by 42% by 2030. By 2040, we aim at a 92.3% reduction in emissions.", ("92.3%", "2040")),
        ("Reduce emissions 42% by 2030 and 90% by 2040 net zero supply chain by 2050, 50% by 2040", ("90%", "2040")),
        ("Reduce emissions by 42% by 2030, and source 100% renewable electricity by 2040", None),
        ("Reduce emissions by 42% by 2030. Net zero by 2050.", None),
        ("Reduce emissions by 21% by 2025 and 42% by 2030", None),
        ("Reduce emissions by 42% by 2030. Reduce scope 3 emissions by 25% by 2035.", None),
    ],
)
def test_what_the_text_promises_for_a_later_year_is_asked(text: str, later: tuple[str, str] | None) -> None:
    given = [] if later is None else [flags.TEXT_LATER % {"said": later[0], "given": later[1]}]
    assert asked(text) == given


# Whose text goes on with a later year, read by a person: Walmart 65 % by 2030, Nestlé, Siemens, Unilever, Honeywell,
# Barclays, Orange, Westpac, NextEra, Salesforce, Aviva, EDF, Volvo, E.ON, Vestas, Prysmian, Daikin, Umicore, Fubon.
LATER = {
    *("COM-0147", "COM-0088", "COM-0071", "COM-0098", "COM-0545", "COM-0226", "COM-0105", "COM-0531", "COM-0561"),
    *("COM-0298", "COM-0235", "COM-0154", "COM-0078", "COM-0126", "nz-vestas-wind-systems-a-s", "nz-prysmian-spa"),
    *("nz-daikin-industries", "nz-umicore", "COM-0621"),
}
# Every shipped text that is asked for more than scope 3, read by a person.
SHIPPED = {
    "COM-0469-interim": {"target_year"},  # Aramco: 15 % by 2035
    "COM-0178-interim": {"target_year"},  # Allianz: 50 % by 2025
    "COM-0020-interim": {"reduction"},  # GM: 72 %
    "COM-0517-interim": {"scope2"},  # Elevance: scope 1 alone
    "COM-0527-interim": {"target_year"},  # Hon Hai: 63 % before 2035
    "COM-0195-interim": {"reduction"},  # Itaú: 4 % and 6 %
    "COM-0567-interim": {"target_year"},  # Hyundai: by 2040
    "COM-0591-interim": {"base_year", "scope3"},  # Danaher: from 2021
    "COM-0570-interim": {"reduction"},  # 3M: 52.6 %; 59.1 % is done
    "COM-0544-interim": {"target_year", "scope3"},  # CK Hutchison: 40 % by 2030
    "COM-0250-interim": {"target_year"},  # BBVA: 2015-2025
    "COM-0577-interim": {"reduction"},  # McDonald's: 50.4 % from 2018
    "COM-0612-end": {"target_year", "scope1", "scope2"},  # Qualcomm: scope 3 by 2030
    "COM-0612-interim": {"base_year", "scope3"},  # Qualcomm: from 2014
    "COM-2465-interim": {"reduction"},  # HP: 50 % from 2019
    "COM-0624-interim": {"reduction"},  # Mastercard: 38 %
    "nz-delta-electronics-interim": {"reduction"},  # Delta: 90 % and 25 % from 2021
    "COM-0118-interim": {"target_year", "coverage", "scope3"},  # Telefónica: 90 % in 2025, in main markets
    "COM-0484-interim": {"coverage"},  # NTT: its mobile and data center business
    "COM-0528-interim": {"coverage", "scope3"},  # KDDI: non-consolidated
    "nz-alfa-laval-ab-interim": {"target_year", "scope3"},  # Alfa Laval: from 2030 to 2027
    # The field is empty, and the text has a percentage.
    "tw-55991080-end": {"reduction"},  # SPIL: 90 % by 2050
    "tw-69905810-end": {"reduction"},  # Catcher: 90 % by 2050
    "COM-0203-end": {"reduction"},  # Home Depot: 42 % by 2030
    "COM-0210-end": {"reduction"},  # Chubb: 20 % by 2025 and 40 % by 2035, both met
    "COM-0217-end": {"reduction"},  # BNY Mellon: 50 % by 2030
    "COM-0089-end": {"reduction"},  # Nike: 65 % and 30 %
    "COM-0115-interim": {"reduction"},  # Maersk: 35 % of scope 1
    "COM-0596-interim": {"reduction"},  # Seven & I: 50 % of its stores
    # Filed as other, as no target or as words, and the text has a percentage.
    "COM-0181-interim": {"reduction"},  # CVS: 47 % by 2030
    "COM-0066-interim": {"reduction"},  # Mercedes: 80 % by 2030
    "COM-0519-interim": {"reduction"},  # TSMC: 30 % per unit
    "nz-orsted-interim": {"reduction"},  # Ørsted: 50 % in 2032
    "nz-eaton-interim": {"reduction"},  # Eaton: 50 % and 15 % by 2030
    "tw-07568009-end": {"reduction"},  # Universal Cement: 100 % by 2050
}


def test_the_texts_that_ship_are_asked_where_a_reader_would_ask() -> None:
    found: dict[str, set[str]] = {}
    later = set()
    tonnes = {}
    with (DEMO_UNIVERSE / "disclosures.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["scope1_t"] and row["scope2_t"]:
                tonnes[row["company_key"], row["year"]] = float(row["scope1_t"]) + float(row["scope2_t"])
    with (DEMO_UNIVERSE / "targets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            percent = float(row["percent_reduction"]) if row["percent_reduction"] else None
            kind = words.target_kind(row["target_type"], row["text"], percent) or ""
            years = [int(row[name]) if row[name] else None for name in ("base_year", "target_year")]
            scopes = [scope for scope in "123" if row[f"scope{scope}"] == "Yes"]
            base_t = tonnes.get((row["company_key"], row["base_year"]))
            noted = flags.SEPARATOR.join(questions(row["text"], kind, percent, years[0], years[1], scopes, base_t))
            codes = {code for code, _told in flags.asked(noted)}
            if "later" in codes:
                later.add(row["target_id"].removesuffix("-interim"))
            if codes := codes - {"later"}:
                found[row["target_id"]] = codes
    assert later == LATER
    assert {key: codes for key, codes in found.items() if codes != {"scope3"}} == SHIPPED
    assert len(found) == 79
    for company in ("nz-weyerhaeuser-company", "nz-alstom"):
        assert found[f"{company}-interim"] == {"scope3"}
    assert {"COM-0078-interim", "COM-0617-interim"} <= found.keys()  # Volvo, Shinhan
    # A part of scope 3: Target, HSBC, Holcim; Dow, whose tonnes are 15 % of scopes 1 and 2.
    assert {"COM-0106-interim", "COM-0183-interim", "COM-0054-interim", "COM-0296-interim"} <= found.keys()

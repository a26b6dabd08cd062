"""The table of places: that codes exist, what places are called, and how they are found."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio.models import City
from portfolio.places import names, table
from portfolio.places.search import UnknownPlace, read_place, search
from scoring.tables.factors import shipped
from scoring.tables.in_force import in_force
from tests import make

pytestmark = pytest.mark.django_db


# --- the table -------------------------------------------------------------------------------------------
def test_the_provinces_are_those_of_the_factor_tables() -> None:
    regions = {region.code: region for region in shipped().regions.regions}
    ours = {place.code: place for place in table.provinces_by_prefix().values()}
    for code, place in ours.items():
        assert (regions[code].name_zh, regions[code].name_en) == (place.name_zh, place.name_en)
    assert {code for code, region in regions.items() if region.kind == "province"} <= ours.keys()


def test_every_province_has_its_cities_and_every_place_lies_in_one_that_is_known() -> None:
    places = table.places()
    with_cities = {place.within for place in places.values() if place.kind == table.CITY}
    municipalities = {"CN-BJ", "CN-TJ", "CN-SH", "CN-CQ"}
    mainland = {place.code for place in places.values() if place.kind == table.PROVINCE}
    assert len(mainland) == 31 and mainland - with_cities == municipalities
    assert not {place.code for place in places.values() if place.within and place.within not in places}


def test_every_division_of_the_mainland_leads_to_the_factors_of_its_province() -> None:
    """Counties directly under a province, too; the engine knows the province by the first two digits."""
    tables = in_force()
    for code, place in table.places().items():
        if place.kind in (table.CITY, table.COUNTY) and place.country == table.CHINA:
            assert table.provinces_by_prefix()[code[:2]].code in tables.places_of(code), code


def test_inner_mongolia_lies_in_two_grids_and_so_in_neither() -> None:
    """Hohhot is on the North China grid, Tongliao on the Northeast one; their province has one factor for both."""
    tables = in_force()
    for code in ("150100", "150500", "152501"):
        assert tables.places_of(code)[-3:] == ("CN-NM", "CN", "WORLD")


# --- codes -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "code", ["CN-SC", "CN", "HK", "DE", "DE-BY", "TW-TPE", "510100", "510104", "419001", "500000", "310100"]
)
def test_known_places(code: str) -> None:
    assert names.is_place(code)


@pytest.mark.parametrize(
    "code",
    ["", "Atlantis", "CN-XX", "DE-XX", "XX", "990100", "51010", "CHN", "５１０１００", "510199", "319999", "659999"],
)
def test_unknown_places(code: str) -> None:
    assert not names.is_place(code)


@pytest.mark.parametrize(
    ("code", "within", "day"), [("371200", "CN-SD", "2019-01-09"), ("341400", "CN-AH", "2011-08-22")]
)
def test_a_code_that_was_merged_away_is_known_with_its_last_day(code: str, within: str, day: str) -> None:
    assert names.lies_in(code, within) and day in names.place_name(code)


def test_a_city_that_an_administrator_entered_is_a_place() -> None:
    assert not names.is_place("CN-50")
    City.objects.create(code="CN-50", name_zh="渝", name_en="Yu", country="CHN", source="ISO 3166-2")
    assert names.is_place("CN-50") and read_place("CN-50") == "CN-50"


def test_one_place_lies_in_another() -> None:
    assert names.lies_in("510104", "510100") and names.lies_in("510104", "CN-SC") and names.lies_in("510100", "510100")
    assert not names.lies_in("510100", "510104") and not names.lies_in("110101", "CN-SC")


def test_a_city_gets_its_row_from_the_table_once() -> None:
    made = names.city_of("150100")
    assert (made.name_zh, made.name_en, made.country) == ("呼和浩特市", "Hohhot", "CHN") and made.source
    assert names.city_of("150100") == made and City.objects.count() == 1


# --- names -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("CN-SC", "四川", "Sichuan"),
        ("DE", "德国", "Germany"),
        ("610100", "西安市", "Xi'an"),
        ("540100", "拉萨市", "Lhasa"),
        ("310000", "上海", "Shanghai"),
        ("510104", "锦江区", "Jinjiang District"),
    ],
)
def test_places_have_names_in_both_languages(code: str, zh: str, en: str) -> None:
    for language, name in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert names.place_name(code) == name


def test_a_full_name_says_which_of_many_it_is() -> None:
    with translation.override("en"):
        assert names.full_name("320106") == "Gulou District, Nanjing, Jiangsu"
        assert names.full_name("350102") == "Gulou District, Fuzhou, Fujian"
        assert names.full_name("419001") == "Jiyuan, Henan"


# --- what people type --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("成都", "510100"),
        ("成都市", "510100"),
        ("Chengdu", "510100"),
        (" Xi'an 610100 ", "610100"),
        ("呼和浩特", "150100"),
        ("huhehaote", "150100"),
        ("四川省", "CN-SC"),
        ("吉林", "CN-JL"),
        ("吉林市", "220200"),
        ("台北市", "TW-TPE"),
        ("成都市 510100", "510100"),
        ("５１０１００", "510100"),
        ("cn-sc", "CN-SC"),
        ("成都市武侯区", "510107"),
        ("四川省成都市武侯区", "510107"),
        ("四川成都", "510100"),
        ("四川 成都市", "510100"),
        ("广东东莞", "441900"),
        ("北京市朝阳区", "110105"),
        ("中国江苏省南京市鼓楼区", "320106"),
        ("Wuhou District, Chengdu, Sichuan", "510107"),
        ("Chengdu, China", "510100"),
    ],
)
def test_a_place_is_read(typed: str, code: str) -> None:
    assert read_place(typed) == code


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("鼓楼区", "320106"),
        ("朝阳", "110105"),
        ("Suzhou", "341300"),
        ("510199", "510100"),
        ("chengdo", "510100"),
        ("Hebei CN", "CN-HE"),
        ("江苏省鼓楼区", "320302"),
        ("重庆市武侯区", "510107"),
        ("Wuhou District, Chongqing", "510107"),
    ],
)
def test_what_is_not_one_place_is_refused_with_the_nearest(typed: str, named: str) -> None:
    """A district that several cities have, a number with a slip, a name with another country's code behind it."""
    with pytest.raises(UnknownPlace) as refused:
        read_place(typed)
    assert named in refused.value.nearest and named in str(refused.value)


def test_a_place_is_found_by_chinese_english_pinyin_initials_and_code() -> None:
    for typed in ("成都", "Chengdu", "cheng", "cd", "5101"):
        assert "510100" in [place.code for place in search(typed)], typed
    assert search("锦江")[0].code == "510104" and search("hhht")[0].code == "150100"
    assert search("  ") == [] and search("no such place") == []


def test_suggestions_are_for_those_who_are_signed_in() -> None:
    browser = Client()
    address = reverse("portfolio:places") + "?region=jinjiang"
    assert browser.get(address).status_code == 302
    browser.force_login(make.alice(make.company()))
    assert 'value="锦江区 510104"' in browser.get(address, headers={"Accept-Language": "zh-hans"}).content.decode()

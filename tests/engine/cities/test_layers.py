"""Row 63: a sum that would count a site twice is refused, both paths named."""

import pytest

from scoring.engine.cities.layers import Part, sum_once
from scoring.engine.cities.words import counted_twice
from scoring.engine.errors import OutOfRange, SiteCountedTwice

PARK, TOWER = ("重庆", "园区"), ("重庆", "示范楼")


def test_sites_add_up() -> None:
    assert sum_once([Part("a", PARK, 100.0), Part("b", TOWER, 50.0)]) == 150.0
    assert sum_once([]) == 0.0


def test_a_site_in_two_scenes_is_refused_with_both_paths() -> None:
    with pytest.raises(SiteCountedTwice) as caught:
        sum_once([Part("a", PARK, 100.0), Part("b", PARK, 1.0), Part("a", TOWER, 100.0)])
    assert caught.value.paths == (PARK, TOWER)
    assert counted_twice(caught.value) == (
        "a 重复计入：重庆 → 园区；重庆 → 示范楼",
        "a would be counted twice: 重庆 → 园区; 重庆 → 示范楼",
    )


def test_two_operators_share_a_site_by_a_key_up_to_the_whole_of_it() -> None:
    assert sum_once([Part("a", PARK, 100.0, 0.7), Part("a", TOWER, 100.0, 0.3)]) == pytest.approx(100.0)
    assert sum_once([Part("a", PARK, 100.0, 0.7)]) == pytest.approx(70.0)
    with pytest.raises(SiteCountedTwice):
        sum_once([Part("a", PARK, 100.0, 0.7), Part("a", TOWER, 100.0, 0.4)])
    for share in (0.0, -0.5, 1.1, float("nan")):
        with pytest.raises(OutOfRange):
            sum_once([Part("a", PARK, 100.0, share)])

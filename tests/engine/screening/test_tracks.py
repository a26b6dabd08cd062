"""Track suggestions: what the words mean to a reader, abstention, and reasons."""

import pytest

from scoring.engine.errors import UnknownWord
from scoring.engine.screening.tracks import LabelledText, TrackClassifier, agreement
from scoring.tracks.suggestion import classifier, keywords, shipped_classifier


@pytest.mark.parametrize(
    ("text", "track"),
    [
        ("海上風電場開發", "power_decarbonisation"),
        ("builds offshore wind farms", "power_decarbonisation"),
        ("生產電動汽車及其動力電池", "end_use_electrification"),
        ("makes lithium-ion battery packs", "end_use_electrification"),
        ("合同能源管理与余热回收", "energy_efficiency"),
        ("heat pumps for buildings", "energy_efficiency"),
        ("危險廢棄物處理與資源回收", "emission_greening"),
        ("collects and recycles waste", "emission_greening"),
    ],
)
def test_plain_descriptions_find_their_track(text: str, track: str) -> None:
    assert shipped_classifier().suggest([text])[0].tracks[0] == track


@pytest.mark.parametrize("text", ["", "—", "商業銀行業務", "life insurance", "印刷電路板", "quidditch"])
def test_what_is_no_track_gets_an_abstention(text: str) -> None:
    suggestion = shipped_classifier().suggest([text])[0]
    assert suggestion.abstains
    assert suggestion.because == {}


def test_a_description_may_speak_of_two_tracks() -> None:
    suggestion = shipped_classifier().suggest(["太陽能電池模組製造；電動車充電樁"])[0]
    assert set(suggestion.tracks) == {"power_decarbonisation", "end_use_electrification"}


def test_traditional_and_simplified_get_the_same_suggestion() -> None:
    one, other = shipped_classifier().suggest(["電動車動力電池", "电动车动力电池"])
    assert one == other


def test_reasons_are_pieces_of_the_text() -> None:
    suggestion = shipped_classifier().suggest(["wind turbines"])[0]
    reasons = suggestion.because["power_decarbonisation"]
    assert reasons
    assert all(reason in "wind turbines" for reason in reasons)


def test_reasons_that_overlap_are_joined_and_stand_in_their_clause() -> None:
    [suggestion] = shipped_classifier().suggest(["life insurance; 生产; solar"])
    assert suggestion.tracks == ("power_decarbonisation",)
    assert suggestion.because == {"power_decarbonisation": ("solar",)}
    assert suggestion.clause == {"power_decarbonisation": "solar"}


def test_the_order_of_the_labelled_texts_does_not_matter() -> None:
    words = keywords()
    texts = ["風力發電", "heat exchangers", "廢水處理"]
    for one, other in zip(
        TrackClassifier().fit(words).suggest(texts), TrackClassifier().fit(words[::-1]).suggest(texts), strict=True
    ):
        assert one.tracks == other.tracks
        assert one.probability == pytest.approx(other.probability, abs=1e-6)


def test_what_a_person_labelled_is_learned() -> None:
    taught = classifier([LabelledText("quidditch brooms", ("emission_greening",))])
    assert taught.suggest(["quidditch brooms"])[0].tracks == ("emission_greening",)


def test_an_unknown_track_is_refused() -> None:
    with pytest.raises(UnknownWord):
        TrackClassifier().fit([LabelledText("brooms", ("magic",))])


def test_agreement_counts_abstentions_apart() -> None:
    suggestions = shipped_classifier().suggest(["wind turbines", "life insurance", "wind turbines"])
    found = agreement(suggestions, ["power_decarbonisation", "emission_greening", "energy_efficiency"])
    assert (found.n, found.answered, found.right) == (3, 2, 1)

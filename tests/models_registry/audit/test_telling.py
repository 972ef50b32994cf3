"""The trail in words."""

from models_registry.audit.telling import NOUNS, SENTENCES, sentence


def test_entries_are_told_as_sentences_with_levels_and_categories_as_words() -> None:
    body = {"category": "DATA_INTEGRITY", "from_level": "LOW", "to_level": "HIGH"}

    assert sentence("risk.level_raised", body) == "Raised data integrity from Low to High."


def test_an_unknown_action_is_named_and_a_missing_fact_is_a_dash() -> None:
    assert sentence("thing.was_done", {}) == "Thing was done."
    assert sentence("alias.moved", {"name": "champion"}) == "Moved the alias champion to v–."


def test_numbers_are_written_as_people_read_them() -> None:
    body = {"room": -2.1, "health": 72.90, "risk_score": 0}

    assert sentence("model.posture_moved", body) == "Room is now −2.1: health 72.9, risk score 0."


def test_every_sentence_ends_and_every_noun_has_a_plural() -> None:
    assert [text for text in SENTENCES.values() if text[-1] not in ".}"] == []
    assert {action.partition(".")[0] for action in SENTENCES} == set(NOUNS)

"""What may be stated about an artifact, and what is refused with which words."""

from hashlib import sha256

import pytest

from models_registry.lineage.models import ArtifactKind, EdgeRole
from models_registry.lineage.statement import FITS, Member, Stated, Statement, StatementUnfit, checked, fit, settled
from tests.models_registry.lineage.world import dataset, digest


def test_a_text_is_named_by_its_own_digest():
    text = "Antworte höflich.\n"

    found = settled(Stated("PROMPT_TEMPLATE", "triage/system", content=text))

    assert found.digest == f"sha256:{sha256(text.encode()).hexdigest()}"
    assert found.label == found.digest[7:19]


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (Stated("SPELL", "x", "1"), "no kind"),
        (Stated("DATASET", "", "1"), "no name"),
        (Stated("DATASET", "a\nb", "1"), "no name"),
        (Stated("DATASET", "x"), "needs a digest, or a label"),
        (Stated("DATASET", "x", digest="sha256:ABC"), "no digest"),
        (Stated("DATASET", "x", digest=f"sha1:{'a' * 64}"), "no digest"),
        (Stated("DATASET", "x", content="1,2"), "Only the text of a prompt"),
        (Stated("PROMPT_TEMPLATE", "x", content=""), "1 to 200,000"),
        (Stated("PROMPT_TEMPLATE", "x", content="y" * 200_001), "1 to 200,000"),
        (Stated("PROMPT_TEMPLATE", "x", digest=digest("other"), content="y"), "not that of its text"),
    ],
)
def test_what_cannot_be_is_refused_in_words(stated, words):
    with pytest.raises(StatementUnfit, match=words):
        settled(stated)


@pytest.mark.parametrize("text", [f"git:{'a' * 40}", f"git:{'a' * 64}", f"md5:{'0' * 32}", f"sha512:{'b' * 128}"])
def test_digests_of_other_tools_are_taken(text):
    assert settled(Stated("CODE", "repo", digest=text)).digest == text


def test_every_role_leads_somewhere_and_every_kind_is_reached():
    assert set(FITS) == set(EdgeRole)
    assert {kind for role, kinds in FITS.items() if role != EdgeRole.DERIVED_FROM for kind in kinds} == set(
        ArtifactKind
    )


def test_a_role_that_does_not_fit_names_what_does():
    with pytest.raises(StatementUnfit, match="Prompts with leads to prompt; not to dataset"):
        fit(role="PROMPTS_WITH", kind="DATASET")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (Statement((Member("a", dataset()), Member("a", dataset("other")))), "Two artifacts have the key a"),
        (Statement((Member("a", dataset(), "TRAINED_ON", (("b", "DERIVED_FROM"),)),)), "not among the artifacts"),
        (Statement((Member("a", dataset(), "PROMPTS_WITH"),)), "leads to prompt"),
        (Statement(tuple(Member(str(n), dataset(f"d{n}")) for n in range(201))), "At most 200"),
        (Statement(metrics={"auc": float("nan")}), "not a number"),
        (Statement(metrics={"auc": 10**400}), "not a number"),
        (Statement(metrics={"": 1.0}), "names no parameter"),
        (Statement(parameters={"a\x00": 1}), "names no parameter"),
        (Statement(parameters={"a": "x" * 501}), "at most 500"),
        (Statement(parameters={str(n): n for n in range(301)}), "At most 300"),
    ],
)
def test_a_statement_that_cannot_be_is_refused_whole(statement, words):
    with pytest.raises(StatementUnfit, match=words):
        checked(statement)

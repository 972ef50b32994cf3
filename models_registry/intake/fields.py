"""What a column of an inventory can mean, and under which names companies write it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from models_registry.catalog.models import DataSensitivity, Kind, Materiality, RegulatoryClass, Stage

CLEAR: Final = "(empty)"
"""What a cell says that is to clear a value; an empty cell leaves the value alone."""


@dataclass(frozen=True)
class Field:
    """A fact that a column may hold. ``of`` is what it belongs to: ``model`` or ``version``.

    ``choices`` maps every accepted spelling, folded, to the value; ``longest`` counts characters.
    """

    name: str
    label: str
    of: str
    sort: str
    synonyms: tuple[str, ...] = ()
    longest: int = 0
    choices: Mapping[str, str] | None = None
    clears: bool = False
    is_list: bool = False


def folded(text: str) -> str:
    """Return a heading or a choice without case, accents, spaces and signs, so that spellings agree."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "", plain.lower())


def _spellings(values: Iterable[tuple[str, str]], **more: str) -> Mapping[str, str]:
    known = {folded(word): value for value, label in values for word in (value, str(label))}
    return known | {folded(word): value for word, value in more.items()}


KINDS: Final = _spellings(
    Kind.choices, classification=Kind.CLASSIFIER, regression=Kind.REGRESSOR, recommendation=Kind.RECOMMENDER,
    ranking=Kind.RECOMMENDER, forecast=Kind.FORECASTER, forecasting=Kind.FORECASTER, timeseries=Kind.FORECASTER,
    llm=Kind.LLM_APPLICATION, chatbot=Kind.LLM_APPLICATION, genai=Kind.LLM_APPLICATION, rag=Kind.RAG_APPLICATION,
    lora=Kind.FINE_TUNED_ADAPTER, adapter=Kind.FINE_TUNED_ADAPTER, finetuned=Kind.FINE_TUNED_ADAPTER,
    embedding=Kind.EMBEDDING_MODEL, embeddings=Kind.EMBEDDING_MODEL, agentic=Kind.AGENT, cv=Kind.VISION,
    computervision=Kind.VISION, image=Kind.VISION, asr=Kind.SPEECH, voice=Kind.SPEECH, nlp=Kind.CLASSIFIER,
    other=Kind.UNKNOWN,
)  # fmt: skip
MATERIALITIES: Final = _spellings(
    Materiality.choices, tier1="HIGH", tier2="MEDIUM", tier3="LOW", t1="HIGH", t2="MEDIUM", t3="LOW", critical="HIGH",
    moderate="MEDIUM", med="MEDIUM", major="HIGH", minor="LOW", **{"1": "HIGH", "2": "MEDIUM", "3": "LOW"},
)  # fmt: skip
CLASSES: Final = _spellings(
    RegulatoryClass.choices, unacceptable="PROHIBITED", high="HIGH_RISK", limitedrisk="LIMITED", minimalrisk="MINIMAL",
    low="MINIMAL", gpai="GENERAL_PURPOSE", annexiii="HIGH_RISK", none="MINIMAL",
)  # fmt: skip
SENSITIVITIES: Final = _spellings(
    DataSensitivity.choices, pii="PERSONAL", personaldata="PERSONAL", phi="SPECIAL_CATEGORY", restricted="CONFIDENTIAL",
    special="SPECIAL_CATEGORY", sensitive="SPECIAL_CATEGORY", private="CONFIDENTIAL", open="PUBLIC",
)  # fmt: skip
STAGES: Final = _spellings(
    Stage.choices, dev="DEVELOPMENT", none="DEVELOPMENT", experimental="DEVELOPMENT", stage="STAGING", uat="STAGING",
    test="STAGING", preprod="STAGING", prod="PRODUCTION", live="PRODUCTION", retired="ARCHIVED",
    decommissioned="ARCHIVED",
)  # fmt: skip
YES_NO: Final = dict.fromkeys(("yes", "y", "true", "1", "x", "ja", "oui", "si", "external"), "yes") | dict.fromkeys(
    ("no", "n", "false", "0", "nein", "non", "internal"), "no"
)

FIELDS: Final[Sequence[Field]] = (
    Field("slug", "Slug", "model", "slug",
          ("model id", "id", "identifier", "key", "model key", "system id", "inventory id", "inventory number",
           "reference", "ref", "short name", "code", "model code", "model slug"), 80),
    Field("name", "Name", "model", "text",
          ("model name", "model", "title", "ai system", "system name", "system", "application", "use case name",
           "display name", "modell"), 120),
    Field("kind", "Kind", "model", "choice",
          ("type", "model type", "model kind", "category", "technique", "ai type", "algorithm type"), choices=KINDS),
    Field("purpose", "Purpose", "model", "text",
          ("description", "use case", "intended use", "business purpose", "model purpose", "what it does", "summary",
           "model description", "zweck"), 10_000, clears=True),
    Field("owner", "Owner", "model", "person",
          ("model owner", "owner email", "owner e-mail", "owner name", "accountable", "accountable person",
           "responsible", "contact", "business owner", "product owner", "owned by", "verantwortlich")),
    Field("deputy", "Deputy", "model", "person",
          ("deputy owner", "backup", "backup owner", "substitute", "second owner", "delegate", "deputy email"),
          clears=True),
    Field("unit", "Unit", "model", "unit",
          ("business unit", "department", "division", "bu", "line of business", "lob", "organisation",
           "organization", "org unit", "business area", "abteilung")),
    Field("team", "Team", "model", "team",
          ("squad", "group", "owning team", "development team", "dev team", "team name"), clears=True),
    Field("vendor", "Vendor", "model", "text",
          ("supplier", "third party", "vendor name", "manufacturer", "developed by"), 120, clears=True),
    Field("provider", "Provider", "model", "text",
          ("model provider", "hosted by", "hosting", "cloud", "platform", "host"), 120, clears=True),
    Field("data_sensitivity", "Data sensitivity", "model", "choice",
          ("data classification", "data class", "sensitivity", "data category", "confidentiality",
           "information classification"), choices=SENSITIVITIES),
    Field("materiality", "Materiality", "model", "choice",
          ("tier", "risk tier", "model tier", "risk rating", "criticality", "importance", "materiality tier",
           "risk level", "risk"), choices=MATERIALITIES),
    Field("regulatory_class", "Regulatory class", "model", "choice",
          ("eu ai act", "ai act class", "eu ai act class", "eu ai act risk class", "ai act risk category",
           "regulatory category", "ai act", "eu ai act category", "eu class"), choices=CLASSES),
    Field("customer_facing", "Customer facing", "model", "yes",
          ("external", "public facing", "customer", "customers see it", "client facing", "external facing",
           "internal or external")),
    Field("jurisdictions", "Jurisdictions", "model", "list",
          ("countries", "regions", "country", "region", "jurisdiction", "markets", "geography"), 8, clears=True,
          is_list=True),
    Field("tags", "Tags", "model", "list", ("labels", "keywords", "tag", "label"), 60, clears=True, is_list=True),
    Field("external_names", "Names elsewhere", "model", "outside",
          ("external names", "names outside", "aliases elsewhere", "monitoring name", "name in monitoring",
           "external ids"), 200, is_list=True),
    Field("version", "Version", "version", "number",
          ("version number", "current version", "model version", "ver", "release", "latest version", "revision")),
    Field("artifact_digest", "Digest of the artifact", "version", "digest",
          ("digest", "sha256", "checksum", "hash", "artifact hash", "sha 256", "artefact digest")),
    Field("source_uri", "Where the artifact is", "version", "text",
          ("source", "artifact uri", "uri", "location", "artifact location", "storage path", "model uri", "path"), 500),
    Field("version_description", "What the version brings", "version", "text",
          ("version notes", "release notes", "changes", "change log", "changelog", "version comment"), 10_000),
    Field("stage", "Stage", "version", "choice",
          ("status", "lifecycle", "lifecycle stage", "environment", "deployment status", "state", "phase",
           "model status"), choices=STAGES),
    Field("aliases", "Aliases", "version", "list", ("alias", "version alias", "version aliases"), 255, is_list=True),
)  # fmt: skip
"""Everything that a column may mean, in the order in which an export writes it."""

BY_NAME: Final[Mapping[str, Field]] = {field.name: field for field in FIELDS}
MODEL_FIELDS: Final = tuple(field.name for field in FIELDS if field.of == "model")
VERSION_FIELDS: Final = tuple(field.name for field in FIELDS if field.of == "version")

_HEADINGS: Final[Mapping[str, str]] = {
    folded(word): field.name
    for field in reversed(FIELDS)
    for word in (*field.synonyms, field.label, field.name.replace("_", " "))
}


def guess(headings: Sequence[str]) -> Mapping[int, str]:
    """Return which column means which field, by the names that companies give them; each field at most once.

    An exact name wins over a part of a heading, and an earlier column over a later one.
    """
    found: dict[int, str] = {}
    for exactly in (True, False):
        for place, heading in enumerate(headings):
            name = None if place in found else _meant(heading, exactly=exactly)
            if name and name not in found.values():
                found[place] = name
    if not {"version", "artifact_digest"} & set(found.values()):  # a status without a version says nothing of one
        found = {place: name for place, name in found.items() if BY_NAME[name].of == "model"}
    return dict(sorted(found.items()))


def _meant(heading: str, *, exactly: bool) -> str | None:
    if exactly:
        return _HEADINGS.get(folded(heading))
    outside = folded(re.sub(r"\(.*?\)|\[.*?\]|\*|:.*$", " ", heading))
    return _HEADINGS.get(outside)


def words_of(text: str) -> list[str]:
    """Return the entries of a list in one cell; a semicolon, a comma, a bar or a new line parts them."""
    return [word.strip() for word in re.split(r"[;,|\n]", text) if word.strip()]

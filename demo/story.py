"""Who works at Meridian Mutual, which models it runs and what happens to each. Data only."""

from dataclasses import dataclass

COMPANY = "Meridian Mutual"

UNITS = {
    "claims": "Claims",
    "underwriting": "Underwriting",
    "customer-care": "Customer care",
    "fraud-onboarding": "Fraud and onboarding",
    "marketing": "Marketing and commerce",
    "corporate": "Finance and legal",
}

TEAMS = {
    "claims-ml": ("Claims ML", "claims"),
    "pricing": ("Pricing science", "underwriting"),
    "dialogue": ("Dialogue systems", "customer-care"),
    "trust": ("Trust and identity", "fraud-onboarding"),
    "growth": ("Growth", "marketing"),
    "back-office": ("Back office AI", "corporate"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or something, that may act; ``unit_role`` limits the role to the own unit."""

    username: str
    name: str
    role: str
    team: str = ""
    automation: bool = False


PEOPLE = (
    Person("priya", "Priya Natarajan", "model_owner", "claims-ml"),
    Person("noor", "Noor Haddad", "ml_engineer", "claims-ml"),
    Person("aisha", "Aisha Bello", "model_owner", "pricing"),
    Person("erik", "Erik Lund", "ml_engineer", "pricing"),
    Person("tomas", "Tomás Novák", "model_owner", "dialogue"),
    Person("jonas", "Jonas Berg", "model_owner", "dialogue"),
    Person("mei", "Mei Tanaka", "model_owner", "trust"),
    Person("luca", "Luca Ferri", "model_owner", "trust"),
    Person("sam", "Sam Okafor", "model_owner", "growth"),
    Person("ines", "Inés Robles", "model_owner", "growth"),
    Person("hanna", "Hanna Lindqvist", "model_owner", "back-office"),
    Person("mateo", "Mateo Ruiz", "compliance_officer"),
    Person("clara", "Clara Weiss", "compliance_officer"),
    Person("ingrid", "Ingrid Solberg", "governance_board"),
    Person("rafael", "Rafael Costa", "governance_board"),
    Person("dan", "Dan Whitfield", "on_call"),
    Person("ruth", "Ruth Adeyemi", "auditor"),
    Person("victor", "Victor Lange", "executive"),
    Person("nadia", "Nadia Petrova", "administrator"),
    Person("owen", "Owen Marsh", "administrator"),
    Person("bot-ingest", "Metrics pipeline", "automation_ingest", automation=True),
    Person("bot-scorer", "Red-team scorer", "automation_scorer", automation=True),
    Person("bot-ci", "Release pipeline", "automation_ci", automation=True),
)

AUTHOR, SECOND_AUTHOR, BOARD, SECOND_BOARD = "mateo", "clara", "ingrid", "rafael"
ADMINISTRATOR, ON_CALL, PIPELINE = "nadia", "dan", "bot-ci"


@dataclass(frozen=True, slots=True)
class ModelStory:
    """One model: what is on record about it, and the plot that its telemetry follows."""

    slug: str
    name: str
    kind: str
    owner: str
    team: str
    materiality: str
    regulatory_class: str
    plot: str = "steady"
    vendor: str = ""
    provider: str = ""
    sensitivity: str = "INTERNAL"
    customer_facing: bool = False
    jurisdictions: tuple[str, ...] = ("DE", "FR", "NL")
    versions: int = 2
    purpose: str = ""


def _model(line: str) -> ModelStory:
    """Read one row of the table below: name, kind, owner, team, materiality, class, plot, vendor, data, facing."""
    name, kind, owner, team, tier, regulatory, plot, vendor, data, facing, purpose = (
        part.strip() for part in line.split("|")
    )
    slug = name.lower().replace(" ", "-")
    return ModelStory(
        slug=slug,
        name=name,
        kind=kind,
        owner=owner,
        team=team,
        materiality={"1": "HIGH", "2": "MEDIUM", "3": "LOW"}[tier],
        regulatory_class=regulatory,
        plot=plot,
        vendor=vendor,
        provider=vendor,
        sensitivity=data,
        customer_facing=facing == "customers",
        versions=1 + len(slug) % 3,
        purpose=purpose,
    )


_TABLE = """
Claims triage | RAG_APPLICATION | priya | claims-ml | 1 | HIGH_RISK | index_rebuild | Mistral | PERSONAL | customers | Sorts new claims by urgency and cites the policy clauses it relied on.
Support copilot | LLM_APPLICATION | tomas | dialogue | 1 | LIMITED | hallucinations | OpenAI | PERSONAL | customers | Drafts answers for agents in customer care.
Underwriting score | CLASSIFIER | aisha | pricing | 1 | HIGH_RISK | drift |  | SPECIAL_CATEGORY | customers | Scores applications for life cover.
Voice intent | SPEECH | jonas | dialogue | 2 | LIMITED | slow | Deepgram | PERSONAL | customers | Recognises why a customer calls.
Fraud graph | CLASSIFIER | mei | trust | 2 | HIGH_RISK | close |  | CONFIDENTIAL | staff | Finds rings of related claims.
KYC documents | VISION | luca | trust | 2 | LIMITED | nulls | Onfido | PERSONAL | customers | Reads identity documents.
Contract search | RAG_APPLICATION | hanna | back-office | 2 | MINIMAL | close | Mistral | CONFIDENTIAL | staff | Finds clauses in contracts.
Marketing copy | LLM_APPLICATION | sam | growth | 3 | LIMITED | cost_spike | Anthropic | PUBLIC | customers | Drafts campaign texts.
Returns classifier | CLASSIFIER | ines | growth | 2 | MINIMAL | close |  | INTERNAL | staff | Sorts returned policies by reason.
Churn radar | CLASSIFIER | sam | growth | 2 | MINIMAL | quiet |  | PERSONAL | staff | Names customers who may leave.
Claims cost forecast | FORECASTER | priya | claims-ml | 2 | MINIMAL | outage |  | INTERNAL | staff | Forecasts reserves per line of business.
Damage photos | VISION | priya | claims-ml | 2 | LIMITED | steady |  | PERSONAL | customers | Estimates damage from photographs.
Repair network | RECOMMENDER | priya | claims-ml | 3 | MINIMAL | steady |  | INTERNAL | customers | Suggests a repair shop.
Medical coding | LLM_APPLICATION | priya | claims-ml | 2 | LIMITED | steady | Mistral | SPECIAL_CATEGORY | staff | Proposes diagnosis codes for invoices.
Subrogation finder | CLASSIFIER | priya | claims-ml | 3 | MINIMAL | steady |  | CONFIDENTIAL | staff | Finds claims that others should pay.
Claim documents embedding | EMBEDDING_MODEL | priya | claims-ml | 3 | MINIMAL | steady | Cohere | PERSONAL | staff | Embeds documents for search.
Motor pricing | REGRESSOR | aisha | pricing | 2 | LIMITED | steady |  | PERSONAL | customers | Prices motor cover.
Home pricing | REGRESSOR | aisha | pricing | 2 | LIMITED | steady |  | PERSONAL | customers | Prices home cover.
Health questionnaire | CLASSIFIER | aisha | pricing | 1 | HIGH_RISK | steady |  | SPECIAL_CATEGORY | customers | Asks follow-up questions by answer.
Flood exposure | FORECASTER | aisha | pricing | 2 | MINIMAL | season |  | PUBLIC | staff | Forecasts flood exposure by postcode.
Reinsurance optimiser | REGRESSOR | aisha | pricing | 3 | MINIMAL | steady |  | CONFIDENTIAL | staff | Proposes shares to cede.
Broker assistant | AGENT | aisha | pricing | 2 | LIMITED | injection | Anthropic | CONFIDENTIAL | staff | Answers brokers and prepares quotes.
Call summaries | LLM_APPLICATION | jonas | dialogue | 3 | LIMITED | steady | OpenAI | PERSONAL | staff | Summarises calls for the file.
Complaint router | CLASSIFIER | tomas | dialogue | 2 | MINIMAL | steady |  | PERSONAL | customers | Sends complaints to the right desk.
Answer finder | RAG_APPLICATION | tomas | dialogue | 2 | LIMITED | steady | Mistral | INTERNAL | customers | Answers questions about cover.
Speech transcripts | SPEECH | jonas | dialogue | 3 | MINIMAL | steady | Deepgram | PERSONAL | staff | Transcribes calls.
Tone adapter | FINE_TUNED_ADAPTER | tomas | dialogue | 3 | LIMITED | steady |  | INTERNAL | customers | Rewrites drafts in the house style.
Payment fraud | CLASSIFIER | mei | trust | 1 | HIGH_RISK | steady |  | CONFIDENTIAL | customers | Stops suspicious payments.
Login risk | CLASSIFIER | mei | trust | 2 | MINIMAL | season |  | PERSONAL | customers | Asks for a second factor when needed.
Face match | VISION | luca | trust | 1 | HIGH_RISK | steady | Onfido | SPECIAL_CATEGORY | customers | Compares a portrait with a document.
Sanctions screening | CLASSIFIER | luca | trust | 1 | HIGH_RISK | steady | Refinitiv | CONFIDENTIAL | staff | Screens names against lists.
Next best offer | RECOMMENDER | ines | growth | 3 | MINIMAL | season |  | PERSONAL | customers | Chooses an offer for the portal.
Campaign uplift | REGRESSOR | ines | growth | 3 | MINIMAL | steady |  | INTERNAL | staff | Estimates the effect of campaigns.
Portal ranking | RECOMMENDER | ines | growth | 2 | LIMITED | steady |  | INTERNAL | customers | Ranks tiles of the portal.
Lead scoring | CLASSIFIER | sam | growth | 3 | MINIMAL | steady |  | PERSONAL | staff | Ranks leads for agents.
Invoice matching | CLASSIFIER | hanna | back-office | 3 | MINIMAL | steady |  | CONFIDENTIAL | staff | Matches invoices with orders.
Policy wording check | LLM_APPLICATION | hanna | back-office | 2 | MINIMAL | steady | Anthropic | CONFIDENTIAL | staff | Compares wordings with regulation.
Cash forecast | FORECASTER | hanna | back-office | 2 | MINIMAL | steady |  | CONFIDENTIAL | staff | Forecasts liquidity.
"""  # noqa: E501 - a table is read by its columns

MODELS = tuple(_model(line) for line in _TABLE.strip().splitlines())

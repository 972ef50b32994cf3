"""What the company's people write in their model cards, and the cards they issue. Data, and when it happens."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from demo.telemetry import DAY
from governance.reports.card_actions import issue_card
from models_registry.access.models import Account
from models_registry.catalog import card_queries
from models_registry.catalog.card_actions import write_section
from models_registry.catalog.models import RegisteredModel


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody writes a section, or issues the card where ``section`` is empty: so many days before the present."""

    days_ago: float
    by: str
    model: str
    section: str
    text: str


DEEDS = (
    Deed(80, "noor", "claims-triage", "INTENDED_USE", """\
Sorts new claims by urgency so that **case handlers** open the pressing ones first, and shows the policy clauses
it relied on.

- A handler reads every claim. The order is a proposal.
- No claim is refused, paid or shortened on its answer alone.
"""),
    Deed(80, "noor", "claims-triage", "OUT_OF_SCOPE", """\
- Deciding whether a claim is covered.
- Bodily injury with legal representation: these go to the special claims desk unsorted.
- Claims in languages other than German, French and Dutch.
"""),
    Deed(80, "noor", "claims-triage", "USERS", """\
Forty case handlers in three countries work with the order it proposes. It is about people who reported a claim; they
never see its answer.
"""),
    Deed(79, "priya", "claims-triage", "HUMAN_OVERSIGHT", """\
- A handler may move any claim up or down, and says why in a word. Moves are counted every week.
- The shift lead can switch the proposal off for a line of business; claims are then sorted by date.
- When more than one claim in ten is moved, the on-call engineer looks the same day.
"""),
    Deed(79, "noor", "claims-triage", "TRAINING_DATA", """\
Nothing was trained here: the base model is used as its maker ships it. It retrieves from the policy wordings in
force and from closed claims of the last five years. Names, addresses and account numbers are taken out before the
index is built.
"""),
    Deed(79, "noor", "claims-triage", "EVALUATION_DATA", """\
1,200 closed claims of the last quarter, drawn by line of business and language and labelled by two handlers each.

| language | claims | both handlers agreed |
|---|---|---|
| German | 700 | 91 % |
| French | 300 | 89 % |
| Dutch | 200 | 84 % |
"""),
    Deed(78, "priya", "claims-triage", "LIMITATIONS", """\
- Handwritten letters are read badly; they are sorted as *urgent* and a person looks.
- After a rebuild of the index it may cite a clause that is no longer in force.
"""),
    Deed(78, "priya", "claims-triage", "ETHICAL_CONSIDERATIONS", """\
Somebody who writes badly must not wait longer. Waiting times are compared by language and by length of the letter
every month, and the difference is on the board's agenda when it passes a day.
"""),
    Deed(77, "priya", "claims-triage", "CONTACT", """\
Priya Natarajan, or [claims-ml@meridian.example](mailto:claims-ml@meridian.example).
"""),
    Deed(70, "priya", "claims-triage", "", "Yearly review by the governance board"),
    Deed(6, "noor", "claims-triage", "LIMITATIONS", """\
- Handwritten letters are read badly; they are sorted as *urgent* and a person looks.
- After a rebuild of the index it may cite a clause that is no longer in force. Since the last rebuild every citation
  is checked against the wordings in force before it is shown.
- Dutch letters are sorted right less often than German ones.
"""),
    Deed(60, "aisha", "underwriting-score", "INTENDED_USE", """\
Scores applications for life cover from 0 to 1. Underwriters accept above 0.8 without further questions and look
into everything else.
"""),
    Deed(60, "aisha", "underwriting-score", "LIMITATIONS", """\
Applicants over 75 and under 21 are few in the data; their scores are not used.
"""),
    Deed(59, "erik", "underwriting-score", "TRAINING_DATA", """\
Applications and outcomes of seven years. Health data are those of the questionnaire; genetic data were never asked
for and are rejected at the door.
"""),
    Deed(40, "tomas", "support-copilot", "INTENDED_USE", """\
Drafts answers that an agent reads, changes and sends. It never writes to a customer itself.
"""),
    Deed(40, "tomas", "support-copilot", "OUT_OF_SCOPE", """\
Complaints that name a regulator, and anything about a death in the family.
"""),
)  # fmt: skip


@dataclass(slots=True)
class Pens:
    """Lets everybody write what is due by a moment, in order."""

    people: Mapping[str, Account]
    records: Mapping[str, RegisteredModel]
    present: datetime
    _waiting: list[Deed] = field(init=False)

    def __post_init__(self) -> None:
        known = (deed for deed in DEEDS if deed.model in self.records)
        self._waiting = sorted(known, key=lambda deed: -deed.days_ago)

    def write(self, until: datetime) -> None:
        """Do what is due by ``until``; what was due before the history began is done at its first moment."""
        for deed in self._due(until):
            self._do(deed, until)

    def _due(self, until: datetime) -> Iterator[Deed]:
        while self._waiting and self.present - self._waiting[0].days_ago * DAY <= until:
            yield self._waiting.pop(0)

    def _do(self, deed: Deed, at: datetime) -> None:
        model, by = self.records[deed.model], self.people[deed.by]
        if not deed.section:
            issue_card(by=by, at=at, model=model, note=deed.text)
            return
        standing = card_queries.versions_of(model=model, section=deed.section).first()
        judged = standing.digest if standing else ""
        write_section(by=by, at=at, model=model, section=deed.section, text=deed.text, judged=judged)

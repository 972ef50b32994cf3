"""What people do about the risks of the story, each on their day."""

from dataclasses import dataclass
from datetime import datetime

from governance.risks.actions import mark_overdue
from models_registry.access.models import Account
from models_registry.catalog.models import RegisteredModel


@dataclass(slots=True)
class Desk:
    """The work of the people, looked at after every run of the line."""

    people: dict[str, Account]
    records: dict[str, RegisteredModel]
    present: datetime

    def work(self, at: datetime) -> None:
        """Do what is due at this moment."""
        mark_overdue(at=at)

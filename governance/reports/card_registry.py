"""What the registry says of a model at a moment, and since when: the present row, taken back by the trail."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format

from models_registry.access.models import Account, BusinessUnit, Team
from models_registry.audit.models import AuditEntry
from models_registry.catalog.actions import EDITABLE_FIELDS
from models_registry.catalog.models import DataSensitivity, Kind, Materiality, RegisteredModel, RegulatoryClass

NAMED: Mapping[str, type] = {"owner": Account, "deputy": Account, "team": Team, "unit": BusinessUnit}
CHOSEN: Mapping[str, Any] = {
    "kind": Kind,
    "materiality": Materiality,
    "data_sensitivity": DataSensitivity,
    "regulatory_class": RegulatoryClass,
}


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """The facts of a model as plain values, with the moment each was last stated."""

    values: Mapping[str, Any]
    since: Mapping[str, dt.datetime]

    def words(self, field: str) -> str:
        """Return a fact as people read it; empty where nothing is stated."""
        value = self.values[field]
        if field in CHOSEN:
            label = str(CHOSEN[field](value).label) if value in CHOSEN[field].values else str(value)
            return label if field == "kind" else label.capitalize()
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return "" if value is None else str(value)


def facts_at(*, model: RegisteredModel, at: dt.datetime | None = None) -> RegistryFacts:
    """Return the facts as they stood at ``at`` (None: now): edits made later are taken back, newest first."""
    values = {field: _plain(getattr(model, field)) for field in EDITABLE_FIELDS}
    since = dict.fromkeys(EDITABLE_FIELDS, model.created_at)
    edits = AuditEntry.objects.of_model(model_id=model.pk).filter(action="model.edited").order_by("id")
    told = sorted(((_moment(body), place, body["changed"]) for place, body in enumerate(one.body for one in edits)))
    for moment, _, changed in reversed(told):
        if at is not None and moment > at:
            values |= {field: change["from"] for field, change in changed.items() if field in values}
    for moment, _, changed in told:
        if at is None or moment <= at:
            since |= {field: moment for field in changed if field in since}
    return RegistryFacts(_with_names(values, model), since)


def _plain(value: Any) -> Any:
    return value.pk if hasattr(value, "pk") else value


def _moment(body: Mapping[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(body["at"])


def _with_names(values: dict[str, Any], model: RegisteredModel) -> dict[str, Any]:
    """Write people, team and unit by name; those of the model's row are at hand already."""
    for field, kind in NAMED.items():
        key, standing = values[field], getattr(model, field)
        if key is None:
            continue
        found = standing if standing is not None and standing.pk == key else kind.objects.filter(pk=key).first()  # type: ignore[attr-defined]
        values[field] = str(found) if found is not None else f"no longer on record ({key})"
    return values


def day(value: dt.date) -> str:
    """Return a day as cards write it: `12 Nov 2026`."""
    return date_format(value, "j M Y")

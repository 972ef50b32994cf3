"""The claims unit brings its spreadsheet: most rows are taken, three with mistakes in them stay to be mended."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from models_registry.access.models import Account
from models_registry.catalog.models import RegisteredModel
from models_registry.intake import actions
from models_registry.intake.working import settle

OWNER = "priya"
HEAD = "Model ID;Model name;Owner (e-mail);Business unit;Risk tier;Markets;Labels;Name in monitoring"
WRONG = (
    ";Hail forecast;p.natarajan@old.example;Claims;2;CH;weather;",
    ";Towing dispatcher;priya;Clams;3;CH;roadside;",
    ";Glass repair estimate;priya;Claims;A;CH;images;",
)
"""Rows with a person who left, a slip of the pen, and a tier from another scale."""


def bring_inventory(
    *, people: Mapping[str, Account], records: Mapping[str, RegisteredModel], present: datetime
) -> None:
    """Import the unit's list, which labels its models; the bad rows are left out."""
    priya, at = people[OWNER], present - timedelta(hours=26)
    own = sorted((one for one in records.values() if one.owner_id == priya.pk), key=lambda one: one.slug)
    if not own:
        return
    rows = [f"{one.slug};{one.name};;;;{', '.join(one.jurisdictions)};claims handling;" for one in own]
    content = "\r\n".join(["Models in use, Claims, as of this quarter", HEAD, *rows, *WRONG]) + "\r\n"
    intake = actions.upload(by=priya, at=at, file_name="claims-models.csv", raw=content.encode("cp1252"))
    mapping = {int(place): name for place, name in intake.mapping.items()}
    actions.map_columns(by=priya, at=at, intake=intake, mapping=mapping, usual={})
    settle(intake, at=at)
    actions.apply(by=priya, at=at, intake=intake, good_rows_only=True)
    settle(intake, at=at)

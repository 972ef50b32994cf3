"""What each call of the API does, in the order of MLflow's own list (INTEGRATIONS A6.4)."""

from collections.abc import Mapping
from typing import Final

from governance.mlflow import naming, promoting, registering, searching
from governance.mlflow.doors import Call
from governance.mlflow.entities import (
    STAGES,
    FoundVersion,
    fresh_version,
    latest_versions,
    model_called,
    shown_alias,
    shown_model,
    version_called,
)
from governance.mlflow.errors import Refused, invalid
from models_registry.catalog import registry_actions as registry
from models_registry.catalog.actions import NameTaken
from models_registry.catalog.models import RegisteredModel

MODELS_SHOWN: Final = 100
MOST_MODELS: Final = 1000
MOST_VERSIONS: Final = 200_000

type Shown = Mapping[str, object]


def create_model(call: Call) -> Shown:
    """Register a model, or a prompt when a label says so."""
    name = naming.model_name(call.given.text("name"))
    registering.register_model(
        by=call.by,
        issued_by_id=call.issued_by_id,
        at=call.at,
        name=name,
        description=call.given.optional("description") or "",
        tags=_tags(call),
    )
    return {"registered_model": shown_model(name, by=call.by)}


def rename_model(call: Call) -> Shown:
    """Let clients know a model by another name; by its own, nothing changes."""
    name = naming.model_name(call.given.text("new_name"), parameter="new_name")
    model = _model(call)
    if name == (model.registry_name or model.slug):
        return {"registered_model": shown_model(name, by=call.by)}
    try:
        registry.rename_model(by=call.by, at=call.at, model=model, name=name)
    except NameTaken:
        raise Refused("RESOURCE_ALREADY_EXISTS", f"Registered Model (name={name}) already exists.") from None
    return {"registered_model": shown_model(name, by=call.by)}


def update_model(call: Call) -> Shown:
    """Write what a model is for."""
    model = _model(call)
    purpose = call.given.optional("description") or ""
    registry.describe_model(by=call.by, at=call.at, model=model, purpose=purpose)
    return {"registered_model": shown_model(call.given.text("name"), by=call.by)}


def delete_model(call: Call) -> Shown:
    """Withdraw a model: its record stays, its name is free."""
    registry.withdraw_model(by=call.by, at=call.at, model=_model(call))
    return {}


def get_model(call: Call) -> Shown:
    """Show a model."""
    return {"registered_model": shown_model(_name(call), by=call.by)}


def search_models(call: Call) -> Shown:
    """Show a page of models."""
    limit = call.given.number("max_results", default=MODELS_SHOWN, most=MOST_MODELS)
    page = searching.models(
        by=call.by,
        text=call.given.optional("filter") or "",
        order_by=call.given.texts("order_by"),
        limit=_positive(limit),
        token=call.given.optional("page_token"),
    )
    return _page("registered_models", page)


def get_latest_versions(call: Call) -> Shown:
    """Show the newest version of each stage that has one."""
    wanted = [promoting.stage_named(text) for text in call.given.texts("stages")] or list(STAGES.values())
    found = latest_versions(_name(call), stages=[stage.value for stage in wanted], by=call.by)
    return {"model_versions": found} if found else {}


def set_model_tag(call: Call) -> Shown:
    """Label a model."""
    key, value = _label(call)
    model = _model(call)
    registry.label_model(by=call.by, at=call.at, model=model, key=key, value=value)
    return {}


def delete_model_tag(call: Call) -> Shown:
    """Remove a label of a model."""
    key = naming.tag_key(call.given.text("key"))
    model = _model(call)
    registry.label_model(by=call.by, at=call.at, model=model, key=key, value=None)
    return {}


def set_alias(call: Call) -> Shown:
    """Point an alias at a version, through the gate where it is guarded."""
    alias = naming.alias_name(call.given.text("alias"), new=True)
    promoting.point(by=call.by, at=call.at, version=_version(call).version, alias=alias)
    return {}


def delete_alias(call: Call) -> Shown:
    """Remove an alias."""
    alias = naming.alias_name(call.given.text("alias"))
    model = _model(call)
    promoting.unpoint(by=call.by, at=call.at, model=model, alias=alias)
    return {}


def get_by_alias(call: Call) -> Shown:
    """Show the version that an alias points at; `latest`, which nobody can set, is the newest version."""
    name, alias = _name(call), naming.alias_name(call.given.text("alias"))
    if alias.lower() == naming.LATEST:
        return {"model_version": registering.newest(name, by=call.by)}
    shown = shown_alias(name, alias, by=call.by)
    if shown is None:
        raise invalid(f"Registered model alias {alias} not found.")
    return {"model_version": shown}


def create_version(call: Call) -> Shown:
    """Register the next version of a model."""
    given = call.given
    source, model = given.text("source"), _model(call)
    version = registering.register_version(
        by=call.by,
        at=call.at,
        model=model,
        source=source,
        run_id=given.optional("run_id") or "",
        run_link=given.optional("run_link") or "",
        description=given.optional("description") or "",
        logged_model_id=given.optional("model_id") or "",
        tags=_tags(call),
    )
    return {"model_version": fresh_version(version, given.text("name"))}


def update_version(call: Call) -> Shown:
    """Write what a version brings."""
    found = _version(call)
    description = call.given.optional("description") or ""
    registry.describe_version(by=call.by, at=call.at, version=found.version, description=description)
    return {"model_version": _version(call).shown}


def transition_stage(call: Call) -> Shown:
    """Move a version to a stage, through the gate where it is guarded."""
    stage, others = promoting.stage_named(call.given.text("stage")), call.given.flag("archive_existing_versions")
    found = _version(call)
    promoting.transition(by=call.by, at=call.at, version=found.version, to=stage, archive_others=others)
    return {"model_version": _version(call).shown}


def delete_version(call: Call) -> Shown:
    """Withdraw a version: its record and its number stay."""
    registry.withdraw_version(by=call.by, at=call.at, version=_version(call).version)
    return {}


def get_version(call: Call) -> Shown:
    """Show a version."""
    return {"model_version": _version(call).shown}


def search_versions(call: Call) -> Shown:
    """Show a page of versions."""
    limit = call.given.number("max_results", default=MOST_VERSIONS, most=MOST_VERSIONS)
    page = searching.versions(
        by=call.by,
        text=call.given.optional("filter") or "",
        order_by=call.given.texts("order_by"),
        limit=_positive(limit),
        token=call.given.optional("page_token"),
    )
    return _page("model_versions", page)


def get_download_uri(call: Call) -> Shown:
    """Say where a version's artifact is: its source as given, or that of the version it was copied from."""
    return {"artifact_uri": _version(call).download_uri}


def set_version_tag(call: Call) -> Shown:
    """Label a version; one label states which artifact it is, once."""
    key, value = _label(call)
    version = _version(call).version
    if key == registering.DIGEST_TAG:
        registry.state_digest(by=call.by, at=call.at, version=version, digest=value)
    registry.label_version(by=call.by, at=call.at, version=version, key=key, value=value)
    return {}


def delete_version_tag(call: Call) -> Shown:
    """Remove a label of a version."""
    key = naming.tag_key(call.given.text("key"))
    version = _version(call).version
    registry.label_version(by=call.by, at=call.at, version=version, key=key, value=None)
    return {}


def _name(call: Call) -> str:
    return naming.model_name(call.given.text("name"))


def _model(call: Call) -> RegisteredModel:
    return model_called(_name(call), by=call.by)


def _version(call: Call) -> FoundVersion:
    name, said = _name(call), call.given.text("version")
    return version_called(name, naming.version_number(said), by=call.by, said=said)


def _label(call: Call) -> tuple[str, str]:
    return naming.tag_key(call.given.text("key")), naming.tag_value(call.given.optional("value") or "")


def _tags(call: Call) -> dict[str, str]:
    return {naming.tag_key(key): naming.tag_value(value) for key, value in call.given.tags().items()}


def _positive(limit: int) -> int:
    if limit < 1:
        raise invalid(f"Invalid value for max_results. It must be a positive integer, but got {limit}")
    return limit


def _page(name: str, page: searching.Page) -> Shown:
    shown: dict[str, object] = {name: page.shown} if page.shown else {}
    return shown | ({"next_page_token": page.next_token} if page.next_token else {})

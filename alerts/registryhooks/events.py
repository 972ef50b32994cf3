"""What an entry of the trail is in the words of MLflow's webhooks.

Events and members as mlflow 3.17.2 sends them (INTEGRATIONS A5.2). Entries that change nothing which a server would
tell, such as a stage that was moved or a model's label, are no event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ACTIONS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "registered_model": ("created",),
    "model_version": ("created",),
    "model_version_tag": ("set", "deleted"),
    "model_version_alias": ("created", "deleted"),
    "prompt": ("created",),
    "prompt_version": ("created",),
    "prompt_tag": ("set", "deleted"),
    "prompt_version_tag": ("set", "deleted"),
    "prompt_alias": ("created", "deleted"),
}
"""Every event that is sent: entities with their actions."""

NEVER_SENT: Final = ("budget_policy", "exceeded")
"""An event of MLflow's gateway, whose budgets are not kept here."""

NAMES: Final = tuple(f"{entity}.{action}" for entity, actions in ACTIONS_OF.items() for action in actions)

FOLLOWED: Final = (
    "alias.moved",
    "model.registered",
    "model.tagged",
    "model.untagged",
    "version.registered",
    "version.tagged",
    "version.untagged",
)
"""Actions of the trail that may be an event."""

PROMPT_TEXT: Final = "mlflow.prompt.text"
PROMPT_MARKS: Final = frozenset({"mlflow.prompt.is_prompt", "_mlflow_prompt_type"})
"""Labels by which MLflow's clients mark prompts; a server keeps them to itself."""


@dataclass(frozen=True)
class Event:
    """What happened, in MLflow's words; ``data`` is what a receiver reads."""

    entity: str
    action: str
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What a webhook subscribes to."""
        return f"{self.entity}.{self.action}"


def event_of(
    *, action: str, body: Mapping[str, Any], name: str, is_prompt: bool, description: str = ""
) -> Event | None:
    """Return the event that an entry is, or None.

    ``name`` is the model's, as registry clients call it; ``description`` that of a new version, which the trail does
    not tell.
    """
    if action == "model.registered":
        return _registered(body, name, is_prompt)
    if action == "version.registered":
        return _version(body, name, is_prompt, description)
    if action == "alias.moved":
        entity = "prompt_alias" if is_prompt else "model_version_alias"
        if body["version"] is None:
            return Event(entity, "deleted", {"name": name, "alias": body["name"]})
        return Event(entity, "created", {"name": name, "alias": body["name"], "version": str(body["version"])})
    if action in ("version.tagged", "version.untagged"):
        entity = "prompt_version_tag" if is_prompt else "model_version_tag"
        return _label(entity, body, {"name": name, "version": str(body["number"])})
    if action in ("model.tagged", "model.untagged") and is_prompt:
        return _label("prompt_tag", body, {"name": name})
    return None


def _registered(body: Mapping[str, Any], name: str, is_prompt: bool) -> Event:
    tags = dict(body.get("registry_tags") or {})
    entity = "registered_model"
    if is_prompt:
        entity, tags = "prompt", _unmarked(tags)
    return Event(entity, "created", {"name": name, "tags": tags, "description": body.get("purpose") or ""})


def _version(body: Mapping[str, Any], name: str, is_prompt: bool, description: str) -> Event:
    tags = dict(body.get("tags") or {})
    told: dict[str, Any] = {"name": name, "version": str(body["number"])}
    if is_prompt:
        told["template"] = tags.pop(PROMPT_TEXT, None)
        told["tags"] = _unmarked(tags)
    else:
        told |= {"source": body.get("source_uri") or "", "run_id": body.get("run_id") or None, "tags": tags}
    told["description"] = description or None
    return Event("prompt_version" if is_prompt else "model_version", "created", told)


def _label(entity: str, body: Mapping[str, Any], of: Mapping[str, str]) -> Event:
    if "value" in body:
        return Event(entity, "set", {**of, "key": body["key"], "value": body["value"]})
    return Event(entity, "deleted", {**of, "key": body["key"]})


def _unmarked(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key not in PROMPT_MARKS}


def example(name: str) -> Event:
    """Return the example that a test delivery carries, word for word that of an MLflow server. Raises KeyError."""
    entity, _, action = name.partition(".")
    if action not in ACTIONS_OF[entity]:
        raise KeyError(name)
    return Event(entity, action, _EXAMPLES[name])


_TAGS: Final = {"example_key": "example_value"}
_MODEL: Final = {"name": "example_model"}
_PROMPT: Final = {"name": "example_prompt"}
_EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "registered_model.created": {**_MODEL, "tags": _TAGS, "description": "An example registered model"},
    "model_version.created": {
        **_MODEL,
        "version": "1",
        "source": "models:/123",
        "run_id": "abcd1234abcd5678",
        "tags": _TAGS,
        "description": "An example model version",
    },
    "model_version_tag.set": {**_MODEL, "version": "1", "key": "example_key", "value": "example_value"},
    "model_version_tag.deleted": {**_MODEL, "version": "1", "key": "example_key"},
    "model_version_alias.created": {**_MODEL, "alias": "example_alias", "version": "1"},
    "model_version_alias.deleted": {**_MODEL, "alias": "example_alias"},
    "prompt.created": {**_PROMPT, "tags": _TAGS, "description": "An example prompt"},
    "prompt_version.created": {
        **_PROMPT,
        "version": "1",
        "template": "Hello {{name}}!",
        "tags": _TAGS,
        "description": "An example prompt version",
    },
    "prompt_tag.set": {**_PROMPT, "key": "example_key", "value": "example_value"},
    "prompt_tag.deleted": {**_PROMPT, "key": "example_key"},
    "prompt_version_tag.set": {**_PROMPT, "version": "1", "key": "example_key", "value": "example_value"},
    "prompt_version_tag.deleted": {**_PROMPT, "version": "1", "key": "example_key"},
    "prompt_alias.created": {**_PROMPT, "alias": "example_alias", "version": "1"},
    "prompt_alias.deleted": {**_PROMPT, "alias": "example_alias"},
}

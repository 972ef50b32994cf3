"""What a stock mlflow client does with a registry, run by the client's own Python: see test_client.py."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import mlflow  # type: ignore[import-not-found]
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException  # type: ignore[import-not-found]

client: Any = MlflowClient()


class Answer(mlflow.pyfunc.PythonModel):
    """A model that knows one answer."""

    def predict(self, context: Any, model_input: list[str], params: Any = None) -> list[str]:
        """Answer."""
        return ["42" for _ in model_input]


def refused(code: str, call: Any, *given: Any, **named: Any) -> str:
    """Return the words of a refusal with this code."""
    try:
        call(*given, **named)
    except RestException as error:
        assert error.error_code == code, error
        return str(error)
    raise AssertionError(f"{call} was not refused")


def logged_and_loaded() -> None:
    """Log a model, register it and load it back by number, alias, stage and copy."""
    with mlflow.start_run():
        logged = mlflow.pyfunc.log_model(name="model", python_model=Answer(), registered_model_name="fraud")
    assert str(logged.registered_model_version) == "1"
    client.set_registered_model_alias("fraud", "best", "1")
    assert client.transition_model_version_stage("fraud", "1", "Staging").current_stage == "Staging"
    client.copy_model_version("models:/fraud/1", "copy")
    for address in ("fraud/1", "fraud@best", "fraud@latest", "fraud/Staging", "copy/1"):
        assert mlflow.pyfunc.load_model(f"models:/{address}").predict(["?"]) == ["42"], address
    assert [one.version for one in client.get_latest_versions("fraud", ["Staging"])] == ["1"]


def told_and_found() -> None:
    """Label, describe and search."""
    client.set_registered_model_tag("fraud", "team", "risk")
    client.set_model_version_tag("fraud", "1", "checked", "yes")
    client.update_registered_model("fraud", "Scores claims")
    client.update_model_version("fraud", "1", "The first")
    model, version = client.get_registered_model("fraud"), client.get_model_version("fraud", "1")
    assert (model.description, model.tags, model.aliases) == ("Scores claims", {"team": "risk"}, {"best": "1"})
    assert (version.description, version.tags, version.aliases) == ("The first", {"checked": "yes"}, ["best"])
    assert [one.name for one in client.search_registered_models("tags.team = 'risk'")] == ["fraud"]
    assert [one.name for one in client.search_registered_models(order_by=["name ASC"], max_results=1)] == ["copy"]
    assert [one.version for one in client.search_model_versions("name='fraud' and tags.checked='yes'")] == ["1"]
    client.delete_registered_model_tag("fraud", "team")
    client.delete_model_version_tag("fraud", "1", "checked")
    client.delete_registered_model_alias("fraud", "best")


def kept_from_production() -> None:
    """Be refused by the gate in words, at once: a refusal is nothing that a client repeats."""
    began, os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = time.monotonic(), "7"
    for call, given in (
        (client.transition_model_version_stage, ("fraud", "1", "Production")),
        (client.set_registered_model_alias, ("fraud", "production", "1")),
    ):
        said = refused("PERMISSION_DENIED", call, *given)
        assert "is BLOCKED" in said, said
        assert "/gates/" in said, said
    assert time.monotonic() - began < 5
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"


def prompted() -> None:
    """Register a prompt, point at it and load it."""
    mlflow.genai.register_prompt(name="greeting", template="Hi {{name}}", tags={"tone": "warm"})
    mlflow.genai.set_prompt_alias("greeting", alias="production", version=1)
    assert mlflow.genai.load_prompt("prompts:/greeting@production").format(name="Ada") == "Hi Ada"
    assert [one.name for one in mlflow.genai.search_prompts()] == ["greeting"]
    assert "greeting" not in [one.name for one in client.search_registered_models()]
    client.create_prompt("farewell", description="Says goodbye")
    assert str(client.create_prompt_version("farewell", template="Bye {{name}}").version) == "1"
    assert mlflow.genai.load_prompt("prompts:/farewell/1").format(name="Ada") == "Bye Ada"
    client.delete_prompt_version("farewell", "1")
    client.delete_prompt("farewell")


def at_once() -> None:
    """Let eight clients register versions at the same time."""
    client.create_registered_model("busy")

    def register(_: int) -> str:
        found: str = MlflowClient().create_model_version("busy", "s3://a", await_creation_for=0).version
        return found

    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(int(number) for number in pool.map(register, range(40)))
    assert numbers == list(range(1, 41)), numbers


def taken_for_a_tracking_server() -> None:
    """Be told that runs are kept elsewhere, where the registry's address was given for both."""
    held = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(mlflow.get_registry_uri())
    try:
        assert "let MLFLOW_TRACKING_URI name that server" in refused("ENDPOINT_NOT_FOUND", mlflow.set_experiment, "new")
    finally:
        mlflow.set_tracking_uri(held)


def known_by_its_host() -> None:
    """Be known by what `.netrc` says of the registry's host, while the variables are those of another server."""
    token = os.environ["MLFLOW_TRACKING_TOKEN"]
    netrc = Path("redline.netrc")
    netrc.touch(mode=0o600)
    netrc.write_text(f"machine 127.0.0.1 login mia password {token}\n")
    os.environ |= {"MLFLOW_TRACKING_TOKEN": "of-another-server", "NETRC": str(netrc)}
    assert client.get_registered_model("fraud").name == "fraud"
    del os.environ["NETRC"]
    refused("UNAUTHENTICATED", client.get_registered_model, "fraud")
    os.environ |= {"MLFLOW_TRACKING_USERNAME": "mia", "MLFLOW_TRACKING_PASSWORD": token}
    assert client.get_registered_model("fraud").name == "fraud"
    os.environ["MLFLOW_TRACKING_USERNAME"] = "stella"
    assert "MLFLOW_TRACKING_USERNAME" in refused("UNAUTHENTICATED", client.get_registered_model, "fraud")
    del os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"]
    os.environ["MLFLOW_TRACKING_TOKEN"] = token


def asked_for_a_workspace() -> None:
    """Be told that there are no workspaces, where one was chosen."""
    os.environ["MLFLOW_WORKSPACE"] = "research"
    try:
        MlflowClient().search_registered_models()
    except MlflowException as error:
        assert "does not support workspaces" in str(error), error
    else:
        raise AssertionError("a workspace was accepted")
    finally:
        del os.environ["MLFLOW_WORKSPACE"]


def ended() -> None:
    """Rename and delete."""
    client.rename_registered_model("fraud", "fraud ü")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "fraud")
    refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, "copy")
    client.delete_model_version("fraud ü", "1")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, "fraud ü", "1")
    client.delete_registered_model("fraud ü")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "fraud ü")


for chapter in (
    logged_and_loaded,
    told_and_found,
    kept_from_production,
    prompted,
    at_once,
    taken_for_a_tracking_server,
    known_by_its_host,
    asked_for_a_workspace,
    ended,
):
    chapter()
sys.stdout.write("all is well\n")

"""Stock mlflow clients, 3.17.2 and 3.11.1, against the web process as production runs it, told nothing but two variables.

Needs the clients in environments of their own: `make mlflow-client` makes them, or REDLINE_MLFLOW_PYTHON and
REDLINE_MLFLOW_EARLIER_PYTHON name them.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from governance.scoring.models import Posture
from models_registry.catalog.models import Alias, AliasMove, ModelVersion, RegisteredModel
from tests.governance.gates.world import a_clean_version, otto
from tests.governance.mlflow.world import Registry, mia
from tests.wire import web_process

ROOT = Path(__file__).resolve().parents[3]
NEW = Path(os.environ.get("REDLINE_MLFLOW_PYTHON", ROOT / ".venv-mlflow" / "bin" / "python"))
EARLIER = Path(os.environ.get("REDLINE_MLFLOW_EARLIER_PYTHON", ROOT / ".venv-mlflow-earlier" / "bin" / "python"))
HOW_TO = ROOT / "docs" / "how-to" / "mlflow-client.md"
STORY = Path(__file__).with_name("client_story.py")
PROMOTION = Path(__file__).with_name("promotion_story.py")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[("3.17.2", NEW), ("3.11.1", EARLIER)], ids=lambda each: str(each[0]))
def python(request: pytest.FixtureRequest) -> str:
    """The Python of a client that is of the version it is thought to be."""
    version, path = request.param
    if not path.exists():
        pytest.skip("no mlflow client here: `make mlflow-client` installs it")
    command = [str(path), "-c", "import mlflow.version as v; print(v.VERSION)"]
    assert subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.strip() == version
    return str(path)


@pytest.fixture
def settings_of_a_client(tmp_path: Path, python: str) -> Iterator[dict[str, str]]:
    token = Registry(mia()).raw
    with web_process(place=tmp_path) as port:
        yield {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "MLFLOW_REGISTRY_URI": f"http://127.0.0.1:{port}",
            "MLFLOW_TRACKING_TOKEN": token,
            "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/runs.db" if python == str(NEW) else f"{tmp_path}/runs",
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }


def run(command: list[str], env: dict[str, str], place: Path) -> str:
    done = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    return done.stdout


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", HOW_TO.read_text(), re.DOTALL)


def test_the_how_to_works_as_it_is_written(settings_of_a_client: dict[str, str], python: str, tmp_path: Path) -> None:
    checks = [block for block in blocks("bash") if "curl" in block]
    assert run(["/bin/sh", "-c", checks[0]], settings_of_a_client, tmp_path) == "{}"
    script = tmp_path / "how_to.py"
    script.write_text("\n".join(blocks("python")))

    said = run([python, str(script)], settings_of_a_client, tmp_path)

    assert "['42']" in said
    assert "PERMISSION_DENIED: Promotion of answers v1 to the alias champion is BLOCKED: " in said
    model = RegisteredModel.objects.get()
    assert (model.registry_name, model.owner.username) == ("answers", "mia")
    assert ModelVersion.objects.get().artifact_digest.startswith("sha256:")
    assert Alias.objects.get().name == "candidate"


def test_a_promotion_script_of_a_team_runs_unchanged(
    settings_of_a_client: dict[str, str], python: str, tmp_path: Path
) -> None:
    a_clean_version(at=timezone.now())
    robot = Registry(otto())
    robot.model("claims-dev")
    for digit in "bcd":
        tags = {"redline.artifact_digest": "sha256:" + digit * 64, "validation_status": "approved"}
        robot.version("claims-dev", tags=[{"key": key, "value": value} for key, value in tags.items()])
    env = {**settings_of_a_client, "MLFLOW_TRACKING_TOKEN": robot.raw}
    command = [python, str(PROMOTION), "claims-dev", "claims-triage"]

    assert run(command, env, tmp_path) == "champion is 2\n"
    assert run(command, env, tmp_path) == "champion is 3\nrolled back to 2\n"
    Posture.objects.update(risk_score=90, level="CRITICAL")
    failed = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert failed.returncode != 0
    assert "PERMISSION_DENIED: Promotion of claims-triage v4 to the alias champion is BLOCKED: " in failed.stderr
    assert list(AliasMove.objects.order_by("pk").values_list("version__number", flat=True)) == [2, 3, 2]
    copies = ModelVersion.objects.filter(model__slug="claims-triage", number__gt=1)
    assert set(copies.values_list("artifact_digest", flat=True)) == {"sha256:" + "d" * 64}


def test_every_call_of_the_client_is_understood(
    settings_of_a_client: dict[str, str], python: str, tmp_path: Path
) -> None:
    said = run([python, str(STORY)], settings_of_a_client, tmp_path)

    assert said.splitlines()[-1] == "all is well"

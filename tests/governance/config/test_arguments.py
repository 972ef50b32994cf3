"""What a command answers to arguments that are wrong: one line, and an exit that is not 0."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create_account",), "the following arguments are required: name, --role"),
        (("create_source", "Feed", "--kind", "fax"), "invalid choice: 'fax'"),
        (("check_books", "--nonsense"), "unrecognized arguments: --nonsense"),
    ],
)
def test_wrong_arguments_are_one_line(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "REDLINE_MODE": "test", "REDLINE_VAR": str(tmp_path)}
    command = [sys.executable, "manage.py", *arguments]
    answered = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert answered.returncode == 2
    assert answered.stdout == ""
    assert answered.stderr.count("\n") == 1
    assert said in answered.stderr
    assert f"manage.py {arguments[0]} --help says more" in answered.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("chek_books",), {}, "There is no command 'chek_books'"),
        (("create_account", "a b", "--role", "auditor"), {}, "Enter a valid username"),
        (("create_source", "Feed", "--kind", "arize", "--secret", "short"), {}, "A secret has at least 32 characters"),
        (("create_source", "Feed", "--kind", "arize"), {"REDLINE_KEYS": "k1:nonsense"}, "base64 of 32 bytes"),
    ],
)
@pytest.mark.usefixtures("transactional_db")
def test_what_cannot_be_done_is_told_in_one_line(
    arguments: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    command = [sys.executable, "manage.py", *arguments]
    used = {**os.environ, **environment, "DATABASE_URL": _address_of_tests()}
    answered = subprocess.run(command, cwd=ROOT, env=used, capture_output=True, text=True, check=False)

    assert answered.returncode == 1
    assert answered.stderr.count("\n") == 1, answered.stderr
    assert said in answered.stderr


def _address_of_tests() -> str:
    asked = connection.get_connection_params()
    query = urlencode({name: asked[name] for name in ("host", "port") if asked.get(name)})
    return f"postgresql://{asked['user']}:{asked.get('password') or ''}@/{asked['dbname']}?{query}"


def test_code_that_calls_a_command_gets_an_exception() -> None:
    with pytest.raises(CommandError, match="the following arguments are required"):
        call_command("create_account")


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", ["0", "-5", "29"])
def test_an_interval_that_nobody_could_keep_is_refused(seconds: str) -> None:
    with pytest.raises(CommandError, match="at least 30 seconds"):
        call_command("create_source", "Feed", "--kind", "arize", f"--every={seconds}")

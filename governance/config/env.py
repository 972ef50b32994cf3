"""Typed readers of the environment: they refuse nonsense and name the remedy.

A value comes from the process environment, else from the file that `NAME_FILE` names (for
secrets), else from the instance file that a demo left in its data directory. The instance file
is read only while `DATABASE_URL` is not in the environment, so that a demo's leftovers can
never leak into a production process.
"""

import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
INSTANCE_FILE = "instance.env"


class SettingRefused(Exception):
    """A setting is missing or makes no sense; the message says which one and what to do."""


def var_directory() -> Path:
    """Return the directory for everything that running writes (`REDLINE_VAR`, default `var/`)."""
    return Path(os.environ.get("REDLINE_VAR") or ROOT / "var").expanduser().resolve()


def read_instance(path: Path) -> dict[str, str]:
    """Return the `NAME=value` lines of an instance file; empty when there is none."""
    if not path.is_file():
        return {}
    lines = (line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def write_instance(path: Path, values: Mapping[str, str]) -> None:
    """Write an instance file that only its owner can read, in one step."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("".join(f"{name}={value}\n" for name, value in values.items()))
    draft.replace(path)


class Environment:
    """Named values with types. `values` stands in for the process environment in tests."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    @classmethod
    def of_this_process(cls) -> "Environment":
        """Return the process environment, completed by the instance file as the module says."""
        if "DATABASE_URL" in os.environ or "DATABASE_URL_FILE" in os.environ:
            return cls(os.environ)
        return cls({**read_instance(var_directory() / INSTANCE_FILE), **os.environ})

    def text(self, name: str, default: str | None = None, *, remedy: str = "") -> str:
        """Return the value, from `name` or the file `name_FILE`; without a default it is required."""
        value = self._values.get(name) or self._from_file(name)
        if value:
            return value
        if default is None:
            raise SettingRefused(f"{name} is not set. {remedy or f'Set {name} in the environment.'}")
        return default

    def _from_file(self, name: str) -> str:
        path = self._values.get(f"{name}_FILE")
        if not path:
            return ""
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise SettingRefused(f"{name}_FILE={path} cannot be read: {error.strerror}.") from error

    def flag(self, name: str, default: bool) -> bool:
        """Return on or off. Raises SettingRefused for anything but on/off, yes/no, true/false, 1/0."""
        value = self.text(name, "on" if default else "off").lower()
        if value in {"on", "yes", "true", "1"}:
            return True
        if value in {"off", "no", "false", "0"}:
            return False
        raise SettingRefused(f"{name}={value!r} is neither on nor off. Write on or off.")

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
        """Return a whole number between `least` and `most`."""
        value = self.text(name, str(default))
        try:
            number = int(value)
        except ValueError:
            raise SettingRefused(f"{name}={value!r} is not a whole number.") from None
        if not least <= number <= most:
            raise SettingRefused(f"{name}={number} is out of range. Choose {least} to {most}.")
        return number

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of the choices."""
        value = self.text(name, default).lower()
        if value not in choices:
            raise SettingRefused(f"{name}={value!r} is not known. Choose one of {', '.join(choices)}.")
        return value

    def words(self, name: str, default: tuple[str, ...] | None = None, *, remedy: str = "") -> list[str]:
        """Return the comma-separated words."""
        value = self.text(name, None if default is None else ",".join(default), remedy=remedy)
        return [word.strip() for word in value.split(",") if word.strip()]


def database(url: str, *, pool_size: int = 0) -> dict[str, Any]:
    """Return Django's settings for a `postgresql://user:password@host:port/name?option=value` address.

    A socket directory is written percent-encoded as the host, or as `?host=/run/postgresql`.
    `pool_size` above 0 keeps that many connections in a psycopg pool. Raises SettingRefused for
    any other kind of database.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SettingRefused(
            f"The database address begins with {parts.scheme or 'nothing'}://. "
            "Redline runs on PostgreSQL: write postgresql://user:password@host:5432/name."
        )
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    if parts.hostname and "%2f" in parts.netloc.lower():
        host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0])
    port = options.pop("port", None) or parts.port or ""
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "redline",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if pool_size else 60,
        "CONN_HEALTH_CHECKS": True,
    }


def live_origins(live_url: str, *, hosts: Iterable[str], secure: bool) -> list[str]:
    """Return the origins that pages must be allowed to ask for the live stream, besides their own."""
    if live_url.startswith(":"):
        port = live_url.partition("/")[0]
        scheme = "https" if secure else "http"
        return [f"{scheme}://{host}{port}" for host in hosts if not host.startswith((".", "*", "["))]
    parts = urlsplit(live_url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def kept_secret(path: Path) -> str:
    """Return the random secret kept in `path`, made on first use and readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(50)
        file.write(secret)
    return secret

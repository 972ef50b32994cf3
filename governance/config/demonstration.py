"""The demo: an embedded PostgreSQL, the company of the first start, and the processes around them."""

import contextlib
import hashlib
import os
import secrets
import socket
import subprocess
from pathlib import Path

from governance.config.embedded import EmbeddedPostgres
from governance.config.env import INSTANCE_FILE, ROOT, Environment, read_instance, write_instance
from governance.config.processes import Failed, Processes, getting_ready, manage, say, start_line, watch

COLLECTED_FILE = "static-collected"
LOADING_FILE, LOADED_FILE = "demo-loading", "demo-loaded"


def demo(var: Path, host: str, port: int, *, company: bool = True) -> None:
    """Run the demo until stopped. Without its company it stays empty for good."""
    var.mkdir(parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(var / "postgres")
    processes: Processes | None = None
    try:
        say("Starting PostgreSQL and bringing the database up to date ...")
        postgres.claim()
        own = demo_environment(var, postgres, port)
        processes = Processes(var / "log", {**os.environ, "REDLINE_VAR": str(var), **own})
        (var / "broker").mkdir(exist_ok=True)
        with getting_ready(processes, var=var, host=host, port=port, workers=1, threads=4):
            prepare(var, processes, postgres)
            if company:
                load_once(var, processes)
            else:
                (var / LOADED_FILE).touch()
        start_line(processes, host=host, port=port)
        first = "" if company else "manage.py bootstrap makes the first administrator. "
        say(f"\n  Redline is at http://localhost:{port}/\n\n{first}Ctrl-C stops it; the data stay in {var}.")
        watch(processes, postgres=postgres)
    finally:
        say("Stopping ...")
        if processes:
            processes.stop()
        postgres.stop()


def prepare(var: Path, processes: Processes, postgres: EmbeddedPostgres) -> None:
    """Start the server, and bring tables, grants and static files up to date."""
    forget_half_loaded(var, postgres)
    done, digest = var / COLLECTED_FILE, static_digest()
    collected = done.exists() and done.read_text() == digest and (var / "static").is_dir()
    command = manage("setup_database", "--wait", "60", *([] if collected else ["--static"]))
    processes.begin("setup_database", command, DATABASE_ADMIN_URL=postgres.admin_url())
    postgres.start()  # the command reads its code meanwhile
    processes.finish("setup_database")
    done.write_text(digest)


def static_digest() -> str:
    """Return what differs when a static file, ours or a library's, may have changed."""
    facts = hashlib.sha256((ROOT / "requirements" / "base.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        about = path.stat()
        facts.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return facts.hexdigest()


def forget_half_loaded(var: Path, postgres: EmbeddedPostgres) -> None:
    """Drop the database of a demo whose first load was interrupted; nobody has seen it yet."""
    if not (var / LOADING_FILE).exists():
        return
    import psycopg  # rarely needed, and every start would wait for it

    say("The first load was interrupted, so it begins anew.")
    postgres.start()
    with psycopg.connect(postgres.admin_url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS redline WITH (FORCE)")
    (var / LOADING_FILE).unlink()


def load_once(var: Path, processes: Processes) -> None:
    """Load the demo company on the first start."""
    loading, done = var / LOADING_FILE, var / LOADED_FILE
    if done.exists() or not has_command("load_demo"):
        return
    say("Loading the demo company (first start only) ...")
    loading.touch()
    step = subprocess.run(  # noqa: S603 - our own command; its progress goes to the terminal
        manage("load_demo"), cwd=ROOT, env=processes.environment, check=False
    )
    if step.returncode:
        raise Failed("load_demo failed; the next start begins anew.")
    loading.rename(done)


def demo_environment(var: Path, postgres: EmbeddedPostgres, port: int) -> dict[str, str]:
    """Return the settings of a demo; they are kept, so that management commands find its database."""
    path = var / INSTANCE_FILE
    kept = read_instance(path)
    values = {
        "REDLINE_MODE": "demo",
        "SECRET_KEY": kept.get("SECRET_KEY") or secrets.token_urlsafe(50),
        "PORT": str(port),
        **live_settings(Environment(os.environ), before=kept.get("REDLINE_LIVE_PORT", "")),
    }
    for name, role in (("DATABASE_URL", "redline_app"), ("DATABASE_OWNER_URL", "redline_owner")):
        password = kept.get(f"{role.upper()}_PASSWORD") or secrets.token_urlsafe(32)
        values[f"{role.upper()}_PASSWORD"] = password
        values[name] = postgres.url(name="redline", user=role, password=password)
    write_instance(path, values)
    return {name: value for name, value in values.items() if not name.endswith("_PASSWORD")}


def live_settings(environment: Environment, *, before: str = "") -> dict[str, str]:
    """Return the settings under which a demo's pages hear of changes: by a port of their own host, without a proxy.

    The port is the one of the last start, so that open pages find it again, or any that is free: the one after
    the pages' may be another demo's.
    """
    port = environment.number("REDLINE_LIVE_PORT", free_port(int(before or 0)), least=1, most=65535)
    return {
        "REDLINE_LIVE": environment.text("REDLINE_LIVE", "sse"),
        "REDLINE_LIVE_PORT": str(port),
        "REDLINE_LIVE_URL": environment.text("REDLINE_LIVE_URL", f":{port}/live/"),
    }


def free_port(wanted: int) -> int:
    """Return the wanted port of this machine when nobody listens there, or else one that is free."""
    for port in (wanted, 0):
        with socket.socket() as held:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                held.bind(("127.0.0.1", port))
                return int(held.getsockname()[1])
    raise Failed("This machine has no free port.")


def has_command(name: str) -> bool:
    """Return whether a management command of that name is there."""
    return any(ROOT.glob(f"*/management/commands/{name}.py"))

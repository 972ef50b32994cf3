"""The environment of a test run, set before Django reads its settings (loaded by `-p` in pyproject.toml)."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

os.environ["REDLINE_MODE"] = "test"
os.environ["REDLINE_VAR"] = str(ROOT / "var" / "test")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs its own event loop in the test's thread
for name in ("DATABASE_URL", "DATABASE_URL_FILE", "BROKER_URL", "REDLINE_HTTPS", "REDLINE_URL", "PORT"):
    os.environ.pop(name, None)

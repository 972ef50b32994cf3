"""Kill processes at random while events arrive, then judge: `python -m tests.chaos.storm`, or `make chaos`."""

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from governance.config.embedded import remove
from tests.chaos import oracle
from tests.chaos.rig import Rig
from tests.chaos.traffic import Receiver, Senders, events
from tests.chaos.world import METRICS

MODELS = 8
BAD = 4
"""Models with bad readings: fewer than the breaker against storms needs to trip a rule."""

DRAIN_SECONDS = 180


@dataclass
class Report:
    """What happened, and what was not as promised."""

    seed: int
    kills: dict[str, int]
    acknowledged: int = 0
    tries: int = 0
    messages: int = 0
    repeated: int = 0
    scrapes: int = 0
    unbalanced: int = 0
    drained_s: float = 0.0
    took_s: float = 0.0
    wrongs: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kills = sum(self.kills.values())
        told = ", ".join(f"{count} of the {name}" for name, count in self.kills.items())
        lines = [
            f"seed {self.seed}: kill -9 of {told}; {self.took_s:.0f} s",
            f"{self.acknowledged} events acknowledged after {self.tries} tries; drained {self.drained_s:.1f} s after the last",
            f"{self.messages} messages arrived, {self.repeated} of them again with their key",
            f"the books balanced in {self.scrapes - self.unbalanced} of {self.scrapes} scrapes, one a second",
        ]
        if self.wrongs:
            return "\n".join([*lines, *(f"WRONG: {one}" for one in self.wrongs)])
        bound = 100 * 3 / kills if kills else 100
        bound_events = 100 * 3 / self.acknowledged if self.acknowledged else 100
        return "\n".join(
            [
                *lines,
                f"0 events lost and 0 double effects. With 95% confidence a kill loses something in at most {bound:.1f}% "
                f"of cases, and an acknowledged event is lost with at most {bound_events:.2f}% (rule of three).",
            ]
        )


class Scraper(threading.Thread):
    """Read `/metrics` once a second; every answer must balance."""

    def __init__(self, rig: Rig) -> None:
        super().__init__(daemon=True)
        self.rig, self.ended = rig, threading.Event()
        self.scrapes = self.unbalanced = 0

    def run(self) -> None:
        """Go on until ended; no answer is no scrape."""
        while not self.ended.wait(1.0):
            text = self.rig.scrape()
            if text is None:
                continue
            self.scrapes += 1
            self.unbalanced += not _balances(text)


def _balances(text: str) -> bool:
    """Add the numbers up here, and do not believe the gauge that says so."""
    found = {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    event = {state: found.get(("redline_telemetry_events", "storm", state), 0) for state in STATES}
    note = {state: found[("redline_notifications", state)] for state in ("total", *ENDS)}
    entry = {state: found[("redline_entries", state)] for state in ("alertable", "decided", "waiting", "missed")}
    return (
        event["received"] == sum(event[state] for state in STATES[1:])
        and note["total"] == sum(note[state] for state in ENDS)
        and entry["alertable"] == entry["decided"] + entry["waiting"]
        and not entry["missed"]
    )


STATES = ("received", "done", "duplicate", "quarantined", "dead", "waiting")
ENDS = ("delivered", "given_up", "cancelled", "pending")


def storm(*, place: Path, kills: int, count: int, seed: int, threads: int = 6) -> Report:
    """Run one storm in a directory of its own and return what came of it."""
    chance, began, receiver = random.Random(seed), time.monotonic(), Receiver()
    rig = Rig(place, receiver_port=receiver.port)
    report = Report(seed, dict.fromkeys(Rig.PARTS, kills))
    try:
        source = rig.prepare(models=MODELS, receiver=receiver.url)
        work = events(count=count, models=MODELS, metrics=list(METRICS), bad=BAD, chance=chance)
        senders = Senders(port=rig.port, **source, work=work, threads=threads, seed=seed)
        for part in ("web", "line"):
            rig.start(part)
        scraper = Scraper(rig)
        scraper.start()
        senders.start()
        _kill_at_random(rig, senders, count, report, chance)
        senders.join()
        report.drained_s = _drain(rig)
        scraper.ended.set()
        scraper.join()
        report.scrapes, report.unbalanced = scraper.scrapes, scraper.unbalanced
        _judge(rig, senders, receiver, count, report)
    finally:
        rig.stop()
        receiver.stop()
        report.took_s = time.monotonic() - began
    return report


def _kill_at_random(rig: Rig, senders: Senders, count: int, report: Report, chance: random.Random) -> None:
    """Kill each part as often as asked, spread over the events, and start it again at once."""
    order = [name for name, times in report.kills.items() for _ in range(times)]
    chance.shuffle(order)
    for number, name in enumerate(order, start=1):
        share = (number - chance.random()) / (len(order) + 1)
        while senders.done < share * count and senders.are_sending:
            time.sleep(0.005)
        rig.kill(name)
        rig.start(name)


def _drain(rig: Rig) -> float:
    """Wait until nothing is due any more, and return how long that took."""
    began = time.monotonic()
    while oracle.waiting(rig.urls["redline_owner"]):
        if time.monotonic() - began > DRAIN_SECONDS:
            break
        time.sleep(0.2)
    return time.monotonic() - began


def _judge(rig: Rig, senders: Senders, receiver: Receiver, count: int, report: Report) -> None:
    report.acknowledged, report.tries = len(senders.acknowledged), senders.tries
    report.messages, report.repeated = sum(receiver.keys.values()), sum(receiver.keys.values()) - len(receiver.keys)
    rig.kill("line")
    owner = rig.urls["redline_owner"]
    wrongs = oracle.wrongs(
        url=owner,
        acknowledged=senders.acknowledged,
        bad=BAD,
        told=receiver.keys,
        kills=report.kills["line"] + report.kills["postgres"],
    )
    if senders.refused:
        wrongs.append(f"{len(senders.refused)} events were refused, {senders.refused[0]} among them")
    if report.acknowledged != count:
        wrongs.append(f"only {report.acknowledged} of {count} events were acknowledged")
    if report.unbalanced:
        wrongs.append(f"the books did not balance in {report.unbalanced} scrapes")
    if oracle.waiting(owner):
        wrongs.append(f"work was still due {DRAIN_SECONDS} s after the last event")
    report.wrongs = [*wrongs, *rig.books()["imbalances"], *rig.unproved()]


def main() -> None:
    """Read the command line, run one storm, print the report; exit 1 when something was not as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="kills of each of web, line and PostgreSQL")
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    chosen = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="redline-chaos-"))
    place.chmod(0o711)
    try:
        report = storm(place=place, kills=chosen.kills, count=chosen.events, seed=chosen.seed)
    finally:
        remove(place / "pg")
        shutil.rmtree(place, ignore_errors=True)
    print(report)  # noqa: T201
    sys.exit(bool(report.wrongs))


if __name__ == "__main__":
    main()

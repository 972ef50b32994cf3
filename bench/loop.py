"""G3: the whole loop in one worker: received → measured → 20 rules → risks → trail → routed."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.lib.company import METRICS, Company
from bench.lib.instance import Instance
from bench.lib.rounds import ROUNDS, Report, Series, interleave, percentile

MEASUREMENTS = int(os.environ.get("MEASUREMENTS", "10000"))
SINGLE = int(os.environ.get("SINGLE", "500"))
MODELS = 1_000
PACE_PER_S = 100
PACED_S = int(os.environ.get("PACED_SECONDS", "10"))


def main() -> None:
    """Measure and tell."""
    report = Report("loop")
    with Instance() as instance:
        company = Company(instance, models=MODELS)
        company.rules(20)
        turn = Turn(company)
        found = interleave(
            {
                "batches": lambda: turn.rate(turn.batches(MEASUREMENTS), MEASUREMENTS),
                "single": lambda: turn.rate(turn.single(SINGLE, models=MODELS), SINGLE),
                "one model": lambda: turn.rate(turn.single(SINGLE, models=1), SINGLE),
            }
        )
        lags = [turn.lag() for _ in range(min(ROUNDS, 3))]
    rates = {name: Series(tuple(values)) for name, values in found.items()}
    report.goal("G3", "measurements a second in bodies of 1,000 of 100 models", rates["batches"], least=3_000)
    report.goal("G3", "single events a second, over all models", rates["single"], least=500)
    report.line("single events a second, all on one model", rates["one model"], "events/s")
    report.goal("G3", "all on one model / over all models", rates["one model"].over(rates["single"]), least=0.8)
    report.goal("G3", f"receipt to level at {PACE_PER_S} events/s, p95 s", Series(tuple(lags)), most=2.0)


class Turn:
    """Sends events and runs the line until nothing waits."""

    def __init__(self, company: Company) -> None:
        self.company, self.sent = company, 0

    def batches(self, count: int) -> list[bytes]:
        """Return bodies of 1,000 measurements of 100 models, as a platform that reports in batches sends them."""
        return [self._body(1_000, 100) for _ in range(count // 1_000)]

    def single(self, count: int, *, models: int) -> list[bytes]:
        """Return bodies of one measurement, over so many models."""
        return [self._body(1, models) for _ in range(count)]

    def rate(self, bodies: list[bytes], measurements: int) -> float:
        """Return measurements a second from the first receipt until everything is scored and routed."""
        began = time.perf_counter()
        for body in bodies:
            self.company.send(body)
        self._run()
        return measurements / (time.perf_counter() - began)

    def lag(self) -> float:
        """Return the p95 of the seconds from receipt to level, at a steady pace."""
        from models_registry.telemetry.models import TelemetryEvent

        first = TelemetryEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        began, ended = time.monotonic(), {}
        sent: dict[int, float] = {}
        while time.monotonic() - began < PACED_S or len(ended) < len(sent):
            due = min(int((time.monotonic() - began) * PACE_PER_S), PACED_S * PACE_PER_S)
            while len(sent) < due:
                sent[self.company.send(self._body(1, MODELS))] = time.monotonic()
            self._step()
            done = TelemetryEvent.objects.filter(pk__gt=first).exclude(state="NEW").values_list("pk", flat=True)
            now = time.monotonic()
            ended |= {pk: now for pk in done if pk not in ended}
        return percentile([ended[pk] - at for pk, at in sent.items()], 0.95)

    def _body(self, size: int, models: int) -> bytes:
        at = datetime.now(UTC) - timedelta(minutes=1)
        readings = []
        for _ in range(size):
            self.sent += 1
            readings.append(
                {
                    "model": f"model-{self.sent % models}",
                    "metric": METRICS[self.sent // models % len(METRICS)],
                    "value": self.sent * 37 % 1000 / 1000,
                    "observed_at": (at + timedelta(microseconds=self.sent)).isoformat(),
                }
            )
        return json.dumps({"measurements": readings}).encode()

    def _step(self) -> int:
        steps: list[Callable[[datetime], Any]] = _stations()
        return sum(step(datetime.now(UTC)) for step in steps)

    def _run(self) -> None:
        while self._step():
            pass


def _stations() -> list[Callable[[datetime], Any]]:
    from alerts.routing.tasks import tick as route
    from governance.scoring.tasks import tick as score

    return [score, route]


if __name__ == "__main__":
    main()

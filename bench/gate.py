"""G5: a gate answer with 10,000 models, millions of measurements and open risks, beside a plain view."""

import json

from bench.lib.company import MODELS, Company
from bench.lib.instance import Instance
from bench.lib.load import Load, Post, ask
from bench.lib.rounds import FULL, SECONDS, Report, Series, interleave

CONNECTIONS = 8
ROWS = 10_000_000 if FULL else 1_000_000


def main() -> None:
    """Measure and tell."""
    report = Report("gate")
    with Instance() as instance:
        company = Company(instance)
        company.measure(ROWS)
        for version in company.rules(20)[:2]:
            for model in company.models[: MODELS // 4]:
                company.fires_on(version, model)
        token = {"Authorization": f"Bearer {company.token()}"}
        models = [f"/api/v1/gates/runtime/model-{number}/" for number in range(0, MODELS, max(1, MODELS // 500))]
        questions = [
            Post(json.dumps({"model": f"model-{n}", "version": 1, "target": "production"}), token | JSON)
            for n in range(0, MODELS, max(1, MODELS // 500))
        ]
        with instance.served() as served:
            found = interleave(
                {
                    "plain": lambda: ask(served, "/plain/", connections=CONNECTIONS, seconds=SECONDS),
                    "runtime": lambda: ask(
                        served, models[0], connections=CONNECTIONS, seconds=SECONDS, headers=token, paths=models
                    ),
                    "promotion": lambda: ask(
                        served, "/api/v1/gates/promotion/", connections=CONNECTIONS, seconds=SECONDS, posts=questions
                    ),
                }
            )
        tell(report, found)


JSON = {"Content-Type": "application/json"}


def tell(report: Report, found: dict[str, list[Load]]) -> None:
    """Print latencies, their ratios, and what a request cost the server."""
    for name, loads in found.items():
        cpu = round(sorted(one.cpu_us for one in loads)[len(loads) // 2])
        refused = sum(one.bad for one in loads)
        rate = Series(tuple(one.rate for one in loads))
        report.line(f"{name}: answers", rate, "per s", cpu_us=cpu, refused=refused)
        report.line(f"{name}: p50", _ms(loads, "p50"), "ms")
        report.line(f"{name}: p99", _ms(loads, "p99"), "ms")
    plain, runtime = found["plain"], found["runtime"]
    report.goal("G5", "runtime answer / plain view, p50", _ms(runtime, "p50").over(_ms(plain, "p50")), most=2.5)
    report.goal("G5", "runtime answer / plain view, p99", _ms(runtime, "p99").over(_ms(plain, "p99")), most=3.0)


def _ms(loads: list[Load], name: str) -> Series:
    return Series(tuple(getattr(one, name) for one in loads))


if __name__ == "__main__":
    main()

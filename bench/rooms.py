"""G9 for the rooms of registry, lineage and costs: how a page's cost grows with versions, runs, moves and days.

As in `growth`, each time is divided by that of a page that reads nothing that grows, measured in the same round.
The first size is a young company's, the last a hundred times that.
"""

import math
import statistics
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.growth import YARDSTICK
from bench.lib.company import Company
from bench.lib.instance import Instance
from bench.lib.rounds import ROUNDS, Report, Series, timed
from bench.lists import browser

SIZES = (10, 100, 1_000)
"""Versions and runs of each of a tenth of the models, moves of each alias, and days of costs of every model."""
MODELS = 500
TIMES = 10


def main() -> None:
    """Measure at every size and tell the slopes."""
    report = Report("rooms")
    with Instance() as instance:
        from django.conf import settings

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        company = Company(instance, models=MODELS)
        works = things(company)
        taken: dict[str, list[list[float]]] = {name: [] for name in works}
        for size in SIZES:
            fill(company, size)
            for name, work in works.items():
                work()
                taken[name].append([])
            for _ in range(ROUNDS):
                for name, work in works.items():
                    stick = timed(works[YARDSTICK], times=TIMES)
                    taken[name][-1].append(timed(work, times=TIMES) / stick)
    taken.pop(YARDSTICK)
    across = [math.log(size) for size in SIZES]
    for name, by_size in taken.items():
        for size, values in zip(SIZES, by_size, strict=True):
            report.line(f"{name}, {size:,}", Series(tuple(values)), "yardsticks")
        turns = zip(*by_size, strict=True)
        slopes = Series(
            tuple(statistics.linear_regression(across, [math.log(one) for one in turn]).slope for turn in turns)
        )
        report.goal("G9", f"growth exponent: {name}", slopes, most=0.05, error=slopes.error)


def fill(company: Company, size: int) -> None:
    """Bring the rows up to this size."""
    facts = {"size": size, "by": company.machine.pk, "at": company.at, "models": MODELS}
    with company.instance.connect() as admin:
        for statement in (VERSIONS, RUNS, ALIASES, MOVES, COSTS):
            admin.execute(statement, facts)
        admin.execute("vacuum analyze")


def things(company: Company) -> dict[str, Callable[[], Any]]:
    """Return what is timed, by name."""
    client, token = browser(company.board), {"authorization": f"Bearer {company.token()}"}

    def page(path: str, **headers: str) -> Callable[[], Any]:
        def get() -> None:
            response = client.get(path, headers=headers)
            if response.status_code != 200:
                raise RuntimeError(f"{path} answers {response.status_code}: {response.content[:200]!r}")

        return get

    mlflow, day = "/api/2.0/mlflow", f"{company.at - timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"
    return {
        YARDSTICK: page("/readyz"),
        "page: versions": page("/models/model-1/versions/"),
        "page: one version": page("/models/model-1/versions/1/"),
        "page: runs": page("/models/model-1/runs/"),
        "page: lineage of a model": page("/models/model-1/lineage/"),
        "page: costs": page("/costs/"),
        "panel: costs of a model": page("/models/model-1/costs/panel/"),
        "page: card": page("/models/model-1/card/"),
        "mlflow: get a model": page(f"{mlflow}/registered-models/get?name=model-1", **token),
        "mlflow: search models": page(f"{mlflow}/registered-models/search?max_results=25", **token),
        "mlflow: search versions": page(
            f"{mlflow}/model-versions/search?filter=name%3D'model-1'&max_results=25", **token
        ),
        "mlflow: get by alias": page(f"{mlflow}/registered-models/alias?name=model-1&alias=champion", **token),
        "what held an alias on a day": page(f"/api/v1/models/model-1/aliases/champion/?as_of={day}"),
    }


VERSIONS = """
insert into catalog_version (model_id, number, artifact_digest, source_uri, description, stage, epoch, created_by_id,
                             created_at)
select model.id, nth, 'sha256:' || repeat('a', 64), 's3://bench/' || nth, '', 'DEVELOPMENT', 1, %(by)s,
       %(at)s::timestamptz - nth * interval '1 hour'
from (select id from catalog_model order by id limit %(models)s / 10) as model, generate_series(2, %(size)s) as nth
on conflict do nothing
"""
RUNS = """
insert into catalog_run (source, external_id, name, status, author, url, parameters, metrics, artifacts, objective,
                         recorded_at, model_id, recorded_by_id)
select 'bench', model.id || '-' || nth, 'run ' || nth, 'FINISHED', 'bench', '', '{"lr": 0.1}', '{"accuracy": 0.9}',
       '[]', 0.9, %(at)s::timestamptz - nth * interval '1 hour', model.id, %(by)s
from (select id from catalog_model order by id limit %(models)s / 10) as model, generate_series(1, %(size)s) as nth
on conflict do nothing
"""
ALIASES = """
insert into catalog_alias (model_id, name, version_id, guarded)
select model_id, 'champion', id, false from catalog_version where number = 1
on conflict do nothing
"""
MOVES = """
insert into catalog_alias_move (model_id, name, version_id, moved_by_id, moved_at)
select version.model_id, 'champion', version.id, %(by)s, %(at)s::timestamptz - version.number * interval '30 minutes'
from catalog_version as version
where not exists (select from catalog_alias_move as held where held.version_id = version.id)
"""
COSTS = """
insert into costs_daily (project, day, origin, currency, amount_micros, reporting_micros, tokens_in, tokens_out,
                         counted, model_id, unit_id)
select '', (%(at)s::timestamptz)::date - nth, 'MEASURED', 'EUR', 1000000 + nth, 1000000 + nth, 10, 10, true, model.id,
       model.unit_id
from catalog_model as model, generate_series(0, %(size)s - 1) as nth
on conflict do nothing
"""


if __name__ == "__main__":
    main()

"""G9 for the rooms of registry, lineage and costs: how a page's cost grows with versions, runs, moves and days.

As in `growth`, each time is divided by that of a page that reads nothing that grows, measured in the same round.
At the first size the lists fill their pages, since a page that is half empty grows with every row that joins it; the
last is a hundred times that.
"""

import itertools
import json
import os
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench.lib.company import Company
from bench.lib.growing import YARDSTICK, growth, pages
from bench.lib.instance import Instance
from bench.lib.rounds import Report
from bench.lists import browser

if TYPE_CHECKING:
    from django.test import Client

SIZES = tuple(int(size) for size in os.environ.get("SIZES", "100,1000,10000").split(","))
"""Versions and runs of each of a tenth of the models, moves of each alias, days of costs of every model; versions of
each dataset, suites of a version, texts and issues of a card, imports and bills."""
MODELS = 500
MOVING = "moving"
"""Stands for a value that each call gives anew."""
OF_THE_PAST = ("a model", "versions", "one version", "artifacts", "card")
"""Pages that are shown as they were, too."""


def main() -> None:
    """Measure at every size and tell the slopes."""
    report = Report("rooms")
    with Instance() as instance:
        from django.conf import settings

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        company = Company(instance, models=MODELS)
        growth(report, things(company), sizes=SIZES, grow=lambda size: fill(company, size), noun="of each")


def fill(company: Company, size: int) -> None:
    """Bring the rows up to this size, as time would write them: of all models in turn."""
    facts = {"size": size, "by": company.machine.pk, "at": company.at, "models": MODELS}
    with company.instance.connect() as admin:
        for statement in STATEMENTS:
            admin.execute(statement, facts)
        admin.execute("vacuum analyze")


def things(company: Company) -> dict[str, Callable[[], Any]]:
    """Return what is timed, by name."""
    client = browser(company.board)
    page = pages(client)
    bills = pages(browser(company.person("administrator", "administrator", None)))("/costs/imports/")
    of = "/models/model-1/"
    seen = {
        "a model": of, "versions": of + "versions/", "one version": of + "versions/1/",
        "what changed": of + "changes/?old=2&new=3", "runs": of + "runs/", "lineage of a model": of + "lineage/",
        "artifacts": "/lineage/", "one artifact": "/lineage/artifacts/1/", "card": of + "card/",
        "issued cards": of + "card/issued/", "costs": "/costs/", "budgets": "/costs/budgets/", "imports": "/imports/",
        "costs of a model": of + "costs/panel/",
    }  # fmt: skip
    past, earlier = (f"{company.at - ago:%Y-%m-%dT%H:%M:%SZ}" for ago in (timedelta(days=2), timedelta(hours=3)))
    listed = {
        "versions": "models/model-1/versions/?limit=25", "artifacts": "lineage/artifacts/?limit=25",
        "versions of an artifact": "lineage/artifacts/1/versions/?limit=25", "runs": "models/model-1/runs/?limit=25",
        "suites": "models/model-1/versions/1/validations/?limit=25", "showback": "costs/showback/?by=team",
        "what held an alias": f"models/model-1/aliases/champion/?as_of={earlier}",
    }  # fmt: skip
    return {
        YARDSTICK: page("/readyz"),
        **{f"page: {name}": page(path) for name, path in seen.items()},
        "page: bills": bills,
        **{f"page: {name}, two days ago": page(f"{seen[name]}?as_of={past}") for name in OF_THE_PAST},
        **{f"list: {name}": page("/api/v1/" + path) for name, path in listed.items()},
        **{f"mlflow: {name}": work for name, work in registry(client, company.token()).items()},
    }


def registry(client: "Client", token: str) -> dict[str, Callable[[], Any]]:
    """Return calls of MLflow's registry, by name."""
    base, given = "/api/2.0/mlflow/", {"authorization": f"Bearer {token}"}
    moves = itertools.cycle("12")

    def ask(path: str) -> Callable[[], Any]:
        return pages(client)(base + path, **given)

    def call(path: str, **body: str) -> Callable[[], Any]:
        def post() -> None:
            sent = json.dumps({name: next(moves) if value == MOVING else value for name, value in body.items()})
            answer = client.post(base + path, sent, content_type="application/json", headers=given)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answers {answer.status_code}: {answer.content[:200]!r}")

        return post

    create = "model-versions/create"
    return {
        "get a model": ask("registered-models/get?name=model-1"),
        "get a version": ask("model-versions/get?name=model-1&version=1"),
        "get by alias": ask("registered-models/alias?name=model-1&alias=champion"),
        "get latest versions": ask("registered-models/get-latest-versions?name=model-1"),
        "search models": ask("registered-models/search?max_results=25"),
        "search versions": ask("model-versions/search?filter=name%3D'model-1'&max_results=25"),
        "search all versions": ask("model-versions/search?max_results=25"),
        "search the version of a run": ask("model-versions/search?filter=run_id%3D'run-1-7'"),
        "create version": call(create, name="model-2", source="s3://bench/a"),
        "create version of a run": call(create, name="model-3", source="s3://bench/a", run_id="run-elsewhere"),
        "create version of a logged model": call(
            create, name="model-3", source="models:/m-elsewhere", model_id="m-elsewhere"
        ),
        "set alias": call("registered-models/alias", name="model-1", alias="shadow", version=MOVING),
        "set a tag": call("model-versions/set-tag", name="model-1", version="1", key="seen", value=MOVING),
    }


VERSIONS = """
insert into catalog_version (model_id, number, artifact_digest, source_uri, description, stage, epoch, run_id,
                             created_by_id, created_at)
select model.id, nth, 'sha256:' || repeat('a', 64), 's3://bench/' || nth, '', 'DEVELOPMENT', 1,
       'run-' || model.id || '-' || nth, %(by)s, %(at)s::timestamptz - nth * interval '1 hour'
from (select id from catalog_model order by id limit %(models)s / 10) as model, generate_series(2, %(size)s) as nth
order by nth, model.id
on conflict do nothing
"""
STAGES = """
insert into catalog_stage_move (version_id, model_id, from_stage, to_stage, moved_by_id, moved_at)
select version.id, version.model_id, '', version.stage, %(by)s, version.created_at from catalog_version as version
where not exists (select from catalog_stage_move as held where held.version_id = version.id)
order by version.number, version.id
"""
RUNS = """
insert into catalog_run (source, external_id, name, status, author, url, parameters, metrics, artifacts, objective,
                         recorded_at, model_id, recorded_by_id)
select 'bench', model.id || '-' || nth, 'run ' || nth, 'FINISHED', 'bench', '', '{"lr": 0.1}', '{"accuracy": 0.9}',
       '[]', 0.9, %(at)s::timestamptz - nth * interval '1 hour', model.id, %(by)s
from (select id from catalog_model order by id limit %(models)s / 10) as model, generate_series(1, %(size)s) as nth
order by nth, model.id
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
order by version.number, version.id
"""
COSTS = """
insert into costs_daily (project, day, origin, currency, amount_micros, reporting_micros, tokens_in, tokens_out,
                         counted, model_id, unit_id)
select '', (%(at)s::timestamptz)::date - nth, 'MEASURED', 'EUR', 1000000 + nth, 1000000 + nth, 10, 10, true, model.id,
       model.unit_id
from generate_series(%(size)s - 1, 0, -1) as nth, catalog_model as model
order by nth desc, model.id
on conflict do nothing
"""
ARTIFACTS = """
insert into lineage_artifact (kind, name, description, created_by_id, created_at)
select 'DATASET', 'data-' || nth, '', %(by)s, %(at)s from generate_series(1, %(models)s / 10) as nth
on conflict do nothing
"""
STATES = """
insert into lineage_artifact_version (artifact_id, label, digest, licence, source_uri, created_by_id, created_at)
select artifact.id, nth, 'sha256:' || md5(name || nth) || md5(nth || name), '', '', %(by)s,
       %(at)s::timestamptz - nth * interval '1 hour'
from lineage_artifact as artifact, generate_series(1, %(size)s) as nth
order by nth, artifact.id
on conflict do nothing
"""
EDGES = """
insert into lineage_edge (version_id, used_id, artifact_id, model_id, role, recorded_by_id, recorded_at, reason)
select version.id, state.id, artifact.id, version.model_id, 'TRAINED_ON', %(by)s, %(at)s, ''
from catalog_version as version
join lineage_artifact as artifact on artifact.name = 'data-' || version.model_id %% (%(models)s / 10)
join lineage_artifact_version as state on state.artifact_id = artifact.id and state.label = version.number::text
order by version.number, version.id
on conflict do nothing
"""
SUITES = """
insert into catalog_validation (version_id, suite, kind, dataset, dataset_digest, report_uri, note, ran_at, ran_by,
                                verdict, digest, recorded_by_id, recorded_at)
select version.id, 'held-out', 'PERFORMANCE', '', '', '', '', %(at)s::timestamptz - nth * interval '1 hour', 'bench',
       'PASS', 'sha256:' || md5(version.id || '-' || nth) || md5(nth::text), %(by)s,
       %(at)s::timestamptz - nth * interval '1 hour'
from catalog_version as version, generate_series(1, %(size)s) as nth
where version.number = 1 and version.model_id in (select id from catalog_model order by id limit %(models)s / 10)
order by nth, version.id
on conflict do nothing
"""
RESULTS = """
insert into catalog_validation_result (validation_id, position, metric, segment, value, way, verdict, reason)
select id, 1, 'accuracy', '', 0.9, 'HIGHER_IS_BETTER', 'PASS', 'bench' from catalog_validation
on conflict do nothing
"""
TEXTS = """
insert into catalog_card_text (model_id, section, number, text, digest, written_by_id, written_at)
select model.id, 'LIMITATIONS', nth, 'bench', 'sha256:' || repeat('c', 64), %(by)s,
       %(at)s::timestamptz - interval '20000 hours' + nth * interval '1 hour'
from (select id from catalog_model order by id limit %(models)s / 10) as model, generate_series(1, %(size)s) as nth
order by nth, model.id
on conflict do nothing
"""
CARDS = """
insert into catalog_issued_card (model_id, number, document, digest, note, issued_by_id, issued_at)
select model.id, nth, '{}', 'sha256:' || repeat('b', 64), '', %(by)s, %(at)s::timestamptz - nth * interval '1 hour'
from (select id from catalog_model order by id limit %(models)s / 10) as model, generate_series(1, %(size)s) as nth
order by nth, model.id
on conflict do nothing
"""
BILLS = """
insert into costs_import (file_name, digest, content, state, replaces_measured, round, uploaded_by_id, uploaded_at,
                          imported_by_id, imported_at, reason)
select 'bill.csv', 'sha256:' || md5(nth::text) || md5(nth::text), 'date,amount', 'IMPORTED', false, 1, %(by)s,
       %(at)s::timestamptz - nth * interval '1 hour', %(by)s, %(at)s, ''
from generate_series(1, %(size)s) as nth
on conflict do nothing
"""
IMPORTS = """
insert into intake_import (kind, file_name, form, digest, size_bytes, told, headings, rows, row_count, mapping, usual,
                           scopes, state, good_rows_only, then_apply, total, done, attempts, counts, trouble, reason,
                           uploaded_by_id, uploaded_at, applied_by_id, applied_at)
select 'FILE', 'inventory.csv', 'csv', 'sha256:' || md5(nth::text) || md5(nth::text), 10, '', '[]', '', 1, '{}', '{}',
       '{}', 'APPLIED', false, false, 1, 1, 0, '{"NEW": 1}', '', '', %(by)s, %(at)s, %(by)s, %(at)s
from generate_series((select count(*) from intake_import) + 1, %(size)s) as nth
"""
STATEMENTS = (
    VERSIONS, STAGES, RUNS, ALIASES, MOVES, COSTS, ARTIFACTS, STATES, EDGES, SUITES, RESULTS, TEXTS, CARDS, BILLS,
    IMPORTS,
)  # fmt: skip


if __name__ == "__main__":
    main()

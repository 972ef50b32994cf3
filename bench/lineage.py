"""Lineage: everything a version came from and everyone affected, ten links deep, over 1,000 and 10,000 edges."""

from datetime import UTC, datetime

from bench.lib.instance import Instance
from bench.lib.rounds import Report, Series, interleave, timed

DEPTH, SMALL, LARGE = 10, 1_000, 10_000
TIMES = 20
"""Each question is asked so often in a round; a round counts the mean."""


def main() -> None:
    """Measure and tell."""
    report = Report("lineage")
    with Instance() as instance:
        from bench.lib.company import Company
        from models_registry.catalog.models import ModelVersion
        from models_registry.lineage import closure

        company = Company(instance, models=60)
        few = lattice(company, SMALL, "few")
        many = lattice(company, LARGE, "many")
        with instance.connect() as admin:
            admin.execute("vacuum analyze")
        assert closure.upstream(of=many[0]).nodes[-1].depth == DEPTH
        found = interleave(
            {
                "key": lambda: mean(lambda: ModelVersion.objects.get(pk=many[0].pk)),
                "up few": lambda: mean(lambda: closure.upstream(of=few[0])),
                "up many": lambda: mean(lambda: closure.upstream(of=many[0])),
                "down few": lambda: mean(lambda: closure.downstream(of=few[1], actor=company.board)),
                "down many": lambda: mean(lambda: closure.downstream(of=many[1], actor=company.board)),
            }
        )
    series = {name: Series(tuple(values)) for name, values in found.items()}
    report.line("a version by its key", series["key"], "ms")
    for name, words in (("up", "everything a version came from"), ("down", "everything that stands on an artifact")):
        report.line(f"{words}, {SMALL:,} edges", series[f"{name} few"], "ms")
        report.line(f"{words}, {LARGE:,} edges", series[f"{name} many"], "ms")
        grown = series[f"{name} many"].over(series[f"{name} few"])
        report.goal("lineage", f"{words}: {LARGE:,} edges / {SMALL:,}", grown, most=15.0)


def mean(ask: object) -> float:
    """Return the mean milliseconds of asking."""
    return timed(lambda: [ask() for _ in range(TIMES)]) * 1e3 / TIMES


def lattice(company: object, edges: int, name: str) -> tuple[object, object]:
    """Record a lineage of ten layers with so many edges; return a version on top of all and an artifact below all.

    Every artifact of a layer is made from several of the layer below, so that there are far more ways than nodes.
    """
    from django.db import transaction

    from models_registry.audit.actions import record
    from models_registry.catalog.actions import register_version
    from models_registry.lineage.models import Artifact, ArtifactVersion, Edge

    at, by, fan = datetime.now(UTC), company.machine, 5
    wide = edges // (fan * (DEPTH - 1)) or 1
    common = {"recorded_by": by, "recorded_at": at}
    with transaction.atomic():
        artifact = Artifact.objects.create(kind="DATASET", name=name, created_by=by, created_at=at)
        rows = ArtifactVersion.objects.bulk_create(
            ArtifactVersion(artifact=artifact, label=f"{layer}.{place}", created_by=by, created_at=at)
            for layer in range(DEPTH)
            for place in range(wide)
        )
        layers = [rows[layer * wide : (layer + 1) * wide] for layer in range(DEPTH)]
        Edge.objects.bulk_create(
            Edge(derived=made, used=layers[layer - 1][(place * fan + step) % wide], role="DERIVED_FROM", **common)
            for layer in range(1, DEPTH)
            for place, made in enumerate(layers[layer])
            for step in range(min(fan, wide))
        )
        versions = [register_version(by=by, at=at, model=model) for model in company.models[:50]]
        Edge.objects.bulk_create(
            Edge(version=versions[place % len(versions)], used=made, role="TRAINED_ON", **common)
            for place, made in enumerate(layers[-1])
        )
        Edge.objects.bulk_create(
            Edge(version=versions[0], used=made, role="EVALUATED_ON", **common) for made in layers[-1]
        )
        record(by=by, action="lineage.recorded", on=versions[0], body={"artifacts": len(rows), "edges": edges})
    return versions[0], layers[0][0]


if __name__ == "__main__":
    main()

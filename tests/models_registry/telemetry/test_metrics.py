"""The catalogue of metrics: complete, unambiguous, and silent about names it does not know."""

from models_registry.telemetry.metrics import CATALOGUE, METRICS, Direction, canonical, canonical_name

EXPECTED = """accuracy f1 auc precision_at_5 recall hallucination_rate groundedness toxicity_rate pii_leak_rate
prompt_injection_rate embedding_cosine_drift psi feature_drift_ks null_rate schema_violation_rate p95_latency_ms
p50_latency_ms error_rate availability request_count cost_usd cost_per_1k_requests_usd token_count
demographic_parity_ratio equal_opportunity_gap disparate_impact_ratio security_event_count
weight_digest_change_count unauthorised_access_count staleness_hours""".split()


def test_every_expected_metric_is_there_once_with_unit_and_description() -> None:
    assert set(EXPECTED) <= set(CATALOGUE)
    assert len(METRICS) == len(CATALOGUE) >= 40
    assert all(metric.unit and metric.description.endswith(".") for metric in METRICS)


def test_names_are_found_whatever_their_case_and_separators() -> None:
    assert canonical_name("F1-Score") == "f1"
    assert canonical_name("latency p95 ms") == "p95_latency_ms"
    assert canonical("p95_latency_ms").direction is Direction.LOWER_IS_BETTER  # type: ignore[union-attr]


def test_a_sources_own_alias_comes_before_the_general_name() -> None:
    assert canonical_name("embedding_cosine_similarity") == "embedding_cosine_similarity"
    assert canonical_name("embedding_cosine_similarity", "arize_drift") == "embedding_cosine_drift"


def test_an_unknown_name_is_kept_as_itself() -> None:
    assert canonical("Our own KPI") is None
    assert canonical_name("Our own KPI") == "Our own KPI"

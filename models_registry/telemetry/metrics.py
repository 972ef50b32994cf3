"""The canonical metrics: one name, one unit and one direction for what many platforms call differently."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

ANY_SOURCE: Final = "*"


class Direction(StrEnum):
    """Which way a metric improves."""

    HIGHER_IS_BETTER = "HIGHER_IS_BETTER"
    LOWER_IS_BETTER = "LOWER_IS_BETTER"
    NEITHER = "NEITHER"


@dataclass(frozen=True, slots=True)
class Metric:
    """One canonical metric. `aliases` maps a source kind, or `*` for all, to the names used there.

    `label` is how people say it inside a sentence, without its unit: `p95 latency`, `AUC`.
    """

    name: str
    unit: str
    direction: Direction
    description: str
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name in words."""
        words = _SAID.get(self.name, self.name.removesuffix("_ms")).split("_")
        return " ".join(_SHORT.get(word, word) for word in words)


_SHORT: Final = {
    word: word.upper() for word in ("auc", "f1", "js", "kl", "kpi", "ks", "mae", "mape", "ndcg", "pii", "psi", "rmse")
}
_SAID: Final = {
    "business_kpi": "business KPI",
    "cost_per_1k_requests_usd": "cost per 1,000 requests",
    "cost_anomaly_ratio": "cost against a usual day",
    "cost_budget_forecast_ratio": "forecast share of the budget",
    "cost_budget_used_ratio": "spent share of the budget",
    "cost_usd": "cost",
    "input_token_count": "tokens read",
    "output_token_count": "tokens written",
    "request_count": "requests",
    "security_event_count": "security events",
    "staleness_hours": "staleness",
    "token_count": "tokens",
    "unauthorised_access_count": "unauthorised accesses",
    "weight_digest_change_count": "changes of the weights",
    "ungoverned_alias_count": "aliases without a decision",
}
_SPOKEN_UNITS: Final = frozenset({"ms", "h", "USD"})
"""Units without which a number says nothing; shares and indexes are their own."""


def _metric(name: str, unit: str, direction: Direction, description: str, *names: str, **by_kind: str) -> Metric:
    per_kind = {kind: tuple(each.split()) for kind, each in by_kind.items()}
    return Metric(name, unit, direction, description, {ANY_SOURCE: names, **per_kind})


_UP, _DOWN, _LEVEL = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER, Direction.NEITHER

METRICS: Final[tuple[Metric, ...]] = (
    # Performance
    _metric("accuracy", "ratio", _UP, "Share of predictions that were right.", "acc", "accuracy_score"),
    _metric("precision", "ratio", _UP, "Share of positive predictions that were right.", "precision_score"),
    _metric("recall", "ratio", _UP, "Share of true positives that were found.", "recall_score", "sensitivity"),
    _metric("f1", "ratio", _UP, "Harmonic mean of precision and recall.", "f1_score", arize="f_1"),
    _metric("auc", "ratio", _UP, "Area under the ROC curve.", "roc_auc", "roc_auc_score", "auroc"),
    _metric("log_loss", "nats", _DOWN, "Mean negative log-likelihood of the truth.", "logloss"),
    _metric("mae", "target", _DOWN, "Mean absolute error.", "mean_absolute_error"),
    _metric("rmse", "target", _DOWN, "Root mean squared error.", "root_mean_squared_error"),
    _metric("mape", "ratio", _DOWN, "Mean absolute error as a share of the truth.", "mean_absolute_percentage_error"),
    _metric("calibration_error", "ratio", _DOWN, "Expected gap of confidence and accuracy.", "ece"),
    _metric("business_kpi", "ratio", _UP, "The business result the model exists for, against its plan."),
    # Retrieval
    _metric("precision_at_5", "ratio", _UP, "Share of the first five results that are relevant.", "precision@5"),
    _metric("ndcg", "ratio", _UP, "Normalised discounted cumulative gain.", "ndcg@10", "ndcg_at_10"),
    _metric("retrieval_relevance", "ratio", _UP, "Mean judged relevance of retrieved passages.", "context_relevance"),
    _metric("embedding_cosine_similarity", "ratio", _UP, "Mean cosine similarity to the reference embeddings."),
    # Generation
    _metric("hallucination_rate", "ratio", _DOWN, "Share of answers with unsupported claims.", "hallucination"),
    _metric("groundedness", "ratio", _UP, "Share of claims supported by the sources.", "faithfulness"),
    _metric("answer_relevance", "ratio", _UP, "Mean judged relevance of answers.", "qa_relevance"),
    _metric("toxicity_rate", "ratio", _DOWN, "Share of answers judged toxic.", "toxicity"),
    _metric("refusal_rate", "ratio", _LEVEL, "Share of requests the model refused."),
    _metric("pii_leak_rate", "ratio", _DOWN, "Share of answers that reveal personal data.", "pii_rate", "pii_leakage"),
    _metric("prompt_injection_rate", "ratio", _DOWN, "Share of requests judged as injection.", "prompt_injection"),
    _metric("jailbreak_success_rate", "ratio", _DOWN, "Share of jailbreak attempts that succeeded."),
    _metric("user_feedback_score", "ratio", _UP, "Share of feedback that is positive.", "thumbs_up_rate"),
    # Drift
    _metric("embedding_cosine_drift", "distance", _DOWN, "Cosine distance of embeddings from their baseline.",
            "embedding_drift", "cosine_drift", arize="cosine_similarity_drift",
            arize_drift="embedding_cosine_similarity cosine_similarity"),
    _metric("psi", "index", _DOWN, "Population stability index against the baseline.", "population_stability_index"),
    _metric("feature_drift_ks", "statistic", _DOWN, "Kolmogorov-Smirnov statistic of a feature.", "ks", "ks_statistic"),
    _metric("kl_divergence", "nats", _DOWN, "Kullback-Leibler divergence from the baseline.", "kl"),
    _metric("js_divergence", "nats", _DOWN, "Jensen-Shannon divergence from the baseline.", "js", "js_distance"),
    _metric("prediction_drift", "index", _DOWN, "Drift of the predictions' distribution."),
    _metric("concept_drift", "index", _DOWN, "Drift of the relation of inputs and truth."),
    _metric("data_drift", "index", _DOWN, "Drift of the input data as a whole.", "dataset_drift"),
    _metric("feature_drift_p_value", "p", _UP, "Probability of a feature's change by chance; small is drift."),
    _metric("drifted_feature_share", "ratio", _DOWN, "Share of features that drifted.", "share_of_drifted_columns"),
    # Data
    _metric("null_rate", "ratio", _DOWN, "Share of missing values.", "missing_rate", "missing_values", "percent_empty"),
    _metric("schema_violation_rate", "ratio", _DOWN, "Share of rows that break the schema.", "schema_errors_rate"),
    _metric("new_category_rate", "ratio", _DOWN, "Share of values never seen in training.", "new_values"),
    _metric("duplicate_rate", "ratio", _DOWN, "Share of duplicated rows."),
    _metric("staleness_hours", "h", _DOWN, "Hours since the data was refreshed.", "data_staleness_hours"),
    # Service
    _metric("p50_latency_ms", "ms", _DOWN, "Median latency.", "latency_p50_ms", "median_latency_ms"),
    _metric("p95_latency_ms", "ms", _DOWN, "95th percentile of latency.", "latency_p95_ms", "latency_ms_p95"),
    _metric("p99_latency_ms", "ms", _DOWN, "99th percentile of latency.", "latency_p99_ms", "latency_ms_p99"),
    _metric("p50_time_to_first_token_ms", "ms", _DOWN, "Median wait for the first token."),
    _metric("p95_time_to_first_token_ms", "ms", _DOWN, "95th percentile of the wait for the first token."),
    _metric("p99_time_to_first_token_ms", "ms", _DOWN, "99th percentile of the wait for the first token."),
    _metric("p50_time_per_output_token_ms", "ms", _DOWN, "Median time per token after the first."),
    _metric("p95_time_per_output_token_ms", "ms", _DOWN, "95th percentile of the time per token after the first."),
    _metric("p99_time_per_output_token_ms", "ms", _DOWN, "99th percentile of the time per token after the first."),
    _metric("error_rate", "ratio", _DOWN, "Share of requests that failed.", "errors_ratio", "failure_rate"),
    _metric("timeout_rate", "ratio", _DOWN, "Share of requests that timed out."),
    _metric("availability", "ratio", _UP, "Share of time or requests that were served.", "uptime"),
    _metric("request_count", "count", _LEVEL, "Requests served.", "requests", "request_total", "traffic"),
    # Cost
    _metric("cost_usd", "USD", _DOWN, "Money spent.", "cost", "total_cost_usd"),
    _metric("cost_per_1k_requests_usd", "USD", _DOWN, "Money spent per thousand requests.", "cost_per_1k_requests"),
    _metric("token_count", "count", _LEVEL, "Tokens read and written.", "tokens", "total_tokens"),
    _metric("input_token_count", "count", _LEVEL, "Tokens read.", "input_tokens", "prompt_tokens"),
    _metric("output_token_count", "count", _LEVEL, "Tokens written.", "output_tokens", "completion_tokens"),
    _metric("cost_budget_used_ratio", "ratio", _DOWN, "Spent of the month's budget; above 1 it is overspent."),
    _metric("cost_budget_forecast_ratio", "ratio", _DOWN, "What the month will cost, as a share of its budget."),
    _metric("cost_anomaly_ratio", "ratio", _DOWN, "A day's cost, as a multiple of a usual day's."),
    # Fairness
    _metric("demographic_parity_ratio", "ratio", _UP, "Lowest selection rate over the highest.", "demographic_parity"),
    _metric("equal_opportunity_gap", "ratio", _DOWN, "Largest gap of true positive rates.",
            "equal_opportunity_difference"),
    _metric("disparate_impact_ratio", "ratio", _UP, "Selection rate against the reference group.", "disparate_impact"),
    _metric("false_positive_rate_parity", "ratio", _UP, "False positive rate against the reference group."),
    # Security
    _metric("security_event_count", "count", _DOWN, "Security events about the model.", "security_events"),
    _metric("weight_digest_change_count", "count", _DOWN, "Unplanned changes of the weights' digest."),
    _metric("unauthorised_access_count", "count", _DOWN, "Accesses that were not allowed.",
            "unauthorized_access_count"),
    _metric("constraint_violation_count", "count", _DOWN, "Constraints on the data that a monitor found broken."),
    _metric("registry_change_count", "count", _LEVEL, "Changes of the model that another registry told."),
    _metric("ungoverned_alias_count", "count", _DOWN,
            "Aliases or stages that stand on a version elsewhere although no used gate decision covers it."),
    _metric("alert_firing", "flag", _DOWN, "1 while an alert of the source fires, 0 once it is resolved."),
)  # fmt: skip

CATALOGUE: Final[Mapping[str, Metric]] = {metric.name: metric for metric in METRICS}


def plain_name(text: str) -> str:
    """Return the name as it is compared: lower case, spaces and dashes as underscores."""
    return "_".join(text.lower().replace("-", " ").replace(".", " ").split())


def _index() -> dict[tuple[str, str], Metric]:
    found: dict[tuple[str, str], Metric] = {}
    for metric in METRICS:
        found[ANY_SOURCE, plain_name(metric.name)] = metric
    for metric in METRICS:
        for kind, names in metric.aliases.items():
            for alias in names:
                if found.setdefault((kind, plain_name(alias)), metric) is not metric:
                    raise ValueError(f"{alias} names two metrics for {kind}")
    return found


_INDEX: Final = _index()


def canonical(name: str, source_kind: str = ANY_SOURCE) -> Metric | None:
    """Return the metric a source means by this name, or None when it is not in the catalogue.

    The source's own aliases come before the general ones.
    """
    plain = plain_name(name)
    return _INDEX.get((source_kind, plain)) or _INDEX.get((ANY_SOURCE, plain))


def canonical_name(name: str, source_kind: str = ANY_SOURCE) -> str:
    """Return the canonical name, or the name itself when it is unmapped."""
    metric = canonical(name, source_kind)
    return metric.name if metric else name


def canonical_unit(name: str, source_kind: str = ANY_SOURCE) -> str:
    """Return the unit of the canonical metric, empty when it is unmapped."""
    metric = canonical(name, source_kind)
    return metric.unit if metric else ""


def label(name: str) -> str:
    """Return how people say a canonical metric inside a sentence; an unmapped one is shown as itself."""
    metric = CATALOGUE.get(name)
    return metric.label if metric else name


def measured(value: str, name: str) -> str:
    """Return a formatted number with the unit that it needs to be understood: `812 ms`, `0.7`."""
    metric = CATALOGUE.get(name)
    return f"{value} {metric.unit}" if metric and metric.unit in _SPOKEN_UNITS else value

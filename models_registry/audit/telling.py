"""The trail in words: what each entry says, as a sentence, for people.

The trail knows the names of all actions and nothing of the rooms that write them, so the words are
data here. An action without a sentence of its own is told by its name; a house test asks for one each.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_date

SENTENCES: Mapping[str, str] = {
    "account.created": "Created the account {username}.",
    "account.disabled": "Disabled the account {username}.",
    "account.password_set": "Set a password.",
    "alert.acknowledged": "Acknowledged an alert: {title}.",
    "alert.annotated": "Noted on an alert: {text}",
    "alert.resolved": "Resolved an alert: {title}.",
    "alert.snooze_ended": "Took an alert back that was put off: {title}.",
    "alert.snoozed": "Put an alert off until {until}: {title}.",
    "alias.moved": "Moved the alias {name} to v{version}.",
    "alias.protected": "Protected the alias {name}.",
    "alias.unprotected": "Lifted the protection of the alias {name}.",
    "approval.expired": "The request expired: {title}.",
    "approval.granted": "Approved: {title}.",
    "approval.rejected": "Rejected: {title}.",
    "approval.requested": "Asked for approval: {title}.",
    "approval.voted": "Voted on: {title}.",
    "approval.withdrawn": "Withdrew the request: {title}.",
    "artifact.registered": "Registered the artifact {name} {label}.",
    "artifact.restated": "Corrected the licence or source of {name} {label}.",
    "audit.exported": "Exported the trail as {format}.",
    "automation.paused": "Paused automatic scoring: {reason}",
    "automation.resumed": "Resumed automatic scoring.",
    "backfill.begun": "Began to upload {file} to {source}.",
    "backfill.cancelled": "Cancelled the backfill of {file} behind row {row}.",
    "backfill.failed": "The backfill of {file} failed: {why}",
    "backfill.finished": "Brought in {kept} measurements of {file}; {rejected} were rejected.",
    "backfill.paused": "Paused the backfill of {file} behind row {row}.",
    "backfill.resumed": "Let the backfill of {file} go on behind row {row}.",
    "backfill.started": "Started to bring in {file}.",
    "budget.changed": "Changed the budget of {budget} to {amount} {currency} a month.",
    "budget.created": "Set a budget of {amount} {currency} a month for {budget}.",
    "budget.ended": "Ended the budget of {budget}: {why}",
    "card.issued": "Issued the model card {number}.",
    "card.section_written": "Wrote the section {section} of the model card, v{number}.",
    "channel.connected": "Chose the routes of the channel {name}.",
    "channel.created": "Added the channel {name}.",
    "channel.disabled": "Disabled a channel: {reason}",
    "channel.enabled": "Turned a channel on again.",
    "channel.tested": "Sent a test message through a channel.",
    "clearance.granted": "Cleared a version for {target}.",
    "cost.import_undone": "Took back {rows} costs of {file}: {why}",
    "cost.imported": "Imported {rows} costs from {file}.",
    "cost.prices_entered": "Entered the prices of {provider} v{number}, in force from {from_on}.",
    "cost.rate_entered": "Entered the exchange rate of {currency} from {from_on}: {rate} {reporting}.",
    "formula.activated": "Put the formula {formula} v{number} in force.",
    "formula.approved": "Approved the formula {formula} v{number}.",
    "formula.drafted": "Drafted the formula {formula} v{number}.",
    "formula.edited": "Edited the formula {formula} v{number}.",
    "formula.retired": "Retired the formula {formula} v{number}.",
    "formula.submitted": "Submitted the formula {formula} v{number}.",
    "formula.turned_down": "Turned down the formula {formula} v{number}.",
    "gate.blocked": "A gate blocked the model.",
    "gate.decided": "The gate answered {verdict} for v{number}.",
    "gate.decision_used": "Used the gate's decision about v{number}.",
    "inventory.exported": "Exported {tables} as {format}.",
    "inventory.import_undone": "Took back what {file} did to {count} models: {why}",
    "inventory.imported": "Imported {file}: {created} models created, {changed} changed.",
    "lineage.edge_recorded": "Recorded an edge of the lineage: {of}, {role} {used}.",
    "lineage.edge_withdrawn": "Withdrew an edge of the lineage: {of}, {role} {used}.",
    "lineage.recorded": "Recorded the lineage of v{number}: {artifacts} new artifacts, {edges} new edges.",
    "link.created": "Made a one-time link for {username}.",
    "metric.alias_added": "Read {name} as {metric} from now on.",
    "metric.alias_ended": "Let {name} stand for itself again, no longer for {metric}.",
    "metric.defined": "Defined the metric {name}.",
    "model.came_back": "Required telemetry came back.",
    "model.edited": "Edited the model's facts.",
    "model.left_red": "The model came back from behind its redline.",
    "model.named_outside": "Recorded the name {name} used by {system}.",
    "model.name_outside_forgotten": "Removed the name {name} used by {system}.",
    "model.posture_moved": "Room is now {room}: health {health}, risk score {risk_score}.",
    "model.registered": "Registered the model.",
    "model.renamed": "Renamed the model from {from} to {to} for registry clients.",
    "model.restored": "Restored the model from the archive.",
    "model.stage_moved": "Moved v{number} from {from} to {to}.",
    "model.tagged": "Set the label {key} of the model.",
    "model.untagged": "Removed the label {key} of the model.",
    "model.went_quiet": "Required telemetry went quiet.",
    "model.went_red": "The model crossed its redline.",
    "model.withdrawn": "Withdrew the model from registry clients and archived it.",
    "polling.asked": "Asked for a sweep now.",
    "polling.credential_replaced": "Replaced the credential that sweeps show the platform.",
    "polling.failing": "Sweeps fail: {error}",
    "polling.paused": "Paused the sweeps.",
    "polling.recovered": "Sweeps succeed again.",
    "polling.resumed": "Resumed the sweeps.",
    "polling.set": "Set how the platform at {address} is swept.",
    "prediction.text_opened": "Opened the kept text of the prediction {prediction}.",
    "predictions.dropped": "Dropped {predictions} predictions that were older than their term.",
    "risk.acceptance_activated": "The acceptance of {reference} came into force.",
    "risk.acceptance_ends_soon": "The acceptance of {reference} ends on {expires_on}.",
    "risk.acceptance_expired": "The acceptance of {reference} ended.",
    "risk.acceptance_not_decided": "Nobody decided the acceptance of {reference} in time.",
    "risk.acceptance_proposed": "Proposed to accept {reference} until {expires_on}.",
    "risk.acceptance_rejected": "The acceptance of {reference} was rejected.",
    "risk.acceptance_went_stale": "The acceptance of {reference} no longer covers its level.",
    "risk.acceptance_withdrawn": "The acceptance of {reference} was withdrawn.",
    "risk.acknowledged": "Acknowledged {reference}.",
    "risk.acknowledgement_undone": "Undid the acknowledgement of {reference}.",
    "risk.assessed": "Assessed {reference}.",
    "risk.dispute_settled": "Settled the dispute of {reference}.",
    "risk.disputed": "Disputed {reference}.",
    "risk.evidence_received": "Received evidence for {category}.",
    "risk.evidence_submitted": "Submitted evidence for {reference}.",
    "risk.level_lowered": "Lowered {category} from {from_level} to {to_level}.",
    "risk.level_raised": "Raised {category} from {from_level} to {to_level}.",
    "risk.overdue": "The answer to {reference} became overdue.",
    "risk.plan_submitted": "Submitted a plan for {reference}.",
    "risk.released": "Released {reference}.",
    "risk.score_moved": "Moved {category} from {from_score} to {score} points.",
    "risk.sent_back": "Sent the answer to {reference} back.",
    "risk.step_completed": "Completed a step of {reference}: {text}.",
    "risk.step_moved": "Moved a step of {reference}.",
    "risk.step_returned": "Sent a step of {reference} back.",
    "risk.step_verified": "Verified a step of {reference}.",
    "role.ended": "Ended the role {role}.",
    "role.granted": "Gave the role {role}.",
    "route.created": "Added the route {name}.",
    "rule.activated": "Enforced the rule {rule} v{number}.",
    "rule.approved": "Approved the rule {rule} v{number}.",
    "rule.drafted": "Drafted the rule {rule} v{number}.",
    "rule.edited": "Edited the rule {rule} v{number}.",
    "rule.reinstated": "Put the rule {rule} v{number} back in force.",
    "rule.retired": "Retired the rule {rule} v{number}.",
    "rule.shadowed": "Put the rule {rule} v{number} in shadow.",
    "rule.submitted": "Submitted the rule {rule} v{number}.",
    "rule.tripped": "The storm breaker holds the rule {rule} v{number}: it moved {models} models at once.",
    "rule.turned_down": "Turned down the rule {rule} v{number}.",
    "run.linked": "Linked the run {name} to v{number}.",
    "runs.imported": "Imported {runs} runs from {source}, and {changed} that changed.",
    "source.came_back": "The source came back.",
    "source.created": "Connected the source {name}.",
    "source.disabled": "Switched the source off.",
    "source.enabled": "Switched the source on again.",
    "source.interval_set": "Set how long the source may be silent.",
    "source.mapping_activated": "Put mapping v{number} in force.",
    "source.mapping_saved": "Saved mapping v{number}.",
    "source.secret_prepared": "Prepared a new secret.",
    "source.secret_rotated": "Rotated the secret.",
    "source.texts_allowed": "Let the texts of the source's predictions be kept, sealed.",
    "source.texts_refused": "Let no texts of the source's predictions be kept.",
    "source.went_quiet": "The source went quiet.",
    "subject.erased": "Erased a person from {predictions} predictions (case {case}).",
    "telemetry.died": "An event could not be processed and was set aside.",
    "telemetry.quarantined_first": "Held an event that cannot be read: {reason}.",
    "telemetry.replayed": "Replayed held events.",
    "token.issued": "Issued a token.",
    "token.revoked": "Revoked a token.",
    "trail.break_found": "Found an entry whose hash does not fit its text.",
    "validation.recorded": "Recorded the suite {suite} of v{number}: {verdict}.",
    "version.described": "Described v{number}.",
    "version.digest_stated": "Stated the artifact of v{number}.",
    "version.registered": "Registered v{number}.",
    "version.restored": "Put v{number} back into development.",
    "version.tagged": "Set the label {key} of v{number}.",
    "version.untagged": "Removed the label {key} of v{number}.",
    "version.withdrawn": "Withdrew v{number} from registry clients.",
    "violation.answered": "Answered for {what} on {version} in {where}: {answer}",
    "violation.ended": "Ended a violation, {what} on {version} in {where}: {ending}.",
    "violation.found": "Found {what} on {version} in {where}, put there by {said_by} without a used gate decision.",
    "view.changed": "Changed the saved view {name}.",
    "view.deleted": "Deleted the saved view {name}.",
    "view.saved": "Saved the view {name}.",
    "webhook.changed": "Changed the registry webhook {name}.",
    "webhook.created": "Made the registry webhook {name} to {host}.",
    "webhook.deleted": "Deleted the registry webhook {name}.",
    "webhook.started": "Turned the registry webhook {name} on again.",
    "webhook.stopped": "Turned the registry webhook {name} off.",
    "webhook.tested": "Sent a test event through the registry webhook {name}.",
}

NOUNS: Mapping[str, str] = {
    "account": "Accounts",
    "alert": "Alerts",
    "alias": "Aliases",
    "approval": "Approvals",
    "artifact": "Artifacts",
    "audit": "Exports of the trail",
    "automation": "Automatic scoring",
    "backfill": "Backfills",
    "budget": "Budgets",
    "card": "Model cards",
    "channel": "Channels",
    "clearance": "Clearances",
    "cost": "Costs",
    "formula": "Health formulas",
    "gate": "Gates",
    "inventory": "Inventory",
    "lineage": "Lineage",
    "link": "One-time links",
    "metric": "Metrics",
    "model": "Models",
    "polling": "Sweeps of platforms",
    "prediction": "Predictions",
    "predictions": "Terms of predictions",
    "risk": "Risks",
    "role": "Roles",
    "route": "Routes",
    "rule": "Rules",
    "run": "Winning runs",
    "runs": "Experiment runs",
    "source": "Sources",
    "subject": "Erased persons",
    "telemetry": "Telemetry",
    "token": "Tokens",
    "trail": "The trail",
    "validation": "Validation results",
    "version": "Versions",
    "view": "Saved views",
    "violation": "Promotions elsewhere",
    "webhook": "Registry webhooks",
}
"""What the first half of an action is about, in the plural."""

CONSTANTS = frozenset({"category", "from", "to", "verdict", "role", "target"})
"""Facts written as constants of the code (`DATA_INTEGRITY`), told as words."""


def sentence(action: str, body: Mapping[str, Any]) -> str:
    """Return what an entry says; a fact it lacks is left as a dash, an unknown action is named."""
    facts = _Facts({key: _word(key, value) for key, value in body.items()})
    pattern = SENTENCES.get(action)
    return pattern.format_map(facts) if pattern else named(action)


def named(action: str) -> str:
    """Return the action's own name as words: `risk.level_raised` is "Risk level raised."."""
    return f"{action.replace('.', ' ').replace('_', ' ').capitalize()}."


class _Facts(dict[str, Any]):
    """Facts for a sentence; one that is absent is left as a dash."""

    def __missing__(self, _: str) -> str:
        return "–"


def _word(key: str, value: Any) -> Any:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:g}".replace("-", "−")
    if not isinstance(value, str):
        return "–" if value is None else value
    if key.endswith("level"):
        return value.capitalize()
    if key.endswith("_on") and (day := parse_date(value)):
        return f"{day.day} {day:%b %Y}"
    return value.replace("_", " ").replace(":", " ").lower() if key in CONSTANTS and key != "verdict" else value

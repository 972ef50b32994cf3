"""What people do about the risks and rules of the story, each on their day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from demo import story
from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest
from governance.risks import actions as answers
from governance.risks import planning
from governance.risks.accepting import propose_acceptance
from governance.risks.models import PlanStep, Risk, RiskState
from governance.rules import actions as rules
from governance.rules.models import RuleVersion
from models_registry.access.models import Account
from models_registry.catalog.models import RegisteredModel

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def agree(people: Mapping[str, Account], request: ApprovalRequest, at: datetime) -> None:
    """Let compliance and the board say yes to what they read, as many as it needs."""
    for voter in (story.SECOND_AUTHOR, story.BOARD)[: int(request.policy["required"])]:
        approvals.vote(by=people[voter], at=at, request_id=request.pk, approves=True, judged_digest=request.digest)


@dataclass(slots=True)
class Desk:
    """The work of the people, looked at after every run of the line."""

    people: dict[str, Account]
    records: dict[str, RegisteredModel]
    present: datetime
    done: set[str] = field(default_factory=set)

    def work(self, at: datetime) -> None:
        """Acknowledge what is new, and do what has its day; one model's owner is late."""
        self._acknowledge(at)
        for name, days_ago, task in self._tasks():
            if name not in self.done and self.present - at <= days_ago * DAY and task(at):
                self.done.add(name)
        answers.mark_overdue(at=at)

    def _tasks(self) -> list[tuple[str, float, Callable[[datetime], bool]]]:
        """Return the tasks: a name, how many days ago they fall due, and what to do; False means not yet."""
        return [
            ("stricter drift rule", 12, self._shadow_rule),
            ("accept slow speech", 11, self._accept_slow_speech),
            ("plan for the agent", 5, self._plan_for_agent),
            ("plan for underwriting", 6, self._plan_for_underwriting),
            ("first step", 3, lambda at: self._finish_step("underwriting-score", at)),
            ("second step", 1, lambda at: self._finish_step("underwriting-score", at)),
            ("stricter hallucination rule", 1, self._submit_rule),
            ("ask to accept hallucinations", 0.2, self._ask_to_accept),
        ]

    def _acknowledge(self, at: datetime) -> None:
        late = "claims-triage"
        for risk in Risk.objects.filter(state=RiskState.OPEN, score__gt=0).select_related("model__owner"):
            if risk.model.slug != late:
                owner = risk.model.owner
                answers.acknowledge(by=owner, at=at, risk_id=risk.pk, judged_digest=risk.digest, note_text="Seen.")

    # ---- rules ----

    def _shadow_rule(self, at: datetime) -> bool:
        version = self._stricter("population-stability", "high: 0.2}", "high: 0.15}", at)
        agree(self.people, rules.submit(by=version.author, at=at, version=version), at)
        rules.shadow(by=version.author, at=at, version=version)
        return True

    def _submit_rule(self, at: datetime) -> bool:
        version = self._stricter("hallucination-rate-high", "medium: 0.05", "medium: 0.04", at)
        rules.submit(by=version.author, at=at, version=version)
        return True

    def _stricter(self, slug: str, before: str, after: str, at: datetime) -> RuleVersion:
        text = dict(rules.shipped_texts())[slug].replace(before, after, 1)
        return rules.draft(by=self.people[story.AUTHOR], at=at, slug=slug, text=text)

    # ---- risks ----

    def _worst(self, slug: str) -> Risk | None:
        answerable = (RiskState.ACKNOWLEDGED, RiskState.OPEN)
        risks = Risk.objects.filter(model__slug=slug, state__in=answerable, score__gte=20)
        return risks.select_related("model__owner").order_by("-score").first()

    def _accept_slow_speech(self, at: datetime) -> bool:
        risk = self._worst("voice-intent")
        if risk is None:
            return False
        acceptance = propose_acceptance(
            by=risk.model.owner,
            at=at,
            risk_id=risk.pk,
            judged_digest=risk.digest,
            justification="The new pool of processors is ordered. Callers wait longer but are served.",
            compensating_control="Calls that wait more than six seconds go to a person.",
            expires_on=(self.present + 9 * DAY).date(),
        )
        if acceptance.approval is not None:
            agree(self.people, acceptance.approval, at)
        return True

    def _ask_to_accept(self, at: datetime) -> bool:
        risk = self._worst("support-copilot")
        if risk is None:
            return False
        propose_acceptance(
            by=risk.model.owner,
            at=at,
            risk_id=risk.pk,
            judged_digest=risk.digest,
            justification="Agents read every draft before it is sent. The German prompt is corrected next week.",
            compensating_control="German drafts carry a warning to check every figure.",
            expires_on=(self.present + 20 * DAY).date(),
        )
        return True

    def _plan_for_underwriting(self, at: datetime) -> bool:
        steps = (
            ("Compare the applicants of the new channel with the training data", "erik", -3),
            ("Weight the training data by channel", "erik", -1),
            ("Retrain and evaluate on the last quarter", "erik", 2),
            ("Promote through the gate", "aisha", 4),
        )
        return self._plan("underwriting-score", "Retrain on applicants of the new sales channel.", steps, at)

    def _plan_for_agent(self, at: datetime) -> bool:
        steps = (
            ("Strip instructions from quoted e-mails", "erik", 3),
            ("Replay the attack against the new filter", "aisha", 6),
        )
        return self._plan("broker-assistant", "Keep text from brokers out of the agent's instructions.", steps, at)

    def _plan(self, slug: str, summary: str, steps: tuple[tuple[str, str, int], ...], at: datetime) -> bool:
        risk = self._worst(slug)
        if risk is None:
            return False
        promised = [
            planning.Step(text, self.people[name], (self.present + days * DAY).date()) for text, name, days in steps
        ]
        planning.submit_plan(
            by=risk.model.owner,
            at=at,
            risk_id=risk.pk,
            judged_digest=risk.digest,
            summary=summary,
            steps=promised,
        )
        return True

    def _finish_step(self, slug: str, at: datetime) -> bool:
        steps = PlanStep.objects.filter(plan__risk__model__slug=slug, done_at__isnull=True).select_related("owner")
        step = steps.order_by("position").first()
        if step is None:
            return False
        planning.complete_step(by=step.owner, at=at, step_id=step.pk, evidence="See the notebook of the run.")
        return True

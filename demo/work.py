"""What people do about the risks and rules of the story, each on their day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from zlib import crc32

from demo import story
from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest
from governance.gates import actions as gates
from governance.health import actions as formulas
from governance.risks import actions as answers
from governance.risks import planning
from governance.risks.accepting import propose_acceptance
from governance.risks.method import BASELINE
from governance.risks.models import PlanStep, Risk, RiskState
from governance.risks.standings import now_of
from governance.rules import actions as rules
from governance.rules.models import RuleVersion
from governance.scoring import switch
from models_registry.access.models import Account
from models_registry.access.view_actions import save_view
from models_registry.catalog import actions as catalog
from models_registry.catalog.models import RegisteredModel, Stage

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


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
            ("pause of the evaluation platform", 19, self._pause_and_resume),
            ("stricter drift rule", 12, self._shadow_rule),
            ("accept slow speech", 11, self._accept_slow_speech),
            ("plan for the agent", 5, self._plan_for_agent),
            ("plan for underwriting", 6, self._plan_for_underwriting),
            ("shared views", 5, self._share_views),
            ("challenger", 4, self._point_challenger),
            ("first step", 3, lambda at: self._finish_step("underwriting-score", at)),
            ("second step", 1, lambda at: self._finish_step("underwriting-score", at)),
            ("stricter hallucination rule", 1, self._submit_rule),
            ("line for language models", 1, self._submit_formula),
            ("dispute of the cost", 1.5, self._dispute_cost),
            ("release that is blocked", 0.2, self._ask_to_ship),
            ("ask to accept hallucinations", 0.2, self._ask_to_accept),
        ]

    def _acknowledge(self, at: datetime) -> None:
        late = "claims-triage"
        for risk in Risk.objects.filter(state=RiskState.OPEN, score__gt=0).select_related("model__owner"):
            seen = at + (4 + crc32(risk.reference.encode()) % 50) * MINUTE
            if risk.model.slug != late and seen <= self.present:
                owner = risk.model.owner
                answers.acknowledge(by=owner, at=seen, risk_id=risk.pk, judged_digest=risk.digest, note_text="Seen.")

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

    def _submit_formula(self, at: datetime) -> bool:
        text = dict(formulas.shipped_texts())["rag-llm"].replace("redline: 75", "redline: 78", 1)
        version = formulas.draft(by=self.people[story.SECOND_AUTHOR], at=at, slug="rag-llm", text=text)
        formulas.submit(by=version.author, at=at, version=version)
        return True

    # ---- scoring, releases and lists ----

    def _pause_and_resume(self, at: datetime) -> bool:
        reason = "The evaluation platform was upgraded and sent every value twice."
        switch.pause(by=self.people[story.ON_CALL], at=at, reason=reason)
        switch.resume(by=self.people[story.AUTHOR], at=at + 40 * MINUTE)
        return True

    def _point_challenger(self, at: datetime) -> bool:
        model = self.records.get("fraud-graph")
        if model is None:
            return False
        first = model.versions.order_by("number")[0]
        catalog.point_alias(by=model.owner, at=at, model=model, name="challenger", version=first)
        return True

    def _ask_to_ship(self, at: datetime) -> bool:
        """Let the pipeline ask for a version of a model in the red; the gate says no, and why."""
        model = self.records.get("claims-triage")
        if model is None:
            return False
        version = catalog.register_version(
            by=model.owner,
            at=at,
            model=model,
            artifact_digest="sha256:" + sha256(b"claims-triage:index-rebuilt").hexdigest(),
            source_uri="git+https://git.meridian.example/models/claims-triage@index-rebuilt",
        )
        catalog.move_stage(by=model.owner, at=at, version=version, to=Stage.STAGING)
        gates.ask(by=self.people[story.PIPELINE], at=at, version=version, target=Stage.PRODUCTION)
        return True

    def _share_views(self, at: datetime) -> bool:
        save_view(
            by=self.people[story.AUTHOR],
            at=at,
            list_name="risks",
            name="Grave, by clock",
            query="level=critical,high&sort=due",
            shared_role="compliance_officer",
        )
        save_view(
            by=self.people["priya"], at=at, list_name="models", name="Language models", query="kind=rag_application"
        )
        return True

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

    def _dispute_cost(self, at: datetime) -> bool:
        risk = self._worst("marketing-copy")
        causes = [one.cause for one in now_of(risk, at=at).contributions if one.cause != BASELINE] if risk else []
        if risk is None or not causes:
            return False
        answers.dispute(
            by=risk.model.owner,
            at=at,
            risk_id=risk.pk,
            judged_digest=risk.digest,
            disputed_input=causes[0],
            reason="The spike is the autumn campaign. Finance raised its budget, and the rule holds last year's limit.",
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

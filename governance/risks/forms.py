"""What an owner fills in to answer a risk: a plan with its steps, an acceptance, a dispute.

`Text` is what stands in the fields, whether typed just now or kept as a draft; a form is bound to it only
when it is to be judged, so that a draft shows no complaint about what is not written yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.risks import lifecycle
from governance.risks.deed_forms import LONGEST, words
from governance.risks.method import BASELINE, Contribution
from governance.risks.models import Risk
from governance.risks.planning import Step
from governance.vocabulary import RiskLevel
from models_registry.access.models import Account, AccountKind
from models_registry.access.widgets import Day

MOST_STEPS = 30
PARTS = ("text", "owner", "due_on")
FIELDS = ("summary", "justification", "compensating_control", "expires_on", "disputed_input", "reason")


@dataclass(frozen=True, slots=True)
class Text:
    """What was written: the decision, the fields of all three answers, and the plan's steps."""

    decision: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[Mapping[str, str]] = ()

    @classmethod
    def of_post(cls, post: Mapping[str, str]) -> "Text":
        """Return what a browser sent, cut to what may be kept."""
        count = min(_number(post.get("step_count", "")), MOST_STEPS)
        sent = {name: text.replace("\x00", "") for name, text in post.items()}  # PostgreSQL keeps no NUL
        steps = [{part: sent.get(f"step-{place}-{part}", "")[:LONGEST] for part in PARTS} for place in range(count)]
        kept = {name: sent.get(name, "")[: LONGEST + 1] for name in FIELDS}
        return cls(sent.get("decision", "")[:20], kept, steps)

    @classmethod
    def of_body(cls, body: Mapping[str, Any]) -> "Text":
        """Return what a draft kept."""
        return cls(body.get("decision", ""), body.get("fields", {}), body.get("steps", ()))

    def body(self) -> dict[str, Any]:
        """Return it as a draft keeps it."""
        return {"decision": self.decision, "fields": dict(self.fields), "steps": [dict(one) for one in self.steps]}

    def with_a_step(self) -> "Text":
        """Return it with one more empty step, up to the most a plan may have."""
        more = [*self.steps, dict.fromkeys(PARTS, "")]
        return Text(self.decision, self.fields, more[:MOST_STEPS])

    def without_step(self, place: int) -> "Text":
        """Return it without the step at this place, counted from 0."""
        return Text(self.decision, self.fields, [one for at, one in enumerate(self.steps) if at != place])

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was written."""
        return not any(self.fields.values()) and not any(any(one.values()) for one in self.steps)


class PlanForm(forms.Form):
    """What will be done, in a sentence or two."""

    summary = words("Cause, as you know it now", hint="One or two sentences. The board reads this first.")


class StepForm(forms.Form):
    """One promise: what, who, and the last day."""

    text = forms.CharField(label="Step", max_length=300)
    owner = forms.ChoiceField(label="Who")
    due_on = forms.DateField(label="Due", widget=Day())

    def __init__(self, *args: Any, place: int, people: Mapping[str, Account], today: date, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"step-{place}", **kwargs)
        self.place, self.people = place, people
        number = place + 1
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [("", "Choose"), *((key, str(one)) for key, one in people.items())]
        for name, label in (("text", f"Step {number}"), ("owner", f"Who does step {number}"), ("due_on", "due")):
            self.fields[name].widget.attrs |= {"class": "in", "aria-label": label}
        self.fields["due_on"].widget.attrs |= {"aria-label": f"Step {number} due", "min": today.isoformat()}
        self.fields["text"].error_messages["required"] = f"Step {number} has no words."
        self.fields["owner"].error_messages["required"] = f"Step {number} has nobody who does it."
        self.fields["due_on"].error_messages["required"] = f"Step {number} has no date."

    def clean_owner(self) -> Account:
        """Return the person behind the key."""
        return self.people[self.cleaned_data["owner"]]

    def promise(self) -> Step:
        """Return the step as the action takes it."""
        given = self.cleaned_data
        return Step(text=given["text"], owner=given["owner"], due_on=given["due_on"])


class AcceptanceForm(forms.Form):
    """Why the risk may stand, what guards against it meanwhile, and until when."""

    justification = words("Why it may stand", rows=3)
    compensating_control = words("What guards against it meanwhile", required=False)
    expires_on = forms.DateField(label="Accept until", widget=Day())

    def __init__(self, *args: Any, level: RiskLevel, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        latest = lifecycle.latest_acceptance_end(level=level, begins_at=now)
        limit = self.fields["expires_on"]
        limit.widget.attrs |= {"min": now.date().isoformat(), "max": latest.date().isoformat()}
        days = lifecycle.ACCEPTANCE_LIMIT[level].days
        limit.help_text = f"{level.label} risks: {days} days at most, so {latest.day} {latest:%b %Y} or earlier."


class DisputeForm(forms.Form):
    """Which input of the score is wrong, and why."""

    disputed_input = forms.ChoiceField(label="Input that is wrong")
    reason = words("Why it is wrong", rows=3)

    def __init__(self, *args: Any, contributions: Sequence[Contribution], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["disputed_input"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = inputs_of(contributions)


class AnswerForms:
    """The forms of all three answers over one text; those of the decision are bound when they are to be judged."""

    def __init__(
        self, text: Text, *, risk: Risk, contributions: Sequence[Contribution], now: datetime, judge: bool
    ) -> None:
        people = {str(one.pk): one for one in people_who_can_promise()}
        plan, accept, dispute = (judge and text.decision == one for one in ("MITIGATE", "ACCEPT", "DISPUTE"))
        self.text = text
        self.plan = PlanForm(**_held(text.fields, plan))
        today = now.date()
        self.steps = [
            StepForm(place=place, people=people, today=today, **_held(one, plan, prefix=f"step-{place}"))
            for place, one in enumerate(text.steps)
        ]
        level = RiskLevel(risk.level)
        self.accept = AcceptanceForm(level=level, now=now, **_held(text.fields, accept))
        self.dispute = DisputeForm(contributions=contributions, **_held(text.fields, dispute))
        self.problem = ""

    def is_valid(self) -> bool:
        """Return whether the answer of the chosen decision is fit; each complaint stands at its field."""
        if self.text.decision == "MITIGATE":
            if not self.steps:
                self.problem = "A plan needs at least one step."
            return all([self.plan.is_valid(), *(one.is_valid() for one in self.steps)]) and not self.problem
        if self.text.decision == "ACCEPT":
            return self.accept.is_valid()
        if self.text.decision == "DISPUTE":
            return self.dispute.is_valid()
        self.problem = "Choose what to do first."
        return False


def inputs_of(contributions: Sequence[Contribution]) -> list[tuple[str, str]]:
    """Return what can be disputed: each cause of the score, with the words people read."""
    return [
        (one.cause, "The assessment by people" if one.cause == BASELINE else f"{_short(one)}: {one.text}"[:120])
        for one in contributions
    ]


def people_who_can_promise() -> QuerySet[Account]:
    """Return the people a step can be given to."""
    return Account.objects.filter(is_active=True, kind=AccountKind.PERSON).order_by("display_name", "pk")


def _short(one: Contribution) -> str:
    return one.rule or one.cause.partition(":")[2]


def _held(given: Mapping[str, str], judge: bool, prefix: str = "") -> dict[str, Any]:
    if not judge:
        return {"initial": dict(given)}
    return {"data": {f"{prefix}-{name}" if prefix else name: value for name, value in given.items()}}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0

"""Re-exports every room's models so that Django finds them; nothing else imports from here."""

from governance.approvals.models import ApprovalRequest, Vote  # noqa: F401
from governance.gates.models import GateDecision, TrailBreak, TrailWalk  # noqa: F401
from governance.health.models import Formula, FormulaVersion, HealthScore  # noqa: F401
from governance.risks.models import (  # noqa: F401
    Acceptance,
    Acknowledgement,
    Assessment,
    Contribution,
    Dispute,
    MitigationPlan,
    PlanStep,
    Release,
    ResponseDraft,
    Risk,
    RiskChange,
)
from governance.rules.models import Episode, Evaluation, Rule, RuleVersion, SeriesState  # noqa: F401
from governance.scoring.models import AutomationControl, Posture, PostureChange, RuleTrip  # noqa: F401

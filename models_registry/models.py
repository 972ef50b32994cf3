"""Re-exports every room's models so that Django finds them; nothing else imports from here."""

from models_registry.access.models import (  # noqa: F401
    Account,
    BusinessUnit,
    IdempotentRequest,
    OneTimeLink,
    RoleGrant,
    SavedView,
    Team,
    Token,
)
from models_registry.audit.models import AuditEntry  # noqa: F401
from models_registry.backfills.models import (  # noqa: F401
    Backfill,
    Batch,
    Finding,
    LateEvidence,
    Piece,
    Pulse,
)
from models_registry.catalog.card_models import CardText, IssuedCard  # noqa: F401
from models_registry.catalog.models import (  # noqa: F401
    Alias,
    AliasMove,
    Clearance,
    ExternalName,
    ModelVersion,
    RegisteredModel,
    RegisteredModelGrant,
    StageMove,
)
from models_registry.catalog.run_models import Run, Sweep  # noqa: F401
from models_registry.catalog.validation_models import Validation, ValidationResult  # noqa: F401
from models_registry.costs.models import (  # noqa: F401
    Budget,
    BudgetStatus,
    CostImport,
    CostRecord,
    DailyCost,
    ExchangeRate,
    PriceList,
)
from models_registry.intake.models import Intake, IntakeItem, SavedMapping  # noqa: F401
from models_registry.lineage.models import Artifact, ArtifactVersion, Edge, Fact  # noqa: F401
from models_registry.lineage.prediction_models import (  # noqa: F401
    Prediction,
    PredictionTally,
    PredictionTerms,
    Subject,
)
from models_registry.outside.models import Placement, Violation  # noqa: F401
from models_registry.telemetry.catalogue_models import (  # noqa: F401
    FieldWatch,
    HouseAlias,
    HouseMetric,
    SeenField,
    Series,
)
from models_registry.telemetry.history_models import (  # noqa: F401
    Drop,
    DropPart,
    KeepingTerms,
    KeepingWalk,
    LegalHold,
)
from models_registry.telemetry.models import (  # noqa: F401
    MappingVersion,
    Measurement,
    Rollup,
    Source,
    SourceBooks,
    Tally,
    TelemetryEvent,
)
from models_registry.telemetry.notice_models import SourceNotice  # noqa: F401
from models_registry.telemetry.poll_models import Polling, PollSweep, Remembered, Sighting  # noqa: F401
from models_registry.telemetry.refusal_models import DoorRefusal  # noqa: F401
from models_registry.vault.models import SealedSecret  # noqa: F401

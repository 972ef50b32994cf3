"""Write health formulas: draft, edit, submit, withdraw, enforce, retire. Approval comes back through `outcomes`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from governance.approvals.models import ApprovalRequest, Subject
from governance.health import formula as formulas
from governance.health.models import Formula, FormulaVersion
from governance.rules import road
from governance.rules.actions import misnamed
from governance.rules.walking import Brief, Walk
from governance.rules.yamltree import RuleError
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actor import Actor
from models_registry.catalog.models import Kind
from models_registry.telemetry.metrics import label

SHIPPED = Path(__file__).parent / "shipped"
SHIPPED_KINDS: dict[str, tuple[Kind, ...]] = {
    "classic-ml": (
        Kind.CLASSIFIER,
        Kind.REGRESSOR,
        Kind.FORECASTER,
        Kind.VISION,
        Kind.SPEECH,
        Kind.EMBEDDING_MODEL,
    ),
    "rag-llm": (Kind.LLM_APPLICATION, Kind.RAG_APPLICATION, Kind.FINE_TUNED_ADAPTER, Kind.AGENT),
    "recommender": (Kind.RECOMMENDER,),
}


class NameTaken(road.RoadRefusal):
    """The text names another formula than the one it is a version of."""


class KindTaken(road.RoadRefusal):
    """Another formula in force already scores models of this kind."""


def read(version: FormulaVersion) -> formulas.Formula:
    """Return the formula of a version's text. Raises FormulaInvalid, NameTaken."""
    formula = formulas.parse(version.text)
    if formula.name != version.formula.slug:
        raise NameTaken(f"The text says formula: {formula.name}, but this is {version.formula.slug}.")
    return formula


def summary(formula: formulas.Formula) -> str:
    """Return the formula as one sentence: the redline, and the share of each component."""
    shares = ", ".join(f"{label(one.metric)} {share:.0%}" for one, share in formula.shares)
    return f"Health falls past its redline under {formula.redline:g}. It weighs {shares}."


def brief_of(text: str) -> Brief:
    """Return what a text is called and what it says. Raises FormulaInvalid."""
    formula = formulas.parse(text)
    return Brief(formula.title, summary(formula))


def _brief(version: FormulaVersion) -> Brief:
    read(version)
    return brief_of(version.text)


WALK = Walk(
    versions=FormulaVersion,
    parent="formula",
    road=road.FORMULAS,
    moments={road.ENFORCED: "enforced_at", road.RETIRED: "retired_at"},
    permission=Permission.FORMULA_WRITE,
    subject=Subject.FORMULA_VERSION,
    noun="Health formula",
    address="/formulas/",
    brief=_brief,
)


@transaction.atomic
def ensure_shipped_formulas(*, by: Account, at: datetime) -> list[FormulaVersion]:
    """Load the formulas that come with Redline as first drafts; return those that were not there."""
    require(by, Permission.FORMULA_WRITE)
    known = set(Formula.objects.values_list("slug", flat=True))
    return [
        draft(by=by, at=at, slug=slug, text=text, kinds=SHIPPED_KINDS[slug])
        for slug, text in shipped_texts()
        if slug not in known
    ]


def shipped_texts() -> Iterator[tuple[str, str]]:
    """Yield slug and text of every formula file that comes with Redline, by name."""
    for file in sorted(SHIPPED.glob("*.yaml")):
        yield file.stem, file.read_text("utf-8")


@transaction.atomic
def draft(*, by: Account, at: datetime, slug: str, text: str, kinds: Sequence[Kind] = ()) -> FormulaVersion:
    """Write the next version of a formula, or the first, for models of these kinds. Raises NameTaken."""
    require(by, Permission.FORMULA_WRITE)
    if slug in road.RESERVED:
        raise NameTaken(f"The name {slug} is taken by an address. Choose another.")
    facts = {"title": title_of(text) or slug, "kinds": [str(kind) for kind in kinds], "created_at": at}
    Formula.objects.get_or_create(slug=slug, defaults=facts)
    return WALK.draft(of=Formula.objects.select_for_update().get(slug=slug), by=by, at=at, text=text)


@transaction.atomic
def edit_draft(*, by: Account, at: datetime, version: FormulaVersion, text: str) -> FormulaVersion:
    """Replace the text of one's own draft. Raises NotOnTheRoad once submitted, NotTheAuthor."""
    return WALK.edit(version, by=by, text=text)


@transaction.atomic
def submit(*, by: Account, at: datetime, version: FormulaVersion) -> ApprovalRequest:
    """Ask two people to approve this text. Raises FormulaInvalid, NameTaken, NotTheAuthor, NotOnTheRoad."""
    return WALK.submit(version, by=by, at=at)


@transaction.atomic
def withdraw(*, by: Account, at: datetime, version: FormulaVersion) -> FormulaVersion:
    """Take back one's own submission: the version retires. Raises NotOnTheRoad, AccessDenied."""
    return WALK.withdraw(version, by=by, at=at)


@transaction.atomic
def approve(*, by: Actor, at: datetime, version: FormulaVersion, digest: str) -> FormulaVersion:
    """Note that the quorum approved the text with this digest. Called by the decided request alone."""
    return WALK.approve(version, by=by, at=at, digest=digest)


@transaction.atomic
def turn_down(*, by: Actor, at: datetime, version: FormulaVersion) -> FormulaVersion:
    """Retire a version whose request was rejected, withdrawn or ran out; its author drafts another."""
    return WALK.turn_down(version, by=by, at=at)


@transaction.atomic
def enforce(*, by: Account, at: datetime, version: FormulaVersion) -> FormulaVersion:
    """Score health by this version from now on; the one before it retires. Raises KindTaken, NotOnTheRoad."""
    version = WALK.about_to(road.ENFORCED, version, by=by)
    _refuse_taken_kinds(version)
    Formula.objects.filter(pk=version.formula_id).update(title=read(version).title[:160])
    return WALK.enforce(version, by=by, at=at)


@transaction.atomic
def retire(*, by: Account, at: datetime, version: FormulaVersion) -> FormulaVersion:
    """End a version. A submitted one is ended through its request. Raises NotOnTheRoad."""
    return WALK.retire(version, by=by, at=at)


def errors_of(text: str, *, slug: str = "") -> list[RuleError]:
    """Return everything wrong with a text, by place; empty when it is a formula, and of this name if one is given."""
    try:
        formula = formulas.parse(text)
    except formulas.FormulaInvalid as problem:
        return problem.errors
    if slug and formula.name != slug:
        return [misnamed(text, key="formula", found=formula.name, slug=slug)]
    return []


def title_of(text: str) -> str:
    """Return the title a text gives; empty while it cannot be read."""
    try:
        return formulas.parse(text).title[:160]
    except formulas.FormulaInvalid:
        return ""


def _refuse_taken_kinds(version: FormulaVersion) -> None:
    others = Formula.objects.filter(versions__state=road.ENFORCED, kinds__overlap=version.formula.kinds).exclude(
        pk=version.formula_id
    )
    if other := others.first():
        raise KindTaken(f"{other} already scores some of these kinds. Retire it first.")

"""The explanation of one prediction as a PDF: the same words as the page, in a file that stands alone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from governance.dashboards.explaining import Explanation, Origin, WayIn
from governance.dashboards.sheet import Sheet

LONGEST_PROMPT: Final = 6_000
"""Characters of a prompt that the file shows; the page shows all of it."""


def document(found: Explanation, *, facts: Sequence[tuple[str, str]], by: str, at: datetime, address: str) -> bytes:
    """Return the explanation as a PDF; times are UTC. ``by`` made the file, ``address`` is where the page is."""
    one = found.prediction
    sheet = Sheet(foot=f"Redline · {address} · made {_moment(at)} by {by}")
    sheet.set_title(f"Prediction {one.prediction_id}")
    sheet.set_creator("Redline")
    sheet.set_creation_date(at)
    sheet.add_page()
    version = f" v{one.version.number}" if one.version else ""
    sheet.title_of(f"Prediction {one.prediction_id}", f"{one.model or one.model_name}{version}, {_moment(found.at)}")
    if found.orphan:
        sheet.note(f"Its version is not on record: {found.orphan}", red=True)
    sheet.pairs(facts)
    _prompt(sheet, found)
    _origins(sheet, "Data", found.data)
    _origins(sheet, "Code", found.code)
    _origins(sheet, "Other parts", found.parts)
    _way_in(sheet, found.way_in)
    _standing(sheet, found)
    return bytes(sheet.output())


def _prompt(sheet: Sheet, found: Explanation) -> None:
    one = found.prediction
    sheet.section("Prompt and documents")
    if found.prompt is not None:
        held = found.prompt
        sheet.pairs([("Prompt", str(held)), ("Digest", held.digest)])
        text = held.content or ""
        sheet.record(text[:LONGEST_PROMPT])
        if len(text) > LONGEST_PROMPT:
            sheet.note(f"{len(text) - LONGEST_PROMPT:,} more characters are on the page.")
    elif one.prompt_name or one.prompt_digest:
        sheet.pairs([("Prompt", f"{one.prompt_name} {one.prompt_label} {one.prompt_digest}".strip())])
        sheet.note("Its text is not on record.")
    else:
        sheet.note("The sender named no prompt.")
    sheet.pairs([("Retrieved", ", ".join(one.documents) or "nothing named")])


def _origins(sheet: Sheet, title: str, origins: Sequence[Origin]) -> None:
    sheet.section(title)
    sheet.pairs((one.kind, f"{one.name} {one.label}{f', {one.digest}' if one.digest else ''}") for one in origins)
    if not origins:
        sheet.note("Nothing is recorded.")


def _way_in(sheet: Sheet, way: WayIn | None) -> None:
    sheet.section("How the version came in")
    if way is None:
        sheet.note("No move into production is recorded before this prediction.")
        return
    moved = f"into {way.target} on {_moment(way.moved_at)}, by {way.moved_by}"
    decision = f"{way.decision.verdict}, {_moment(way.decision.decided_at)}, {way.decision.pk}" if way.decision else ""
    sheet.pairs(pair for pair in (("Moved", moved), ("Gate", decision or "no decision is recorded")) if pair[1])
    for vote in way.votes:
        word = "approved" if vote.approves else "rejected"
        role = vote.as_role.replace("_", " ")
        sheet.pairs([("Vote", f"{vote.voter} {word} as {role}, {_moment(vote.voted_at)}")])


def _standing(sheet: Sheet, found: Explanation) -> None:
    sheet.section("How the model stood then")
    stood = found.standing
    if stood is not None and (stood.level or stood.room is not None):
        if stood.in_the_red:
            sheet.note("The model was in the red.", red=True)
        known = [
            ("Stage", found.stage),
            ("Risk level", stood.level.capitalize()),
            ("Room", "" if stood.room is None else f"{stood.room:+.1f} points"),
            ("Health", "" if stood.health is None else f"{stood.health:.0f} of 100"),
            ("Risk score", "" if stood.risk_score is None else f"{stood.risk_score:.1f} of 100"),
            ("Telemetry", "quiet" if stood.quiet else f"{stood.coverage:.0%} measured freshly"),
        ]
        sheet.pairs((term, value) for term, value in known if value)
    else:
        sheet.note("Nothing was known of it.")
    for risk in found.risks or ():
        told = f"{risk.category.label}, {risk.level.label.lower()}, {risk.state.lower()}. {risk.explanation}"
        sheet.pairs([(risk.reference, told)])
    for alert in found.alerts or ():
        sheet.pairs([(alert.tier, f"{alert.title}, open since {_moment(alert.opened_at)}")])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%d %b %Y %H:%M:%S UTC")

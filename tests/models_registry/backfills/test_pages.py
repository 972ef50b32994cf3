"""People bring in files: the form without scripts, columns, progress, what is refused and why, the command."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from models_registry.audit.models import AuditEntry
from models_registry.backfills.models import Backfill, BackfillState
from models_registry.telemetry.models import Measurement, Source
from tests.models_registry.access.people import an_account
from tests.models_registry.backfills import world
from tests.models_registry.telemetry.world import claims_model

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(role: str = "administrator") -> Client:
    client = Client()
    client.force_login(an_account("nadia", role), backend=BACKEND)
    return client


def content_of(count: int = 5) -> bytes:
    return world.csv_file(world.rows(count, begin=timezone.now() - timedelta(days=9)))


def uploaded(client: Client, content: bytes) -> Backfill:
    """Upload by the form, as a browser without scripts does."""
    file = SimpleUploadedFile("history.csv", content, "text/csv")
    answer = client.post("/backfills/new/", {"source": "", "name": "W&B until 2026", "file": file})
    found = Backfill.objects.latest("pk")
    assert answer.headers["Location"] == f"/backfills/{found.pk}/"
    return found


def chosen(**changes: Any) -> dict[str, Any]:
    fields = {f"column_{name}": name for name in ("model", "metric", "value", "observed_at")}
    return {"layout": "long", "clock": "iso", "decimal": ".", **fields, **changes}


def test_a_file_is_uploaded_its_columns_chosen_and_its_progress_shown() -> None:
    claims_model()
    nadia = browser()
    found = uploaded(nadia, content_of())
    assert (found.state, Source.objects.get().kind) == (BackfillState.READY, "backfill")

    page = nadia.get(f"/backfills/{found.pk}/").text
    assert "What they give" in page
    assert '<option value="observed_at" selected>' in page
    nadia.post(f"/backfills/{found.pk}/start/", chosen())
    assert "Running" in nadia.get(f"/backfills/{found.pk}/").text
    world.work_off(found, at=timezone.now())

    assert "5 of 5 rows read" in " ".join(nadia.get(f"/backfills/{found.pk}/").text.split())
    assert "history.csv" in nadia.get("/backfills/").text
    actions = AuditEntry.objects.filter(action__startswith="backfill.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["backfill.begun", "backfill.started", "backfill.finished"]


def test_a_preview_shows_what_other_columns_would_give() -> None:
    claims_model()
    nadia = browser()
    found = uploaded(nadia, content_of())

    page = nadia.get(f"/backfills/{found.pk}/", chosen(column_model="", fixed_model="nobody")).text

    assert "No registered model is called &#x27;nobody&#x27;" in page
    assert not Measurement.objects.exists()


def test_columns_that_do_not_fit_are_refused_beside_the_form() -> None:
    nadia = browser()
    found = uploaded(nadia, content_of())

    answer = nadia.post(f"/backfills/{found.pk}/start/", chosen(column_model=""))

    assert answer.status_code == 422
    assert "Nothing says model." in answer.text


def test_the_same_file_twice_is_refused_with_the_reason() -> None:
    claims_model()
    nadia, content = browser(), content_of()
    world.work_off(_start(nadia, uploaded(nadia, content)), at=timezone.now())
    again = uploaded(nadia, content)

    answer = nadia.post(f"/backfills/{again.pk}/start/", chosen())

    assert answer.status_code == 422
    assert "it would add no row" in answer.text
    assert Source.objects.count() == 1


def _start(client: Client, found: Backfill) -> Backfill:
    client.post(f"/backfills/{found.pk}/start/", chosen())
    return found


def test_rejected_rows_and_unknown_models_are_shown() -> None:
    nadia = browser()
    found = _start(nadia, uploaded(nadia, content_of()))
    world.work_off(found, at=timezone.now())

    page = nadia.get(f"/backfills/{found.pk}/").text

    assert "Models that nobody knows" in page
    assert "<code>claims-triage</code>" in page
    assert b"E_UNKNOWN_MODEL" in b"".join(nadia.get(f"/backfills/{found.pk}/rejected.csv").streaming_content)


def test_pieces_of_a_browser_go_where_they_belong() -> None:
    nadia, content = browser(), content_of(3_000)
    asked = {"source": "", "name": "History", "file_name": "a.csv", "size": len(content)}
    told = nadia.post("/backfills/begin/", asked).json()

    def send(offset: int, part: bytes) -> Any:
        headers = {"Upload-Offset": str(offset)}
        return nadia.post(told["piece"], part, content_type="application/octet-stream", headers=headers)

    first, wrong = send(0, content[:70_000]), send(5, content[70_000:])
    last = send(wrong.json()["received"], content[70_000:])

    assert (first.json()["received"], wrong.status_code, wrong.json()["received"]) == (70_000, 409, 70_000)
    assert last.json()["received"] == len(content)
    assert Backfill.objects.get().state == BackfillState.READY
    assert nadia.post("/backfills/begin/", {**asked, "name": ""}).status_code == 422


def test_whoever_may_not_manage_sources_sees_and_does_nothing() -> None:
    nadia = browser()
    found = uploaded(nadia, content_of())
    al = Client()
    al.force_login(an_account("al", "auditor"), backend=BACKEND)

    assert al.get("/backfills/").status_code == 200
    assert "disabled" in al.get(f"/backfills/{found.pk}/").text
    assert al.get("/backfills/new/").status_code == 403
    for deed in ("start", "pause", "resume", "cancel", "piece"):
        assert al.post(f"/backfills/{found.pk}/{deed}/", chosen()).status_code == 403


def test_a_file_is_discarded_before_anything_counts() -> None:
    nadia = browser()
    found = uploaded(nadia, content_of())

    nadia.post(f"/backfills/{found.pk}/cancel/")

    found.refresh_from_db()
    assert (found.state, found.pieces.count()) == (BackfillState.CANCELLED, 0)


def test_the_command_uploads_starts_and_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims_model()
    source, path, out = world.source(), tmp_path / "old.csv", io.StringIO()
    path.write_bytes(content_of(30).replace(b"model,", b"thing,"))
    from models_registry.management.commands import backfill as command

    def work(_: float) -> None:
        world.work_off(Backfill.objects.get(), at=timezone.now())

    monkeypatch.setattr(command.time, "sleep", work)
    call_command("backfill", source.slug, str(path), "--column", "model=thing", stdout=out)

    assert "100 %  30 rows read, 30 measurements written, 0 rejected" in out.getvalue()
    with pytest.raises(CommandError, match="would add no row"):
        call_command("backfill", source.slug, str(path), "--column", "model=thing", stdout=out)
    with pytest.raises(CommandError, match="No source of the kind backfill"):
        call_command("backfill", "gone", str(path), stdout=out)
    with pytest.raises(CommandError, match="mood"):
        call_command("backfill", source.slug, str(path), "--all", "mood=x", stdout=out)

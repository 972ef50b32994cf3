"""A file of history in a browser: uploaded in pieces, its columns chosen, watched, its bad rows read, its chart seen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from governance.scoring import pipeline
from models_registry.backfills import uploading, working
from models_registry.backfills.models import Backfill, Piece
from models_registry.telemetry.models import Measurement
from tests.browser.conftest import SignIn
from tests.journeys.builders import a_model, a_person

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = 90


def a_file(path: Path) -> Path:
    """Write hourly values of three months, among them a model that nobody knows and a value that is none."""
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS + 1)
    rows = [
        f"{begins + timedelta(hours=hour):%Y-%m-%d %H:%M};claims-triage;0,{850 + hour % 90};{'x' * 60}"
        for hour in range(24 * DAYS)
    ]
    rows[100] = rows[100].replace("claims-triage", "claims-tirage")
    rows[200] = rows[200].replace(";0,", ";about 0,")
    path.write_text("\n".join(["Date;Model;accuracy;Remark", *rows]))
    return path


def work(at: datetime) -> bool:
    """Do what the worker does; return whether there was anything to do."""
    did = sum(working.advance(backfill_id=pk, at=at) for pk in working.due())
    return bool(did + pipeline.process_history(limit=5, at=at) + pipeline.catch_up(at=at + timedelta(minutes=1)))


@pytest.mark.usefixtures("complaints")
def test_three_months_are_uploaded_chosen_watched_and_seen(
    live_server: Any, sign_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_model("claims-triage")
    monkeypatch.setattr(working, "MOST", 500)
    file = a_file(tmp_path / "accuracy.csv")
    page = sign_in(a_person("adam", "Adam Ames", "administrator"))

    page.goto(f"{live_server.url}/sources/")
    page.get_by_role("link", name="Files of history").click()
    page.get_by_role("link", name="Upload a file").first.click()
    page.get_by_label("Name of the new source").fill("W&B until today")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#gives")).to_contain_text("The first rows give no measurement yet.")
    assert Piece.objects.count() == -(-file.stat().st_size // uploading.LARGEST_PIECE)

    expect(page.get_by_text("State their time zone.")).to_be_visible()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#gives")).to_contain_text("accuracy")
    expect(page.locator("#gives")).to_contain_text("0.85")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Running")).to_be_visible()

    work(datetime.now(UTC))
    expect(page.locator("#backfill")).to_contain_text("501 of about")  # the page looks by itself
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    stopped = Backfill.objects.get().row
    work(datetime.now(UTC))
    assert Backfill.objects.get().row == stopped
    page.get_by_role("button", name="Go on").click()
    while work(datetime.now(UTC)):
        pass

    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    expect(page.locator("#backfill")).to_contain_text("2 160 of 2 160 rows read".replace(" 160", "\u2009160"))
    expect(page.locator("#unknown")).to_contain_text("claims-tirage")
    expect(page.locator("#rejected")).to_contain_text("The text is not a plain finite number.")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all").click()
    told = Path(download.value.path()).read_text().splitlines()
    assert [line.split(",")[0] for line in told[1:]] == ["102", "202"]
    assert Measurement.objects.count() == 24 * DAYS - 2

    page.goto(f"{live_server.url}/models/claims-triage/?metric=accuracy&span=90d")
    expect(page.locator("#metric")).to_contain_text("Last reading")
    expect(page.locator("#metric svg").first).to_be_visible()


def test_an_upload_goes_on_after_the_connection_broke_and_the_same_file_is_refused(
    live_server: Any, sign_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_model("claims-triage")
    file = a_file(tmp_path / "accuracy.csv")
    page = sign_in(a_person("adam", "Adam Ames", "administrator"))
    broken = iter([True, True])
    page.route("**/piece/", lambda route: route.abort() if next(broken, False) else route.continue_())

    for expected in ("Start", "Start"):
        page.goto(f"{live_server.url}/backfills/new/")
        page.locator("#id_source").select_option(label="A new source")
        page.get_by_label("Name of the new source").fill("History")
        page.get_by_label("File").set_input_files(file)
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_role("button", name=expected)).to_be_visible(timeout=20_000)
        page.get_by_label("Time zone").fill("UTC")
        page.get_by_role("button", name="Start").click()

    expect(page.locator("main")).to_contain_text("This file was brought in before, read in the same way")

"""Programs bring in files: pieces at offsets, digests proved, a preview, a start, progress, rejected rows."""

import base64
import csv
import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from models_registry.access.issuing import issue_token
from models_registry.backfills import uploading, working
from models_registry.backfills.models import Backfill, BackfillState, Piece
from models_registry.telemetry.models import Measurement
from tests.models_registry.access.people import an_account
from tests.models_registry.backfills import world
from tests.models_registry.costs.world import adam
from tests.models_registry.telemetry.world import claims_model

pytestmark = pytest.mark.django_db(transaction=True)
BYTES = "application/octet-stream"


class Sender(Client):
    """A program with a token."""

    def __init__(self, role: str = "automation_ingest") -> None:
        super().__init__()
        account = an_account("otto", role)
        self.headers_of = {
            "Authorization": f"Bearer {issue_token(by=adam(), at=timezone.now(), account=account, name='t').raw}"
        }

    def asks(self, path: str = "", body: Any = None, **headers: str) -> Any:
        options: dict[str, Any] = {"headers": self.headers_of | headers}
        if body is None:
            return self.get(f"/api/v1/backfills/{path}", **options)
        return self.post(f"/api/v1/backfills/{path}", body, content_type="application/json", **options)

    def sends(self, pk: int, offset: int, content: bytes, **headers: str) -> Any:
        options = {"headers": self.headers_of | {"Upload-Offset": str(offset)} | headers}
        return self.patch(f"/api/v1/backfills/{pk}/file/", content, content_type=BYTES, **options)


@pytest.fixture
def otto() -> Sender:
    return Sender()


def declared(content: bytes, **facts: Any) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"source": world.source().slug, "file_name": "a.csv", "size": len(content), "sha256": digest} | facts


def content_of(count: int = 4_000) -> bytes:
    begin = timezone.now() - timedelta(days=300)
    return world.csv_file(world.rows(count, begin=begin))


def test_a_file_comes_in_pieces_is_previewed_started_followed_and_done(otto: Sender) -> None:
    claims_model()
    content = content_of()
    begun = otto.asks("", declared(content))
    assert begun.status_code == 201
    pk, half = begun.json()["id"], 100_000

    first = otto.sends(pk, 0, content[:half]).json()
    assert (first["received"], first["state"]) == (half, "UPLOADING")
    whole = otto.sends(pk, half, content[half:]).json()
    assert (whole["state"], whole["columns"]) == ("READY", ["model", "metric", "value", "observed_at"])

    seen = otto.asks(f"{pk}/preview/", {}).json()
    assert seen["plan"]["layout"] == "long"
    assert seen["measurements"][0] | {"observed_at": ""} == {
        "model": "claims-triage", "version": "", "metric": "accuracy", "unit": "", "environment": "production",
        "segment": "", "value": 0.0, "observed_at": "", "row": 2,
    }  # fmt: skip
    assert not Measurement.objects.exists()

    started = otto.asks(f"{pk}/start/", {}).json()
    assert (started["state"], started["progress"]["written"]) == ("RUNNING", 0)
    world.work_off(Backfill.objects.get(pk=pk), at=timezone.now())
    done = otto.asks(f"{pk}/").json()

    assert done["state"] == "DONE"
    assert done["progress"] | {"rows_per_s": 0} == {
        "rows_read": 4_000, "rows": 4_000, "share": 1.0, "written": 4_000, "waiting": 0, "held": 0, "rejected": 0,
        "left_out": 0, "rows_per_s": 0, "seconds_left": None,
    }  # fmt: skip
    assert [one["id"] for one in otto.asks().json()["results"]] == [pk]


def test_an_upload_that_broke_off_goes_on_where_it_stopped(otto: Sender) -> None:
    content = content_of()
    asked = declared(content)
    pk = otto.asks("", asked).json()["id"]
    otto.sends(pk, 0, content[:70_000])

    again = otto.asks("", asked)
    wrong = otto.sends(pk, 0, content[:80_000])
    repeated = otto.sends(pk, 0, content[:70_000])
    rest = otto.sends(pk, again.json()["received"], content[70_000:])

    assert (again.status_code, again.json()["id"], again.json()["received"]) == (200, pk, 70_000)
    assert (wrong.status_code, wrong.headers["Upload-Offset"]) == (409, "70000")
    assert repeated.json()["received"] == 70_000
    assert rest.json()["state"] == "READY"
    assert b"".join(bytes(one.content) for one in Piece.objects.order_by("begins_at")) == content


def test_a_file_that_is_not_the_declared_one_is_let_go_of(otto: Sender) -> None:
    content = content_of(100)
    pk = otto.asks("", declared(content)).json()["id"]

    answer = otto.sends(pk, 0, content.replace(b"accuracy", b"accuracX"))

    assert answer.status_code == 422
    found = Backfill.objects.get()
    assert (found.state, found.received, Piece.objects.count()) == (BackfillState.UPLOADING, 0, 0)
    assert otto.sends(pk, 0, content).json()["state"] == "READY"


def test_a_piece_is_proved_by_its_own_digest(otto: Sender) -> None:
    content = content_of(100)
    pk = otto.asks("", declared(content)).json()["id"]

    def digest(of: bytes) -> str:
        return f"sha-256=:{base64.b64encode(hashlib.sha256(of).digest()).decode()}:"

    assert otto.sends(pk, 0, content, **{"Content-Digest": digest(b"other")}).status_code == 400
    assert otto.sends(pk, 0, content, **{"Content-Digest": "md5=:x:"}).status_code == 400
    assert otto.sends(pk, 0, content, **{"Content-Digest": digest(content)}).status_code == 200


@pytest.mark.parametrize(
    ("offset", "content", "status"),
    [
        ("0", b"x" * 1_048_577, 413),
        ("0", b"crumb", 400),
        ("0", b"", 400),
        ("-1", b"x", 400),
        ("0", b"x" * 300_000, 400),
    ],
)
def test_pieces_that_do_not_fit_are_refused(otto: Sender, offset: str, content: bytes, status: int) -> None:
    pk = otto.asks("", declared(b"x" * 200_000)).json()["id"]

    answer = otto.patch(
        f"/api/v1/backfills/{pk}/file/",
        content,
        content_type=BYTES,
        headers=otto.headers_of | {"Upload-Offset": offset},
    )

    assert answer.status_code == status
    assert not Piece.objects.exists()


def test_the_same_file_again_is_a_conflict_and_adds_no_row(otto: Sender) -> None:
    claims_model()
    content = content_of(50)
    asked = declared(content)
    for expected in (200, 409):
        pk = otto.asks("", asked).json()["id"]
        otto.sends(pk, 0, content)
        answer = otto.asks(f"{pk}/start/", {})
        assert answer.status_code == expected
        if expected == 200:
            world.work_off(Backfill.objects.get(pk=pk), at=timezone.now())

    assert "would add no row" in answer.json()["detail"]
    assert Measurement.objects.count() == 50


def test_rejected_rows_are_told_and_can_be_downloaded(otto: Sender) -> None:
    claims_model()
    rows = world.rows(5, begin=timezone.now() - timedelta(days=2))
    rows[1][0], rows[3][2] = "=cmd()", "fast"
    content = world.csv_file(rows)
    pk = otto.asks("", declared(content)).json()["id"]
    otto.sends(pk, 0, content)
    otto.asks(f"{pk}/start/", {})
    world.work_off(Backfill.objects.get(pk=pk), at=timezone.now())

    reasons = otto.asks(f"{pk}/").json()["reasons"]
    file = otto.asks(f"{pk}/rejected.csv")

    assert [(one["code"], one["subject"], one["count"], one["first_row"]) for one in reasons] == [
        ("E_UNKNOWN_MODEL", "=cmd()", 1, 3),
        ("E_NOT_NUMERIC", "value", 1, 5),
    ]
    told = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert told[0] == ["row", "column", "code", "reason", "text"]
    assert [(line[0], line[1], line[2], line[4]) for line in told[1:]] == [
        ("3", "model", "E_UNKNOWN_MODEL", "'=cmd()"),
        ("5", "value", "E_NOT_NUMERIC", "fast"),
    ]


def test_it_is_paused_goes_on_and_is_cancelled(otto: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    claims_model()
    monkeypatch.setattr(working, "MOST", 10)
    content = content_of(100)
    pk = otto.asks("", declared(content)).json()["id"]
    otto.sends(pk, 0, content)
    otto.asks(f"{pk}/start/", {})
    working.advance(backfill_id=pk, at=timezone.now())

    states = [
        otto.asks(f"{pk}/{deed}/", {}).json().get("state", 409)
        for deed in ("pause", "pause", "resume", "cancel", "cancel")
    ]

    assert states == ["PAUSED", 409, "RUNNING", "CANCELLED", 409]
    assert not Piece.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"source": "gone"}, "source"), ({"size": 0}, "size"), ({"sha256": "x"}, "sha256"), ({"mood": 1}, "mood")],
)
def test_what_is_declared_is_checked(otto: Sender, change: dict[str, Any], field: str) -> None:
    answer = otto.asks("", declared(b"abc") | change)

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"#/{field}"]


def test_a_file_larger_than_the_house_takes_is_refused_before_it_comes(otto: Sender, settings: Any) -> None:
    settings.REDLINE_BACKFILL_BYTES = 1_000

    answer = otto.asks("", declared(b"x" * 1_001))

    assert (answer.status_code, Backfill.objects.count()) == (413, 0)


def test_a_plan_that_does_not_fit_is_refused_and_a_missing_zone_is_asked_for(otto: Sender) -> None:
    content = world.csv_file([["chat", "psi", 1, "2026-01-01 12:00"]])
    pk = otto.asks("", declared(content)).json()["id"]
    otto.sends(pk, 0, content)

    naive = otto.asks(f"{pk}/start/", {})
    unfit = otto.asks(f"{pk}/start/", {"columns": {"model": "nowhere"}})

    assert (naive.status_code, naive.json()["errors"][0]["pointer"]) == (400, "#/zone")
    assert (unfit.status_code, Backfill.objects.get().state) == (400, BackfillState.READY)


def test_programs_that_send_nothing_bring_in_nothing() -> None:
    reader = Sender("automation_ci")

    answer: HttpResponse = reader.asks("", {"source": "x", "file_name": "a", "size": 1})

    assert answer.status_code == 403
    assert uploading.LARGEST_PIECE == 1_048_576


def test_a_list_of_many_asks_as_few_questions_as_one_of_one(otto: Sender, django_assert_max_num_queries: Any) -> None:
    claims_model()
    begin = timezone.now() - timedelta(days=30)
    for number in range(6):
        rows = [*world.rows(3 + number, begin=begin), ("nobody", "accuracy", "0.5", begin.isoformat())]
        world.brought_in(world.csv_file(rows))
        with django_assert_max_num_queries(6):
            listed = otto.asks().json()["results"]

    assert [each["progress"]["written"] for each in listed] == [8, 7, 6, 5, 4, 3]
    assert {each["reasons"][0]["code"] for each in listed} == {"E_UNKNOWN_MODEL"}

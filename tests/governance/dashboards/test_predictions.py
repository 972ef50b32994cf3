"""One prediction explained, on a page, as a file and to programs; and the pages around it."""

import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from alerts.inbox.models import Alert
from governance.approvals import actions as approvals
from governance.approvals.models import Subject
from governance.gates import actions as gates
from governance.gates.models import GateDecision
from governance.scoring.models import PostureChange
from models_registry.access.issuing import issue_token
from models_registry.access.models import Account
from models_registry.catalog import clearance_actions as clearances
from models_registry.catalog.models import ModelVersion, Stage, StageMove
from models_registry.lineage import prediction_actions
from models_registry.lineage.prediction_models import Prediction
from models_registry.lineage.statement import Member, Stated
from tests.journeys.builders import OPERATOR, a_person
from tests.models_registry.lineage.traces import CANARY, a_prediction, a_source, a_trace, receive
from tests.models_registry.lineage.world import a_rag_version, a_version, stated

pytestmark = pytest.mark.django_db
COMMIT = "git:" + "4f" * 20


def clara() -> Account:
    return a_person("clara", "Clara Conrad", "compliance_officer")


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def explained() -> Prediction:
    """A prediction with everything behind it: approved into production, in the red, with an alert open."""
    version, _ = a_rag_version("policy-helper")
    stated(version, Member("code", Stated("CODE", "git.example/policy-helper", "4f4f4f4", COMMIT), "BUILT_BY"))
    moment = timezone.now() - timedelta(hours=2)
    _let_in(version, moment)
    PostureChange.objects.create(
        model=version.model, changed_at=moment - timedelta(minutes=1), level="HIGH", risk_score=64.0, health=52.0,
        health_redline=60.0, room=-8.0, in_the_red=True, quiet=False, coverage=1.0,
    )  # fmt: skip
    PostureChange.objects.create(
        model=version.model, changed_at=moment + timedelta(hours=1), level="LOW", risk_score=4.0, health=96.0,
        health_redline=60.0, room=36.0, in_the_red=False, quiet=False, coverage=1.0,
    )  # fmt: skip
    for title, opened, resolved in (
        ("Drift past its line", -30, None),
        ("Gone before", -60, -10),
        ("Came after", 10, None),
    ):
        Alert.objects.create(
            fingerprint=title, tier=1, title=title, model=version.model, opened_at=moment + timedelta(minutes=opened),
            last_at=moment, state="RESOLVED" if resolved else "OPEN",
            resolved_at=moment + timedelta(minutes=resolved) if resolved else None,
        )  # fmt: skip
    return a_prediction("policy-helper", at=moment, prompt={"name": "policy-helper/system", "version": "v1"})


def _let_in(version: ModelVersion, moment: datetime) -> GateDecision:
    """Ask, collect a vote, and move into production, ten minutes before a moment."""
    at = moment - timedelta(minutes=10)
    decision = gates.ask(by=version.model.owner, at=at, version=version, target="PRODUCTION")
    request = approvals.request(
        by=version.model.owner, at=at, subject=Subject.PROMOTION, object_id=f"{version.pk}:stage:PRODUCTION",
        title=f"Let {version} enter production", digest=version.artifact_digest,
        policy={"required": 1, "roles": ["compliance_officer"]}, expires_at=at + timedelta(days=3), model=version.model,
    )  # fmt: skip
    approvals.vote(by=clara(), at=at, request_id=request.pk, approves=True, judged_digest=request.digest)
    GateDecision.objects.filter(pk=decision.pk).update(verdict="APPROVE")
    clearance = clearances.grant_clearance(
        by=OPERATOR, at=at, version=version, target="stage:PRODUCTION", decision_id=decision.pk, epoch=version.epoch,
        expires_at=at + timedelta(hours=1),
    )  # fmt: skip
    StageMove.objects.create(
        version=version, from_stage=Stage.STAGING, to_stage=Stage.PRODUCTION, clearance=clearance,
        moved_by=version.model.owner, moved_at=at,
    )  # fmt: skip
    return decision


def test_the_page_tells_everything_that_stood_behind_the_answer(explained):
    page = signed_in(clara()).get(f"/predictions/{explained.pk}/").content.decode()

    for told in (
        explained.prediction_id, "Rule 1.", "terms-2026#4", "policy-documents", "documents-index", "4f4f4f4",
        "git:4f4f4f4f4f4f", "Clara Conrad approved", "The gate answered", "into production", "8 past the line",
        "Drift past its line", "930 ms", "812 in, 164 out", "0.00125 EUR",
    ):  # fmt: skip
        assert told in page, told
    for untold in ("Gone before", "Came after", CANARY, "customer-17"):
        assert untold not in page, untold


def test_the_file_tells_the_same(explained):
    answer = signed_in(clara()).get(f"/predictions/{explained.pk}/explanation.pdf")

    text = text_of(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    for told in (
        explained.prediction_id, "Rule 1.", "terms-2026#4", "policy-documents", "4f4f4f4", "Clara Conrad approved",
        "APPROVE", "The model was in the red.", "-8.0 points", "Drift past its line", "made", "by Clara Conrad",
    ):  # fmt: skip
        assert told.replace(" ", "") in text, told
    assert "Gone before" not in text


def text_of(body: bytes) -> str:
    """Return the words of a PDF without the spaces between them."""
    pages = PdfReader(io.BytesIO(body)).pages
    return re.sub(r"\s", "", "".join(one.extract_text() for one in pages))


def test_programs_get_the_same(explained):
    token = issue_token(by=clara(), at=timezone.now(), account=clara(), name="reads").raw
    answer = Client().get(
        f"/api/v1/predictions/{explained.pk}/explanation/", headers={"Authorization": f"Bearer {token}"}
    )

    told: dict[str, Any] = answer.json()
    assert told["prompt"]["text"].startswith("Answer briefly.")
    assert [one["digest"] for one in told["code"]] == [COMMIT]
    assert (told["posture"]["in_the_red"], told["posture"]["room"]) == (True, -8.0)
    assert (told["way_in"]["verdict"], told["way_in"]["votes"][0]["voter"]) == ("APPROVE", "Clara Conrad")
    assert [one["what"] for one in told["alerts"]] == ["Drift past its line"]
    assert CANARY not in answer.content.decode()


def test_an_orphan_says_why_and_shows_what_there_is():
    receive(a_source(), a_trace(model="unheard-of", observed_at=timezone.now().isoformat()), at=timezone.now())
    pk = Prediction.objects.get().pk

    page = signed_in(clara()).get(f"/predictions/{pk}/").content.decode()
    file = signed_in(clara()).get(f"/predictions/{pk}/explanation.pdf")

    assert "No model on record is called unheard-of." in page
    assert file.status_code == 200


def test_what_the_typeface_lacks_is_written_as_its_code_point():
    version = a_version("policy-helper")
    stated(
        version,
        Member("p", Stated("PROMPT_TEMPLATE", "policy-helper/system", "v9", content="答えて – ok"), "PROMPTS_WITH"),
    )
    one = a_prediction("policy-helper", at=timezone.now(), prompt={"name": "policy-helper/system", "version": "v9"})

    text = text_of(signed_in(clara()).get(f"/predictions/{one.pk}/explanation.pdf").content)

    assert "[U+7B54][U+3048][U+3066]–ok" in text


def test_a_stranger_to_the_model_finds_no_prediction_of_it(explained):
    stella = a_person("sam", "Sam Stone", "model_owner")

    client = signed_in(stella)

    assert client.get(f"/predictions/{explained.pk}/").status_code == 404
    assert client.get(f"/predictions/{explained.pk}/explanation.pdf").status_code == 404
    assert explained.prediction_id not in client.get("/predictions/").content.decode()


def test_the_list_is_narrowed_by_every_filter():
    a_rag_version("policy-helper")
    a_version("policy-helper")
    now = timezone.now()
    source = a_source()
    for name, facts in {
        "one": {}, "two": {"version": 2}, "blocked": {"outcome": "blocked"}, "lost": {"version": 9},
        "old": {"observed_at": (now - timedelta(days=9)).isoformat()},
    }.items():  # fmt: skip
        told = {"prediction_id": f"is-{name}", "trace_id": f"trace-of-{name}", "observed_at": now.isoformat(), **facts}
        receive(source, a_trace(**told), at=now)
    client = signed_in(clara())

    def found(query: str) -> set[str]:
        return set(re.findall(r"is-(\w+)</a>", client.get(f"/predictions/?{query}").content.decode()))

    day = (now - timedelta(days=2)).date().isoformat()
    assert found("") == {"one", "two", "blocked", "lost", "old"}
    assert found("id=is-two") == found("id=trace-of-two") == {"two"}
    assert found("model=policy-helper&version=2") == found("version=v2") == {"two"}
    assert found("model=nobody") == set()
    assert found("outcome=blocked") == {"blocked"}
    assert found("orphan=true") == {"lost"}
    assert found("orphan=true&version=9") == {"lost"}
    assert found(f"since={day}") == {"one", "two", "blocked", "lost"}
    assert found(f"until={day}") == {"old"}
    assert found("since=never") == set()


def test_a_kept_text_is_opened_by_the_owner_and_by_nobody_who_only_reads():
    version = a_version("policy-helper")
    nadia, source = a_person("nadia", "Nadia", "administrator"), a_source()
    prediction_actions.decide_terms(by=nadia, at=timezone.now(), source=source, keeps_text=True)
    one = a_prediction("policy-helper", at=timezone.now(), source=source)

    opened = signed_in(version.model.owner).post(f"/predictions/{one.pk}/text/")
    refused = signed_in(nadia).post(f"/predictions/{one.pk}/text/")
    page = signed_in(nadia).get(f"/predictions/{one.pk}/").content.decode()

    assert (opened.status_code, CANARY in opened.content.decode()) == (200, True)
    assert (refused.status_code, CANARY in refused.content.decode()) == (403, False)
    assert "may open the text of a prediction" in page


def test_a_person_is_erased_after_a_look_at_what_there_is():
    a_version("policy-helper")
    a_prediction("policy-helper", at=timezone.now(), subject="customer-99")
    client = signed_in(clara())
    asked = {"reference": "customer-99", "source": "", "case": "DSR-7"}

    look = client.post("/predictions/erase/", asked).content.decode()
    still = Prediction.objects.exclude(subject=None).count()
    done = client.post("/predictions/erase/", asked | {"confirmed": "yes"}, follow=True).content.decode()
    again = client.post("/predictions/erase/", asked | {"confirmed": "yes"})
    name = client.post("/predictions/erase/", asked | {"case": "Mr Smith"})

    assert "Erase them from 1 prediction?" in look
    assert still == 1
    assert "Case DSR-7: erased from 1 prediction." in done
    assert Prediction.objects.exclude(subject=None).count() == 0
    assert (again.status_code, name.status_code) == (409, 422)


def test_the_terms_of_a_source_are_changed_on_their_page():
    nadia, source = a_person("nadia", "Nadia", "administrator"), a_source("Answers")

    client = signed_in(nadia)
    client.post(f"/predictions/kept/{source.slug}/", {"keeps_text": "yes"})
    page = client.get("/predictions/kept/").content.decode()
    refused = signed_in(clara()).post(f"/predictions/kept/{source.slug}/", {"keeps_text": "no"})

    assert "kept, sealed" in page
    assert refused.status_code == 403


def test_the_page_of_a_model_shows_its_newest_predictions():
    a_version("policy-helper")
    names = [a_prediction("policy-helper", at=timezone.now()).prediction_id for _ in range(6)]

    part = signed_in(clara()).get("/models/policy-helper/predictions/panel/").content.decode()

    assert sum(name in part for name in names) == 5

"""The pages of validation and runs: what they say, who sees them, and how many questions they ask."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_registry.access.models import Account, BusinessUnit
from models_registry.catalog.run_models import Run
from tests.journeys.builders import a_model, a_person, people
from tests.models_registry.catalog.validated import a_result, a_suite, a_sweep, recorded, shares, two_versions
from tests.models_registry.lineage.world import a_version

pytestmark = pytest.mark.django_db
BUDGET = 12
RUNS = "/models/claims-triage/runs/"


def seen_by(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def olive() -> Client:
    return seen_by(people().olive)


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_a_version_shows_its_suites_its_groups_and_why_one_failed(olive):
    version = a_version()
    groups = (shares(950, segment="age 18–25"), shares(880, segment="age 65+"))
    recorded(version, a_suite(*groups, suite="fairness-by-age", kind="FAIRNESS"))
    recorded(version, a_suite(a_result("toxicity_rate", 0.002, threshold=0.01), suite="toxic", kind="TOXICITY"))

    page = olive.get("/models/claims-triage/versions/1/").text

    assert "1 of 2 suites failed" in page
    assert "0.070 between the farthest groups" in page
    assert "0.88 is below the threshold: at least 0.9 is asked." in page
    assert page.count('<svg class="budget-bar"') == 3
    assert "no samples" in page


def test_a_version_is_told_better_and_worse_in_words(olive):
    serving, newer = two_versions()
    recorded(serving, a_suite(shares(910), shares(930, segment="age 65+")))
    recorded(newer, a_suite(shares(960), shares(870, segment="age 65+")))

    page = olive.get("/models/claims-triage/versions/2/").text

    assert "1 better" in page
    assert "1 worse" in page
    assert "Better beyond chance (p &lt; 0.001)" in page
    assert "two-proportion z test" in page
    assert "corrected for asking 2 times (Holm)" in page


def test_a_version_without_suites_and_one_that_serves_say_so(olive):
    serving, _ = two_versions()
    recorded(serving)

    assert "No suite is on record" in olive.get("/models/claims-triage/versions/2/").text
    assert "nothing to compare it with" in olive.get("/models/claims-triage/versions/1/").text


def test_the_past_shows_the_suites_that_were_on_record_then(olive):
    version = a_version()
    recorded(version)

    assert "held-out" in olive.get("/models/claims-triage/versions/1/").text
    assert "No suite is on record" in olive.get("/models/claims-triage/versions/1/?as_of=2020-01-01").text


def test_the_page_of_a_model_and_its_versions_lead_to_the_runs(olive):
    a_version()

    for address in ("/models/claims-triage/", "/models/claims-triage/versions/"):
        assert f'href="{RUNS}"' in olive.get(address).text


def test_runs_are_listed_narrowed_and_ordered(olive):
    sweep, runs = a_sweep(4)
    Run.objects.filter(pk=runs[0].pk).update(status="FAILED")

    page = olive.get(RUNS).text
    failed = olive.get(f"{RUNS}?status=failed").text
    by_name = olive.get(f"{RUNS}?sort=name&sweep={sweep.pk}").text

    assert "Depth and rate" in page
    assert [f"trial {n}" in failed for n in range(4)] == [True, False, False, False]
    assert by_name.index(">trial 0<") < by_name.index(">trial 3<")
    assert "No run matches" in olive.get(f"{RUNS}?q=nothing").text
    assert olive.get(f"{RUNS}?status=x&sweep=%00&after=z&sort=;").status_code == 200


def test_a_sweep_is_drawn_and_told_as_a_table_that_sorts(olive):
    sweep, runs = a_sweep(5)
    address = f"/models/claims-triage/sweeps/{sweep.pk}/"

    page = olive.get(address).text
    sorted_page = olive.get(f"{address}?sort=depth").text

    assert page.count("<polyline") == 5
    assert page.count("trace s4 wins") == 1
    assert "trial 4 won with 0.804" in page
    assert 'aria-sort="ascending"' in sorted_page
    table = sorted_page[sorted_page.index('id="runs"') :]
    assert [n for _, n in sorted((table.index(f">trial {n}<"), n) for n in range(5))] == [0, 1, 2, 3, 4]
    assert runs[4].external_id == "run-4"


def test_a_sweep_whose_runs_told_nothing_says_so(olive):
    sweep, _ = a_sweep(2)
    Run.objects.update(objective=None)

    assert "Nothing to draw yet" in olive.get(f"/models/claims-triage/sweeps/{sweep.pk}/").text


def test_two_runs_stand_side_by_side_and_one_alone_does_not(olive):
    _, runs = a_sweep(3)

    page = olive.get(f"{RUNS}compare/?run={runs[0].pk}&run={runs[1].pk}").text

    assert "3 differ" in page
    assert page.index("booster") < page.index("seed")
    assert "Two runs are needed" in olive.get(f"{RUNS}compare/?run={runs[0].pk}&run=x").text


def test_the_winner_is_linked_once_and_only_by_who_may(olive):
    _, runs = a_sweep(2)
    a_version()
    address = f"{RUNS}{runs[1].pk}/link/"
    auditor = seen_by(a_person("al", "", "auditor"))

    assert auditor.post(address, {"version": 1}).status_code == 403
    assert olive.post(address, {"version": 9}).status_code == 422
    assert olive.post(address, {"version": 1}).status_code == 302
    assert Run.objects.get(pk=runs[1].pk).version.number == 1
    assert "It became" in olive.get(f"{RUNS}{runs[1].pk}/").text
    assert "Built by the run" in olive.get("/models/claims-triage/versions/1/").text
    assert olive.post(address, {"version": 2}).status_code == 409


def test_an_auditor_reads_why_linking_is_refused():
    _, runs = a_sweep(2)

    page = seen_by(a_person("al", "", "auditor")).get(f"{RUNS}{runs[1].pk}/").text

    assert "None of your roles may" in page
    assert "Link run" not in page


def test_strangers_find_nothing():
    sweep, runs = a_sweep(2)
    unit = BusinessUnit.objects.get_or_create(slug="far", defaults={"name": "Far"})[0]
    rival = seen_by(a_person("rival", "", "model_owner", unit=unit))

    for address in (RUNS, f"{RUNS}{runs[0].pk}/", f"{RUNS}compare/", f"/models/claims-triage/sweeps/{sweep.pk}/"):
        assert rival.get(address).status_code == 404, address


def test_a_run_of_another_model_is_not_under_this_one(olive):
    _, runs = a_sweep(2)
    a_model("motor-pricing")

    assert olive.get(f"/models/motor-pricing/runs/{runs[0].pk}/").status_code == 404


def test_no_page_asks_more_when_there_is_more(olive):
    sweep, runs = a_sweep(3)
    serving, newer = two_versions()
    for version in (serving, newer):
        recorded(version, a_suite(shares(950)))
    addresses = (
        RUNS,
        f"/models/claims-triage/sweeps/{sweep.pk}/",
        f"{RUNS}{runs[0].pk}/",
        f"{RUNS}compare/?run={runs[0].pk}&run={runs[1].pk}",
        f"/models/claims-triage/versions/{newer.number}/",
    )
    few = {address: cost(olive, address) for address in addresses}

    a_sweep(40, model=sweep.model)
    for version in (serving, newer):
        for number in range(5):
            recorded(version, a_suite(shares(940), shares(930, segment="b"), suite=f"suite {number}"))
    many = {address: cost(olive, address) for address in addresses}

    assert many == few
    assert {address: count for address, count in many.items() if count > BUDGET + 2 * ("versions" in address)} == {}

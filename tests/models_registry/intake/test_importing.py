"""An inventory comes in: looked at, applied whole or by its good rows, the same twice is nothing, and taken back."""

import pytest

from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.catalog import actions as catalog
from models_registry.catalog.models import Alias, ExternalName, ModelVersion, RegisteredModel
from models_registry.intake import actions
from models_registry.intake.models import IntakeItem, IntakeState, ItemState
from tests.journeys.builders import OPERATOR, a_model, a_person, people
from tests.models_registry.intake.world import AT, applied, checked, done, olive, outcomes, problems, uploaded

pytestmark = pytest.mark.django_db

HEAD = "Model Name;Owner (e-mail);Business unit;Risk tier;Type;Current version;Release notes;Aliases;Monitoring name\n"
NEW = HEAD + "Claims triage;olive;Claims;1;Classification;3;First one here;candidate;arize:claims-prod\n"


def test_a_row_becomes_a_model_with_its_version_alias_and_name_elsewhere() -> None:
    people()

    intake = applied(NEW)

    model = RegisteredModel.objects.get(slug="claims-triage")
    assert (model.owner, model.unit.slug, model.materiality, model.kind) == (olive(), "claims", "HIGH", "CLASSIFIER")
    version = ModelVersion.objects.get(model=model)
    assert (version.number, version.description, version.stage) == (3, "First one here", "DEVELOPMENT")
    assert Alias.objects.get(model=model).name == "candidate"
    assert str(ExternalName.objects.get(model=model)) == "arize:claims-prod"
    assert (intake.state, intake.counts["CREATE"], intake.counts["done"]) == (IntakeState.APPLIED, 1, 1)
    actions_told = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions_told[-5:] == [
        "model.registered", "model.named_outside", "version.registered", "alias.moved", "inventory.imported"
    ]  # fmt: skip
    entry = AuditEntry.objects.get(action="inventory.imported")
    assert (entry.body["digest"], entry.body["created"], entry.body["rows"]) == (intake.digest, 1, 1)


def test_nothing_is_written_before_somebody_applies() -> None:
    people()

    intake = checked(NEW)

    assert outcomes(intake) == [("claims-triage", "CREATE")]
    assert not RegisteredModel.objects.exists()


def test_the_same_file_again_changes_nothing() -> None:
    people()
    applied(NEW)

    again = checked(NEW)

    assert outcomes(again) == [("claims-triage", "SAME")]
    with pytest.raises(actions.NothingToDo):
        actions.apply(by=olive(), at=AT, intake=again)


def test_a_change_tells_what_was_and_what_will_be() -> None:
    a_model("claims-triage", purpose="Sorts claims.")

    intake = checked('slug,purpose,tier,tags\nclaims-triage,Ranks claims.,1,"a, b"\n')

    (item,) = intake.items.all()
    told = [(one["field"], one["from"], one["to"]) for one in item.changes]
    assert told == [("purpose", "Sorts claims.", "Ranks claims."), ("tags", "", "a; b")]


def test_an_empty_cell_leaves_a_value_alone_and_a_word_clears_it() -> None:
    a_model("claims-triage", purpose="Sorts claims.", vendor="Acme")

    applied("slug,purpose,vendor\nclaims-triage,,(empty)\n")

    model = RegisteredModel.objects.get()
    assert (model.purpose, model.vendor) == ("Sorts claims.", "")


def test_every_problem_names_its_row_and_its_column_and_nothing_is_applied() -> None:
    a_model("claims-triage")

    intake = checked(
        "name,owner,unit,kind,tier,version,stage,customer facing\n"
        "Fraud,nobody,Claims,weather,1,,,\n"
        "Churn,olive,Nowhere,classifier,nine,,,maybe\n"
        "Claims triage,,,,,2.1,,\n"
        "Voice,olive,Claims,asr,2,1,production,\n"
        ",olive,Claims,asr,2,,,\n"
        "Good one,olive,claims,asr,2,,,yes\n"
    )

    assert [(row, name) for row, name, _ in problems(intake)] == [
        (2, "kind"), (2, "owner"), (3, "unit"), (3, "materiality"), (3, "customer_facing"), (4, "version"),
        (5, "stage"), (6, "name"),
    ]  # fmt: skip
    with pytest.raises(actions.RowsUnfit):
        actions.apply(by=olive(), at=AT, intake=intake)
    assert RegisteredModel.objects.count() == 1


def test_the_good_rows_come_alone_when_asked() -> None:
    people()

    intake = applied("name,owner,kind\nGood,olive,vision\nBad,nobody,vision\n", good_rows_only=True)

    assert list(RegisteredModel.objects.values_list("slug", flat=True)) == ["good"]
    assert outcomes(intake) == [("good", "CREATE"), ("bad", "WRONG")]


def test_a_bad_row_keeps_the_other_rows_of_its_model_out() -> None:
    people()

    intake = checked("name,owner,version,digest\nFraud,olive,1,\nFraud,olive,2,sha256:zz\n")

    assert outcomes(intake) == [("fraud", "WRONG")]
    assert problems(intake)[0][:2] == (3, "artifact_digest")


def test_rows_that_disagree_about_a_model_are_told_apart() -> None:
    people()

    intake = checked("name,owner,purpose,version\nFraud,olive,Finds fraud,1\nFraud,olive,Hides fraud,2\n")

    assert problems(intake) == [(3, "purpose", "Row 2 says something else of the same model: Finds fraud.")]


def test_two_rows_that_mean_one_model_by_different_words_are_found() -> None:
    a_model("claims-triage", name="Claims triage")

    intake = checked("slug,name,vendor\nclaims-triage,,Acme\n,Claims triage,Bolt\n")

    assert outcomes(intake) == [("claims-triage", "CHANGE"), ("claims-triage", "WRONG")]
    assert problems(intake)[0][:2] == (3, "name")


def test_a_model_of_somebody_else_is_refused_by_row_and_the_rest_goes_on() -> None:
    a_model("claims-triage")
    bela = a_person("bela", "Bela Bartok", "model_owner", unit=people().claims)
    a_model("voice", owner=bela)

    intake = checked("slug,vendor\nclaims-triage,Acme\nvoice,Acme\n")

    assert outcomes(intake) == [("claims-triage", "CHANGE"), ("voice", "REFUSED")]
    assert problems(intake) == [
        (3, "vendor", "You may edit a model only for models that you own; Voice is not one of them.")
    ]


def test_a_model_that_is_out_of_sight_gives_nothing_away_but_its_slug() -> None:
    elsewhere = a_person("mona", "Mona", "model_owner")
    unit = people().claims.__class__.objects.create(slug="markets", name="Markets")
    a_model("secret", owner=elsewhere, unit=unit, purpose="Hidden.")

    intake = checked("slug,name,purpose\nsecret,Mine,Hidden.\n")

    assert outcomes(intake) == [("secret", "WRONG")]
    assert "may not read" in problems(intake)[0][2]


def test_only_who_brought_a_file_may_apply_it() -> None:
    people()
    intake = checked(NEW)
    bela = a_person("bela", "Bela Bartok", "model_owner", unit=people().claims)

    with pytest.raises(AccessDenied):
        actions.apply(by=bela, at=AT, intake=intake)
    with pytest.raises(AccessDenied):
        uploaded(NEW, by=people().stella)


def test_what_changed_since_the_check_is_noticed_and_nothing_is_applied() -> None:
    model = a_model("claims-triage", vendor="Acme")
    a_model("voice", vendor="Acme")
    intake = checked("slug,vendor\nvoice,Bolt\nclaims-triage,Bolt\n")
    catalog.edit_model(by=OPERATOR, at=AT, model=model, changes={"vendor": "Crux"})

    actions.apply(by=olive(), at=AT, intake=intake)
    intake = done(intake)

    assert intake.state == IntakeState.CHECKED
    assert intake.trouble == "Nothing was applied: 1 model was changed since this was checked. Look at it again."
    assert set(RegisteredModel.objects.values_list("vendor", flat=True)) == {"Acme", "Crux"}
    actions.apply(by=olive(), at=AT, intake=intake)
    assert done(intake).state == IntakeState.APPLIED
    assert set(RegisteredModel.objects.values_list("vendor", flat=True)) == {"Bolt"}


def test_a_governed_fact_makes_gate_decisions_stale_as_in_the_form() -> None:
    model = a_model("claims-triage")
    version = catalog.register_version(by=olive(), at=AT, model=model)

    applied("slug,tier\nclaims-triage,3\n")

    version.refresh_from_db()
    assert version.epoch == 1
    assert AuditEntry.objects.get(action="model.edited").body["changed"] == {
        "materiality": {"from": "HIGH", "to": "LOW"}
    }


def test_a_guarded_alias_and_production_are_left_to_the_gate() -> None:
    people()

    intake = checked("name,owner,version,stage,aliases\nFraud,olive,1,staging,champion\nVoice,olive,1,live,\n")

    assert [(row, name) for row, name, _ in problems(intake)] == [(2, "aliases"), (3, "stage")]


def test_versions_come_with_their_numbers_and_only_grow() -> None:
    people()
    applied('name,owner,version,stage,aliases\nFraud,olive,2,staging,a\nFraud,olive,7,dev,"b, c"\n')
    versions = ModelVersion.objects.order_by("number")
    assert list(versions.values_list("number", "stage")) == [(2, "STAGING"), (7, "DEVELOPMENT")]

    intake = checked("name,version\nFraud,5\n")

    assert problems(intake) == [(2, "version", "Version 5 is not on record, and numbers only grow: 7 was given.")]


def test_an_import_is_taken_back_and_can_be_brought_in_again() -> None:
    people()
    intake = applied(NEW)

    actions.undo(by=olive(), at=AT, intake=intake, reason="The wrong file.")
    intake = done(intake)

    assert (intake.state, intake.counts["undone"]) == (IntakeState.UNDONE, 1)
    assert RegisteredModel.objects.get().archived_at == AT
    assert not Alias.objects.exists()
    assert AuditEntry.objects.get(action="inventory.import_undone").body["why"] == "The wrong file."
    again = applied(NEW)
    assert outcomes(again) == [("claims-triage", "CREATE")]
    model = RegisteredModel.objects.get()
    assert (model.archived_at, ModelVersion.objects.get().withdrawn_at) == (None, None)
    assert Alias.objects.get().name == "candidate"
    assert ModelVersion.objects.get().number == 3


def test_changes_are_taken_back_even_where_the_model_went_to_another_owner() -> None:
    model = a_model("claims-triage", vendor="Acme")
    catalog.register_version(by=olive(), at=AT, model=model)
    a_person("bela", "Bela Bartok", "model_owner", unit=people().claims)
    intake = applied(
        "slug,owner,vendor,version,stage,alias,monitoring name,version notes\n"
        "claims-triage,Bela Bartok,Bolt,1,staging,blue,arize:x,Second\nclaims-triage,,,2,,green,,\n"
    )
    model.refresh_from_db()
    assert (model.owner.username, model.vendor) == ("bela", "Bolt")

    actions.undo(by=olive(), at=AT, intake=intake, reason="No.")
    intake = done(intake)

    model.refresh_from_db()
    assert (intake.state, model.owner, model.vendor) == (IntakeState.UNDONE, olive(), "Acme")
    first, second = ModelVersion.objects.order_by("number")
    assert (first.stage, first.description, first.withdrawn_at) == ("DEVELOPMENT", "", None)
    assert second.withdrawn_at is not None
    assert not Alias.objects.exists()
    assert not ExternalName.objects.exists()


def test_what_was_changed_since_is_not_taken_back_and_the_refusal_says_what() -> None:
    intake = applied("name,owner,vendor\nFraud,olive,Acme\n") if people() else None
    assert intake
    catalog.edit_model(by=olive(), at=AT, model=RegisteredModel.objects.get(), changes={"vendor": "Bolt"})

    with pytest.raises(actions.CannotTakeBack, match="fraud: vendor was changed"):
        actions.undo(by=olive(), at=AT, intake=intake, reason="No.")

    assert RegisteredModel.objects.get().archived_at is None


def test_a_version_that_came_since_keeps_a_model_from_being_taken_back() -> None:
    people()
    intake = applied("name,owner\nFraud,olive\n")
    catalog.register_version(by=olive(), at=AT, model=RegisteredModel.objects.get())

    with pytest.raises(actions.CannotTakeBack, match="version 1 was registered"):
        actions.undo(by=olive(), at=AT, intake=intake, reason="No.")


def test_work_that_fails_again_and_again_is_stopped_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    people()
    intake = checked(NEW)
    actions.check_again(by=olive(), at=AT, intake=intake)
    IntakeItem.objects.update(asked=[{"row": 2}])  # what no check can read

    intake = done(intake)

    assert intake.state == IntakeState.CHECKED
    assert "a step failed 3 times" in intake.trouble


def test_a_large_import_is_worked_off_in_steps() -> None:
    people()
    rows = "".join(f"Model {number},olive,classifier\n" for number in range(230))
    intake = checked("name,owner,kind\n" + rows)
    assert intake.counts["CREATE"] == 230

    actions.apply(by=olive(), at=AT, intake=intake)

    assert done(intake).counts["done"] == 230
    assert RegisteredModel.objects.count() == 230
    assert not IntakeItem.objects.exclude(state=ItemState.DONE).exists()


@pytest.mark.usefixtures("governed_tables")
@pytest.mark.django_db(transaction=True)
def test_every_step_leaves_its_entry_beside_what_it_changed() -> None:
    people()
    intake = applied(NEW)

    actions.undo(by=olive(), at=AT, intake=intake, reason="No.")

    assert done(intake).state == IntakeState.UNDONE
    assert applied(NEW).state == IntakeState.APPLIED

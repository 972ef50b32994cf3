"""What a program registered waits for its owner to say what it is."""

import pytest
from django.test import Client

from models_registry.catalog.models import Kind, RegisteredModel
from tests.models_registry.catalog.test_stages import person, staged

pytestmark = pytest.mark.django_db


def test_the_owner_has_to_choose_a_kind_before_anything_else_is_saved() -> None:
    olive = person("olive", "model_owner")
    staged(olive)
    RegisteredModel.objects.update(kind=Kind.UNKNOWN)
    browser = Client()
    browser.force_login(olive, backend="django.contrib.auth.backends.ModelBackend")
    page = browser.get("/models/claims-triage/edit/")
    form = page.context["form"]
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}

    unsaid = browser.post("/models/claims-triage/edit/", {**given, "purpose": "Sorts claims."})
    said = browser.post("/models/claims-triage/edit/", {**given, "kind": "CLASSIFIER"})

    assert (unsaid.status_code, list(unsaid.context["form"].errors)) == (422, ["kind"])
    assert (said.status_code, RegisteredModel.objects.get().kind) == (302, Kind.CLASSIFIER)
    assert "UNKNOWN" not in dict(form.fields["kind"].choices)

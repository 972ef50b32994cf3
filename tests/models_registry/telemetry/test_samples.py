"""The sample of each kind is read by its adapter and tells of the model that it is about."""

import pytest

from models_registry.telemetry import samples
from models_registry.telemetry.adapters import read
from models_registry.telemetry.gallery import PLATFORMS
from models_registry.telemetry.models import SourceKind
from models_registry.telemetry.readings import Unreadable
from tests.models_registry.telemetry.world import AT


@pytest.mark.parametrize("kind", sorted(set(PLATFORMS) - {SourceKind.GENERIC_JSON}))
def test_a_sample_is_read_as_what_its_platform_sends(kind: str) -> None:
    body, headers = samples.sample(kind=kind, model="claims-triage", at=AT)

    found = read(kind, body, headers=headers, mapping=None, received_at=AT)

    assert {each.model for each in found} == {"claims-triage"}
    assert {each.observed_at for each in found} == {AT}


def test_a_sample_of_generic_json_waits_for_its_mapping() -> None:
    body, headers = samples.sample(kind="generic_json", model="claims-triage", at=AT)

    with pytest.raises(Unreadable):
        read("generic_json", body, headers=headers, mapping=None, received_at=AT)


def test_every_platform_of_the_gallery_has_a_sample() -> None:
    assert set(samples.TEXTS) == set(PLATFORMS)

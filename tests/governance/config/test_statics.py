"""What browsers get: every collected file of the house's own is whole, under its plain name and under its hashed one."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from governance.config.statics import spare

COLLECTING = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "governance.config.statics.SpareStaticFiles"},
}


@pytest.mark.parametrize(("folder", "kind"), [("css", "css"), ("js", "js")])
def test_a_collected_file_is_the_spare_source_under_both_names(tmp_path: Path, folder: str, kind: str) -> None:
    with override_settings(STATIC_ROOT=str(tmp_path), STORAGES=COLLECTING):
        call_command("collectstatic", interactive=False, verbosity=0)

    sources = sorted((settings.BASE_DIR / "static" / folder).glob(f"*.{kind}"))
    assert sources
    for source in sources:
        copies = [one.read_text() for one in (tmp_path / folder).glob(f"{source.stem}*.{kind}")]
        whole = len(spare(source.read_text(), kind=kind))
        assert len(copies) == 2
        assert all(len(copy) >= whole for copy in copies), "addresses of fonts in it only grow by their hashes"

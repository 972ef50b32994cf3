"""What comes from outside is matched in a time that grows with its length, not with its square."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

APPS = ("models_registry", "governance", "alerts")
OF_OUR_OWN_FILES = {"governance.config.statics", "models_registry.audit.foundation"}
LONG = 20_000
HOSTILE = (
    *(sign * LONG for sign in ("1", "a", " ", "|", "-", ".", "[", '"', "\\", "/", ":", "=", "`")),
    *(pair * (LONG // 2) for pair in ("1.", "a ", "a=", " |", '\\"', "a-", '="', "[x", "a/", "()")),
)
ENDS = ("", "!", "x", "\n\x00")


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    for app in APPS:
        for found in pkgutil.walk_packages(importlib.import_module(app).__path__, f"{app}."):
            if ".migrations" in found.name or ".management" in found.name or found.name in OF_OUR_OWN_FILES:
                continue
            for name, value in vars(importlib.import_module(found.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{found.name}.{name}", value


@pytest.mark.parametrize(("name", "pattern"), list(patterns()), ids=[name for name, _ in patterns()])
def test_no_pattern_takes_long_over_a_hostile_text(name: str, pattern: re.Pattern[str] | re.Pattern[bytes]) -> None:
    starts = ("", "a", "1", "v", '"', "a{", "<a@")
    texts = [f"{start}{middle}{end}" for middle in HOSTILE for start in starts for end in ENDS]
    began = time.process_time()

    for text in texts:
        pattern.fullmatch(text if isinstance(pattern.pattern, str) else text.encode())  # type: ignore[arg-type]
        assert time.process_time() - began < 4, f"{name} is slow on {text[:8]!r} … {text[-4:]!r}"

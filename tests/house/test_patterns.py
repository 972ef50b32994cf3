"""What comes from outside is matched in a time that grows with its length, not with its square."""

import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

APPS = ("models_registry", "governance", "alerts")
OF_OUR_OWN_FILES = {
    "governance.config.statics",
    "models_registry.audit.foundation",
    "models_registry.telemetry.connecting",
}
SEARCHES = "search|finditer|findall|sub|split"
ONE_S, ALL_S = 0.2, 4.0
"""Of the processor, for one text and for all. One takes a linear pattern some milliseconds, a square one half a second."""
LONG = 20_000
HOSTILE = (
    *(sign * LONG for sign in ("1", "a", " ", "|", "-", ".", "[", '"', "\\", "/", ":", "=", "`")),
    *(pair * (LONG // 2) for pair in ("1.", "a ", "a=", " |", '\\"', "a-", '="', "[x", "a/", "()")),
)
ENDS = ("", "!", "x", "\n\x00")


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes], bool]]:
    """Return each pattern with its name, and whether its module looks for it inside a text."""
    for app in APPS:
        for found in pkgutil.walk_packages(importlib.import_module(app).__path__, f"{app}."):
            if ".migrations" in found.name or ".management" in found.name or found.name in OF_OUR_OWN_FILES:
                continue
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern):
                    inside = re.search(rf"\b{name}\.({SEARCHES})\(", inspect.getsource(module))
                    yield f"{found.name}.{name}", value, inside is not None


@pytest.mark.parametrize(("name", "pattern", "searched"), [pytest.param(*one, id=one[0]) for one in patterns()])
def test_no_pattern_takes_long_over_a_hostile_text(
    name: str, pattern: re.Pattern[str] | re.Pattern[bytes], searched: bool
) -> None:
    starts = ("", "a", "1", "v", '"', "a{", "<a@")
    texts = [f"{start}{middle}{end}" for middle in HOSTILE for start in starts for end in ENDS]
    spent = 0.0

    for text in texts:
        given: Any = text if isinstance(pattern.pattern, str) else text.encode()
        began = time.process_time()
        pattern.fullmatch(given)
        if searched:
            pattern.sub(given[:0], given)
        took = time.process_time() - began
        spent += took
        assert took < ONE_S and spent < ALL_S, f"{name} is slow on {text[:8]!r} … {text[-4:]!r}: {took:.2f} s"

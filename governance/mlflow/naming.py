"""Which names, labels, versions and sources MLflow's clients may use; refusals in the words of its own server."""

import json
import posixpath
import re
from typing import Final
from urllib.parse import urlsplit

from governance.mlflow.errors import Refused, invalid

LONGEST_NAME: Final = 256
LONGEST_KEY: Final = 250
LONGEST_VALUE: Final = 100_000
LONGEST_ALIAS: Final = 255
LONGEST_SOURCE: Final = 500
LARGEST_NUMBER: Final = 2**31 - 1
LATEST: Final = "latest"

_KEY = re.compile(r"[/\w.\- :]*")
_ALIAS = re.compile(r"[\w\-]*", re.ASCII)
_NUMBERED = re.compile(r"[vV]\d+")
_BAD_CHARACTERS = (
    "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:)"
    " and slashes (/)."
)
_LOCAL_SCHEMES = frozenset({"", "file"})


def model_name(name: str, *, parameter: str = "name") -> str:
    """Return the name of a model. Raises Refused."""
    if not name.strip():
        raise invalid(f"Missing value for required parameter '{parameter}'.")
    if "/" in name or ":" in name:
        raise invalid(f"Invalid model name '{name}'. Names cannot contain '/' or ':'.")
    if _is_path(name):
        raise _unfit("name", name, _bad_path(name))
    return _within("name", name, LONGEST_NAME)


def alias_name(name: str, *, new: bool = False) -> str:
    """Return the name of an alias; a new one must not look like a version. Raises Refused."""
    if not name:
        raise invalid("Registered model alias name cannot be empty.")
    if not _ALIAS.fullmatch(name):
        text = "Names may only contain alphanumerics, underscores (_), and dashes (-)."
        raise invalid(f"Invalid alias name: '{name}'. {text}")
    _within("Registered model alias name", name, LONGEST_ALIAS)
    if new and name.lower() == LATEST:
        raise invalid("'latest' alias name (case insensitive) is reserved.")
    if new and _NUMBERED.fullmatch(name):
        raise invalid(f"Version alias name '{name}' is reserved.")
    return name


def tag_key(key: str) -> str:
    """Return the key of a label. Raises Refused."""
    if not _KEY.fullmatch(key):
        raise _unfit("key", key, _BAD_CHARACTERS)
    if _is_path(key):
        raise _unfit("key", key, _bad_path(key))
    return _within("key", key, LONGEST_KEY)


def tag_value(value: str) -> str:
    """Return the value of a label. Raises Refused."""
    return _within("value", value, LONGEST_VALUE)


def version_number(text: str) -> int:
    """Return the number of a version; one that no version can have is 0. Raises Refused."""
    try:
        number = int(text)
    except ValueError:
        raise invalid(f"Parameter 'version' must be an integer, got '{text}'.") from None
    return number if 0 < number <= LARGEST_NUMBER else 0


def source_uri(source: str, *, has_origin: bool) -> str:
    """Return the source as it came. A path of the caller's own machine needs a run or a logged model beside it.

    The source is never opened, nor are runs looked up. Raises Refused.
    """
    _within("source", source, LONGEST_SOURCE)
    try:
        scheme = urlsplit(source).scheme
    except ValueError:
        raise invalid(f"Invalid model version source: '{source}'.") from None
    if scheme in _LOCAL_SCHEMES and not has_origin:
        raise invalid(
            f"Invalid model version source: '{source}'. To use a local path as a model version source, the run_id "
            "request parameter has to be specified and the local path has to be contained within the artifact "
            "directory of the run specified by the run_id."
        )
    if scheme not in _LOCAL_SCHEMES and ".." in source.split("/"):
        raise invalid(
            f"Invalid model version source: '{source}'. If supplying a source as an http, https, local file path, "
            "ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path "
            "references present. Please provide an absolute path."
        )
    return source


def _is_path(name: str) -> bool:
    norm = posixpath.normpath(name)
    return norm != name or norm == "." or norm.startswith(("..", "/"))


def _bad_path(name: str) -> str:
    return (
        "Names may be treated as files in certain cases, and must not resolve to other names when treated as such. "
        f"This name would resolve to {posixpath.normpath(name)!r}"
    )


def _within(name: str, value: str, limit: int) -> str:
    if len(value) > limit:
        raise invalid(f"'{name}' exceeds the maximum length of {limit} characters")
    return value


def _unfit(name: str, value: object, why: str) -> Refused:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return invalid(f"Invalid value {text} for parameter '{name}' supplied: {why}")

"""Refusals in MLflow's words: the codes and statuses that its clients turn into exceptions.

A client repeats 408, 429 and 5xx for minutes, so whatever is refused on purpose is answered with another status.
"""

from collections.abc import Mapping

STATUS: Mapping[str, int] = {
    "INVALID_PARAMETER_VALUE": 400,
    "RESOURCE_ALREADY_EXISTS": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "RESOURCE_DOES_NOT_EXIST": 404,
    "ENDPOINT_NOT_FOUND": 404,
    "RESOURCE_CONFLICT": 409,
    "INTERNAL_ERROR": 500,
    "TEMPORARILY_UNAVAILABLE": 503,
}
CLASSES: Mapping[str, str] = {"RESOURCE_DOES_NOT_EXIST": "RESOURCE_NOT_FOUND"}
"""Names of error classes that differ from their codes."""
SEE_DOCS = "See the API docs for more information about request parameters."


class Refused(Exception):
    """A call is refused; ``facts`` are further members of the answer, which clients ignore."""

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code, self.message, self.facts = code, message, facts

    @property
    def status(self) -> int:
        """Return the HTTP status that belongs to the code."""
        return STATUS[self.code]

    @property
    def body(self) -> dict[str, object]:
        """Return the answer's body, with the optional members that clients since 3.17 read."""
        known = {"sqlstate": "KAM00", "error_class": CLASSES.get(self.code, self.code)} if self.status < 500 else {}
        return {"error_code": self.code, "message": self.message, **known, **self.facts}


def invalid(message: str) -> Refused:
    """Return the refusal of a value that is not fit."""
    return Refused("INVALID_PARAMETER_VALUE", message)


def missing(name: str) -> Refused:
    """Return the refusal of a call without a parameter that it needs."""
    return invalid(f"Missing value for required parameter '{name}'. {SEE_DOCS}")


def no_model(name: str) -> Refused:
    """Return the refusal of a name that is not there, or not for this caller."""
    return Refused("RESOURCE_DOES_NOT_EXIST", f"Registered Model with name={name} not found")


def no_version(name: str, version: object) -> Refused:
    """Return the refusal of a version that is not there."""
    return Refused("RESOURCE_DOES_NOT_EXIST", f"Model Version (name={name}, version={version}) not found")


def not_served(path: str) -> Refused:
    """Return the refusal of an address that the registry has not: clients that were sent here by a wrong setting."""
    if path.count("/mlflow") > 1:
        text = "The registry's address ends before /api: set MLFLOW_REGISTRY_URI to what comes before it."
    else:
        text = (
            "Redline serves the model registry alone. Runs, traces and artifacts stay at your tracking server: let "
            "MLFLOW_TRACKING_URI name that server, and MLFLOW_REGISTRY_URI this one."
        )
    return Refused("ENDPOINT_NOT_FOUND", f"{path[:200]} is not served here. {text}")

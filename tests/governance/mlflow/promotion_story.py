"""A promotion script as teams have it, which knows nothing of Redline: see test_client.py. Arguments: from, to."""

import sys

from mlflow import MlflowClient  # type: ignore[import-not-found]
from mlflow.exceptions import RestException  # type: ignore[import-not-found]

source, target = sys.argv[1:]
client = MlflowClient()
approved = f"name = '{source}' and tags.validation_status = 'approved'"
(newest,) = client.search_model_versions(approved, order_by=["version_number DESC"], max_results=1)
try:
    before = client.get_model_version_by_alias(target, "champion").version
except RestException:
    before = None

copied = client.copy_model_version(f"models:/{source}/{newest.version}", target)
client.set_model_version_tag(target, copied.version, "promoted_from", f"{source}/{newest.version}")
client.set_registered_model_alias(target, "champion", copied.version)
sys.stdout.write(f"champion is {client.get_model_version_by_alias(target, 'champion').version}\n")
if before is not None:
    client.set_registered_model_alias(target, "champion", before)
    sys.stdout.write(f"rolled back to {client.get_model_version_by_alias(target, 'champion').version}\n")

"""Addresses of the pages of lineage: artifacts under /lineage/, and what hangs on a model under /models/."""

from django.urls import path

from models_registry.lineage import artifact_views, model_views, recording_views

app_name = "lineage"
urlpatterns = [
    path("lineage/", artifact_views.artifacts, name="artifacts"),
    path("lineage/artifacts.csv", artifact_views.artifacts_file, name="artifacts_file"),
    path("lineage/artifacts/<int:pk>/", artifact_views.artifact, name="artifact"),
    path("lineage/versions/<int:pk>/", artifact_views.artifact_version, name="artifact-version"),
    path("lineage/versions/<int:pk>/affected.csv", artifact_views.affected_file, name="affected_file"),
    path("models/<slug:slug>/lineage/", model_views.lineage, name="model"),
    path("models/<slug:slug>/lineage/panel/", model_views.panel, name="panel"),
    path("models/<slug:slug>/lineage/edges/<int:pk>/withdraw/", recording_views.withdraw, name="withdraw"),
    path("models/<slug:slug>/versions/<int:number>/lineage/", recording_views.record, name="record"),
    path("models/<slug:slug>/changes/", model_views.changes, name="changes"),
    path("models/<slug:slug>/versions/<int:number>/bom.json", model_views.bill, name="bom"),
]

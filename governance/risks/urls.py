"""Addresses of the register."""

from django.urls import path

from governance.risks import detail_views, register_views, respond_views, undo_views

app_name = "risks"

urlpatterns = [
    path("risks/", register_views.shown, name="list"),
    path("risks.csv", register_views.file, name="file"),
    path("risks/acknowledge/", register_views.acknowledge, name="acknowledge_rows"),
    path("risks/undo/", undo_views.undo, name="undo"),
    path("risks/R-<int:pk>/", detail_views.detail, name="detail"),
    path("risks/R-<int:pk>/respond/", respond_views.respond, name="respond"),
    path("risks/R-<int:pk>/respond/draft/", respond_views.draft, name="draft"),
    path("risks/R-<int:pk>/respond/both/", respond_views.both, name="both"),
    path("risks/R-<int:pk>/acknowledge/", detail_views.acknowledge, name="acknowledge"),
    path("risks/R-<int:pk>/evidence/", detail_views.hand_over, name="hand_over"),
    path("risks/R-<int:pk>/send-back/", detail_views.send_back, name="send_back"),
    path("risks/R-<int:pk>/release/", detail_views.release, name="release"),
    path("risks/R-<int:pk>/assess/", detail_views.assess, name="assess"),
    path("risks/R-<int:pk>/rerun/", detail_views.read_anew, name="rerun"),
    path("risks/R-<int:pk>/disputes/<int:dispute_pk>/settle/", detail_views.settle, name="settle"),
    *(
        path(f"risks/R-<int:pk>/steps/<int:step_pk>/{deed}/", detail_views.step, {"deed": deed}, name=f"step_{deed}")
        for deed in detail_views.STEP_DEEDS
    ),
    path("models/<slug:slug>/risks/", detail_views.panel, name="panel"),
]

"""Addresses of the register's API, under `/api/v1/`."""

from django.urls import path

from governance.risks import api

app_name = "risks_api"
urlpatterns = [
    path("risks/", api.RiskList.as_view(), name="list"),
    path("risks/<int:pk>/", api.RiskDetail.as_view(), name="detail"),
    path("risks/<int:pk>/acknowledgements/", api.Acknowledgements.as_view(), name="acknowledgements"),
    path(
        "risks/<int:pk>/acknowledgements/<int:acknowledgement_pk>/undoings/",
        api.Undoings.as_view(),
        name="undoings",
    ),
    path("risks/<int:pk>/plans/", api.Plans.as_view(), name="plans"),
    path("risks/<int:pk>/steps/<int:step_pk>/completions/", api.Completions.as_view(), name="completions"),
    path("risks/<int:pk>/steps/<int:step_pk>/verifications/", api.Verifications.as_view(), name="verifications"),
    path("risks/<int:pk>/evidence/", api.Evidence.as_view(), name="evidence"),
    path("risks/<int:pk>/releases/", api.Releases.as_view(), name="releases"),
    path("risks/<int:pk>/returns/", api.Returns.as_view(), name="returns"),
    path("risks/<int:pk>/acceptances/", api.Acceptances.as_view(), name="acceptances"),
    path("risks/<int:pk>/disputes/", api.Disputes.as_view(), name="disputes"),
    path("risks/<int:pk>/disputes/<int:dispute_pk>/settlements/", api.Settlements.as_view(), name="settlements"),
]

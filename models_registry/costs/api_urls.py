"""Addresses under /api/v1/costs/."""

from django.urls import path

from models_registry.costs import api

app_name = "costs_api"
urlpatterns = [
    path("showback/", api.ShowbackView.as_view(), name="showback"),
    path("daily/", api.DailyList.as_view(), name="daily"),
    path("budgets/", api.BudgetList.as_view(), name="budgets"),
    path("budgets/<int:pk>/", api.BudgetDetail.as_view(), name="budget"),
    path("imports/", api.ImportList.as_view(), name="imports"),
    path("imports/<int:pk>/", api.ImportDetail.as_view(), name="import"),
    path("imports/<int:pk>/undoings/", api.Undoings.as_view(), name="undoings"),
]

"""Addresses of the pages of costs, and of what hangs on a model's page."""

from django.urls import path

from models_registry.costs import budget_views, import_views, views

app_name = "costs"
urlpatterns = [
    path("costs/", views.showback, name="showback"),
    path("costs/showback.csv", views.showback_file, name="showback_file"),
    path("costs/budgets/", budget_views.budgets, name="budgets"),
    path("costs/budgets/new/", budget_views.new_budget, name="new_budget"),
    path("costs/budgets/<int:pk>/", budget_views.budget, name="budget"),
    path("costs/budgets/<int:pk>/edit/", budget_views.edit_budget, name="edit_budget"),
    path("costs/budgets/<int:pk>/end/", budget_views.end_budget, name="end_budget"),
    path("costs/prices/", import_views.prices, name="prices"),
    path("costs/prices/new/", import_views.new_prices, name="new_prices"),
    path("costs/rates/", import_views.enter_rate, name="enter_rate"),
    path("costs/imports/", import_views.imports, name="imports"),
    path("costs/imports/new/", import_views.upload, name="upload"),
    path("costs/imports/<int:pk>/", import_views.one_import, name="import"),
    path("costs/imports/<int:pk>/apply/", import_views.apply_import, name="apply_import"),
    path("costs/imports/<int:pk>/undo/", import_views.undo_import, name="undo_import"),
    path("models/<slug:slug>/costs/panel/", views.panel, name="panel"),
]

"""Addresses of approvals."""

from django.urls import path

from governance.approvals import views

app_name = "approvals"

urlpatterns = [
    path("", views.inbox, name="list"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/vote/", views.vote, name="vote"),
    path("<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
]

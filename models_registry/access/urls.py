"""Addresses of sign-in, profile and people."""

from django.urls import path

from models_registry.access import doors, join_views, view_doors, views

app_name = "access"

urlpatterns = [
    path("sign-in/", doors.SignIn.as_view(), name="sign_in"),
    path("sign-in/as/", doors.sign_in_as, name="sign_in_as"),
    path("sign-out/", doors.sign_out, name="sign_out"),
    path("welcome/<str:secret>/", doors.welcome, name="welcome"),
    path("me/", views.profile, name="profile"),
    path("views/<int:number>/", view_doors.opened, name="view"),
    path("views/<int:number>/save/", view_doors.change, name="change_view"),
    path("views/<int:number>/delete/", view_doors.delete, name="delete_view"),
    path("views/<slug:list_name>/", view_doors.save, name="save_view"),
    path("people/", views.people, name="people"),
    path("people/accounts/new/", join_views.add, name="add"),
    path("people/<str:username>/", views.person, name="person"),
    path("people/<str:username>/roles/", views.grant, name="grant"),
    path("people/<str:username>/roles/<int:number>/end/", views.end, name="end"),
    path("people/<str:username>/link/", join_views.link, name="link"),
    path("people/<str:username>/disable/", views.disable, name="disable"),
    path("people/<str:username>/tokens/", views.issue, name="issue"),
    path("people/<str:username>/tokens/<int:number>/revoke/", views.revoke, name="revoke"),
]

"""Addresses of model cards, under the models they are about, and of the export."""

from django.urls import path, re_path

from governance.reports import card_views, export_views, section_views

app_name = "reports"
urlpatterns = [
    path("export/", export_views.export, name="export"),
    re_path(r"^export/(?P<table>[a-z_]{1,40})\.(?P<form>csv|xlsx|json)$", export_views.export_file, name="export_file"),
    path("models/<slug:slug>/card/", card_views.card, name="card"),
    path("models/<slug:slug>/card/panel/", card_views.panel, name="card_panel"),
    path("models/<slug:slug>/card/issue/", card_views.issue, name="issue"),
    path("models/<slug:slug>/card/issued/", card_views.issued_list, name="issued_list"),
    path("models/<slug:slug>/card/issued/<int:number>/", card_views.issued, name="issued"),
    path("models/<slug:slug>/card/changes/", card_views.changes, name="card_changes"),
    path("models/<slug:slug>/card/files/<slug:form>/", card_views.download, name="card_file"),
    path("models/<slug:slug>/card/sections/<slug:section>/", section_views.write, name="write_section"),
    path("models/<slug:slug>/card/sections/<slug:section>/versions/", section_views.versions, name="section_versions"),
]

"""Addresses of the API of model cards, under `/api/v1/`."""

from django.urls import path

from governance.reports import api

app_name = "reports_api"
urlpatterns = [
    path("models/<slug:slug>/card/", api.CardDetail.as_view(), name="card"),
    path("models/<slug:slug>/card/markdown/", api.CardMarkdown.as_view(), name="card_markdown"),
    path("models/<slug:slug>/card/sections/<slug:section>/", api.SectionDetail.as_view(), name="card_section"),
    path("models/<slug:slug>/card/issued/", api.IssuedList.as_view(), name="issued_cards"),
    path("models/<slug:slug>/card/issued/<int:number>/", api.IssuedDetail.as_view(), name="issued_card"),
]

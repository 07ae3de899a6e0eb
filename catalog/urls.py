from django.urls import path

from . import setup, views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("models/", views.model_list, name="models"),
    path("models/<slug:author>/<path:slug>/", views.model_detail, name="model"),
    path("authors/<slug:slug>/", views.author_detail, name="author"),
    path("providers/", views.provider_list, name="providers"),
    path("providers/<str:slug>/", views.provider_detail, name="provider"),
    path("compare/", views.compare, name="compare"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar.ics", views.calendar_ics, name="calendar_ics"),
    path("changes/", views.change_list, name="changes"),
    path("sources/", views.source_list, name="sources"),
    path("disagreements/", views.disagreement_list, name="disagreements"),
    path("parameters/", views.parameter_list, name="parameters"),
    path("setup/<str:token>/", setup.setup, name="setup"),
    path("healthz", views.healthz, name="healthz"),
]

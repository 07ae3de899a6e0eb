from django.urls import path

from . import books, measurements, playground, reporting, setup, views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("models/", views.model_list, name="models"),
    # Before the model itself, whose slug may hold slashes.
    path(
        "models/<slug:author>/<path:slug>/performance/",
        measurements.performance,
        name="performance",
    ),
    path(
        "models/<slug:author>/<path:slug>/performance/figures.csv",
        measurements.performance_csv,
        name="performance_csv",
    ),
    path(
        "models/<slug:author>/<path:slug>/performance/<slug:chart>.svg",
        measurements.performance_svg,
        name="performance_svg",
    ),
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
    path("rankings/", measurements.rankings, name="rankings"),
    path("about/metrics/", views.metrics, name="metrics"),
    path("about/sending/", views.sending, name="sending"),
    path("provenance/", views.provenance, name="provenance"),
    path("books/<str:book>/", books.book_list, name="book"),
    path("books/<str:book>/prices.csv", books.book_csv, name="book_csv"),
    path("playground/", playground.show, name="playground"),
    path("report/", reporting.report, name="report"),
    path("report/sent/", reporting.sent, name="report_sent"),
    path("setup/<str:token>/", setup.setup, name="setup"),
    path("healthz", views.healthz, name="healthz"),
]

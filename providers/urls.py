from django.urls import path

from . import api, otlp_api

app_name = "providers"
urlpatterns = [
    path("api/v1/observations", api.observations, name="observations"),
    path("api/v1/observations/litellm", api.litellm_payloads, name="observations_litellm"),
    # Where OTLP's exporters look below the address that they are given.
    path("v1/traces", otlp_api.traces, name="otlp_traces"),
    path("v1/metrics", otlp_api.metric_points, name="otlp_metrics"),
]

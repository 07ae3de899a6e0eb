from django.contrib import admin
from django.urls import include, path

from providers import monitoring

urlpatterns = [
    path("admin/", admin.site.urls),
    path("metrics", monitoring.metrics, name="metrics"),
    path("", include("providers.urls")),
    path("", include("catalog.urls")),
]

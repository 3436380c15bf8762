from django.contrib import admin
from django.urls import include, path

from thaw import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("releases.urls")),
    path("", include("meetings.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]

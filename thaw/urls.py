from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from thaw import health, me, search, status, views

admin.site.site_header = admin.site.site_title = "Thaw"

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("releases.urls")),
    path("", include("governance.urls")),
    path("", include("meetings.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("me/", me.me, name="me"),
    path("me/read/", me.read, name="me-read"),
    path("me/preferences/", me.preferences, name="me-preferences"),
    path("unsubscribe/<str:token>/", me.unsubscribe, name="unsubscribe"),
    path("search/", search.search, name="search"),
    path("status/", status.status, name="status"),
    path("status/notices/<int:pk>/<str:way>/", status.settle, name="settle-notice"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("favicon.ico", views.favicon),
    path("admin/", admin.site.urls),
]

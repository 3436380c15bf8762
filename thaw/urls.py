from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from thaw import health, token_views, views

admin.site.site_header = admin.site.site_title = "Thaw"

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("releases.urls")),
    path("", include("governance.urls")),
    path("", include("meetings.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("thaw.api")),
    path("me/tokens/", token_views.tokens, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", token_views.revoke, name="token-revoke"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("favicon.ico", views.favicon),
    path("admin/", admin.site.urls),
]

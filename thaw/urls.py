from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from governance import feeds, hooks
from governance.views import downloads
from releases.hooks import GERRIT, GITHUB, GITLAB
from thaw import health, me, metrics, search, status, token_views, views
from thaw.sign_in import views as sign_in

FORGES = (GITHUB, GITLAB, GERRIT)  # that may tell of their own accord

handler400 = views.refused
handler500 = views.broken
admin.site.site_header = admin.site.site_title = "Thaw"

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("releases.urls")),
    path("", include("governance.urls")),
    path("", include("meetings.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("me/", me.me, name="me"),
    path("me/read/", me.read, name="me-read"),
    path("me/preferences/", me.preferences, name="me-preferences"),
    path("me/watching/<str:reference>/", me.watch, name="watch"),
    path("unsubscribe/<str:token>/", me.unsubscribe, name="unsubscribe"),
    path("search/", search.search, name="search"),
    path("status/", status.status, name="status"),
    path("status/notices/<int:pk>/<str:way>/", status.settle, name="settle-notice"),
    path("api/", RedirectView.as_view(pattern_name="api-docs")),
    path("api/v1/", include("thaw.api")),
    path("releases/<slug:slug>/calendar.ics", feeds.release_calendar, name="release-calendar"),
    path("people/<int:pk>/calendar.ics", feeds.person_calendar, name="person-calendar"),
    path("releases/<slug:slug>/export.json", downloads.release_json, name="release-export"),
    path("exceptions/export.csv", downloads.exceptions_csv, name="exceptions-csv"),
    path("decisions/export.csv", downloads.decisions_csv, name="decisions-csv"),
    path("exceptions/feed.atom", feeds.exceptions_feed, name="exceptions-feed"),
    path("decisions/feed.atom", feeds.decisions_feed, name="decisions-feed"),
    *(
        path(f"hooks/{forge}/", hooks.receive, {"forge": forge}, name=f"hook-{forge}")
        for forge in FORGES
    ),
    path("badge/proposal.svg", feeds.proposal_badge, name="proposal-badge"),
    path("badge/<str:reference>.svg", feeds.exception_badge, name="exception-badge"),
    path("me/tokens/", token_views.tokens, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", token_views.revoke, name="token-revoke"),
    path("me/accounts/<int:pk>/leave/", sign_in.leave, name="sign-in-leave"),
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("login/<slug:provider_id>/", sign_in.start, name="sign-in-start"),
    path("login/<slug:provider_id>/callback/", sign_in.back, name="sign-in-back"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("favicon.ico", views.favicon),
    path("admin/", admin.site.urls),
]

from django.urls import path

from governance.views import check, deadline, deciding, exceptions, records, release

urlpatterns = [
    path("deadline/", deadline.deadline, name="deadline"),
    path("check/", check.check, name="check"),
    path("decisions/", records.decisions, name="decisions"),
    path("exceptions/", exceptions.exceptions, name="exceptions"),
    path("exceptions/new/", deciding.ask, name="ask"),
    path("exceptions/<str:reference>/", exceptions.exception, name="exception"),
    path("exceptions/<str:reference>/standing/", exceptions.standing, name="standing"),
    path("exceptions/<str:reference>/confirm/<int:condition>/", deciding.confirm, name="confirm"),
    path("exceptions/<str:reference>/<slug:verb>/", deciding.decide, name="decide"),
    path("people/<int:pk>/", records.person, name="person"),
    path("proposals/<path:name>/", records.proposal, name="proposal"),
    path("releases/<slug:slug>/", release.release, name="release"),
]

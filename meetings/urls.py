from django.urls import path, register_converter

from meetings import views


class Slug:
    """A meeting's slug: `openstack-meeting.2011-03-29-21.00`."""

    regex = "[a-z0-9._-]{1,120}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Slug, "meeting")

urlpatterns = [
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/<meeting:slug>/", views.meeting, name="meeting"),
    path("meetings/<meeting:slug>/minutes/", views.minutes, name="minutes"),
    path("meetings/<meeting:slug>/minutes.txt", views.minutes_txt, name="minutes-text"),
    path("meetings/<meeting:slug>/minutes.html", views.minutes_html, name="minutes-html"),
    path("meetings/<meeting:slug>/log.txt", views.log_txt, name="log-text"),
    path("meetings/<meeting:slug>/log.html", views.log_page, name="log-html"),
    path("meetings/<meeting:slug>/source", views.source, name="source"),
]

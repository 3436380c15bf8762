from django.urls import path, register_converter

from meetings.views import actions, agenda, links, log, suggestions, transcript, upload


class Slug:
    """A meeting's slug: `openstack-meeting.2011-03-29-21.00`."""

    regex = "[a-z0-9._-]{1,120}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Slug, "meeting")

urlpatterns = [
    path("meetings/", transcript.meetings, name="meetings"),
    path("meetings/new/", upload.upload, name="meeting-new"),
    path("meetings/<meeting:slug>/", log.meeting, name="meeting"),
    path("meetings/<meeting:slug>/minutes/", transcript.minutes, name="minutes"),
    path("meetings/<meeting:slug>/minutes.txt", transcript.minutes_txt, name="minutes-text"),
    path("meetings/<meeting:slug>/minutes.html", transcript.minutes_html, name="minutes-html"),
    path("meetings/<meeting:slug>/log.txt", transcript.log_txt, name="log-text"),
    path("meetings/<meeting:slug>/log.html", transcript.log_page, name="log-html"),
    path("meetings/<meeting:slug>/source", transcript.source, name="source"),
    path("meetings/<meeting:slug>/links/", links.links, name="links"),
    path("meetings/<meeting:slug>/links/add/", links.add, name="link-add"),
    path("meetings/<meeting:slug>/links/<int:pk>/", links.judge, name="link-judge"),
    path("suggestions/", suggestions.suggestions, name="suggestions"),
    path("suggestions/<int:pk>/", suggestions.suggestion, name="suggestion"),
    path("suggestions/<int:pk>/accept/", suggestions.accept, name="suggestion-accept"),
    path("suggestions/<int:pk>/dismiss/", suggestions.dismiss, name="suggestion-dismiss"),
    path("actions/", actions.actions, name="actions"),
    path("actions/<int:pk>/close/", actions.close, name="action-close"),
    path("agenda/", agenda.agenda, name="agenda"),
]

from django.urls import path

from meetings import views

urlpatterns = [
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/<str:slug>/", views.meeting, name="meeting"),
    path("meetings/<str:slug>/minutes/", views.minutes, name="minutes"),
]

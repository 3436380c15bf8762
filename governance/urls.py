from django.urls import path

from governance import views

urlpatterns = [
    path("deadline/", views.deadline, name="deadline"),
    path("exceptions/", views.exceptions, name="exceptions"),
    path("exceptions/<str:reference>/", views.exception, name="exception"),
]

from django.urls import path

from releases import views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("proposals/", views.proposals, name="proposals"),
]

from django.urls import path

from releases import views

urlpatterns = [
    path("releases/<slug:slug>/", views.release, name="release"),
]

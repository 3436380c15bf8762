from django.apps import AppConfig


class ThawConfig(AppConfig):
    name = "thaw"

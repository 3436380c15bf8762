from django.apps import AppConfig

from releases.host_settings import refuse_misspelt


class ReleasesConfig(AppConfig):
    name = "releases"
    verbose_name = "Releases: what ships, and when"

    def ready(self) -> None:
        """A misspelt host stops the start, not the first round that would have asked it."""
        refuse_misspelt()

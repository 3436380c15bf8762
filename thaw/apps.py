from django.apps import AppConfig
from django.conf import settings


class ThawConfig(AppConfig):
    name = "thaw"

    def ready(self) -> None:
        """A misspelt role stops the start, not the first sign-in that it would have given."""
        from thaw import checks  # noqa: F401, PLC0415 they are registered by it
        from thaw.sign_in.groups import parse_group_roles  # noqa: PLC0415 models are ready now

        for told in settings.SOCIALACCOUNT_PROVIDERS.values():
            for app in told["APPS"]:
                parse_group_roles(app["settings"]["roles"])

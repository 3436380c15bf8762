"""The web server, `python -m thaw.web thaw.wsgi ...`: gunicorn with all of its options.

gunicorn reads WEB_CONCURRENCY as it is imported, before it reads gunicorn.conf.py, and knows no
words for what is no number.
"""

import runpy
import sys

from django.core.exceptions import ImproperlyConfigured

from thaw.environment import ROOT, env, number


def main() -> None:
    env.read_env(ROOT / ".env")
    try:
        number("WEB_CONCURRENCY", default=1, least=1)
    except ImproperlyConfigured as error:  # a sentence for whoever wrote the settings
        sys.exit(str(error))
    runpy.run_module("gunicorn", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

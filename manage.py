#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thaw.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as missing:
        sys.exit(f"Thaw's requirements are not installed ({missing}). Run `make run` once.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

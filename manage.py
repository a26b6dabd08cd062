#!/usr/bin/env python3
"""Django's command line. Without a production secret in the environment it works on the demo in var/demo."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fund.settings")
    if "SECRET_KEY" not in os.environ and "SECRET_KEY_FILE" not in os.environ:
        os.environ.setdefault("GREENLIGHT_MODE", "demo")
    # A migration or a backup may ask for minutes at once, what waits for a web server may not.
    os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "0")
    try:
        from django.core import management
        from django.db import DatabaseError
    except ImportError:
        sys.exit("Django is not installed for this Python. script/manage sets it up, and takes the same arguments.")
    try:
        management.execute_from_command_line(sys.argv)
    except (OSError, DatabaseError) as error:
        from fund.project import disk

        if said := disk.fault(error):
            sys.exit(said)
        raise


if __name__ == "__main__":
    main()

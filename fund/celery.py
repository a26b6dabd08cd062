"""The Celery application. It only wakes workers up: the rows are the queue (see scoring/runs.py)."""

import os

from celery import Celery

from fund import logs  # noqa: F401  its handlers must be connected before a worker starts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fund.settings")

app = Celery("greenlight")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

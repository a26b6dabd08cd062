"""The Celery application. It only wakes workers up: the rows are the queue (see scoring/runs/queue.py)."""

import os

from celery import Celery
from kombu.transport.redis import Channel

from fund.project import logs  # noqa: F401  its handlers must be connected before a worker starts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fund.settings")

# A worker that loses the broker must not try to hand messages back through the connection that it has just lost:
# that ends it, half stopped (docs/why/2026-11-23-early-acks.md). Messages are only wake-ups; the sweep repairs.
Channel.do_restore = False

app = Celery("greenlight")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

"""Decisions, and the project itself."""

from fund.celery import app as celery_app

__all__ = ["celery_app"]

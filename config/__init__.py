"""Wiring. The Celery application is made here so that shared tasks find their broker."""

from .celery import app as celery_app

__all__ = ["celery_app"]

"""What Celery calls here."""

from celery import shared_task

from portfolio.mail import delivery, reminders
from portfolio.models import JoinRequest, RepeatableRequest, WebhookDelivery
from portfolio.webhooks import sending


@shared_task
def prune() -> None:
    RepeatableRequest.prune()
    JoinRequest.prune()
    WebhookDelivery.objects.prune()


@shared_task(soft_time_limit=120, time_limit=150)  # shorter than the lease of a mail
def deliver_mails() -> None:
    delivery.deliver()


@shared_task(soft_time_limit=120, time_limit=150)  # shorter than the lease of a delivery
def deliver_webhooks() -> None:
    sending.deliver()


@shared_task
def remind() -> None:
    reminders.remind()

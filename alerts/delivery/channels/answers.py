"""What an HTTP answer means for a message: delivered, try again, or never."""

from datetime import timedelta

from alerts.delivery.message import Outcome
from models_registry.outbound.client import Answer, AnswerClass

GONE = 410


def judge(answer: Answer) -> Outcome:
    """Return what came of a request. A refused address is permanent; 410 says that the channel is gone.

    Redirects are never followed and are permanent failures (Standard Webhooks 1.0.0: "3xx is a failure").
    """
    if answer.answer_class is AnswerClass.DELIVERED:
        return Outcome(succeeded=True, status=answer.status)
    return Outcome(
        succeeded=False,
        permanent=answer.answer_class is not AnswerClass.TEMPORARY,
        status=answer.status or None,
        error=answer.reason or f"HTTP {answer.status}",
        retry_after=None if answer.retry_after is None else timedelta(seconds=answer.retry_after),
        gone=answer.status == GONE,
    )

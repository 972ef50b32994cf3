"""E-mail: one thread per alert, and a Message-ID that is the same for every try.

Headers: RFC 5322 3.6.4 (threads), RFC 3834 5 (Auto-Submitted). Reply codes: RFC 5321 4.2.1.
"""

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives
from django.utils.html import format_html, format_html_join

from alerts.delivery.message import DELIVERED, Outcome, Outgoing


@dataclass(frozen=True)
class Letter:
    """An e-mail, ready to be handed to a mail server."""

    sender: str
    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


def build(outgoing: Outgoing, *, sender: str, host: str) -> Letter:
    """Return the e-mail. `host` is the right side of the Message-ID, our own name."""
    thread = f"<{_token(outgoing.thread)}@{host}>"
    return Letter(
        sender=sender,
        to=outgoing.address,
        subject=_one_line(outgoing.title),
        text=_text(outgoing),
        html=_html(outgoing),
        headers={
            "Message-ID": f"<{_token(outgoing.key)}@{host}>",
            "In-Reply-To": thread,
            "References": thread,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "X-Redline-Key": outgoing.key,
            "X-Redline-Tier": str(outgoing.tier),
        },
    )


def _token(key: str) -> str:
    return key.replace(":", ".")


def _one_line(title: str) -> str:
    return " ".join(title.split())


def _text(outgoing: Outgoing) -> str:
    lines = "\n".join(f"- {line}" for line in outgoing.lines)
    parts = dict.fromkeys([outgoing.title, outgoing.text, lines, f"Open: {outgoing.link}"])
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(outgoing: Outgoing) -> str:
    text = format_html_join(
        "", "<p>{}</p>", ((line,) for line in outgoing.text.splitlines() if line.strip() not in ("", outgoing.title))
    )
    items = format_html_join("", "<li>{}</li>", ((line,) for line in outgoing.lines))
    listed = format_html("<ul>{}</ul>", items) if outgoing.lines else ""
    return format_html(
        '<!doctype html><html lang="en"><body><h1>{}</h1>{}{}<p><a href="{}">Open in Redline</a></p></body></html>',
        outgoing.title,
        text,
        listed,
        outgoing.link,
    )


def send(letter: Letter) -> Outcome:
    """Hand the letter to the mail server; 5xx about the recipient or the letter is permanent."""
    mail = EmailMultiAlternatives(letter.subject, letter.text, letter.sender, [letter.to], headers=dict(letter.headers))
    mail.attach_alternative(letter.html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as refused:
        code, text = next(iter(refused.recipients.values()))
        return _refused(code, text)
    except smtplib.SMTPAuthenticationError as error:
        return Outcome(succeeded=False, status=error.smtp_code, error="The mail server refused our sign-in.")
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        return Outcome(succeeded=False, error=f"{type(error).__name__}: {error}"[:300])
    return DELIVERED


def _refused(code: int, text: bytes | str) -> Outcome:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Outcome(succeeded=False, permanent=code >= 500, status=code, error=f"{code} {words}"[:300])

"""Slack incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks."""

import json
from typing import Any

from alerts.delivery.channels.answers import judge
from alerts.delivery.message import Outcome, Outgoing
from models_registry.outbound import client
from models_registry.outbound.guard import Policy

HEADER_LONGEST = 150
SECTION_LONGEST = 3000
LINES_SHOWN = 40


def build(outgoing: Outgoing) -> bytes:
    """Return the JSON body: `text` is the fallback that notifications show, blocks are the message."""
    body = {"text": _escaped(outgoing.title), "blocks": _blocks(outgoing)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _blocks(outgoing: Outgoing) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(outgoing.title, HEADER_LONGEST)}}
    ]
    text = "\n".join([outgoing.text, *(f"• {line}" for line in outgoing.lines[:LINES_SHOWN])]).strip()
    if text:
        section = {"type": "mrkdwn", "text": _cut(_escaped(text), SECTION_LONGEST)}
        blocks.append({"type": "section", "text": section})
    button = {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": outgoing.link}
    blocks.append({"type": "actions", "elements": [button]})
    key = {"type": "mrkdwn", "text": f"Tier {outgoing.tier} · {_escaped(outgoing.key)}"}
    blocks.append({"type": "context", "elements": [key]})
    return blocks


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def send(body: bytes, *, url: str, policy: Policy) -> Outcome:
    """Post the message; Slack answers 200 `ok`, or an error status with its name as plain text."""
    headers = {"Content-Type": "application/json"}
    return judge(client.send(method="POST", url=url, headers=headers, body=body, policy=policy))

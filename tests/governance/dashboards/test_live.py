"""Live pages: what changed is told to those who may listen, within a second, by the process of production."""

import asyncio
import re
import socket
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from governance.config import demonstration
from governance.config import processes as children
from governance.config.env import Environment, live_origins
from governance.dashboards import hub as hubs
from governance.dashboards import live
from models_registry.access.models import Account
from tests.journeys.builders import a_model, a_model_past_its_line, people
from tests.streaming import asked, heard, live_process, opened

# ---- which topics changed ----


def test_an_entry_changes_the_tokens_of_its_topics_and_of_no_other() -> None:
    before = live.tokens([(7, "role.granted"), (6, "risk.level_raised")])
    after = live.tokens([(8, "alert.acknowledged"), (7, "role.granted"), (6, "risk.level_raised")])

    assert live.changed(before, after) == {"alerts"}
    assert live.changed(after, after) == frozenset()


def test_an_entry_that_commits_late_is_seen_although_younger_ones_were() -> None:
    before = live.tokens([(9, "risk.acknowledged"), (7, "risk.acknowledged")])
    after = live.tokens([(9, "risk.acknowledged"), (8, "source.created"), (7, "risk.acknowledged")])

    assert live.changed(before, after) == {"sources"}


# ---- the hub ----


class House:
    """Something to look at, which may fall over."""

    def __init__(self) -> None:
        self.state: Mapping[str, str] = {"risks": "1", "portfolio": "1"}
        self.looks = 0
        self.broken = False

    async def look(self) -> Mapping[str, str]:
        self.looks += 1
        if self.broken:
            raise ConnectionError("The database is gone.")
        return self.state


def played[T](story: Coroutine[object, object, T]) -> T:
    """Run a story in a thread of its own, since a browser's loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, story).result()


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(hubs, "LOOK_EVERY_S", 0.01)
    return House()


def test_a_slow_reader_learns_once_what_changed_many_times(house: House) -> None:
    async def story() -> tuple[frozenset[str], frozenset[str]]:
        hub = hubs.Hub(house.look)
        async with hub.joined() as listener:
            for number in range(5):
                house.state = {"risks": str(number + 2), "portfolio": str(number)}
                await asyncio.sleep(0.03)
            return await listener.next(within_s=1), await listener.next(within_s=0.05)

    assert played(story()) == ({"risks", "portfolio"}, frozenset())


def test_nobody_looks_while_nobody_listens(house: House) -> None:
    async def story() -> tuple[int, int]:
        hub = hubs.Hub(house.look)
        async with hub.joined():
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.02)
        left = house.looks
        await asyncio.sleep(0.1)
        return left, house.looks

    left, later = played(story())

    assert left == later > 1


def test_streams_end_rather_than_claim_to_be_live_when_the_house_cannot_be_seen(house: House) -> None:
    async def story() -> tuple[bool, bool]:
        hub = hubs.Hub(house.look)
        async with hub.joined() as listener:
            house.broken = True
            await listener.next(within_s=1)
            ended = listener.ended
        with pytest.raises(ConnectionError):
            async with hub.joined():
                pass
        house.broken = False
        async with hub.joined() as again:
            return ended, again.ended

    assert played(story()) == (True, False)


def test_one_page_too_many_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "MOST_LISTENERS", 1)

    async def story() -> None:
        hub = hubs.Hub(house.look)
        async with hub.joined(), hub.joined():
            pass

    with pytest.raises(hubs.HouseFull):
        played(story())


# ---- where pages find the stream ----


def test_pages_may_ask_the_stream_on_its_port_and_nobody_else() -> None:
    assert live_origins("/live/", hosts=["a.example"], secure=True) == []
    assert live_origins(":8001/live/", hosts=["localhost", ".any"], secure=False) == ["http://localhost:8001"]
    assert live_origins("https://live.example/live/", hosts=[], secure=True) == ["https://live.example"]


@pytest.mark.parametrize(("asked", "started"), [("sse", True), ("poll", False), ("", False)])
def test_the_launcher_starts_the_stream_where_it_is_asked_for(
    asked: str, started: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands: dict[str, Sequence[str]] = {}
    processes = children.Processes(tmp_path, {"REDLINE_LIVE": asked} if asked else {})
    monkeypatch.setattr(processes, "start", lambda name, command, **_: commands.update({name: command}))

    children.start_line(processes, host="127.0.0.1", port=8000)

    assert ("live" in commands) is started
    if started:
        assert commands["live"][commands["live"].index("--port") + 1] == "8001"


def test_a_demo_streams_by_a_port_of_its_own_unless_told_otherwise() -> None:
    found = demonstration.live_settings(Environment({}))

    assert found["REDLINE_LIVE"] == "sse"
    assert found["REDLINE_LIVE_URL"] == f":{found['REDLINE_LIVE_PORT']}/live/"
    assert demonstration.live_settings(Environment({"REDLINE_LIVE_PORT": "9000"}))["REDLINE_LIVE_URL"] == ":9000/live/"
    assert demonstration.live_settings(Environment({"REDLINE_LIVE": "poll"}))["REDLINE_LIVE"] == "poll"


def test_a_demo_keeps_its_live_port_unless_another_holds_it() -> None:
    port = demonstration.live_settings(Environment({}))["REDLINE_LIVE_PORT"]
    assert demonstration.live_settings(Environment({}), before=port)["REDLINE_LIVE_PORT"] == port

    with socket.socket() as other:
        other.bind(("127.0.0.1", int(port)))
        other.listen()
        assert demonstration.live_settings(Environment({}), before=port)["REDLINE_LIVE_PORT"] != port


def triggers(page: str) -> str:
    """Return what the parts of a page wait for."""
    return " ".join(re.findall(r'hx-trigger="([^"]*)"', page))


@pytest.mark.django_db
def test_a_page_listens_where_the_settings_say(settings: object) -> None:
    olive = people().olive
    client = Client()
    client.force_login(olive)
    polled = client.get("/").content.decode()
    settings.REDLINE_LIVE = "sse"  # type: ignore[attr-defined]
    settings.REDLINE_LIVE_URL = ":8001/live/"  # type: ignore[attr-defined]
    streamed = client.get("/").content.decode()
    settings.REDLINE_LIVE = "off"  # type: ignore[attr-defined]
    still = client.get("/").content.decode()
    past = client.get("/", {"as_of": "2026-01-01"}).content.decode()

    assert 'hx-trigger="every 5s"' in polled
    assert 'sse-connect="http://testserver:8001/live/"' in streamed
    assert 'hx-trigger="sse:portfolio, every 60s"' in streamed
    assert "every " not in triggers(still)
    assert "Live updates are off" in still
    assert "every " not in triggers(past)


# ---- the process itself ----


def session_of(account: Account) -> str:
    client = Client()
    client.force_login(account)
    return client.cookies["redline"].value


@pytest.mark.django_db(transaction=True)
def test_the_live_process_lets_in_who_holds_a_role_and_tells_them_within_a_second() -> None:
    persons = people()
    olive, stella = session_of(persons.olive), session_of(persons.stella)
    with live_process() as port:
        assert asked(port)[0] == 401
        assert asked(port, session="nonsense")[0] == 401
        assert asked(port, session=stella)[0] == 403
        assert asked(port, "/sign-in/", session=olive)[0] == 404
        assert asked(port, session=olive, Origin="https://elsewhere.example")[0] == 403
        assert asked(port, session=olive, Host="elsewhere.example")[0] == 400

        with opened(port, session=olive, Origin="http://127.0.0.1:8000") as stream:
            assert stream.getheader("Content-Type") == "text/event-stream; charset=utf-8"
            assert stream.getheader("Access-Control-Allow-Origin") == "http://127.0.0.1:8000"
            heard(stream, "beat")
            a_model("newcomer")
            assert heard(stream, "portfolio") < 1.0
            a_model_past_its_line()
            assert heard(stream, "risks") < 1.0

        Session.objects.all().delete()
        assert asked(port, session=olive)[0] == 401

"""A run removes what killed runs left, and nothing that lives or is young."""

import fcntl

from governance.config.embedded import remove
from governance.config.server_places import home_for, server_user
from tests.leftovers import OLD_S, remove_old


def test_what_is_old_and_unused_goes_and_the_rest_stays(tmp_path):
    for name in ("redline-kill-old", "redline-test-used", "redline-other"):
        (tmp_path / name / "pg").mkdir(parents=True)
    now = (tmp_path / "redline-kill-old").stat().st_mtime
    assert remove_old(tmp_path, now=now + 60) == []

    used = tmp_path / "redline-test-used" / "pg"
    home = home_for(used, server_user())
    home.mkdir(parents=True, exist_ok=True)
    with (home / "owner.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert remove_old(tmp_path, now=now + OLD_S + 60) == ["redline-kill-old"]
    remove(used)

    assert sorted(one.name for one in tmp_path.iterdir()) == ["redline-other", "redline-test-used"]

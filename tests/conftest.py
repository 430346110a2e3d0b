"""What all tests share: laws are tried on as many examples as time allows, and snapshots lie beside their test."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("test", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("prove", settings.get_profile("test"), max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


@pytest.fixture(autouse=True)
def nothing_is_kept_outside(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes what the user of this machine keeps."""
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    monkeypatch.delenv("RIGHTSHIFT_FEED_URL", raising=False)


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Compares text, or a value as JSON, with a file beside the test. `SNAPSHOT=write` writes it; read the diff."""

    def check(name: str, value: object) -> None:
        file = Path(request.path).parent / "snapshots" / name
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        if os.environ.get("SNAPSHOT") == "write":
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        assert text == file.read_text()

    return check

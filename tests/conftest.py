"""What all tests share: laws are tried on as many examples as time allows, and nothing of this machine is touched."""

import os

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

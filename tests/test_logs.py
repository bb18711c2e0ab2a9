"""Log lines: they name nobody, and a full disk under them stops nothing."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from analytics.logs import log_from


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_traceback_tells_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    log_from(logging.WARNING)
    headers = {"x-forwarded-for": "203.0.113.9"}
    try:
        headers["cookie"]
    except KeyError:
        structlog.get_logger().exception("request failed")

    assert "request failed" in said.getvalue()
    assert "KeyError" in said.getvalue()
    assert "203.0.113.9" not in said.getvalue()


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    log_from(logging.WARNING)
    structlog.get_logger().error("queue commit failed")


@pytest.mark.parametrize(("fault", "is_told"), [(KeyboardInterrupt(), False), (OSError("gone"), True)])
def test_what_ctrl_c_breaks_off_is_not_told(
    monkeypatch: pytest.MonkeyPatch, fault: BaseException, is_told: bool
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    log_from(logging.WARNING)
    broken = (type(fault), fault, None)

    assert logging.lastResort is not None
    logging.lastResort.handle(logging.LogRecord("x", logging.ERROR, "x.py", 1, "broken off", (), broken))

    assert ("broken off" in said.getvalue()) is is_told

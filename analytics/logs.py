"""Where log lines go: to stderr, and to nowhere where that cannot be written.

A log on the disk that has run full must not end the thread that wants to say so: readers would wait for ever.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO

import structlog


class Bearing:
    """A stream that takes what it can; a line that cannot be written is lost."""

    def __init__(self, stream: TextIO) -> None:
        """Stand before a stream."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or not."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or not."""
        with suppress(OSError):
            self._stream.flush()


def log_from(level: int) -> None:
    """Send log lines of a level and above to stderr.

    Tracebacks are plain: structlog's own show the local variables of every frame, and with them the address,
    the cookies and the body of whose request failed.
    """
    if logging.lastResort is not None:  # of libraries, none of which was given a handler
        logging.lastResort.addFilter(_is_no_stop)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(Bearing(sys.stderr)),  # type: ignore[arg-type]  # it writes and flushes
    )


def _is_no_stop(record: logging.LogRecord) -> bool:
    """Leave out what Ctrl-C broke off: SQLAlchemy logs it with a traceback, and raises it too."""
    return not (record.exc_info and isinstance(record.exc_info[1], KeyboardInterrupt))

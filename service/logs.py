"""One line of JSON an entry, on standard error: what this service logs and what the libraries under it log alike."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name
from structlog.types import Processor

ENGINE = "dbos"
"""The engine's logger keeps to itself, and prints plain lines unless a handler is there before it begins."""

_WHEN = structlog.processors.TimeStamper(fmt="iso", utc=True)
_AS_JSON: tuple[Processor, ...] = (structlog.processors.format_exc_info, structlog.processors.JSONRenderer())


def start_logs() -> None:
    """From now on everything is logged that way; libraries from their warnings on, Python's own warnings included."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, _WHEN, *_AS_JSON],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[add_log_level, add_logger_name, _WHEN],
            processors=[ProcessorFormatter.remove_processors_meta, *_AS_JSON],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    engine = logging.getLogger(ENGINE)
    engine.handlers, engine.propagate = [handler], False

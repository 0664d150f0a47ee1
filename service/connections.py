"""How long a connection may say nothing, and what is logged of one that speaks no HTTP: nothing."""

from __future__ import annotations

import logging
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger


class _NotOfStrangers(logging.Filter):
    """aiohttp logs a traceback for each request that is no HTTP: whoever likes could fill the disk with them."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


HTTP_LOG = server_logger.getChild("requests")
HTTP_LOG.addFilter(_NotOfStrangers())

CONNECTIONS: dict[str, Any] = {"keepalive_timeout": 10.0, "auto_decompress": False, "logger": HTTP_LOG}
"""A connection whose request's headers do not come in ten seconds is closed, and so is one that rests as long. Nobody
sends us what is compressed, and a small one could be a large one.
"""

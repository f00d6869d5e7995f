"""A web server in the foreground, from the first request to Ctrl-C."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from unrigged.errors import InputError

GRACE = 3
"""Seconds that answers under way have to finish once the server is to stop."""


class WithoutQuery(logging.Filter):
    """What is logged of a request ends before the question mark."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and len(record.args) == 5:
            address, method, path, version, status = record.args
            record.args = (address, method, str(path).split("?", 1)[0], version, status)
        return True


class _Server(uvicorn.Server):
    """A server that tells when it is about to stop."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping()
        super().handle_exit(sig, frame)


def listening(host: str, port: int) -> socket.socket:
    """A socket on that address; InputError where it cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except (OSError, OverflowError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise InputError("--host, --port", f"{host}:{port} ({words})", "an address that is free") from None
    return made


def address(host: str, bound: socket.socket, *, secure: bool) -> str:
    """Where the server is reached, for people."""
    shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)
    shown = f"[{shown}]" if ":" in shown else shown
    return f"{'https' if secure else 'http'}://{shown}:{bound.getsockname()[1]}"


def run(
    app: ASGIApp,
    bound: socket.socket,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    quiet: bool = False,
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Serve `app` on the socket until Ctrl-C, or until the process is told to stop."""
    logging.getLogger("uvicorn.access").addFilter(WithoutQuery())
    given: dict[str, Any] = {"ssl_certfile": certificate, "ssl_keyfile": key} if certificate is not None else {}
    config = uvicorn.Config(
        app,
        log_level="warning" if quiet else "info",
        access_log=not quiet,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        backlog=2048,
        **given,
    )
    with suppress(KeyboardInterrupt):
        _Server(config, stopping).run(sockets=[bound])

"""`unrigged serve` and `unrigged trustee`: the auction house and its trustees, in the foreground."""

from __future__ import annotations

import os
from pathlib import Path
from ssl import Purpose, SSLError, create_default_context
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from unrigged.cli.usage import SWITCH
from unrigged.errors import FileError, InputError, UnriggedError

if TYPE_CHECKING:
    from unrigged.server.trustees import Committee

LIVE = ("apsw", "cryptography", "httpx", "jinja2", "multipart", "starlette", "uvicorn")
"""What `unrigged[live]` installs, and live sessions need."""

DATABASE = "house.db"

Database = Annotated[
    str, typer.Option("--database", metavar="FILE", help="a file, or postgresql://… for several servers of one house")
]
Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="the address to listen at")]
Certificate = Annotated[
    Path | None, typer.Option("--tls-cert", metavar="FILE", help="the certificate (PEM), to serve https")
]
Key = Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="the certificate's key (PEM)")]
Quiet = Annotated[bool, typer.Option("--quiet", metavar=SWITCH, help="do not print requests")]


class Missing(UnriggedError):
    """What live sessions need is not installed."""


def need_live() -> None:
    """Missing, with what to do, unless the packages that live sessions need are there."""
    from importlib.util import find_spec

    absent = [name for name in LIVE if find_spec(name) is None]
    if absent:
        raise Missing(
            f"live sessions need {', '.join(absent)}, which "
            f"{'is' if len(absent) == 1 else 'are'} not installed: pip install 'unrigged[live]'"
        )


def serve(
    database: Database = DATABASE,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="NUMBER", help="the port; 0 for any free one")] = 8000,
    tls_cert: Certificate = None,
    tls_key: Key = None,
    proxy: Annotated[
        bool, typer.Option("--behind-https", metavar=SWITCH, help="a reverse proxy on this computer serves https")
    ] = False,
    trustee: Annotated[
        list[str] | None, typer.Option("--trustee", metavar="URL", help="a trustee elsewhere; as often as there are")
    ] = None,
    threshold: Annotated[
        int | None, typer.Option("--threshold", metavar="NUMBER", help="how many trustees open a round")
    ] = None,
    name: Annotated[
        str, typer.Option("--name", metavar="TEXT", help="what the house is called on its pages")
    ] = "unrigged",
    quiet: Quiet = False,
) -> None:
    """Open an auction house: live sessions that anyone can verify, in the browser and over an API."""
    need_live()
    from unrigged.server.app import Options, create_app
    from unrigged.server.house import House
    from unrigged.server.running import address, listening, run
    from unrigged.server.storage import open_storage

    _need_pair(tls_cert, tls_key)
    committee = _committee(trustee or [], threshold)
    bound = listening(host, port)
    secure = tls_cert is not None or proxy
    keep_private(database)
    storage = open_storage(database)
    try:
        house = House(storage, random=os.urandom, version=_version(), committee=committee)
        try:
            app = create_app(house, Options(secure=secure, name=name))
            where = address(host, bound, secure=tls_cert is not None)
            code = app.state.web.organisers.new_code()
            console = Console(highlight=False, soft_wrap=True)
            console.print(f"The house is open at {where} (database: {_without_password(database)})", markup=False)
            console.print(f"For the organiser, once: {where}/organiser/login#code={code}", markup=False)
            _warn(console, committee is None, secure=secure, host=host)
            console.print("Ctrl-C closes it; sessions go on when it is opened again.")
            try:
                run(app, bound, certificate=tls_cert, key=tls_key, quiet=quiet, stopping=app.state.web.presence.close)
            finally:
                app.state.bots.close()
        finally:
            house.close()
    finally:
        storage.close()
        bound.close()


def _warn(console: Console, alone: bool, *, secure: bool, host: str) -> None:
    """Say what everybody should know of how this house is run."""
    if alone:
        console.print(
            "Sealed moves are opened by this house alone: its operator could read them before a round is closed, and "
            "the pages say so. With --trustee and --threshold nobody could."
        )
    if not secure and host not in ("127.0.0.1", "localhost", "::1"):
        console.print(
            "Browsers seal moves only on https or on localhost: participants elsewhere need --tls-cert and --tls-key, "
            "or a reverse proxy (--behind-https)."
        )


def trustee(
    data: Annotated[
        Path, typer.Option("--data", metavar="FILE", help="where the trustee keeps his secret, and what he has signed")
    ],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="his name, as sessions show it")],
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="NUMBER", help="the port; 0 for any free one")] = 8001,
    house: Annotated[
        list[str] | None, typer.Option("--house", metavar="KEY", help="serve only the house with this public key")
    ] = None,
    tls_cert: Certificate = None,
    tls_key: Key = None,
    quiet: Quiet = False,
) -> None:
    """Be a trustee: keep keys that open sealed moves, and give them away only when a round is closed."""
    need_live()
    from unrigged.sealed.encoding import bytes_of, text_of
    from unrigged.server.running import address, listening, run
    from unrigged.server.trustee_app import TrusteeOnDisk, app

    _need_pair(tls_cert, tls_key)
    houses = [bytes_of(key, "--house", 32) for key in house or []]
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise InputError("--name", name, "a name of 1 to 100 printable characters")
    bound = listening(host, port)
    keep_private(str(data))
    kept = TrusteeOnDisk(data, name, os.urandom, houses=houses)
    try:
        where = address(host, bound, secure=tls_cert is not None)
        console = Console(highlight=False, soft_wrap=True)
        console.print(f"Trustee «{name}» at {where}, with the public key {text_of(kept.trustee.key)}", markup=False)
        console.print(f"A house uses it with: unrigged serve --trustee {where} …", markup=False)
        console.print("Keep this running while sessions go on: without enough trustees a closed round is not opened.")
        run(app(kept), bound, certificate=tls_cert, key=tls_key, quiet=quiet)
    finally:
        kept.storage.close()
        bound.close()


def keep_private(database: str) -> None:
    """Make the file of a new database so that only its owner can read it: it holds secrets."""
    if database.startswith(("postgresql://", "postgres://")):
        return
    try:
        os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise FileError(database, error, "write") from None


def _need_pair(tls_cert: Path | None, tls_key: Path | None) -> None:
    if (tls_cert is None) != (tls_key is None):
        raise typer.BadParameter("--tls-cert and --tls-key go together")
    if tls_cert is None or tls_key is None:
        return
    for path in (tls_cert, tls_key):
        try:
            path.read_bytes()
        except OSError as error:
            raise FileError(str(path), error) from None
    try:
        create_default_context(Purpose.CLIENT_AUTH).load_cert_chain(tls_cert, tls_key)
    except SSLError as error:
        found = error.reason or "something else"
        raise InputError("--tls-cert, --tls-key", found, "a certificate and its key, in PEM") from None


def _committee(urls: list[str], threshold: int | None) -> Committee | None:
    """The committee of these trustees; None for the house alone."""
    if not urls:
        if threshold not in (None, 1):
            raise typer.BadParameter("--threshold needs as many --trustee")
        return None
    from unrigged.server.trustees import Committee, RemoteTrustee

    if threshold is None or not 1 <= threshold <= len(urls):
        raise typer.BadParameter(f"--threshold must be given, from 1 to {len(urls)}, the number of trustees")
    if len(set(urls)) < len(urls):
        raise typer.BadParameter("every --trustee once")
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise typer.BadParameter(f"--trustee {url}: an address that begins with http:// or https://")
    return Committee(tuple(RemoteTrustee(url) for url in urls), threshold)


def _without_password(database: str) -> str:
    """The address of a database as it may be printed."""
    if "://" not in database:
        return database
    from urllib.parse import urlsplit

    parts = urlsplit(database)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def _version() -> str:
    from importlib.metadata import version

    return version("unrigged")

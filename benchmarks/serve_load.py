"""For `benchmarks/serve.py`: many requests at once over connections that stand, and how long each answer takes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Call:
    """A request as it goes over the line, and the port it goes to."""

    port: int
    data: bytes


@dataclass(frozen=True)
class Answer:
    """The status of an answer, its headers and body, and the seconds it took."""

    status: int
    head: str
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Load:
    """All answers, in the order of the calls, and the seconds from the first call to the last answer."""

    answers: tuple[Answer, ...]
    seconds: float

    def slowest(self, share: float) -> float:
        """The time within which this share of the answers came, in seconds."""
        times = sorted(each.seconds for each in self.answers)
        return times[min(len(times) - 1, int(share * len(times)))]

    def count(self, *statuses: int) -> int:
        """How many answers have one of these statuses."""
        return sum(each.status in statuses for each in self.answers)


def call(port: int, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Call:
    """A request over HTTP/1.1."""
    lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{port}", f"content-type: {kind}",
             f"content-length: {len(body)}"]  # fmt: skip
    return Call(port, "\r\n".join([*lines, "", ""]).encode() + body)


def load(calls: Sequence[Call], connections: int, watching: Sequence[Call] = ()) -> Load:
    """Send all calls over so many connections, which are made before; `watching`: streams that stay open besides."""
    return asyncio.run(_load(calls, connections, watching))


async def _load(calls: Sequence[Call], connections: int, watching: Sequence[Call]) -> Load:
    streams = [asyncio.create_task(_watch(each)) for each in watching]
    answers: list[Answer | None] = [None] * len(calls)
    waiting = iter(range(len(calls)))
    ports = [calls[number % len(calls)].port for number in range(connections)]
    lines = [await asyncio.open_connection("127.0.0.1", port) for port in ports]
    if streams:
        await asyncio.sleep(1)
    by_port: dict[int, list[int]] = {}
    for number in waiting:
        by_port.setdefault(calls[number].port, []).append(number)
    for numbers in by_port.values():
        numbers.reverse()
    begun = perf_counter()

    async def work(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        numbers = by_port[port]
        while numbers:
            number = numbers.pop()
            sent = perf_counter()
            writer.write(calls[number].data)
            status, head, body = await _answer(reader)
            answers[number] = Answer(status, head, body, perf_counter() - sent)

    await asyncio.gather(*(work(port, *line) for port, line in zip(ports, lines, strict=True)))
    spent = perf_counter() - begun
    for _, writer in lines:
        writer.close()
    for each in streams:
        each.cancel()
    return Load(tuple(each for each in answers if each is not None), spent)


async def _watch(stream: Call) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stream.port)
    writer.write(stream.data)
    try:
        while await reader.read(65536):
            pass
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, lower = int(head.split(" ", 2)[1]), head.lower()
    if "transfer-encoding: chunked" in lower:
        body = bytearray()
        while True:
            size = int((await reader.readuntil(b"\r\n")).strip() or b"0", 16)
            body += await reader.readexactly(size)
            await reader.readexactly(2)
            if size == 0:
                return status, head, bytes(body)
    length = next((line.split(":", 1)[1] for line in lower.splitlines() if line.startswith("content-length:")), "0")
    return status, head, await reader.readexactly(int(length))

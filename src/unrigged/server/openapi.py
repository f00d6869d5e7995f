"""The API described for programs: /api/v1/openapi.json (OpenAPI 3.1; docs/api.md says the same in words)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unrigged.server.entries import MAX_ENTRY

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"type": "boolean"}
TIME: Schema = {"type": "integer", "minimum": 0, "description": "milliseconds since 1970, UTC"}
EXACT: Schema = {"type": "string", "pattern": "^-?[0-9]+(/[0-9]+)?$", "description": "an exact number: 3, -7/2"}
ANY: Schema = {}


def _bytes(size: int | None = None, about: str = "") -> Schema:
    """Bytes in base64url without padding."""
    pattern = "^[A-Za-z0-9_-]*$" if size is None else f"^[A-Za-z0-9_-]{{{-(-size * 4 // 3)}}}$"
    words = about or ("bytes" if size is None else f"{size} bytes")
    return {"type": "string", "pattern": pattern, "description": f"{words}, in base64url without padding"}


def _list(of: Schema, about: str = "") -> Schema:
    return {"type": "array", "items": of, **({"description": about} if about else {})}


def _by_name(of: Schema, about: str = "") -> Schema:
    return {"type": "object", "additionalProperties": of, **({"description": about} if about else {})}


def _object(fields: dict[str, Schema], about: str = "", *, closed: bool = False) -> Schema:
    """An object with all of these fields, and with none besides where it is `closed`."""
    more: Schema = {"description": about} if about else {}
    if closed:
        more["additionalProperties"] = False
    return {"type": "object", "properties": fields, "required": list(fields), **more}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _said(schema: Schema, about: str) -> Schema:
    return {**schema, "description": about}


def schemas() -> dict[str, Schema]:
    """What the answers and bodies hold, by name."""
    return {
        "Session": _object({
            "session": _said(TEXT, "its id"),
            "title": TEXT,
            "status": {
                "enum": ["draft", "open", "playing", "closing", "settled", "void"],
                "description": "draft: trustees have yet to contribute; open: participants join; playing: a round is "
                "open for moves; closing: it is over and being opened; settled and void: nothing follows",
            },
            "size": _said(COUNT, "how many entries the log has"),
            "root": _bytes(32, "the hash of the log's tree"),
            "opening": _bytes(32, "the digest of the log's first entry, which participants sign when they join"),
            "time": TIME,
            "play": _ref("Play"),
            "rules": _list(_object({"step": TEXT, "text": TEXT}), "the rules in words, step by step"),
            "guarantee": TEXT,
            "assumption": TEXT,
            "version": _said(TEXT, "of the rules and the program"),
            "house": _bytes(32, "the house's public key (Ed25519)"),
            "seconds": _said(COUNT, "that a round lasts"),
            "digits": _said(COUNT, "that a number in a move may have"),
            "money": _object({"unit": TEXT, "step": EXACT, "rounding": {"enum": ["favour", "nearest"]}, "words": TEXT}),
            "beacon": _said(TEXT, "the outside source of randomness, empty where there is none"),
            "committee": _object({
                "trustees": _list(TEXT), "threshold": COUNT,
                "operator_reads": _said(TRUTH, "whether the operator alone could open sealed moves"),
            }),
            "participants": _list(_object({
                "player": TEXT, "kind": {"enum": ["human", "program", "bot"]}, "joined": TRUTH,
                "present": _said(TRUTH, "whether a page or program that has shown their key is connected"),
            }), "in the order of the mechanism"),
            "round": _or_null(_ref("Round")),
            "rounds_done": COUNT,
            "told": _list(_object({"kind": {"enum": ["move", "coin", "finding", "outcome"]}, "label": TEXT,
                                   "words": TEXT}), "what has happened, in words"),
            "refused": _list(_by_name(TEXT), "for each round done: whose default counted, and why"),
            "messages": _list(_object({"time": TIME, "text": TEXT}), "of the organiser to everybody"),
            "void": _said(TEXT, "why the session is void, empty where it is not"),
            "result": _or_null(_ref("Result")),
        }, "a session as everybody may see it"),
        "Play": _object({
            "mechanism": TEXT, "parameters": _by_name(ANY),
            "setting": _object({"players": _list(TEXT)}, "with goods or states, and the endowment and the bound on "
                               "values where there are any"),
        }, "the mechanism, its parameters and its setting, as transcripts write them (docs/json.md)"),
        "Round": _object({
            "number": _said(COUNT, "from 0"),
            "label": _said(TEXT, "of the decision; empty where only contributions to a coin are asked"),
            "actors": _list(TEXT, "who moves"), "size": _said(COUNT, "bytes to which a move is padded"),
            "deadline": TIME, "moved": _list(TEXT, "who has sent a sealed move"),
            "open": _said(TRUTH, "whether it still takes moves"),
            "defaults": _by_name(_object({"default": ANY, "in_words": TEXT}), "what silence means, by participant"),
            "forms": _by_name({"type": "object"}, "how the move of the participant asked for is built by hand"),
            "keys": _list(_bytes(32), "the trustees' public keys for this round (X25519)"), "threshold": COUNT,
        }, "the round that is going on, or the last one"),
        "Result": _object({
            "outcome": _said({"type": "object"}, "allocation or state, and prices (docs/json.md)"),
            "payments": _by_name(EXACT, "what everybody pays in money, rounded as stated"),
            "exact": _list(EXACT, "the prices before rounding, in the order of the participants"),
            "rows": _list(_object({"player": TEXT, "payment": EXACT, "exact": EXACT}), "the same for each participant"),
        }),
        "Log": _object({"entries": _list(_bytes(about="the bytes of an entry (docs/bundle.md)")),
                        "checkpoint": _ref("Checkpoint")}),
        "Checkpoint": _object({"session": TEXT, "size": COUNT, "root": _bytes(32),
                               "signature": _bytes(64, "the house's, on the log as it is")}),
        "Join": _object({
            "player": TEXT, "key": _bytes(32, "the participant's new public key (Ed25519)"),
            "token": _bytes(16, "the one-time token of his link"),
            "signature": _bytes(64, "of that key on («join», session, player, key, digest of the opening)"),
        }, closed=True),
        "Move": _object({
            "round": {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}, "player": TEXT,
            "envelope": {**_bytes(about="the sealed move (docs/bundle.md)"), "maxLength": MAX_ENTRY},
            "signature": _bytes(64, "of the participant's key on («move», session, round, player, envelope)"),
        }, closed=True),
        "Receipt": _object({
            "session": TEXT, "number": _said(COUNT, "of the entry in the log"), "digest": _bytes(32, "of the entry"),
            "time": TIME, "signature": _bytes(64, "the house's on («receipt», session, number, digest)"),
        }, "given only after the entry is durable"),
        "Error": _object({"error": _object({
            "rule": _said(TEXT, "the short name of the rule"), "found": TEXT, "expected": TEXT,
        })}),
    }  # fmt: skip


def _answer(about: str, schema: Schema | None = None, kind: str = "application/json") -> Schema:
    return {"description": about} if schema is None else {"description": about, "content": {kind: {"schema": schema}}}


def _answers(about: str, name: str, *codes: int) -> dict[str, Schema]:
    words = {
        400: "the request is not in order; nothing has changed",
        404: "there is no such session",
        409: "it comes too early, too late, or twice; nothing has changed",
        413: "the body is too large",
        429: "too many requests; the header retry-after says when to try again",
        503: "the house's database cannot be used right now: nothing is logged unless a receipt was given; try again",
    }
    return {"200": _answer(about, _ref(name))} | {
        str(code): _answer(words[code], _ref("Error")) for code in sorted({404, 429, 503, *codes})
    }


def _body(name: str) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": _ref(name)}}}


def _query(name: str, schema: Schema, about: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": about}


def document() -> Schema:
    """The whole description."""
    session: Schema = {"name": "session", "in": "path", "required": True, "description": "the session's id",
                       "schema": {"type": "string", "minLength": 1, "maxLength": 64}}  # fmt: skip
    player = _query("player", {"type": "string", "maxLength": 200}, "a participant: his move's form is added")
    start = _query("from", {"type": "integer", "minimum": 0, "maximum": 999_999_999}, "the first entry wanted")
    here = _query("player", {"type": "string", "maxLength": 200}, "whose program this is")
    signed = "shows all that he is present: his key's signature on the framed 'presence', session, player, opening"
    proof = _query("proof", {"type": "string", "maxLength": 86}, signed)
    stream = _answer("a line `event: change` at once and after every change", {"type": "string"}, "text/event-stream")

    def path(**operations: Schema) -> Schema:
        return {"parameters": [session], **operations}

    return {
        "openapi": "3.1.0",
        "info": {
            "title": "unrigged: live sessions", "version": "1",
            "description": "Take part in sessions of an auction house by a program. Everything that a session's "
            "outcome depends on is in its log; sealed moves, signatures and hashes are described in docs/bundle.md.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/api/v1"}],
        "paths": {
            "/sessions/{session}": path(get={
                "operationId": "session", "summary": "A session as everybody may see it", "parameters": [player],
                "responses": _answers("the session", "Session", 400),
            }),
            "/sessions/{session}/log": path(get={
                "operationId": "log", "summary": "The log from some entry on, and the house's signature on all of it",
                "parameters": [start], "responses": _answers("the entries", "Log", 400),
            }),
            "/sessions/{session}/join": path(post={
                "operationId": "join", "summary": "Take a participant's place with a key; the same again gets the same "
                "receipt", "requestBody": _body("Join"), "responses": _answers("the receipt", "Receipt", 400, 409, 413),
            }),
            "/sessions/{session}/moves": path(post={
                "operationId": "move", "summary": "Send a sealed move; the same again gets the same receipt",
                "requestBody": _body("Move"), "responses": _answers("the receipt", "Receipt", 400, 409, 413),
            }),
            "/sessions/{session}/events": path(get={
                "operationId": "events", "summary": "Server-sent events: the session has changed",
                "parameters": [here, proof],
                "responses": {**_answers("", "Error"), "200": stream},
            }),
            "/openapi.json": {"get": {
                "operationId": "description", "summary": "This description",
                "responses": {"200": _answer("OpenAPI 3.1", {"type": "object"})},
            }},
        },
        "components": {"schemas": schemas()},
    }  # fmt: skip


def routes() -> list[Route]:
    """The description's route below /api/v1."""
    described = document()

    async def description(request: Request) -> Response:
        return JSONResponse(described)

    return [Route("/openapi.json", description, methods=["GET"])]

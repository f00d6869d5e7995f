"""How the command line explains its own use: FILE rather than {file}, and no type beside a switch."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

SWITCH = ""
"""The metavar of an option that takes no value."""


class PlainCommand(TyperCommand):
    """A command whose usage line names required arguments without braces."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        pieces = super().collect_usage_pieces(ctx)
        return [piece[1:-1] if piece.startswith("{") and piece.endswith("}") else piece for piece in pieces]

    def get_help_option(self, ctx: Any) -> Any:
        return _without_type(super().get_help_option(ctx))


class PlainGroup(TyperGroup):
    """The program itself, with its commands."""

    def get_help_option(self, ctx: Any) -> Any:
        return _without_type(super().get_help_option(ctx))


def _without_type(option: Any) -> Any:
    if option is not None:
        option.metavar = SWITCH
    return option

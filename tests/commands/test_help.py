"""Every command's help has an example, which is a line that the command takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from run_bench import app

EXAMPLE = re.compile(r"^ *Example: photofinish (.+)$", re.MULTILINE)


def leaves(group: object, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    if not isinstance(group, TyperGroup):
        yield words, group
        return
    for name, command in group.commands.items():
        yield from leaves(command, (*words, name))


COMMANDS = {" ".join(words): command for words, command in leaves(get_command(app))}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_the_command_takes(name: str) -> None:
    command = COMMANDS[name]
    found = EXAMPLE.search(command.help or "")
    assert found, f"'photofinish {name} --help' shows no example"
    words = shlex.split(found[1])
    assert words[: len(name.split())] == name.split()
    with command.make_context(name, words[len(name.split()) :]) as context:
        assert context.command is command


def test_all_commands_are_looked_at() -> None:
    assert {"run", "show", "records note", "machines list", "boards close"} <= COMMANDS.keys()

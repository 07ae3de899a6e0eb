"""Values as source code: escaped for their language, laid out by hand's habit, std only.

Parts that change from provider to provider come out between the marks of `catalog.highlight`. All
else that is printed is ASCII, so no value can bring a mark of its own.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.highlight import MARK_CLOSES, MARK_OPENS, marked

WIDTH = 78  # characters that the page's code column shows without scrolling

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
_PLAIN = re.compile(r"[ -~]*\Z")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in pieces, each with whether it changes from provider to provider."""

    pieces: tuple[tuple[str, bool], ...]

    def __str__(self) -> str:
        return "".join(piece for piece, _ in self.pieces)


def changing(text: str) -> Text:
    return Text(((text, True),))


def joined(*parts: "str | Text") -> Text:
    pieces = [part.pieces if isinstance(part, Text) else ((part, False),) for part in parts]
    return Text(tuple(piece for several in pieces for piece in several))


@dataclass(frozen=True, slots=True)
class Code:
    """An expression that is printed as it stands."""

    text: str


Value = str | int | bool | Text | Code | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one language writes a value."""

    escape: Callable[[str], str]  # the inside of a double-quoted string
    bare_keys: bool  # {model: …} instead of {"model": …}
    last_comma: bool
    true: str
    false: str
    step: int  # columns a level is indented by


def _json_escape(text: str) -> str:
    return json.dumps(text)[1:-1]


def _python_escape(text: str) -> str:
    """JSON's escapes, but one escape for a character beyond the first 65,536, not two halves."""
    return "".join(
        f"\\U{ord(letter):08x}" if ord(letter) > 0xFFFF else _json_escape(letter) for letter in text
    )


def _shell_json_escape(text: str) -> str:
    """JSON that stands inside the single quotes of a shell."""
    return _json_escape(text).replace("'", "\\u0027")


PYTHON = Spelling(_python_escape, False, True, "True", "False", 4)
JAVASCRIPT = Spelling(_json_escape, True, True, "true", "false", 2)
SHELL_JSON = Spelling(_shell_json_escape, False, False, "true", "false", 2)


def literal(value: Value, spelling: Spelling, *, level: int = 0, before: int = 0) -> str:
    """The value's code; `before` counts the characters that stand before it on its line."""
    flat = _flat(value, spelling)
    if not isinstance(value, (dict, list)) or not value:
        return flat
    if level * spelling.step + before + _shown(flat) < WIDTH:
        return flat
    return broken(value, spelling, level=level)


def broken(value: "dict[str, Value] | list[Value]", spelling: Spelling, *, level: int = 0) -> str:
    """A dictionary or list with one member a line."""
    opens, closes = "{}" if isinstance(value, dict) else "[]"
    pad = " " * (spelling.step * (level + 1))
    lines = [pad + line for line in _members(value, spelling, level + 1)]
    end = ",\n" if spelling.last_comma else "\n"
    return f"{opens}\n" + ",\n".join(lines) + end + " " * (spelling.step * level) + closes


def arguments(values: Mapping[str, Value], *, level: int = 1) -> str:
    """Python keyword arguments, one a line."""
    pad = " " * (PYTHON.step * level)
    return "".join(
        f"{pad}{name}={literal(value, PYTHON, level=level, before=len(name) + 2)},\n"
        for name, value in values.items()
    )


def path(steps: tuple[str | int, ...], *, dotted: bool, counts_back: str = "[{}]") -> str:
    """How to reach into an answer: `.choices[0]` when dotted, `["choices"][0]` when not.

    `counts_back` is how the language writes an index below 0.
    """
    out = ""
    for step in steps:
        if isinstance(step, int):
            out += counts_back.format(step) if step < 0 else f"[{step}]"
        else:
            out += f".{step}" if dotted else f"[{json.dumps(step)}]"
    return out


def shell(text: "str | Text") -> str:
    """One word for a shell, quoted always."""
    pieces = text.pieces if isinstance(text, Text) else ((text, False),)
    if all(_PLAIN.match(piece) for piece, _ in pieces):
        inside = "".join(_in_marks(piece.replace("'", "'\\''"), new) for piece, new in pieces)
        return f"'{inside}'"
    inside = "".join(_in_marks(_ansi_escape(piece), new) for piece, new in pieces)
    return f"$'{inside}'"


def _ansi_escape(text: str) -> str:
    return "".join(
        letter if _PLAIN.match(letter) and letter not in "'\\" else f"\\U{ord(letter):08x}"
        for letter in text
    )


def _flat(value: Value, spelling: Spelling) -> str:
    if isinstance(value, dict):
        space = " " if spelling.bare_keys and value else ""
        return f"{{{space}{', '.join(_flat_members(value, spelling))}{space}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flat(item, spelling) for item in value)}]"
    return _scalar(value, spelling)


def _flat_members(value: "dict[str, Value]", spelling: Spelling) -> list[str]:
    return [f"{_key(name, spelling)}: {_flat(item, spelling)}" for name, item in value.items()]


def _members(value: "dict[str, Value] | list[Value]", spelling: Spelling, level: int) -> list[str]:
    if isinstance(value, list):
        return [literal(item, spelling, level=level, before=1) for item in value]
    names = {name: _key(name, spelling) for name in value}
    return [
        f"{names[name]}: {literal(item, spelling, level=level, before=len(names[name]) + 3)}"
        for name, item in value.items()
    ]


def _scalar(value: "str | int | bool | Text | Code", spelling: Spelling) -> str:
    if isinstance(value, Code):
        return value.text
    if isinstance(value, bool):
        return spelling.true if value else spelling.false
    if isinstance(value, int):
        return str(value)
    pieces = value.pieces if isinstance(value, Text) else ((value, False),)
    return f'"{"".join(_in_marks(spelling.escape(piece), new) for piece, new in pieces)}"'


def _key(name: str, spelling: Spelling) -> str:
    if spelling.bare_keys and _IDENTIFIER.match(name):
        return name
    return f'"{spelling.escape(name)}"'


def _in_marks(text: str, changes: bool) -> str:
    return marked(text) if changes else text


def _shown(text: str) -> int:
    return len(text) - text.count(MARK_OPENS) - text.count(MARK_CLOSES)

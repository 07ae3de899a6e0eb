"""The house: who may import whom, where the database may be asked, what templates may hold.

The table below is DESIGN's list. A new file needs a line in it; keep the arrows pointing down.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "catalog", "providers")

# What a file may import from its own app, by the longest matching name. "*": all of it, for
# the rooms at the top (views, admin, commands, tasks) and the folders that only hold rows.
MAY_IMPORT: dict[str, set[str]] = {
    "providers.apps": set(),
    "providers.choices": set(),
    "providers.facts": {"choices"},
    "providers.bounds": {"choices", "facts", "ledger"},
    "providers.trust": {"choices", "facts"},
    "providers.roster": {"choices", "facts"},
    "providers.models": {"models", "choices", "facts"},
    "providers.ledger": {"choices", "facts", "trust"},
    "providers.pricing": {"pricing", "choices", "facts"},
    "providers.disagreement": {"choices", "facts", "pricing", "trust", "ledger"},
    "providers.claims": {"models", "facts", "choices", "bounds", "roster", "trust", "ledger"},
    "providers.publish": {
        *("models", "facts", "choices", "trust", "ledger", "bounds", "claims", "roster"),
    },
    "providers.sources": {"sources", "choices", "facts", "roster", "bounds"},
    "providers.stats": {"stats", "choices", "facts", "models"},
    "providers.jobs": {"models", "facts"},
    "providers.queries": {
        *("models", "choices", "facts", "trust", "ledger", "pricing", "disagreement", "queries"),
        "publish",
    },
    "providers.refresh": {
        *("models", "choices", "facts", "claims", "publish", "queries", "sources", "jobs"),
    },
    "providers.work": {"jobs", "queries", "refresh", "models", "choices"},
    "providers.tasks": {"jobs", "work"},
    "providers.admin": {"*"},
    "providers.management": {"*"},
    "providers.migrations": {"*"},
    "catalog.apps": set(),
    "catalog.processes": set(),
    "catalog.models": {"models"},
    "catalog.matching": {"matching", "authors"},
    "catalog.authors": set(),
    "catalog.words": {"pages.parts"},
    "catalog.icons": set(),
    "catalog.filters": set(),
    "catalog.context": {"queries"},
    "catalog.highlight": set(),
    "catalog.sample": {"sample", "highlight"},
    "catalog.snippets": {"sample", "highlight", "words"},
    "catalog.markdown": {"highlight"},
    "catalog.page_cache": {"queries"},
    "catalog.reconcile": {"reconcile", "models", "matching", "authors"},
    "catalog.worklist": {"models", "matching", "reconcile"},
    "catalog.curated": {"curated", "models", "markdown"},
    "catalog.desk": {"queries"},
    "catalog.setup": {"roles"},
    "catalog.roles": set(),
    "catalog.queries": {"queries", "models", "filters", "matching", "authors", "worklist"},
    "catalog.pages": {
        *("pages", "queries", "filters", "snippets", "markdown", "words", "icons", "authors"),
        "models",  # to name the types of what queries answer; the database is asked only there
    },
    "catalog.templatetags": {"pages", "words", "icons", "markdown", "templatetags"},
    "catalog.views": {"filters", "pages", "queries"},
    "catalog.urls": {"*"},
    "catalog.admin": {"*"},
    "catalog.api": {"*"},
    "catalog.tasks": {"*"},
    "catalog.management": {"*"},
    "catalog.migrations": {"*"},
    "config.settings": set(),
    "config.apps": set(),
    "config.formats": set(),
    "config.celery": set(),
    "config.urls": set(),
    "config.wsgi": set(),
    "config": {"celery"},
}

# Neither the house nor Django: anybody may read them without a database or settings.
STD = {
    *("providers.choices", "providers.facts", "providers.trust", "providers.bounds"),
    *("providers.roster", "providers.ledger", "providers.pricing", "providers.disagreement"),
    *("catalog.matching", "catalog.authors", "catalog.processes"),
}
# Never django.db, nor a request.
NO_ORM = {
    *("providers.sources", "catalog.pages", "catalog.filters", "catalog.snippets"),
    *("catalog.markdown", "catalog.words", "catalog.icons"),
}

# Where `.objects` may stand: reads in queries, writes in the writers, admin.
MAY_ASK_THE_DATABASE = {
    *("providers.queries", "providers.claims", "providers.publish", "providers.refresh"),
    *("providers.jobs", "providers.stats.record", "providers.stats.rollup", "providers.admin"),
    *("providers.models", "providers.migrations"),
    *("catalog.queries", "catalog.reconcile", "catalog.worklist", "catalog.curated"),
    *("catalog.setup", "catalog.roles", "catalog.admin", "catalog.models", "catalog.migrations"),
}

# Words of the machines that made this tree; spelt apart so that this file does not hold them.
NOT_IN_THE_TREE = re.compile(
    r"(?<![\w.])/(?:wo"
    r"rk|ro"
    r"ot|ho"
    r"me)/[a-z]|pypi\.o"
    r"rg|registry\.npm"
    r"js|pythonhost"
    r"ed"
)
MAY_NAME_A_REGISTRY = {"uv.lock"}  # uv writes it

EVENT_ATTRIBUTE = re.compile(r"<[^>{%]*\son[a-z]+\s*=", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<[^>]*\sstyle\s*=|<style\b", re.IGNORECASE)
SCRIPT_TAG = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.I)
EXTENDS = re.compile(r"{%\s*extends\s+[\"']([^\"']+)")
COMMENT = re.compile(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", re.DOTALL)
INCLUDE = re.compile(r"{%\s*include\s+(?P<what>[^%]*?)%}")


def modules() -> Iterator[str]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            yield _name(path)


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _path(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(_path(module).read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """Full names of all that a module imports, `from . import x` as `package.x`."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, node)
            found.update(_target(origin, alias.name) for alias in node.names)
    return frozenset(found)


def _origin(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = _path(module).name == "__init__.py"
    here = module.split(".")
    package = here[: len(here) - node.level + is_package]
    return ".".join([*package, *([node.module] if node.module else [])])


def _target(origin: str, name: str) -> str:
    """`from a import b` means the module a.b where there is one, else a."""
    if origin.partition(".")[0] in APPS and _path(f"{origin}.{name}").exists():
        return f"{origin}.{name}"
    return origin


def room(module: str, rooms: set[str]) -> str | None:
    """The longest name in `rooms` that holds the module."""
    held = [name for name in rooms if module == name or module.startswith(f"{name}.")]
    return max(held, key=len, default=None)


def house_imports(module: str) -> set[str]:
    return {name for name in imports(module) if name.partition(".")[0] in APPS}


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def markup(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


ALL_MODULES = list(modules())
ALL_TEMPLATES = templates()


@pytest.mark.parametrize("module", ALL_MODULES)
def test_every_file_has_a_room(module: str) -> None:
    assert module in APPS or room(module, set(MAY_IMPORT)), f"{module} has no line in MAY_IMPORT"


@pytest.mark.parametrize("module", ALL_MODULES)
def test_files_import_only_what_stands_beside_them(module: str) -> None:
    app = module.partition(".")[0]
    mine = room(module, set(MAY_IMPORT)) or module
    allowed = MAY_IMPORT.get(mine, set())
    if "*" in allowed:
        return
    own = {name for name in house_imports(module) if name.startswith(f"{app}.")}
    stray = {
        name
        for name in own
        if not any(room(name, {f"{app}.{other}"}) for other in allowed)
        and not (name.startswith(f"{mine}.") or name == mine)
    }
    assert not stray, f"{module} imports {sorted(stray)}"


@pytest.mark.parametrize("module", ALL_MODULES)
def test_arrows_point_down(module: str) -> None:
    below = {
        "config": {"config", "catalog", "providers"},
        "catalog": {"catalog", "providers"},
        "providers": {"providers"},
    }
    allowed = below[module.partition(".")[0]]
    stray = {name for name in house_imports(module) if name.partition(".")[0] not in allowed}
    assert not stray, f"{module} imports {sorted(stray)}"


@pytest.mark.parametrize("module", [name for name in ALL_MODULES if room(name, STD)])
def test_pure_rooms_know_no_django(module: str) -> None:
    stray = {name for name in imports(module) if name.partition(".")[0] == "django"}
    stray |= {name for name in house_imports(module) if not room(name, STD)}
    assert not stray, f"{module} imports {sorted(stray)}"


@pytest.mark.parametrize("module", [name for name in ALL_MODULES if room(name, NO_ORM)])
def test_rooms_without_a_database_import_none(module: str) -> None:
    stray = {name for name in imports(module) if room(name, {"django.db", "django.shortcuts"})}
    assert not stray, f"{module} imports {sorted(stray)}"


@pytest.mark.parametrize("module", ALL_MODULES)
def test_imports_stand_at_the_top(module: str) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    hidden = [
        inner.lineno
        for node in ast.walk(tree(module))
        if isinstance(node, functions)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not hidden, f"{module} imports inside a function, lines {hidden}"


@pytest.mark.parametrize("module", ALL_MODULES)
def test_there_are_no_signals(module: str) -> None:
    rooms = {"django.dispatch", "django.db.models.signals", "django.core.signals"}
    assert not {name for name in imports(module) if room(name, rooms)}


@pytest.mark.parametrize("module", ALL_MODULES)
def test_the_database_is_asked_only_in_its_rooms(module: str) -> None:
    if room(module, MAY_ASK_THE_DATABASE):
        return
    lines = [
        node.lineno
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    assert not lines, f"{module} asks the database itself, lines {lines}"


def test_no_circles() -> None:
    """Depth-first over module imports; a package's __init__ counts as one of its modules."""
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " → ".join([*above[above.index(module) :], module])
        if module in done:
            return
        for name in sorted(house_imports(module)):
            # A package that gathers its own files is no circle.
            if name in known and name != module and not module.startswith(f"{name}."):
                visit(name, (*above, module))
        done.add(module)

    known = set(ALL_MODULES)
    for module in ALL_MODULES:
        visit(module, ())


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=_shown)
def test_templates_extend_base_and_nothing_deeper(path: Path) -> None:
    parents = EXTENDS.findall(markup(path))
    is_admin = "admin" in path.parts
    assert is_admin or parents in ([], ["base.html"]), f"extends {parents}"


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=_shown)
def test_includes_hand_over_only_what_they_name(path: Path) -> None:
    loose = [
        match["what"].strip()
        for match in INCLUDE.finditer(markup(path))
        if match["what"].split()[-1] != "only"
    ]
    assert not loose, f"include without only: {loose}"


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=_shown)
def test_templates_hold_nothing_inline(path: Path) -> None:
    source = markup(path)
    assert not EVENT_ATTRIBUTE.search(source), "an event attribute"
    assert not INLINE_STYLE.search(source), "an inline style"
    inline = [
        match.group(0)[:60]
        for match in SCRIPT_TAG.finditer(source)
        if match["body"].strip() or "src=" not in match["attributes"]
    ]
    assert not inline, f"an inline script: {inline}"


@pytest.mark.parametrize("path", ALL_TEMPLATES, ids=_shown)
def test_fragments_are_included_by_their_own_folder_only(path: Path) -> None:
    """`_fragment.html` is for one place; what others need moves to components/."""
    foreign = [
        name
        for name in re.findall(r"[\"']([\w/-]*/_[\w.-]+\.html)[\"']", markup(path))
        if Path(name).parent != path.parent.relative_to(ROOT / "templates")
    ]
    assert not foreign, f"fragments of other places: {foreign}"


def test_no_file_names_a_machine_or_a_registry() -> None:
    """What was true on one computer, or a package host, has no place in the tree."""
    text_kinds = {".py", ".html", ".css", ".js", ".md", ".toml", ".json", ".txt", ".example", ""}
    skipped = {".git", ".venv", ".tools", "var", "__pycache__", "node_modules"}
    skipped |= {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "static"}
    named = [
        _shown(path)
        for path in ROOT.rglob("*")
        if path.suffix in text_kinds
        and not skipped & set(path.relative_to(ROOT).parts)
        and path.is_file()
        and path.name not in MAY_NAME_A_REGISTRY
        and NOT_IN_THE_TREE.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert not named

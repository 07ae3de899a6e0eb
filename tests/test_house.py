"""The house: who may import whom, where the database may be asked, what templates may hold.

The table below is DESIGN's list. A new file needs a line in it; keep the arrows pointing down.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
APPS = ("config", "catalog", "providers")

# What a file may import from its own app, by the longest matching name. "*": all of it, for
# the rooms at the top (views, admin, commands, tasks) and the folders that only hold rows.
MAY_IMPORT: dict[str, set[str]] = {
    "providers.apps": set(),
    "providers.choices": set(),
    "providers.facts": {"choices", "facts"},
    "providers.bounds": {"choices", "facts", "ledger"},
    "providers.trust": {"choices", "facts"},
    "providers.roster": {"choices", "facts"},
    "providers.rates": {"facts", "pricing"},
    "providers.ecb": {"facts", "rates"},
    "providers.rate_record": {"models", "publish", "rates"},
    "providers.rate_queries": {"models", "rates"},
    "providers.models": {"models", "choices", "facts", "rates"},
    "providers.ledger": {"choices", "facts", "trust"},
    "providers.pricing": {"pricing", "choices", "facts"},
    "providers.disagreement": {"choices", "facts", "pricing", "trust", "ledger"},
    "providers.claims": {
        "claims",
        "models",
        "facts",
        "choices",
        "bounds",
        "roster",
        "trust",
        "ledger",
    },
    "providers.planner": set(),
    "providers.publish": {
        "planner",
        *("models", "facts", "choices", "trust", "ledger", "bounds", "claims", "roster"),
    },
    "providers.addresses": set(),
    "providers.network": {"addresses"},
    "providers.sources": {
        *("sources", "choices", "facts", "roster", "bounds", "network", "addresses"),
    },
    "providers.stats": {"stats", "choices", "facts", "models"},
    "providers.stats.events": set(),
    "providers.stats.prompts": set(),
    "providers.stats.dialects": {"choices", "stats.observation"},
    "providers.stats.probed": {"addresses", "choices", "stats.dialects"},
    "providers.stats.probe": {
        *("choices", "network", "stats.dialects", "stats.events", "stats.observation"),
        "stats.probed",
    },
    "providers.stats.lanes": set(),
    "providers.stats.histogram": {"stats.lanes"},
    "providers.stats.observation": {"choices", "facts"},
    "providers.stats.tally": {"choices", "stats.histogram", "stats.observation"},
    "providers.stats.ingest": {"stats.observation", "choices"},
    "providers.stats.definitions": {
        *("choices", "stats.histogram", "stats.observation", "stats.tally"),
    },
    "providers.stats.failures": {"choices", "stats.observation"},
    "providers.stats.naming": {"roster", "facts", "stats.observation"},
    "providers.stats.explicit": {"stats.histogram"},
    "providers.stats.litellm": {
        *("choices", "facts", "sources.litellm_keys", "stats.failures", "stats.ingest"),
        *("stats.naming", "stats.observation"),
    },
    "providers.stats.otlp": {
        *("choices", "stats.otlp", "stats.observation", "stats.histogram", "stats.tally"),
        *("stats.ingest", "stats.failures", "stats.naming", "stats.explicit"),
    },
    "providers.stats.prometheus": {
        *("choices", "stats.explicit", "stats.histogram", "stats.tally"),
    },
    "providers.prometheus_servers": {
        *("models", "choices", "facts", "jobs", "network", "sources", "stats"),
    },
    "providers.senders": {"models"},
    "providers.alerts": {
        *("alerts", "models", "choices", "facts", "addresses", "jobs", "network", "stat_queries"),
        *("stats", "vault"),
    },
    "providers.monitor_queries": {"models"},
    "providers.monitoring": {"jobs", "monitor_queries", "queries"},
    "providers.stat_queries": {"models", "choices", "stats"},
    "providers.receiving": {"senders", "stats", "choices", "models"},
    "providers.api": {"receiving", "senders", "stats", "choices", "models"},
    "providers.otlp_api": {"receiving", "senders", "stats", "choices"},
    "providers.urls": {"api", "otlp_api"},
    "providers.jobs": {"models", "facts"},
    "providers.vault": set(),
    "providers.status_pages": set(),
    "providers.statuses": {"models", "sources", "stats", "status_pages"},
    "providers.probing": {
        *("probing", "models", "choices", "facts", "jobs", "network", "pricing", "queries"),
        *("stats", "vault", "addresses"),
    },
    "providers.probing.refusals": set(),
    "providers.playground": {
        "addresses",
        *("playground", "probing", "models", "choices", "network", "pricing", "queries", "stats"),
    },
    "providers.probing.cost": {"choices", "pricing", "stats.dialects"},
    "providers.queries": {
        *("models", "choices", "facts", "trust", "ledger", "pricing", "disagreement", "queries"),
        "publish",
    },
    "providers.disputes": {"models", "facts", "choices", "trust", "disagreement", "queries"},
    "providers.judging": {
        *("models", "facts", "choices", "claims", "publish", "disagreement", "disputes", "ledger"),
    },
    "providers.suggestions": {"models", "choices", "facts"},
    "providers.access": {"choices"},
    "providers.pricing_desk": {
        *("pricing_desk", "models", "choices", "facts", "bounds", "ledger", "trust"),
        *("claims", "publish", "spreadsheets", "queries"),
    },
    "providers.spreadsheets": set(),
    "providers.own_endpoints": {
        *("models", "choices", "facts", "claims", "publish", "pricing_desk", "trust"),
    },
    "providers.errand": {"sources", "facts", "network"},
    "providers.refresh": {
        "judging",
        *("models", "choices", "facts", "claims", "publish", "queries", "sources", "jobs"),
        "errand",
    },
    "providers.backfill": {"models", "choices", "claims", "planner", "refresh", "sources"},
    "providers.changes": {"trust"},
    "providers.change_queries": {
        "models",
        "choices",
        "facts",
        "ledger",
        "publish",
        "trust",
        "changes",
    },
    "providers.work": {
        *(
            "alerts",
            "stats",
            "probing",
            "statuses",
            "prometheus_servers",
            "jobs",
            "queries",
            "refresh",
            "models",
            "choices",
            "sources",
        ),
    },
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
    "catalog.workload": set(),
    "catalog.context": {"queries"},
    "catalog.highlight": set(),
    "catalog.refusals": set(),
    "catalog.sample": {"sample", "highlight"},
    "catalog.snippets": {"sample", "highlight", "words"},
    "catalog.markdown": {"highlight"},
    "catalog.page_cache": {"queries", "figures"},
    "catalog.figures": set(),
    "catalog.reconcile": {"reconcile", "models", "matching", "authors"},
    "catalog.worklist": {"models", "matching", "reconcile"},
    "catalog.curated": {"curated", "models", "markdown"},
    "catalog.books": {"pages"},
    "catalog.playground": {"pages"},
    "catalog.desk": {"queries"},
    "catalog.setup": {"roles"},
    "catalog.reporting": {"pages"},
    "catalog.measurements": {"pages", "views", "figures"},
    "catalog.site_access": set(),
    "catalog.roles": set(),
    "catalog.queries": {"queries", "models", "filters", "matching", "authors", "worklist"},
    "catalog.pages": {
        *(
            "pages",
            "queries",
            "filters",
            "snippets",
            "highlight",
            "markdown",
            "words",
            "icons",
            "authors",
        ),
        "workload",
        "models",  # to name the types of what queries answer; the database is asked only there
    },
    "catalog.templatetags": {"pages", "words", "icons", "markdown", "templatetags"},
    "catalog.views": {"filters", "workload", "pages", "queries", "figures"},
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
    *("providers.status_pages", "providers.addresses"),
    *("providers.changes", "providers.rates", "providers.ecb"),
    *("providers.stats.histogram", "providers.stats.observation", "providers.stats.tally"),
    *("providers.stats.dialects", "providers.stats.events", "providers.stats.prompts"),
    *("providers.stats.ingest", "providers.stats.lanes", "providers.stats.definitions"),
    *("providers.stats.failures", "providers.stats.naming", "providers.stats.explicit"),
    *("providers.stats.otlp", "providers.stats.prometheus"),
    *("catalog.matching", "catalog.authors", "catalog.processes", "catalog.workload"),
}
# Never django.db, nor a request.
NO_ORM = {
    *(
        "providers.network",
        "providers.stats.probe",
        "providers.stats.probed",
        "providers.sources",
        "catalog.pages",
        "catalog.filters",
        "catalog.snippets",
    ),
    *("catalog.markdown", "catalog.words", "catalog.icons"),
}

# Where `.objects` may stand: reads in queries, writes in the writers, admin.
MAY_ASK_THE_DATABASE = {
    *(
        "providers.queries",
        "providers.change_queries",
        *("providers.rate_queries", "providers.rate_record"),
        "providers.claims",
        "providers.disputes",
        "providers.judging",
        "providers.senders",
        "providers.monitor_queries",
        "providers.stat_queries",
        "providers.pricing_desk",
        "providers.suggestions",
        "providers.own_endpoints",
        "providers.backfill",
        "providers.publish",
        "providers.refresh",
    ),
    *("providers.probing", "providers.playground", "providers.statuses"),
    *("providers.prometheus_servers", "providers.alerts"),
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
TEXT_KINDS = {".py", ".html", ".css", ".js", ".md", ".toml", ".json", ".txt", ".example", ""}
NOT_OURS = {".git", ".venv", ".tools", "var", "__pycache__", "node_modules"}
NOT_OURS |= {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}

EVENT_ATTRIBUTE = re.compile(r"<[^>{%]*\son[a-z]+\s*=", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<[^>]*\sstyle\s*=|<style\b", re.IGNORECASE)
SCRIPT_TAG = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.I)
EXTENDS = re.compile(r"{%\s*extends\s+[\"']([^\"']+)")
COMMENT = re.compile(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", re.DOTALL)
FRAGMENT = re.compile(r"[\"']([\w/-]*/_[\w.-]+\.html)[\"']")
INCLUDE = re.compile(r"{%\s*include\s+(?P<what>[^%]*?)%}")


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


def markup(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


MODULES = [_name(path) for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def breaches(rule: Callable[[T], Collection[object]], over: Iterable[T]) -> dict[T, object]:
    """What breaks the rule, by name; empty when the house stands."""
    return {one: found for one in over if (found := rule(one))}


def test_every_file_has_a_room() -> None:
    homeless = [name for name in MODULES if name not in APPS and not room(name, set(MAY_IMPORT))]
    assert not homeless, "no line in MAY_IMPORT"


def test_files_import_only_what_stands_beside_them() -> None:
    assert breaches(strangers, MODULES) == {}


def strangers(module: str) -> set[str]:
    """Rooms of its own app that a module imports without leave."""
    app = module.partition(".")[0]
    mine = room(module, set(MAY_IMPORT)) or module
    allowed = MAY_IMPORT.get(mine, set())
    if "*" in allowed:
        return set()
    may = {mine, *(f"{app}.{other}" for other in allowed)}
    return {name for name in house_imports(module) if room(name, {app}) and not room(name, may)}


def test_arrows_point_down() -> None:
    below = {"config": set(APPS), "catalog": {"catalog", "providers"}, "providers": {"providers"}}

    def upward(module: str) -> set[str]:
        allowed = below[module.partition(".")[0]]
        return {name for name in house_imports(module) if not room(name, allowed)}

    assert breaches(upward, MODULES) == {}


def test_pure_rooms_know_no_django() -> None:
    def impure(module: str) -> set[str]:
        django = {name for name in imports(module) if room(name, {"django"})}
        return django | {name for name in house_imports(module) if not room(name, STD)}

    assert breaches(impure, [name for name in MODULES if room(name, STD)]) == {}


def test_rooms_without_a_database_import_none() -> None:
    def database(module: str) -> set[str]:
        return {name for name in imports(module) if room(name, {"django.db", "django.shortcuts"})}

    assert breaches(database, [name for name in MODULES if room(name, NO_ORM)]) == {}


def test_imports_stand_at_the_top() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

    def hidden(module: str) -> list[int]:
        return [
            inner.lineno
            for node in ast.walk(tree(module))
            if isinstance(node, functions)
            for inner in ast.walk(node)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        ]

    assert breaches(hidden, MODULES) == {}


def test_there_are_no_signals() -> None:
    rooms = {"django.dispatch", "django.db.models.signals", "django.core.signals"}
    assert breaches(lambda module: [n for n in imports(module) if room(n, rooms)], MODULES) == {}


def test_the_database_is_asked_only_in_its_rooms() -> None:
    def asking(module: str) -> list[int]:
        return [
            node.lineno
            for node in ast.walk(tree(module))
            if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
        ]

    outside = [name for name in MODULES if not room(name, MAY_ASK_THE_DATABASE)]
    assert breaches(asking, outside) == {}


def test_no_circles() -> None:
    """Depth first over module imports."""
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

    known = set(MODULES)
    for module in MODULES:
        visit(module, ())


def test_templates_extend_base_and_nothing_deeper() -> None:
    def parents(path: Path) -> list[str]:
        return [name for name in EXTENDS.findall(markup(path)) if name != "base.html"]

    # The admin's own templates are deeper, and ours extend them.
    public = [path for path in TEMPLATES if "admin" not in path.parts]
    assert breaches(parents, public) == {}


def test_includes_hand_over_only_what_they_name() -> None:
    def loose(path: Path) -> list[str]:
        included = [match["what"].strip() for match in INCLUDE.finditer(markup(path))]
        return [what for what in included if what.split()[-1] != "only"]

    assert breaches(loose, TEMPLATES) == {}


def test_templates_hold_nothing_inline() -> None:
    def inline(path: Path) -> list[str]:
        source = markup(path)
        scripts = [
            match.group(0)
            for match in SCRIPT_TAG.finditer(source)
            if match["body"].strip() or "src=" not in match["attributes"]
        ]
        return scripts + EVENT_ATTRIBUTE.findall(source) + INLINE_STYLE.findall(source)

    assert breaches(inline, TEMPLATES) == {}


def test_fragments_are_included_by_their_own_folder_only() -> None:
    """`_fragment.html` is for one place; what others need moves to components/."""

    def foreign(path: Path) -> list[str]:
        home = path.parent.relative_to(ROOT / "templates")
        return [name for name in FRAGMENT.findall(markup(path)) if Path(name).parent != home]

    assert breaches(foreign, TEMPLATES) == {}


def test_no_file_names_a_machine_or_a_registry() -> None:
    """What was true on one computer, or a package host, has no place in the tree."""
    named = [
        shown(path)
        for path in ROOT.rglob("*")
        if path.suffix in TEXT_KINDS
        and not NOT_OURS & set(path.relative_to(ROOT).parts)
        and path.is_file()
        and path.name not in MAY_NAME_A_REGISTRY
        and NOT_IN_THE_TREE.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert named == []

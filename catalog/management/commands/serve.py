"""`make run`: from an empty folder to the running site, or at once when all is prepared."""

import hashlib
import io
import os
import socket
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from catalog import curated, roles, setup
from providers import jobs, queries, refresh, work
from providers.management.commands import load_rates
from providers.sources.registry import SOURCES

# A site's first refreshes over the network: spread, so that they do not meet.
FIRST_REFRESH_WITHIN = timedelta(minutes=20)


class Command(BaseCommand):
    help = "Prepares the site, then runs web, worker and beat until Ctrl-C (HOST, PORT)."
    requires_system_checks = ()  # half a second at every start; `make check` runs them

    def handle(self, *args: Any, **options: Any) -> None:
        host = os.environ.get("HOST") or "127.0.0.1"
        port = os.environ.get("PORT") or "8000"
        refuse_taken_port(host, port)
        self.prepare()
        self.stdout.write(f"Model Almanac: http://{host}:{port}/   Ctrl-C stops it.")
        if not setup.has_administrator():
            self.stdout.write(
                "Create the administrator, once, within "
                f"{setup.LIFETIME // timedelta(hours=1)} hours: "
                f"http://{host}:{port}{setup.issue_link()}"
            )
        self.stdout.flush()
        become_supervisor(host, port)

    def prepare(self) -> None:
        """Whatever is missing is made; the second start finds nothing to do."""
        if is_behind():
            self.stdout.write("Preparing the database …")
            call_command("migrate", verbosity=0, interactive=False)
        roles.ensure()
        if not settings.SIMULATED:
            self.read_sources()
        work.ensure_standing(now=datetime.now(UTC))
        if not settings.DEBUG:
            when_changed(
                "collected",
                static_files(),
                lambda: call_command("collectstatic", verbosity=0, interactive=False),
            )

    def read_sources(self) -> None:
        """Recordings into a new site; from then on each source's own job."""
        read = {source.slug for source in queries.sources().values() if source.as_of}
        unread = [slug for slug in SOURCES if slug not in read | refresh.without_recording()]
        if unread:
            self.stdout.write("Reading the recorded answers of the sources …")
            call_command("load_history", *unread)
            call_command("refresh", *unread, recorded=True)
        now = datetime.now(UTC)
        within = timedelta(0) if settings.SOURCES_AT else FIRST_REFRESH_WITHIN
        for slug in SOURCES:
            refresh.ensure_source(slug)  # pages name it even before it was ever read
            jobs.ensure("refresh", slug, now=now, within=within)
        when_changed(
            "rates",
            [load_rates.recorded()],
            lambda: call_command("load_rates", stdout=io.StringIO()),
            at_any_rate=bool(unread),
        )
        notes = files_below(curated.FOLDER)
        when_changed("curated", notes, lambda: curated.load(now), at_any_rate=bool(unread))


def refuse_taken_port(host: str, port: str) -> None:
    """Better one sentence now than a server that dies in a loop."""
    family, kind, _, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({error.strerror}). "
                "Stop what uses it or choose another: PORT=8001 make run"
            ) from error


def is_behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def when_changed(
    what: str, files: Iterable[Path], do: Callable[[], object], *, at_any_rate: bool = False
) -> None:
    """Do it if a file was added, removed or written since it was last done."""
    digest = hashlib.sha256()
    for path in sorted(files):
        state = path.stat()
        digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    stamp = settings.DATA_DIR / f"{what}.stamp"
    if at_any_rate or not stamp.exists() or stamp.read_text() != digest.hexdigest():
        do()
        stamp.write_text(digest.hexdigest())


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def static_files() -> list[Path]:
    return [
        Path(storage.path(path)) for finder in get_finders() for path, storage in finder.list([])
    ]


def become_supervisor(host: str, port: str) -> None:
    """Replace this process, which holds Django and the memory of a first fill, by a small one."""
    os.chdir(settings.BASE_DIR)
    environment = {**os.environ, "HOST": host, "PORT": port}
    command = [sys.executable, "-m", "catalog.processes"]
    os.execve(sys.executable, command, environment)  # noqa: S606  no shell is wanted

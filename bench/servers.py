"""The servers under measurement: the site, and nginx with the very same bytes."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from catalog import processes

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
START_WITHIN = 60.0  # seconds

NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  keepalive_requests 10000000;
  sendfile on;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  fastcgi_temp_path {folder};
  uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  server {{
    listen {host}:{port};
    root {folder}/pages;
    default_type "text/html; charset=utf-8";
    add_header Content-Encoding gzip;
  }}
}}
"""


@contextmanager
def site(data_dir: Path, **environment: str) -> Iterator[str]:
    """The web process of `make run`; yields its address."""
    port = free_port()
    command = processes.commands(HOST, str(port))["web"]
    with running(command, port, os.environ | {"DATA_DIR": str(data_dir)} | environment):
        yield f"http://{HOST}:{port}"


@contextmanager
def nginx(folder: Path, pages: Mapping[str, bytes]) -> Iterator[str]:
    """nginx with the compressed pages as files; yields its address."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        sys.exit("nginx is not installed; the ratios need it")
    (folder / "pages").mkdir(mode=0o755)
    folder.chmod(0o755)  # its worker may run as another user
    for name, body in pages.items():
        (folder / "pages" / name).write_bytes(body)
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, host=HOST, port=port))
    with running([program, "-c", str(configuration)], port, os.environ):
        yield f"http://{HOST}:{port}"


def fetch(address: str) -> bytes:
    """A page as it comes over the wire, compressed."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})  # noqa: S310  loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310  loopback
        body: bytes = answer.read()
    return body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603  our own commands
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_WITHIN
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{process.args!r} does not answer")
            time.sleep(0.05)

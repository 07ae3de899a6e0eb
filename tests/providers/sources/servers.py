"""A web server of one route on loopback, answering raw bytes as a test says."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[socket.socket], None]


@contextmanager
def serving(*answers: Answer) -> Iterator[str]:
    """The address of a server that gives each connection the next answer, the last for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    stopping = threading.Event()
    thread = threading.Thread(target=_serve, args=(listener, answers, stopping))
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        stopping.set()
        # accept() is woken by a last connection; closing the socket alone leaves it asleep.
        with socket.create_connection(("127.0.0.1", port)):
            thread.join()
        listener.close()


def _serve(listener: socket.socket, answers: tuple[Answer, ...], stopping: threading.Event) -> None:
    served = 0
    while True:
        connection, _address = listener.accept()
        with connection:
            if stopping.is_set():
                return
            answer = answers[min(served, len(answers) - 1)]
            served += 1
            try:
                _read_request(connection)
                answer(connection)
            except OSError:
                continue  # the client left, as it should


def _read_request(connection: socket.socket) -> None:
    request = b""
    while b"\r\n\r\n" not in request:
        more = connection.recv(4096)
        if not more:
            return
        request += more


def response(body: bytes = b"", status: str = "200 OK", **headers: str) -> Answer:
    """A whole answer at once; header names are written with underscores."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda connection: connection.sendall(whole)


def redirect(to: str) -> Answer:
    return response(status="302 Found", Location=to)


def dripping(
    pause: float, head: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"
) -> Answer:
    """A byte now and then, for ever: every single read succeeds in time."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"x")
            threading.Event().wait(pause)

    return drip

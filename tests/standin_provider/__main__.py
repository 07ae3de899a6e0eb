"""`python -m tests.standin_provider`: prints the root of its API, serves until it is stopped."""

import argparse
import asyncio
import contextlib
import json

from .behaviour import Behaviour
from .server import Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.standin_provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default="", help="what clients must send; any, if left out")
    parser.add_argument(
        "--behaviours",
        default="{}",
        help='JSON, behaviour by model id: {"m": {"ttft_ms": 300}}; "" is any other model',
    )
    asked = parser.parse_args()
    stated = {name: Behaviour.of(one) for name, one in json.loads(asked.behaviours).items()}
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(Server({"": Behaviour(), **stated}, asked.key), asked.port))


async def _serve(server: Server, port: int) -> None:
    listening, port = await server.listen(port)
    print(f"http://127.0.0.1:{port}/v1", flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    main()

"""The brokers that jobs must run on, each as a place of the tests' own."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import redis
from kombu import Connection
from kombu.exceptions import OperationalError

from config.celery import app

# A database of Redis that nobody else uses, and a RabbitMQ without workers: tests empty both.
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/14")
AMQP = os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")
REGION = "probe.fra"


@contextmanager
def own_redis() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(REDIS, socket_timeout=10) as link:
        try:
            in_use = link.dbsize()
        except redis.ConnectionError as error:
            give_up(f"no Redis at {REDIS}: {error}")
        if in_use:
            pytest.skip(f"{REDIS} is in use; name an empty database in TEST_REDIS_URL")
        try:
            yield link
        finally:
            link.flushdb()


@contextmanager
def own_rabbitmq() -> Iterator[None]:
    with Connection(AMQP, connect_timeout=5) as link:
        try:
            link.connect()
        except (OSError, OperationalError) as error:
            give_up(f"no RabbitMQ at {AMQP}: {error}")
        names = [*(queue.name for queue in app.conf.task_queues), REGION]
        if any(map(lambda name: _is_in_use(link, name), names)):
            pytest.skip(f"{AMQP} is in use; name a virtual host of your own in TEST_AMQP_URL")
        try:
            yield
        finally:
            with closing(link.channel()) as channel:
                for name in names:
                    channel.queue_delete(name)


def _is_in_use(link: Connection, queue: str) -> bool:
    """Whether somebody listens there, or a message waits."""
    with closing(link.channel()) as channel:
        try:
            found = channel.queue_declare(queue, passive=True)
        except link.channel_errors:  # there is no such queue
            return False
        return bool(found.message_count or found.consumer_count)


def give_up(reason: str) -> None:
    """Missing: skipped on a developer's machine, failed in CI."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)

from datetime import timedelta


class Refused(Exception):
    """The plan cannot run as it is; the message names what to mend."""


class NotNow(Exception):
    """Nothing is wrong, but it must wait so long."""

    def __init__(self, reason: str, wait: timedelta) -> None:
        super().__init__(reason)
        self.wait = wait

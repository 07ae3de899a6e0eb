"""Secrets that the database keeps: unreadable without this site's SECRET_KEY."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"almanac.credential"


class Sealed(Exception):
    """A secret that cannot be opened: it was sealed under another SECRET_KEY, or is damaged."""


def seal(secret: str) -> str:
    """The secret, encrypted and signed."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed, under this SECRET_KEY or one of SECRET_KEY_FALLBACKS; else `Sealed`."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Sealed("SECRET_KEY was changed since the key was entered; enter it again") from None


def _box() -> MultiFernet:
    # Asked anew each time: a probe takes seconds, this takes microseconds, and tests change keys.
    return MultiFernet(
        [Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _derived(secret_key: str) -> bytes:
    """SECRET_KEY signs sessions too; what is derived for one purpose is of no use for another."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return base64.urlsafe_b64encode(derived.derive(secret_key.encode()))

from . import endpoint, held, job, provider, readonly, run

__all__ = ["endpoint", "held", "job", "provider", "readonly", "run"]

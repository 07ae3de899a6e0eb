from . import disagreement, endpoint, held, job, provider, readonly, run

__all__ = ["disagreement", "endpoint", "held", "job", "provider", "readonly", "run"]

from . import author, benchmark, listing, model, own_endpoint, parameter, suggestion, tag, worklist

__all__ = [
    "author",
    "benchmark",
    "listing",
    "model",
    "own_endpoint",
    "parameter",
    "suggestion",
    "tag",
    "worklist",
]

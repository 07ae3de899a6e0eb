from . import author, benchmark, listing, model, parameter, tag, worklist

__all__ = ["author", "benchmark", "listing", "model", "parameter", "tag", "worklist"]

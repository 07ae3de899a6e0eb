from . import author, benchmark, model, parameter, tag

__all__ = ["author", "benchmark", "model", "parameter", "tag"]

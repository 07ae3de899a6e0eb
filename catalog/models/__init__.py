from .author import Author
from .benchmark import Benchmark, Score
from .listing import Listing
from .model import AIModel, ModelAlias
from .parameter import Parameter
from .tag import Tag, Tagging

__all__ = [
    "AIModel",
    "Author",
    "Benchmark",
    "Listing",
    "ModelAlias",
    "Parameter",
    "Score",
    "Tag",
    "Tagging",
]

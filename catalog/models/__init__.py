from .author import Author
from .benchmark import Benchmark, Score
from .listing import Listing, ListingChange
from .model import AIModel, ModelAlias, Visibility
from .parameter import Parameter
from .tag import Tag, Tagging

__all__ = [
    "AIModel",
    "Author",
    "Benchmark",
    "Listing",
    "ListingChange",
    "ModelAlias",
    "Parameter",
    "Score",
    "Tag",
    "Tagging",
    "Visibility",
]

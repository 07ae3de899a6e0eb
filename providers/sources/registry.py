"""The sources, in the order in which they are refreshed."""

from collections.abc import Mapping
from types import MappingProxyType

from . import (
    genai_prices,
    litellm,
    models_dev,
    openrouter,
    pi_ai,
    reference_page,
    vercel,
    zenmux,
)
from .base import Parted, Recordable, SourceModule

_MODULES: tuple[SourceModule, ...] = (
    models_dev,
    litellm,
    genai_prices,
    pi_ai,
    zenmux,
    reference_page,
    openrouter,
    vercel,
)

SOURCES: Mapping[str, SourceModule] = MappingProxyType(
    {module.SOURCE.slug: module for module in _MODULES}
)
# Those whose recording is taken from a public package.
RECORDABLE: Mapping[str, Recordable] = MappingProxyType(
    {slug: module for slug, module in SOURCES.items() if isinstance(module, Recordable)}
)
# Those whose list leads to an address for each model.
PARTED: Mapping[str, Parted] = MappingProxyType(
    {slug: module for slug, module in SOURCES.items() if isinstance(module, Parted)}
)

"""What a model is called on its page: its author's name for it, else others', else its id."""

import re
from collections import Counter
from collections.abc import Iterable

from .matcher import bag, core, sizes
from .spelling import Key, is_size, key

# "OpenAI: GPT-4o mini (free)": who and how it is sold is not the name.
_SELLER = re.compile(r"^[^:]{2,30}:\s+")
_ASIDE = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_DATE = re.compile(r"\s+(20\d\d-\d\d-\d\d|20\d{6}|\d\d-20\d\d|preview \d\d-\d\d)$", re.IGNORECASE)
_SERVED = re.compile(
    r"\s+(latest|fp8|fp4|nvfp4|bf16|tee|free|batch|maas|via .*|hf)$", re.IGNORECASE
)

# How words of ids are written.
_WRITTEN = {
    "ai": "AI", "api": "API", "asr": "ASR", "bge": "BGE", "chatgpt": "ChatGPT", "dall": "DALL",
    "deepseek": "DeepSeek", "ernie": "ERNIE", "glm": "GLM", "gpt": "GPT", "gte": "GTE", "hd": "HD",
    "i2v": "I2V", "it": "IT", "lfm": "LFM", "llama": "Llama", "mai": "MAI", "mimo": "MiMo",
    "minimax": "MiniMax", "mt": "MT", "ocr": "OCR", "oss": "OSS", "qvq": "QVQ", "qwq": "QwQ",
    "r2v": "R2V", "stt": "STT", "t2v": "T2V", "tts": "TTS", "ui": "UI", "vl": "VL",
    "wizardlm": "WizardLM", "xl": "XL",
}  # fmt: skip
# OpenAI writes these words small after a version: GPT-4o mini, GPT-4.1 nano.
_SMALL = {"mini", "nano"}
_VERSION = re.compile(r"(?<=-)(\d+)-(\d{1,2})(?=-|$)")


def display_name(slug: str, stated: Iterable[tuple[str, bool]]) -> str:
    """The name of a model from (name, said by its author) pairs.

    A name must say what the id says: in its order, else in another, else without words such as
    "Instruct". Then the author's word counts, then the most frequent, the shortest, the first in
    the alphabet. Where no name fits, the id's words are used.
    """
    support: Counter[str] = Counter()
    own: set[str] = set()
    for name, by_author in stated:
        for form in _forms(name):
            support[form] += 1
            own |= {form} if by_author else set()
    tokens = key(slug)
    fitting = [
        (_misfit(tokens, key(name)), name not in own, -support[name], len(name), name)
        for name in support
        if _misfit(tokens, key(name)) < _UNFIT and not _is_an_id(name)
    ]
    return min(fitting)[-1] if fitting else from_slug(slug)


_UNFIT = 3


def _misfit(wanted: Key, tokens: Key) -> int:
    if tokens == wanted:
        return 0
    if bag(tokens) == bag(wanted):
        return 1
    same = bag(core(tokens)) == bag(core(wanted)) and sizes(tokens) <= sizes(wanted)
    told = bool(sizes(tokens)) == bool(sizes(wanted))
    told &= ("preview" in tokens) == ("preview" in wanted)
    return 2 if same and told else _UNFIT


def _forms(name: str) -> set[str]:
    """A stated name without its asides, and with them: "Opus 4.6 (Fast)" is another model."""
    return {cleaned(name), cleaned(name.replace("(", "").replace(")", ""))} - {""}


def cleaned(name: str) -> str:
    """A stated name without its seller, asides, dates and ways of serving."""
    before = ""
    name = _SELLER.sub("", " ".join(name.split()))
    while name != before:
        before = name
        name = _SERVED.sub("", _DATE.sub("", _ASIDE.sub(" ", name).strip()))
    return name


def _is_an_id(name: str) -> bool:
    """Whether somebody wrote the id where a name belongs; o4-mini is written small."""
    small = name == name.lower() and len(key(name)) > 2 and not re.match(r"o\d", name)
    return "/" in name or "_" in name or small


def from_slug(slug: str) -> str:
    """`gpt-4o-mini` as GPT-4o mini, `qwen3-235b-a22b` as Qwen3 235B A22B."""
    words = [_written(word) for word in _VERSION.sub(r"\1.\2", slug).split("-") if word]
    if not words:
        return slug
    if words[0] in ("GPT", "DALL") and len(words) > 1:
        small = [word.lower() if word.lower() in _SMALL else word for word in words[2:]]
        words = [f"{words[0]}-{words[1]}", *small]
    if re.fullmatch(r"o\d", words[0]) and words[1:] in (["Mini"], ["Pro"]):
        return f"{words[0]}-{words[1].lower()}"
    return " ".join(words)


def _written(word: str) -> str:
    if word in _WRITTEN:
        return _WRITTEN[word]
    if is_size(word) or re.fullmatch(r"[a-z]\d+b", word):
        return word.upper()
    if re.fullmatch(r"o\d|\d+o", word):
        return word
    letters = re.match(r"[a-z]+", word)
    if letters and letters[0] in _WRITTEN:
        return _WRITTEN[letters[0]] + word[letters.end() :]
    return word[:1].upper() + word[1:]

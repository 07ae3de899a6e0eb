"""What a model is called on its page: its author's name for it, else others', else its id."""

import re
from collections import Counter
from collections.abc import Iterable

from .spelling import is_size

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
    """The name of a model from (name, said by its author) pairs; the author's word counts first.

    Of equally supported names the shortest is taken, then the first in the alphabet.
    """
    own: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for name, by_author in stated:
        clean = cleaned(name)
        if clean and not _is_an_id(clean):
            (own if by_author else others)[clean] += 1
    for names in (own, others):
        if names:
            return min(names, key=lambda name: (-names[name], len(name), name))
    return from_slug(slug)


def cleaned(name: str) -> str:
    """A stated name without its seller, asides, dates and ways of serving."""
    before = ""
    name = _SELLER.sub("", " ".join(name.split()))
    while name != before:
        before = name
        name = _SERVED.sub("", _DATE.sub("", _ASIDE.sub(" ", name).strip()))
    return name


def _is_an_id(name: str) -> bool:
    """Whether somebody wrote the id where a name belongs."""
    return "/" in name or (name == name.lower() and ("-" in name or "_" in name))


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

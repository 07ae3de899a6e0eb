"""What an endpoint does, guessed from its name, for sources that do not say.

Against LiteLLM's stated modes it is right in 97 of 100 names; the rest are product names that say
nothing of their use.
"""

import re

from providers.choices import Kind

# First match wins. Words count only between other characters: `embed` must not find `embedded`.
_SIGNS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?<![a-z])(?:{words})(?![a-z])"))
    for kind, words in (
        (Kind.MODERATION, r"moderation"),
        (Kind.RERANK, r"rerank[a-z]*|semantic-ranker"),
        (
            Kind.EMBEDDING,
            r"embed|embedding|embeddings|multimodalembedding|bge|gte|e5|m2-bert|nomic|voyage"
            r"|all-minilm|text-similarity|uae-large",
        ),
        (Kind.OCR, r"ocr|mistral-document-ai|doc-intelligence"),
        (
            Kind.TRANSCRIPTION,
            r"whisper|transcribe|transcription|scribe|stt|asr|parakeet|speech-to-text",
        ),
        (
            Kind.SPEECH,
            r"tts|text-to-speech|orpheus|aura|kokoro|melotts|bark|chirp|speech-\d"
            r"|eleven-(?:v\d|multilingual|flash|turbo)",
        ),
        (Kind.VIDEO, r"veo|sora|kling|seedance|hailuo|runway|video|t2v|i2v|r2v"),
        (
            Kind.IMAGE,
            r"image|dall-e|imagen|flux|stable-diffusion|sdxl|recraft|ideogram|seedream"
            r"|nano-banana|nova-canvas|titan-image-generator",
        ),
    )
)


def kind_of(native_id: str, name: str = "") -> Kind:
    """The kind that an id or a name gives away; chat when neither does."""
    for words in (native_id.lower().replace("_", "-"), name.lower().replace(" ", "-")):
        for kind, sign in _SIGNS:
            if sign.search(words):
                return kind
    return Kind.CHAT

"""The right call for what an endpoint does: method, body, and where the answer lies. std only."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from providers.choices import Kind

from .literals import Text, Value, changing, joined
from .services import Service

QUESTION = "Explain the tides in one sentence."
PICTURE_QUESTION = "What is in this picture?"
PICTURE = "https://example.com/harbour.jpg"
SENTENCE = "The tide turns twice a day."
SCENE = "A lighthouse at dusk, in two colours"
ANSWER_TOKENS = 1024  # Anthropic's API wants a limit stated

BEARER = ("Authorization", "Bearer ")
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP POST.

    `method` is what OpenAI's or Anthropic's library calls it (empty: they have none for it);
    `answer` leads to what one wants of the JSON that comes back, `method_answer` where the library
    words it otherwise. `saves` names the file that an answer which is no JSON is written to.
    `shape`: how the request is sent: json, upload (a form with a file) or raw (the file itself).
    """

    root: str
    path: Text
    body: dict[str, Value]
    answer: Steps = ()
    method: str = ""
    method_answer: Steps = ()
    saves: str = ""
    shape: str = "json"
    key_header: tuple[str, str] = BEARER  # name of the header, what stands before the key
    headers: tuple[tuple[str, str], ...] = ()
    note: str = ""

    def in_library(self) -> Steps:
        return self.method_answer or self.answer


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of which endpoint; `model` is what stands for it in the request."""

    model: Text
    service: Service
    kind: str
    sees: bool  # takes images

    def root(self) -> str:
        return self.service.roots.get(self.kind, self.service.base)


def _plain(path: str) -> Text:
    return Text(((path, False),))


# -- chat -----------------------------------------------------------------------------------------


def chat(wanted: Wanted) -> Call:
    content: Value = QUESTION
    if wanted.sees:
        content = [
            {"type": "text", "text": PICTURE_QUESTION},
            {"type": "image_url", "image_url": {"url": PICTURE}},
        ]
    return Call(
        root=wanted.root(),
        path=_plain("/chat/completions"),
        body={"model": wanted.model, "messages": [{"role": "user", "content": content}]},
        answer=("choices", 0, "message", "content"),
        method="chat.completions.create",
    )


def responses(wanted: Wanted) -> Call:
    content: Value = QUESTION
    if wanted.sees:
        content = [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": PICTURE_QUESTION},
                    {"type": "input_image", "image_url": PICTURE},
                ],
            }
        ]
    return Call(
        root=wanted.root(),
        path=_plain("/responses"),
        body={"model": wanted.model, "input": content},
        answer=("output", -1, "content", 0, "text"),
        method="responses.create",
        method_answer=("output_text",),
    )


def completions(wanted: Wanted) -> Call:
    """The older call, of models that continue a text."""
    return Call(
        root=wanted.root(),
        path=_plain("/completions"),
        body={"model": wanted.model, "prompt": "The tides follow", "max_tokens": ANSWER_TOKENS},
        answer=("choices", 0, "text"),
        method="completions.create",
    )


def messages(wanted: Wanted) -> Call:
    """Anthropic's Messages API, at its maker or at whoever else serves it."""
    content: Value = QUESTION
    if wanted.sees:
        content = [
            {"type": "image", "source": {"type": "url", "url": PICTURE}},
            {"type": "text", "text": PICTURE_QUESTION},
        ]
    return Call(
        root=wanted.service.anthropic,
        path=_plain("/v1/messages"),
        body={
            "model": wanted.model,
            "max_tokens": ANSWER_TOKENS,
            "messages": [{"role": "user", "content": content}],
        },
        answer=("content", 0, "text"),
        method="messages.create",
        key_header=BEARER if wanted.service.anthropic_bearer else ("x-api-key", ""),
        headers=(("anthropic-version", "2023-06-01"),),
    )


def converse(wanted: Wanted) -> Call:
    """Bedrock's one call for every maker's chat models; pictures go as bytes, so text only."""
    return Call(
        root=wanted.root(),
        path=joined("/model/", changing(quote(str(wanted.model), safe="")), "/converse"),
        body={"messages": [{"role": "user", "content": [{"text": QUESTION}]}]},
        answer=("output", "message", "content", 0, "text"),
        note="The model must be open to your account in this region.",
    )


# -- everything else ------------------------------------------------------------------------------


def embedding(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=_plain("/embeddings"),
        body={"model": wanted.model, "input": SENTENCE},
        answer=("data", 0, "embedding"),
        method="embeddings.create",
    )


def image(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=_plain("/images/generations"),
        body={"model": wanted.model, "prompt": SCENE},
        answer=("data", 0),
        method="images.generate",
        note="The picture comes as an address or as base64, as the model has it.",
    )


def image_by_chat(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=_plain("/chat/completions"),
        body={
            "model": wanted.model,
            "modalities": ["image", "text"],
            "messages": [{"role": "user", "content": SCENE}],
        },
        answer=("choices", 0, "message", "images", 0, "image_url", "url"),
        note="The picture comes as a data: address.",
    )


def image_by_fal(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=joined("/", changing(quote(str(wanted.model)))),
        body={"prompt": SCENE},
        answer=("images", 0, "url"),
        key_header=("Authorization", "Key "),
    )


def speech(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=_plain("/audio/speech"),
        body={
            "model": wanted.model,
            "voice": wanted.service.voice or "YOUR_VOICE",
            "input": SENTENCE,
        },
        method="audio.speech.create",
        saves="speech.mp3",
        note="" if wanted.service.voice else "YOUR_VOICE: one of the voices of this model.",
    )


def speech_by_elevenlabs(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=_plain("/text-to-speech/YOUR_VOICE_ID"),
        body={"model_id": wanted.model, "text": SENTENCE},
        saves="speech.mp3",
        key_header=("xi-api-key", ""),
        note="YOUR_VOICE_ID: one of the voices of your account.",
    )


def transcription(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=_plain("/audio/transcriptions"),
        body={"model": wanted.model},
        answer=("text",),
        method="audio.transcriptions.create",
        shape="upload",
    )


def transcription_by_elevenlabs(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=_plain("/speech-to-text"),
        body={"model_id": wanted.model},
        answer=("text",),
        shape="upload",
        key_header=("xi-api-key", ""),
    )


def transcription_by_deepgram(wanted: Wanted) -> Call:
    query = urlencode({"model": str(wanted.model)}, quote_via=quote).partition("=")[2]
    return Call(
        root=wanted.root(),
        path=joined("/listen?model=", changing(query)),
        body={},
        answer=("results", "channels", 0, "alternatives", 0, "transcript"),
        shape="raw",
        key_header=("Authorization", "Token "),
    )


def rerank(wanted: Wanted) -> Call:
    by_voyage = wanted.service.dialect == "voyage"
    return Call(
        root=wanted.root(),
        path=_plain("/rerank"),
        body={
            "model": wanted.model,
            "query": "When is high water?",
            "documents": [SENTENCE, "The lighthouse is white."],
            "top_k" if by_voyage else "top_n": 1,
        },
        answer=("data",) if by_voyage else ("results",),
    )


def moderation(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=_plain("/moderations"),
        body={"model": wanted.model, "input": SENTENCE},
        answer=("results", 0),
        method="moderations.create",
    )


def ocr(wanted: Wanted) -> Call:
    return Call(
        root=wanted.root(),
        path=_plain("/ocr"),
        body={
            "model": wanted.model,
            "document": {
                "type": "document_url",
                "document_url": "https://example.com/tide-table.pdf",
            },
        },
        answer=("pages", 0, "markdown"),
    )


_USUAL: dict[str, Callable[[Wanted], Call]] = {
    Kind.EMBEDDING: embedding,
    Kind.IMAGE: image,
    Kind.SPEECH: speech,
    Kind.TRANSCRIPTION: transcription,
    Kind.RERANK: rerank,
    Kind.MODERATION: moderation,
    Kind.OCR: ocr,
}
_OWN: dict[tuple[str, str], Callable[[Wanted], Call]] = {
    ("openrouter", Kind.IMAGE): image_by_chat,
    ("fal", Kind.IMAGE): image_by_fal,
    ("elevenlabs", Kind.SPEECH): speech_by_elevenlabs,
    ("elevenlabs", Kind.TRANSCRIPTION): transcription_by_elevenlabs,
    ("deepgram", Kind.TRANSCRIPTION): transcription_by_deepgram,
}


def other_than_chat(wanted: Wanted) -> Call:
    """The provider's own call for the kind where it has one, else OpenAI's."""
    build = _OWN.get((wanted.service.dialect, wanted.kind)) or _USUAL[wanted.kind]
    return build(wanted)

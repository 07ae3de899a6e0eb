import pytest

from providers.choices import Kind
from providers.sources.kinds import kind_of


@pytest.mark.parametrize(
    ("native_id", "kind"),
    [
        ("openai/gpt-4o-mini", Kind.CHAT),
        ("text-embedding-3-small", Kind.EMBEDDING),
        ("@cf/baai/bge-reranker-base", Kind.RERANK),
        ("omni-moderation-latest", Kind.MODERATION),
        ("whisper-large-v3", Kind.TRANSCRIPTION),
        ("gpt-4o-mini-tts", Kind.SPEECH),
        ("black-forest-labs/FLUX.1-schnell", Kind.IMAGE),
        ("veo-3.0-generate-001", Kind.VIDEO),
        ("mistral-ocr-latest", Kind.OCR),
    ],
)
def test_an_id_gives_its_kind_away(native_id: str, kind: Kind) -> None:
    assert kind_of(native_id) == kind


@pytest.mark.parametrize("native_id", ["embedded-systems-7b", "sorani-chat", "me5sh", "asrock"])
def test_a_word_inside_another_gives_nothing_away(native_id: str) -> None:
    assert kind_of(native_id) == Kind.CHAT


def test_the_name_is_asked_when_the_id_says_nothing() -> None:
    assert kind_of("eleven_v9", "Text to Speech v9") == Kind.SPEECH

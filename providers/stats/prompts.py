"""Prompts of a chosen size that were never sent before, so that no cache answers them."""

import secrets

# Short and common: nearly one token each with every tokenizer that we know.
_WORDS = (
    *("apple", "arm", "baby", "back", "ball", "band", "bank", "base", "bear", "bed", "bell"),
    *("bird", "black", "blue", "board", "boat", "body", "book", "box", "boy", "bread", "bridge"),
    *("brown", "bus", "cake", "camp", "car", "card", "cat", "chair", "child", "city", "class"),
    *("clock", "cloud", "coat", "coffee", "cold", "color", "cook", "corn", "cow", "cross", "cup"),
    *("dance", "dark", "day", "desk", "dog", "door", "dream", "dress", "drive", "ear", "earth"),
    *("east", "egg", "eye", "face", "farm", "field", "fire", "fish", "floor", "flower", "food"),
    *("foot", "forest", "friend", "fruit", "game", "garden", "gate", "glass", "gold", "grass"),
    *("green", "hair", "hall", "hand", "hat", "head", "heart", "hill", "home", "horse", "house"),
    *("ice", "iron", "island", "key", "king", "lake", "land", "leaf", "leg", "letter", "light"),
    *("lion", "map", "market", "metal", "milk", "mind", "money", "moon", "morning", "mountain"),
    *("mouth", "music", "name", "night", "north", "nose", "ocean", "oil", "orange", "page"),
    *("paper", "park", "path", "picture", "plane", "plant", "pool", "queen", "rain", "red"),
    *("rice", "ring", "river", "road", "rock", "roof", "room", "rose", "salt", "sand", "school"),
    *("sea", "seed", "ship", "shoe", "shop", "sign", "silver", "sister", "sky", "snow", "song"),
    *("south", "spring", "square", "star", "station", "stone", "store", "story", "street"),
    *("summer", "sun", "table", "tea", "tiger", "time", "top", "town", "train", "tree", "truck"),
    *("valley", "voice", "wall", "watch", "water", "west", "wheel", "white", "wind", "window"),
    *("wing", "winter", "wood", "word", "world", "year", "yellow"),
)
_TASK = (
    "Note {nonce}. Write a long story, without a title, in which as many of these words as "
    "possible come up, and do not stop before all of them did. Words:"
)
# What the task itself comes to, roughly.
TASK_TOKENS = 40
# Providers wrap a prompt into a template of their own, which is counted and billed as well.
WRAPPING_TOKENS = 200


def prompt(tokens: int) -> str:
    """About so many tokens, different from the first word on each time."""
    words = (secrets.choice(_WORDS) for _ in range(max(1, tokens - TASK_TOKENS)))
    return " ".join([_TASK.format(nonce=secrets.token_hex(6)), *words])


def most_tokens(prompt: str) -> int:
    """What it can come to at most: no tokenizer makes more tokens of a text than it has bytes."""
    return len(prompt.encode()) + WRAPPING_TOKENS

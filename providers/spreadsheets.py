"""Cells that a spreadsheet would run as formulas, made text and back. No Django, no house."""

# An apostrophe in front makes it text, to every spreadsheet.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def disarmed(cell: str) -> str:
    """The cell as no spreadsheet runs it."""
    return f"'{cell}" if _is_live(cell) else cell


def rearmed(cell: str) -> str:
    """What `disarmed` was given."""
    return cell[1:] if cell[:1] == "'" and _is_live(cell) else cell


def _is_live(cell: str) -> bool:
    """Begins a formula, or would once its apostrophes are taken away."""
    return cell.lstrip("'").startswith(_STARTS_A_FORMULA)

"""What every check raises, and how it learns where it happened."""

import contextlib
from collections.abc import Iterator


class Refusal(Exception):
    """Says what is not as it must be."""


@contextlib.contextmanager
def within(place: str) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise Refusal(f"{place}: {refusal}") from refusal

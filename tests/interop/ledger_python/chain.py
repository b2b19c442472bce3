"""What the entries themselves say: canonical form, one member, seq, prev and the pair counters."""

import json
import re
from typing import Any

from merkle import leaf_hash
from refusal import Refusal, within

START = (0, "0" * 64)


def check_chain(entries: list[bytes]) -> None:
    last, pairs, member = START, {}, ""
    for i, raw in enumerate(entries):
        with within(f"entry {i}"):
            entry = read_canonical(raw)
            member = member or str(entry.get("member", ""))
            if not member or entry.get("member") != member:
                raise Refusal(f"member is {entry.get('member')!r}, expected {member!r}")
            if entry.get("seq") != last[0]:
                raise Refusal(f"seq is {entry.get('seq')!r}")
            if entry.get("prev") != last[1]:
                raise Refusal("prev is not the leaf hash of the entry before")
            last = (last[0] + 1, leaf_hash(raw).hex())
            if "pair" in entry:
                _advance(pairs, entry["pair"], last[1])
    print(f"chain: {len(entries)} entries of {member}, {len(pairs)} pair counters")


def _advance(pairs: dict[str, tuple[int, str]], pair: dict[str, Any], leaf: str) -> None:
    key = f"{pair.get('dir')} {pair.get('peer')}"
    count, prev = pairs.get(key, START)
    if pair.get("n") != count + 1:
        raise Refusal(f"pair.n of {key} is {pair.get('n')!r}, expected {count + 1}")
    if pair.get("prev") != prev:
        raise Refusal(f"pair.prev of {key} is not the leaf hash of its entry {count}")
    pairs[key] = (count + 1, leaf)


def read_canonical(raw: bytes) -> dict[str, Any]:
    """Refuses an entry that is not the canonical form (RFC 8785) of what it says. Names are ASCII, numbers integers."""
    try:
        value = json.loads(raw.decode(), parse_int=_integer, parse_float=_no_number, parse_constant=_no_number)
        canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    except ValueError as error:
        raise Refusal(f"is no JSON object: {error}") from error
    if canonical != raw or not isinstance(value, dict) or _holds_other(value):
        raise Refusal("is not in canonical form")
    return value


def _integer(text: str) -> int:
    # Below 10^15, so that any JSON parser carries it exactly.
    if not re.fullmatch("0|[1-9][0-9]{0,14}", text):
        raise Refusal(f"holds the number {text}")
    return int(text)


def _no_number(text: str) -> None:
    raise Refusal(f"holds the number {text}")


def _holds_other(value: Any) -> bool:
    """Anything but objects, arrays, text and integers."""
    if isinstance(value, dict):
        return any(map(_holds_other, value.values()))
    if isinstance(value, list):
        return any(map(_holds_other, value))
    return value is None or isinstance(value, bool)

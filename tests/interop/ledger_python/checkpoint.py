"""Signed notes, checkpoints and cosignatures: c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature."""

import base64
import binascii
import dataclasses
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from refusal import Refusal

LOG, COSIGNER = 0x01, 0x04
MAX_SIGNATURES = 100


class Key:
    """A vkey, `name+id+base64(type || public key)`, of one of the two Ed25519 types."""

    def __init__(self, vkey: str, wanted: int):
        self.name, _, rest = vkey.partition("+")
        self.id, _, encoded = rest.partition("+")
        self.type = wanted
        raw = decode(encoded)
        if not self.name or len(raw) != 33 or raw[0] != wanted:
            raise Refusal(f"key {vkey!r}: expected name+id+key of an Ed25519 key, type {wanted:#04x}")
        if hashlib.sha256(self.name.encode() + b"\n" + raw).hexdigest()[:8] != self.id:
            raise Refusal(f"key {vkey!r}: the id does not belong to name and key")
        self._public = Ed25519PublicKey.from_public_bytes(raw[1:])

    def __str__(self) -> str:
        return f"{self.name}+{self.id}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        if self.type == COSIGNER:
            time = int.from_bytes(signature[:8], "big")
            text, signature = b"cosignature/v1\ntime %d\n" % time + text, signature[8:]
        try:
            self._public.verify(signature, text)
            return True
        except InvalidSignature:
            return False


class Keys:
    def __init__(self, log: str, witnesses: list[str]):
        self.log = Key(log, LOG)
        self.witnesses = [Key(vkey, COSIGNER) for vkey in witnesses]


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    # Key, as text, to signature: those that were asked for and are there. All are true.
    signatures: dict[str, bytes]


def open_checkpoint(note: bytes, keys: Keys) -> Checkpoint:
    """Wants the log's signature; a signature of another known key may be missing but not false."""
    text, signatures = _open_note(note, [keys.log, *keys.witnesses])
    if str(keys.log) not in signatures:
        raise Refusal(f"no signature of log key {keys.log}")
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != keys.log.name:
        raise Refusal(f"is of {lines[0]!r}, expected {keys.log.name!r}")
    if not re.fullmatch("0|[1-9][0-9]*", lines[1]):
        raise Refusal(f"malformed size {lines[1]!r}")
    return Checkpoint(lines[0], int(lines[1]), read_hash(lines[2]), signatures)


def check_cosignatures(checkpoint: Checkpoint, keys: Keys) -> None:
    for witness in keys.witnesses:
        signature = checkpoint.signatures.get(str(witness))
        if signature is None:
            raise Refusal(f"no cosignature of witness {witness}")
        print(f"cosignature: {witness.name} at {int.from_bytes(signature[:8], 'big')}")


def read_hash(line: str) -> bytes:
    found = decode(line)
    if len(found) != 32:
        raise Refusal(f"malformed hash {line!r}")
    return found


def decode(encoded: str) -> bytes:
    """Base64 in its one spelling: Python lets stray bits after the last byte pass."""
    try:
        found = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(f"malformed base64 {encoded!r}") from error
    if base64.b64encode(found).decode() != encoded:
        raise Refusal(f"malformed base64 {encoded!r}")
    return found


def _open_note(note: bytes, known: list[Key]) -> tuple[str, dict[str, bytes]]:
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise Refusal("is not UTF-8") from error
    text, separator, block = whole.rpartition("\n\n")
    if re.search("[\x00-\x09\x0b-\x1f]", whole) or not separator or not block.endswith("\n"):
        raise Refusal("is no signed note")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Refusal(f"has more than {MAX_SIGNATURES} signatures")
    found = {}
    for line in lines:
        parts = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        signature = decode(parts[2]) if parts else b""
        if parts is None or len(signature) < 5:
            raise Refusal(f"malformed signature line {line!r}")
        for key in known:
            if (key.name, key.id) == (parts[1], signature[:4].hex()):
                if not key.verifies(f"{text}\n".encode(), signature[4:]):
                    raise Refusal(f"invalid signature for key {key}")
                found.setdefault(str(key), signature[4:])
    return text + "\n", found

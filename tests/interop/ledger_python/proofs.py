"""Older checkpoints with their consistency proofs, and c2sp.org/tlog-proof files, against a verified tree."""

import argparse
import pathlib
import re

from checkpoint import Checkpoint, Keys, open_checkpoint, read_hash
from merkle import Tree, leaf_hash, proves_consistency, proves_inclusion
from refusal import Refusal, within


def check_older(arguments: argparse.Namespace, keys: Keys, tree: Tree) -> None:
    with within("older checkpoint"):
        older = open_checkpoint(arguments.older.read_bytes(), keys)
        if not 1 <= older.size <= tree.size:
            raise Refusal(f"has {older.size} entries, expected 1 to {tree.size}")
        if tree.root(older.size) != older.root:
            raise Refusal("the log does not extend it, a fork")
    print(f"older checkpoint: {older.size} entries, extended")
    if arguments.consistency is not None:
        with within("consistency proof"):
            _check_consistency(arguments.consistency, older, keys, tree)


def check_proofs(directory: pathlib.Path, keys: Keys, tree: Tree) -> None:
    files = sorted(directory.glob("*.tlog-proof"))
    if not files:
        raise Refusal(f"no .tlog-proof in {directory}")
    for file in files:
        with within(file.name):
            _check_proof(file, keys, tree)


def _check_consistency(file: pathlib.Path, older: Checkpoint, keys: Keys, tree: Tree) -> None:
    """The body of a request to a witness, c2sp.org/tlog-witness."""
    lines, newer = _read(file, keys)
    if lines[0] != f"old {older.size}":
        raise Refusal(f'starts with {lines[0]!r}, expected "old {older.size}"')
    hashes = [read_hash(line) for line in lines[1:]]
    if not proves_consistency(hashes, (older.size, older.root), (newer.size, newer.root)):
        raise Refusal("does not lead from the older root to the newer")
    _check_same_log(newer, tree)
    print(f"consistency proof: {older.size} to {newer.size} entries, {len(hashes)} hashes")


def _check_proof(file: pathlib.Path, keys: Keys, tree: Tree) -> None:
    lines, checkpoint = _read(file, keys)
    if len(lines) > 1 and lines[1].startswith("extra "):
        del lines[1]
    if len(lines) < 2 or lines[0] != "c2sp.org/tlog-proof@v1":
        raise Refusal("is no tlog-proof of version 1")
    if not re.fullmatch("index (0|[1-9][0-9]*)", lines[1]):
        raise Refusal(f"malformed index line {lines[1]!r}")
    index, hashes = int(lines[1][6:]), [read_hash(line) for line in lines[2:]]
    leaf = leaf_hash(file.with_suffix(".entry").read_bytes())
    if not proves_inclusion(hashes, index, checkpoint.size, leaf, checkpoint.root):
        raise Refusal(f"does not lead from the entry at index {index} to the root")
    _check_same_log(checkpoint, tree)
    print(f"{file.name}: entry {index} of {checkpoint.size}")


def _check_same_log(checkpoint: Checkpoint, tree: Tree) -> None:
    """A proof may be right under a checkpoint that belongs to another history."""
    if checkpoint.size > tree.size:
        raise Refusal(f"its checkpoint of {checkpoint.size} entries is beyond the export's {tree.size}")
    if tree.root(checkpoint.size) != checkpoint.root:
        raise Refusal(f"its checkpoint of {checkpoint.size} entries is not of this log, a fork")


def _read(file: pathlib.Path, keys: Keys) -> tuple[list[str], Checkpoint]:
    """Lines, empty line, checkpoint."""
    head, separator, note = file.read_bytes().partition(b"\n\n")
    if not separator:
        raise Refusal("has no empty line")
    return head.decode(errors="replace").split("\n"), open_checkpoint(note, keys)

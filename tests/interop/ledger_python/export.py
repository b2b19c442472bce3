"""An exported directory in the layout of c2sp.org/tlog-tiles, checked against its signed root."""

import pathlib

from checkpoint import Checkpoint
from merkle import Tree, leaf_hash
from refusal import Refusal

WIDTH, HEIGHT, HASH = 256, 8, 32
MAX_ENTRY_BYTES = 8192


def tile_path(level: str, index: int, width: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == WIDTH else f".p/{width}")


def tiles_of(level: str, count: int) -> list[tuple[str, int, int]]:
    """Path, first position and width of every tile of a level that holds `count` hashes."""
    starts = range(0, count, WIDTH)
    widths = [min(WIDTH, count - start) for start in starts]
    return [(tile_path(level, start // WIDTH, width), start, width) for start, width in zip(starts, widths)]


class Export:
    def __init__(self, directory: pathlib.Path):
        self._directory = directory

    def entries(self, size: int) -> list[bytes]:
        found: list[bytes] = []
        for path, _, width in tiles_of("entries", size):
            bundle, at = self._read(path), 0
            for _ in range(width):
                length = int.from_bytes(bundle[at : at + 2], "big")
                at += 2 + length
                if at > len(bundle):
                    raise Refusal(f"{path}: ends within entry {len(found)}")
                if length > MAX_ENTRY_BYTES:
                    raise Refusal(f"entry {len(found)}: has {length} bytes, at most {MAX_ENTRY_BYTES}")
                found.append(bundle[at - length : at])
            if at < len(bundle):
                raise Refusal(f"{path}: {len(bundle) - at} bytes to spare")
        return found

    def tile(self, path: str, width: int) -> list[bytes]:
        data = self._read(path)
        if len(data) != width * HASH:
            raise Refusal(f"{path}: has {len(data)} bytes, expected {width * HASH}")
        return [data[at : at + HASH] for at in range(0, len(data), HASH)]

    def _read(self, path: str) -> bytes:
        try:
            return (self._directory / path).read_bytes()
        except OSError as error:
            raise Refusal(f"{path}: {error.strerror}") from error


def check_tree(export: Export, checkpoint: Checkpoint, entries: list[bytes]) -> Tree:
    """
    Rebuilds the whole tree from the entries. When that gives the signed root, the entries are the signed ones, and
    every tile must be what they give; when it does not, the tiles tell which entry is false.
    """
    tree = Tree([leaf_hash(entry) for entry in entries])
    if tree.root(tree.size) != checkpoint.root:
        raise _blame(export, checkpoint, tree)
    count = 0
    for level in range(0, len(tree.levels), HEIGHT):
        for path, start, width in tiles_of(str(level // HEIGHT), len(tree.levels[level])):
            count += 1
            for i, found in enumerate(export.tile(path, width)):
                if found != tree.levels[level][start + i]:
                    raise Refusal(f"{path}: hash {i} is not what the entries give")
    print(f"tree: {tree.size} entries and {count} hash tiles give the root")
    return tree


def _blame(export: Export, checkpoint: Checkpoint, tree: Tree) -> Refusal:
    tiles = tiles_of("0", checkpoint.size)
    signed = Tree([leaf for path, _, width in tiles for leaf in export.tile(path, width)])
    if signed.root(signed.size) != checkpoint.root:
        return Refusal("root: neither the entries nor the tiles give the signed one")
    for i, (leaf, signed_leaf) in enumerate(zip(tree.levels[0], signed.levels[0])):
        if leaf != signed_leaf:
            return Refusal(f"entry {i}: its leaf hash is not the one in the signed tree")
    return Refusal("root: is not what the entries give")

"""The Merkle tree of RFC 6962, and the verification of its proofs as RFC 9162 writes it down (2.1.3.2, 2.1.4.2)."""

import hashlib


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """levels[k][i] is the hash over the 2^k leaves from i * 2^k on."""

    def __init__(self, leaves: list[bytes]):
        self.levels = [leaves]
        while len(below := self.levels[-1]) > 1:
            self.levels.append([node_hash(*below[i : i + 2]) for i in range(0, len(below) - 1, 2)])

    @property
    def size(self) -> int:
        return len(self.levels[0])

    def root(self, size: int) -> bytes:
        """Root of the tree when it had that size."""
        if size == 0:
            return hashlib.sha256().digest()
        edge, start = [], 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                edge.append(self.levels[level][start >> level])
                start += 1 << level
        root = edge.pop()
        while edge:
            root = node_hash(edge.pop(), root)
        return root


def proves_inclusion(proof: list[bytes], index: int, size: int, leaf: bytes, root: bytes) -> bool:
    if not 0 <= index < size:
        return False
    fn, sn, found = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def proves_consistency(proof: list[bytes], first: tuple[int, bytes], second: tuple[int, bytes]) -> bool:
    """`first` and `second` are size and root."""
    (size1, root1), (size2, root2) = first, second
    if not 0 < size1 <= size2:
        return False
    if size1 == size2:
        return not proof and root1 == root2
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else proof
    if not path:
        return False
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(step, fr), node_hash(step, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == root1 and sr == root2

"""Checks what a member of Lianzheng exported of its ledger, and the proofs and cosignatures that go with it.

    pip install -r requirements.txt
    python verify_ledger.py --log VKEY [--witness VKEY]... [--older FILE [--consistency FILE]] [--proofs DIRECTORY] EXPORT

EXPORT is a directory as `lianzheng ledger export` writes it: checkpoint, tile/<L>/<N>, tile/entries/<N>.

It shares no code with Lianzheng and needs Python's standard library and `cryptography`. It prints one line for each
thing it found true. On the first that is not it says so on standard error and exits with 1; with 2 when it was called
wrongly. The formats: docs/ledger-format.md and c2sp.org.
"""

import argparse
import pathlib
import sys

from chain import check_chain
from checkpoint import Keys, check_cosignatures, open_checkpoint
from export import Export, check_tree
from proofs import check_older, check_proofs
from refusal import Refusal, within


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies an exported ledger.")
    parser.add_argument("--log", required=True, help="vkey of the log; it must have signed every checkpoint")
    parser.add_argument("--witness", action="append", default=[], help="vkey; it must have cosigned the export")
    parser.add_argument("--older", type=pathlib.Path, help="an earlier checkpoint, which the export must extend")
    parser.add_argument("--consistency", type=pathlib.Path, help='what proves it: "old N", hashes, newer checkpoint')
    parser.add_argument("--proofs", type=pathlib.Path, help="for every X.tlog-proof there, X.entry holds the entry")
    parser.add_argument("export", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.consistency is not None and arguments.older is None:
        parser.error("--consistency needs --older")
    try:
        verify(arguments)
    except (Refusal, OSError) as error:
        print(f"FAIL: {error}", file=sys.stderr)
        return 1
    return 0


def verify(arguments: argparse.Namespace) -> None:
    keys = Keys(arguments.log, arguments.witness)
    export = Export(arguments.export)
    with within("checkpoint"):
        newest = open_checkpoint((arguments.export / "checkpoint").read_bytes(), keys)
    print(f"checkpoint: {newest.origin}, {newest.size} entries, root {newest.root.hex()}")

    entries = export.entries(newest.size)
    tree = check_tree(export, newest, entries)
    check_chain(entries)
    with within("checkpoint"):
        check_cosignatures(newest, keys)

    if arguments.older is not None:
        check_older(arguments, keys, tree)
    if arguments.proofs is not None:
        check_proofs(arguments.proofs, keys, tree)


if __name__ == "__main__":
    sys.exit(main())

package main

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// checkOlder shows that the exported log extends an older checkpoint, by a proof made from the tiles and, when one
// is given, by that.
func checkOlder(args arguments, keys keys, newest tlog.Tree, signed tlog.HashReader) error {
	older, err := readCheckpoint(args.older, keys)
	if err != nil {
		return fmt.Errorf("older checkpoint: %w", err)
	}
	if older.tree.N < 1 || older.tree.N > newest.N {
		return fmt.Errorf("older checkpoint: has %d entries, expected 1 to %d", older.tree.N, newest.N)
	}
	proof, err := tlog.ProveTree(newest.N, older.tree.N, signed)
	if err != nil {
		return fmt.Errorf("older checkpoint: %w", err)
	}
	if err := tlog.CheckTree(proof, newest.N, newest.Hash, older.tree.N, older.tree.Hash); err != nil {
		return fmt.Errorf("older checkpoint: the log does not extend it, a fork: %w", err)
	}
	fmt.Printf("older checkpoint: %d entries, extended\n", older.tree.N)
	if args.consistency == "" {
		return nil
	}
	if err := checkConsistency(args.consistency, keys, older.tree, signed); err != nil {
		return fmt.Errorf("consistency proof: %w", err)
	}
	return nil
}

func checkConsistency(file string, keys keys, older tlog.Tree, signed tlog.HashReader) error {
	lines, newer, err := readProofFile(file, keys)
	if err != nil {
		return err
	}
	if lines[0] != fmt.Sprintf("old %d", older.N) {
		return fmt.Errorf("starts with %q, expected \"old %d\"", lines[0], older.N)
	}
	hashes, err := readHashes(lines[1:])
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(tlog.TreeProof(hashes), newer.N, newer.Hash, older.N, older.Hash); err != nil {
		return err
	}
	if err := checkSameLog(newer, signed); err != nil {
		return err
	}
	fmt.Printf("consistency proof: %d to %d entries, %d hashes\n", older.N, newer.N, len(hashes))
	return nil
}

// checkSameLog: a proof may be right under a checkpoint that belongs to another history.
func checkSameLog(tree tlog.Tree, signed tlog.HashReader) error {
	root, err := treeHash(tree.N, signed)
	if err != nil {
		return fmt.Errorf("its checkpoint of %d entries: %w", tree.N, err)
	}
	if root != tree.Hash {
		return fmt.Errorf("its checkpoint of %d entries is not of this log, a fork", tree.N)
	}
	return nil
}

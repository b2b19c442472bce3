// Command ledger-go checks what a member of Lianzheng exported of its ledger, and the proofs and cosignatures that
// go with it, with the transparency-log packages of the Go project and nothing of Lianzheng's own.
//
//	go run . -log VKEY [-witness VKEY]... [-older FILE [-consistency FILE]] [-proofs DIRECTORY] EXPORT
//
// EXPORT is a directory as `lianzheng ledger export` writes it: checkpoint, tile/<L>/<N>, tile/entries/<N>.
//
//	-log          key of the log; it must have signed every checkpoint
//	-witness      key of a witness; it must have cosigned EXPORT/checkpoint
//	-older        an earlier checkpoint of the log: EXPORT must extend it
//	-consistency  what proves that, as a witness would be sent it: "old N", hashes, empty line, newer checkpoint
//	-proofs       for every X.tlog-proof there, X.entry holds the entry whose place it proves
//
// It prints one line for each thing it found true. On the first that is not it says so on standard error and exits
// with 1; with 2 when it was called wrongly. The formats: docs/ledger-format.md and c2sp.org.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

type arguments struct {
	log, older, consistency, proofs string
	witnesses                       []string
	export                          string
}

func main() {
	var args arguments
	flag.StringVar(&args.log, "log", "", "vkey of the log")
	flag.Func("witness", "vkey of a witness; may be repeated", func(vkey string) error {
		args.witnesses = append(args.witnesses, vkey)
		return nil
	})
	flag.StringVar(&args.older, "older", "", "an earlier checkpoint")
	flag.StringVar(&args.consistency, "consistency", "", "consistency proof from the earlier checkpoint")
	flag.StringVar(&args.proofs, "proofs", "", "directory of .tlog-proof and .entry files")
	flag.Parse()
	args.export = flag.Arg(0)
	if flag.NArg() != 1 || args.log == "" || (args.consistency != "" && args.older == "") {
		flag.Usage()
		os.Exit(2)
	}
	if err := verify(args); err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		os.Exit(1)
	}
}

func verify(args arguments) error {
	keys, err := readKeys(args.log, args.witnesses)
	if err != nil {
		return err
	}
	newest, err := readCheckpoint(filepath.Join(args.export, "checkpoint"), keys)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	fmt.Printf("checkpoint: %s, %d entries, root %x\n", keys.log.Name(), newest.tree.N, newest.tree.Hash[:])

	if err := checkExport(export(args.export), newest.tree); err != nil {
		return err
	}
	if err := checkCosignatures(newest, keys); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}

	// Whatever this reader returns it has proven to be in the signed tree.
	signed := tlog.TileHashReader(newest.tree, export(args.export))
	if args.older != "" {
		if err := checkOlder(args, keys, newest.tree, signed); err != nil {
			return err
		}
	}
	if args.proofs != "" {
		return checkProofs(args.proofs, keys, signed)
	}
	return nil
}

func checkExport(dir export, tree tlog.Tree) error {
	entries, err := dir.readEntries(tree.N)
	if err != nil {
		return err
	}
	if err := checkTree(dir, tree, entries); err != nil {
		return err
	}
	return checkChain(entries)
}

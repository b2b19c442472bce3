package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

func checkProofs(directory string, keys keys, signed tlog.HashReader) error {
	files, err := filepath.Glob(filepath.Join(directory, "*.tlog-proof"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no .tlog-proof in %s", directory)
	}
	slices.Sort(files)
	for _, file := range files {
		if err := checkProof(file, keys, signed); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

// checkProof: c2sp.org/tlog-proof.
func checkProof(file string, keys keys, signed tlog.HashReader) error {
	entry, err := os.ReadFile(strings.TrimSuffix(file, ".tlog-proof") + ".entry")
	if err != nil {
		return err
	}
	lines, tree, err := readProofFile(file, keys)
	if err != nil {
		return err
	}
	if len(lines) > 1 && strings.HasPrefix(lines[1], "extra ") {
		lines = slices.Delete(lines, 1, 2)
	}
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("is no tlog-proof of version 1")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil || fmt.Sprintf("index %d", index) != lines[1] {
		return fmt.Errorf("malformed index line %q", lines[1])
	}
	hashes, err := readHashes(lines[2:])
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(tlog.RecordProof(hashes), tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	if err := checkSameLog(tree, signed); err != nil {
		return err
	}
	fmt.Printf("%s: entry %d of %d\n", filepath.Base(file), index, tree.N)
	return nil
}

// readProofFile splits lines, empty line, checkpoint.
func readProofFile(file string, keys keys) ([]string, tlog.Tree, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, tlog.Tree{}, err
	}
	head, note, ok := bytes.Cut(content, []byte("\n\n"))
	if !ok {
		return nil, tlog.Tree{}, fmt.Errorf("has no empty line")
	}
	signed, err := openCheckpoint(note, keys)
	return strings.Split(string(head), "\n"), signed.tree, err
}

func readHashes(lines []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(lines))
	for i, line := range lines {
		hash, err := readHash(line)
		if err != nil {
			return nil, err
		}
		hashes[i] = hash
	}
	return hashes, nil
}

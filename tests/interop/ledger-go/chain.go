package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// link is the last entry of a chain: of the log, or of one peer in one direction.
type link struct {
	n    int64
	leaf string
}

var start = link{0, strings.Repeat("0", 2*tlog.HashSize)}

// checkChain checks what the entries themselves say: canonical form, one member, seq, prev and the pair counters.
func checkChain(entries [][]byte) error {
	last, pairs, member := start, map[string]link{}, ""
	for i, bytes := range entries {
		entry, err := readCanonical(bytes)
		if err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
		if i == 0 {
			member = text(entry["member"])
		}
		if member == "" || text(entry["member"]) != member {
			return fmt.Errorf("entry %d: member is %v, expected %q", i, entry["member"], member)
		}
		if number(entry["seq"]) != last.n {
			return fmt.Errorf("entry %d: seq is %v", i, entry["seq"])
		}
		if text(entry["prev"]) != last.leaf {
			return fmt.Errorf("entry %d: prev is not the leaf hash of the entry before", i)
		}
		leaf := tlog.RecordHash(bytes)
		last = link{last.n + 1, fmt.Sprintf("%x", leaf[:])}
		if pair, ok := entry["pair"]; ok {
			if err := advance(pairs, pair, last.leaf); err != nil {
				return fmt.Errorf("entry %d: %w", i, err)
			}
		}
	}
	fmt.Printf("chain: %d entries of %s, %d pair counters\n", len(entries), member, len(pairs))
	return nil
}

func advance(pairs map[string]link, value any, leaf string) error {
	pair, _ := value.(map[string]any)
	key := text(pair["dir"]) + " " + text(pair["peer"])
	last, ok := pairs[key]
	if !ok {
		last = start
	}
	if number(pair["n"]) != last.n+1 {
		return fmt.Errorf("pair.n of %s is %v, expected %d", key, pair["n"], last.n+1)
	}
	if text(pair["prev"]) != last.leaf {
		return fmt.Errorf("pair.prev of %s is not the leaf hash of its entry %d", key, last.n)
	}
	pairs[key] = link{last.n + 1, leaf}
	return nil
}

func text(value any) string {
	found, _ := value.(string)
	return found
}

// number returns -1 for what is none.
func number(value any) int64 {
	found, _ := value.(json.Number)
	n, err := found.Int64()
	if err != nil {
		return -1
	}
	return n
}

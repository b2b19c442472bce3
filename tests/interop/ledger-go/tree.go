package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// storage holds all complete hashes of a tree in the order of tlog.StoredHashIndex.
type storage []tlog.Hash

func (s storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("hash %d is not in the tree", index)
		}
		hashes[i] = s[index]
	}
	return hashes, nil
}

func rebuild(entries [][]byte) (storage, error) {
	var rebuilt storage
	for i, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(i), entry, rebuilt)
		if err != nil {
			return nil, err
		}
		rebuilt = append(rebuilt, hashes...)
	}
	return rebuilt, nil
}

// checkTree rebuilds the whole tree from the entries. When that gives the signed root, the entries are the signed
// ones, and every tile must be what they give; when it does not, the tiles tell which entry is false.
func checkTree(dir export, tree tlog.Tree, entries [][]byte) error {
	rebuilt, err := rebuild(entries)
	if err != nil {
		return err
	}
	root, err := treeHash(tree.N, rebuilt)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return blame(dir, tree, entries)
	}
	tiles := tlog.NewTiles(tileHeight, 0, tree.N)
	for _, tile := range tiles {
		if err := checkTile(dir, tile, rebuilt); err != nil {
			return err
		}
	}
	fmt.Printf("tree: %d entries and %d hash tiles give the root\n", len(entries), len(tiles))
	return nil
}

func treeHash(size int64, hashes tlog.HashReader) (tlog.Hash, error) {
	if size == 0 {
		return tlog.Hash(sha256.Sum256(nil)), nil
	}
	return tlog.TreeHash(size, hashes)
}

func checkTile(dir export, tile tlog.Tile, rebuilt storage) error {
	found, err := dir.readTile(tile)
	if err != nil {
		return err
	}
	expected, err := tlog.ReadTileData(tile, rebuilt)
	if err != nil {
		return err
	}
	for at := 0; at < len(found); at += tlog.HashSize {
		if !bytes.Equal(found[at:at+tlog.HashSize], expected[at:at+tlog.HashSize]) {
			return fmt.Errorf("%s: hash %d is not what the entries give", c2spPath(tile), at/tlog.HashSize)
		}
	}
	return nil
}

// blame names the first entry that is not the one in the signed tree, whose leaf hashes it takes from the tiles.
func blame(dir export, tree tlog.Tree, entries [][]byte) error {
	indexes := make([]int64, len(entries))
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, int64(i))
	}
	if len(entries) == 0 {
		return fmt.Errorf("root: is not that of an empty tree")
	}
	leaves, err := tlog.TileHashReader(tree, dir).ReadHashes(indexes)
	if err != nil {
		return fmt.Errorf("root: neither the entries nor the tiles give the signed one: %w", err)
	}
	for i, entry := range entries {
		if tlog.RecordHash(entry) != leaves[i] {
			return fmt.Errorf("entry %d: its leaf hash is not the one in the signed tree", i)
		}
	}
	return fmt.Errorf("root: is not what the entries give")
}

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight    = 8
	tileWidth     = 1 << tileHeight
	maxEntryBytes = 8192
)

// export is a directory in the layout of c2sp.org/tlog-tiles; as a tlog.TileReader it hands out tiles unverified.
type export string

// c2spPath drops the height that Go's own paths carry, and names entry bundles as C2SP does.
func c2spPath(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

func (dir export) read(tile tlog.Tile) ([]byte, error) {
	bytes, err := os.ReadFile(filepath.Join(string(dir), filepath.FromSlash(c2spPath(tile))))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c2spPath(tile), err)
	}
	return bytes, nil
}

func (dir export) readTile(tile tlog.Tile) ([]byte, error) {
	bytes, err := dir.read(tile)
	if err == nil && len(bytes) != tile.W*tlog.HashSize {
		err = fmt.Errorf("%s: has %d bytes, expected %d", c2spPath(tile), len(bytes), tile.W*tlog.HashSize)
	}
	return bytes, err
}

func (dir export) Height() int { return tileHeight }

func (dir export) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, err := dir.readTile(tile)
		if err != nil {
			return nil, err
		}
		data[i] = bytes
	}
	return data, nil
}

func (dir export) SaveTiles([]tlog.Tile, [][]byte) {}

// readEntries returns the first size entries, as they stand in the bundles.
func (dir export) readEntries(size int64) ([][]byte, error) {
	var entries [][]byte
	for n := int64(0); n*tileWidth < size; n++ {
		bundle := tlog.Tile{H: tileHeight, L: -1, N: n, W: int(min(tileWidth, size-n*tileWidth))}
		bytes, err := dir.read(bundle)
		if err != nil {
			return nil, err
		}
		for range bundle.W {
			if len(bytes) < 2 || len(bytes)-2 < int(binary.BigEndian.Uint16(bytes)) {
				return nil, fmt.Errorf("%s: ends within entry %d", c2spPath(bundle), len(entries))
			}
			end := 2 + int(binary.BigEndian.Uint16(bytes))
			if end-2 > maxEntryBytes {
				return nil, fmt.Errorf("entry %d: has %d bytes, at most %d", len(entries), end-2, maxEntryBytes)
			}
			entries = append(entries, bytes[2:end])
			bytes = bytes[end:]
		}
		if len(bytes) > 0 {
			return nil, fmt.Errorf("%s: %d bytes to spare", c2spPath(bundle), len(bytes))
		}
	}
	return entries, nil
}

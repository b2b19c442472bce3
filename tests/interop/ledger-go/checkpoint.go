package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type keys struct {
	log       note.Verifier
	witnesses []note.Verifier
}

type checkpoint struct {
	tree tlog.Tree
	note *note.Note
}

func readKeys(log string, witnesses []string) (keys, error) {
	verifier, err := note.NewVerifier(log)
	if err != nil {
		return keys{}, fmt.Errorf("log key %q: %w", log, err)
	}
	found := keys{log: verifier}
	for _, vkey := range witnesses {
		witness, err := newCosigner(vkey)
		if err != nil {
			return keys{}, fmt.Errorf("witness key %q: %w", vkey, err)
		}
		found.witnesses = append(found.witnesses, witness)
	}
	return found, nil
}

func readCheckpoint(file string, keys keys) (checkpoint, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return checkpoint{}, err
	}
	return openCheckpoint(text, keys)
}

// openCheckpoint wants the log's signature; a signature of another known key may be missing but not false.
func openCheckpoint(text []byte, keys keys) (checkpoint, error) {
	opened, err := note.Open(text, note.VerifierList(append(keys.witnesses[:len(keys.witnesses):len(keys.witnesses)], keys.log)...))
	if err != nil {
		return checkpoint{}, fmt.Errorf("%w (log key %s+%08x)", err, keys.log.Name(), keys.log.KeyHash())
	}
	if signatureOf(opened, keys.log) == nil {
		return checkpoint{}, fmt.Errorf("no signature of log key %s+%08x", keys.log.Name(), keys.log.KeyHash())
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != keys.log.Name() {
		return checkpoint{}, fmt.Errorf("is of %q, expected %q", lines[0], keys.log.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("malformed size %q", lines[1])
	}
	root, err := readHash(lines[2])
	if err != nil {
		return checkpoint{}, fmt.Errorf("malformed root %q", lines[2])
	}
	return checkpoint{tlog.Tree{N: size, Hash: root}, opened}, nil
}

func readHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(bytes) != tlog.HashSize || base64.StdEncoding.EncodeToString(bytes) != text {
		return hash, fmt.Errorf("malformed hash %q", text)
	}
	copy(hash[:], bytes)
	return hash, nil
}

// checkCosignatures wants one of every witness. note.Open has verified whatever it returns in Sigs.
func checkCosignatures(of checkpoint, keys keys) error {
	for _, witness := range keys.witnesses {
		signature := signatureOf(of.note, witness)
		if signature == nil {
			return fmt.Errorf("no cosignature of witness %s+%08x", witness.Name(), witness.KeyHash())
		}
		bytes, err := base64.StdEncoding.DecodeString(signature.Base64)
		if err != nil {
			return err
		}
		fmt.Printf("cosignature: %s at %d\n", witness.Name(), binary.BigEndian.Uint64(bytes[4:]))
	}
	return nil
}

func signatureOf(opened *note.Note, key note.Verifier) *note.Signature {
	for i, signature := range opened.Sigs {
		if signature.Name == key.Name() && signature.Hash == key.KeyHash() {
			return &opened.Sigs[i]
		}
	}
	return nil
}

const cosignatureV1 = 0x04

// cosigner is the note.Verifier that x/mod lacks: c2sp.org/tlog-cosignature, Ed25519.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("expected name+id+key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignatureV1 {
		return nil, fmt.Errorf("expected an Ed25519 cosigner's key, type 0x04")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		return nil, fmt.Errorf("key id %s does not belong to name and key", parts[1])
	}
	return &cosigner{parts[0], binary.BigEndian.Uint32(sum[:]), key[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(c.key, signed, signature[8:])
}

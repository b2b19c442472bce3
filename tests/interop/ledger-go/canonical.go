package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// readCanonical parses one entry, and refuses it when it is not the canonical form (RFC 8785) of what it says.
func readCanonical(entry []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(entry))
	decoder.UseNumber()
	var value map[string]any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("is no JSON object: %w", err)
	}
	var canonical strings.Builder
	if err := write(&canonical, value); err != nil {
		return nil, err
	}
	if canonical.String() != string(entry) {
		return nil, fmt.Errorf("is not in canonical form")
	}
	return value, nil
}

// Below 10^15, so that any JSON parser carries it exactly.
var integer = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})$`)

// write knows what an entry may hold: objects, arrays, text and integers.
func write(out *strings.Builder, value any) error {
	switch value := value.(type) {
	case map[string]any:
		return writeObject(out, value)
	case []any:
		return writeArray(out, value)
	case string:
		writeText(out, value)
		return nil
	case json.Number:
		if !integer.MatchString(value.String()) {
			return fmt.Errorf("holds the number %s", value)
		}
		out.WriteString(value.String())
		return nil
	}
	return fmt.Errorf("holds %v", value)
}

// All names are ASCII, so that byte order is RFC 8785's order.
func writeObject(out *strings.Builder, object map[string]any) error {
	out.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(object)) {
		if i > 0 {
			out.WriteByte(',')
		}
		writeText(out, name)
		out.WriteByte(':')
		if err := write(out, object[name]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

func writeArray(out *strings.Builder, array []any) error {
	out.WriteByte('[')
	for i, item := range array {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := write(out, item); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return nil
}

var escapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`,
}

// writeText, because encoding/json escapes U+2028 too, which RFC 8785 does not.
func writeText(out *strings.Builder, text string) {
	out.WriteByte('"')
	for _, char := range text {
		switch escape, ok := escapes[char]; {
		case ok:
			out.WriteString(escape)
		case char < 0x20:
			fmt.Fprintf(out, `\u%04x`, char)
		default:
			out.WriteRune(char)
		}
	}
	out.WriteByte('"')
}

package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"regexp"
)

// A sealed file holds its own SHA-256, in the first "sha256" of its JSON: it is that of the file with 64 zeros in its
// place. So the sum covers every byte, and the file stays one that others can read.
var (
	unsealed = []byte("0000000000000000000000000000000000000000000000000000000000000000")
	sealAt   = regexp.MustCompile(`"sha256": ?"([0-9a-f]{64})"`)
)

// seal writes the sum into head, the file's beginning, which has zeros there; rest is what follows it.
func seal(head []byte, rest ...[]byte) error {
	at := sealAt.FindSubmatchIndex(head)
	if at == nil || !bytes.Equal(head[at[2]:at[3]], unsealed) {
		return errors.New("run: there is no place for the checksum")
	}
	h := sha256.New()
	h.Write(head)
	for _, part := range rest {
		h.Write(part)
	}
	hex.Encode(head[at[2]:at[3]], h.Sum(nil))
	return nil
}

// unseal returns the sum that head claims, and a hash that has taken head in and waits for the rest of the file; ok is
// false where there is no sum.
func unseal(head []byte) (sum []byte, h hash.Hash, ok bool) {
	at := sealAt.FindSubmatchIndex(head)
	if at == nil {
		return nil, nil, false
	}
	h = sha256.New()
	h.Write(head[:at[2]])
	h.Write(unsealed)
	h.Write(head[at[3]:])
	sum, err := hex.DecodeString(string(head[at[2]:at[3]]))
	return sum, h, err == nil
}

// intact says whether a whole sealed file is as it was written.
func intact(data []byte) bool {
	sum, h, ok := unseal(data)
	return ok && bytes.Equal(sum, h.Sum(nil))
}

package events

import (
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is a checksum as records keep it: turned and moved, so that a record within a record does not carry its own.
func masked(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// appendRecord frames data: length, the length's checksum, data, their checksum.
func appendRecord(to, data []byte) []byte {
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	to = append(to, head...)
	to = binary.LittleEndian.AppendUint32(to, masked(head))
	to = append(to, data...)
	return binary.LittleEndian.AppendUint32(to, masked(data))
}

package datasets

import (
	"hash/maphash"
	"math/rand/v2"
)

// A tableRow is a row of a table.
type tableRow struct {
	table *Table
	row   int
}

// tableRows are the rows of a table that samples are; nil where they are none.
func tableRows(data Data) []tableRow { return rowsWith(data, false) }

// rowsWith are tableRows, or, where asked for, the rows that say what pictures are.
func rowsWith(data Data, pictures bool) []tableRow {
	switch d := data.(type) {
	case *Table:
		rows := make([]tableRow, d.rows)
		for i := range rows {
			rows[i] = tableRow{d, i}
		}
		return rows
	case *someRows:
		all := rowsWith(d.data, pictures)
		if all == nil {
			return nil
		}
		rows := make([]tableRow, len(d.rows))
		for i, row := range d.rows {
			rows[i] = all[row]
		}
		return rows
	case *prepared:
		return rowsWith(d.data, pictures)
	case *ImageFiles:
		if d.answers == nil || !pictures {
			return nil
		}
		rows := make([]tableRow, len(d.rows))
		for i, row := range d.rows {
			rows[i] = tableRow{d.answers, row}
		}
		return rows
	}
	return nil
}

// alike says whether tables have the same columns.
func alike(a, b *Table) bool {
	if len(a.columns) != len(b.columns) {
		return false
	}
	for k := range a.columns {
		if a.columns[k].name != b.columns[k].name {
			return false
		}
	}
	return true
}

// copies are how many of the rows held back are training rows too, in all columns, those that nothing is learnt from among them; and how many would be if the cells of each column were dealt out anew: so many are
// what few different values make. ok is false of what is no table.
func copies(fit, held Data) (twice, chance int, ok bool) {
	rows, others := tableRows(fit), tableRows(held)
	if len(rows) == 0 || len(others) == 0 || !alike(rows[0].table, others[0].table) {
		return 0, 0, false
	}
	n := len(rows)
	rows = append(rows, others...)
	if twice = repeated(rowHashes(rows, false), n); twice > 0 {
		chance = repeated(rowHashes(rows, true), n)
	}
	return twice, chance, true
}

// repeated is how many values from the n-th on are among those before it.
func repeated(hashes []uint64, n int) (twice int) {
	seen := make(map[uint64]bool, n)
	for _, h := range hashes[:n] {
		seen[h] = true
	}
	for _, h := range hashes[n:] {
		if seen[h] {
			twice++
		}
	}
	return twice
}

// rowHashes are equal where rows are; dealt has the cells of each column in another order. A column that counts the rows is none.
func rowHashes(rows []tableRow, dealt bool) []uint64 {
	const prime = 0x9e3779b97f4a7c15
	hashes := make([]uint64, len(rows))
	order := inOrder(len(rows))
	for k := range rows[0].table.columns {
		if rows[0].table.columns[k].counts {
			continue
		}
		if dealt {
			r := rand.New(rand.NewPCG(1, uint64(k)))
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		for i := range hashes {
			at := rows[order[i]]
			hashes[i] = (hashes[i]*prime ^ maphash.String(hashSeed, at.table.columns[k].cell(at.row))) * prime
		}
	}
	return hashes
}

package transfer

// crcCombine gives the CRC-32 (IEEE) of A followed by B from those of A and B
// and the length of B. Parts that are read in any order, in parallel, thus give
// the checksum of the whole file without reading anything twice. A CRC is
// linear over GF(2): the checksum of A followed by n zero bytes is a matrix
// applied n times, computed by squaring.
func crcCombine(a, b uint32, lenB int64) uint32 {
	if lenB <= 0 {
		return a
	}
	var odd, even [32]uint32
	odd[0] = 0xedb88320 // one zero bit
	row := uint32(1)
	for i := 1; i < 32; i++ {
		odd[i] = row
		row <<= 1
	}
	square(&even, &odd) // two zero bits
	square(&odd, &even) // four
	for {
		square(&even, &odd) // first round: eight, one byte
		if lenB&1 != 0 {
			a = times(&even, a)
		}
		lenB >>= 1
		if lenB == 0 {
			break
		}
		square(&odd, &even)
		if lenB&1 != 0 {
			a = times(&odd, a)
		}
		lenB >>= 1
		if lenB == 0 {
			break
		}
	}
	return a ^ b
}

func times(m *[32]uint32, v uint32) uint32 {
	var sum uint32
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 != 0 {
			sum ^= m[i]
		}
	}
	return sum
}

func square(to, m *[32]uint32) {
	for i := range m {
		to[i] = times(m, m[i])
	}
}

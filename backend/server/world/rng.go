package world

// hash mixes a string into a seed (FNV-1a, then one round of mixing).
func hash(seed uint64, s string) uint64 {
	h := uint64(14695981039346656037) ^ seed
	for i := range len(s) {
		h ^= uint64(s[i])
		h *= 1099511628211
	}
	return mix(h)
}

// mix is the finalizer of SplitMix64: neighbouring inputs give unrelated outputs.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// rng is SplitMix64. The standard generators promise no stable sequence across
// versions of Go, which the world's determinism needs.
type rng uint64

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	x := uint64(*r)
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// n is a number in [0, max); 0 when max is not positive.
func (r *rng) n(max int64) int64 {
	if max <= 0 {
		return 0
	}
	return int64(r.next() % uint64(max))
}

// between is a number in [lo, hi].
func (r *rng) between(lo, hi int64) int64 { return lo + r.n(hi-lo+1) }

// chance is true in percent of the cases.
func (r *rng) chance(percent int64) bool { return r.n(100) < percent }

func pick[T any](r *rng, from []T) T { return from[r.n(int64(len(from)))] }

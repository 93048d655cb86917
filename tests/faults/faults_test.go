//go:build unix

// Package faults lets everything go wrong that can while the program moves
// files, at random moments, and looks at what comes of it.
//
//	go test ./tests/faults -v -rounds 50 -timeout 3h
//	go test ./tests/faults -v -run TestFaults/all/kill -seed 42
//
// How much may be moved again is bound by what was under way in the time before
// something struck that a record may take to reach the journal. Of small files
// that is all of it: whether a kill costs more than it has to shows with
// -mib 96 -settling 1s, on a machine that has nothing else to do.
package faults

import (
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"ferry/tests/proc"
)

var (
	rounds = flag.Int("rounds", 3, "how often each case is run, in its ways by turns")
	seed   = flag.Uint64("seed", 0, "what the random moments follow from; 0 takes one from the clock")
	mib    = flag.Int("mib", 24, "size of the large files")
	files  = flag.Int("files", 80, "number of the small files")
	// What was answered later than this before a kill may rightly be moved again.
	settling = flag.Duration("settling", 30*time.Second, "how long after the answer a record may take to reach the journal")
)

// ferry is the program, built once.
var ferry string

func TestMain(m *testing.M) {
	flag.Parse()
	// They wait for one another's disks more than they compute.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(proc.Main(func(binary string) { ferry = binary }, m.Run))
}

// fault is one kind of thing that goes wrong.
type fault struct {
	name string
	ways []way
	do   func(*round)
}

// way is what is moved where.
type way struct {
	up    bool
	small bool // many small files instead of one large
}

var (
	upLarge, downLarge = way{true, false}, way{false, false}
	upSmall, downSmall = way{true, true}, way{false, true}
	everyWay           = []way{upLarge, downLarge, upSmall, downSmall}
)

func (w way) String() string {
	s := "download"
	if w.up {
		s = "upload"
	}
	if w.small {
		return s + " of many"
	}
	return s + " of one"
}

// TestFaults runs every case in every way it is meant for. Each run ends with
// the same bytes on the other side, or in a failure that says what to do and
// from which the same command goes on.
func TestFaults(t *testing.T) {
	from := *seed
	if from == 0 {
		from = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", from)
	all := &table{}
	t.Run("all", func(t *testing.T) {
		for order, f := range faults {
			for i, w := range f.ways {
				// By turns; which way is the first depends on the seed.
				ways := len(f.ways)
				mine := (*rounds + ways - 1 - (i+int(from%uint64(ways)))%ways) / ways
				if mine == 0 {
					continue
				}
				t.Run(strings.ReplaceAll(f.name+"/"+w.String(), " ", "-"), func(t *testing.T) {
					t.Parallel()
					r := newRig(t, f, w)
					for n := range mine {
						// Each case has moments of its own, whichever others are run.
						var own uint64
						for _, c := range t.Name() {
							own = own*31 + uint64(c)
						}
						r.round(n, rand.New(rand.NewPCG(from, own+uint64(n))))
						if t.Failed() {
							t.Fatalf("in round %d of -seed %d", n, from)
						}
					}
					all.add(order*len(everyWay)+i, r.row)
				})
			}
		}
	})
	t.Logf("\n%s", all)
	if !t.Failed() {
		t.Logf("\n%s", all.summary())
	}
}

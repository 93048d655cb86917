package world

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// demoTree is the tree of the demo site. big is the size of Sensors/2026.
func demoTree(w *World, big int) *node {
	root := &node{entry: Entry{Dir: true, Created: w.ago(1100 * day), Modified: w.ago(9 * time.Minute)}}
	root.fill = w.fillWith("", func(m *maker) {
		m.dir("Archive", archive)
		m.dir("Engineering", engineering)
		m.dir("Finance", finance)
		m.dir("HR", humanResources)
		m.dir("Inbox", inbox)
		m.dir("Legal", legal)
		m.dir("Marketing", marketing)
		m.dir("Media", media)
		m.dir("Partners", partners)
		m.dir("Public", public)
		m.dir("Sensors", func(m *maker) { sensors(m, big) })
		m.static("README.md", 40*day)
		m.static("site-notice.txt", 3*day)
	})
	return root
}

func finance(m *maker) {
	m.dir("2024", func(m *maker) { closedYear(m, 2024) })
	m.dir("2025", func(m *maker) { closedYear(m, 2025) })
	m.dir("2026", func(m *maker) {
		m.dir("Audit", func(m *maker) {
			m.dir("Evidence", func(m *maker) {
				for i := range 36 {
					m.file(fmt.Sprintf("control-%02d-evidence.pdf", i+1), m.size(80*kib, 900*kib), m.age(10, 200))
				}
			})
			m.file("audit-plan.docx", m.size(30*kib, 90*kib), m.age(100, 160))
			m.file("findings.md", 5*kib+77, m.age(2, 20)).Priority = "red"
			m.file("sampling-2026.csv", m.size(90*kib, 300*kib), m.age(5, 40))
			m.file("sign-off.pdf", m.size(90*kib, 200*kib), m.age(1, 9))
		})
		m.dir("Invoices", func(m *maker) {
			for i := range 212 {
				e := m.file(fmt.Sprintf("INV-2026-%04d.pdf", i+1), m.size(38*kib, 240*kib), time.Duration(212-i)*36*time.Hour+time.Hour)
				if i%47 == 5 {
					e.Priority = "yellow"
				}
			}
		})
		m.dir("Payables", func(m *maker) {
			for i := range 24 {
				m.file(fmt.Sprintf("payment-run-%02d.csv", i+1), m.size(8*kib, 90*kib), time.Duration(24-i)*13*day+5*time.Hour)
			}
			m.file("vendors.csv", 214*kib+19, 12*day)
			m.file("approvals.json", 31*kib, 2*day)
		})
		m.dir("Payroll", func(m *maker) {
			for i := range 10 {
				e := m.file(fmt.Sprintf("payroll-2026-%02d.xlsx", i+1), m.size(120*kib, 400*kib), time.Duration(11-i)*30*day)
				if i == 9 {
					e.Priority = "orange"
				}
			}
		})
		for i := range 10 {
			m.file(fmt.Sprintf("ledger-2026-%02d.csv", i+1), m.size(400*kib, 3*mib), time.Duration(11-i)*30*day+3*time.Hour)
		}
		m.file("ledger-2026-q1.csv", 4*mib+120*kib, 230*day)
		m.file("budget.xlsx", m.size(200*kib, 600*kib), 26*time.Hour).Priority = "red"
		m.file("cash-flow-forecast.xlsx", m.size(200*kib, 600*kib), 4*day)
		m.file("close-checklist.md", 3*kib+412, 30*time.Hour)
	}).SubfoldersLocked = false
	m.file("chart-of-accounts.csv", 42*kib, 390*day)
	m.file("policy.pdf", 310*kib, 500*day)
}

func closedYear(m *maker, year int) {
	m.dir("Invoices", func(m *maker) {
		for i := range 148 {
			m.file(fmt.Sprintf("INV-%d-%04d.pdf", year, i+1), m.size(38*kib, 240*kib), m.age(int64(2026-year)*300, int64(2026-year)*365))
		}
	}).Locked = true
	for i := range 12 {
		m.file(fmt.Sprintf("ledger-%d-%02d.csv", year, i+1), m.size(300*kib, 2*mib), m.age(int64(2026-year)*300, int64(2026-year)*365))
	}
	m.file("annual-report.pdf", m.size(2*mib, 6*mib), m.age(int64(2026-year)*280, int64(2026-year)*300))
}

func legal(m *maker) {
	m.dir("Contracts", func(m *maker) {
		for i := range 64 {
			m.file(fmt.Sprintf("contract-%03d.pdf", 100+i*3), m.size(90*kib, 2*mib), m.age(5, 700))
		}
		m.file("index.csv", 18*kib, 3*day)
	})
	m.dir("Hold", func(m *maker) {
		for i := range 12 {
			m.file(fmt.Sprintf("exhibit-%02d.pdf", i+1), m.size(mib, 9*mib), m.age(200, 300))
		}
	}).Locked = true
	m.dir("Templates", func(m *maker) {
		for _, n := range []string{"mutual-nda", "one-way-nda", "statement-of-work", "data-processing-agreement", "order-form"} {
			m.file(n+".docx", m.size(24*kib, 70*kib), m.age(90, 400))
		}
	})
	m.file("retention-schedule.md", 4*kib+20, 120*day)
}

func humanResources(m *maker) {
	m.dir("Handbook", func(m *maker) {
		for i, n := range []string{"welcome", "working-hours", "travel", "expenses", "security", "leave"} {
			m.file(fmt.Sprintf("%02d-%s.md", i+1, n), m.size(2*kib, 9*kib), m.age(30, 300))
		}
	})
	m.dir("Onboarding", func(m *maker) {
		for i := range 18 {
			m.file(fmt.Sprintf("starter-pack-%02d.zip", i+1), m.size(2*mib, 8*mib), m.age(1, 250))
		}
	})
	m.dir("Restricted", func(m *maker) {
		m.file("compensation-bands.xlsx", 88*kib, 21*day).Priority = "red"
		m.file("reviews-2026.xlsx", 402*kib, 9*day)
	})
	m.file("org-chart.svg", 12*kib, 33*day)
	m.file("headcount.csv", 26*kib, 5*day)
}

func engineering(m *maker) {
	m.dir("builds", func(m *maker) {
		for v := range 9 {
			m.dir(fmt.Sprintf("v2.%d.0", v), func(m *maker) {
				for _, t := range []string{"linux-amd64.tar.gz", "linux-arm64.tar.gz", "darwin-arm64.tar.gz", "windows-amd64.zip"} {
					m.file("gateway-"+t, m.size(14*mib, 31*mib), m.age(int64(9-v)*20, int64(9-v)*20+2))
				}
				m.file("SHA256SUMS.txt", 392, m.age(int64(9-v)*20, int64(9-v)*20+2))
				m.file("CHANGELOG.md", m.size(kib, 6*kib), m.age(int64(9-v)*20, int64(9-v)*20+2))
			})
		}
	})
	m.dir("logs", func(m *maker) {
		for _, host := range []string{"edge-1", "edge-2", "api-1", "api-2", "worker-1"} {
			m.dir(host, func(m *maker) {
				for i := range 30 {
					d := time.Duration(i) * day
					m.file("access-"+m.w.ago(d).Format("2006-01-02")+".log", m.size(200*kib, 6*mib), d+20*time.Minute)
				}
				m.file("error.log", m.size(20*kib, 400*kib), 11*time.Minute)
			})
		}
	})
	m.dir("src", func(m *maker) {
		m.dir("internal", func(m *maker) {
			for _, n := range []string{"queue", "router", "session", "store", "worker"} {
				m.file(n+".go", m.size(2*kib, 14*kib), m.age(1, 90))
				m.file(n+"_test.go", m.size(2*kib, 9*kib), m.age(1, 90))
			}
		})
		m.file("main.go", 3*kib+88, 6*day)
		m.file("config.json", 4*kib, 6*day)
		m.file("config.yaml", 2*kib, 6*day)
		m.file("Makefile", 1400, 70*day)
		m.file(".gitignore", 96, 300*day)
		m.file("deploy.sh", 2*kib+40, 31*day)
	})
	m.file("architecture.md", 11*kib, 44*day)
	m.file("runbook.md", 7*kib+13, 8*day).Priority = "green"
	m.file("service-inventory.json", 64*kib, 2*day)
}

func media(m *maker) {
	m.dir("Raw", func(m *maker) {
		for i := range 40 {
			m.file(fmt.Sprintf("A001_C%03d.mov", i+1), m.size(700*mib, 6*gib), m.age(3, 120))
		}
	})
	m.dir("Edited", func(m *maker) {
		for i := range 14 {
			m.file(fmt.Sprintf("episode-%02d.mp4", i+1), m.size(180*mib, gib), m.age(2, 100))
			m.file(fmt.Sprintf("episode-%02d.srt", i+1), m.size(20*kib, 60*kib), m.age(2, 100))
		}
	})
	m.dir("Stills", func(m *maker) {
		for i := range 120 {
			m.file(fmt.Sprintf("still-%04d.jpg", i+1), m.size(2*mib, 9*mib), m.age(2, 200))
		}
		for _, n := range []string{"palette", "gradient", "rings"} {
			m.static(n+".png", 60*day)
		}
	})
	m.file("shot-list.csv", 22*kib, 17*day)
}

func marketing(m *maker) {
	m.dir("Brand", func(m *maker) {
		m.static("logo-light.png", 300*day)
		m.static("logo-dark.png", 300*day)
		m.file("guidelines.pdf", 7*mib, 290*day)
		m.file("typefaces.zip", 3*mib, 290*day)
	})
	m.dir("Campaigns", func(m *maker) {
		for _, q := range []string{"2025-autumn", "2025-winter", "2026-spring", "2026-summer", "2026-autumn"} {
			m.dir(q, func(m *maker) {
				m.file("brief.md", m.size(2*kib, 6*kib), m.age(20, 300))
				m.file("audience.csv", m.size(60*kib, 800*kib), m.age(20, 300))
				m.file("results.xlsx", m.size(60*kib, 300*kib), m.age(10, 200))
				for i := range 8 {
					m.file(fmt.Sprintf("banner-%d.jpg", i+1), m.size(90*kib, 700*kib), m.age(20, 300))
				}
			})
		}
	})
	m.file("editorial-calendar.xlsx", 77*kib, 28*time.Hour)
}

func partners(m *maker) {
	for _, region := range []string{"north", "south", "east", "west", "overseas"} {
		m.dir("partner-"+region, func(m *maker) {
			m.dir("incoming", func(m *maker) {
				for i := range 30 {
					m.file(fmt.Sprintf("order-%05d.xml", 40_000+i*7), m.size(3*kib, 40*kib), m.age(0, 30))
				}
			})
			m.dir("outgoing", func(m *maker) {
				for i := range 20 {
					m.file(fmt.Sprintf("confirmation-%05d.xml", 40_000+i*7), m.size(3*kib, 9*kib), m.age(0, 30))
				}
			})
			m.file("contact.txt", 240, 400*day)
		})
	}
}

func public(m *maker) {
	m.static("brand-kit.zip", 90*day)
	m.static("welcome.png", 90*day)
	m.file("price-list.pdf", 410*kib, 20*day)
	m.file("opening-hours.txt", 380, 200*day)
	m.file("release-notes.md", 9*kib, 5*day)
}

func archive(m *maker) {
	m.dir("deep", func(m *maker) { deep(m, 1) })
	for y := 2016; y < 2024; y++ {
		m.dir(strconv.Itoa(y), func(m *maker) {
			for q := 1; q <= 4; q++ {
				m.file(fmt.Sprintf("backup-%d-q%d.tar.gz", y, q), m.size(300*mib, 3*gib), m.age(700, 1000))
			}
			m.file("MANIFEST.txt", m.size(2*kib, 5*kib), m.age(700, 1000))
		})
	}
}

// deep is a chain of forty folders.
func deep(m *maker, level int) {
	if level > 40 {
		m.file("the-bottom.txt", 420, 600*day)
		return
	}
	m.dir(fmt.Sprintf("level-%02d", level), func(m *maker) { deep(m, level+1) })
}

// sensors has the folder that is too big to load: one reading every five
// minutes, so that the order of the names is the order of time.
func sensors(m *maker, big int) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if big > 200_000 {
		start = time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	const layout = "reading-2006-01-02-1504.csv"
	w, seed := m.w, hash(m.w.seed, "readings")
	m.bigDir("2026", &series{
		n:    big,
		name: func(i int) string { return start.Add(time.Duration(i) * 5 * time.Minute).Format(layout) },
		index: func(name string) (int, bool) {
			t, err := time.Parse(layout, name)
			if err != nil || t.Before(start) {
				return 0, false
			}
			d := t.Sub(start)
			return int(d / (5 * time.Minute)), d%(5*time.Minute) == 0
		},
		entry: func(i int, name string) Entry {
			r := rng(seed + uint64(i))
			at := w.ago(time.Duration(big-i) * 5 * time.Minute)
			return Entry{Name: name, Size: r.between(700, 9*kib), Created: at, Modified: at}
		},
	})
	m.dir("calibration", func(m *maker) {
		for i := range 16 {
			m.file(fmt.Sprintf("scanner-%02d.json", i+1), m.size(2*kib, 12*kib), m.age(10, 300))
		}
	})
	m.file("stations.csv", 14*kib, 60*day)
}

func inbox(m *maker) {
	m.dir("Empty", nil)
	m.dir("Scans", func(m *maker) {
		for i := range 60 {
			m.file(fmt.Sprintf("scan-%06d.pdf", 231_400+i), m.size(200*kib, 4*mib), m.age(0, 14))
		}
	})
	m.dir("Odd names", oddNames)
	m.file("fax-0001.tif", 340*kib, 90*time.Minute)
	m.file("notes from the meeting.txt", 3*kib, 7*time.Hour).Priority = "yellow"
	m.file("scan.pdf", 812*kib, 25*time.Minute)
}

// oddNames holds every kind of name that has broken a file manager before.
func oddNames(m *maker) {
	for _, n := range []string{
		"Ångström measurements.csv", "Übersicht.md", "señal.txt", "Łódź.txt", "naïve café.txt",
		"日本語のファイル.txt", "会议记录.md", "한국어 문서.txt", "العربية.txt", "עברית.txt", "ไทย.txt",
		"👩\u200d🚀 launch plan.md", "🏳️\u200d🌈 flag.txt", "🚢🚢🚢.log", "e\u0301 combining.txt", "zero\u200bwidth.txt",
		"line\nbreak.txt", "tab\there.txt", "escape \x1b[31mred\x1b[0m.txt", "bell\a.txt", "bidi \u202egpj.exe.txt", "delete\x7f.txt",
		"a+b & c#d %41 100%.txt", "what?.txt", "semi;colon.txt", "'single' \"double\".txt", "back`tick`.txt", "$HOME.txt", "star*.txt",
		"-rf.txt", "--help.md", ".hidden", "..two dots", "...", "~tilde", " leading space.txt", "nil", "null", "COM1.txt",
		"double  space.txt", "trailing dot.", "no extension", "UPPER.TXT", "x 10.txt", "x 2.txt", "x_2.txt", "x-2.txt", "x.2.txt",
		"ﬁ ligature.txt", "İstanbul.txt", "straße.txt", "½ half.txt",
	} {
		m.file(n, m.size(80, 2*kib), m.age(1, 60))
	}
	m.file(strings.Repeat("a very long name that goes on ", 8)+"and ends.txt", 900, 9*day)
	m.file(strings.Repeat("長い名前", 18)+".txt", 900, 9*day)
	m.dir(".config", nil)
	m.dir("folder with spaces", func(m *maker) { m.file("inside.txt", 300, 3*day) })
	m.dir("50% & more + #1", func(m *maker) { m.file("inside.txt", 300, 3*day) })
	m.dir("データ", func(m *maker) { m.file("一覧.csv", 3*kib, 3*day) })
}

// smallTree is the tree of the small site.
func smallTree(w *World) *node {
	root := &node{entry: Entry{Dir: true, Created: w.ago(300 * day), Modified: w.ago(time.Hour)}}
	root.fill = w.fillWith("", func(m *maker) {
		m.dir("Documents", func(m *maker) {
			for i := range 12 {
				m.file(fmt.Sprintf("document-%02d.md", i+1), m.size(kib, 9*kib), m.age(1, 90))
			}
			m.file("table.csv", 20*kib, 2*day)
		})
		m.dir("Empty", nil)
		m.dir("Odd names", oddNames)
		m.dir("Pictures", func(m *maker) {
			m.static("welcome.png", 9*day)
			m.static("rings.png", 9*day)
		})
		m.dir("Sensors", func(m *maker) { sensors(m, 2500) })
		m.static("README.md", 40*day)
	})
	return root
}

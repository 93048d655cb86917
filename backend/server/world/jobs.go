package world

import (
	"fmt"
	"slices"
	"time"
)

// Jobs tells how the automations of the demo behave when they run; it is keyed
// by automation id. The others do what they say.
const (
	// FailsAlways marks an automation whose runs fail: its source cannot be read.
	FailsAlways = "fails"
	// FailsPartly marks one of whose operations some fail.
	FailsPartly = "fails_partly"
)

// job is one automation of the demo.
type job struct {
	kind, trigger, name      string
	path, source             string
	dest                     []string
	interval                 string
	times                    []string
	days                     []int64
	behaves                  string
	disabled                 bool
	exclude                  string
	every                    time.Duration // how often it has run
	actions                  []string
	overwrite                bool
	retryMinutes, retryTries int64
}

var jobs = []job{
	{kind: "copy_file", trigger: "daily", name: "Copy new invoices to the archive", path: "Finance/2026/Invoices", source: "INV-2026-02*.pdf", dest: []string{"Archive/invoices/%Y-%m/"}, interval: "day", every: day, overwrite: true},
	{kind: "move_file", trigger: "custom_schedule", name: "Sort scans into the inbox", path: "Inbox/Scans", source: "*.pdf", dest: []string{"Archive/scans/%Y/%m/%d/"}, times: []string{"06:30", "14:30"}, days: []int64{1, 2, 3, 4, 5}, every: 12 * time.Hour},
	{kind: "create_folder", trigger: "daily", name: "Open the folder of the day", path: "Inbox", dest: []string{"%Y-%m-%d"}, interval: "day", every: day},
	{kind: "delete_file", trigger: "daily", name: "Clean up old logs", path: "Engineering/logs/*", source: "access-*.log", interval: "week", every: 7 * day, exclude: "error.log", behaves: FailsPartly},
	{kind: "run_sync", trigger: "custom_schedule", name: "Mirror partner orders", path: "Partners", times: []string{"*:00"}, days: []int64{0, 1, 2, 3, 4, 5, 6}, every: 6 * time.Hour},
	{kind: "as2_send", trigger: "action", name: "Send confirmations by AS2", path: "Partners/*/outgoing", source: "*.xml", actions: []string{"create"}, every: 9 * time.Hour},
	{kind: "import_file", trigger: "daily", name: "Fetch exchange rates", path: "Finance/2026", dest: []string{"Finance/2026/rates-%Y%m%d.json"}, interval: "day", every: day, behaves: FailsAlways, retryMinutes: 30, retryTries: 3},
	{kind: "copy_file", trigger: "manual", name: "Publish the price list", path: "Public", source: "price-list.pdf", dest: []string{"Partners/partner-north/incoming/", "Partners/partner-south/incoming/"}, every: 5 * day, overwrite: true},
	{kind: "move_file", trigger: "webhook", name: "Release a build", path: "Engineering/builds", source: "v*/gateway-linux-amd64.tar.gz", dest: []string{"Public/downloads/"}, every: 6 * day},
	{kind: "move_file", trigger: "email", name: "File mail attachments", path: "Inbox", source: "fax-*.tif", dest: []string{"Archive/fax/%Y-%m/"}, every: 30 * time.Hour},
	{kind: "copy_file", trigger: "action", name: "Mirror contracts for the auditors", path: "Legal/Contracts", source: "*.pdf", dest: []string{"Archive/contracts/"}, actions: []string{"create", "update"}, every: 40 * time.Hour},
	{kind: "delete_file", trigger: "custom_schedule", name: "Empty the kiosk drop box", path: "Inbox/Kiosk", source: "**", times: []string{"23:30"}, days: []int64{5}, every: 7 * day},
	{kind: "create_folder", trigger: "daily", name: "Open the month", path: "Finance", dest: []string{"%Y/%m"}, interval: "month", every: 30 * day},
	{kind: "create_folder", trigger: "daily", name: "Open the quarter", path: "Finance", dest: []string{"%Y/close"}, interval: "quarter_end", every: 91 * day, disabled: true},
	{kind: "copy_file", trigger: "manual", name: "Hand over to the external audit", path: "Finance/2026/Audit/Evidence", source: "control-0[1-9]-*.pdf", dest: []string{"Archive/audit/%tf/"}, every: 20 * day},
	{kind: "move_file", trigger: "daily", name: "Collect scanner readings", path: "Sensors/2026", source: "reading-2026-01-01-*.csv", dest: []string{"Archive/readings/"}, interval: "day", every: day, disabled: true},
	{kind: "v2", trigger: "manual", name: "Invoice intake", path: "Finance/2026/Invoices", every: 3 * day},
	{kind: "v2", trigger: "custom_schedule", name: "Weekly close", path: "Finance/2026", times: []string{"18:00"}, days: []int64{5}, every: 7 * day, behaves: FailsPartly},
	{kind: "run_sync", trigger: "daily", name: "Pull media from the cutting room", path: "Media/Raw", interval: "day", every: day, behaves: FailsAlways, retryMinutes: 60, retryTries: 2},
	{kind: "import_file", trigger: "webhook", name: "Import a user list", path: "HR", dest: []string{"HR/import-%Y%m%d-%H%M%S.json"}, every: 15 * day},
	{kind: "as2_send", trigger: "manual", name: "Resend the last order", path: "Partners/partner-west/incoming", source: "order-*.xml", every: 11 * day, behaves: FailsAlways},
	{kind: "copy_file", trigger: "custom_schedule", name: "Snapshot the ledgers", path: "Finance/2026", source: "ledger-*.csv", dest: []string{"Archive/ledgers/%Y-%m-%d/"}, times: []string{"02:00"}, days: []int64{0, 1, 2, 3, 4, 5, 6}, every: day, overwrite: true},
	{kind: "delete_file", trigger: "manual", name: "Clear the public downloads", path: "Public/downloads", source: "*", every: 25 * day},
	{kind: "move_file", trigger: "action", name: "Quarantine executables", path: "Inbox", source: "**/*.{exe,bat,cmd}", dest: []string{"Archive/quarantine/"}, actions: []string{"create", "move"}, every: 50 * time.Hour},
	{kind: "delete_file", trigger: "daily", name: "Expire trainee uploads", path: "HR/Onboarding", source: "*.tmp", interval: "week_end", every: 7 * day, disabled: true},
	{kind: "copy_file", trigger: "manual", name: "Copy the handbook to Public", path: "HR/Handbook", source: "*.md", dest: []string{"Public/handbook/"}, every: 8 * day, overwrite: true},
}

// firstAutomation is the id of the first automation.
const firstAutomation = 1001

// Behaves tells how a demo automation turns out: "", FailsAlways or FailsPartly.
func (w *World) Behaves(automationID int64) string {
	i := automationID - firstAutomation
	if i < 0 || i >= int64(w.jobCount()) {
		return ""
	}
	return jobs[i].behaves
}

func (w *World) jobCount() int {
	if w.Name == "empty" {
		return 0
	}
	return w.some(len(jobs))
}

func (w *World) automations() []Record {
	return w.rows("automation", firstAutomation, w.jobCount(), func(r *rng, i int) Doc {
		j := jobs[i]
		d := Doc{
			"automation": j.kind, "trigger": j.trigger, "name": j.name, "disabled": j.disabled,
			"path": j.path, "source": j.source, "destinations": texts(j.dest...),
			"exclude_pattern": j.exclude, "overwrite_files": j.overwrite,
			"last_modified_at": w.ago(w.age(r, 1, 300)),
			"user_id":          pick(r, []int64{1, 1, 2, int64(w.operator())}),
			"path_time_zone":   siteZone, "deleted": false, "version": int64(1),
			"workspace_id": int64(0), "group_ids": ints(), "user_ids": ints(), "sync_ids": ints(),
			"description": "",
		}
		if j.interval != "" {
			d["interval"] = j.interval
			d["human_readable_schedule"] = "Every " + j.interval
		}
		if len(j.times) > 0 {
			d["schedule_times_of_day"], d["schedule_days_of_week"] = texts(j.times...), ints(j.days...)
			d["schedule_time_zone"] = siteZone
			d["schedule"] = map[string]any{"days_of_week": ints(j.days...), "times_of_day": texts(j.times...), "time_zone": siteZone}
			d["human_readable_schedule"] = fmt.Sprintf("At %s on %d days a week", j.times[0], len(j.days))
		}
		if len(j.actions) > 0 {
			d["trigger_actions"] = texts(j.actions...)
		}
		switch j.trigger {
		case "webhook":
			d["webhook_url"] = fmt.Sprintf("https://%s.files.com/api/webhooks/%08x", w.Subdomain, uint32(r.next()))
		case "email":
			d["inbound_email_address"] = fmt.Sprintf("inbox-%06x@inbox.example.com", r.n(1<<24))
		}
		if j.kind == "import_file" {
			d["import_urls"] = []any{map[string]any{"name": "rates.json", "url": "https://rates.example.com/daily", "method": "GET"}}
		}
		if j.kind == "run_sync" {
			d["sync_ids"] = ints(1401)
		}
		if j.retryTries > 0 {
			d["retry_on_failure_interval_in_minutes"], d["retry_on_failure_number_of_attempts"] = j.retryMinutes, j.retryTries
		}
		if j.kind == "v2" {
			d["definition"] = map[string]any{"version": int64(2), "nodes": []any{
				map[string]any{"id": "find", "type": "find_files", "path": j.path, "source": "*-2026-00*.pdf"},
				map[string]any{"id": "copy", "type": "copy_file", "input": "find", "destinations": texts("Archive/intake/%Y-%m/")},
			}}
		}
		return d
	})
}

// operator is the user id of somebody who works with automations.
func (w *World) operator() int {
	if w.users > 20 {
		return 20
	}
	return 2
}

func (w *World) automationRuns() []Record {
	w.runs.Do(w.makeRuns)
	return w.runRows
}

func (w *World) automationLogs() []Record {
	w.runs.Do(w.makeRuns)
	return w.runLogRows
}

// makeRuns is the history of the automations with what each run has logged.
func (w *World) makeRuns() {
	r := w.dice("automation_run")
	type run struct {
		job int
		at  time.Time
	}
	var list []run
	for i := range w.jobCount() {
		j := jobs[i]
		first := time.Duration(r.between(1, int64(j.every/time.Minute))) * time.Minute
		if j.disabled {
			first += 40 * day
		}
		for k := range min(28, int(120*day/j.every)+3) {
			list = append(list, run{i, w.ago(first + time.Duration(k)*j.every + time.Duration(r.n(240))*time.Second)})
		}
	}
	slices.SortStableFunc(list, func(a, b run) int { return a.at.Compare(b.at) })
	for k, x := range list {
		j := jobs[x.job]
		id, auto := int64(20_001+k), int64(firstAutomation+x.job)
		status := w.outcome(r, j)
		good, bad := r.between(1, 40), int64(0)
		switch status {
		case "failure":
			good, bad = 0, r.between(1, 3)
		case "partial_failure":
			bad = r.between(1, 6)
		case "skipped", "canceled":
			good = 0
		}
		runtime := float64(r.between(300, 90_000)) / 1000
		d := Doc{
			"id": id, "automation_id": auto, "automation_version_id": int64(1), "version": int64(1), "workspace_id": int64(0),
			"created_at": x.at, "completed_at": x.at.Add(time.Duration(runtime) * time.Second), "runtime": runtime,
			"status": status, "successful_operations": good, "failed_operations": bad,
		}
		if status == "canceled" {
			d["cancel_requested_at"] = x.at.Add(time.Second)
		}
		if status == "failure" && j.retryTries > 0 {
			d["retry_at"] = x.at.Add(time.Duration(j.retryMinutes) * time.Minute)
		}
		w.runRows = append(w.runRows, Record{ID: id, Doc: d})
		w.logRun(r, j, auto, id, x.at, min(good, 4), bad)
	}
}

func (w *World) outcome(r *rng, j job) string {
	switch {
	case j.behaves == FailsAlways:
		return "failure"
	case j.behaves == FailsPartly && r.chance(55):
		return "partial_failure"
	}
	switch n := r.n(100); {
	case n < 87:
		return "success"
	case n < 91:
		return "failure"
	case n < 94:
		return "partial_failure"
	case n < 98:
		return "skipped"
	default:
		return "canceled"
	}
}

var operations = map[string]string{
	"copy_file": "copy", "move_file": "move", "delete_file": "delete", "create_folder": "create_folder",
	"run_sync": "sync", "as2_send": "as2_send", "import_file": "import", "v2": "copy",
}

func (w *World) logRun(r *rng, j job, auto, run int64, at time.Time, good, bad int64) {
	for i := range good + bad {
		id := int64(len(w.runLogRows) + 1)
		path := join(j.path, fmt.Sprintf("%s-%04d%s", pick(r, words), r.n(9000), pick(r, []string{".pdf", ".csv", ".xml"})))
		d := Doc{
			"id": id, "automation_id": auto, "automation_run_id": run, "operation": operations[j.kind], "path": path,
			"timestamp": at.Add(time.Duration(i) * 400 * time.Millisecond), "created_at": at.Add(time.Duration(i) * 400 * time.Millisecond),
			"status": "success", "correlation_id": fmt.Sprintf("%016x", r.next()),
		}
		if len(j.dest) > 0 {
			d["dest_path"] = j.dest[0]
		}
		if i >= good {
			d["status"], d["message"] = "failure", pick(r, []string{"The source could not be read.", "The remote server did not answer in time.", "The destination folder is locked."})
			d["error_type"] = pick(r, []string{"not-found", "processing-failure/remote-server-error", "processing-failure/folder-locked"})
		}
		w.runLogRows = append(w.runLogRows, Record{ID: id, Doc: d})
	}
}

// age is a span between lo and hi days.
func (w *World) age(r *rng, lo, hi int64) time.Duration {
	return time.Duration(r.between(lo*24*60, hi*24*60)) * time.Minute
}

package world

import (
	"strconv"
)

// Record is one row of a resource as the site would have stored it. Fields that
// are absent from Doc have the default of their type.
type Record struct {
	ID  int64
	Doc Doc
	// Secret must never be sent: the Secret of a login as JSON, or the text of an
	// API key.
	Secret string
}

// Doc are the fields of a record: nil, bool, int64, float64, string, time.Time,
// []any or map[string]any.
type Doc map[string]any

// recordMakers are the resources that have rows in the demo, by the catalog's
// name.
var recordMakers = map[string]func(w *World) []Record{
	"user":                 (*World).Users,
	"group":                (*World).groups,
	"group_user":           (*World).groupUsers,
	"permission":           (*World).permissions,
	"api_key":              (*World).apiKeys,
	"public_key":           (*World).publicKeys,
	"site":                 (*World).site,
	"workspace":            (*World).workspaces,
	"automation":           (*World).automations,
	"automation_run":       (*World).automationRuns,
	"automation_log":       (*World).automationLogs,
	"sync":                 (*World).syncs,
	"sync_run":             (*World).syncRuns,
	"sync_log":             (*World).syncLogs,
	"remote_server":        (*World).remoteServers,
	"behavior":             (*World).behaviors,
	"bundle":               (*World).bundles,
	"bundle_recipient":     (*World).bundleRecipients,
	"bundle_registration":  (*World).bundleRegistrations,
	"bundle_download":      (*World).bundleDownloads,
	"notification":         (*World).notifications,
	"history":              (*World).history,
	"email_log":            (*World).emailLogs,
	"external_event":       (*World).externalEvents,
	"settings_change":      (*World).settingsChanges,
	"api_request_log":      (*World).apiRequestLogs,
	"sftp_action_log":      (*World).sftpActionLogs,
	"user_request":         (*World).userRequests,
	"user_lifecycle_rule":  (*World).lifecycleRules,
	"usage_snapshot":       (*World).usageSnapshots,
	"usage_daily_snapshot": (*World).usageDaily,
	"ip_address":           (*World).ipAddresses,
	"partner":              (*World).partnerRecords,
	"clickwrap":            (*World).clickwraps,
	"holiday_calendar":     (*World).holidayCalendars,
	"schedule":             (*World).schedules,
}

// Records are the rows of a resource, by id; none for a resource that the world
// knows nothing of. The rows are made anew by every call unless they are many;
// callers copy before they change a Doc.
func (w *World) Records(resource string) []Record {
	f, ok := recordMakers[resource]
	if !ok {
		return nil
	}
	if w.Name == "empty" {
		switch resource {
		case "user", "api_key", "site", "workspace":
		default:
			return nil
		}
	}
	return f(w)
}

// dice is the generator for the rows of one resource.
func (w *World) dice(resource string) *rng {
	r := rng(hash(w.seed, "records/"+resource))
	return &r
}

// rows makes n records with the ids from first on.
func (w *World) rows(resource string, first int64, n int, doc func(r *rng, i int) Doc) []Record {
	r := w.dice(resource)
	out := make([]Record, n)
	for i := range out {
		d := doc(r, i)
		id := first + int64(i)
		d["id"] = id
		out[i] = Record{ID: id, Doc: d}
	}
	return out
}

// some scales a number of rows to the size of the world.
func (w *World) some(n int) int {
	if w.Name == "small" {
		return max(n/8, min(n, 3))
	}
	return n
}

func address(r *rng) string {
	// The blocks that are set aside for documentation.
	return pick(r, []string{"192.0.2.", "198.51.100.", "203.0.113."}) + strconv.FormatInt(r.between(1, 254), 10)
}

func ints(ids ...int64) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

func texts(s ...string) []any {
	out := make([]any, len(s))
	for i, x := range s {
		out[i] = x
	}
	return out
}

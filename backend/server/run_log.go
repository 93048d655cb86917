package server

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// runLog is a log that is sent as a file: of a migration (log_url), of a run of
// a sync (log_url) or of an automation (status_messages_url).
type runLog struct {
	resource string   // whose records are the lines
	of       string   // the field that names what they belong to
	fields   []string // of a line
}

var runLogs = map[string]runLog{
	"file_migration": {"file_migration_log", "file_migration_id", []string{"operation", "file_type", "path", "dest_path", "status", "message"}},
	"sync":           {"sync_log", "sync_run_id", []string{"operation", "file_type", "path", "size", "status", "message"}},
	"automation":     {"automation_log", "automation_run_id", []string{"operation", "path", "dest_path", "status", "error_type", "message"}},
}

// logFor is how long the address of a log holds.
const logFor = time.Hour

// sendLog sends a log as its address promises: JSON objects, one a line
// (PROTOCOL.md 11). name is kind/id.
func (c *call) sendLog(name string) error {
	kind, number, _ := strings.Cut(name, "/")
	log, ok := runLogs[kind]
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return errNoKey
	}
	from, err := c.rootOfUser(c.query.Get("key"))
	if err != nil {
		return err
	}
	rows, err := c.s.records.store.all(c.ctx, log.resource)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, r := range rows {
		if r.doc[log.of] != id {
			continue
		}
		line := map[string]any{"type": kind}
		doc := from.object(log.resource, r.doc, nil)
		for _, f := range log.fields {
			if v, ok := doc[f]; ok {
				line[f] = v
			}
		}
		if at, ok := r.doc["timestamp"].(time.Time); ok {
			line["timestamp"] = at.UTC().Format("2006-01-02T15:04:05-07:00")
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	c.w.Header().Set("Content-Type", "application/json")
	return c.serveBytes(time.Time{}, bytes.NewReader(b.Bytes()))
}

// logPath is where a log is, before it is signed.
func logPath(kind string, id int64) string {
	return storagePath + "log/" + kind + "/" + strconv.FormatInt(id, 10)
}

// migrationLogURI is the log_url of a migration.
func (c *call) migrationLogURI(id int64) string {
	return c.sign(logPath("file_migration", id), url.Values{"name": {"migration.log"}, "key": {strconv.FormatInt(c.who.userID, 10)}}, nil, logFor)
}

// logURI is the address of the log of a run that has ended; nil before that, and
// for the runs of the past that the world has made up, which left none.
func (c *recordCall) logURI(kind string, r *record) any {
	if r.doc["completed_at"] == nil || r.doc["live"] != true || c.sign == nil {
		return nil
	}
	return c.sign(logPath(kind, r.id), kind+".log", strconv.FormatInt(c.who.userID, 10))
}

package server

import (
	"strings"
	"time"
)

// view says what of an entry an answer shows, besides what it always does.
type view struct {
	rights   *rights
	sums     [4]bool // which checksums the site shows: crc32, md5, sha1, sha256
	color    bool
	download string // download_uri, "" for none
	// preview gives the preview of a file with its id; nil shows none.
	preview func(n *node) (id int64, object []byte)
	// root is what the caller takes for the root folder, "" for the site's.
	root root
}

// sumNames are the checksums in the order in which they are kept and sent.
var sumNames = [4]string{"crc32", "md5", "sha1", "sha256"}

// region is where everything lies.
const region = "us-east-1"

// appendEntry writes a file object: its fields, their order, and which are null
// and which are absent, are those recorded (PROTOCOL.md 8 and 15).
func appendEntry(b []byte, n *node, v *view) []byte {
	// The first field goes in by hand: object takes a buffer that is not empty
	// for one that needs a comma.
	o := &object{b: append(b, `{"path":`...)}
	o.b = appendText(o.b, v.root.below(n.path))
	o.id("created_by_id", n.createdBy)
	o.id("created_by_api_key_id", n.createdKey)
	for _, name := range []string{
		"created_by_as2_incoming_message_id", "created_by_automation_id", "created_by_bundle_registration_id",
		"created_by_inbox_id", "created_by_remote_server_id", "created_by_sync_id",
	} {
		o.null(name)
	}
	if n.metadata == "" {
		o.raw("custom_metadata", []byte("{}"))
	} else {
		o.raw("custom_metadata", []byte(n.metadata))
	}
	o.text("display_name", n.name)
	if n.dir {
		o.text("type", "directory")
		o.null("size")
	} else {
		o.text("type", "file")
		o.number("size", n.size)
	}
	o.time("created_at", n.created)
	o.id("last_modified_by_id", n.modifiedBy)
	o.id("last_modified_by_api_key_id", n.modifiedKey)
	for _, name := range []string{
		"last_modified_by_automation_id", "last_modified_by_bundle_registration_id",
		"last_modified_by_remote_server_id", "last_modified_by_sync_id",
	} {
		o.null(name)
	}
	o.time("mtime", n.mtime)
	o.time("provided_mtime", n.provided)
	rest := n.sums
	for i, name := range sumNames {
		var sum string
		sum, rest, _ = strings.Cut(rest, " ")
		if n.dir || !v.sums[i] {
			sum = ""
		}
		o.orNull(name, sum)
	}
	if !n.dir {
		o.text("mime_type", mimeOf(n.name))
		o.text("region", region)
	}
	o.text("permissions", v.rights.at(n.path))
	if n.dir {
		o.flag("subfolders_locked?", n.subLocked)
		o.flag("is_locked", n.locked)
	}
	if v.download != "" {
		o.text("download_uri", v.download)
	}
	if v.color {
		o.orNull("priority_color", n.color)
	}
	if v.preview != nil && !n.dir {
		id, object := v.preview(n)
		o.number("preview_id", id)
		o.raw("preview", object)
	}
	return append(o.b, '}')
}

// id writes an id, null for none.
func (o *object) id(name string, id int64) {
	if id == 0 {
		o.null(name)
		return
	}
	o.number(name, id)
}

// time writes a time of a file, in UTC and whole seconds; null for none.
func (o *object) time(name string, t time.Time) {
	if t.IsZero() {
		o.null(name)
		return
	}
	o.key(name)
	o.b = append(o.b, '"')
	o.b = t.UTC().AppendFormat(o.b, "2006-01-02T15:04:05Z")
	o.b = append(o.b, '"')
}

// mimeTypes are told by the extension alone (PROTOCOL.md 15).
var mimeTypes = map[string]string{
	"txt": "text/plain", "log": "text/plain", "csv": "text/csv", "md": "text/markdown", "html": "text/html", "htm": "text/html",
	"css": "text/css", "js": "application/javascript", "json": "application/json", "xml": "application/xml", "yml": "text/yaml", "yaml": "text/yaml",
	"pdf": "application/pdf", "zip": "application/zip", "gz": "application/gzip", "tar": "application/x-tar", "7z": "application/x-7z-compressed",
	"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "svg": "image/svg+xml", "webp": "image/webp",
	"tif": "image/tiff", "tiff": "image/tiff", "bmp": "image/bmp", "ico": "image/vnd.microsoft.icon",
	"mp3": "audio/mpeg", "wav": "audio/x-wav", "flac": "audio/flac", "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "avi": "video/x-msvideo",
	"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"rtf":  "application/rtf", "sql": "application/x-sql", "sh": "application/x-sh", "eml": "message/rfc822", "ics": "text/calendar",
}

func mimeOf(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		if t, ok := mimeTypes[strings.ToLower(name[i+1:])]; ok {
			return t
		}
	}
	return "application/octet-stream"
}

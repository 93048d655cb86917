package transfer

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"ferry/backend"
)

// PlanPlace tells, before anything is compared, whether SavePlan would write to a
// file: what is there already is replaced only when it is a plan, of any version
// and site and also one that was damaged further down, or is empty. Everything
// else is somebody's, and refused as an error of group Client. What is no regular
// file, a pipe say, loses nothing by being written to.
func (e *Engine) PlanPlace(file string) error {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(filepath.Dir(file))
	}
	switch {
	case err != nil:
		return e.cfg.Local.Explain("write plan", file, err)
	case info == nil, !info.IsDir() && !info.Mode().IsRegular(), info.Mode().IsRegular() && info.Size() == 0:
		return nil
	case info.IsDir():
		return planTaken(file, "The name of the plan is that of a folder")
	}
	f, err := os.Open(file)
	if err != nil {
		return e.cfg.Local.Explain("write plan", file, err)
	}
	defer f.Close()
	if !isPlan(f) {
		return planTaken(file, "The file is there already, and is no plan of a sync")
	}
	return nil
}

func planTaken(file, why string) error {
	return &backend.Error{
		Class: backend.ClassInvalidParameter, Group: backend.Client, Op: "write plan", Path: file,
		Title: "No Place for a Plan", Message: why + ". Take another name for the plan, or remove what is there.",
	}
}

// isPlan tells whether what is read begins as a plan: an object with a version, a
// site and the two folders, which SavePlan writes before the lines. Of the lines,
// which may be a million, nothing is read.
func isPlan(r io.Reader) bool {
	dec := json.NewDecoder(bufio.NewReader(r))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	var version int
	var site *string
	var request backend.SyncRequest
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return false
		}
		var into any = new(json.RawMessage)
		switch key {
		case "version":
			into = &version
		case "site":
			into = &site
		case "request":
			into = &request
		}
		if dec.Decode(into) != nil {
			return false
		}
		if version > 0 && site != nil && request.Local != "" && request.Mode != "" {
			return true
		}
	}
	return false
}

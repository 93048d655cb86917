package transfer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
)

// SavePlan writes a plan to a file of this machine, readable by its owner only:
// names of files are private. What PlanPlace refuses stays as it is.
func (e *Engine) SavePlan(file string, p backend.Plan) error {
	if err := e.PlanPlace(file); err != nil {
		return err
	}
	b, err := json.MarshalIndent(p, "", " ")
	if err == nil {
		err = os.WriteFile(file, append(b, '\n'), 0o600)
	}
	if err != nil {
		return e.cfg.Local.Explain("write plan", file, err)
	}
	return nil
}

// LoadPlan reads a plan that SavePlan wrote for this site and user. What it
// cannot trust it refuses, as an error of group Client.
func (e *Engine) LoadPlan(file string) (backend.Plan, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return backend.Plan{}, e.cfg.Local.Explain("read plan", file, err)
	}
	p, bad := decodePlan(b)
	if bad == nil && p.Site != e.planSite() {
		bad = &badPlan{
			fmt.Sprintf("The plan was made for another site or login: %s", p.Site),
			"Run it with the login that it was made with, or compare again with this one",
		}
	}
	if bad != nil {
		return backend.Plan{}, planError(file, bad.why+". "+bad.next+".")
	}
	return p, nil
}

// badPlan says why a plan is not run, and what can be done about it.
type badPlan struct{ why, next string }

// What can be done about a plan that cannot be read.
const (
	makeAnew  = "Compare again and save the plan anew"
	orCorrect = "Correct it there, or compare again and save the plan anew"
)

// noPlan says what is wrong with a file that is no JSON, or none of a plan, and
// where.
func noPlan(b []byte, err error) *badPlan {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case len(bytes.TrimSpace(b)) == 0:
		return &badPlan{"The plan is empty", makeAnew}
	case errors.As(err, &syntax) && strings.Contains(err.Error(), "unexpected end"):
		return &badPlan{"The plan breaks off in " + placeIn(b, int64(len(b))+1), "If it is a copy, copy it once more; else compare again and save the plan anew"}
	case errors.As(err, &syntax):
		return &badPlan{
			fmt.Sprintf("The plan is no JSON: %s, in %s", err, placeIn(b, syntax.Offset)), orCorrect,
		}
	case errors.As(err, &kind):
		return &badPlan{
			fmt.Sprintf("The plan is not as it should be: %s is of kind %s and has to be %s, in %s", cmp.Or(kind.Field, "the whole"), kind.Value, kindOf(kind.Type), placeIn(b, kind.Offset)),
			orCorrect,
		}
	}
	return &badPlan{"The plan cannot be read: " + err.Error(), makeAnew}
}

// kindOf names a type as JSON does.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "a list"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	default:
		return "an object"
	}
}

// placeIn is the line and column before which a decoder has stopped, counted from
// 1, in bytes.
func placeIn(b []byte, offset int64) string {
	head := b[:min(max(offset-1, 0), int64(len(b)))]
	line := bytes.Count(head, []byte("\n")) + 1
	return fmt.Sprintf("line %d, column %d", line, len(head)-bytes.LastIndexByte(head, '\n'))
}

// planSite names the site in a plan. The journal's name may say more: who of
// several programs owns the jobs.
func (e *Engine) planSite() string { return siteOf(e.cfg.SiteID) }

// siteOf is the site and user of a name of the journal.
func siteOf(id string) string {
	site, _, _ := strings.Cut(id, "\n")
	return site
}

func planError(file, msg string) error {
	return &backend.Error{
		Class: backend.ClassInvalidParameter, Group: backend.Client, Op: "run plan", Path: file,
		Title: "Plan Not Usable", Message: msg,
	}
}

// planChanged tells that something was left because the plan has not seen it.
func planChanged(file string) error {
	return &backend.Error{
		Class: backend.ClassInvalidParameter, Group: backend.Client, Type: backend.TypePlanChanged, Op: "run plan", Path: file,
		Title: "Changed Since the Plan", Message: "It has changed since the plan was made, and was kept.",
	}
}

// decodePlan reads a plan and checks that running it could not leave the two
// folders, whoever wrote it.
func decodePlan(b []byte) (backend.Plan, *badPlan) {
	var p backend.Plan
	if err := json.Unmarshal(b, &p); err != nil {
		return p, noPlan(b, err)
	}
	switch {
	case p.Version == 0:
		return p, &badPlan{"The file is JSON, but no plan of a sync", "Name a file that was written by --plan, or by the screen"}
	case p.Version != backend.PlanVersion:
		return p, &badPlan{fmt.Sprintf("The plan has version %d, and this Ferry knows %d", p.Version, backend.PlanVersion), "Run it with the Ferry that wrote it, or compare again with this one"}
	case !filepath.IsAbs(p.Request.Local), pathutil.Normalize(p.Request.Remote) != p.Request.Remote:
		return p, &badPlan{fmt.Sprintf("The plan does not name its two folders whole: %q, %q", p.Request.Local, p.Request.Remote), makeAnew}
	}
	for _, i := range p.Items {
		if err := soundItem(i); err != nil {
			return p, &badPlan{fmt.Sprintf("The line of %q cannot be run: %s", i.Name, err), "Take that line out, or compare again and save the plan anew"}
		}
	}
	return p, nil
}

func soundItem(i backend.PlanItem) error {
	names := []string{}
	var source *backend.Stamp
	if i.Stuck && i.Action != backend.PlanNothing {
		return fmt.Errorf("nothing can be done about it: %s", i.Reason)
	}
	switch i.Action {
	case backend.PlanNothing:
		return nil
	case backend.PlanUpload:
		source, names = i.Local, append(names, i.Target)
	case backend.PlanDownload:
		source, names = i.Remote, append(names, i.Target)
	case backend.PlanDeleteLocal:
		source = i.Local
	case backend.PlanDeleteRemote:
		source = i.Remote
	default:
		return fmt.Errorf("%q is no action", i.Action)
	}
	if source == nil {
		return fmt.Errorf("it does not say what is to be moved or deleted")
	}
	for _, s := range []*backend.Stamp{i.Local, i.Remote} {
		if s != nil {
			names = append(names, s.Name)
		}
	}
	for _, n := range names {
		if path.Clean(n) != n || n == "." || !filepath.IsLocal(filepath.FromSlash(n)) {
			return fmt.Errorf("%q lies outside of the folder", n)
		}
	}
	return nil
}

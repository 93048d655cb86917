package transfer

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"ferry/backend"
	"ferry/pathutil"
)

// SavePlan writes a plan to a file of this machine, readable by its owner only:
// names of files are private.
func (e *Engine) SavePlan(file string, p backend.Plan) error {
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
	p, err := decodePlan(b)
	if err == nil && p.Site != e.planSite() {
		err = fmt.Errorf("it was made for %s", p.Site)
	}
	if err != nil {
		return backend.Plan{}, planError(file, "This is no plan that can be run here: "+err.Error()+".")
	}
	return p, nil
}

// planSite names the site in a plan. The journal's name may say more: who of
// several programs owns the jobs.
func (e *Engine) planSite() string {
	site, _, _ := strings.Cut(e.cfg.SiteID, "\n")
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
func decodePlan(b []byte) (backend.Plan, error) {
	var p backend.Plan
	if err := json.Unmarshal(b, &p); err != nil {
		return p, err
	}
	if p.Version != backend.PlanVersion {
		return p, fmt.Errorf("its version is %d, this program knows %d", p.Version, backend.PlanVersion)
	}
	if !filepath.IsAbs(p.Request.Local) || pathutil.Normalize(p.Request.Remote) != p.Request.Remote {
		return p, fmt.Errorf("its folders are not complete")
	}
	for _, i := range p.Items {
		if err := soundItem(i); err != nil {
			return p, fmt.Errorf("%q: %w", i.Name, err)
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

package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/automation"
	automation_run "github.com/Files-com/files-sdk-go/v3/automationrun"
)

func makeAutomation(t *testing.T, p files_sdk.AutomationCreateParams) files_sdk.Automation {
	t.Helper()
	client := &automation.Client{Config: admin()}
	a := must(client.Create(p))(t)
	t.Cleanup(func() {
		if err := client.Delete(files_sdk.AutomationDeleteParams{Id: a.Id}); err != nil && !files_sdk.IsNotFound(err) {
			t.Error(err)
		}
	})
	return a
}

func runs(t *testing.T, p files_sdk.AutomationRunListParams) []files_sdk.AutomationRun {
	t.Helper()
	it, err := (&automation_run.Client{Config: admin()}).List(p)
	return all[files_sdk.AutomationRun](t, it, err)
}

// started runs an automation by hand; the function it returns waits for the end
// of that run.
func started(t *testing.T, id int64) (ended func() files_sdk.AutomationRun) {
	t.Helper()
	before := len(runs(t, files_sdk.AutomationRunListParams{AutomationId: id}))
	check(t, (&automation.Client{Config: admin()}).ManualRun(files_sdk.AutomationManualRunParams{Id: id}))
	return func() (newest files_sdk.AutomationRun) {
		t.Helper()
		until(t, "the end of the run", func() bool {
			got := runs(t, files_sdk.AutomationRunListParams{AutomationId: id})
			if len(got) <= before {
				return false
			}
			newest = slices.MaxFunc(got, func(a, b files_sdk.AutomationRun) int { return cmp.Compare(a.Id, b.Id) })
			return newest.Status != "queued" && newest.Status != "running"
		})
		return newest
	}
}

func TestAutomationRunByHand(t *testing.T) {
	dir := home(t)
	put(t, dir+"/in/a.txt", "a")
	put(t, dir+"/in/b.txt", "b")
	put(t, dir+"/in/c.csv", "c")
	a := makeAutomation(t, files_sdk.AutomationCreateParams{
		Name: unique("copy"), Automation: "copy_file", Trigger: "manual", Path: dir + "/in", Source: "*.txt", Destinations: []string{dir + "/out/"},
	})
	if a.Automation != "copy_file" || a.Trigger != "manual" || a.Disabled == nil || *a.Disabled || !slices.Equal(a.Destinations, []string{dir + "/out/"}) {
		t.Errorf("the automation is %+v", a)
	}
	r := started(t, a.Id)()
	equal(t, "status", r.Status, "success")
	equal(t, "successful operations", r.SuccessfulOperations, 2)
	equal(t, "failed operations", r.FailedOperations, 0)
	if r.CreatedAt == nil || r.CompletedAt == nil {
		t.Errorf("the run lacks its times: %+v", r)
	}
	equal(t, "copy of a.txt", string(download(t, dir+"/out/a.txt")), "a")
	equal(t, "copy of b.txt", string(download(t, dir+"/out/b.txt")), "b")
	gone(t, dir+"/out/c.csv")
	found := must((&automation_run.Client{Config: admin()}).Find(files_sdk.AutomationRunFindParams{Id: r.Id}))(t)
	equal(t, "automation of the run", found.AutomationId, a.Id)
}

func TestAutomationKinds(t *testing.T) {
	dir := home(t)
	put(t, dir+"/in/move.txt", "m")
	put(t, dir+"/in/delete.tmp", "d")
	move := makeAutomation(t, files_sdk.AutomationCreateParams{
		Name: unique("move"), Automation: "move_file", Trigger: "manual", Path: dir + "/in", Source: "move.*", Destinations: []string{dir + "/out/"},
	})
	remove := makeAutomation(t, files_sdk.AutomationCreateParams{
		Name: unique("delete"), Automation: "delete_file", Trigger: "manual", Path: dir + "/in", Source: "*.tmp",
	})
	mkdirs := makeAutomation(t, files_sdk.AutomationCreateParams{
		Name: unique("folder"), Automation: "create_folder", Trigger: "manual", Path: dir, Destinations: []string{"%Y"},
	})
	var waits []func() files_sdk.AutomationRun
	for _, a := range []files_sdk.Automation{move, remove, mkdirs} {
		waits = append(waits, started(t, a.Id))
	}
	for _, ended := range waits {
		r := ended()
		equal(t, fmt.Sprintf("status of the run of %d", r.AutomationId), r.Status, "success")
	}
	equal(t, "moved file", string(download(t, dir+"/out/move.txt")), "m")
	gone(t, dir+"/in/move.txt")
	gone(t, dir+"/in/delete.tmp")
	made := slices.ContainsFunc(list(t, files_sdk.FolderListForParams{Path: dir, Type: "folder"}), func(f files_sdk.File) bool {
		return len(f.DisplayName) == 4 && f.DisplayName[:2] == "20"
	})
	if !made {
		t.Error("the folder of the year was not made")
	}
}

func TestAutomationLife(t *testing.T) {
	client := &automation.Client{Config: admin()}
	dir := home(t)
	name := unique("daily")
	a := makeAutomation(t, files_sdk.AutomationCreateParams{
		Name: name, Automation: "delete_file", Trigger: "daily", Interval: "week", Path: dir, Source: "*.log",
	})
	a = must(client.UpdateWithMap(map[string]any{"id": a.Id, "disabled": true}))(t)
	if a.Disabled == nil || !*a.Disabled {
		t.Errorf("disabled is %v", a.Disabled)
	}
	a = must(client.UpdateWithMap(map[string]any{"id": a.Id, "disabled": false, "name": name + "-2"}))(t)
	if a.Disabled == nil || *a.Disabled || a.Name != name+"-2" || a.Interval != "week" {
		t.Errorf("after the update the automation is %+v", a)
	}
	got := must(client.Find(files_sdk.AutomationFindParams{Id: a.Id}))(t)
	equal(t, "source", got.Source, "*.log")
	check(t, client.Delete(files_sdk.AutomationDeleteParams{Id: a.Id}))
	_, err := client.Find(files_sdk.AutomationFindParams{Id: a.Id})
	refused(t, err, "not-found")
	refused(t, client.ManualRun(files_sdk.AutomationManualRunParams{Id: a.Id}), "not-found")

	_, err = client.Create(files_sdk.AutomationCreateParams{Name: name, Automation: "copy_file", Trigger: "sometimes", Path: dir, Source: "*"})
	if err == nil {
		t.Error("an automation with an unknown trigger was made")
	}
	onAction := makeAutomation(t, files_sdk.AutomationCreateParams{
		Name: unique("action"), Automation: "copy_file", Trigger: "action", TriggerActions: []string{"create"},
		Path: dir, Source: "*", Destinations: []string{dir + "/copies/"},
	})
	refused(t, client.ManualRun(files_sdk.AutomationManualRunParams{Id: onAction.Id}), files_sdk.ErrAutomationCannotBeRunManually)
}

func TestAutomationsOfTheDemo(t *testing.T) {
	it, err := (&automation.Client{Config: admin()}).List(files_sdk.AutomationListParams{ListParams: files_sdk.ListParams{PerPage: 5}})
	got := all[files_sdk.Automation](t, it, err)
	kinds, triggers := make(map[string]bool), make(map[string]bool)
	for _, a := range got {
		kinds[a.Automation], triggers[a.Trigger] = true, true
	}
	if len(got) < 20 || len(kinds) < 6 || len(triggers) < 5 {
		t.Errorf("%d automations of %d kinds and %d triggers", len(got), len(kinds), len(triggers))
	}
	it, err = (&automation.Client{Config: admin()}).List(files_sdk.AutomationListParams{Filter: map[string]any{"automation": "move_file"}})
	for _, a := range all[files_sdk.Automation](t, it, err) {
		equal(t, "kind", a.Automation, "move_file")
	}
	i := slices.IndexFunc(got, func(a files_sdk.Automation) bool { return a.Name == "Fetch exchange rates" })
	if i < 0 {
		t.Fatal("the automation that fails is not in the list")
	}
	failed := runs(t, files_sdk.AutomationRunListParams{
		AutomationId: got[i].Id, Filter: map[string]any{"status": "failure"}, SortBy: map[string]any{"created_at": "desc"},
		ListParams: files_sdk.ListParams{PerPage: 5},
	})
	if len(failed) == 0 {
		t.Error("none of its runs has failed")
	}
	for _, r := range failed {
		equal(t, "status", r.Status, "failure")
	}
	must((&automation.Client{Config: admin()}).GetAuthoringSchema())(t)
}

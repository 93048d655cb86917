package conformance

import (
	"slices"
	"testing"
	"time"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/behavior"
	history_export "github.com/Files-com/files-sdk-go/v3/historyexport"
	history_export_result "github.com/Files-com/files-sdk-go/v3/historyexportresult"
	"github.com/Files-com/files-sdk-go/v3/notification"
)

func TestBehaviors(t *testing.T) {
	dir := home(t)
	mkdir(t, dir+"/sub")
	client := &behavior.Client{Config: admin()}
	b := must(client.Create(files_sdk.BehaviorCreateParams{
		Path: dir, Behavior: "webhook", Name: "tell the depot", Value: map[string]any{"urls": []string{"https://example.com/hook"}, "method": "POST"},
	}))(t)
	if b.Path != dir || b.Behavior != "webhook" {
		t.Errorf("the behavior is %+v", b)
	}
	if v, ok := b.Value.(map[string]any); !ok || v["method"] != "POST" {
		t.Errorf("its value is %v", b.Value)
	}
	it, err := client.ListFor(files_sdk.BehaviorListForParams{Path: dir})
	equal(t, "behaviors of the folder", len(all[files_sdk.Behavior](t, it, err)), 1)
	it, err = client.ListFor(files_sdk.BehaviorListForParams{Path: dir + "/sub", AncestorBehaviors: yes()})
	if !slices.ContainsFunc(all[files_sdk.Behavior](t, it, err), func(o files_sdk.Behavior) bool { return o.Id == b.Id }) {
		t.Error("the behavior is not among those of the ancestors")
	}
	equal(t, "name", must(client.Update(files_sdk.BehaviorUpdateParams{Id: b.Id, Name: "tell nobody"}))(t).Name, "tell nobody")
	check(t, client.Delete(files_sdk.BehaviorDeleteParams{Id: b.Id}))
	_, err = client.Find(files_sdk.BehaviorFindParams{Id: b.Id})
	refused(t, err, "not-found")
}

func TestNotifications(t *testing.T) {
	dir := home(t)
	u := makeUser(t, files_sdk.UserCreateParams{Username: unique("notified"), Password: "a long enough password"})
	client := &notification.Client{Config: admin()}
	n := must(client.Create(files_sdk.NotificationCreateParams{Path: dir, UserId: u.Id, NotifyOnUpload: yes(), SendInterval: "hourly"}))(t)
	if n.Path != dir || n.UserId != u.Id || n.SendInterval != "hourly" || n.NotifyOnUpload == nil || !*n.NotifyOnUpload {
		t.Errorf("the notification is %+v", n)
	}
	equal(t, "interval", must(client.Update(files_sdk.NotificationUpdateParams{Id: n.Id, SendInterval: "daily"}))(t).SendInterval, "daily")
	check(t, client.Delete(files_sdk.NotificationDeleteParams{Id: n.Id}))
}

func TestHistoryExport(t *testing.T) {
	dir := home(t)
	put(t, dir+"/f.txt", "x")
	client := &history_export.Client{Config: admin()}
	e := must(client.Create(files_sdk.HistoryExportCreateParams{
		StartAt: new(time.Now().Add(-time.Hour)), EndAt: new(time.Now().Add(time.Hour)), QueryPath: dir + "/f.txt",
	}))(t)
	until(t, "the export", func() bool {
		e = must(client.Find(files_sdk.HistoryExportFindParams{Id: e.Id}))(t)
		return e.Status == "ready"
	})
	it, err := (&history_export_result.Client{Config: admin()}).List(files_sdk.HistoryExportResultListParams{HistoryExportId: e.Id})
	got := all[files_sdk.HistoryExportResult](t, it, err)
	if len(got) != 1 || got[0].Path != dir+"/f.txt" || got[0].Action != "create" {
		t.Errorf("the export holds %+v", got)
	}
}

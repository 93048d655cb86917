package crash

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"ferry/tests/proc"
)

// writer is one client of one round.
type writer struct {
	*answers
	site  *proc.Site
	round int
	n     int
	group int64
	done  int // deeds so far
}

// folder is where a writer works in a round.
func folder(round, n int) string { return fmt.Sprintf("load/%d-%d", round, n) }

// errGone is what a killed site leaves of a request.
var errGone = errors.New("the site has gone")

// do makes a request and wants a status.
func (w *writer) do(ctx context.Context, want int, method, url string, body any) ([]byte, error) {
	status, b, err := w.site.Do(ctx, method, url, body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	if status != want {
		return nil, fmt.Errorf("%s %s: %d %s", method, url, status, b)
	}
	w.heard.Add(1)
	return b, nil
}

// object is do with an object as the answer.
func (w *writer) object(ctx context.Context, method, url string, body any) (map[string]any, error) {
	want := http.StatusCreated
	if method == "PATCH" {
		want = http.StatusOK
	}
	b, err := w.do(ctx, want, method, url, body)
	if err != nil {
		return nil, err
	}
	var o map[string]any
	if err := json.Unmarshal(b, &o); err != nil {
		return nil, fmt.Errorf("%s %s: %w in %s", method, url, err, b)
	}
	return o, nil
}

// write makes changes of every kind until the site is gone, and notes those that
// it has answered. While a change is on its way nobody knows which of the two it
// is: what it is about is forgotten until the answer.
func (w *writer) write(ctx context.Context) error {
	dir := folder(w.round, w.n)
	if _, err := w.object(ctx, "POST", "/folders/"+dir, map[string]any{"mkdir_parents": true}); err != nil {
		return err
	}
	w.note("entries", dir, fact{"type": "directory"})
	o, err := w.object(ctx, "POST", "/groups", map[string]any{"name": strings.ReplaceAll(dir, "/", " ")})
	if err != nil {
		return err
	}
	w.group = id(o)
	w.note("groups", fmt.Sprint(w.group), fact{"name": o["name"]})
	held := &begun{path: dir + "/held"} // goes on after the kill, whenever that is
	if err := w.part(ctx, held, "the first part\n"); err != nil {
		return err
	}
	w.begins(held)
	deeds := []func(context.Context, string) error{
		w.upload, w.user, w.folder, w.parts, w.move, w.lock, w.copy, w.describe, w.permission, w.replace, w.automation, w.remove, w.key,
	}
	for {
		// Every writer begins elsewhere: a round is too short for all of them.
		f := deeds[(w.done+w.round*writers*3+w.n*4)%len(deeds)]
		if err := f(ctx, fmt.Sprintf("%s/%d", dir, w.done)); err != nil {
			return err
		}
		w.done++
	}
}

func id(o map[string]any) int64 {
	n, _ := o["id"].(float64)
	return int64(n)
}

func (w *writer) content(at string) string {
	return strings.Repeat(at+"\n", 1+w.done%50)
}

func (w *writer) upload(ctx context.Context, at string) error {
	return w.put(ctx, http.StatusCreated, at+".txt", w.content(at))
}

func sumOf(content string) string {
	sum := md5.Sum([]byte(content))
	return hex.EncodeToString(sum[:])
}

// begun is an upload that has begun, with the parts that were answered.
type begun struct {
	path  string
	ref   string
	parts []string
}

func (b *begun) tags() (tags []any) {
	for i, p := range b.parts {
		tags = append(tags, map[string]any{"etag": sumOf(p), "part": fmt.Sprint(i + 1)})
	}
	return tags
}

// part begins or goes on with an upload.
func (w *writer) part(ctx context.Context, b *begun, content string) error {
	body := map[string]any{"mkdir_parents": true, "part": len(b.parts) + 1}
	if b.ref != "" {
		body["ref"] = b.ref
	}
	answer, err := w.do(ctx, http.StatusOK, "POST", "/file_actions/begin_upload/"+b.path, body)
	if err != nil {
		return err
	}
	var list []struct {
		Ref string `json:"ref"`
		URI string `json:"upload_uri"`
	}
	if err := json.Unmarshal(answer, &list); err != nil || len(list) == 0 {
		return fmt.Errorf("begin: %w in %s", err, answer)
	}
	b.ref = list[0].Ref
	if _, err := w.do(ctx, http.StatusOK, "PUT", list[0].URI, content); err != nil {
		return err
	}
	b.parts = append(b.parts, content)
	return nil
}

// end makes the file of an upload.
func (w *writer) end(ctx context.Context, want int, b *begun) error {
	w.forget("entries", b.path)
	content := strings.Join(b.parts, "")
	_, err := w.do(ctx, want, "POST", "/files/"+b.path, map[string]any{"action": "end", "ref": b.ref, "size": len(content), "etags": b.tags()})
	if err == nil {
		w.note("entries", b.path, fact{"type": "file", "size": len(content), contentKey: content})
	}
	return err
}

func (w *writer) put(ctx context.Context, want int, path, content string) error {
	b := &begun{path: path}
	if err := w.part(ctx, b, content); err != nil {
		return err
	}
	return w.end(ctx, want, b)
}

// parts sends a file in three parts; what a kill leaves of it goes on in the
// next round.
func (w *writer) parts(ctx context.Context, at string) error {
	b := &begun{path: at + ".parts"}
	for i := range 3 {
		if err := w.part(ctx, b, fmt.Sprintf("part %d of %s\n", i, at)); err != nil {
			return err
		}
		w.begins(b)
	}
	w.ends(b)
	return w.end(ctx, http.StatusCreated, b)
}

func (w *writer) replace(ctx context.Context, at string) error {
	if err := w.put(ctx, http.StatusCreated, at+".txt", "first"); err != nil {
		return err
	}
	return w.put(ctx, http.StatusOK, at+".txt", w.content("second "+at))
}

func (w *writer) move(ctx context.Context, at string) error {
	content := w.content(at)
	if err := w.put(ctx, http.StatusCreated, at+".txt", content); err != nil {
		return err
	}
	w.forget("entries", at+".txt")
	if _, err := w.object(ctx, "POST", "/file_actions/move/"+at+".txt", map[string]any{"destination": at + ".moved"}); err != nil {
		return err
	}
	w.note("entries", at+".txt", nil)
	w.note("entries", at+".moved", fact{"type": "file", "size": len(content), contentKey: content})
	return nil
}

func (w *writer) copy(ctx context.Context, at string) error {
	content := w.content(at)
	if err := w.put(ctx, http.StatusCreated, at+"/f.txt", content); err != nil {
		return err
	}
	if _, err := w.object(ctx, "POST", "/file_actions/copy/"+at, map[string]any{"destination": at + ".copy"}); err != nil {
		return err
	}
	w.note("entries", at+".copy/f.txt", fact{"type": "file", "size": len(content), contentKey: content})
	return nil
}

// folder makes a tree and deletes half of it.
func (w *writer) folder(ctx context.Context, at string) error {
	for _, sub := range []string{"/stays", "/goes"} {
		if _, err := w.object(ctx, "POST", "/folders/"+at+sub, map[string]any{"mkdir_parents": true}); err != nil {
			return err
		}
		w.note("entries", at+sub, fact{"type": "directory"})
		if err := w.put(ctx, http.StatusCreated, at+sub+"/f.txt", at); err != nil {
			return err
		}
	}
	w.forget("entries", at+"/goes")
	w.forget("entries", at+"/goes/f.txt")
	if _, err := w.do(ctx, http.StatusNoContent, "DELETE", "/files/"+at+"/goes?recursive=true", nil); err != nil {
		return err
	}
	w.note("entries", at+"/goes", nil)
	w.note("entries", at+"/goes/f.txt", nil)
	return nil
}

func (w *writer) remove(ctx context.Context, at string) error {
	if err := w.upload(ctx, at); err != nil {
		return err
	}
	w.forget("entries", at+".txt")
	if _, err := w.do(ctx, http.StatusNoContent, "DELETE", "/files/"+at+".txt", nil); err != nil {
		return err
	}
	w.note("entries", at+".txt", nil)
	return nil
}

// describe sets what a file is described by, twice.
func (w *writer) describe(ctx context.Context, at string) error {
	path := at + ".described"
	if err := w.put(ctx, http.StatusCreated, path, at); err != nil {
		return err
	}
	for _, color := range []string{"red", "blue"} {
		w.forget("metadata", path)
		body := map[string]any{"priority_color": color, "custom_metadata": map[string]any{"of": at, "color": color}, "provided_mtime": "2020-01-02T03:04:05Z"}
		if _, err := w.object(ctx, "PATCH", "/files/"+path, body); err != nil {
			return err
		}
		w.note("metadata", path, body)
	}
	return nil
}

// record makes a record of a kind and notes what was asked for.
func (w *writer) record(ctx context.Context, kind string, body fact) (int64, error) {
	o, err := w.object(ctx, "POST", "/"+kind, body)
	if err != nil {
		return 0, err
	}
	w.note(kind, fmt.Sprint(id(o)), body)
	return id(o), nil
}

// drop deletes a record.
func (w *writer) drop(ctx context.Context, kind string, id int64) error {
	w.forget(kind, fmt.Sprint(id))
	if _, err := w.do(ctx, http.StatusNoContent, "DELETE", fmt.Sprintf("/%s/%d", kind, id), nil); err != nil {
		return err
	}
	w.note(kind, fmt.Sprint(id), nil)
	return nil
}

// user makes a user and puts him into the group of the writer; every second one
// leaves it again, every third one is changed.
func (w *writer) user(ctx context.Context, at string) error {
	user, err := w.record(ctx, "users", fact{"username": strings.ReplaceAll(at, "/", "-")})
	if err != nil {
		return err
	}
	// A membership has no id that the site would tell.
	member, body := fmt.Sprintf("%d %d", w.group, user), fact{"group_id": w.group, "user_id": user, "admin": w.done%2 == 0}
	if _, err := w.object(ctx, "POST", "/group_users", body); err != nil {
		return err
	}
	w.note("group_users", member, body)
	if w.done%2 == 1 {
		w.forget("group_users", member)
		if _, err := w.do(ctx, http.StatusNoContent, "DELETE", fmt.Sprintf("/group_users/1?group_id=%d&user_id=%d", w.group, user), nil); err != nil {
			return err
		}
		w.note("group_users", member, nil)
	}
	if w.done%3 == 0 {
		w.forget("users", fmt.Sprint(user))
		change := fact{"name": at, "disabled": true}
		if _, err := w.object(ctx, "PATCH", fmt.Sprintf("/users/%d", user), change); err != nil {
			return err
		}
		w.note("users", fmt.Sprint(user), change)
	}
	return nil
}

func (w *writer) permission(ctx context.Context, at string) error {
	for i, kind := range []string{"readonly", "full"} {
		p, err := w.record(ctx, "permissions", fact{"path": at, "group_id": w.group, "permission": kind})
		if err == nil && i == 1 {
			err = w.drop(ctx, "permissions", p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) key(ctx context.Context, at string) error {
	for i := range 2 {
		k, err := w.record(ctx, "api_keys", fact{"name": at, "permission_set": "files_only"})
		if err == nil && i == 1 {
			err = w.drop(ctx, "api_keys", k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) automation(ctx context.Context, at string) error {
	a, err := w.record(ctx, "automations", fact{"automation": "create_folder", "name": at, "path": at, "destinations": []any{"made"}, "trigger": "manual"})
	if err != nil {
		return err
	}
	w.forget("automations", fmt.Sprint(a))
	change := fact{"disabled": true, "description": at}
	if _, err := w.object(ctx, "PATCH", fmt.Sprintf("/automations/%d", a), change); err != nil {
		return err
	}
	w.note("automations", fmt.Sprint(a), change)
	if w.done%2 == 1 {
		return w.drop(ctx, "automations", a)
	}
	return nil
}

// lock takes two locks on a file and gives one back.
func (w *writer) lock(ctx context.Context, at string) error {
	path := at + ".locked"
	if err := w.put(ctx, http.StatusCreated, path, at); err != nil {
		return err
	}
	for i := range 2 {
		o, err := w.object(ctx, "POST", "/locks/"+path, map[string]any{"timeout": 36_000})
		if err != nil {
			return err
		}
		token := fmt.Sprint(o["token"])
		if i == 0 {
			w.note("locks", token, fact{"path": path})
			continue
		}
		if _, err := w.do(ctx, http.StatusNoContent, "DELETE", "/locks/"+path+"?token="+token, nil); err != nil {
			return err
		}
		w.note("locks", token, nil)
	}
	return nil
}

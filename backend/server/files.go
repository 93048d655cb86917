package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"
)

func (s *Server) addFileRoutes() {
	s.handle("folder.list_for", (*call).listFolder)
	s.handle("folder.create", (*call).createFolder)
	s.handle("file.find", (*call).findFile)
	s.handle("file.update", (*call).updateFile)
	s.handle("file.delete", (*call).deleteFile)
	s.handle("file.download", (*call).downloadFile)
}

// node finds what the path of the URL names, or the error of the site.
func (c *call) node(path string) (*node, error) {
	n, err := c.s.tree.get(c.ctx, path)
	if errors.Is(err, errNoNode) {
		return nil, notFound()
	}
	return n, err
}

// view is what the answer to this call shows of entries.
func (c *call) view() (*view, error) {
	r, err := c.access()
	if err != nil {
		return nil, err
	}
	v := &view{rights: r}
	site, err := c.s.records.site(c.ctx)
	if err != nil {
		return nil, err
	}
	for i, name := range sumNames {
		v.sums[i] = site.doc["calculate_file_checksums_"+name] == true
	}
	if v.color, err = c.flag("with_priority_color"); err != nil {
		return nil, err
	}
	v.root = c.who.root
	previews, err := c.flag("with_previews")
	if err != nil {
		return nil, err
	}
	size, err := c.text("preview_size")
	if err != nil {
		return nil, err
	}
	size = cmp.Or(size, "small")
	if _, ok := previewSizes[size]; !ok {
		return nil, badParam("preview_size", "small, large, xlarge or pdf")
	}
	if previews {
		v.preview = func(n *node) (int64, []byte) { return c.preview(n, size) }
	}
	return v, nil
}

// entry answers with one file or folder.
func (c *call) entry(status int, n *node, v *view) error {
	c.s.sums.show(c.ctx, n, true)
	return c.json(status, appendEntry(make([]byte, 0, 1024), n, v))
}

func (c *call) findFile() error {
	path, err := c.path()
	if err != nil {
		return err
	}
	v, err := c.view()
	if err != nil {
		return err
	}
	if v.rights.at(path) == "" {
		return notFound() // who may see nothing of it does not learn that it is there
	}
	n, err := c.node(path)
	if err != nil {
		return err
	}
	c.cacheable()
	return c.entry(http.StatusOK, n, v)
}

func (c *call) createFolder() error {
	path, err := c.path()
	if err != nil {
		return err
	}
	if c.isRoot(path) {
		return errExists
	}
	parents, err := c.flag("mkdir_parents")
	if err != nil {
		return err
	}
	if !parents {
		if parents, err = c.alwaysParents(); err != nil {
			return err
		}
	}
	provided, err := c.providedMtime()
	if err != nil {
		return err
	}
	if err := c.need(path, mayWrite); err != nil {
		return err
	}
	n, err := c.s.tree.mkdir(c.ctx, path, parents, provided, c.editor())
	if err != nil {
		return err
	}
	if err := c.acted("create", n.path, ""); err != nil {
		return err
	}
	v, err := c.view()
	if err != nil {
		return err
	}
	return c.entry(http.StatusCreated, n, v)
}

// alwaysParents is the site setting always_mkdir_parents.
func (c *call) alwaysParents() (bool, error) {
	site, err := c.s.records.site(c.ctx)
	if err != nil {
		return false, err
	}
	return site.doc["always_mkdir_parents"] == true, nil
}

// priorityColors are those that the site knows.
var priorityColors = []string{"red", "orange", "yellow", "green", "blue", "purple", "gray", "grey"}

// The limits of custom metadata (PROTOCOL.md 8).
const (
	maxMetaKeys  = 32
	maxMetaKey   = 256
	maxMetaValue = 1024
)

func (c *call) updateFile() error {
	path, err := c.path()
	if err != nil {
		return err
	}
	if err := c.need(path, mayWrite); err != nil {
		return err
	}
	provided, err := c.providedMtime()
	if err != nil {
		return err
	}
	color, err := c.text("priority_color")
	if err != nil {
		return err
	}
	if color != "" && !slices.Contains(priorityColors, color) {
		return wireErrorf("processing-failure/invalid-priority-color", "The priority color is not valid")
	}
	_, setColor := c.body["priority_color"]
	metadata, setMetadata, err := c.metadata()
	if err != nil {
		return err
	}
	var n *node
	err = c.s.tree.edit(c.ctx, func(ctx context.Context, q querier) error {
		t := c.s.tree
		if n, err = t.find(ctx, q, path); err != nil {
			return err
		}
		if err := unlocked(n); err != nil {
			return err
		}
		if n, err = t.pin(ctx, q, n); err != nil {
			return err
		}
		if !provided.IsZero() {
			n.provided = provided
		}
		if setColor {
			n.color = color
		}
		if setMetadata {
			n.metadata = metadata
		}
		n.modifiedBy, n.modifiedKey = c.who.userID, c.who.keyID
		return t.update(ctx, q, n)
	})
	if errors.Is(err, errNoNode) {
		return notFound()
	}
	if err != nil {
		return err
	}
	if err := c.acted("update", n.path, ""); err != nil {
		return err
	}
	v, err := c.view()
	if err != nil {
		return err
	}
	v.color = v.color || setColor
	return c.entry(http.StatusOK, n, v)
}

// metadata reads custom_metadata into the text that is kept.
func (c *call) metadata() (text string, given bool, err error) {
	raw, given := c.body["custom_metadata"]
	if !given {
		return "", false, nil
	}
	if s, ok := raw.(string); ok {
		raw = map[string]any{}
		if json.Unmarshal([]byte(s), &raw) != nil {
			return "", true, badParam("custom_metadata", "an object")
		}
	}
	m, ok := raw.(map[string]any)
	if !ok && raw != nil {
		return "", true, badParam("custom_metadata", "an object")
	}
	if len(m) == 0 {
		return "", true, nil
	}
	bad := fieldErrors{}
	if len(m) > maxMetaKeys {
		bad.add("custom_metadata", "has too many keys (maximum is 32)")
	}
	for k, v := range m {
		s, ok := v.(string)
		if !ok {
			if n, isNumber := v.(json.Number); isNumber {
				s, ok = n.String(), true
				m[k] = s
			}
		}
		switch {
		case !ok && v != nil:
			bad.add("custom_metadata", "must have text values")
		case utf8.RuneCountInString(k) > maxMetaKey || utf8.RuneCountInString(s) > maxMetaValue:
			bad.add("custom_metadata", "is too long (maximum is 256 characters for a key and 1024 for a value)")
		}
	}
	if err := bad.err(); err != nil {
		return "", true, err
	}
	b, err := json.Marshal(m)
	return string(b), true, err
}

func (c *call) deleteFile() error {
	path, err := c.path()
	if err != nil {
		return err
	}
	recursive, err := c.flag("recursive")
	if err != nil {
		return err
	}
	if c.isRoot(path) {
		return errDeleteRoot
	}
	if err := c.need(path, mayDelete); err != nil {
		return err
	}
	n, err := c.s.tree.remove(c.ctx, path, recursive, c.editor())
	if errors.Is(err, errNoNode) {
		return notFound()
	}
	if err != nil {
		return err
	}
	if err := c.acted("destroy", n.path, ""); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}

// action is one line of the history.
type action struct {
	name    string // "create", "read", "update", "destroy", "move", "copy", "login"
	path    string
	dest    string
	user    *record // nil for the caller
	failure string  // failure_type, "" for none
}

// acted notes what the caller has done with a file, and starts the automations
// that wait for it.
func (c *call) acted(name, path, dest string) error {
	if err := c.logAction(action{name: name, path: path, dest: dest}); err != nil {
		return err
	}
	at := path
	if dest != "" {
		at = dest
	}
	return c.s.records.runner.onAction(c.ctx, name, at)
}

// logAction writes the history (PROTOCOL.md 12).
func (c *call) logAction(a action) error {
	d := deed{who: c.who.recordCaller, action: a.name, path: a.path, dest: a.dest, failure: a.failure, client: c.ip()}
	if a.user != nil {
		d.who = recordCaller{userID: a.user.id}
	}
	if d.action == "login" && d.failure != "" {
		d.action = "failedlogin"
	}
	return c.s.records.recordDeed(context.WithoutCancel(c.ctx), d)
}

// siteTree lets the records, automations above all, use the files.
type siteTree struct{ s *Server }

// Exists tells whether there is something at a path.
func (t siteTree) Exists(ctx context.Context, path string) bool {
	_, err := t.s.tree.get(ctx, path)
	return err == nil
}

// Entries are the entries of a folder in listing order.
func (t siteTree) Entries(ctx context.Context, folder string) (out []treeEntry, err error) {
	err = t.s.tree.look(func(q querier) error {
		dir, err := t.s.tree.find(ctx, q, folder)
		if err != nil {
			return err
		}
		return t.s.tree.each(ctx, q, dir, func(n *node) (bool, error) {
			out = append(out, treeEntry{Path: n.path, Dir: n.dir, Size: n.size, Modified: n.modified()})
			return true, nil
		})
	})
	return out, asNotFound(err)
}

// Copy copies a file or folder to a full path.
func (t siteTree) Copy(ctx context.Context, userID int64, from, to string, overwrite bool) error {
	_, err := t.s.tree.relocate(ctx, relocation{from: from, to: to, overwrite: overwrite}, t.editor(userID))
	return asNotFound(err)
}

// Move moves a file or folder to a full path.
func (t siteTree) Move(ctx context.Context, userID int64, from, to string, overwrite bool) error {
	_, err := t.s.tree.relocate(ctx, relocation{from: from, to: to, overwrite: overwrite, move: true}, t.editor(userID))
	return asNotFound(err)
}

// Delete deletes a file or folder with all that lies in it.
func (t siteTree) Delete(ctx context.Context, userID int64, path string) error {
	_, err := t.s.tree.remove(ctx, path, true, t.editor(userID))
	return asNotFound(err)
}

// MakeFolder makes a folder with its parents; one that is there is fine.
func (t siteTree) MakeFolder(ctx context.Context, userID int64, path string) error {
	if path == "" {
		return nil
	}
	_, err := t.s.tree.mkdir(ctx, path, true, time.Time{}, t.editor(userID))
	if errors.Is(err, errExists) {
		return nil
	}
	return err
}

func (t siteTree) editor(userID int64) editor { return editor{user: userID, now: t.s.now()} }

func asNotFound(err error) error {
	if errors.Is(err, errNoNode) {
		return notFound()
	}
	return err
}

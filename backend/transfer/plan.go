package transfer

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ferry/backend"
	"ferry/pathutil"
)

// node is a file or folder of one side of a comparison.
type node struct {
	rel    string // slash-separated, below the folder of the side
	entry  backend.Entry
	link   bool  // a symbolic link, which is not looked through
	holds  bool  // a folder with entries that the comparison leaves out
	unread error // why nobody knows what is in it, or, by hash, what it is
}

// side is what one folder of a comparison holds.
type side struct {
	nodes  map[string]*node    // by comparison form
	twice  map[string][]string // several names that are one on the site, each in its spelling
	filled map[string]bool     // folders that hold something
}

// newSide arranges nodes by the form that decides which is the same: Files.com's
// own, after a remote name was made one that this system holds.
func newSide(nodes []node, remote bool, disk backend.DiskNames) side {
	s := side{nodes: map[string]*node{}, twice: map[string][]string{}, filled: map[string]bool{}}
	for i := range nodes {
		n := &nodes[i]
		rel := n.rel
		if remote {
			rel = localRel(rel, disk)
		}
		key := pathutil.Fold(rel)
		if first := s.nodes[key]; first != nil {
			if s.twice[key] == nil {
				s.twice[key] = []string{first.rel}
			}
			s.twice[key] = append(s.twice[key], n.rel)
			continue
		}
		s.nodes[key] = n
		s.filled[pathutil.Fold(pathutil.Dir(rel))] = true
	}
	return s
}

// localRel maps a path of the site to one that this system can hold.
func localRel(rel string, disk backend.DiskNames) string {
	elems := strings.Split(rel, "/")
	for i, e := range elems {
		elems[i], _ = pathutil.LocalName(e, disk.System)
	}
	return strings.Join(elems, "/")
}

// comparison makes a plan of two sides. It looks at nothing but what it is given.
type comparison struct {
	req           backend.SyncRequest
	disk          backend.DiskNames
	local, remote side
	blocked       map[string]bool // nothing below is planned
	items         []backend.PlanItem
}

// compare plans how to bring two folders in line. Their nodes carry checksums
// where the request compares by hash.
func compare(req backend.SyncRequest, disk backend.DiskNames, local, remote []node) []backend.PlanItem {
	c := &comparison{req: req, disk: disk, local: newSide(local, false, disk), remote: newSide(remote, true, disk), blocked: map[string]bool{}}
	keys := map[string]bool{}
	for k := range c.local.nodes {
		keys[k] = true
	}
	for k := range c.remote.nodes {
		keys[k] = true
	}
	for k := range keys { // before the folders above are looked at
		if l := c.local.nodes[k]; l != nil && l.link || c.clash(k, l, c.remote.nodes[k]) != "" {
			c.hold(k)
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(keys), byPath) {
		c.at(k)
	}
	return c.items
}

// byPath puts a folder before what is in it, and that before everything else.
func byPath(a, b string) int {
	return strings.Compare(strings.ReplaceAll(a, "/", "\x00"), strings.ReplaceAll(b, "/", "\x00"))
}

// at plans one path.
func (c *comparison) at(key string) {
	if c.below(key) {
		return
	}
	l, r := c.local.nodes[key], c.remote.nodes[key]
	if why := c.clash(key, l, r); why != "" {
		c.blocked[key] = true
		err := unread(l, r)
		c.add(backend.PlanItem{Kind: backend.PlanConflict, Reason: why, Stuck: true, Unread: err != nil, Err: err}, l, r)
		return
	}
	switch {
	case l != nil && l.link:
		c.blocked[key] = true // left out, as transfers do
	case l != nil && r != nil:
		c.both(l, r)
	case l != nil && c.req.Mode == backend.SyncPull, r != nil && c.req.Mode == backend.SyncPush:
		c.extra(l, r)
	default:
		c.fresh(key, l, r)
	}
}

// below tells whether a path lies in something that is not planned. A listing
// may lack the folders on the way.
func (c *comparison) below(key string) bool {
	for dir := parent(key); dir != ""; dir = parent(dir) {
		if c.blocked[dir] {
			return true
		}
	}
	return false
}

// unread is why one of the sides of a path could not be read.
func unread(l, r *node) error {
	for _, n := range []*node{l, r} {
		if n != nil && n.unread != nil {
			return n.unread
		}
	}
	return nil
}

// notRead says that something could not be read, and why.
func notRead(err error, where string) string {
	e := backend.AsError(err)
	why := cmp.Or(e.Title, e.Message, backend.Explain(e).Title)
	if e.Type == "local/failed" || e.Type == backend.TypeNotRegular { // its title is that of everything unknown
		why = cmp.Or(e.Message, why)
	}
	return "cannot be read on " + where + ": " + strings.TrimSuffix(why, ".")
}

// parent is the comparison form of the folder above.
func parent(key string) string {
	if i := strings.LastIndexByte(key, '/'); i >= 0 {
		return strings.TrimRightFunc(key[:i], unicode.IsSpace)
	}
	return ""
}

// hold keeps the folders above from being deleted.
func (c *comparison) hold(key string) {
	for dir := parent(key); dir != ""; dir = parent(dir) {
		for _, s := range []side{c.local, c.remote} {
			if n := s.nodes[dir]; n != nil {
				n.holds = true
			}
		}
	}
}

// clash tells why a path cannot be planned, "" when it can.
func (c *comparison) clash(key string, l, r *node) string {
	switch {
	case l != nil && l.unread != nil:
		return notRead(l.unread, "this machine")
	case r != nil && r.unread != nil:
		return notRead(r.unread, "the site")
	case c.local.twice[key] != nil:
		return "several names on this machine are one name on the site: " + together(c.local.twice[key])
	case c.remote.twice[key] != nil:
		return "several names on the site are one name on this machine: " + together(c.remote.twice[key])
	case l != nil && (pathutil.Normalize(l.rel) != l.rel || !utf8.ValidString(l.rel)),
		l != nil && r == nil && c.req.Mode != backend.SyncPull && unheld(l.rel) != "":
		return "the site cannot hold this name: " + unheld(l.rel)
	case l != nil && l.entry.Special && !l.link && (r != nil || c.req.Mode != backend.SyncPull):
		return "only regular files can be transferred"
	case l != nil && r != nil && l.link:
		return "a symbolic link stands here on this machine"
	case l != nil && r != nil && l.entry.IsDir() != r.entry.IsDir():
		return "a file on one side, a folder on the other"
	}
	return ""
}

// together lists paths that are one, by their names: they are in one folder, or
// already their folders are one, and the plan goes no deeper than that.
func together(paths []string) string {
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = path.Base(p)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// endsBlank tells whether a name ends in a blank. The site begins no upload of
// one.
func endsBlank(rel string) bool { return strings.TrimRight(rel, " \t") != rel }

// both plans what both sides have.
func (c *comparison) both(l, r *node) {
	if l.entry.IsDir() {
		return
	}
	same, nosum, why := c.same(l.entry, r.entry)
	decided, noted := "", ""
	if nosum {
		decided, noted = "by size and time", "no checksum on the site"
	}
	if same {
		c.add(backend.PlanItem{Kind: backend.PlanSame, NoSum: nosum, Reason: list(decided, noted, spelling(l, r))}, l, r)
		return
	}
	i := backend.PlanItem{Kind: backend.PlanChanged, On: true, NoSum: nosum}
	lt, rt := seconds(l.entry.Modified), seconds(r.entry.Modified)
	newer := "" // which side is
	switch {
	case lt.IsZero() || rt.IsZero():
	case lt.After(rt):
		newer = "newer on this machine"
	case rt.After(lt):
		newer = "newer on the site"
	}
	switch {
	case c.req.Mode == backend.SyncPush, c.req.Mode == backend.SyncBoth && lt.After(rt) && newer != "":
		i.Action = backend.PlanUpload
	case c.req.Mode == backend.SyncPull, c.req.Mode == backend.SyncBoth && rt.After(lt) && newer != "":
		i.Action = backend.PlanDownload
	default:
		i.Kind, i.On = backend.PlanConflict, false
		newer = "neither is newer"
	}
	i.Reason = list(why, newer, noted, spelling(l, r))
	c.add(i, l, r)
}

// list puts what there is to say in a row.
func list(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// spelling tells of two names that are one for the site but are written in two
// ways, "" when they are not.
func spelling(l, r *node) string {
	if l.rel == r.rel {
		return ""
	}
	return "spelled " + path.Base(r.rel) + " on the site"
}

// same compares two files. nosum tells that their content was to be compared and
// could not be.
func (c *comparison) same(l, r backend.Entry) (ok, nosum bool, why string) {
	if l.Size != r.Size {
		return false, false, "the sizes differ"
	}
	if c.req.By == backend.ByHash {
		switch v, by := judge(l.Checksums, r.Checksums); v {
		case backend.Verified:
			return true, false, ""
		case backend.Mismatch:
			return false, false, "the contents differ (" + by + ")"
		case backend.Unverified, backend.SizeOnly:
			nosum = true
		}
	}
	lt, rt := seconds(l.Modified), seconds(r.Modified)
	if lt.IsZero() || rt.IsZero() || lt.Equal(rt) {
		return true, nosum, ""
	}
	return false, nosum, "the times differ"
}

// extra plans what only the target has.
func (c *comparison) extra(l, r *node) {
	i := backend.PlanItem{Kind: backend.PlanExtra, Reason: "only on the site"}
	n, action := r, backend.PlanDeleteRemote
	if n == nil {
		n, action = l, backend.PlanDeleteLocal
		i.Reason = "only on this machine"
	}
	switch {
	case !c.req.Mirror:
	case n.holds:
		i.Reason += "; kept for what is left out in it"
	default:
		i.Action, i.On = action, true
	}
	c.add(i, l, r)
}

// fresh plans what the target does not have. A folder comes with its first
// file; only an empty one is a line of its own.
func (c *comparison) fresh(key string, l, r *node) {
	i := backend.PlanItem{Kind: backend.PlanNew, Action: backend.PlanUpload, Reason: "only on this machine", On: true}
	n, from := l, c.local
	if l == nil {
		n, from, i.Action, i.Reason = r, c.remote, backend.PlanDownload, "only on the site"
	}
	if n.entry.IsDir() && (from.filled[key] || n.holds) {
		return
	}
	c.add(i, l, r)
}

func (c *comparison) add(i backend.PlanItem, l, r *node) {
	n := l
	if n == nil || r != nil && (i.Action == backend.PlanDownload || i.Action == backend.PlanDeleteRemote) {
		n = r
	}
	i.Name, i.Folder, i.Local, i.Remote = n.rel, n.entry.IsDir(), stampOf(l), stampOf(r)
	switch i.Action {
	case backend.PlanUpload:
		i.Target = c.toRemote(n.rel)
	case backend.PlanDownload:
		i.Target = c.toLocal(n.rel)
	case backend.PlanNothing, backend.PlanDeleteLocal, backend.PlanDeleteRemote:
		switch { // where it would go if somebody chose to keep it
		case i.Kind != backend.PlanExtra:
		case l == nil:
			i.Target = c.toLocal(n.rel)
		default:
			i.Target = c.toRemote(n.rel)
		}
	}
	c.items = append(c.items, i)
}

func (c *comparison) toLocal(rel string) string {
	return c.place(rel, c.local, func(name string) string { name, _ = pathutil.LocalName(name, c.disk.System); return name })
}

func (c *comparison) toRemote(rel string) string {
	return c.place(rel, c.remote, func(name string) string { return name })
}

// place is where a path goes: in the spelling that the target has already, as
// far down as it has it.
func (c *comparison) place(rel string, to side, name func(string) string) string {
	if rel == "" {
		return ""
	}
	if n := to.nodes[pathutil.Fold(rel)]; n != nil {
		return n.rel
	}
	if n := to.nodes[pathutil.Fold(localRel(rel, c.disk))]; n != nil {
		return n.rel
	}
	dir := path.Dir(rel)
	if dir == "." {
		dir = ""
	}
	return path.Join(c.place(dir, to, name), name(path.Base(rel)))
}

func stampOf(n *node) *backend.Stamp {
	if n == nil {
		return nil
	}
	e := n.entry
	if e.IsDir() {
		return &backend.Stamp{Name: n.rel, Size: -1} // its time changes with every file in it
	}
	return &backend.Stamp{Name: n.rel, Size: e.Size, Modified: e.Modified, ETag: cmp.Or(e.ETag, e.Checksums.MD5, e.Checksums.CRC32)}
}

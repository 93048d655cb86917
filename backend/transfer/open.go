package transfer

import (
	"cmp"
	"path/filepath"

	"ferry/backend"
	"ferry/pathutil"
)

// underWay refuses a request of which a source is to go to the same place in a job
// that has not ended; of the jobs only those that count. Plans are not looked at:
// what they carry out is files, each compared once more before it is touched.
func (b *book) underWay(req backend.TransferRequest, counts func(*job) bool) error {
	type source struct{ path, name string }
	wanted := make(map[source]bool, len(req.Sources))
	for _, src := range req.Sources {
		wanted[source{src.Path, nameThere(req.Direction, src)}] = true
	}
	for _, j := range b.open() {
		if j.req.Planned || j.req.Target != req.Target || !counts(j) {
			continue
		}
		for _, src := range j.req.Sources {
			name := nameThere(req.Direction, src)
			if !wanted[source{src.Path, name}] {
				continue
			}
			open := &backend.OpenTransfer{Job: j.id, Label: j.label(), State: j.now(b.parked != "")}
			return &backend.Error{
				Class: backend.ClassInvalidParameter, Group: backend.Client, Type: backend.TypeTransferOpen, Title: "Queued Already",
				Op: "transfer", Path: src.Path, Message: pathutil.DisplayName(name) + " is on its way there already: " + open.Error() + ".",
				Cause: open,
			}
		}
	}
	return nil
}

// nameThere is the name that a source is to have in the target folder.
func nameThere(d backend.Direction, src backend.Entry) string {
	if d == backend.Upload {
		return cmp.Or(src.Name, filepath.Base(src.Path))
	}
	return cmp.Or(src.Name, pathutil.Base(src.Path))
}

package server

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// memberIndex is the memberships of groups by user and by group, made again
// when they have changed. The rows of group_user are the one truth; the
// group_ids of users and the user_ids of groups come from here.
type memberIndex struct {
	mu      sync.Mutex
	made    bool
	version uint64
	groups  map[int64][]int64 // by user
	admins  map[int64][]int64 // by user: the groups that one administers
	users   map[int64][]int64 // by group
	heads   map[int64][]int64 // by group: its administrators
	counts  map[string]ownerCount
}

// ownerCount is how many records of a resource each user has.
type ownerCount struct {
	version uint64
	byUser  map[int64]int64
}

// owned counts the records of a resource that a user has.
func (a *recordAPI) owned(ctx context.Context, resource string, user int64) (int64, error) {
	v, err := a.store.version(ctx, resource)
	if err != nil {
		return 0, err
	}
	m := &a.members
	m.mu.Lock()
	defer m.mu.Unlock()
	n, ok := m.counts[resource]
	if !ok || n.version != v {
		rows, err := a.store.all(ctx, resource)
		if err != nil {
			return 0, err
		}
		n = ownerCount{version: v, byUser: map[int64]int64{}}
		for _, r := range rows {
			id, _ := r.doc["user_id"].(int64)
			n.byUser[id]++
		}
		if m.counts == nil {
			m.counts = map[string]ownerCount{}
		}
		m.counts[resource] = n
	}
	return n.byUser[user], nil
}

// membership is one reading of the index.
type membership struct{ groups, admins, users, heads map[int64][]int64 }

func (a *recordAPI) membership(ctx context.Context) (membership, error) {
	v, err := a.store.version(ctx, "group_user")
	if err != nil {
		return membership{}, err
	}
	m := &a.members
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.made || m.version != v {
		rows, err := a.store.all(ctx, "group_user")
		if err != nil {
			return membership{}, err
		}
		m.groups, m.admins = map[int64][]int64{}, map[int64][]int64{}
		m.users, m.heads = map[int64][]int64{}, map[int64][]int64{}
		for _, r := range rows {
			g, _ := r.doc["group_id"].(int64)
			u, _ := r.doc["user_id"].(int64)
			m.groups[u] = append(m.groups[u], g)
			m.users[g] = append(m.users[g], u)
			if r.doc["admin"] == true {
				m.admins[u] = append(m.admins[u], g)
				m.heads[g] = append(m.heads[g], u)
			}
		}
		m.made, m.version = true, v
	}
	return membership{m.groups, m.admins, m.users, m.heads}, nil
}

// joinIDs writes ids with commas, as group_ids and user_ids travel.
func joinIDs(ids []int64) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(parts, ",")
}

func anyIDs(ids []int64) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// setMembers makes the memberships of one side equal to want: of a user
// (side "user_id") in groups, or of a group (side "group_id") in users. admins
// is nil to leave it as it is who administers.
func (a *recordAPI) setMembers(ctx context.Context, side string, id int64, want, admins []int64) error {
	other := map[string]string{"user_id": "group_id", "group_id": "user_id"}[side]
	rows, err := a.store.all(ctx, "group_user")
	if err != nil {
		return err
	}
	have := map[int64]bool{}
	var gone []int64
	for _, r := range rows {
		if r.doc[side] != id {
			continue
		}
		o, _ := r.doc[other].(int64)
		if !slices.Contains(want, o) {
			gone = append(gone, r.id)
			continue
		}
		have[o] = true
		if admins == nil || (r.doc["admin"] == true) == slices.Contains(admins, o) {
			continue
		}
		_, err := a.store.update(ctx, "group_user", r.id, func(_ *recordTable, r *record) error {
			r.doc["admin"] = slices.Contains(admins, o)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := a.store.remove(ctx, "group_user", gone...); err != nil {
		return err
	}
	for _, o := range want {
		if have[o] {
			continue
		}
		have[o] = true
		doc := map[string]any{side: id, other: o, "admin": slices.Contains(admins, o)}
		if _, err := a.store.insert(ctx, "group_user", &record{doc: doc}, nil); err != nil {
			return err
		}
	}
	return nil
}

// name is a field of a record by id; nil when there is none.
func (a *recordAPI) name(ctx context.Context, resource string, id any, field string) any {
	n, ok := id.(int64)
	if !ok || n == 0 {
		return nil
	}
	r, err := a.store.get(ctx, resource, n)
	if err != nil {
		return nil
	}
	return r.doc[field]
}

package api

import (
	"context"
	"reflect"
	"time"

	"ferry/backend"
)

// Typed is a Resource whose objects have a type of their own. Parameters are
// checked as those of a Resource are.
type Typed[T any] struct {
	*Resource
	set func(*T, []byte, *scanner)
}

func typed[T any](c *Client, name string) Typed[T] {
	return Typed[T]{Resource: c.Resource(name), set: byTag[T]()}
}

// APIKeys are the keys of the site or of a user.
func (c *Client) APIKeys() Typed[backend.APIKey] { return typed[backend.APIKey](c, "api_key") }

// PublicKeys are the SSH keys of users.
func (c *Client) PublicKeys() Typed[backend.PublicKey] {
	return typed[backend.PublicKey](c, "public_key")
}

// Memberships say who is in which group.
func (c *Client) Memberships() Typed[backend.Membership] {
	return typed[backend.Membership](c, "group_user")
}

// Permissions say who may do what where.
func (c *Client) Permissions() Typed[backend.Permission] {
	return typed[backend.Permission](c, "permission")
}

// Bundles are the share links.
func (c *Client) Bundles() Typed[backend.Bundle] { return typed[backend.Bundle](c, "bundle") }

// Locks are the locks of a path.
func (c *Client) Locks() Typed[backend.Lock] { return typed[backend.Lock](c, "lock") }

// Restores bring back what was deleted.
func (c *Client) Restores() Typed[backend.Restore] { return typed[backend.Restore](c, "restore") }

// Notifications are e-mails about folders.
func (c *Client) Notifications() Typed[backend.Notification] {
	return typed[backend.Notification](c, "notification")
}

// Behaviors are the settings of folders.
func (c *Client) Behaviors() Typed[backend.Behavior] { return typed[backend.Behavior](c, "behavior") }

// Syncs keep two places alike.
func (c *Client) Syncs() Typed[backend.Sync] { return typed[backend.Sync](c, "sync") }

// SyncRuns are the executions of syncs.
func (c *Client) SyncRuns() Typed[backend.SyncRun] { return typed[backend.SyncRun](c, "sync_run") }

// RemoteServers are the servers that the site mounts or syncs with.
func (c *Client) RemoteServers() Typed[backend.RemoteServer] {
	return typed[backend.RemoteServer](c, "remote_server")
}

// List gives one page.
func (n Typed[T]) List(ctx context.Context, q backend.Query, params map[string]any) (backend.Page[T], error) {
	k, err := n.listCall(n.listOp(), q, params)
	if err != nil {
		return backend.Page[T]{}, err
	}
	return listOf(ctx, n.c, k, q.Cursor, n.set)
}

// Find gives one object by its id, which may also be a path.
func (n Typed[T]) Find(ctx context.Context, id any) (T, error) {
	return n.Do(ctx, "find", n.key("find", id, nil))
}

// Create makes an object.
func (n Typed[T]) Create(ctx context.Context, params map[string]any) (T, error) {
	return n.Do(ctx, "create", params)
}

// Update changes fields of an object.
func (n Typed[T]) Update(ctx context.Context, id any, params map[string]any) (T, error) {
	return n.Do(ctx, "update", n.key("update", id, params))
}

// Do carries out an operation; when it answers with nothing, the object is
// zero.
func (n Typed[T]) Do(ctx context.Context, op string, params map[string]any) (T, error) {
	var v T
	a, k, err := n.send(ctx, op, params)
	if err != nil || a == nil {
		return v, err
	}
	v, err = decodeOne(a.data, n.set)
	if err != nil {
		return v, named(unreadable(a, err), k.op, k.path)
	}
	return v, nil
}

// byTag makes the setter of a struct from the api tags of its fields. The
// nouns that come by the thousand have hand-written ones.
func byTag[T any]() func(*T, []byte, *scanner) {
	index := map[string]int{}
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		if tag := t.Field(i).Tag.Get("api"); tag != "" {
			index[tag] = i
		}
	}
	return func(v *T, key []byte, s *scanner) {
		i, ok := index[string(key)]
		if !ok {
			s.skip()
			return
		}
		switch p := reflect.ValueOf(v).Elem().Field(i).Addr().Interface().(type) {
		case *string:
			*p = s.text()
		case *int64:
			*p = s.int()
		case *bool:
			*p = s.bool()
		case *time.Time:
			*p = s.time()
		case *time.Duration:
			*p = time.Duration(s.float() * float64(time.Second))
		case *[]string:
			*p = s.strings()
		case *map[string]any:
			*p, _ = s.any().(map[string]any)
		default:
			s.skip()
		}
	}
}

package users

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"ferry/backend"
	"ferry/pathutil"
	"ferry/ui"
	"ferry/ui/cell"
	"ferry/ui/dialog"
	"ferry/views/paged"
)

func idOf(u backend.User) string { return paged.ID(u.ID) }

// outcome is one user after an action on it.
type outcome struct {
	user backend.User
	gone bool
}

// batch is one action on one user after another.
type batch struct {
	doing, did string // "disabling", "disabled"
	op         func(ctx context.Context, u backend.User) (outcome, error)
	todo       []backend.User // the first one is being worked on
	total      int
	failed     []backend.User
	first      error // of the first one that failed
}

// goMsg begins a batch; dialogs and error cards say it.
type goMsg struct{ batch *batch }

func (b *batch) progress() string {
	return fmt.Sprintf("%s %s: %s of %s", b.doing, pathutil.Display(b.todo[0].Username),
		cell.Count(b.total-len(b.todo)+1), cell.Count(b.total))
}

// begin starts a batch. Its users were captured when the key was pressed.
func (s *Screen) begin(b *batch) tea.Cmd {
	if s.batch != nil || len(b.todo) == 0 {
		return nil
	}
	fresh := *b
	fresh.total, fresh.failed, fresh.first = len(b.todo), nil, nil
	s.batch = &fresh
	return s.step()
}

func (s *Screen) step() tea.Cmd {
	b := s.batch
	u, op := b.todo[0], b.op
	return s.work.Load(s.env.Ctx, func(ctx context.Context) (outcome, error) { return op(ctx, u) })
}

// worked takes the end of one user and goes on with the next one.
func (s *Screen) worked(o outcome, err error) tea.Cmd {
	b := s.batch
	if b == nil {
		return nil
	}
	switch {
	case err == nil && o.gone:
		s.list.Drop(idOf(b.todo[0]))
	case err == nil:
		s.list.Put(o.user)
	default:
		if b.first == nil {
			b.first = err
		}
		if hopeless(err) {
			b.failed = append(b.failed, b.todo...)
			return s.finish()
		}
		b.failed = append(b.failed, b.todo[0])
	}
	b.todo = b.todo[1:]
	if len(b.todo) > 0 {
		return s.step()
	}
	return s.finish()
}

// hopeless tells whether an error will meet every other user too.
func hopeless(err error) bool {
	for _, g := range []backend.ErrorGroup{
		backend.NotAuthenticated, backend.Connection, backend.RateLimited, backend.SiteConfiguration, backend.Client,
	} {
		if errors.Is(err, g) {
			return true
		}
	}
	return false
}

func (s *Screen) finish() tea.Cmd {
	b := s.batch
	s.batch = nil
	done := b.total - len(b.failed)
	if len(b.failed) == 0 {
		s.list.Table.ClearMarks()
		return ui.Toast(ui.Success, fmt.Sprintf("%s %s", users(done), b.did))
	}
	again := *b
	again.todo = b.failed
	fail := ui.Fail(b.first, ui.Say(goMsg{&again}))
	if b.total == 1 {
		return fail
	}
	return ui.Batch(fail, ui.Toast(ui.Warning, fmt.Sprintf("%s %s, %s failed", users(done), b.did, cell.Count(len(b.failed)))))
}

// stop ends a batch after the user before the one in hand. What became of that
// one is not known, so the list is loaded again.
func (s *Screen) stop() tea.Cmd {
	b := s.batch
	s.work.Cancel()
	s.batch = nil
	done := b.total - len(b.todo) - len(b.failed)
	return ui.Batch(
		ui.Toast(ui.Warning, fmt.Sprintf("Stopped: %s %s, %s left", users(done), b.did, cell.Count(len(b.todo)))),
		s.reload(),
	)
}

func users(n int) string {
	if n == 1 {
		return "1 user"
	}
	return cell.Count(n) + " users"
}

// names lists users in a sentence, the first few by name.
func names(list []backend.User) string {
	const most = 5
	var out []string
	for i, u := range list {
		if i == most && len(list) > most+1 {
			return strings.Join(out, ", ") + " and " + cell.Count(len(list)-most) + " more"
		}
		out = append(out, pathutil.Display(u.Username))
	}
	return strings.Join(out, ", ")
}

func anyEnabled(list []backend.User) bool {
	for _, u := range list {
		if !u.Disabled {
			return true
		}
	}
	return false
}

func (s *Screen) locked(list []backend.User) []backend.User {
	return only(list, func(u backend.User) bool { return u.LockedOut(s.env.Now()) })
}

func withTwoFactor(list []backend.User) []backend.User {
	return only(list, func(u backend.User) bool { return u.TwoFactor != "" })
}

func only(list []backend.User, keep func(backend.User) bool) []backend.User {
	out := make([]backend.User, 0, len(list))
	for _, u := range list {
		if keep(u) {
			out = append(out, u)
		}
	}
	return out
}

// toggle disables the chosen users, or enables them when all are disabled.
func (s *Screen) toggle() tea.Cmd {
	t := s.list.Table.Targets()
	disable := anyEnabled(t)
	t = only(t, func(u backend.User) bool { return u.Disabled != disable })
	dir := s.dir
	b := &batch{
		doing: "disabling", did: "disabled", todo: t,
		op: func(ctx context.Context, u backend.User) (outcome, error) {
			u, err := dir.UpdateUser(ctx, u.ID, backend.UserEdit{Disabled: &disable})
			return outcome{user: u}, err
		},
	}
	if !disable {
		b.doing, b.did = "enabling", "enabled"
	}
	myself := disable && slices.ContainsFunc(t, func(u backend.User) bool { return s.self != 0 && u.ID == s.self })
	switch {
	case myself && len(t) == 1:
		return s.ask("Disable your own account", "Disable", true, t[0].Username, b,
			"You are logged in as "+names(t)+". This ends your session at once, and you cannot log in again until another administrator enables you.")
	case len(t) == 1 || !disable:
		return s.begin(b)
	case myself:
		return s.ask("Disable "+users(len(t))+", yourself among them", "Disable", true, fmt.Sprintf("disable %d users", len(t)), b,
			names(t)+" can no longer log in, on any protocol.",
			"You are one of them: your session ends at once, and you cannot log in again until another administrator enables you.")
	}
	return s.ask("Disable "+users(len(t)), "Disable", true, "", b,
		names(t)+" can no longer log in, on any protocol.",
		"Their files, keys and permissions stay. Enabling them again gives everything back.")
}

func (s *Screen) remove() tea.Cmd {
	t := s.list.Table.Targets()
	dir := s.dir
	b := &batch{
		doing: "deleting", did: "deleted", todo: t,
		op: func(ctx context.Context, u backend.User) (outcome, error) {
			return outcome{user: u, gone: true}, dir.DeleteUser(ctx, u.ID)
		},
	}
	typed := fmt.Sprintf("delete %d users", len(t))
	if len(t) == 1 {
		typed = t[0].Username
		if pathutil.Display(typed) != typed { // nobody could type it
			typed = "delete " + idOf(t[0])
		}
	}
	return s.ask("Delete "+users(len(t)), "Delete", true, typed, b,
		names(t)+" will be deleted, with their keys and permissions.",
		"Nobody is named to take over their automations and share links. To keep the account but close the door, disable it.")
}

func (s *Screen) unlock() tea.Cmd {
	dir := s.dir
	return s.begin(&batch{
		doing: "unlocking", did: "unlocked", todo: s.locked(s.list.Table.Targets()),
		op: func(ctx context.Context, u backend.User) (outcome, error) {
			err := dir.UnlockUser(ctx, u.ID)
			u.LockoutExpires = time.Time{}
			return outcome{user: u}, err
		},
	})
}

func (s *Screen) resetTwoFactor() tea.Cmd {
	t := withTwoFactor(s.list.Table.Targets())
	dir := s.dir
	b := &batch{
		doing: "resetting the second factor of", did: "without a second factor now", todo: t,
		op: func(ctx context.Context, u backend.User) (outcome, error) {
			err := dir.ResetTwoFactor(ctx, u.ID)
			u.TwoFactor = ""
			return outcome{user: u}, err
		},
	}
	return s.ask("Reset the second factor", "Reset", true, "", b,
		names(t)+" can log in with the password alone until a new second factor is set up.")
}

func (s *Screen) welcome() tea.Cmd {
	t := s.list.Table.Targets()
	dir := s.dir
	b := &batch{
		doing: "writing to", did: "written to", todo: t,
		op: func(ctx context.Context, u backend.User) (outcome, error) {
			return outcome{user: u}, dir.ResendWelcome(ctx, u.ID)
		},
	}
	return s.ask("Send the welcome mail again", "Send", false, "", b,
		"Files.com writes to "+names(t)+" once more.")
}

// ask opens the dialog before a batch.
func (s *Screen) ask(title, yes string, danger bool, typed string, b *batch, body ...string) tea.Cmd {
	if len(b.todo) == 0 {
		return nil
	}
	return ui.Open(dialog.Confirm(s.env, dialog.ConfirmSpec{
		Title: title, Body: body, Yes: yes, Danger: danger, Type: typed, OnYes: ui.Say(goMsg{b}),
	}))
}

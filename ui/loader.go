package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// Loader runs one request at a time for its owner and knows which answer is the
// newest. Load cancels the request before it; Take accepts only the answer of
// the latest Load. The zero value is ready. A Loader must not be copied.
type Loader[T any] struct {
	ticket uint64
	cancel context.CancelFunc
}

// loaded is the answer; only the Loader that asked understands it.
type loaded[T any] struct {
	owner  *Loader[T]
	ticket uint64
	value  T
	err    error
}

// Load cancels what is running and gives the command that runs fn. The context
// ends when ctx does, at Cancel, and at the next Load.
func (l *Loader[T]) Load(ctx context.Context, fn func(context.Context) (T, error)) tea.Cmd {
	l.Cancel()
	ctx, cancel := context.WithCancel(ctx)
	l.cancel = cancel
	ticket := l.ticket
	return func() tea.Msg {
		defer cancel()
		v, err := fn(ctx)
		return loaded[T]{l, ticket, v, err}
	}
}

// Take gives the answer in msg when it belongs to the latest Load. Answers of
// cancelled or overtaken loads are never ok.
func (l *Loader[T]) Take(msg tea.Msg) (value T, err error, ok bool) { //nolint:revive // the error is data here, the bool is the comma-ok
	m, is := msg.(loaded[T])
	if !is || m.owner != l || m.ticket != l.ticket || l.cancel == nil {
		return value, nil, false
	}
	l.cancel = nil
	return m.value, m.err, true
}

// Cancel ends the running request; its answer will not be taken.
func (l *Loader[T]) Cancel() {
	l.ticket++
	if l.cancel != nil {
		l.cancel()
		l.cancel = nil
	}
}

// Busy tells whether an answer is awaited.
func (l *Loader[T]) Busy() bool { return l.cancel != nil }

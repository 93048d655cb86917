package ui

import (
	"context"
	"errors"
	"testing"
)

func TestLoaderTakesOnlyTheNewest(t *testing.T) {
	var l, other Loader[int]
	first := l.Load(t.Context(), func(context.Context) (int, error) { return 1, nil })
	second := l.Load(t.Context(), func(context.Context) (int, error) { return 2, nil })
	two := second()
	if _, _, ok := l.Take(first()); ok {
		t.Fatal("an overtaken answer was taken")
	}
	if _, _, ok := other.Take(two); ok {
		t.Fatal("an answer for another loader was taken")
	}
	if !l.Busy() {
		t.Fatal("not busy while the newest answer is awaited")
	}
	v, err, ok := l.Take(two)
	if !ok || err != nil || v != 2 || l.Busy() {
		t.Fatalf("got %d, %v, %v, busy %v", v, err, ok, l.Busy())
	}
	if _, _, ok := l.Take(two); ok {
		t.Fatal("the same answer was taken twice")
	}
}

func TestLoaderCancelReachesTheRequest(t *testing.T) {
	var l Loader[int]
	cmd := l.Load(t.Context(), func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	})
	l.Cancel()
	msg := cmd()
	if m := msg.(loaded[int]); !errors.Is(m.err, context.Canceled) {
		t.Fatalf("the request saw %v", m.err)
	}
	if _, _, ok := l.Take(msg); ok || l.Busy() {
		t.Fatal("a cancelled answer was taken")
	}
}

func TestLoaderKeepsTheError(t *testing.T) {
	var l Loader[string]
	boom := errors.New("boom")
	cmd := l.Load(t.Context(), func(context.Context) (string, error) { return "part", boom })
	v, err, ok := l.Take(cmd())
	if !ok || v != "part" || !errors.Is(err, boom) {
		t.Fatalf("got %q, %v, %v", v, err, ok)
	}
}

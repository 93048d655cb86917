//go:build !unix

package server

// syncDir does nothing where folders cannot be synced.
func syncDir(string) error { return nil }

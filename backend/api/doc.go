// Package api is the Files.com client: it authenticates, pages by cursor,
// retries, logs without secrets, and translates every failure into
// backend.Error.
package api

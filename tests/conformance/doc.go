// Package conformance drives `ferry serve` with the vendor's Go client, so that
// the embedded site is judged by code that knows nothing of Ferry. It is a
// module of its own: Ferry itself does not depend on that client.
package conformance

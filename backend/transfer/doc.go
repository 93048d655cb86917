// Package transfer moves bytes: plans, queues, runs, pauses, resumes, verifies,
// and publishes snapshots.
//
// One goroutine, the owner, has the jobs (type book). Everybody else sends it
// functions through one channel: commands of screens and facts of workers.
//
//	Add → job → scanner ──batches of items──▶ owner ──▶ worker per file
//	                                            ▲           │
//	                                            └──outcome──┘
//
// A worker brings one file across:
//
//	upload    place (conflict policy, folders made once) → begin → parts, in
//	          parallel where the site allows it → end → compare checksums
//	download  place → locate → partial beside the target, in ranges under one
//	          ETag → compare length and checksum → flush → rename
//
// What it has done is kept in a checkpoint, in memory and in the journal
// (SQLite): a stopped file goes on with the parts that are missing. A
// checkpoint fits one content only; when source or partial have changed, the
// file starts over and says so.
//
// All requests pass one gate, which finds out how many at a time pay off and
// halves when the site pushes back. Failures are treated on two levels: a part
// is repeated by its worker, a file by the owner (see treat).
package transfer

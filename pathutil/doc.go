// Package pathutil is the algebra of remote paths: it normalises, compares,
// joins, relates, sorts, maps, renames and safely shows them.
//
// Three forms of a path matter. The raw form is whatever came over the wire or
// from a person. The identity form ([Normalize]) is how a path is written: no
// leading, trailing or double slashes, the root is the empty string. The
// comparison form ([Fold]) decides whether two paths name the same object, for
// Files.com ignores case, accents and Unicode composition; it is never sent and
// never shown. What is shown goes through [Display].
//
// The rules are those of the vendor's software development kits (PROTOCOL.md 14)
// with "." and ".." dropped; the order of names is that of recorded listings
// (PROTOCOL.md 8).
package pathutil

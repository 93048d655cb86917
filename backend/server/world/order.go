package world

import "ferry/pathutil"

// compareNames is the order of listings, sameName the form in which the site
// holds two names for the same.
func compareNames(a, b string) int { return pathutil.CompareNames(a, b) }

func sameName(s string) string { return pathutil.Fold(s) }

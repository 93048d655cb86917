package pathutil

import "strings"

// MaxPathLen is the longest path that Files.com holds, in characters
// (PROTOCOL.md 8).
const MaxPathLen = 5000

// Normalize returns the identity form of p (PROTOCOL.md 14, steps 1 to 5): NUL
// characters deleted, backslashes turned into slashes, and empty, "." and ".."
// elements dropped. ".." does not climb: "a/b/../c" is "a/b/c". The root is "".
// Case, Unicode form and white space stay as they are. A path that already is
// in identity form is returned without allocating.
func Normalize(p string) string {
	if isNormal(p) {
		return p
	}
	if strings.IndexByte(p, 0) >= 0 {
		p = strings.ReplaceAll(p, "\x00", "")
	}
	p = strings.ReplaceAll(p, `\`, "/")
	b := make([]byte, 0, len(p))
	for e := range strings.SplitSeq(p, "/") {
		if dropped(e) {
			continue
		}
		if len(b) > 0 {
			b = append(b, '/')
		}
		b = append(b, e...)
	}
	return string(b)
}

// dropped tells whether an element has no place in the identity form.
func dropped(e string) bool { return e == "" || e == "." || e == ".." }

// isNormal tells whether p is its own identity form.
func isNormal(p string) bool {
	if p == "" {
		return true
	}
	start := 0
	for i := range len(p) {
		switch p[i] {
		case 0, '\\':
			return false
		case '/':
			if dropped(p[start:i]) {
				return false
			}
			start = i + 1
		}
	}
	return !dropped(p[start:])
}

// Join joins elements, which may be paths themselves, into an identity form.
// Join("", "a/", "/b") is "a/b"; Join() is the root.
func Join(elem ...string) string {
	return Normalize(strings.Join(elem, "/"))
}

// Split cuts the identity form of p into its elements; the root has none.
func Split(p string) []string {
	p = Normalize(p)
	if p == "" {
		return nil
	}
	return strings.Split(p, "/")
}

// Base returns the last element of p; that of the root is "".
func Base(p string) string {
	p = Normalize(p)
	return p[strings.LastIndexByte(p, '/')+1:]
}

// Dir returns p without its last element; that of the root and of a name alone
// is the root, "".
func Dir(p string) string {
	p = Normalize(p)
	return p[:max(strings.LastIndexByte(p, '/'), 0)]
}

// Ext returns the extension of the last element with its dot, as it is written.
// A leading dot hides a name and starts no extension (".profile" has none), and
// neither does a trailing one.
func Ext(p string) string {
	name := Base(p)
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || i == len(name)-1 || strings.Trim(name[:i], ".") == "" {
		return ""
	}
	return name[i:]
}

// Stem returns the last element of p without its extension.
func Stem(p string) string {
	name := Base(p)
	return name[:len(name)-len(Ext(name))]
}

// Depth counts the elements of p; the root has depth 0.
func Depth(p string) int { return depth(Normalize(p)) }

// depth counts the elements of an identity form.
func depth(p string) int {
	if p == "" {
		return 0
	}
	return strings.Count(p, "/") + 1
}

// cut divides an identity form after its first n elements.
func cut(p string, n int) (head, tail string, ok bool) {
	if n == 0 {
		return "", p, true
	}
	for i := range len(p) {
		if p[i] != '/' {
			continue
		}
		if n--; n == 0 {
			return p[:i], p[i+1:], true
		}
	}
	return p, "", n == 1 && p != ""
}

// Within tells whether child is parent or lies below it, as Files.com compares
// paths: the ancestor of child at the depth of parent is the same as parent.
func Within(parent, child string) bool {
	_, ok := Relative(parent, child)
	return ok
}

// Relative returns what is left of p below base, as p writes it, and whether p
// lies there at all. For p the same as base it is "", true.
func Relative(base, p string) (string, bool) {
	base, p = Normalize(base), Normalize(p)
	head, tail, ok := cut(p, depth(base))
	if !ok || !IsSame(head, base) {
		return "", false
	}
	return tail, true
}

package pathutil

import (
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"unicode/utf8"
)

// maxLocalName is the longest name that common file systems hold: bytes, except
// on Windows, where it is UTF-16 units.
const maxLocalName = 255

// LocalName maps the name of a remote object to one that the system goos (as in
// runtime.GOOS) can hold, and says whether it had to change, so that nobody is
// silent about it.
//
// Characters that the system refuses become their full-width twins, which
// Files.com holds for the same, so a name that comes back names the same object.
// Control characters become their pictures. A reserved name of Windows gets a
// full-width first letter. A name that is too long is cut before its extension
// and marked with a checksum of the whole. Mapping a mapped name again changes
// nothing. Two remote names may still meet in one: on systems that ignore case,
// compare the results.
func LocalName(name, goos string) (local string, mapped bool) {
	local = name
	if goos == "windows" || goos == "darwin" || goos == "ios" {
		local = strings.ToValidUTF8(local, "\uFFFD")
	}
	local = mapCharacters(local, goos)
	switch local {
	case "":
		local = "_"
	case ".", "..":
		local = strings.ReplaceAll(local, ".", "\uFF0E")
	}
	if goos == "windows" {
		local = mapWindows(local)
	}
	if nameLen(local, goos) > maxLocalName {
		local = shorten(local, goos)
	}
	return local, local != name
}

// mapCharacters replaces what the system refuses anywhere in a name.
func mapCharacters(name, goos string) string {
	refused := "/\x00"
	if goos == "windows" {
		refused = "<>:\"/\\|?*"
	}
	bad := func(c byte) bool {
		return strings.IndexByte(refused, c) >= 0 || goos == "windows" && c < ' '
	}
	var b strings.Builder
	kept := 0 // up to where name is written
	for i := range len(name) {
		c := name[i]
		if !bad(c) {
			continue
		}
		b.WriteString(name[kept:i])
		kept = i + 1
		if c < ' ' {
			b.WriteRune(0x2400 + rune(c))
		} else {
			b.WriteRune(fullWidth(c))
		}
	}
	if kept == 0 {
		return name
	}
	b.WriteString(name[kept:])
	return b.String()
}

// fullWidth returns the wide twin of a printable ASCII character.
func fullWidth(c byte) rune {
	if c == ' ' {
		return 0x3000
	}
	return 0xfee0 + rune(c)
}

// mapWindows replaces a dot or space at the end, which Windows drops, and the
// beginning of a name that means a device.
func mapWindows(name string) string {
	if last := name[len(name)-1]; last == '.' || last == ' ' {
		name = name[:len(name)-1] + string(fullWidth(last))
	}
	if reserved(name) {
		name = string(fullWidth(name[0])) + name[1:]
	}
	return name
}

// reserved tells whether Windows takes a name, with any extension, for a device.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
}

// nameLen measures a name in the unit of the system.
func nameLen(name, goos string) int {
	if goos != "windows" {
		return len(name)
	}
	n := 0
	for _, r := range name {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// shorten cuts a name that is too long. The extension stays if it is of a usual
// length.
func shorten(name, goos string) string {
	ext := ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 16 {
		ext = name[i:]
	}
	mark := fmt.Sprintf("~%08x%s", crc32.ChecksumIEEE([]byte(name)), ext)
	stem := name[:len(name)-len(ext)]
	for nameLen(stem, goos)+nameLen(mark, goos) > maxLocalName {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return stem + mark
}

// DisplayHome is DisplayName for an absolute path of this machine, in the system's
// own form: the home folder is written as "~".
func DisplayHome(path, home string) string {
	if rest, ok := strings.CutPrefix(path, home); ok && home != "" && (rest == "" || os.IsPathSeparator(rest[0])) {
		path = "~" + rest
	}
	return DisplayName(path)
}

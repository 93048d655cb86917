package headless_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"ferry/backend/server"
)

// stopSums is the administrator who no longer lets the site compute checksums.
func (sh *shell) stopSums() {
	sh.t.Helper()
	body := `{"calculate_file_checksums_crc32":false,"calculate_file_checksums_md5":false,` +
		`"calculate_file_checksums_sha1":false,"calculate_file_checksums_sha256":false}`
	req, err := http.NewRequestWithContext(sh.t.Context(), http.MethodPatch, server.LocalURL+"/api/rest/v1/site", strings.NewReader(body))
	if err != nil {
		sh.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-FilesAPI-Key", sh.cred.APIKey)
	line := &http.Transport{DialContext: sh.opener.Client.Dial}
	defer line.CloseIdleConnections()
	res, err := line.RoundTrip(req)
	if err != nil {
		sh.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		sh.t.Fatal(res.Status)
	}
}

// A sync by hash says of how many files size and time decided, because the site has
// no checksum of them; one by size and time need not.
func TestASyncByHashSaysWhatItCouldNotHash(t *testing.T) {
	sh, dir := newShell(t), t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"t/a", "t/b", "t/c"} {
		write(t, name, []byte(name))
	}
	sh.ok("put", "t", "In")
	const one, two = "1 file was compared by size and time: the site has no checksum of it\n",
		"2 files were compared by size and time: the site has no checksum of them\n"
	by := func(how string, more ...string) string {
		return sh.ok(append([]string{"sync", "t", "In/t", "--push", "--by", how}, more...)...)
	}
	all := time.Now().Add(time.Minute) // the site computes them after the uploads
	for sh.summary(by("hash", "-n", "--json"))["no_checksum"] != 0.0 {
		if time.Now().After(all) {
			t.Fatal("checksums are missed that are there")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if out := by("hash", "-n"); strings.Contains(out, "no checksum") {
		t.Errorf("all have one:\n%s", out)
	}
	sh.stopSums()
	write(t, "t/a", []byte("longer")) // of another size: no checksum is missed
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes("t/b", later, later); err != nil {
		t.Fatal(err)
	}
	out := by("hash", "-n")
	if !strings.Contains(out, "the times differ, newer on this machine, no checksum on the site") || !strings.HasSuffix(out, two) {
		t.Error(out)
	}
	if m := sh.summary(by("hash", "-n", "--json")); m["no_checksum"] != 2.0 {
		t.Errorf("%v", m)
	}
	if m := sh.summary(by("time", "-n", "--json")); m["no_checksum"] != nil {
		t.Errorf("%v", m)
	}
	by("hash", "--plan", "p.json")
	if out := sh.ok("sync", "--run", "p.json"); !strings.HasSuffix(out, two) {
		t.Error(out)
	}
	if err := os.Remove("t/a"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove("t/b"); err != nil {
		t.Fatal(err)
	}
	if out := by("hash"); !strings.HasSuffix(out, one) {
		t.Error(out)
	}
	if m := sh.summary(by("hash", "--json")); m["no_checksum"] != 1.0 {
		t.Errorf("%v", m)
	}
}

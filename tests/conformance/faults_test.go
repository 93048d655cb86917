package conformance

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/file"
)

// faulty asks the site to fail the first requests of one kind, in the way the
// header X-Ferry-Fault says.
type faulty struct {
	kind         string // "api", "put" or "get"
	fault        string
	left, struck atomic.Int64
}

func newFaulty(kind, fault string, times int64) *faulty {
	f := &faulty{kind: kind, fault: fault}
	f.left.Store(times)
	return f
}

func (f *faulty) client() *file.Client {
	return &file.Client{Config: admin().SetCustomClient(&http.Client{Transport: f})}
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	kind := "api"
	if !strings.HasPrefix(r.URL.Path, "/api/rest/v1/") {
		kind = strings.ToLower(r.Method)
	}
	if kind == f.kind && f.left.Add(-1) >= 0 {
		f.struck.Add(1)
		r = r.Clone(r.Context())
		r.Header.Set("X-Ferry-Fault", f.fault)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// What the client survives on the real site it has to survive here: the site
// must fail the way that site fails, or the client gives up.
func TestFaultsTheClientSurvives(t *testing.T) {
	dir := home(t)
	want := noise(21, 12*mib)
	upload(t, dir+"/there.bin", want)
	for _, c := range []struct {
		what, kind, fault string
		times             int64
	}{
		{"an API answer of 503", "api", "status=503", 2},
		{"too many requests", "api", "type=rate-limited/too-many-requests; retry-after=0", 3},
		{"the page of a proxy", "api", "status=502; body=<html>Bad Gateway</html>", 1},
		{"a broken API connection", "api", "drop", 1},
		{"a part refused with 503", "put", "status=503", 1},
		{"a broken connection of a part", "put", "drop", 1},
		{"an expired part URL", "put", "expire", 1},
		{"a broken connection of a download", "get", "drop", 1},
		{"an expired download URL", "get", "expire", 1},
	} {
		t.Run(c.what, func(t *testing.T) {
			f := newFaulty(c.kind, c.fault, c.times)
			p := dir + "/" + strings.ReplaceAll(c.what, " ", "-")
			check(t, f.client().Upload(file.UploadWithReaderAt(bytes.NewReader(want)), file.UploadWithSize(int64(len(want))), file.UploadWithDestinationPath(p)))
			same(t, "the upload", download(t, p), want)

			back := filepath.Join(t.TempDir(), "back.bin")
			f.left.Store(c.times)
			finished(t, f.client().Downloader(file.DownloaderParams{RemotePath: dir + "/there.bin", LocalPath: back}), 1)
			same(t, "the download", must(os.ReadFile(back))(t), want)
			if f.struck.Load() < c.times {
				t.Errorf("%d requests failed, %d were to", f.struck.Load(), c.times)
			}
		})
	}
}

// Content that is cut short must not pass for the whole.
func TestDownloadCutShort(t *testing.T) {
	dir := home(t)
	upload(t, dir+"/f.bin", noise(22, 200_000))
	f := newFaulty("get", "truncate=70000", 1_000)
	_, err := f.client().DownloadToFile(files_sdk.FileDownloadParams{Path: dir + "/f.bin"}, filepath.Join(t.TempDir(), "f.bin"))
	if err == nil {
		t.Error("a third of a file passed for all of it")
	}
}

func TestFaultsTheClientReports(t *testing.T) {
	for fault, want := range map[string]files_sdk.ResponseErrorType{
		"type=not-authorized/read-permission-required":   files_sdk.ErrReadPermissionRequired,
		"type=service-unavailable/migration-in-progress": files_sdk.ErrMigrationInProgress,
		"type=site-configuration/site-was-removed":       files_sdk.ErrSiteWasRemoved,
		"type=processing-failure/folder-locked":          files_sdk.ErrFolderLocked,
	} {
		_, err := newFaulty("api", fault, 1).client().Find(files_sdk.FileFindParams{Path: "Public"})
		refused(t, err, want)
	}
}

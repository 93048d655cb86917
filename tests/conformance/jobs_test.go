package conformance

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/file"
	"github.com/Files-com/files-sdk-go/v3/file/manager"
	"github.com/Files-com/files-sdk-go/v3/file/status"
)

// finished runs a job of the client to its end and wants so many files done and
// none failed.
func finished(t *testing.T, job *file.Job, files int) {
	t.Helper()
	job.Start()
	done := make(chan struct{})
	go func() {
		defer close(done)
		job.Wait()
	}()
	select {
	case <-done:
	case <-time.After(deadline):
		job.Cancel()
		<-done
		t.Errorf("the job did not end within %v", deadline)
	}
	for _, s := range job.Statuses {
		if s.Err() != nil {
			t.Errorf("%s -> %s: %s: %v", s.LocalPath(), s.RemotePath(), s.Status(), s.Err())
		}
	}
	equal(t, "files done", job.Count(status.Complete), files)
	equal(t, "files failed", job.Count(status.Errored, status.Canceled), 0)
}

// tree writes about thirty files of many sizes and names and returns them.
func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	for i := range 12 {
		files[fmt.Sprintf("plain/file-%02d.bin", i)] = noise(uint64(i), i*i*97)
	}
	for i, name := range []string{"with space.txt", "100%.txt", "a+b.txt", "hash#.txt", "what?.txt", "a&b.txt", "ünï.txt", "日本.txt", "🚀.txt", ".hidden"} {
		files["awk ward+%/"+name] = noise(uint64(100+i), 500+i)
	}
	for i := range 5 {
		files["deep/"+strings.Repeat("er/", i)+"x.bin"] = noise(uint64(200+i), 10)
	}
	files["empty/a"], files["empty/b.txt"] = nil, nil
	files["large.bin"] = noise(300, 11*mib)
	for name, content := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(p), 0o700))
		check(t, os.WriteFile(p, content, 0o600))
		mtime := time.Date(2025, 1, 2, 3, 4, len(content)%60, 0, time.UTC)
		check(t, os.Chtimes(p, mtime, mtime))
	}
	return files
}

// sameTree compares a folder with the files it should hold, times included.
func sameTree(t *testing.T, dir string, files map[string][]byte, times bool) {
	t.Helper()
	seen := 0
	check(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.Contains(d.Name(), ".zip-batch") {
			return nil // the client calls a job done a moment before it removes the last archive
		}
		name, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		want, ok := files[filepath.ToSlash(name)]
		if !ok {
			return errors.New("unexpected file " + name)
		}
		seen++
		got, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		same(t, name, got, want)
		info, err := d.Info()
		if err == nil && times && !info.ModTime().Equal(time.Date(2025, 1, 2, 3, 4, len(want)%60, 0, time.UTC)) {
			t.Errorf("%s has the time %v", name, info.ModTime())
		}
		return err
	}))
	equal(t, "number of files", seen, len(files))
}

func TestFolderJobs(t *testing.T) {
	dir, local := home(t), t.TempDir()
	want := tree(t, local)
	client := &file.Client{Config: admin()}
	// The trailing slash sends what is in the folder, not the folder itself.
	finished(t, client.Uploader(file.UploaderParams{LocalPath: local + "/", RemotePath: dir + "/", PreserveTimes: true}), len(want))

	it, err := client.ListForRecursive(files_sdk.FolderListForParams{Path: dir})
	n := 0
	for _, f := range all[file.RecursiveItem](t, it, err) {
		if f.Type == "file" {
			n++
			equal(t, "size of "+f.Path, f.Size, int64(len(want[strings.TrimPrefix(f.Path, dir+"/")])))
		}
	}
	equal(t, "files on the site", n, len(want))

	for _, adaptive := range []bool{false, true} {
		back := t.TempDir()
		finished(t, client.Downloader(file.DownloaderParams{
			RemotePath: dir + "/", LocalPath: back + "/", PreserveTimes: true, AdaptiveConcurrency: adaptive,
		}), len(want))
		sameTree(t, back, want, true)
	}
}

// A second run with Sync on compares sizes and transfers nothing.
func TestFolderJobsInSync(t *testing.T) {
	dir, local := home(t), t.TempDir()
	want := tree(t, local)
	client := &file.Client{Config: admin()}
	up := file.UploaderParams{LocalPath: local + "/", RemotePath: dir + "/", Sync: true}
	finished(t, client.Uploader(up), len(want))
	finished(t, client.Uploader(up), 0)

	changed := noise(77, 1234)
	check(t, os.WriteFile(filepath.Join(local, "plain", "file-03.bin"), changed, 0o600))
	want["plain/file-03.bin"] = changed
	finished(t, client.Uploader(up), 1)

	back := t.TempDir()
	down := file.DownloaderParams{RemotePath: dir + "/", LocalPath: back + "/", Sync: true}
	finished(t, client.Downloader(down), len(want))
	sameTree(t, back, want, false)
	finished(t, client.Downloader(down), 0)
}

// From 500 small files on the client asks for them in ZIP batches.
func TestZIPBatches(t *testing.T) {
	dir, local := home(t), t.TempDir()
	want := make(map[string][]byte)
	for i := range 520 {
		// The same names in many folders: in a batch they have to be told apart.
		name := fmt.Sprintf("folder %d/ti+ny %02d%%.txt", i%40, i/40)
		want[name] = noise(uint64(i), i%40)
		p := filepath.Join(local, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(p), 0o700))
		check(t, os.WriteFile(p, want[name], 0o600))
	}
	client := &file.Client{Config: admin()}
	finished(t, client.Uploader(file.UploaderParams{LocalPath: local + "/", RemotePath: dir + "/", AdaptiveConcurrency: true}), len(want))

	for _, mode := range []file.ZipBatchExtractionMode{file.ZipBatchExtractionStream, file.ZipBatchExtractionSpool} {
		t.Run(string(mode), func(t *testing.T) {
			back := t.TempDir()
			var asked counted
			client := &file.Client{Config: asked.config()}
			finished(t, client.Downloader(file.DownloaderParams{
				RemotePath: dir + "/", LocalPath: back + "/", AdaptiveConcurrency: true,
				// Without a manager the client puts its own transport over the counting one.
				Manager:  manager.Default(),
				ZipBatch: file.ZipBatchParams{Extraction: mode, MinAdvantage: -1},
			}), len(want))
			sameTree(t, back, want, false)
			if asked.zips.Load() == 0 || asked.refused.Load() != 0 || asked.singles.Load() != 0 {
				t.Errorf("%d ZIP batches, %d of them refused, %d files one by one; want all files in batches",
					asked.zips.Load(), asked.refused.Load(), asked.singles.Load())
			}
		})
	}
}

func TestSingleFileJobs(t *testing.T) {
	dir, local := home(t), t.TempDir()
	for _, name := range awkwardLocal() {
		p := filepath.Join(local, name)
		check(t, os.WriteFile(p, []byte(name), 0o600))
		client := &file.Client{Config: admin()}
		finished(t, client.Uploader(file.UploaderParams{LocalPath: p, RemotePath: dir + "/" + name}), 1)
		back := filepath.Join(t.TempDir(), "back")
		finished(t, client.Downloader(file.DownloaderParams{RemotePath: dir + "/" + name, LocalPath: back}), 1)
		same(t, name, must(os.ReadFile(back))(t), []byte(name))
	}
}

// awkwardLocal leaves out what not every system can store, and what the client
// ignores as a temporary file (*~.*).
func awkwardLocal() []string {
	return slices.DeleteFunc(slices.Clone(awkward), func(n string) bool {
		return strings.ContainsAny(n, `*?<>|:"`) || strings.HasSuffix(n, ".") || strings.Contains(n, "~.") || len(n) > 255 || n == "CON" || n == "aux.txt"
	})
}

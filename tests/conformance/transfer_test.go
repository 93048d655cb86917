package conformance

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/file"
	"github.com/Files-com/files-sdk-go/v3/file/manager"
	"github.com/Files-com/files-sdk-go/v3/lib"
)

const mib = 1 << 20

func TestUploadAndDownloadOfEverySize(t *testing.T) {
	dir := home(t)
	for _, size := range []int{0, 1, 4096, 128<<10 - 1, 5*mib - 1, 5 * mib, 5*mib + 1, 10*mib - 1, 10 * mib, 10*mib + 1, 20 * mib, 23*mib + 7} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			p := fmt.Sprintf("%s/%d.bin", dir, size)
			want := noise(uint64(size), size)
			upload(t, p, want)
			equal(t, "size", find(t, p).Size, int64(size))
			same(t, p, download(t, p), want)
		})
	}
}

func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: came back as %d bytes (%x), sent were %d (%x)", what, len(got), sha256.Sum256(got), len(want), sha256.Sum256(want))
	}
}

// Without a size the client cannot tell which part is the last, and sends no
// size when it ends the upload.
func TestUploadOfUnknownSize(t *testing.T) {
	dir := home(t)
	for _, size := range []int{0, 1, 5 * mib, 11*mib + 1} {
		p := fmt.Sprintf("%s/%d.bin", dir, size)
		want := noise(uint64(size)+1, size)
		check(t, (&file.Client{Config: admin()}).Upload(
			file.UploadWithReader(io.MultiReader(bytes.NewReader(want))),
			file.UploadWithDestinationPath(p),
		))
		same(t, p, download(t, p), want)
	}
}

func TestUploadReplaces(t *testing.T) {
	p := home(t) + "/a.txt"
	for _, want := range []string{"the first, longer content", "second", ""} {
		put(t, p, want)
		equal(t, "content", string(download(t, p)), want)
		equal(t, "size", find(t, p).Size, int64(len(want)))
	}
}

// awkward are names that break clients and servers which quote too little, too
// much or twice.
var awkward = []string{
	"with space.txt", " leading space.txt", "two  spaces.txt", "100%.txt", "%41.txt", "%2F.txt", "%252F.txt", "a+b.txt", "a%20b.txt",
	"hash#tag.txt", "what?.txt", "a&b=c.txt", "semi;colon.txt", "com,ma.txt", "quo\"te.txt", "apo'strophe.txt",
	"[brackets].txt", "{braces}.txt", "(round).txt", "at@home.txt", "dollar$.txt", "colon:.txt", "star*.txt", "pipe|.txt",
	"<angle>.txt", "caret^.txt", "back`tick.txt", "tilde~.txt", "bang!.txt", ".hidden", "..two dots", "...three dots",
	"ends with dot.", "no-extension", "Ünïcödé.txt", "e\u0301 decomposed.txt", "日本語.txt", "한국어.txt", "العربية.txt",
	"emoji 🚀.txt", "family 👩‍👩‍👧.txt", "nil", "null", "undefined", "true", "0", "-", "--", "-rf", "CON", "aux.txt",
	"two dots..", "dots and space. .txt", "e\u0301\u0323 marks.txt", "\u00e9 composed.txt", "flags 🇩🇪🇫🇷.txt", "zero\u200bwidth.txt",
	strings.Repeat("n", 245) + ".txt", strings.Repeat("日", 245) + ".txt",
}

func TestAwkwardNames(t *testing.T) {
	dir := home(t)
	for _, name := range awkward {
		p := dir + "/" + name
		want := "content of " + name
		put(t, p, want)
		f := find(t, p)
		if f.Path != p || f.DisplayName != name {
			t.Errorf("%q came back as path %q, name %q", p, f.Path, f.DisplayName)
		}
		equal(t, "content of "+name, string(download(t, p)), want)
	}
	want := slices.Sorted(slices.Values(awkward))
	got := names(list(t, files_sdk.FolderListForParams{Path: dir, ListParams: files_sdk.ListParams{PerPage: 7}}))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the folder lists %q, want %q", got, want)
	}
	client := &file.Client{Config: admin()}
	for _, name := range awkward {
		settle(t, must(client.Move(files_sdk.FileMoveParams{Path: dir + "/" + name, Destination: dir + "/moved " + name}))(t))
		equal(t, "content after the move of "+name, string(download(t, dir+"/moved "+name)), "content of "+name)
		check(t, client.Delete(files_sdk.FileDeleteParams{Path: dir + "/moved " + name}))
	}
	if left := list(t, files_sdk.FolderListForParams{Path: dir}); len(left) != 0 {
		t.Errorf("left over: %q", names(left))
	}
}

func TestAwkwardFolderNames(t *testing.T) {
	dir := home(t)
	for _, name := range []string{"a b", "100%", "c+d", "e#f", "g?h", "i&j", "ä", "日本", "🚀", ".dot"} {
		mkdir(t, dir+"/"+name+"/inner "+name)
		put(t, dir+"/"+name+"/inner "+name+"/x.txt", name)
		equal(t, "content", string(download(t, dir+"/"+name+"/inner "+name+"/x.txt")), name)
		if got := list(t, files_sdk.FolderListForParams{Path: dir + "/" + name}); len(got) != 1 || got[0].Path != dir+"/"+name+"/inner "+name {
			t.Errorf("%q lists %q", name, names(got))
		}
	}
}

func TestUploadMakesParents(t *testing.T) {
	dir := home(t)
	put(t, dir+"/not/yet/there/a.txt", "a")
	equal(t, "type of the parent", find(t, dir+"/not/yet/there").Type, "directory")
}

// The adaptive engine has parts of 16 MiB. It keeps one URL and rewrites its query
// for every part.
func TestAdaptiveEngine(t *testing.T) {
	dir, local := home(t), t.TempDir()
	for i, size := range []int{0, 1, 16*mib - 1, 16 * mib, 16*mib + 1, 40*mib + 13} {
		name := fmt.Sprintf("a %d+%%.bin", size)
		want := noise(uint64(30+i), size)
		check(t, os.WriteFile(filepath.Join(local, name), want, 0o600))
		var asked counted
		client := &file.Client{Config: asked.config()}
		finished(t, client.Uploader(file.UploaderParams{
			LocalPath: filepath.Join(local, name), RemotePath: dir + "/" + name, AdaptiveConcurrency: true,
			Manager: manager.Default(), // without one the client puts its own transport over the counting one
		}), 1)
		equal(t, "size", find(t, dir+"/"+name).Size, int64(size))
		if size > 16*mib && asked.rewritten.Load() == 0 {
			t.Errorf("%d bytes: %d parts to addresses as given, none rewritten", size, asked.given.Load())
		}
		back := filepath.Join(t.TempDir(), "back.bin")
		finished(t, client.Downloader(file.DownloaderParams{RemotePath: dir + "/" + name, LocalPath: back, AdaptiveConcurrency: true}), 1)
		same(t, name, must(os.ReadFile(back))(t), want)
	}
}

// A name composed and decomposed is one name, as the client compares paths: what
// was made keeps its spelling, and the other one replaces it.
func TestNormalisedNames(t *testing.T) {
	dir := home(t)
	composed, decomposed := dir+"/caf\u00e9 \u00fc.txt", dir+"/cafe\u0301 u\u0308.txt"
	for _, pair := range [][2]string{{composed, decomposed}, {dir + "/D\u0327.txt", dir + "/\u1e10.txt"}, {dir + "/Stra\u00dfe", dir + "/STRASSE"}} {
		put(t, pair[0], "made")
		equal(t, "content by the other spelling", string(download(t, pair[1])), "made")
		put(t, pair[1], "replaced")
		equal(t, "content by the first spelling", string(download(t, pair[0])), "replaced")
		f := find(t, pair[1])
		equal(t, "path", f.Path, pair[0])
		equal(t, "the client's opinion of them", lib.NormalizeForComparison(pair[0]), lib.NormalizeForComparison(pair[1]))
	}
	equal(t, "entries", len(list(t, files_sdk.FolderListForParams{Path: dir})), 3)
}

func TestRanges(t *testing.T) {
	dir := home(t)
	want := noise(9, 300_000)
	upload(t, dir+"/r.bin", want)
	f := must((&file.Client{Config: admin()}).DownloadUri(files_sdk.FileDownloadParams{Path: dir + "/r.bin"}))(t)
	get := func(method, rng string) *http.Response {
		t.Helper()
		req := must(http.NewRequestWithContext(t.Context(), method, f.DownloadUri, nil))(t)
		if rng != "" {
			req.Header.Set("Range", rng)
		}
		res := must(http.DefaultClient.Do(req))(t)
		t.Cleanup(func() { check(t, res.Body.Close()) })
		return res
	}
	res := get(http.MethodGet, "bytes=1000-1999")
	equal(t, "status", res.StatusCode, http.StatusPartialContent)
	equal(t, "Content-Range", res.Header.Get("Content-Range"), "bytes 1000-1999/300000")
	same(t, "range", must(io.ReadAll(res.Body))(t), want[1000:2000])
	res = get(http.MethodGet, "bytes=299999-")
	equal(t, "status", res.StatusCode, http.StatusPartialContent)
	same(t, "last byte", must(io.ReadAll(res.Body))(t), want[299_999:])
	equal(t, "status beyond the end", get(http.MethodGet, "bytes=300000-").StatusCode, http.StatusRequestedRangeNotSatisfiable)
	res = get(http.MethodHead, "")
	equal(t, "status of HEAD", res.StatusCode, http.StatusOK)
	equal(t, "length in HEAD", res.ContentLength, int64(len(want)))
}

// A reader that goes on where a download was interrupted, as the client's file
// system does it.
func TestRemoteFileSystem(t *testing.T) {
	dir := home(t)
	want := noise(11, 100_000)
	upload(t, dir+"/sub/f.bin", want)
	fsys := (&file.FS{}).Init(admin(), true)
	f := must(fsys.Open(dir + "/sub/f.bin"))(t)
	same(t, "read", must(io.ReadAll(f))(t), want)
	check(t, f.Close())
	at := f.(interface {
		ReaderRange(off, end int64) (io.ReadCloser, error)
	})
	r := must(at.ReaderRange(50_000, 99_999))(t)
	same(t, "range", must(io.ReadAll(r))(t), want[50_000:])
	check(t, r.Close())
	entries := must(fsys.ReadDir(dir + "/sub"))(t)
	if len(entries) != 1 || entries[0].Name() != "f.bin" {
		t.Errorf("the folder holds %v", entries)
	}
}

func TestUploadCancelled(t *testing.T) {
	dir := home(t)
	ctx, cancel := context.WithCancel(t.Context())
	pr, pw := io.Pipe()
	go func() {
		_, err := pw.Write(noise(1, 6*mib))
		cancel()
		pw.CloseWithError(cmp.Or(err, context.Canceled))
	}()
	err := (&file.Client{Config: admin()}).Upload(file.UploadWithContext(ctx), file.UploadWithReader(pr), file.UploadWithDestinationPath(dir+"/half.bin"))
	cancel()
	if err == nil {
		t.Error("the cancelled upload gave no error")
	}
	gone(t, dir+"/half.bin")
}

// Parts in any order and of any size, by the calls below the client's engine.
func TestUploadByHand(t *testing.T) {
	dir := home(t)
	p := dir + "/hand.bin"
	client := &file.Client{Config: admin()}
	want := noise(5, 12*mib)
	parts := [][]byte{want[:5*mib], want[5*mib : 11*mib], want[11*mib:]}
	ref, etags := "", make([]files_sdk.EtagsParam, len(parts))
	for i, part := range parts {
		begun := must(client.BeginUpload(files_sdk.FileBeginUploadParams{Path: p, Ref: ref, Part: int64(i + 1), Size: int64(len(want))}))(t)
		equal(t, "number of parts offered", len(begun), 1)
		b := begun[0]
		if ref == "" {
			ref = b.Ref
		}
		equal(t, "ref", b.Ref, ref)
		equal(t, "part_number", b.PartNumber, int64(i+1))
		equal(t, "http_method", b.HttpMethod, "PUT")
		if b.ParallelParts == nil || b.Partsize == 0 || b.Expires == "" {
			t.Errorf("part %d lacks parallel_parts, partsize or expires: %+v", i+1, b)
		}
		req := must(http.NewRequestWithContext(t.Context(), b.HttpMethod, b.UploadUri, bytes.NewReader(part)))(t)
		res := must(http.DefaultClient.Do(req))(t)
		check(t, res.Body.Close())
		equal(t, "status of the part", res.StatusCode, http.StatusOK)
		etags[len(parts)-1-i] = files_sdk.EtagsParam{Etag: strings.Trim(res.Header.Get("Etag"), `"`), Part: fmt.Sprint(i + 1)}
	}
	gone(t, p)
	f := must(client.Create(files_sdk.FileCreateParams{
		Path: p, Action: "end", Ref: ref, EtagsParam: etags, Size: int64(len(want)), ProvidedMtime: new(time.Unix(1_700_000_000, 0)),
	}))(t)
	equal(t, "size", f.Size, int64(len(want)))
	same(t, p, download(t, p), want)

	_, err := client.Create(files_sdk.FileCreateParams{Path: p, Action: "end", Ref: "put-0", EtagsParam: etags})
	if !files_sdk.IsNotFound(err) {
		t.Errorf("the end of an unknown upload gave %v, want not found", err)
	}
}

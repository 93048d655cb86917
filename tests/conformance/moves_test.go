package conformance

import (
	"fmt"
	"slices"
	"testing"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/file"
	file_migration "github.com/Files-com/files-sdk-go/v3/filemigration"
	"github.com/Files-com/files-sdk-go/v3/folder"
)

func TestCopyAndMoveFiles(t *testing.T) {
	dir := home(t)
	client := &file.Client{Config: admin()}
	put(t, dir+"/a.txt", "content")
	mkdir(t, dir+"/sub")

	settle(t, must(client.Copy(files_sdk.FileCopyParams{Path: dir + "/a.txt", Destination: dir + "/sub/copy.txt"}))(t))
	equal(t, "content of the copy", string(download(t, dir+"/sub/copy.txt")), "content")
	equal(t, "content of the original", string(download(t, dir+"/a.txt")), "content")

	settle(t, must(client.Move(files_sdk.FileMoveParams{Path: dir + "/a.txt", Destination: dir + "/sub/b.txt"}))(t))
	equal(t, "content after the move", string(download(t, dir+"/sub/b.txt")), "content")
	gone(t, dir+"/a.txt")

	// Only the letter case of the name changes.
	settle(t, must(client.Move(files_sdk.FileMoveParams{Path: dir + "/sub/b.txt", Destination: dir + "/sub/B.TXT"}))(t))
	equal(t, "path", find(t, dir+"/sub/b.txt").Path, dir+"/sub/B.TXT")
}

func TestCopyAndMoveRefused(t *testing.T) {
	dir := home(t)
	client := &file.Client{Config: admin()}
	put(t, dir+"/a.txt", "a")
	put(t, dir+"/b.txt", "b")
	for _, c := range []struct {
		what, from, to string
		want           files_sdk.ResponseErrorType
		status         int
	}{
		{"taken", "a.txt", "b.txt", files_sdk.ErrDestinationExists, 422},
		{"taken under another spelling", "a.txt", "B.TXT", files_sdk.ErrDestinationExists, 422},
		{"no parent", "a.txt", "absent/a.txt", files_sdk.ErrDestinationParentDoesNotExist, 409},
		{"no source", "absent.txt", "c.txt", "not-found", 404},
		{"same path", "a.txt", "a.txt", files_sdk.ErrDestinationSame, 400},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, err := client.Copy(files_sdk.FileCopyParams{Path: dir + "/" + c.from, Destination: dir + "/" + c.to})
			equal(t, "status of the copy", refused(t, err, c.want).HttpCode, c.status)
			_, err = client.Move(files_sdk.FileMoveParams{Path: dir + "/" + c.from, Destination: dir + "/" + c.to})
			equal(t, "status of the move", refused(t, err, c.want).HttpCode, c.status)
			equal(t, "IsExist", files_sdk.IsExist(err), c.want == files_sdk.ErrDestinationExists)
		})
	}
	settle(t, must(client.Copy(files_sdk.FileCopyParams{Path: dir + "/a.txt", Destination: dir + "/b.txt", Overwrite: yes()}))(t))
	equal(t, "content after overwriting", string(download(t, dir+"/b.txt")), "a")
}

func TestCopyAndMoveTrees(t *testing.T) {
	dir := home(t)
	client := &file.Client{Config: admin()}
	for i := range 60 {
		put(t, fmt.Sprintf("%s/tree/%d/file.txt", dir, i), fmt.Sprint(i))
	}
	settle(t, must(client.Copy(files_sdk.FileCopyParams{Path: dir + "/tree", Destination: dir + "/copy"}))(t))
	settle(t, must(client.Move(files_sdk.FileMoveParams{Path: dir + "/copy", Destination: dir + "/moved"}))(t))
	gone(t, dir+"/copy")
	for i := range 60 {
		for _, top := range []string{"tree", "moved"} {
			equal(t, "content", string(download(t, fmt.Sprintf("%s/%s/%d/file.txt", dir, top, i))), fmt.Sprint(i))
		}
	}
	settle(t, must(client.Copy(files_sdk.FileCopyParams{Path: dir + "/tree", Destination: dir + "/structure", Structure: yes()}))(t))
	if got := list(t, files_sdk.FolderListForParams{Path: dir + "/structure/7"}); len(got) != 0 {
		t.Errorf("a copy of folders only holds %q", names(got))
	}
	_, err := client.Move(files_sdk.FileMoveParams{Path: dir + "/tree", Destination: dir + "/tree/7/inside"})
	if err == nil {
		t.Error("a folder was moved into itself")
	}
}

// A few hundred entries are more than one answer waits for: it names a migration.
func TestMigrations(t *testing.T) {
	dir := home(t)
	client := &file.Client{Config: admin()}
	for i := range 50 {
		put(t, fmt.Sprintf("%s/big/0/file %d.txt", dir, i), fmt.Sprint(i))
	}
	for i := 1; i < 8; i++ {
		settle(t, must(client.Copy(files_sdk.FileCopyParams{Path: dir + "/big/0", Destination: fmt.Sprintf("%s/big/%d", dir, i)}))(t))
	}
	for _, c := range []struct {
		operation, from, to string
		do                  func(from, to string) (files_sdk.FileAction, error)
	}{
		{"copy", "big", "copy", func(from, to string) (files_sdk.FileAction, error) {
			return client.Copy(files_sdk.FileCopyParams{Path: from, Destination: to})
		}},
		{"move", "copy", "moved", func(from, to string) (files_sdk.FileAction, error) {
			return client.Move(files_sdk.FileMoveParams{Path: from, Destination: to})
		}},
	} {
		a := must(c.do(dir+"/"+c.from, dir+"/"+c.to))(t)
		if a.FileMigrationId == 0 {
			t.Errorf("the %s of 400 files named no migration: %+v", c.operation, a)
			continue
		}
		m := settle(t, a)
		equal(t, "operation", m.Operation, c.operation)
		equal(t, "path", m.Path, dir+"/"+c.from)
		equal(t, "dest_path", m.DestPath, dir+"/"+c.to)
		if m.FilesTotal < 400 || m.FilesMoved != m.FilesTotal {
			t.Errorf("%d of %d files were moved", m.FilesMoved, m.FilesTotal)
		}
		for i := range 8 {
			got := list(t, files_sdk.FolderListForParams{Path: fmt.Sprintf("%s/%s/%d", dir, c.to, i)})
			equal(t, "number of files", len(got), 50)
		}
	}
	gone(t, dir+"/copy")
	_, err := (&file_migration.Client{Config: admin()}).Find(files_sdk.FileMigrationFindParams{Id: 987654321})
	refused(t, err, "not-found")
}

func TestDelete(t *testing.T) {
	dir := home(t)
	client := &file.Client{Config: admin()}
	put(t, dir+"/full/a.txt", "a")
	mkdir(t, dir+"/empty")
	check(t, client.Delete(files_sdk.FileDeleteParams{Path: dir + "/empty"}))
	gone(t, dir+"/empty")

	e := refused(t, client.Delete(files_sdk.FileDeleteParams{Path: dir + "/full"}), files_sdk.ErrFolderNotEmpty)
	equal(t, "status", e.HttpCode, 422)
	refused(t, client.Delete(files_sdk.FileDeleteParams{Path: dir + "/full", Recursive: no()}), files_sdk.ErrFolderNotEmpty)
	equal(t, "content after the refusal", string(download(t, dir+"/full/a.txt")), "a")

	check(t, client.Delete(files_sdk.FileDeleteParams{Path: dir + "/full", Recursive: yes()}))
	gone(t, dir+"/full")
	gone(t, dir+"/full/a.txt")
	refused(t, client.Delete(files_sdk.FileDeleteParams{Path: dir + "/full"}), "not-found")
}

func TestCreateFolder(t *testing.T) {
	dir := home(t)
	client := &folder.Client{Config: admin()}
	f := must(client.Create(files_sdk.FolderCreateParams{Path: dir + "/a"}))(t)
	equal(t, "path", f.Path, dir+"/a")
	equal(t, "type", f.Type, "directory")
	_, err := client.Create(files_sdk.FolderCreateParams{Path: dir + "/A"})
	refused(t, err, files_sdk.ErrDestinationExists)
	if !files_sdk.IsExist(err) {
		t.Error("IsExist is false")
	}
	_, err = client.Create(files_sdk.FolderCreateParams{Path: dir + "/x/y/z"})
	refused(t, err, files_sdk.ErrDestinationParentDoesNotExist)
	must(client.Create(files_sdk.FolderCreateParams{Path: dir + "/x/y/z", MkdirParents: yes()}))(t)
	// The client's own way: one level after the other, ignoring what exists.
	check(t, (&file.FS{}).Init(admin(), false).MkdirAll(dir+"/x/y/z/1/2", 0))
	equal(t, "type", find(t, dir+"/x/y/z/1/2").Type, "directory")
}

func TestZIPAndUnzip(t *testing.T) {
	dir := home(t)
	client := &file.Client{Config: admin()}
	put(t, dir+"/in/a b.txt", "first")
	put(t, dir+"/in/deep/日本.txt", "second")
	mkdir(t, dir+"/out")
	settle(t, must(client.Zip(files_sdk.FileZipParams{Paths: []string{dir + "/in"}, Destination: dir + "/all.zip"}))(t))
	var got []string
	for _, e := range must(client.ZipListContents(files_sdk.FileZipListContentsParams{Path: dir + "/all.zip"}))(t) {
		if e.Size != 0 {
			got = append(got, e.Path)
		}
	}
	slices.Sort(got)
	if want := []string{"in/a b.txt", "in/deep/日本.txt"}; !slices.Equal(got, want) {
		t.Errorf("the archive lists %q, want %q", got, want)
	}
	settle(t, must(client.Unzip(files_sdk.FileUnzipParams{Path: dir + "/all.zip", Destination: dir + "/out"}))(t))
	equal(t, "content", string(download(t, dir+"/out/in/a b.txt")), "first")
	equal(t, "content", string(download(t, dir+"/out/in/deep/日本.txt")), "second")
	_, err := client.ZipListContents(files_sdk.FileZipListContentsParams{Path: dir + "/in/a b.txt"})
	refused(t, err, files_sdk.ErrInvalidZipFile)
}

// Command sdk moves a file or a folder with the vendor's Go SDK, set up as the
// vendor's own command line program sets it up by default: adaptive concurrency,
// 128 files and up to 1,024 parts at a time, two retries, modification times
// kept on upload, archives of small files on download.
//
//	sdk put LOCAL REMOTE
//	sdk get REMOTE LOCAL
//
// FILES_BASE_URL and FILES_API_KEY say where and as whom. A trailing slash on the
// source takes what is in the folder.
package main

import (
	"fmt"
	"os"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	"github.com/Files-com/files-sdk-go/v3/file"
	"github.com/Files-com/files-sdk-go/v3/file/manager"
	"github.com/Files-com/files-sdk-go/v3/file/status"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sdk:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("want put LOCAL REMOTE or get REMOTE LOCAL")
	}
	client := &file.Client{Config: files_sdk.Config{
		APIKey: os.Getenv("FILES_API_KEY"), EndpointOverride: os.Getenv("FILES_BASE_URL"),
	}.Init()}
	retry := file.RetryPolicy{Type: file.RetryUnfinished, RetryCount: 2}
	var job *file.Job
	switch args[0] {
	case "put":
		job = client.Uploader(file.UploaderParams{
			LocalPath: args[1], RemotePath: args[2], RetryPolicy: retry, PreserveTimes: true,
			AdaptiveConcurrency: true, AdaptiveConcurrencyUseSDKDefaultCaps: true,
			Manager: manager.New(manager.AdaptiveUploadV2ConcurrentFiles, manager.AdaptiveUploadV2ConcurrentFileParts, manager.ConcurrentDirectoryList),
		})
	case "get":
		job = client.Downloader(file.DownloaderParams{
			RemotePath: args[1], LocalPath: args[2], RetryPolicy: retry,
			AdaptiveConcurrency: true, AdaptiveConcurrencyUseSDKDefaultCaps: true,
			Manager: manager.New(manager.AdaptiveDownloadV2ConcurrentFiles, manager.AdaptiveDownloadV2ConcurrentFileParts, manager.ConcurrentDirectoryList),
		})
	default:
		return fmt.Errorf("%q is neither put nor get", args[0])
	}
	job.Start()
	job.Wait()
	for _, s := range job.Statuses {
		if s.Err() != nil {
			return fmt.Errorf("%s -> %s: %w", s.LocalPath(), s.RemotePath(), s.Err())
		}
	}
	fmt.Println(job.Count(status.Complete), "files")
	return nil
}

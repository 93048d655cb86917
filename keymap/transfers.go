package keymap

// Actions of the transfers screen and of its drawer.
const (
	JobPause    Action = "transfers.pause"
	JobPauseAll Action = "transfers.pause-all"
	JobCancel   Action = "transfers.cancel"
	JobRetry    Action = "transfers.retry"
	JobRemove   Action = "transfers.remove"
	JobsClear   Action = "transfers.clear"
	JobShow     Action = "transfers.show-file"
	JobLimit    Action = "transfers.limit"
	JobEarlier  Action = "transfers.earlier"
	JobLater    Action = "transfers.later"
	JobVerify   Action = "transfers.verify"
	JobFilter   Action = "transfers.filter"
	JobWidth    Action = "transfers.concurrency"
	ItemRetry   Action = "transfers.retry-file"
	ItemsRetry  Action = "transfers.retry-files"
	ItemPause   Action = "transfers.pause-file"
	ItemSkip    Action = "transfers.skip-file"
)

// Answers to what shall become of a target that exists; the capital letter
// answers for all the rest of the transfer.
const (
	AnswerOverwrite    Action = "conflict.overwrite"
	AnswerSkip         Action = "conflict.skip"
	AnswerKeep         Action = "conflict.keep-both"
	AnswerNewer        Action = "conflict.newer"
	AnswerResume       Action = "conflict.resume"
	AnswerOverwriteAll Action = "conflict.overwrite-all"
	AnswerSkipAll      Action = "conflict.skip-all"
	AnswerKeepAll      Action = "conflict.keep-both-all"
	AnswerNewerAll     Action = "conflict.newer-all"
	AnswerResumeAll    Action = "conflict.resume-all"
	AnswerCompare      Action = "conflict.difference"
)

var transfers = []Binding{
	{Action: JobPause, Keys: []string{"p"}, Label: "pause or resume this transfer", Short: "pause", Group: Transfers},
	{Action: JobCancel, Keys: []string{"x"}, Label: "cancel this transfer, after a question", Short: "cancel", Group: Transfers, Danger: true},
	{Action: JobRetry, Keys: []string{"r"}, Label: "try the failed files again", Short: "retry", Group: Transfers},
	{Action: JobPauseAll, Keys: []string{"P"}, Label: "pause or resume all transfers", Short: "pause all", Group: Transfers},
	{Action: JobShow, Keys: []string{"g f"}, Label: "show the target in the files screen", Short: "show target", Group: Transfers},
	{Action: JobLimit, Keys: []string{"b"}, Label: "limit the bandwidth of all transfers", Short: "limit", Group: Transfers},
	{Action: JobWidth, Keys: []string{"c"}, Label: "bound how many requests run at a time", Short: "concurrency", Group: Transfers},
	{Action: JobFilter, Keys: []string{"f"}, Label: "show only the transfers of one state", Short: "filter", Group: Transfers},
	{Action: JobEarlier, Keys: []string{"+"}, Label: "one place earlier in the queue", Group: Transfers},
	{Action: JobLater, Keys: []string{"-"}, Label: "one place later in the queue", Group: Transfers},
	{Action: JobVerify, Keys: []string{"g v"}, Label: "compare the finished files with the site once more", Group: Transfers},
	{Action: JobRemove, Keys: []string{"d"}, Label: "take a finished transfer off the list; asks when files of it failed", Group: Transfers},
	{Action: JobsClear, Keys: []string{"C"}, Label: "take all finished transfers off the list; asks likewise", Short: "clear finished", Group: Transfers},
	{Action: ItemRetry, Keys: []string{"r"}, Label: "in the details: try this file again", Short: "retry the file", Group: Transfers},
	{Action: ItemsRetry, Keys: []string{"R"}, Label: "in the details: try all failed files again", Short: "retry all", Group: Transfers},
	{Action: ItemPause, Keys: []string{"t"}, Label: "in the details: pause this file, or let it go on", Short: "pause the file", Group: Transfers},
	{Action: ItemSkip, Keys: []string{"s"}, Label: "in the details: leave this file out, after a question", Short: "leave out", Group: Transfers, Danger: true},

	{Action: AnswerSkip, Keys: []string{"s"}, Label: "leave what is there", Short: "skip", Group: Dialogs},
	{Action: AnswerOverwrite, Keys: []string{"o"}, Label: "overwrite what is there", Short: "overwrite", Group: Dialogs, Danger: true},
	{Action: AnswerKeep, Keys: []string{"k"}, Label: "keep both: the new one gets a free name", Short: "keep both", Group: Dialogs},
	{Action: AnswerNewer, Keys: []string{"w"}, Label: "overwrite only if the source is newer", Short: "only if newer", Group: Dialogs},
	{Action: AnswerResume, Keys: []string{"r"}, Label: "go on behind what is there", Short: "resume", Group: Dialogs},
	{Action: AnswerCompare, Keys: []string{"d"}, Label: "show the difference", Short: "difference", Group: Dialogs},
	{Action: AnswerSkipAll, Keys: []string{"S"}, Label: "leave what is there, for all", Group: Dialogs},
	{Action: AnswerOverwriteAll, Keys: []string{"O"}, Label: "overwrite, for all", Group: Dialogs, Danger: true},
	{Action: AnswerKeepAll, Keys: []string{"K"}, Label: "keep both, for all", Group: Dialogs},
	{Action: AnswerNewerAll, Keys: []string{"W"}, Label: "only if newer, for all", Group: Dialogs},
	{Action: AnswerResumeAll, Keys: []string{"R"}, Label: "resume, for all", Group: Dialogs},
}

package backend

// What a program does by itself about an error as long as it runs. A command
// that has ended does nothing any more: ExplainEnd leaves these out.
const (
	transfersWait = "Nothing is lost: transfers wait and go on when the connection is back."
	transfersGoOn = "Transfers wait and go on by themselves."
	uploadsGoOn   = "Uploads wait and go on by themselves."
	workGoesOn    = "Log in again; the work goes on where it was."
	stillTyped    = "What you typed is still here."
	typeCode      = "Type the one-time code of this account."
	typeNewest    = "Codes change every 30 seconds; type the newest one."
)

var meanwhile = []string{transfersWait, transfersGoOn, uploadsGoOn, workGoesOn, stillTyped, typeCode, typeNewest}

var byGroup = map[ErrorGroup]words{
	Connection: {
		"The site cannot be reached",
		[]string{transfersWait},
		[]Step{StepRetry, StepLogin, StepLog},
	},
	Client: {
		"This cannot be asked of Files.com",
		[]string{"Ferry stopped the request before it was sent."},
		[]Step{StepCopy, StepLog},
	},
	LocalDisk: {
		"This machine's file system refused",
		[]string{"On the site it was left as it is."},
		[]Step{StepRetry, StepCopy},
	},
	Content: {
		"What arrived is not what was sent",
		[]string{"The file was begun anew several times, and it went wrong each time."},
		[]Step{StepRetry, StepQueue, StepCopy},
	},
	BadRequest: {
		"Files.com did not understand this request",
		[]string{"Something in it does not fit; asking again the same way will not help."},
		[]Step{StepRefresh, StepCopy, StepLog},
	},
	NotAuthenticated: {
		"Files.com wants to know who you are",
		[]string{"The login is missing, wrong or has ended."},
		[]Step{StepLogin, StepCopy},
	},
	NotAuthorized: {
		"You may not do this",
		[]string{"Your login lacks a right that this needs. A site administrator can grant it."},
		[]Step{StepLogin, StepCopy, StepLog},
	},
	NotFound: {
		"This is not there",
		[]string{"It is gone, or you have no right to see it; Files.com does not tell which."},
		[]Step{StepRefresh, StepParent, StepCopy},
	},
	ProcessingFailure: {
		"Files.com could not do this",
		[]string{"The request was understood, but something in its way stopped it."},
		[]Step{StepRetry, StepCopy, StepLog},
	},
	RateLimited: {
		"Files.com asks us to slow down",
		[]string{"Too many requests in a short time. Nothing is lost; a little later the same request will work."},
		[]Step{StepRetry, StepQueue, StepCopy},
	},
	ServiceUnavailable: {
		"A part of Files.com is not available",
		[]string{"This is on their side and usually passes.", transfersGoOn},
		[]Step{StepRetry, StepQueue, StepCopy},
	},
	SiteConfiguration: {
		"The site as a whole cannot be used",
		[]string{"Nothing can be done from here: ask the owner of the site, or Files.com support."},
		[]Step{StepCopy, StepLogin},
	},
	Unexpected: {
		"Something went wrong", nil,
		[]Step{StepRetry, StepCopy, StepLog},
	},
	APIFailure: {
		"Files.com answered with an error",
		[]string{"It is of a kind that Ferry does not know."},
		[]Step{StepRetry, StepCopy, StepLog},
	},
}

var byClass = map[Class]words{
	ClassReadOnlyMode: {
		"Ferry is in read-only mode",
		[]string{"It was started with --read-only, or the profile says so; nothing that changes the site is sent."},
		[]Step{StepLogin},
	},
	ClassAuthentication: {
		"There is no login that could be used", nil,
		[]Step{StepLogin},
	},
	ClassInvalidParameter: {
		"Something in this cannot be right",
		[]string{"Ferry stopped it before it was sent."},
		[]Step{StepCopy},
	},
	ClassMissingParameter: {
		"Something is missing in this",
		[]string{"Ferry stopped it before it was sent."},
		[]Step{StepCopy},
	},
	ClassChecksumMismatch: {
		"The file arrived damaged",
		[]string{"Its checksum differs from the one of the source. The damaged copy was put aside."},
		[]Step{StepRetry, StepQueue, StepCopy},
	},
	ClassSourceChanged: {
		"The file did not hold still",
		[]string{"It changed while it was read. Try again when nothing writes to it."},
		[]Step{StepRetry, StepQueue, StepCopy},
	},
	ClassUploadForgotten: {
		"The site could not put the upload together",
		[]string{"It was sent several times. The parts were damaged on the way, or the site has lost them; nothing of it can be seen there."},
		[]Step{StepRetry, StepQueue, StepCopy},
	},
	ClassUnlike: {
		"The file is not like its source",
		[]string{"It had arrived; one of the two has changed since, or was damaged. Both are as they were found. To try again moves it, and asks first what is to be done with what is there."},
		[]Step{StepRetry, StepQueue, StepCopy},
	},
	ClassShort: {
		"The site did not send the whole file",
		[]string{"It was asked for several times; what was there before is as it was."},
		[]Step{StepRetry, StepQueue, StepCopy},
	},
}

// byLocal is keyed by the types of errors that arise on this machine, most of
// them in its file system.
var byLocal = map[string]words{
	"local/not-found":          {"This is not on this machine", nil, []Step{StepRefresh, StepParent}},
	"local/permission-denied":  {"This machine does not let you do that", []string{"The file or folder belongs to somebody else, or is protected."}, []Step{StepParent, StepCopy}},
	"local/destination-exists": {"There is already something of that name here", []string{"Nothing was overwritten. Choose another name."}, []Step{StepRefresh, StepCopy}},
	"local/folder-not-empty":   {"The folder is not empty", []string{"Delete it together with everything in it, or empty it first."}, []Step{StepRefresh, StepCopy}},
	"local/disk-full":          {"The disk of this machine is full", []string{"Make room, then try again; what has arrived so far is kept."}, []Step{StepRetry, StepQueue}},
	"local/name-not-possible":  {"This machine cannot hold a file of that name", []string{"Choose another name for it."}, []Step{StepCopy}},
	"local/path-escapes":       {"That path leads out of its folder", []string{"Ferry does not follow links out of the folder it writes to."}, []Step{StepCopy}},
	TypeNotRegular: {
		"This is no regular file",
		[]string{"Pipes, sockets and devices have no content that could be sent; on the site nothing was changed."},
		[]Step{StepCopy},
	},
	TypePartialTaken: {
		"This is being downloaded already",
		[]string{"Another program is downloading to this place. Wait for it, or choose another folder."},
		[]Step{StepRetry, StepCopy},
	},
	TypeJournal: {
		"The record of unfinished transfers cannot be opened",
		[]string{"Make its folder one that you can write to, or name another with --state-dir (FERRY_STATE_DIR)."},
		[]Step{StepRetry, StepCopy},
	},
	TypeNoContent:   noContent,
	TypePlanChanged: {"It has changed since the plan was made", []string{"It was left as it is. Compare again to see what is there now."}, []Step{StepCopy}},
	TypeUndecided: {
		"There is another file of that name",
		[]string{"It was left as it is. Say with --conflict what becomes of it: overwrite, or keep-both."},
		[]Step{StepCopy},
	},
	TypeTransferOpen: {
		"This is on its way there already",
		[]string{"It was not queued a second time. Let the transfer in the queue go on, or cancel it there first."},
		[]Step{StepQueue, StepCopy},
	},
	TypeReadOnlyLogin: {
		"This login may only read",
		[]string{"The site says so; a change was not even sent."},
		[]Step{StepLogin, StepCopy},
	},
	TypeSessionsEnd: {
		"The site ends every session at once",
		[]string{
			"Logging in works, but nothing can be done with the session. What was under way is kept.",
			"Use an API key, or ask a site administrator whether a rule of the site (allowed addresses, session length) ends it.",
		},
		[]Step{StepLogin, StepCopy, StepLog},
	},
	"local/not-a-folder": {"A part of this path is a file, not a folder", []string{"Choose a folder."}, []Step{StepParent, StepCopy}},
	"local/in-use":       {"Another program is using this file", []string{"Close it there, then try again."}, []Step{StepRetry, StepCopy}},
}

// The ways out of a login that another try does not change. Commands advise them
// too.
const (
	OpensAgain  = "Too many wrong passwords. It opens by itself after a while, or a site administrator unlocks it."
	ChangeFirst = "Change it in the browser, then log in here again."
	SetUpFirst  = "Set it up in the browser, then log in here again."
	AskToOpen   = "Ask a site administrator to enable it, or use another login."
)

// noContent is a content that a storage does not have.
var noContent = words{
	"The content of this file is not in the storage",
	[]string{
		"The site lists the file, but the address that it gives for the content leads to nothing: the file was replaced or deleted meanwhile, or is being moved to another storage.",
		"Load the list again and try once more. If it stays so, ask a site administrator, or Files.com support; of a mounted folder, whoever runs the server behind it.",
	},
	[]Step{StepRetry, StepRefresh, StepCopy},
}

// closed is an account that AccountClosed tells of.
var closed = words{"This account cannot be used", []string{AskToOpen}, []Step{StepLogin, StepCopy}}

// byType is keyed by the wire type without its group.
var byType = map[string]words{
	"invalid-username-or-password": {"User name or password is wrong", []string{"Nothing was locked by this try alone.", stillTyped}, []Step{StepLogin}},
	"invalid-credentials":          {"The API key or session is not valid", []string{"It is misspelled, was withdrawn, has expired, or belongs to another site."}, []Step{StepLogin, StepCopy}},
	"invalid-session":              {"The session has ended", []string{workGoesOn}, []Step{StepLogin}},
	"authentication-required":      {"This needs a login", []string{workGoesOn}, []Step{StepLogin}},
	"locked-out":                   {"This account is locked", []string{OpensAgain}, []Step{StepLogin, StepCopy}},
	"one-time-password-incorrect":  {"The one-time code is wrong", []string{typeNewest}, []Step{StepLogin}},
	"two-factor-authentication-error": {
		"A second factor is needed", []string{typeCode}, []Step{StepLogin},
	},
	"lockout-region-mismatch":                            {"This account lives in another region", []string{"Log in at the host that the site names."}, []Step{StepLogin, StepCopy}},
	"too-many-login-attempts":                            {"Too many tries to log in", []string{"Wait a few minutes; each further try makes the wait longer."}, []Step{StepLogin}},
	"too-many-concurrent-logins":                         {"Too many logins at the same time", []string{"End another session of this account, or wait until one ends."}, []Step{StepLogin}},
	"password-change-required":                           {"The password must be changed first", []string{ChangeFirst}, []Step{StepLogin, StepCopy}},
	"two-factor-authentication-required":                 {"This account must set up a second factor first", []string{SetUpFirst}, []Step{StepLogin, StepCopy}},
	"read-permission-required":                           {"You may not read here", []string{"It needs the read permission on this folder. A site or folder administrator can grant it."}, []Step{StepParent, StepLogin, StepCopy}},
	"write-permission-required":                          {"You may not write here", []string{"It needs the write permission on this folder. A site or folder administrator can grant it."}, []Step{StepParent, StepLogin, StepCopy}},
	"full-permission-required":                           {"You may not change or delete here", []string{"It needs the full permission on this folder. A site or folder administrator can grant it."}, []Step{StepParent, StepLogin, StepCopy}},
	"site-admin-required":                                {"Only site administrators may do this", []string{"Log in as one, or ask one."}, []Step{StepLogin, StepCopy}},
	"read-only-session":                                  {"This session may only read", []string{"Log in with full rights to change something."}, []Step{StepLogin}},
	"api-key-is-path-restricted":                         {"This API key works in one folder only", []string{"Use another key, or stay in its folder."}, []Step{StepParent, StepLogin}},
	"reauthentication-needed-action":                     {"Files.com wants the password once more for this", nil, []Step{StepLogin}},
	"destination-exists":                                 {"There is already something of that name", []string{"Files.com compares names without regard to case and accents. Choose another name."}, []Step{StepRefresh, StepCopy}},
	"destination-parent-does-not-exist":                  {"The folder to put it in does not exist", []string{"Make it first, or choose another one."}, []Step{StepRefresh, StepCopy}},
	"destination-parent-conflict":                        {"It cannot be put there", []string{"What should hold it is a file, or lies in it."}, []Step{StepRefresh, StepCopy}},
	"folder-must-not-be-a-file":                          {"This is a file, not a folder", nil, []Step{StepParent, StepRefresh, StepCopy}},
	"destination-same":                                   {"Source and destination are the same", []string{"Files.com compares names without regard to case and accents."}, []Step{StepCopy}},
	"folder-not-empty":                                   {"The folder is not empty", []string{"Delete it together with everything in it, or empty it first."}, []Step{StepRefresh, StepCopy}},
	"file-locked":                                        {"The file is locked", []string{"Somebody else works on it. Wait until it is unlocked."}, []Step{StepRetry, StepCopy}},
	"folder-locked":                                      {"The folder is locked", []string{"A folder setting forbids changes here."}, []Step{StepParent, StepCopy}},
	"subfolder-locked":                                   {"A folder inside is locked", []string{"A folder setting forbids changes there."}, []Step{StepCopy}},
	"model-save-error":                                   {"Files.com did not accept these values", nil, []Step{StepCopy}},
	"automation-cannot-be-run-manually":                  {"This automation cannot be run by hand", []string{"It runs only when something happens in its folder, or it is disabled."}, []Step{StepCopy}},
	"file-pending-processing":                            {"Files.com is still working on this file", []string{"Try again in a moment."}, []Step{StepRetry}},
	"too-many-requests":                                  {"Files.com asks us to slow down", []string{"Too many requests in the last minute from this site. Nothing is lost; a little later the same request will work."}, []Step{StepRetry, StepQueue, StepCopy}},
	"uploads-unavailable":                                {"Files.com has paused uploads", []string{uploadsGoOn}, []Step{StepRetry, StepQueue}},
	"automations-unavailable":                            {"Files.com has paused automations", []string{"This usually passes soon."}, []Step{StepRetry, StepCopy}},
	"migration-in-progress":                              {"The site is being moved", []string{"Files.com moves its data to another region; try again later."}, []Step{StepRetry, StepCopy}},
	"site-disabled":                                      {"The site is disabled", []string{"Ask the owner of the site, or Files.com support."}, []Step{StepCopy, StepLogin}},
	"account-overdue":                                    {"The site's account is overdue", []string{"Nothing can be done from here: ask whoever pays for the site."}, []Step{StepCopy, StepLogin}},
	"trial-expired":                                      {"The site's trial has ended", []string{"Nothing can be done from here: ask whoever owns the site."}, []Step{StepCopy, StepLogin}},
	"trial-locked":                                       {"The site's trial is locked", []string{"Nothing can be done from here: ask Files.com support."}, []Step{StepCopy, StepLogin}},
	"site-was-removed":                                   {"The site was removed", []string{"Nothing can be done from here: ask Files.com support."}, []Step{StepCopy, StepLogin}},
	"invalid-filter-field":                               {"The list cannot be filtered by this", nil, []Step{StepRefresh, StepCopy}},
	"invalid-filter-alias-combination":                   {"These filters do not go together", nil, []Step{StepRefresh, StepCopy}},
	"invalid-sort-field":                                 {"The list cannot be sorted by this", nil, []Step{StepRefresh, StepCopy}},
	"invalid-sort-filter-combination":                    {"This sort and these filters do not go together", nil, []Step{StepRefresh, StepCopy}},
	"invalid-cursor":                                     {"The list has changed meanwhile", []string{"Load it again from the start."}, []Step{StepRefresh}},
	"cannot-download-directory":                          {"A folder cannot be downloaded as a file", nil, []Step{StepRefresh}},
	"path-cannot-have-trailing-whitespace":               {"A name cannot end in a blank", nil, []Step{StepCopy}},
	"invalid-path":                                       {"This path is not possible on Files.com", nil, []Step{StepCopy}},
	"folder-admin-permission-required":                   {"Only folder administrators may do this", []string{"A site administrator can make you one."}, []Step{StepLogin, StepCopy}},
	"history-permission-required":                        {"You may not see the history here", []string{"It needs the history permission on this folder."}, []Step{StepParent, StepCopy}},
	"insufficient-permission-for-params":                 {"You may not set one of these values", []string{"Some values may be set by site administrators only."}, []Step{StepLogin, StepCopy}},
	"preview-only-permission-cannot-download":            {"You may look, but not download", []string{"Your permission on this folder is for previews only."}, []Step{StepParent, StepCopy}},
	"non-admins-must-query-by-folder-or-path":            {"Only administrators see this for the whole site", []string{"Ask for one folder instead."}, []Step{StepLogin, StepCopy}},
	"download_request_expired":                           {"The link to the content has expired", []string{"Ask for it again."}, []Step{StepRetry}},
	"upload_request_expired":                             {"The link for the upload has expired", []string{"Ferry asks for a new one by itself when the transfer goes on."}, []Step{StepRetry, StepQueue}},
	"NoSuchKey":                                          noContent,
	"file-upload-not-found":                              {"The site has forgotten this upload", []string{"It is kept for three days. The upload starts from the beginning."}, []Step{StepRetry, StepQueue}},
	"resource-belongs-to-parent-site":                    {"This belongs to the parent site", []string{"Change it there."}, []Step{StepLogin, StepCopy}},
	"reauthentication-failed":                            {"The password was not right", nil, []Step{StepRetry, StepCopy}},
	"metadata-not-supported-on-remotes":                  {"A mounted folder has no metadata of this kind", nil, []Step{StepCopy}},
	"billing-permission-required":                        {"This needs the billing permission", []string{"A site administrator can grant it."}, []Step{StepLogin, StepCopy}},
	"destination-folder-limited":                         {"The folder takes no more", []string{"A folder setting limits what may be put here."}, []Step{StepParent, StepCopy}},
	"site-files-are-immutable":                           {"Files on this site cannot be changed", []string{"The site keeps what was once stored."}, []Step{StepCopy}},
	"user-requests-enabled-required":                     {"The site does not take requests from new users", nil, []Step{StepCopy}},
	"agent-unavailable":                                  {"The agent behind this folder does not answer", []string{"The machine that holds these files is switched off or not connected."}, []Step{StepRetry, StepParent}},
	"api-key-is-disabled":                                {"This API key is disabled", []string{"Use another one, or ask whoever disabled it."}, []Step{StepLogin, StepCopy}},
	"cannot-login-while-using-key":                       {"A login needs no API key", []string{"Use either a key or a user name."}, []Step{StepLogin}},
	"api-key-sessions-not-supported":                     {"An API key opens no session", []string{"Choose the method API key instead."}, []Step{StepLogin}},
	"too-many-concurrent-requests":                       {"Too many requests at the same time", []string{"Nothing is lost; a little later the same request will work."}, []Step{StepRetry, StepQueue}},
	"sync-in-progress":                                   {"The sync is already running", []string{"Wait until it ends."}, []Step{StepRefresh}},
	"already-completed":                                  {"This has already ended", nil, []Step{StepRefresh}},
	"remote-server-error":                                {"The remote server behind this folder failed", []string{"Files.com reached it, but it answered with an error."}, []Step{StepRetry, StepParent, StepCopy}},
	"invalid-or-expired-code":                            {"The code is wrong or too old", []string{"Type the newest one."}, []Step{StepLogin}},
	"additional-authentication-required":                 {"Files.com wants another proof of who you are", nil, []Step{StepLogin, StepCopy}},
	"api-key-not-found":                                  {"There is no such API key", nil, []Step{StepLogin, StepCopy}},
	"site-not-found":                                     {"There is no site at this address", []string{"Check the subdomain."}, []Step{StepLogin}},
	"user-not-found":                                     {"There is no such user", []string{"The account was deleted meanwhile."}, []Step{StepRefresh}},
	"file-not-found":                                     {"The file is not there", []string{"It is gone, or you have no right to see it."}, []Step{StepRefresh, StepParent}},
	"folder-not-found":                                   {"The folder is not there", []string{"It is gone, or you have no right to see it."}, []Step{StepParent, StepRefresh}},
	"filename-too-long":                                  {"The name is too long for Files.com", nil, []Step{StepCopy}},
	"path-too-long":                                      {"The path is too long for Files.com", []string{"5,000 characters is the most."}, []Step{StepCopy}},
	"invalid-filename":                                   {"This name is not possible on Files.com", nil, []Step{StepCopy}},
	"mover-access-denied":                                {"You may not move this", nil, []Step{StepLogin, StepCopy}},
	"bundle-permission-required":                         {"You may not share from here", []string{"It needs the share permission on this folder."}, []Step{StepLogin, StepCopy}},
	"not-allowed-to-create-bundle":                       {"You may not make share links", []string{"A site administrator can allow it."}, []Step{StepLogin, StepCopy}},
	"two-factor-authentication-general-error":            {"The second factor could not be checked", []string{"Try again in a moment."}, []Step{StepLogin}},
	"two-factor-authentication-setup-expired":            {"Setting up the second factor took too long", []string{"Start it again in the browser."}, []Step{StepLogin}},
	"reauthentication-rate-limited":                      {"Too many passwords in a short time", []string{"Wait a few minutes."}, []Step{StepLogin}},
	"no-account-for-site":                                {"The site has no account", []string{"Ask Files.com support."}, []Step{StepCopy, StepLogin}},
	"account-already-exists":                             {"There is already such an account", nil, []Step{StepCopy}},
	"reauthentication-failed-final":                      {"The password was wrong too often", []string{"Log in again."}, []Step{StepLogin}},
	"contact-admin-for-password-change-help":             {"The password cannot be changed here", []string{"Ask a site administrator."}, []Step{StepLogin, StepCopy}},
	"request-params-invalid":                             {"One of the values does not fit", nil, []Step{StepCopy}},
	"request-params-required":                            {"A value is missing", nil, []Step{StepCopy}},
	"two-factor-authentication-method-unsupported-error": {"This second factor cannot be used here", []string{"Use an API key, or a one-time code instead."}, []Step{StepLogin}},
}

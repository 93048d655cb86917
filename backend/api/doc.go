// Package api is the Files.com client: it authenticates, pages by cursor,
// retries, logs without secrets, and translates every failure into
// backend.Error.
//
//	c, err := api.New(api.Config{BaseURL: "acme", APIKey: key})
//	for e, err := range c.All(ctx, "invoices", backend.FolderQuery{}) { … }
//
// A call of the site is a method with a context first. Files, transfers, users
// and automations have methods of their own; the other administration has typed
// handles (Bundles, Locks, Syncs, …); all that remains is reached with Resource,
// which the catalog drives. One loop, Client.do, sends them all.
//
// # The vendor's page on its Python SDK, section by section
//
//	Authentication
//	  API key, for all calls            Config.APIKey
//	  API key, for one call             Client.WithCredentials
//	  malformed key or session id       ClassAuthentication, before any request
//	  create a session                  Client.Login, Open; two steps with Error.TwoFactor
//	  use a session, for all calls      Client.Login goes on with it; Config.SessionID
//	  use a session, for one call       Client.WithCredentials
//	  "create a new session and         Config.OnSessionEnded, Client.Login or Renew;
//	   resume where you left off"       GiveUp ends the waiting
//	  destroy a session                 Client.Logout
//	  sensitive calls                   Config.Reauthenticate, Client.WithReauthentication
//	Configuration
//	  base_url                          Config.BaseURL, CompleteBaseURL
//	  global acceleration disabled      a region mismatch is followed once: Client.BaseURL
//	  logging, console_log_level        Config.Logger, Config.Level, ParseLevel
//	  open_timeout, read_timeout        Config.OpenTimeout, Config.ReadTimeout
//	  initial_network_retry_delay       Config.RetryInitial
//	  max_network_retry_delay           Config.RetryMax
//	  max_network_retries               Config.Retries; Config.OnWait shows the waits
//	  source_ip                         Config.SourceIP
//	  (language, workspace)             Config.Language, Config.Workspace, With…
//	Sort and filter
//	  sort_by                           backend.Query.SortBy, Desc
//	  filter, filter_prefix, filter_gt, backend.Query.Filters with backend.FilterOp
//	   filter_gteq, filter_lt,
//	   filter_lteq
//	  valid fields and combinations     catalog.List.Check, before the request; Error.Legal
//	  auto_paging_iter                  Client.All, AllUsers, Resource.All, Typed.All
//	  pages by hand                     backend.Page.Next into backend.Query.Cursor
//	Errors
//	  try/except by class               errors.Is(err, backend.ClassFolderNotEmpty)
//	  by group                          errors.Is(err, backend.NotAuthorized)
//	  files_sdk.error.Error             *backend.Error, which every failure is
//	  APIConnectionError                backend.ClassAPIConnection
//	  AuthenticationError               backend.ClassAuthentication
//	  InvalidParameterError             backend.ClassInvalidParameter
//	  MissingParameterError             backend.ClassMissingParameter
//	  NotImplementedError               backend.ClassNotImplemented
//	  the table of API errors           backend.Class…, catalog.ErrorClasses
//	Case sensitivity
//	  path_util.is_same                 pathutil.IsSame
//	Mock server
//	  base_url of a test server         Config.BaseURL, Config.Dial; package server
//	"Every function in the Files.com    Client.Resource for each resource and action of
//	 application"                        the catalog; Client.Resources names them
package api

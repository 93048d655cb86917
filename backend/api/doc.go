// Package api is the Files.com client: it authenticates, pages by cursor,
// retries, logs without secrets, and translates every failure into
// backend.Error.
//
//	c, err := api.New(api.Config{BaseURL: "mysite", APIKey: key})
//	for e, err := range c.All(ctx, "invoices", backend.FolderQuery{}) { … }
//
// A call of the site is a method with a context first. Files, transfers, users
// and automations have methods of their own; the other administration has typed
// handles (Bundles, Locks, Syncs, …); all that remains is reached with Resource,
// which the catalog drives. One loop, Client.do, sends them all.
//
// Every error is a *backend.Error, which says what was being done to what, and
// is matched by class or by group with errors.Is. A call whose context ends is
// one that wraps context.Canceled or context.DeadlineExceeded. A client starts
// no goroutine that outlives its calls, connections kept open apart; Close ends
// those.
//
// # The vendor's page on its Python SDK, section by section
//
//	Introduction
//	  "Every function in the Files.com    Client.Resource, for each resource and action
//	   application"                       of the catalog; Client.Resources names them
//	  "RESTful APIs via HTTPS, port 443"  DefaultBaseURL; no other port is used
//	  installation, versions, support     of the Python package; nothing to map
//	Authentication
//	  API key, for all calls              Config.APIKey
//	  API key, for one call               Client.WithCredentials
//	  malformed key or session id         backend.ClassAuthentication, before any request
//	  rights of the key or user           Client.WhoAmI; backend.NotAuthorized
//	  create a session                    Client.Login, Open
//	  the second factor                   backend.Error.TwoFactor, backend.Credentials.OTP
//	  use a session, for all calls        Client.Login goes on with it; Config.SessionID
//	  use a session, per object           Client.WithCredentials; its handles keep it
//	  use a session, for one call         Client.WithCredentials
//	  "create a new session and           Config.OnSessionEnded, then Client.Login or
//	   resume where you left off"         Client.Renew; Client.GiveUp ends the waiting
//	  destroy a session                   Client.Logout
//	  (sensitive calls)                   Config.Reauthenticate, Client.WithReauthentication
//	Configuration
//	  base_url                            Config.BaseURL, CompleteBaseURL
//	  "disable global acceleration"       Config.BaseURL; a region mismatch is followed
//	                                      once, and then told by Client.BaseURL
//	  logging                             Config.Logger
//	  console_log_level                   Config.Level, ParseLevel; never to the screen
//	  open_timeout                        Config.OpenTimeout, DefaultOpenTimeout
//	  read_timeout                        Config.ReadTimeout, DefaultReadTimeout
//	  initial_network_retry_delay         Config.RetryInitial, DefaultRetryInitial
//	  max_network_retry_delay             Config.RetryMax, DefaultRetryMax
//	  max_network_retries                 Config.Retries, DefaultRetries
//	  (the wait, and its end)             Config.OnWait, Config.RetryBudget, RetryAfterMax
//	  source_ip                           Config.SourceIP
//	  (language, workspace)               Config.Language, Config.Workspace,
//	                                      Client.WithLanguage, Client.WithWorkspace
//	Sort and filter
//	  sort_by                             backend.Query.SortBy, backend.Query.Desc
//	  filter                              backend.Equal, in backend.Query.Filters
//	  filter_prefix                       backend.Prefix
//	  filter_gt, filter_gteq              backend.Greater, backend.GreaterEqual
//	  filter_lt, filter_lteq              backend.Less, backend.LessEqual
//	  valid fields and combinations       catalog.List.Check, before the request;
//	                                      backend.Error.Legal
//	  auto_paging_iter                    Client.All, Client.AllUsers, Client.AllGroups,
//	                                      Client.AllAutomations, Client.AllAutomationRuns,
//	                                      Client.AllAutomationLogs, Client.AllHistory,
//	                                      Resource.All, Typed.All
//	  pages by hand                       backend.Page.Next into backend.Query.Cursor
//	Errors
//	  except by class                     backend.Class, as the target of errors.Is
//	  except by group                     backend.ErrorGroup, as the target of errors.Is
//	  files_sdk.error.Error               backend.Error, which every failure is
//	  the err object                      backend.Error.Message, backend.Error.Title,
//	                                      backend.Error.Type, backend.Error.Status,
//	                                      backend.Error.RequestID, backend.Error.Fields
//	  APIConnectionError                  backend.ClassAPIConnection
//	  AuthenticationError                 backend.ClassAuthentication
//	  InvalidParameterError               backend.ClassInvalidParameter
//	  MissingParameterError               backend.ClassMissingParameter
//	  NotImplementedError                 backend.ClassNotImplemented
//	  APIError                            backend.ClassAPI
//	  the 170 API errors and 8 groups     backend.Class constants, catalog.ErrorClasses;
//	                                      backend.APIGroups
//	Case sensitivity
//	  path_util.is_same                   pathutil.IsSame
//	Mock server
//	  base_url of a test server           Config.BaseURL, Config.Dial
//	  the server itself                   server.Open, which keeps state and provokes
//	                                      errors: server.Server.SetFaults
package api

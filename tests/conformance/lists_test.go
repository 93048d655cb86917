package conformance

import (
	"testing"

	files_sdk "github.com/Files-com/files-sdk-go/v3"
	action_log "github.com/Files-com/files-sdk-go/v3/actionlog"
	action_notification_export_result "github.com/Files-com/files-sdk-go/v3/actionnotificationexportresult"
	ai_assistant_personality "github.com/Files-com/files-sdk-go/v3/aiassistantpersonality"
	ai_task "github.com/Files-com/files-sdk-go/v3/aitask"
	api_key "github.com/Files-com/files-sdk-go/v3/apikey"
	api_request_log "github.com/Files-com/files-sdk-go/v3/apirequestlog"
	"github.com/Files-com/files-sdk-go/v3/app"
	as2_incoming_message "github.com/Files-com/files-sdk-go/v3/as2incomingmessage"
	as2_outgoing_message "github.com/Files-com/files-sdk-go/v3/as2outgoingmessage"
	as2_partner "github.com/Files-com/files-sdk-go/v3/as2partner"
	as2_station "github.com/Files-com/files-sdk-go/v3/as2station"
	"github.com/Files-com/files-sdk-go/v3/automation"
	automation_log "github.com/Files-com/files-sdk-go/v3/automationlog"
	automation_run "github.com/Files-com/files-sdk-go/v3/automationrun"
	bandwidth_snapshot "github.com/Files-com/files-sdk-go/v3/bandwidthsnapshot"
	"github.com/Files-com/files-sdk-go/v3/behavior"
	"github.com/Files-com/files-sdk-go/v3/bundle"
	bundle_action "github.com/Files-com/files-sdk-go/v3/bundleaction"
	bundle_download "github.com/Files-com/files-sdk-go/v3/bundledownload"
	bundle_notification "github.com/Files-com/files-sdk-go/v3/bundlenotification"
	bundle_recipient "github.com/Files-com/files-sdk-go/v3/bundlerecipient"
	bundle_registration "github.com/Files-com/files-sdk-go/v3/bundleregistration"
	chat_session "github.com/Files-com/files-sdk-go/v3/chatsession"
	child_site_management_policy "github.com/Files-com/files-sdk-go/v3/childsitemanagementpolicy"
	"github.com/Files-com/files-sdk-go/v3/clickwrap"
	custom_domain "github.com/Files-com/files-sdk-go/v3/customdomain"
	desktop_configuration_profile "github.com/Files-com/files-sdk-go/v3/desktopconfigurationprofile"
	dns_record "github.com/Files-com/files-sdk-go/v3/dnsrecord"
	email_incoming_message "github.com/Files-com/files-sdk-go/v3/emailincomingmessage"
	email_log "github.com/Files-com/files-sdk-go/v3/emaillog"
	event_channel "github.com/Files-com/files-sdk-go/v3/eventchannel"
	event_delivery_attempt "github.com/Files-com/files-sdk-go/v3/eventdeliveryattempt"
	event_record "github.com/Files-com/files-sdk-go/v3/eventrecord"
	event_subscription "github.com/Files-com/files-sdk-go/v3/eventsubscription"
	event_target "github.com/Files-com/files-sdk-go/v3/eventtarget"
	exavault_api_request_log "github.com/Files-com/files-sdk-go/v3/exavaultapirequestlog"
	"github.com/Files-com/files-sdk-go/v3/expectation"
	expectation_evaluation "github.com/Files-com/files-sdk-go/v3/expectationevaluation"
	expectation_incident "github.com/Files-com/files-sdk-go/v3/expectationincident"
	external_event "github.com/Files-com/files-sdk-go/v3/externalevent"
	file_migration_log "github.com/Files-com/files-sdk-go/v3/filemigrationlog"
	form_field_set "github.com/Files-com/files-sdk-go/v3/formfieldset"
	ftp_action_log "github.com/Files-com/files-sdk-go/v3/ftpactionlog"
	gpg_key "github.com/Files-com/files-sdk-go/v3/gpgkey"
	"github.com/Files-com/files-sdk-go/v3/group"
	group_user "github.com/Files-com/files-sdk-go/v3/groupuser"
	"github.com/Files-com/files-sdk-go/v3/history"
	holiday_calendar "github.com/Files-com/files-sdk-go/v3/holidaycalendar"
	inbound_s3_log "github.com/Files-com/files-sdk-go/v3/inbounds3log"
	inbox_recipient "github.com/Files-com/files-sdk-go/v3/inboxrecipient"
	inbox_registration "github.com/Files-com/files-sdk-go/v3/inboxregistration"
	inbox_upload "github.com/Files-com/files-sdk-go/v3/inboxupload"
	integration_centric_profile "github.com/Files-com/files-sdk-go/v3/integrationcentricprofile"
	"github.com/Files-com/files-sdk-go/v3/invoice"
	ip_address "github.com/Files-com/files-sdk-go/v3/ipaddress"
	key_lifecycle_rule "github.com/Files-com/files-sdk-go/v3/keylifecyclerule"
	"github.com/Files-com/files-sdk-go/v3/message"
	message_comment "github.com/Files-com/files-sdk-go/v3/messagecomment"
	message_comment_reaction "github.com/Files-com/files-sdk-go/v3/messagecommentreaction"
	message_reaction "github.com/Files-com/files-sdk-go/v3/messagereaction"
	metadata_category "github.com/Files-com/files-sdk-go/v3/metadatacategory"
	"github.com/Files-com/files-sdk-go/v3/notification"
	outbound_connection_log "github.com/Files-com/files-sdk-go/v3/outboundconnectionlog"
	"github.com/Files-com/files-sdk-go/v3/partner"
	partner_channel "github.com/Files-com/files-sdk-go/v3/partnerchannel"
	partner_channel_template "github.com/Files-com/files-sdk-go/v3/partnerchanneltemplate"
	partner_site_request "github.com/Files-com/files-sdk-go/v3/partnersiterequest"
	"github.com/Files-com/files-sdk-go/v3/payment"
	pending_work_event "github.com/Files-com/files-sdk-go/v3/pendingworkevent"
	"github.com/Files-com/files-sdk-go/v3/permission"
	"github.com/Files-com/files-sdk-go/v3/project"
	public_hosting_request_log "github.com/Files-com/files-sdk-go/v3/publichostingrequestlog"
	public_key "github.com/Files-com/files-sdk-go/v3/publickey"
	remote_bandwidth_snapshot "github.com/Files-com/files-sdk-go/v3/remotebandwidthsnapshot"
	remote_mount_backend "github.com/Files-com/files-sdk-go/v3/remotemountbackend"
	remote_server "github.com/Files-com/files-sdk-go/v3/remoteserver"
	remote_server_credential "github.com/Files-com/files-sdk-go/v3/remoteservercredential"
	"github.com/Files-com/files-sdk-go/v3/request"
	"github.com/Files-com/files-sdk-go/v3/restore"
	"github.com/Files-com/files-sdk-go/v3/schedule"
	scheduled_export "github.com/Files-com/files-sdk-go/v3/scheduledexport"
	scim_log "github.com/Files-com/files-sdk-go/v3/scimlog"
	"github.com/Files-com/files-sdk-go/v3/secret"
	settings_change "github.com/Files-com/files-sdk-go/v3/settingschange"
	sftp_action_log "github.com/Files-com/files-sdk-go/v3/sftpactionlog"
	sftp_host_key "github.com/Files-com/files-sdk-go/v3/sftphostkey"
	share_group "github.com/Files-com/files-sdk-go/v3/sharegroup"
	siem_http_destination "github.com/Files-com/files-sdk-go/v3/siemhttpdestination"
	siem_http_destination_event "github.com/Files-com/files-sdk-go/v3/siemhttpdestinationevent"
	site_client "github.com/Files-com/files-sdk-go/v3/site"
	site_subdomain_redirect "github.com/Files-com/files-sdk-go/v3/sitesubdomainredirect"
	"github.com/Files-com/files-sdk-go/v3/snapshot"
	sso_event "github.com/Files-com/files-sdk-go/v3/ssoevent"
	sso_strategy "github.com/Files-com/files-sdk-go/v3/ssostrategy"
	"github.com/Files-com/files-sdk-go/v3/sync"
	sync_log "github.com/Files-com/files-sdk-go/v3/synclog"
	sync_run "github.com/Files-com/files-sdk-go/v3/syncrun"
	usage_daily_snapshot "github.com/Files-com/files-sdk-go/v3/usagedailysnapshot"
	usage_snapshot "github.com/Files-com/files-sdk-go/v3/usagesnapshot"
	"github.com/Files-com/files-sdk-go/v3/user"
	user_additional_email_recipient "github.com/Files-com/files-sdk-go/v3/useradditionalemailrecipient"
	user_cipher_use "github.com/Files-com/files-sdk-go/v3/usercipheruse"
	user_lifecycle_rule "github.com/Files-com/files-sdk-go/v3/userlifecyclerule"
	user_request "github.com/Files-com/files-sdk-go/v3/userrequest"
	user_security_event "github.com/Files-com/files-sdk-go/v3/usersecurityevent"
	user_sftp_client_use "github.com/Files-com/files-sdk-go/v3/usersftpclientuse"
	web_dav_action_log "github.com/Files-com/files-sdk-go/v3/webdavactionlog"
	"github.com/Files-com/files-sdk-go/v3/workspace"
)

// lister is what every client of a resource with a list has.
type lister[P any, I iterator] interface {
	List(params P, opts ...files_sdk.RequestResponseOption) (I, error)
}

// sweep counts the lists that hold something.
type sweep struct {
	t      *testing.T
	filled int
}

// read takes some pages of a list: all of it has to decode into the client's
// types, nothing may come twice, and what is listed can be asked for.
func read[P any, I iterator](s *sweep, name string, l lister[P, I], p P) {
	s.t.Run(name, func(t *testing.T) {
		it, err := l.List(p)
		check(t, err)
		seen := make(map[int64]bool)
		n := 0
		for it.Next() {
			n++
			o, ok := it.Current().(files_sdk.Identifier)
			if !ok {
				continue
			}
			id, ok := o.Identifier().(int64) // a path is no identity in a log
			if ok && id != 0 && seen[id] {
				t.Errorf("%d comes twice", id)
			}
			seen[id] = true
			if one, ok := any(it).(files_sdk.ResourceLoader); ok && id != 0 && n == 1 {
				if found, err := one.LoadResource(id); err != nil {
					t.Errorf("%d is in the list, but: %v", id, err)
				} else if found.(files_sdk.Identifier).Identifier() != o.Identifier() {
					t.Errorf("asked for %d, got %+v", id, found)
				}
			}
		}
		check(t, it.Err())
		if n > 0 {
			s.filled++
		}
	})
}

func TestEveryList(t *testing.T) {
	c := admin()
	page := files_sdk.ListParams{PerPage: 5, MaxPages: 4}
	s := &sweep{t: t}
	read(s, "action_log", &action_log.Client{Config: c}, files_sdk.ActionLogListParams{ListParams: page})
	read(s, "action_notification_export_result", &action_notification_export_result.Client{Config: c}, files_sdk.ActionNotificationExportResultListParams{ListParams: page})
	read(s, "ai_assistant_personality", &ai_assistant_personality.Client{Config: c}, files_sdk.AiAssistantPersonalityListParams{ListParams: page})
	read(s, "ai_task", &ai_task.Client{Config: c}, files_sdk.AiTaskListParams{ListParams: page})
	read(s, "api_key", &api_key.Client{Config: c}, files_sdk.ApiKeyListParams{ListParams: page})
	read(s, "api_request_log", &api_request_log.Client{Config: c}, files_sdk.ApiRequestLogListParams{ListParams: page})
	read(s, "app", &app.Client{Config: c}, files_sdk.AppListParams{ListParams: page})
	read(s, "as2_incoming_message", &as2_incoming_message.Client{Config: c}, files_sdk.As2IncomingMessageListParams{ListParams: page})
	read(s, "as2_outgoing_message", &as2_outgoing_message.Client{Config: c}, files_sdk.As2OutgoingMessageListParams{ListParams: page})
	read(s, "as2_partner", &as2_partner.Client{Config: c}, files_sdk.As2PartnerListParams{ListParams: page})
	read(s, "as2_station", &as2_station.Client{Config: c}, files_sdk.As2StationListParams{ListParams: page})
	read(s, "automation", &automation.Client{Config: c}, files_sdk.AutomationListParams{ListParams: page})
	read(s, "automation_log", &automation_log.Client{Config: c}, files_sdk.AutomationLogListParams{ListParams: page})
	read(s, "automation_run", &automation_run.Client{Config: c}, files_sdk.AutomationRunListParams{ListParams: page})
	read(s, "bandwidth_snapshot", &bandwidth_snapshot.Client{Config: c}, files_sdk.BandwidthSnapshotListParams{ListParams: page})
	read(s, "behavior", &behavior.Client{Config: c}, files_sdk.BehaviorListParams{ListParams: page})
	read(s, "bundle", &bundle.Client{Config: c}, files_sdk.BundleListParams{ListParams: page})
	read(s, "bundle_action", &bundle_action.Client{Config: c}, files_sdk.BundleActionListParams{ListParams: page})
	read(s, "bundle_download", &bundle_download.Client{Config: c}, files_sdk.BundleDownloadListParams{ListParams: page})
	read(s, "bundle_notification", &bundle_notification.Client{Config: c}, files_sdk.BundleNotificationListParams{ListParams: page})
	read(s, "bundle_recipient", &bundle_recipient.Client{Config: c}, files_sdk.BundleRecipientListParams{ListParams: page})
	read(s, "bundle_registration", &bundle_registration.Client{Config: c}, files_sdk.BundleRegistrationListParams{ListParams: page})
	read(s, "chat_session", &chat_session.Client{Config: c}, files_sdk.ChatSessionListParams{ListParams: page})
	read(s, "child_site_management_policy", &child_site_management_policy.Client{Config: c}, files_sdk.ChildSiteManagementPolicyListParams{ListParams: page})
	read(s, "clickwrap", &clickwrap.Client{Config: c}, files_sdk.ClickwrapListParams{ListParams: page})
	read(s, "custom_domain", &custom_domain.Client{Config: c}, files_sdk.CustomDomainListParams{ListParams: page})
	read(s, "desktop_configuration_profile", &desktop_configuration_profile.Client{Config: c}, files_sdk.DesktopConfigurationProfileListParams{ListParams: page})
	read(s, "dns_record", &dns_record.Client{Config: c}, files_sdk.DnsRecordListParams{ListParams: page})
	read(s, "email_incoming_message", &email_incoming_message.Client{Config: c}, files_sdk.EmailIncomingMessageListParams{ListParams: page})
	read(s, "email_log", &email_log.Client{Config: c}, files_sdk.EmailLogListParams{ListParams: page})
	read(s, "event_channel", &event_channel.Client{Config: c}, files_sdk.EventChannelListParams{ListParams: page})
	read(s, "event_delivery_attempt", &event_delivery_attempt.Client{Config: c}, files_sdk.EventDeliveryAttemptListParams{ListParams: page})
	read(s, "event_record", &event_record.Client{Config: c}, files_sdk.EventRecordListParams{ListParams: page})
	read(s, "event_subscription", &event_subscription.Client{Config: c}, files_sdk.EventSubscriptionListParams{ListParams: page})
	read(s, "event_target", &event_target.Client{Config: c}, files_sdk.EventTargetListParams{ListParams: page})
	read(s, "exavault_api_request_log", &exavault_api_request_log.Client{Config: c}, files_sdk.ExavaultApiRequestLogListParams{ListParams: page})
	read(s, "expectation", &expectation.Client{Config: c}, files_sdk.ExpectationListParams{ListParams: page})
	read(s, "expectation_evaluation", &expectation_evaluation.Client{Config: c}, files_sdk.ExpectationEvaluationListParams{ListParams: page})
	read(s, "expectation_incident", &expectation_incident.Client{Config: c}, files_sdk.ExpectationIncidentListParams{ListParams: page})
	read(s, "external_event", &external_event.Client{Config: c}, files_sdk.ExternalEventListParams{ListParams: page})
	read(s, "file_migration_log", &file_migration_log.Client{Config: c}, files_sdk.FileMigrationLogListParams{ListParams: page})
	read(s, "form_field_set", &form_field_set.Client{Config: c}, files_sdk.FormFieldSetListParams{ListParams: page})
	read(s, "ftp_action_log", &ftp_action_log.Client{Config: c}, files_sdk.FtpActionLogListParams{ListParams: page})
	read(s, "gpg_key", &gpg_key.Client{Config: c}, files_sdk.GpgKeyListParams{ListParams: page})
	read(s, "group", &group.Client{Config: c}, files_sdk.GroupListParams{ListParams: page})
	read(s, "group_user", &group_user.Client{Config: c}, files_sdk.GroupUserListParams{ListParams: page})
	read(s, "history", &history.Client{Config: c}, files_sdk.HistoryListParams{ListParams: page})
	read(s, "holiday_calendar", &holiday_calendar.Client{Config: c}, files_sdk.HolidayCalendarListParams{ListParams: page})
	read(s, "inbound_s3_log", &inbound_s3_log.Client{Config: c}, files_sdk.InboundS3LogListParams{ListParams: page})
	read(s, "inbox_recipient", &inbox_recipient.Client{Config: c}, files_sdk.InboxRecipientListParams{ListParams: page})
	read(s, "inbox_registration", &inbox_registration.Client{Config: c}, files_sdk.InboxRegistrationListParams{ListParams: page})
	read(s, "inbox_upload", &inbox_upload.Client{Config: c}, files_sdk.InboxUploadListParams{ListParams: page})
	read(s, "integration_centric_profile", &integration_centric_profile.Client{Config: c}, files_sdk.IntegrationCentricProfileListParams{ListParams: page})
	read(s, "invoice", &invoice.Client{Config: c}, files_sdk.InvoiceListParams{ListParams: page})
	read(s, "ip_address", &ip_address.Client{Config: c}, files_sdk.IpAddressListParams{ListParams: page})
	read(s, "key_lifecycle_rule", &key_lifecycle_rule.Client{Config: c}, files_sdk.KeyLifecycleRuleListParams{ListParams: page})
	read(s, "message", &message.Client{Config: c}, files_sdk.MessageListParams{ListParams: page})
	read(s, "message_comment", &message_comment.Client{Config: c}, files_sdk.MessageCommentListParams{ListParams: page})
	read(s, "message_comment_reaction", &message_comment_reaction.Client{Config: c}, files_sdk.MessageCommentReactionListParams{ListParams: page})
	read(s, "message_reaction", &message_reaction.Client{Config: c}, files_sdk.MessageReactionListParams{ListParams: page})
	read(s, "metadata_category", &metadata_category.Client{Config: c}, files_sdk.MetadataCategoryListParams{ListParams: page})
	read(s, "notification", &notification.Client{Config: c}, files_sdk.NotificationListParams{ListParams: page})
	read(s, "outbound_connection_log", &outbound_connection_log.Client{Config: c}, files_sdk.OutboundConnectionLogListParams{ListParams: page})
	read(s, "partner", &partner.Client{Config: c}, files_sdk.PartnerListParams{ListParams: page})
	read(s, "partner_channel", &partner_channel.Client{Config: c}, files_sdk.PartnerChannelListParams{ListParams: page})
	read(s, "partner_channel_template", &partner_channel_template.Client{Config: c}, files_sdk.PartnerChannelTemplateListParams{ListParams: page})
	read(s, "partner_site_request", &partner_site_request.Client{Config: c}, files_sdk.PartnerSiteRequestListParams{ListParams: page})
	read(s, "payment", &payment.Client{Config: c}, files_sdk.PaymentListParams{ListParams: page})
	read(s, "pending_work_event", &pending_work_event.Client{Config: c}, files_sdk.PendingWorkEventListParams{ListParams: page})
	read(s, "permission", &permission.Client{Config: c}, files_sdk.PermissionListParams{ListParams: page})
	read(s, "project", &project.Client{Config: c}, files_sdk.ProjectListParams{ListParams: page})
	read(s, "public_hosting_request_log", &public_hosting_request_log.Client{Config: c}, files_sdk.PublicHostingRequestLogListParams{ListParams: page})
	read(s, "public_key", &public_key.Client{Config: c}, files_sdk.PublicKeyListParams{ListParams: page})
	read(s, "remote_bandwidth_snapshot", &remote_bandwidth_snapshot.Client{Config: c}, files_sdk.RemoteBandwidthSnapshotListParams{ListParams: page})
	read(s, "remote_mount_backend", &remote_mount_backend.Client{Config: c}, files_sdk.RemoteMountBackendListParams{ListParams: page})
	read(s, "remote_server", &remote_server.Client{Config: c}, files_sdk.RemoteServerListParams{ListParams: page})
	read(s, "remote_server_credential", &remote_server_credential.Client{Config: c}, files_sdk.RemoteServerCredentialListParams{ListParams: page})
	read(s, "request", &request.Client{Config: c}, files_sdk.RequestListParams{ListParams: page})
	read(s, "restore", &restore.Client{Config: c}, files_sdk.RestoreListParams{ListParams: page})
	read(s, "schedule", &schedule.Client{Config: c}, files_sdk.ScheduleListParams{ListParams: page})
	read(s, "scheduled_export", &scheduled_export.Client{Config: c}, files_sdk.ScheduledExportListParams{ListParams: page})
	read(s, "scim_log", &scim_log.Client{Config: c}, files_sdk.ScimLogListParams{ListParams: page})
	read(s, "secret", &secret.Client{Config: c}, files_sdk.SecretListParams{ListParams: page})
	read(s, "settings_change", &settings_change.Client{Config: c}, files_sdk.SettingsChangeListParams{ListParams: page})
	read(s, "sftp_action_log", &sftp_action_log.Client{Config: c}, files_sdk.SftpActionLogListParams{ListParams: page})
	read(s, "sftp_host_key", &sftp_host_key.Client{Config: c}, files_sdk.SftpHostKeyListParams{ListParams: page})
	read(s, "share_group", &share_group.Client{Config: c}, files_sdk.ShareGroupListParams{ListParams: page})
	read(s, "siem_http_destination", &siem_http_destination.Client{Config: c}, files_sdk.SiemHttpDestinationListParams{ListParams: page})
	read(s, "siem_http_destination_event", &siem_http_destination_event.Client{Config: c}, files_sdk.SiemHttpDestinationEventListParams{ListParams: page})
	read(s, "site_subdomain_redirect", &site_subdomain_redirect.Client{Config: c}, files_sdk.SiteSubdomainRedirectListParams{ListParams: page})
	read(s, "snapshot", &snapshot.Client{Config: c}, files_sdk.SnapshotListParams{ListParams: page})
	read(s, "sso_event", &sso_event.Client{Config: c}, files_sdk.SsoEventListParams{ListParams: page})
	read(s, "sso_strategy", &sso_strategy.Client{Config: c}, files_sdk.SsoStrategyListParams{ListParams: page})
	read(s, "sync", &sync.Client{Config: c}, files_sdk.SyncListParams{ListParams: page})
	read(s, "sync_log", &sync_log.Client{Config: c}, files_sdk.SyncLogListParams{ListParams: page})
	read(s, "sync_run", &sync_run.Client{Config: c}, files_sdk.SyncRunListParams{ListParams: page})
	read(s, "usage_daily_snapshot", &usage_daily_snapshot.Client{Config: c}, files_sdk.UsageDailySnapshotListParams{ListParams: page})
	read(s, "usage_snapshot", &usage_snapshot.Client{Config: c}, files_sdk.UsageSnapshotListParams{ListParams: page})
	read(s, "user", &user.Client{Config: c}, files_sdk.UserListParams{ListParams: page})
	read(s, "user_additional_email_recipient", &user_additional_email_recipient.Client{Config: c}, files_sdk.UserAdditionalEmailRecipientListParams{ListParams: page})
	read(s, "user_cipher_use", &user_cipher_use.Client{Config: c}, files_sdk.UserCipherUseListParams{ListParams: page})
	read(s, "user_lifecycle_rule", &user_lifecycle_rule.Client{Config: c}, files_sdk.UserLifecycleRuleListParams{ListParams: page})
	read(s, "user_request", &user_request.Client{Config: c}, files_sdk.UserRequestListParams{ListParams: page})
	read(s, "user_security_event", &user_security_event.Client{Config: c}, files_sdk.UserSecurityEventListParams{ListParams: page})
	read(s, "user_sftp_client_use", &user_sftp_client_use.Client{Config: c}, files_sdk.UserSftpClientUseListParams{ListParams: page})
	read(s, "web_dav_action_log", &web_dav_action_log.Client{Config: c}, files_sdk.WebDavActionLogListParams{ListParams: page})
	read(s, "workspace", &workspace.Client{Config: c}, files_sdk.WorkspaceListParams{ListParams: page})
	if s.filled < 30 {
		t.Errorf("only %d lists of the demo hold something", s.filled)
	}
}

func TestSite(t *testing.T) {
	client := &site_client.Client{Config: admin()}
	got := must(client.Get())(t)
	if got.Name == "" || got.Subdomain == "" || got.SessionExpiryMinutes == 0 {
		t.Errorf("the site is %+v", got)
	}
	must(client.GetUsage())(t)
}

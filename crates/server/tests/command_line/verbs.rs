//! Every verb of the command line against a running server, and every route of the API by some verb.
//!
//! Which routes a verb reaches is read in the server's own log, after everything.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use sallyport_api::agent::{ENROLL_PATH, EnrollRequest, EnrollmentSecret, INTERNAL_NAME};
use sallyport_connect::{
    Connection, ServerAddress, Tls,
    http::{self, Call, Limits, Method},
};
use sallyport_crypto::sign::SigningKey;
use sallyport_model::{
    Actor, Factor, PhoneKeyKind, Platform, Proof, Time,
    id::{FactorId, UserId},
};
use sallyport_store::{Db, Edge, Location, Stamp, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::{PASSWORD, Running, err, open_alarm, raise, run, sallyport};

type Line = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

/// Verbs in the order in which they are played, with the routes each reaches and what is kept of its answer: a name and
/// where the value is. `{name}` in a line is what was kept, and it is in a file `{folder}/name` too.
#[rustfmt::skip]
const PLAYED: &[Line] = &[
    ("user create alice --active",                     &["POST /users"], &[("alice", "/id")]),
    ("user create stella",                             &["POST /users"], &[]),
    ("search alice",                                   &["GET /search"], &[]),
    ("user list",                                      &["GET /users"], &[]),
    ("first-hour show",                                &["GET /first-hour"], &[]),
    ("first-hour dismiss",                             &["POST /first-hour/dismiss"], &[]),
    ("first-hour resume",                              &["POST /first-hour/resume"], &[]),
    ("overview show --days 7",                         &["GET /overview"], &[]),
    ("overview drifted --text laptop",                 &["GET /overview/drifted-devices"], &[]),
    ("overview people --holding phone-only",           &["GET /overview/people"], &[]),
    ("user show alice",                                &["GET /users/{user}"], &[]),
    ("user update alice --display-name Alice",         &["PATCH /users/{user}"], &[]),
    ("user set-password alice --password-file {folder}/password", &["PUT /users/{user}/password"], &[]),
    ("user lock-password alice",                       &["POST /users/{user}/lock-password"], &[]),
    ("user unlock alice",                              &["POST /users/{user}/unlock"], &[]),
    ("user set-roles alice --role auditor",            &["PUT /users/{user}/roles"], &[]),
    ("user suspend alice",                             &["POST /users/{user}/suspend"], &[]),
    ("user activate alice",                            &["POST /users/{user}/activate"], &[]),
    ("user delete stella",                             &["DELETE /users/{user}"], &[]),
    ("user bulk suspend --user alice --user nobody-here --dry-run", &["POST /users/bulk/suspend"], &[]),
    ("user bulk activate --all --state active --dry-run", &["POST /users/bulk/activate"], &[]),
    ("user bulk end-sessions --user alice",            &["POST /users/bulk/end-sessions"], &[]),
    ("user bulk delete --user alice",                  &["POST /users/bulk/delete"], &[]),
    ("user import {folder}/people.csv",                &["POST /users/import"], &[]),
    ("user enrollment-code alice",                     &["POST /users/{user}/enrollment-code"], &[]),
    ("user bypass-codes alice",                        &["POST /users/{user}/bypass-codes"], &[]),
    ("telephony update --twilio-account AC1 --secret-file {folder}/secret --sender +15005550006 --texts true --country +1 --per-day 50",
                                                       &["GET /telephony", "PUT /telephony"], &[]),
    ("mail update --host 127.0.0.1 --port {mail_port} --security none --sender it@example.com --per-day 50",
                                                       &["GET /mail", "PUT /mail"], &[]),
    ("mail show",                                      &["GET /mail"], &[]),
    ("mail check",                                     &["POST /mail/check"], &[]),
    ("mail preview --subject Hello",                   &["GET /mail", "POST /mail/preview"], &[]),
    ("user create mia --active --mail mia@example.com", &["POST /users"], &[]),
    ("user enrollment-link mia",                       &["POST /users/{user}/enrollment-link"], &[]),
    ("user create noa --active --mail noa@example.com", &["POST /users"], &[]),
    ("mailing preview --user noa",                     &["POST /mailings/preview"], &[]),
    ("mailing send --user noa",                        &["POST /mailings"], &[("mailing", "/id")]),
    ("mailing list",                                   &["GET /mailings"], &[]),
    ("mailing show {mailing}",                         &["GET /mailings/{mailing}"], &[]),
    ("user create petra --active",                     &["POST /users"], &[("seed petras-phone", "/id")]),
    ("user rename-factor petra {petras-phone} handset", &["PATCH /users/{user}/factors/{factor}"], &[]),
    ("user reactivate-phone petra {petras-phone} --hours 1", &["POST /users/{user}/factors/{factor}/reactivate"], &[]),
    ("user add-phone petra +15005550010",              &["POST /users/{user}/phones"], &[]),
    ("user factors alice",                             &["GET /users/{user}/factors"], &[("factor", "/items/0/id")]),
    ("user remove-factor alice {factor}",              &["DELETE /users/{user}/factors/{factor}"], &[]),
    ("user groups alice",                              &["GET /users/{user}/groups"], &[]),

    ("user bypass-codes olga --count 5",               &["POST /users/{user}/bypass-codes"],
                                                       &[("code1", "/codes/0"), ("code2", "/codes/1"), ("code3", "/codes/2"), ("code4", "/codes/3"), ("code5", "/codes/4")]),
    // While she has none: whoever has a role and has had a factor is reset a day later.
    ("hardware-token import {folder}/tokens.csv",      &["POST /hardware-tokens/import"], &[]),
    ("hardware-token assign SN-2 olga",                &["POST /hardware-tokens/{hardware_token}/assign"], &[("olgas", "/holder/factor")]),
    ("session open --name olga --password-file {folder}/password --passcode-file {folder}/code1",
                                                       &["POST /sign-in", "POST /sign-in/second-door"], &[]),
    ("user sessions olga",                             &["GET /users/{user}/sessions"], &[("session", "/items/0/id")]),
    ("user end-session olga {session}",                &["DELETE /users/{user}/sessions/{session}"], &[]),
    ("user end-sessions olga",                         &["DELETE /users/{user}/sessions"], &[]),
    ("user remembered-browsers olga",                  &["GET /users/{user}/remembered-browsers"], &[]),
    ("user forget-browsers olga",                      &["DELETE /users/{user}/remembered-browsers"], &[]),
    ("session open --name olga --password-file {folder}/password --passcode-file {folder}/code2",
                                                       &["POST /sign-in", "POST /sign-in/second-door"], &[("opened", "/token")]),
    ("user show olga",                                 &["GET /users/{user}"], &[("seed olgas-phone", "/id")]),
    ("session remembered --token-file {folder}/opened", &["GET /me/remembered-browsers"], &[]),
    ("session forget --token-file {folder}/opened",    &["DELETE /me/remembered-browsers"], &[]),
    ("session end-others --token-file {folder}/opened", &["DELETE /me/sessions"], &[]),
    ("sign-in mine --token-file {folder}/opened",      &["GET /me/sign-ins"], &[]),
    ("factor list --token-file {folder}/opened",       &["GET /me/factors"], &[]),
    ("factor rename {olgas-phone} pocket --token-file {folder}/opened", &["PATCH /me/factors/{factor}"], &[]),
    ("factor reactivate {olgas-phone} --token-file {folder}/opened", &["POST /me/factors/{factor}/reactivate"], &[]),
    ("factor add phone --token-file {folder}/opened",  &["POST /me/factors/push"], &[]),
    ("factor add app --begin --token-file {folder}/opened", &["POST /me/factors/totp"], &[]),
    ("session step-up --passcode-file {folder}/code3 --token-file {folder}/opened",
                                                       &["POST /step-up"], &[("stepped", "/token")]),
    ("token create --name desk --role help_desk",      &["POST /tokens"], &[("desk", "/token")]),
    ("reset ask petra bypass_codes --reason lost --token-file {folder}/desk",
                                                       &["POST /users/{user}/resets"], &[("reset", "/id")]),
    ("reset list --state waiting",                     &["GET /resets"], &[]),
    ("reset show {reset}",                             &["GET /resets/{reset}"], &[]),
    ("reset call-back {reset} --token-file {folder}/desk", &["GET /resets/{reset}/call-back"], &[]),
    ("reset approve {reset} --token-file {folder}/stepped", &["POST /resets/{reset}/approve"], &[]),
    ("user bypass-codes petra --token-file {folder}/desk", &["POST /users/{user}/bypass-codes"], &[]),
    ("reset ask petra unlock --reason lost --token-file {folder}/desk",
                                                       &["POST /users/{user}/resets"], &[("reset", "/id")]),
    ("reset refuse {reset}",                           &["POST /resets/{reset}/refuse"], &[]),
    ("token create --name rita --role owner",          &["POST /tokens"], &[("rita", "/token")]),
    ("reset ask olga unlock --reason lost --token-file {folder}/rita",
                                                       &["POST /users/{user}/resets"], &[("reset", "/id")]),
    ("reset mine --token-file {folder}/stepped",       &["GET /me/resets"], &[]),
    ("reset stop {reset} --token-file {folder}/stepped", &["POST /me/resets/{reset}/stop"], &[]),
    ("session list-all --text olga",                   &["GET /sessions"], &[("all", "/items/0/id"), ("whose", "/items/0/user")]),
    ("session end-several --session {whose}:0123",     &["POST /sessions/end"], &[]),
    ("session list --token-file {folder}/stepped",     &["GET /me/sessions"], &[("mine", "/items/0/id")]),
    ("session end {mine} --token-file {folder}/stepped", &["DELETE /me/sessions/{session}"], &[]),
    ("session open --name olga --password-file {folder}/password --passcode-file {folder}/code5",
                                                       &["POST /sign-in", "POST /sign-in/second-door"], &[("fifth", "/token")]),
    ("session close --token-file {folder}/fifth",      &["POST /sign-out"], &[]),
    ("alarm list --state open",                        &["GET /alarms"], &[]),
    ("alarm show {alarm}",                             &["GET /alarms/{alarm}"], &[]),
    ("alarm close {alarm} --note called",              &["POST /alarms/{alarm}/close"], &[]),
    ("user sign-ins olga",                             &["GET /users/{user}/sign-ins"], &[]),
    ("sign-in list",                                   &["GET /sign-ins"], &[]),
    ("sign-in export",                                 &["GET /sign-ins/export"], &[]),
    ("spray list",                                     &["GET /sprays"], &[]),

    ("policy create --name vpns --sections-file {folder}/sections", &["POST /policies"], &[("policy", "/id")]),
    ("policy list",                                    &["GET /policies"], &[]),
    ("policy show vpns",                               &["GET /policies/{policy}"], &[]),
    ("policy update vpns --name tunnels",              &["PATCH /policies/{policy}"], &[]),
    ("policy applied tunnels",                         &["GET /policies/{policy}/applied"], &[]),
    ("policy effective olga --source 192.0.2.7",       &["GET /users/{user}/effective-policy"], &[]),
    ("policy delete tunnels",                          &["DELETE /policies/{policy}"], &[]),
    ("access-rule create --name office --rule-file {folder}/rule", &["POST /access-rules"], &[("office", "/id")]),
    ("access-rule list --state dry_run",               &["GET /access-rules"], &[]),
    ("access-rule schema",                             &["GET /access-rules/schema"], &[]),
    ("access-rule preview --rule-file {folder}/rule",  &["POST /access-rules/preview"], &[]),
    ("access-rule preview office --mode on",           &["GET /access-rules/{access_rule}", "POST /access-rules/preview"], &[]),
    ("access-rule update office --name home --note why", &["PATCH /access-rules/{access_rule}"], &[]),
    ("access-rule show home",                          &["GET /access-rules/{access_rule}"], &[]),
    ("access-rule what-if olga --source 192.0.2.7 --country CH --at 2030-12-31T18:00Z", &["GET /users/{user}/what-if"], &[]),
    ("access-rule history home",                       &["GET /access-rules/{access_rule}/history"], &[("rule_change", "/items/1/change")]),
    ("access-rule return home {rule_change}",          &["POST /access-rules/{access_rule}/return"], &[]),
    ("access-rule delete office",                      &["DELETE /access-rules/{access_rule}"], &[]),
    ("branding update --name Ours --accent #b3261e --welcome en=Hello --ask en=Desk", &["PATCH /branding"], &[]),
    ("branding show",                                  &["GET /branding"], &[]),
    ("settings update --factor passkey --factor bypass_code --factor totp", &["GET /settings", "PUT /settings"], &[]),
    ("group create --name texted --kind users",        &["POST /groups"], &[("texted", "/id")]),
    ("settings update --factor-group text={texted}",   &["GET /settings", "PUT /settings"], &[]),
    ("settings update --factor-for-everybody text",    &["GET /settings", "PUT /settings"], &[]),

    ("group create --name people --kind users",        &["POST /groups"], &[]),
    ("group create --name laptops --kind devices",     &["POST /groups"], &[]),
    ("group list",                                     &["GET /groups"], &[]),
    ("group show people",                              &["GET /groups/{group}"], &[]),
    ("group update people --description Everybody",    &["PATCH /groups/{group}"], &[]),
    ("group login-settings laptops --prompts 2",       &["PATCH /groups/{group}"], &[]),
    ("group add-member people --user alice",           &["POST /groups/{group}/members"], &[]),
    ("group members people",                           &["GET /groups/{group}/members"], &[("member", "/items/0/id")]),
    ("group remove-member people {member}",            &["DELETE /groups/{group}/members/{member}"], &[]),
    ("user bulk add-to-group --user alice --group people", &["POST /users/bulk/add-to-group"], &[]),
    ("user bulk remove-from-group --in-group people --group people", &["POST /users/bulk/remove-from-group"], &[]),
    ("group delete people",                            &["DELETE /groups/{group}"], &[]),

    ("hardware-token list",                            &["GET /hardware-tokens"], &[]),
    ("hardware-token show SN-1",                       &["GET /hardware-tokens/{hardware_token}"], &[]),
    ("hardware-token assign SN-1 petra",               &["POST /hardware-tokens/{hardware_token}/assign"], &[]),
    ("hardware-token resync SN-1 755224 287082 359152", &["POST /hardware-tokens/{hardware_token}/resync"], &[]),
    ("session open --name olga --password-file {folder}/password --passcode-file {folder}/code4",
                                                       &["POST /sign-in", "POST /sign-in/second-door"], &[("again", "/token")]),
    ("factor resync {olgas} 504140 250087 471912 --token-file {folder}/again",
                                                       &["POST /me/factors/{factor}/resync"], &[]),
    ("factor remove {olgas-phone} --token-file {folder}/again", &["DELETE /me/factors/{factor}"], &[]),
    ("hardware-token unassign SN-1",                   &["POST /hardware-tokens/{hardware_token}/unassign"], &[]),
    ("hardware-token delete SN-1",                     &["DELETE /hardware-tokens/{hardware_token}"], &[]),
    // Its secret is encrypted, and is that of SN-1: what was spent of it stays spent, and the codes after it are taken.
    ("hardware-token import {folder}/tokens.pskc --key-file {folder}/tokens.key",
                                                       &["POST /hardware-tokens/import"], &[]),
    ("hardware-token assign 987654321 petra",          &["POST /hardware-tokens/{hardware_token}/assign"], &[]),
    ("hardware-token resync 987654321 26969429 40338314 68254676",
                                                       &["POST /hardware-tokens/{hardware_token}/resync"], &[]),

    ("enrollment-token create --group laptops",        &["POST /enrollment-tokens"], &[("enroll d1", "/token")]),
    ("enrollment-token create",                        &["POST /enrollment-tokens"], &[("enroll d2", "/token")]),
    ("enrollment-token create",                        &["POST /enrollment-tokens"], &[("unused", "/id")]),
    ("enrollment-token list",                          &["GET /enrollment-tokens"], &[]),
    ("enrollment-token revoke {unused}",               &["DELETE /enrollment-tokens/{token}"], &[]),
    ("device list",                                    &["GET /devices"], &[]),
    ("device show d1",                                 &["GET /devices/{device}/login-settings", "GET /devices/{device}"], &[]),
    ("device state d1",                                &["GET /devices/{device}/state"], &[]),
    ("device groups d1",                               &["GET /devices/{device}/groups"], &[]),
    ("device break-glass d1",                          &["POST /devices/{device}/break-glass"], &[]),
    ("device bulk admit --device d2 --dry-run",        &["POST /devices/bulk/admit"], &[]),
    ("device bulk add-to-group --all --group laptops", &["POST /devices/bulk/add-to-group"], &[]),
    ("device bulk remove-from-group --device d2 --group laptops", &["POST /devices/bulk/remove-from-group"], &[]),
    ("device bulk revoke --device d2 --dry-run", &["POST /devices/bulk/revoke"], &[]),
    ("device admit d2",                                &["POST /devices/{device}/admit"], &[]),
    ("device rename d2 desk-2",                        &["PATCH /devices/{device}"], &[]),
    ("device revoke desk-2",                           &["POST /devices/{device}/revoke"], &[]),
    ("device delete desk-2",                           &["DELETE /devices/{device}"], &[]),

    ("binding create --user alice --device d1",        &["POST /bindings"], &[("binding", "/id")]),
    ("binding list",                                   &["GET /bindings"], &[]),
    ("binding show {binding}",                         &["GET /bindings/{binding}"], &[]),
    ("binding update {binding} --right administrator", &["PATCH /bindings/{binding}"], &[]),
    ("user devices alice",                             &["GET /users/{user}/devices"], &[]),
    ("user bindings alice",                            &["GET /users/{user}/bindings"], &[]),
    ("user right alice d1",                            &["GET /users/{user}/devices/{device}"], &[]),
    ("device bindings d1",                             &["GET /devices/{device}/bindings"], &[]),
    ("binding delete {binding}",                       &["DELETE /bindings/{binding}"], &[]),

    ("command create --name hello --body true --device d1", &["POST /commands"], &[]),
    ("command list",                                   &["GET /commands"], &[]),
    ("command show hello",                             &["GET /commands/{command}"], &[]),
    ("command update hello --body false",              &["PATCH /commands/{command}"], &[]),
    ("device bulk run --device d1 --command hello --dry-run", &["POST /devices/bulk/run"], &[]),
    ("command run hello",                              &["POST /commands/{command}/launch"], &[("run", "/items/0/id")]),
    ("run list",                                       &["GET /runs"], &[]),
    ("run show {run}",                                 &["GET /runs/{run}"], &[]),
    ("run output {run}",                               &["GET /runs/{run}/output"], &[]),
    ("run cancel {run}",                               &["POST /runs/{run}/cancel"], &[]),
    ("command delete hello",                           &["DELETE /commands/{command}"], &[]),

    ("application create --type duo-auth-api --name vpn", &["POST /applications"], &[]),
    ("application list",                               &["GET /applications"], &[]),
    ("application show vpn",                           &["GET /applications/{application}"], &[]),
    ("application update vpn --name wlan",             &["PATCH /applications/{application}"], &[]),
    ("application update wlan --accepts-undated true",  &["PATCH /applications/{application}"], &[]),
    ("application update wlan --redirect-uri https://wlan.example/cb", &["PATCH /applications/{application}"], &[]),
    ("application update wlan --no-redirect-uri",      &["PATCH /applications/{application}"], &[]),
    ("application update wlan --api-host wlan.example.com", &["PATCH /applications/{application}"], &[]),
    ("application update wlan --no-api-host",          &["PATCH /applications/{application}"], &[]),
    ("application update wlan --username-normalization simple", &["PATCH /applications/{application}"], &[]),
    ("policy create --name gates --sections-file {folder}/sections", &["POST /policies"], &[("gates", "/id")]),
    ("application update wlan --group-policy {texted}={gates}", &["PATCH /applications/{application}"],
                                                       &[("applied", "/policies/groups/0/policy")]),
    ("policy show {applied}",                          &["GET /policies/{policy}"], &[]),
    ("application update wlan --no-policies",          &["PATCH /applications/{application}"], &[]),
    ("application clients wlan",                       &["GET /applications/{application}/clients"], &[]),
    ("application disable wlan",                       &["PATCH /applications/{application}"], &[]),
    ("application enable wlan",                        &["PATCH /applications/{application}"], &[]),
    ("application rotate wlan",                        &["POST /applications/{application}/rotate"], &[]),
    ("application create --type duo-admin-api --name sync", &["POST /applications"], &[]),
    ("application update sync --grant read_log --grant info", &["PATCH /applications/{application}"], &[]),
    ("application update sync --no-grants",            &["PATCH /applications/{application}"], &[]),
    ("application create --type saml --name sso",      &["POST /applications"], &[]),
    ("application saml-metadata sso {folder}/saml-metadata", &["POST /applications/{application}/saml/metadata"], &[]),
    ("application update sso --saml {folder}/saml",    &["PATCH /applications/{application}"], &[]),
    ("application saml-rotate sso",                    &["POST /applications/{application}/saml/rotate"], &[]),
    ("application catalogue",                          &["GET /catalogue"], &[]),
    ("application catalogue grafana",                  &["GET /catalogue"], &[]),
    ("application create --from grafana --answer base_url=https://grafana.example.com", &["POST /applications"], &[]),
    ("application update grafana --answer base_url=https://charts.example.com", &["PATCH /applications/{application}"], &[]),
    ("application instructions grafana",               &["GET /applications/{application}/instructions"], &[]),
    ("application claims grafana --user alice",        &["GET /applications/{application}/claims"], &[]),
    ("application create --name intranet --link https://intranet.example.com/", &["POST /applications"], &[]),
    ("application update intranet --link https://intra.example.com/ --everybody", &["PATCH /applications/{application}"], &[]),
    ("application create --name wiki --origin https://wiki.example.com", &["POST /applications"], &[]),
    ("application update wiki --origin https://wiki.example.com --origin https://w.example.com", &["PATCH /applications/{application}"], &[]),
    ("signing-key list",                               &["GET /signing-keys"], &[("key", "/items/0/id")]),
    ("signing-key rotate --algorithm RS256",           &["POST /signing-keys/rotate"], &[]),
    ("signing-key revoke {key}",                       &["POST /signing-keys/{signing_key}/revoke"], &[]),
    ("application delete wlan",                        &["DELETE /applications/{application}"], &[]),

    ("connector create --name duo --host {duo} --ikey DIWJ8X6AEYOR5OMC6TQ1 --skey-file {folder}/skey",
                                                       &["POST /connectors"], &[]),
    ("connector list",                                 &["GET /connectors"], &[]),
    ("connector show duo",                             &["GET /connectors/{connector}"], &[]),
    ("connector update duo --phones true --brake-people 3 --brake-percent 2",
                                                       &["PATCH /connectors/{connector}"], &[]),
    ("connector check duo",                            &["POST /connectors/{connector}/check"], &[]),
    ("connector enable duo",                           &["PATCH /connectors/{connector}"], &[]),
    ("connector runs duo --wait 5",                    &["GET /connectors/{connector}/runs"], &[]),
    ("connector preview duo",                          &["POST /connectors/{connector}/preview"], &[]),
    ("connector runs duo --wait 5",                    &["GET /connectors/{connector}/runs"], &[("export", "/items/0/id")]),
    ("connector show-run duo {export}",                &["GET /connectors/{connector}/runs/{export_run}"], &[]),
    ("connector steps duo {export}",                   &["GET /connectors/{connector}/runs/{export_run}/steps"], &[]),
    ("connector release duo {export}",                 &["POST /connectors/{connector}/runs/{export_run}/release"], &[]),
    ("connector run duo",                              &["POST /connectors/{connector}/run"], &[]),
    ("connector disable duo",                          &["PATCH /connectors/{connector}"], &[]),
    ("connector delete duo",                           &["DELETE /connectors/{connector}"], &[]),

    ("webhook create --name hook --address {duo} --kind webhook --kind sign_in.denied",
                                                       &["POST /webhooks"], &[]),
    ("webhook list",                                   &["GET /webhooks"], &[]),
    ("webhook show hook",                              &["GET /webhooks/{webhook}"], &[]),
    ("webhook update hook --everything",               &["PATCH /webhooks/{webhook}"], &[]),
    ("webhook rotate hook",                            &["POST /webhooks/{webhook}/rotate"], &[]),
    ("webhook test hook",                              &["POST /webhooks/{webhook}/test"], &[("delivery", "/id")]),
    ("webhook deliveries hook --limit 5",              &["GET /webhooks/{webhook}/deliveries"], &[]),
    ("webhook show-delivery hook {delivery}",          &["GET /webhooks/{webhook}/deliveries/{event}"], &[]),
    ("webhook redeliver hook {delivery}",              &["POST /webhooks/{webhook}/deliveries/{event}/redeliver"], &[]),
    ("webhook disable hook",                           &["PATCH /webhooks/{webhook}"], &[]),
    ("webhook enable hook",                            &["PATCH /webhooks/{webhook}"], &[]),
    ("webhook delete hook",                            &["DELETE /webhooks/{webhook}"], &[]),
    ("event-stream create --name siem --splunk {duo} --secret-file {folder}/skey",
                                                       &["POST /event-streams"], &[]),
    ("event-stream list",                              &["GET /event-streams"], &[]),
    ("event-stream show siem",                         &["GET /event-streams/{stream}"], &[]),
    ("event-stream update siem --file events.cef --format cef", &["PATCH /event-streams/{stream}"], &[]),
    ("event-stream test siem",                         &["POST /event-streams/{stream}/test"], &[]),
    ("event-stream disable siem",                      &["PATCH /event-streams/{stream}"], &[]),
    ("event-stream enable siem",                       &["PATCH /event-streams/{stream}"], &[]),
    ("event-stream delete siem",                       &["DELETE /event-streams/{stream}"], &[]),

    ("passkey-model add --aaguid ee882879721c491397753dfcce97072a --name Acme --roots-file {folder}/ca.pem",
                                                       &["POST /passkey-models"], &[("model", "/items/0/aaguid")]),
    ("passkey-model list",                             &["GET /passkey-models"], &[]),
    ("passkey-model remove {model}",                   &["DELETE /passkey-models/{aaguid}"], &[]),
    ("settings show",                                  &["GET /settings"], &[]),
    ("settings update --shortest-password 14",         &["GET /settings", "PUT /settings"], &[("settings", "")]),
    ("settings replace {folder}/settings --preview",   &["POST /settings/preview"], &[]),
    ("settings update --factor passkey --preview",     &["GET /settings", "POST /settings/preview"], &[]),
    ("settings replace {folder}/settings",             &["PUT /settings"], &[]),
    ("telephony show",                                 &["GET /telephony"], &[]),
    ("telephony update --nobody --texts false",        &["GET /telephony", "PUT /telephony"], &[]),
    ("telephony check",                                &["POST /telephony/check"], &[]),
    ("telephony log",                                  &["GET /telephony/log"], &[]),
    ("telephony export",                               &["GET /telephony/log/export"], &[]),
    ("duo update --client-id DIXXXXXXXXXXXXXXXXXX --host localhost:1 --secret-file {folder}/duo-secret --when-down own_factors",
                                                       &["GET /duo", "PUT /duo"], &[]),
    ("duo show",                                       &["GET /duo"], &[]),
    ("duo check",                                      &["POST /duo/check"], &[]),
    ("token create --name reader --role auditor",      &["POST /tokens"], &[("reader", "/id")]),
    ("token list",                                     &["GET /tokens"], &[]),
    ("token me",                                       &["GET /me"], &[]),
    ("token revoke {reader}",                          &["POST /tokens/{token}/revoke"], &[]),
    ("audit list",                                     &["GET /changes"], &[]),
    ("audit export",                                   &["GET /changes/export"], &[]),
];

/// A token with the seed of RFC 4226, appendix D, and another with a seed that ends otherwise. The encrypted example of RFC
/// 6030 has the former.
const TOKENS: &str = "serial,kind,secret\nSN-1,hotp,3132333435363738393031323334353637383930\n\
    SN-2,hotp,3132333435363738393031323334353637383931\n";

/// Routes that no verb is for, and why.
const WITHOUT_A_VERB: &[(&str, &str)] = &[
    ("GET /openapi.json", "it describes the API to programs; `curl` fetches it without a token"),
    (
        "DELETE /users/{user}/remembered-browsers/{browser}",
        "`user forget-browsers --browser` calls it; there is none without a browser that has keys",
    ),
    (
        "DELETE /me/remembered-browsers/{browser}",
        "`session forget --browser` calls it; there is none without a browser that has keys",
    ),
    (
        "POST /resets/{reset}/call-back",
        "`reset call-back --by` calls it; here is nobody with a phone who could be asked",
    ),
    (
        "POST /resets/{reset}/confirm",
        "`reset call-back --by` calls it with what is typed at the terminal, or once a phone has answered",
    ),
    (
        "POST /me/factors/totp/confirm",
        "`factor add app` calls it with the code that is typed at the terminal",
    ),
    ("POST /me/factors/number", "`factor add number` calls it; here is nobody who could be texted"),
    (
        "POST /me/factors/number/confirm",
        "`factor add number` calls it with the code that is typed at the terminal",
    ),
    (
        "POST /sign-in/text",
        "`session open` calls it where somebody types `sms` at the terminal in place of a code",
    ),
];

/// Verbs that call no server, tested elsewhere.
const ON_THE_MACHINE: &[&str] =
    &["serve", "setup", "recover", "config example", "config check", "dev mail", "dev telephony", "doctor"];

/// A file of the repository.
fn repository(name: &str) -> String {
    let root = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..");
    std::fs::read_to_string(root.join(name)).unwrap()
}

/// The committed document.
fn document() -> Value {
    serde_json::from_str(&repository("docs/openapi.json")).unwrap()
}

/// The routes of the document, such as `GET /users`, and what each answers when all is well, by content type.
fn routes() -> BTreeMap<String, BTreeSet<String>> {
    let mut routes = BTreeMap::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for (method, about) in methods.as_object().unwrap() {
            let well =
                about["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
            let kinds = well.filter_map(|(_, answer)| answer["content"].as_object());
            let kinds = kinds.flat_map(|kinds| kinds.keys().cloned()).collect();
            routes.insert(
                format!("{} {}", method.to_uppercase(), path.strip_prefix("/api/v1").unwrap()),
                kinds,
            );
        }
    }
    routes
}

/// The verbs below these words, as the help lists them.
fn verbs(words: &[&str]) -> Vec<String> {
    let help = run(&[words, &["--help"]].concat());
    let help = String::from_utf8(help.stdout).unwrap();
    let Some((_, list)) = help.split_once("\nCommands:\n") else { return vec![words.join(" ")] };
    let names = list.lines().take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let names = names.filter_map(|line| line.split(' ').next()).filter(|name| *name != "help");
    names.flat_map(|name| verbs(&[words, &[name]].concat())).collect()
}

#[test]
fn every_route_has_a_verb_and_every_verb_is_played() {
    let played =
        |verb: &String| PLAYED.iter().any(|(line, ..)| format!("{line} ").starts_with(&format!("{verb} ")));
    let verbs = verbs(&[]);
    assert!(verbs.len() > 80, "the help is read wrongly: {verbs:?}");
    let missing: Vec<_> =
        verbs.iter().filter(|verb| !played(verb) && !ON_THE_MACHINE.contains(&verb.as_str())).collect();
    assert!(missing.is_empty(), "verbs without a line: {missing:?}");
    let reached: BTreeSet<&str> = PLAYED.iter().flat_map(|(_, routes, _)| routes.iter().copied()).collect();
    let excused: BTreeSet<&str> = WITHOUT_A_VERB.iter().map(|(route, _)| *route).collect();
    assert!(reached.is_disjoint(&excused));
    let named: BTreeSet<String> = reached.union(&excused).map(|route| (*route).to_owned()).collect();
    assert_eq!(
        routes().into_keys().collect::<BTreeSet<_>>(),
        named,
        "the routes of the API, and those of verbs"
    );
}

#[tokio::test]
async fn every_verb_reaches_its_routes_and_answers_in_json() {
    let stage = Stage::open();
    let routes = routes();
    let mut kept = BTreeMap::from([
        ("folder".to_owned(), stage.folder.path().to_str().unwrap().to_owned()),
        ("mail_port".to_owned(), stage.mail_port.clone()),
        ("duo".to_owned(), empty_account()),
    ]);
    let (mut expected, mut wrong) = (Vec::new(), Vec::new());
    for (line, reaches, keeps) in PLAYED {
        let words: Vec<String> =
            line.split(' ').filter(|word| !word.is_empty()).map(|word| filled(word, &kept)).collect();
        if reaches.iter().all(|route| route.starts_with("GET ")) {
            // For people too, where it does no harm.
            expected.extend(reaches.iter().copied());
            match stage.play(&words) {
                Ok(shown) if tells(line, &shown) => {}
                Ok(shown) => wrong.push(format!("{line}: {}", String::from_utf8_lossy(&shown))),
                Err(said) => wrong.push(said),
            }
        }
        expected.extend(reaches.iter().copied());
        let answer = match stage.play(&[&words[..], &["--json".to_owned()]].concat()) {
            Ok(answer) => answer,
            Err(said) => {
                wrong.push(said);
                continue;
            }
        };
        let kinds = &routes[*reaches.last().unwrap()];
        if !kinds.contains("application/json") {
            assert_eq!(answer.is_empty(), kinds.is_empty(), "{line}");
            continue;
        }
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_else(|error| panic!("{line}: {error}"));
        for (name, place) in *keeps {
            let value = answer.pointer(place).unwrap_or_else(|| panic!("{line}: {answer}"));
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            std::fs::write(stage.file(name), &text).unwrap();
            if let Some(device) = name.strip_prefix("enroll ") {
                stage.enroll(device, &text).await;
            }
            if let Some(phone) = name.strip_prefix("seed ") {
                let (factor, alarm) = stage.seed(kept.len(), text.parse().unwrap());
                kept.extend([(phone.to_owned(), factor), ("alarm".to_owned(), alarm)]);
            }
            kept.insert((*name).to_owned(), text);
        }
    }
    let reached = stage.close();
    for (n, (path, route)) in reached.iter().zip(&expected).enumerate() {
        if !is_at(path, route) {
            wrong.push(format!("call {n}: {path} where {route} is expected"));
            break;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(reached.len(), expected.len());
}

/// Whether people see by what they passed the second door, where a line is about that; the others tell what they do.
fn tells(line: &str, shown: &[u8]) -> bool {
    let shown = String::from_utf8_lossy(shown);
    !line.starts_with("sign-in mine") || shown.contains("SECOND DOOR") && shown.contains("bypass_code")
}

/// An account at Duo in which nobody is, whatever is asked; where it is.
fn empty_account() -> String {
    use std::io::{Read as _, Write as _};
    const NOBODY: &str = r#"{"stat":"OK","response":[],"metadata":{"total_objects":0}}"#;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut socket in listener.incoming().map_while(Result::ok) {
            let mut heard = Vec::new();
            while !heard.windows(4).any(|end| end == b"\r\n\r\n") {
                let mut some = [0; 1024];
                match socket.read(&mut some) {
                    Ok(n) if n > 0 => heard.extend_from_slice(&some[..n]),
                    _ => break,
                }
            }
            let length = NOBODY.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
            );
            socket.write_all(format!("{head}{NOBODY}").as_bytes()).ok();
        }
    });
    host
}

/// A word of a line with what was kept in place of names in braces.
fn filled(word: &str, kept: &BTreeMap<String, String>) -> String {
    kept.iter().fold(word.to_owned(), |word, (name, value)| word.replace(&format!("{{{name}}}"), value))
}

/// Whether a call such as `GET /users/alice` is one of the route `GET /users/{user}`, and of no other that says it better.
fn is_at(call: &str, route: &str) -> bool {
    let fits = |route: &str| {
        let (call, route): (Vec<_>, Vec<_>) = (call.split('/').collect(), route.split('/').collect());
        call.len() == route.len()
            && call.iter().zip(&route).all(|(part, wanted)| wanted.starts_with('{') || part == wanted)
    };
    let parameters = |route: &str| route.matches('{').count();
    fits(route)
        && routes().keys().filter(|other| fits(other)).all(|other| parameters(other) >= parameters(route))
}

/// A server that was set up, with files for the verbs.
struct Stage {
    server: Running,
    /// Where it takes mail.
    mail_port: String,
    _office: Running,
    folder: tempfile::TempDir,
    url: String,
    token: String,
    authority: String,
}

impl Stage {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let log = File::create(folder.path().join("log")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let mut serve = sallyport(&["serve", "--listen", &listen, "--data", data.to_str().unwrap()]);
        serve.args(["--outbound-internal", "127.0.0.1/32"]);
        let mut office = sallyport(&["dev", "mail", "--smtp", "127.0.0.1:0", "--listen", "127.0.0.1:0"]);
        let office_log = File::create(folder.path().join("office.log")).unwrap();
        let (_office, said_by_office) = Running::logging(&mut office, office_log.into());
        let at = said_by_office.split_once("mail at 127.0.0.1:").unwrap().1;
        let mail_port = at.split(' ').next().unwrap().to_owned();
        let (server, said) = Running::logging(&mut serve, log.into());
        let url = said.rsplit_once(' ').unwrap().1.to_owned();
        let tokens = repository("fuzz/seeds/pskc/good-encrypted");
        for (name, text) in [
            ("tokens.pskc", tokens.as_str()),
            ("tokens.key", "12345678901234567890123456789012\n"),
            ("password", PASSWORD),
            ("people.csv", "name\ncarol\n"),
            ("tokens.csv", TOKENS),
            ("sections", r#"{"new_user":"deny"}"#),
            ("saml", r#"{"entity_id":"https://app.example","begins_here":true}"#),
            (
                "saml-metadata",
                r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://app.example"><SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="0" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://app.example/acs"/></SPSSODescriptor></EntityDescriptor>"#,
            ),
            ("rule", r#"{"from":{"countries":{"countries":["KP"]}},"then":{"effect":"deny"}}"#),
            ("secret", "a-token"),
            ("duo-secret", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"),
            ("skey", "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep"),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let password = folder.path().join("password");
        let (data, password) = (data.to_str().unwrap(), password.to_str().unwrap());
        let args =
            ["--data", data, "--organization", "X", "--admin", "olga", "--password-file", password, "--json"];
        let done = run(&[&["setup"], &args[..]].concat());
        let done: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", err(&done)));
        let [token, authority] = ["token", "ca"].map(|name| done[name].as_str().unwrap().to_owned());
        std::fs::write(folder.path().join("ca.pem"), &authority).unwrap();
        Self { server, mail_port, _office, folder, url, token, authority }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a verb prints, or what was wrong with it.
    fn play(&self, words: &[String]) -> Result<Vec<u8>, String> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = sallyport(&words);
        command.env("SALLYPORT_URL", &self.url).env("SALLYPORT_CA", self.file("ca.pem"));
        let output = command.env("SALLYPORT_TOKEN", &self.token).output().unwrap();
        if output.status.success() { Ok(output.stdout) } else { Err(format!("{words:?}: {}", err(&output))) }
    }

    /// A phone of this person, and what they said on it was not them: both take a browser, which is not here. They are
    /// written as another node would.
    fn seed(&self, n: usize, user: UserId) -> (String, String) {
        let uuid = Uuid::from_u128(u128::try_from(n).unwrap());
        let (now, factor) = (Time::from_unix_seconds(1_767_225_600), FactorId::new(uuid));
        let proof = Proof::Push { platform: "a test".into(), signs_with: PhoneKeyKind::BrowserKey };
        let duo_id = format!("DP{n:0>18}");
        let phone = Factor { id: factor, user, proof, name: "phone".into(), duo_id, created: now };
        // Of somebody who is gone, for what is about people with a role no program closes.
        let alarm = open_alarm(uuid, UserId::new(uuid));
        let id = alarm.id;
        let database = self.file("data").join("sallyport.db");
        let write = move |tx: &mut Tx<'_>| {
            let stamp = Stamp { at: now, actor: Actor::LocalAdmin, source: None, request: String::new() };
            let created = tx.create(phone.clone())?;
            tx.record(created, "enroll", &stamp);
            tx.put_edge(Edge::UserFactor, &user.to_string(), &factor.to_string())?;
            raise(tx, alarm.clone())
        };
        // Nothing here waits for it but this.
        let written = std::thread::spawn(move || {
            Db::open(Location::Sqlite(database)).unwrap().write_blocking(write).unwrap();
        });
        written.join().unwrap();
        (factor.to_string(), id.to_string())
    }

    /// A machine enrols as agents do.
    async fn enroll(&self, name: &str, token: &str) {
        let request = EnrollRequest {
            token: EnrollmentSecret::parse(token).unwrap().secret,
            host_name: name.into(),
            platform: Platform::Linux,
            public_key: SigningKey::from_seed(&[name.as_bytes()[1]; 32]).unwrap().public().to_hex(),
            agent_version: "0.1.0".into(),
        };
        let (patience, tls) = (Duration::from_secs(20), Tls::pinned(&self.authority, INTERNAL_NAME).unwrap());
        let address: ServerAddress = self.url.parse().unwrap();
        let connection = Connection::open(&address, &tls, patience).await.unwrap();
        let body = Some(("application/json", serde_json::to_vec(&request).unwrap()));
        let call = Call { method: Method::POST, path: ENROLL_PATH, headers: &[], body };
        let answer = http::send(connection, call, Limits { time: patience, bytes: 1 << 20 }).await.unwrap();
        assert!(answer.is_success(), "{}", String::from_utf8_lossy(&answer.body));
    }

    /// Stops the server; the calls of the API that it logged, such as `GET /users/alice`, in their order.
    fn close(self) -> Vec<String> {
        self.server.stop();
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter_map(|line| {
                let path = line["path"].as_str()?.strip_prefix("/api/v1")?;
                Some(format!("{} {path}", line["method"].as_str()?))
            })
            .collect()
    }
}

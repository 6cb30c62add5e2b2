//! What each path offers.

use super::{
    Admins, BypassCodes, Endpoint, Groups, Info, Integrations, Logs, Offered, Phones, Policies, Settings,
    Texted, Tokens, Users, WebAuthn,
};

pub(super) fn offered(version: &str, segments: &[&str]) -> Option<Offered> {
    match (version, segments) {
        ("v1", ["users", rest @ ..]) => users(rest),
        ("v1" | "v2", ["groups", rest @ ..]) => groups(version, rest),
        ("v1", ["tokens", rest @ ..]) => tokens(rest),
        ("v1" | "v2" | "v3", ["integrations", rest @ ..]) => integrations(version, rest),
        ("v2", ["policies", rest @ ..]) => policies(rest),
        (_, ["logs", log]) => Some(vec![("GET", Endpoint::Logs(logs(version, log)?))]),
        ("v1", rest) => others(rest),
        _ => None,
    }
}

fn users(rest: &[&str]) -> Option<Offered> {
    let get = |call| vec![("GET", Endpoint::Users(call))];
    let post = |call| vec![("POST", Endpoint::Users(call))];
    let delete = |call| vec![("DELETE", Endpoint::Users(call))];
    Some(match rest {
        [] => [get(Users::List), post(Users::Create)].concat(),
        ["bulk_create"] => post(Users::BulkCreate),
        ["bulk_restore"] => post(Users::BulkRestore),
        ["bulk_send_to_trash"] => post(Users::BulkTrash),
        ["directorysync"] => get(Users::Directories),
        ["directorysync", directory, "syncuser"] => post(Users::Sync { directory: (*directory).to_owned() }),
        ["enroll"] => post(Users::Enroll),
        [user, rest @ ..] => {
            let user = (*user).to_owned();
            match rest {
                [] => [
                    get(Users::Show { user: user.clone() }),
                    post(Users::Modify { user: user.clone() }),
                    delete(Users::Trash { user }),
                ]
                .concat(),
                ["bypass_codes"] => {
                    [get(Users::BypassCodes { user: user.clone() }), post(Users::IssueBypassCodes { user })]
                        .concat()
                }
                ["groups"] => {
                    [get(Users::Groups { user: user.clone() }), post(Users::JoinGroup { user })].concat()
                }
                ["groups", group] => delete(Users::LeaveGroup { user, group: (*group).to_owned() }),
                ["phones"] => {
                    [get(Users::Phones { user: user.clone() }), post(Users::GivePhone { user })].concat()
                }
                ["phones", phone] => delete(Users::TakePhone { user, phone: (*phone).to_owned() }),
                ["tokens"] => {
                    [get(Users::Tokens { user: user.clone() }), post(Users::GiveToken { user })].concat()
                }
                ["tokens", token] => delete(Users::TakeToken { user, token: (*token).to_owned() }),
                ["send_verification_push"] => post(Users::Verify { user }),
                ["verification_push_response"] => get(Users::Outcome { user }),
                ["webauthncredentials"] => get(Users::WebAuthn { user }),
                ["u2ftokens" | "desktopauthenticators" | "desktoptokens"] => get(Users::Without { user }),
                _ => return None,
            }
        }
    })
}

fn groups(version: &str, rest: &[&str]) -> Option<Offered> {
    let offer = |method, call| (method, Endpoint::Groups(call));
    Some(match (version, rest) {
        ("v1", []) => vec![offer("GET", Groups::List), offer("POST", Groups::Create)],
        (_, [group]) => {
            let group = (*group).to_owned();
            let show = Groups::Show { group: group.clone(), with_members: version == "v1" };
            let mut offered = vec![offer("GET", show)];
            if version == "v1" {
                offered.push(offer("POST", Groups::Modify { group: group.clone() }));
                offered.push(offer("DELETE", Groups::Delete { group }));
            }
            offered
        }
        ("v2", [group, "users"]) => vec![offer("GET", Groups::Members { group: (*group).to_owned() })],
        _ => return None,
    })
}

fn tokens(rest: &[&str]) -> Option<Offered> {
    let offer = |method, call| (method, Endpoint::Tokens(call));
    Some(match rest {
        [] => vec![offer("GET", Tokens::List), offer("POST", Tokens::Create)],
        [token] => {
            let token = (*token).to_owned();
            vec![
                offer("GET", Tokens::Show { token: token.clone() }),
                offer("POST", Tokens::Modify { token: token.clone() }),
                offer("DELETE", Tokens::Delete { token }),
            ]
        }
        [token, "resync"] => vec![offer("POST", Tokens::Resync { token: (*token).to_owned() })],
        _ => return None,
    })
}

fn phones(rest: &[&str]) -> Option<Offered> {
    let offer = |method, call| (method, Endpoint::Phones(call));
    Some(match rest {
        [] => vec![offer("GET", Phones::List), offer("POST", Phones::Create)],
        [phone] => {
            let phone = (*phone).to_owned();
            vec![
                offer("GET", Phones::Show { phone: phone.clone() }),
                offer("POST", Phones::Modify { phone: phone.clone() }),
                offer("DELETE", Phones::Delete { phone }),
            ]
        }
        [phone, what] => {
            let phone = (*phone).to_owned();
            let send = |what| vec![offer("POST", Phones::Send { phone: phone.clone(), what })];
            match *what {
                "activation_url" => vec![offer("POST", Phones::Activation { phone })],
                "send_sms_activation" => send(Texted::Activation),
                "send_sms_installation" => send(Texted::Installation),
                "send_sms_passcodes" => send(Texted::Passcodes),
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn policies(rest: &[&str]) -> Option<Offered> {
    let offer = |method, call| (method, Endpoint::Policies(call));
    Some(match rest {
        [] => vec![offer("GET", Policies::List), offer("POST", Policies::Create)],
        ["calculate"] => vec![offer("GET", Policies::Calculate)],
        ["copy"] => vec![offer("POST", Policies::Copy)],
        ["summary"] => vec![offer("GET", Policies::Summary)],
        ["update"] => vec![offer("PUT", Policies::BulkModify)],
        [policy] => {
            let policy = (*policy).to_owned();
            vec![
                offer("GET", Policies::Show { policy: policy.clone() }),
                offer("PUT", Policies::Modify { policy: policy.clone() }),
                offer("DELETE", Policies::Delete { policy }),
            ]
        }
        _ => return None,
    })
}

fn integrations(version: &str, rest: &[&str]) -> Option<Offered> {
    let offer = |method, call| (method, Endpoint::Integrations(call));
    Some(match (version, rest) {
        (_, []) => {
            let create = Integrations::Create { for_nobody_yet: version == "v3" };
            vec![offer("GET", Integrations::List), offer("POST", create)]
        }
        ("v1", [ikey, "skey"]) => vec![offer("GET", Integrations::SecretKey { ikey: (*ikey).to_owned() })],
        (_, [ikey]) => {
            let ikey = (*ikey).to_owned();
            vec![
                offer("GET", Integrations::Show { ikey: ikey.clone() }),
                offer("POST", Integrations::Modify { ikey: ikey.clone() }),
                offer("DELETE", Integrations::Delete { ikey }),
            ]
        }
        _ => return None,
    })
}

fn admins(rest: &[&str]) -> Option<Offered> {
    let get = |call| ("GET", Endpoint::Admins(call));
    let changed_by = |methods: &[&'static str]| {
        methods.iter().map(|method| (*method, Endpoint::Admins(Admins::Change))).collect::<Offered>()
    };
    Some(match rest {
        [] => [vec![get(Admins::List)], changed_by(&["POST"])].concat(),
        ["activations"] => [vec![get(Admins::Pending)], changed_by(&["POST"])].concat(),
        ["activations", _] => changed_by(&["DELETE"]),
        ["allowed_auth_methods"] => [vec![get(Admins::Methods)], changed_by(&["POST"])].concat(),
        ["password_mgmt"] => return None,
        [admin] => {
            let show = get(Admins::Show { admin: (*admin).to_owned() });
            [vec![show], changed_by(&["POST", "DELETE"])].concat()
        }
        [_, "activation_link"] => changed_by(&["POST", "DELETE"]),
        [_, "activation_link", "email"] | [_, "clear_inactivity" | "password_mgmt" | "reset"] => {
            changed_by(&["POST"])
        }
        ["directorysync", _, "syncadmin"] => changed_by(&["POST"]),
        _ => return None,
    })
}

fn logs(version: &str, log: &str) -> Option<Logs> {
    Some(match (version, log) {
        ("v1", "administrator") => Logs::Administrator,
        ("v1", "authentication") => Logs::AuthenticationV1,
        ("v1", "offline_enrollment") => Logs::OfflineEnrollment,
        ("v1", "telephony") => Logs::TelephonyV1,
        ("v2", "activity") => Logs::Activity,
        ("v2", "authentication") => Logs::Authentication,
        ("v2", "telephony") => Logs::Telephony,
        _ => return None,
    })
}

/// Nouns of the protocol of which there are none here.
const NOBODY_HAS: [&str; 6] = [
    "administrative_units",
    "desktop_authenticators",
    "desktoptokens",
    "endpoints",
    "registered_devices",
    "u2ftokens",
];

fn looks(messages: bool) -> Option<Offered> {
    Some(vec![
        ("GET", Endpoint::Settings(Settings::Branding { messages })),
        ("POST", Endpoint::Settings(Settings::Brand)),
    ])
}

fn others(rest: &[&str]) -> Option<Offered> {
    let get = |endpoint| Some(vec![("GET", endpoint)]);
    match rest {
        ["admins", rest @ ..] => admins(rest),
        ["bypass_codes"] => get(Endpoint::BypassCodes(BypassCodes::List)),
        ["bypass_codes", code] => {
            let code = (*code).to_owned();
            Some(vec![
                ("GET", Endpoint::BypassCodes(BypassCodes::Show { code: code.clone() })),
                ("DELETE", Endpoint::BypassCodes(BypassCodes::Delete { code })),
            ])
        }
        ["webauthncredentials"] => get(Endpoint::WebAuthn(WebAuthn::List)),
        ["webauthncredentials", key] => {
            let key = (*key).to_owned();
            Some(vec![
                ("GET", Endpoint::WebAuthn(WebAuthn::Show { key: key.clone() })),
                ("DELETE", Endpoint::WebAuthn(WebAuthn::Delete { key })),
            ])
        }
        ["phones", rest @ ..] => phones(rest),
        ["info", info] => get(Endpoint::Info(match *info {
            "authentication_attempts" => Info::AuthenticationAttempts,
            "summary" => Info::Summary,
            "telephony_credits_used" => Info::TelephonyCreditsUsed,
            "user_authentication_attempts" => Info::UserAuthenticationAttempts,
            _ => return None,
        })),
        ["bulk"] => Some(vec![("POST", Endpoint::Bulk)]),
        ["branding"] | ["branding", "draft"] => looks(false),
        ["branding", "custom_messaging"] => looks(true),
        ["branding", "draft", "publish"] => Some(vec![("POST", Endpoint::Settings(Settings::Brand))]),
        ["logo"] => Some(vec![
            ("GET", Endpoint::Settings(Settings::Logo)),
            ("POST", Endpoint::Settings(Settings::Brand)),
            ("DELETE", Endpoint::Settings(Settings::DeleteLogo)),
        ]),
        ["settings"] => Some(vec![
            ("GET", Endpoint::Settings(Settings::Show)),
            ("POST", Endpoint::Settings(Settings::Modify)),
        ]),
        ["trust_monitor", "events"] => get(Endpoint::Logs(Logs::TrustMonitor)),
        ["registered_devices", "blocked"] => get(Endpoint::Without(None)),
        [noun] if NOBODY_HAS.contains(noun) => get(Endpoint::Without(None)),
        [noun, id] if NOBODY_HAS.contains(noun) => get(Endpoint::Without(Some((*id).to_owned()))),
        _ => None,
    }
}

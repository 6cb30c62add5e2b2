//! Which call a method and a path are.

use super::super::envelope::Code;

/// One call, with the ids its path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    BypassCodes(BypassCodes),
    Groups(Groups),
    Info(Info),
    Integrations(Integrations),
    Logs(Logs),
    Phones(Phones),
    Policies(Policies),
    Settings(Settings),
    Tokens(Tokens),
    Users(Users),
    WebAuthn(WebAuthn),
    /// Things of the older clients that nobody has here; the list of them is empty.
    Without(Option<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Users {
    BulkCreate,
    BulkRestore,
    BulkTrash,
    BypassCodes {
        user: String,
    },
    Create,
    Directories,
    Enroll,
    GivePhone {
        user: String,
    },
    GiveToken {
        user: String,
    },
    Groups {
        user: String,
    },
    IssueBypassCodes {
        user: String,
    },
    JoinGroup {
        user: String,
    },
    LeaveGroup {
        user: String,
        group: String,
    },
    List,
    Modify {
        user: String,
    },
    Phones {
        user: String,
    },
    Show {
        user: String,
    },
    Sync {
        directory: String,
    },
    TakePhone {
        user: String,
        phone: String,
    },
    TakeToken {
        user: String,
        token: String,
    },
    Tokens {
        user: String,
    },
    Trash {
        user: String,
    },
    WebAuthn {
        user: String,
    },
    /// What nobody has, of one user.
    Without {
        user: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Groups {
    Create,
    Delete {
        group: String,
    },
    List,
    Members {
        group: String,
    },
    Modify {
        group: String,
    },
    /// `with_members`: the older form, whose object holds them.
    Show {
        group: String,
        with_members: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tokens {
    Create,
    Delete { token: String },
    List,
    Modify { token: String },
    Resync { token: String },
    Show { token: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BypassCodes {
    Delete { code: String },
    List,
    Show { code: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebAuthn {
    Delete { key: String },
    List,
    Show { key: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phones {
    Activation { phone: String },
    Create,
    Delete { phone: String },
    List,
    Modify { phone: String },
    Show { phone: String },
}

/// A policy by its key, or by the word for the organisation's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policies {
    BulkModify,
    Calculate,
    Copy,
    Create,
    Delete { policy: String },
    List,
    Modify { policy: String },
    Show { policy: String },
    Summary,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integrations {
    List,
    SecretKey { ikey: String },
    Show { ikey: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settings {
    Logo,
    Modify,
    Show,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Info {
    AuthenticationAttempts,
    Summary,
    TelephonyCreditsUsed,
    UserAuthenticationAttempts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logs {
    Activity,
    Administrator,
    Authentication,
    AuthenticationV1,
    OfflineEnrollment,
    Telephony,
    TelephonyV1,
}

/// What a path offers: a call for each method.
type Offered = Vec<(&'static str, Endpoint)>;

impl Endpoint {
    /// # Errors
    /// There is no such path, or not by this method.
    pub fn at(method: &str, path: &str) -> Result<Self, Code> {
        let offered = Self::offered(path).ok_or(Code::NotFound)?;
        let mut fitting = offered.into_iter().filter(|(named, _)| *named == method);
        fitting.next().map(|(_, endpoint)| endpoint).ok_or(Code::MethodNotAllowed)
    }

    fn offered(path: &str) -> Option<Offered> {
        let (version, rest) = path.strip_prefix("/admin/")?.split_once('/')?;
        // Neither an id nor a word of a path has anything else in it, so nothing is decoded.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/');
        if path.len() > 256 || !rest.chars().all(plain) {
            return None;
        }
        let segments: Vec<&str> = rest.split('/').collect();
        if segments.iter().any(|segment| segment.is_empty() || segment.len() > super::MAX_ID) {
            return None;
        }
        match (version, segments.as_slice()) {
            ("v1", ["users", rest @ ..]) => users(rest),
            ("v1" | "v2", ["groups", rest @ ..]) => groups(version, rest),
            ("v1", ["tokens", rest @ ..]) => tokens(rest),
            ("v1" | "v2" | "v3", ["integrations", rest @ ..]) => integrations(version, rest),
            ("v2", ["policies", rest @ ..]) => policies(rest),
            (_, ["logs", log]) => Some(vec![("GET", Self::Logs(logs(version, log)?))]),
            ("v1", rest) => others(rest),
            _ => None,
        }
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
        [phone, "activation_url"] => {
            vec![offer("POST", Phones::Activation { phone: (*phone).to_owned() })]
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
    let call = match (version, rest) {
        (_, []) => Integrations::List,
        ("v1", [ikey, "skey"]) => Integrations::SecretKey { ikey: (*ikey).to_owned() },
        (_, [ikey]) => Integrations::Show { ikey: (*ikey).to_owned() },
        _ => return None,
    };
    Some(vec![("GET", Endpoint::Integrations(call))])
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

fn others(rest: &[&str]) -> Option<Offered> {
    let get = |endpoint| Some(vec![("GET", endpoint)]);
    match rest {
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
        ["logo"] => get(Endpoint::Settings(Settings::Logo)),
        ["settings"] => Some(vec![
            ("GET", Endpoint::Settings(Settings::Show)),
            ("POST", Endpoint::Settings(Settings::Modify)),
        ]),
        ["u2ftokens" | "desktoptokens" | "desktop_authenticators" | "endpoints" | "registered_devices"] => {
            get(Endpoint::Without(None))
        }
        [
            "u2ftokens" | "desktoptokens" | "desktop_authenticators" | "endpoints" | "registered_devices",
            id,
        ] => get(Endpoint::Without(Some((*id).to_owned()))),
        _ => None,
    }
}

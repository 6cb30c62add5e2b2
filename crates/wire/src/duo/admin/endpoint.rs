//! Which call a method and a path are.

mod paths;

use super::super::envelope::Code;

/// One call, with the ids its path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    Admins(Admins),
    /// Many calls in one.
    Bulk,
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

/// Administrators, who are read here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admins {
    /// What would make, change or delete one, or what they sign in with.
    Change,
    List,
    Methods,
    /// Invitations that wait, of which there are none.
    Pending,
    Show {
        admin: String,
    },
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
    /// What became of a request by which somebody was to show who they are.
    Outcome {
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
    /// Asks somebody on a phone of theirs whether it is them.
    Verify {
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
    Activation {
        phone: String,
    },
    Create,
    Delete {
        phone: String,
    },
    List,
    Modify {
        phone: String,
    },
    /// Something is texted to it.
    Send {
        phone: String,
        what: Texted,
    },
    Show {
        phone: String,
    },
}

/// What is texted to a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texted {
    Activation,
    Installation,
    Passcodes,
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
    /// `for_nobody_yet`: whether whoever says nothing about it lets nobody in, as since the third version.
    Create {
        for_nobody_yet: bool,
    },
    Delete {
        ikey: String,
    },
    List,
    Modify {
        ikey: String,
    },
    SecretKey {
        ikey: String,
    },
    Show {
        ikey: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settings {
    /// How pages look, and `messages`: the words beside the prompt.
    Branding {
        messages: bool,
    },
    /// To change that.
    Brand,
    DeleteLogo,
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
    TrustMonitor,
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
        paths::offered(version, segments.as_slice())
    }
}

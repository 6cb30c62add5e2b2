//! What the menus of both portals lead to. Administrators' pages stand in groups with a heading; whoever may see nothing
//! of a group does not see its heading either. A search finds these pages, and some that are a step further, by their
//! names and by the words that people would look for.

use sallyport_app::{Ctx, search};
use sallyport_model::Action;

use super::shell::may;
use crate::language::{Language, Line, Markup, Text};

/// Lines of the menu that belong together.
pub(crate) struct Group {
    pub(crate) heading: Option<&'static str>,
    pub(crate) items: Vec<Item>,
}

/// A line of the menu.
pub(crate) struct Item {
    pub(crate) href: &'static str,
    pub(crate) text: Markup,
    /// The name of a symbol in `icons.svg`.
    pub(crate) icon: &'static str,
    pub(crate) here: bool,
}

/// A person's own pages.
pub(super) fn portal(here: &str, say: Language) -> Vec<Group> {
    vec![Group { heading: None, items: PORTAL.iter().map(|entry| entry.item(here, say)).collect() }]
}

/// The pages of administrators that this one may see, in English.
pub(super) fn admin(ctx: &Ctx, here: &str) -> Vec<Group> {
    let groups = ADMIN.iter().map(|section| {
        let entries = section.entries.iter().filter(|entry| entry.is_for(ctx));
        let items: Vec<Item> = entries.map(|entry| entry.item(here, Language::En)).collect();
        Group { heading: section.heading, items }
    });
    groups.filter(|group| !group.items.is_empty()).collect()
}

/// A page of administrators that a search finds.
pub(crate) struct Destination {
    pub(crate) href: &'static str,
    pub(crate) title: &'static str,
    pub(crate) icon: &'static str,
}

/// The pages of administrators that fit a text and that this one may see.
pub(crate) fn find(ctx: &Ctx, text: &str) -> Vec<Destination> {
    let all = ADMIN.iter().flat_map(|section| section.entries).chain(&FURTHER);
    let fit = all.filter(|entry| entry.is_for(ctx)).filter_map(|entry| {
        let title = entry.text.english_text()?;
        let found = Destination { href: entry.href, title, icon: entry.icon };
        search::fits(text, &format!("{title} {}", entry.words)).then_some(found)
    });
    let mut found: Vec<Destination> = fit.collect();
    // What is called so comes before what is about it.
    found.sort_by_key(|page| !search::fits(text, page.title));
    found
}

struct Section {
    heading: Option<&'static str>,
    entries: &'static [Entry],
}

struct Entry {
    href: &'static str,
    text: Line,
    icon: &'static str,
    needs: Option<Action>,
    /// By what else people look for it.
    words: &'static str,
}

impl Entry {
    fn is_for(&self, ctx: &Ctx) -> bool {
        self.needs.is_none_or(|action| may(ctx, action))
    }

    fn item(&self, here: &str, say: Language) -> Item {
        Item { href: self.href, text: self.text.say(say), icon: self.icon, here: self.href == here }
    }
}

const fn entry(
    href: &'static str,
    text: &'static str,
    icon: &'static str,
    needs: Option<Action>,
    words: &'static str,
) -> Entry {
    Entry { href, text: Line::english(text), icon, needs, words }
}

const fn own(href: &'static str, text: fn(Language) -> Text, icon: &'static str) -> Entry {
    Entry { href, text: Line::Message(text), icon, needs: None, words: "" }
}

static PORTAL: [Entry; 4] = [
    own("/", Language::my_doors, "key"),
    own("/applications", Language::applications, "apps"),
    own("/sign-ins", Language::my_sign_ins, "door"),
    own("/password", Language::password, "lock"),
];

const DIRECTORY: Option<Action> = Some(Action::ReadDirectory);
const RUNS: Option<Action> = Some(Action::ReadRuns);
const SETTINGS: Option<Action> = Some(Action::ReadSettings);
const SIGN_INS: Option<Action> = Some(Action::ReadSignIns);

#[rustfmt::skip]
static ADMIN: [Section; 8] = [
    Section { heading: None, entries: &[entry("/admin", "Overview", "home", None, "dashboard home start status")] },
    Section {
        heading: Some("People"),
        entries: &[
            entry("/admin/users", "Users", "user", DIRECTORY, "people accounts directory suspend service identities"),
            entry("/admin/groups", "Groups", "users", DIRECTORY, "members teams nested"),
            entry("/admin/hardware-tokens", "Hardware tokens", "fob", DIRECTORY, "otp oath hotp totp yubikey serial pskc"),
            entry("/admin/resets", "Resets", "reset", Some(Action::ManageFactors), "recovery lost phone call back second person"),
        ],
    },
    Section {
        heading: Some("Devices"),
        entries: &[
            entry("/admin/devices", "Devices", "device", DIRECTORY, "machines computers laptops servers hosts quarantine inventory"),
            entry("/admin/commands", "Commands", "terminal", RUNS, "scripts shell software install"),
            entry("/admin/runs", "Runs", "play", RUNS, "executions output jobs"),
        ],
    },
    Section {
        heading: Some("Access"),
        entries: &[
            entry("/admin/applications", "Applications", "apps", DIRECTORY, "apps sso saml oidc openid oauth integrations clients bookmarks forward auth proxy"),
            entry("/admin/policies", "Policies", "policy", SETTINGS, "second door mfa remember trusted browsers"),
            entry("/admin/access-rules", "Access rules", "rule", SETTINGS, "conditional access country network time cedar location"),
            entry("/admin/factors", "Multi-factor", "shield", SETTINGS, "mfa 2fa totp authenticator passkey webauthn push bypass codes enrolment"),
        ],
    },
    Section {
        heading: Some("Activity"),
        entries: &[
            entry("/admin/sign-ins", "Sign-in log", "door", SIGN_INS, "logins authentication log refused denied why"),
            entry("/admin/alarms", "Alarms", "bell", SIGN_INS, "fraud reported guessed push bombing alerts"),
            entry("/admin/sessions", "Sessions", "session", SIGN_INS, "signed in browsers end log out"),
            entry("/admin/audit", "Audit", "list", Some(Action::ReadAudit), "changes history trail who did what feed"),
        ],
    },
    Section {
        heading: Some("Connections"),
        entries: &[
            entry("/admin/connectors", "Connectors", "plug", SETTINGS, "sync duo provisioning directory import"),
            entry("/admin/webhooks", "Webhooks", "hook", SETTINGS, "http callback events notify"),
            entry("/admin/event-streams", "Event streams", "stream", SETTINGS, "siem syslog splunk logs export"),
            entry("/admin/telephony", "Texts and calls", "speech", SETTINGS, "sms twilio telephony phone voice"),
            entry("/admin/mail", "Mail", "mail", SETTINGS, "smtp email sender letters"),
        ],
    },
    Section {
        heading: Some("Organisation"),
        entries: &[
            entry("/admin/settings", "Settings", "settings", SETTINGS, "organisation name passwords length expiry posix uid shell home device login ssh"),
            entry("/admin/branding", "Branding", "brush", SETTINGS, "logo name colours colors theme accent welcome help text look"),
            entry("/admin/tokens", "API tokens", "key", Some(Action::ManageTokens), "rest keys automation"),
        ],
    },
    Section { heading: Some("Yourself"), entries: &[entry("/", "My own pages", "card", None, "portal my factors password profile")] },
];

/// Pages that no menu leads to at once.
#[rustfmt::skip]
static FURTHER: [Entry; 15] = [
    entry("/admin/users/new", "Create a user", "user", Some(Action::CreateUser), "new person add account"),
    entry("/admin/users/import", "Import users", "user", Some(Action::CreateUser), "csv spreadsheet excel people"),
    entry("/admin/mailings", "Enrolment links by mail", "mail", Some(Action::ManageFactors), "mailings invite people enroll"),
    entry("/admin/hardware-tokens/import", "Import hardware tokens", "fob", Some(Action::ManageHardwareTokens), "csv pskc seeds yubikey"),
    entry("/admin/enrollment-tokens", "Enrol a device", "device", Some(Action::EnrollDevices), "enroll machine agent install enrolment tokens"),
    entry("/admin/commands/new", "Write a command", "terminal", Some(Action::WriteCommands), "new script create"),
    entry("/admin/catalogue", "Catalogue of applications", "apps", DIRECTORY, "add application templates saas vendors"),
    entry("/admin/signing-keys", "Signing keys", "key", SETTINGS, "jwks certificates rotate oidc saml"),
    entry("/admin/policies/organization", "Policy of the organisation", "policy", SETTINGS, "default global"),
    entry("/admin/effective-policy", "Effective policy", "policy", SIGN_INS, "what holds for somebody explain"),
    entry("/admin/access-rules/new", "Write an access rule", "rule", SETTINGS, "new conditional access create"),
    entry("/admin/what-if", "What if", "rule", SETTINGS, "try access rules simulate preview"),
    entry("/admin/passkey-models", "Models of passkeys", "shield", SETTINGS, "aaguid attestation fido security keys"),
    entry("/admin/telephony/log", "Log of texts and calls", "speech", SIGN_INS, "sms twilio sent cost"),
    entry("/admin/duo", "Duo at the second door", "shield", SETTINGS, "duo universal prompt web sdk"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ICONS: &str = include_str!("../../assets/icons.svg");

    #[test]
    fn every_line_of_a_menu_has_a_picture_of_its_own_and_it_is_there() {
        let admin: Vec<&Entry> = ADMIN.iter().flat_map(|section| section.entries).collect();
        for entries in [admin, PORTAL.iter().collect()] {
            let icons: BTreeSet<&str> = entries.iter().map(|entry| entry.icon).collect();
            assert_eq!(icons.len(), entries.len(), "two lines share a picture");
            let addresses: BTreeSet<&str> = entries.iter().map(|entry| entry.href).collect();
            assert_eq!(addresses.len(), entries.len(), "two lines lead to one page");
            for icon in icons {
                assert!(ICONS.contains(&format!("<symbol id=\"{icon}\"")), "no picture `{icon}`");
            }
        }
    }
}

//! What every page shows around its own part.

use sallyport_app::Ctx;
use sallyport_model::Action;

use super::guard::{Admin, Door, Portal, Visitor};
use crate::language::{Chooser, Language, Line, Markup, Text};

/// Around a page of somebody who is signed in.
pub(crate) struct Shell {
    pub(crate) organization: String,
    /// Who is signed in.
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) form_token: String,
    pub(crate) notice: Option<Markup>,
    /// What the page speaks.
    pub(crate) say: Language,
    pub(crate) chooser: Option<Chooser>,
    /// Whether this is a page for administrators.
    pub(crate) admin: bool,
    /// Whether the person could open those.
    pub(crate) is_administrator: bool,
    pub(crate) menu: Vec<Item>,
}

/// A line of the menu.
pub(crate) struct Item {
    pub(crate) href: &'static str,
    pub(crate) text: Markup,
    pub(crate) icon: &'static str,
    pub(crate) here: bool,
}

/// Around a page at the doors.
pub(crate) struct DoorShell {
    pub(crate) organization: String,
    pub(crate) form_token: String,
    /// What the page speaks.
    pub(crate) say: Language,
    pub(crate) chooser: Option<Chooser>,
}

impl Shell {
    pub(crate) fn portal(portal: &Portal, here: &str) -> Self {
        let say = portal.language;
        Self::new(portal, say, false, PORTAL.iter().map(|entry| entry.item(here, say)).collect())
    }

    /// Administrators are spoken to in English.
    pub(crate) fn admin(admin: &Admin, here: &str) -> Self {
        let (entries, say) = (ADMIN.iter().filter(|entry| entry.is_for(&admin.0.ctx)), Language::En);
        Self::new(&admin.0, say, true, entries.map(|entry| entry.item(here, say)).collect())
    }

    fn new(portal: &Portal, say: Language, admin: bool, menu: Vec<Item>) -> Self {
        Self {
            organization: portal.organization.clone(),
            name: portal.user.name.to_string(),
            display_name: portal.user.display_name.clone(),
            form_token: portal.session.form_token.clone(),
            notice: portal.notice.as_ref().map(|notice| notice.say(say)),
            say,
            chooser: None,
            admin,
            is_administrator: portal.session.both_doors && !portal.user.roles.is_empty(),
            menu,
        }
    }
}

impl Shell {
    /// Of a page that a browser may come back to at this path, and so may choose a language on.
    pub(crate) fn chosen_at(self, path: &str) -> Self {
        Self { chooser: Some(Chooser::at(path)), ..self }
    }
}

impl DoorShell {
    pub(crate) fn new(door: &Door) -> Self {
        Self {
            organization: door.organization.clone(),
            form_token: door.form_token.expose().to_owned(),
            say: Language::of(&door.headers),
            chooser: None,
        }
    }

    /// For somebody whom another site sent here.
    pub(crate) fn visited(visitor: &Visitor) -> Self {
        match &visitor.portal {
            Some(portal) => Self::again(portal),
            None => Self::new(&visitor.door),
        }
    }

    /// For somebody who is signed in and stands at a door once more.
    pub(crate) fn again(portal: &Portal) -> Self {
        Self {
            organization: portal.organization.clone(),
            form_token: portal.session.form_token.clone(),
            say: portal.language,
            chooser: None,
        }
    }

    /// Of a page that a browser may come back to at this path, and so may choose a language on.
    pub(crate) fn chosen_at(self, path: &str) -> Self {
        Self { chooser: Some(Chooser::at(path)), ..self }
    }

    /// Of a page for whoever runs the server.
    pub(crate) fn in_english(self) -> Self {
        Self { say: Language::En, ..self }
    }
}

/// Whether the caller may do this: pages show no button that would only be refused. The use case asks again.
pub(crate) fn may(ctx: &Ctx, action: Action) -> bool {
    ctx.allow(action).is_ok()
}

struct Entry {
    href: &'static str,
    text: Line,
    icon: &'static str,
    needs: Option<Action>,
}

impl Entry {
    fn is_for(&self, ctx: &Ctx) -> bool {
        self.needs.is_none_or(|action| may(ctx, action))
    }

    fn item(&self, here: &str, say: Language) -> Item {
        Item { href: self.href, text: self.text.say(say), icon: self.icon, here: self.href == here }
    }
}

const fn entry(href: &'static str, text: &'static str, icon: &'static str, needs: Option<Action>) -> Entry {
    Entry { href, text: Line::english(text), icon, needs }
}

const fn own(href: &'static str, text: fn(Language) -> Text, icon: &'static str) -> Entry {
    Entry { href, text: Line::Message(text), icon, needs: None }
}

static PORTAL: [Entry; 4] = [
    own("/", Language::my_doors, "key"),
    own("/applications", Language::applications, "apps"),
    own("/sign-ins", Language::my_sign_ins, "door"),
    own("/password", Language::password, "lock"),
];

static ADMIN: [Entry; 24] = [
    entry("/admin", "Overview", "home", None),
    entry("/admin/users", "Users", "user", Some(Action::ReadDirectory)),
    entry("/admin/groups", "Groups", "users", Some(Action::ReadDirectory)),
    entry("/admin/devices", "Devices", "device", Some(Action::ReadDirectory)),
    entry("/admin/hardware-tokens", "Hardware tokens", "lock", Some(Action::ReadDirectory)),
    entry("/admin/resets", "Resets", "key", Some(Action::ManageFactors)),
    entry("/admin/alarms", "Alarms", "bell", Some(Action::ReadSignIns)),
    entry("/admin/commands", "Commands", "terminal", Some(Action::ReadRuns)),
    entry("/admin/runs", "Runs", "play", Some(Action::ReadRuns)),
    entry("/admin/applications", "Applications", "apps", Some(Action::ReadDirectory)),
    entry("/admin/connectors", "Connectors", "play", Some(Action::ReadSettings)),
    entry("/admin/webhooks", "Webhooks", "bell", Some(Action::ReadSettings)),
    entry("/admin/event-streams", "Event streams", "list", Some(Action::ReadSettings)),
    entry("/admin/factors", "Multi-factor", "key", Some(Action::ReadSettings)),
    entry("/admin/policies", "Policies", "lock", Some(Action::ReadSettings)),
    entry("/admin/access-rules", "Access rules", "lock", Some(Action::ReadSettings)),
    entry("/admin/sign-ins", "Sign-in log", "door", Some(Action::ReadSignIns)),
    entry("/admin/sessions", "Sessions", "user", Some(Action::ReadSignIns)),
    entry("/admin/audit", "Audit", "list", Some(Action::ReadAudit)),
    entry("/admin/settings", "Settings", "settings", Some(Action::ReadSettings)),
    entry("/admin/telephony", "Texts and calls", "device", Some(Action::ReadSettings)),
    entry("/admin/mail", "Mail", "list", Some(Action::ReadSettings)),
    entry("/admin/tokens", "API tokens", "key", Some(Action::ManageTokens)),
    entry("/", "My own pages", "user", None),
];

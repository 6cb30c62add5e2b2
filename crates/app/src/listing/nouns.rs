//! By what each noun is sorted and filtered in its table.

use sallyport_model::{
    AccessRule, Action, Alarm, ApiToken, Application, Command, Connector, Device, EnrollmentToken,
    EventStream, Factor, FactorKind, Group, HardwareToken, Interpreter, Policy, Reset, Time, User, Webhook,
    fold,
};
use sallyport_store::Noun as _;

use super::Listed;

/// A number, so that its digits stand in the order of what it counts. None here is negative.
fn number(n: impl Into<i64>) -> String {
    format!("{:019}", n.into())
}

fn time(time: Time) -> String {
    number(time.0)
}

fn yes(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.into()
}

const fn interpreter(interpreter: Interpreter) -> &'static str {
    match interpreter {
        Interpreter::Bash => "bash",
        Interpreter::Cmd => "cmd",
        Interpreter::Powershell => "powershell",
        Interpreter::Sh => "sh",
    }
}

impl Listed for User {
    const READ: Action = Action::ReadDirectory;
    const SORTS: &'static [&'static str] =
        &["name", "display_name", "state", "password", "mail", "uid", "created"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "display_name" => fold(&self.display_name),
            "state" => self.state.as_str().into(),
            "password" => self.password_status.as_str().into(),
            "mail" => self.mails.first().map(|mail| fold(&mail.address)).unwrap_or_default(),
            "uid" => number(self.posix.uid),
            "created" => time(self.created),
            _ => self.key(),
        }
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        let roles = self.roles.iter().map(|role| ("role", role.as_str().to_owned()));
        let any = (!self.roles.is_empty()).then(|| ("role", "any".to_owned()));
        let password = ("password", self.password_status.as_str().to_owned());
        roles.chain(any).chain([password, ("dormant", yes(self.dormant))]).collect()
    }
}

impl Listed for Device {
    const READ: Action = Action::ReadDirectory;
    const SORTS: &'static [&'static str] = &["name", "platform", "state", "created"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "platform" => self.platform.as_str().into(),
            "state" => self.state.as_str().into(),
            "created" => time(self.created),
            _ => fold(&self.name),
        }
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        vec![("platform", self.platform.as_str().into())]
    }
}

impl Listed for Group {
    const READ: Action = Action::ReadDirectory;
    const SORTS: &'static [&'static str] = &["name", "kind", "description", "created"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "kind" => self.kind.as_str().into(),
            "description" => fold(&self.description),
            "created" => time(self.created),
            _ => self.key(),
        }
    }
}

impl Listed for Application {
    const READ: Action = Action::ReadDirectory;
    const SORTS: &'static [&'static str] = &["name", "type", "state"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "type" => fold(self.kind.text()),
            "state" => self.state().into(),
            _ => self.key(),
        }
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        vec![("type", self.kind.as_str().into())]
    }
}

impl Listed for HardwareToken {
    const READ: Action = Action::ReadDirectory;
    const SORTS: &'static [&'static str] = &["serial", "kind", "state", "created"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "kind" => self.kind.as_str().into(),
            "state" => Self::state(self).into(),
            "created" => time(self.created),
            _ => self.key(),
        }
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        vec![("kind", self.kind.as_str().into())]
    }
}

impl Listed for Reset {
    const READ: Action = Action::ManageFactors;
    const SORTS: &'static [&'static str] = &["created", "user", "what", "state", "author"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "user" => fold(&self.user_name),
            "what" => self.what.kind().text().into(),
            "state" => self.state.as_str().into(),
            "author" => fold(&self.author.label()),
            _ => time(self.created),
        }
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        vec![("what", self.what.kind().as_str().into())]
    }
}

impl Listed for ApiToken {
    const READ: Action = Action::ManageTokens;
    const SORTS: &'static [&'static str] = &["created", "name", "role", "expires", "revoked"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "name" => fold(&self.name),
            "role" => self.role.as_str().into(),
            "expires" => time(self.expires),
            "revoked" => yes(self.revoked),
            _ => self.key(),
        }
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        vec![("role", self.role.as_str().into())]
    }
}

impl Listed for EnrollmentToken {
    const READ: Action = Action::EnrollDevices;
    const SORTS: &'static [&'static str] = &["created", "description", "expires"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "description" => fold(&self.description),
            "expires" => time(self.expires),
            _ => self.key(),
        }
    }
}

impl Listed for Command {
    const READ: Action = Action::ReadRuns;
    const SORTS: &'static [&'static str] = &["name", "interpreter", "trigger"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "interpreter" => interpreter(self.interpreter).into(),
            "trigger" => self.trigger.as_str().into(),
            _ => self.key(),
        }
    }
}

impl Listed for Policy {
    const READ: Action = Action::ReadSettings;
    const SORTS: &'static [&'static str] = &["name"];

    fn sort_value(&self, _: &str) -> String {
        self.key()
    }
}

impl Listed for AccessRule {
    const READ: Action = Action::ReadSettings;
    const SORTS: &'static [&'static str] = &["name", "mode", "note"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "mode" => self.mode.as_str().into(),
            "note" => fold(&self.note),
            _ => self.key(),
        }
    }
}

impl Listed for Webhook {
    const READ: Action = Action::ReadSettings;
    const SORTS: &'static [&'static str] = &["name", "url", "state"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "url" => fold(&self.url),
            "state" => self.state().into(),
            _ => self.key(),
        }
    }
}

impl Listed for EventStream {
    const READ: Action = Action::ReadSettings;
    const SORTS: &'static [&'static str] = &["name", "target", "format", "state"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "target" => fold(&format!("{} {}", self.target.as_str(), self.target.label())),
            "format" => self.format.as_str().into(),
            "state" => self.state().into(),
            _ => self.key(),
        }
    }
}

impl Listed for Connector {
    const READ: Action = Action::ReadSettings;
    const SORTS: &'static [&'static str] = &["name", "type", "host", "state"];

    fn sort_value(&self, by: &str) -> String {
        match by {
            "type" => self.kind.as_str().into(),
            "host" => fold(&self.host),
            "state" => self.state().into(),
            _ => self.key(),
        }
    }
}

/// The open ones first, and then the newest.
impl Listed for Alarm {
    const READ: Action = Action::ReadSignIns;
    const SORTS: &'static [&'static str] = &["urgency"];

    fn sort_value(&self, _: &str) -> String {
        self.key()
    }
}

/// In no table of its own: of people it is asked who has any of their own. Codes that somebody made for them are none.
impl Listed for Factor {
    const READ: Action = Action::ReadDirectory;
    const SORTS: &'static [&'static str] = &["id"];

    fn sort_value(&self, _: &str) -> String {
        String::new()
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        if self.kind() == FactorKind::BypassCode {
            return Vec::new();
        }
        vec![("user", self.user.to_string())]
    }
}

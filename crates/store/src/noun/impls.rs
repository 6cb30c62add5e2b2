//! How each noun is named, keyed and searched.

use sallyport_model::{
    AccessRule, Alarm, AlarmState, ApiToken, Application, Binding, Command, Connector, Device,
    EnrollmentToken, Factor, Group, HardwareToken, Policy, Reset, Run, Settings, SigningKey, Spray, User,
    fold,
    id::{
        AccessRuleId, AlarmId, ApplicationId, BindingId, CommandId, ConnectorId, DeviceId, EnrollmentTokenId,
        FactorId, GroupId, HardwareTokenId, OrgId, PolicyId, ResetId, RunId, SigningKeyId, SprayId, TokenId,
        UserId,
    },
};
use uuid::Uuid;

use super::{Noun, Sql, queries};

impl Noun for Settings {
    const NOUN: &'static str = "settings";
    const SQL: &'static Sql = queries!("org");
    type Id = OrgId;

    /// There is one, under the nil id.
    fn id(&self) -> OrgId {
        OrgId::new(Uuid::nil())
    }

    fn key(&self) -> String {
        "settings".into()
    }

    fn label(&self) -> String {
        self.organization.clone()
    }

    fn search(&self) -> String {
        fold(&self.organization)
    }
}

impl Noun for User {
    const NOUN: &'static str = "user";
    const SQL: &'static Sql = queries!("app_user");
    type Id = UserId;

    fn id(&self) -> UserId {
        self.id
    }

    fn key(&self) -> String {
        self.name.as_str().to_owned()
    }

    fn label(&self) -> String {
        self.name.to_string()
    }

    fn search(&self) -> String {
        let mut text = format!("{} {}", self.name, self.display_name);
        for mail in &self.mails {
            text.push(' ');
            text.push_str(&mail.address);
        }
        fold(&text)
    }

    fn state(&self) -> &'static str {
        self.state.as_str()
    }
}

impl Noun for Group {
    const NOUN: &'static str = "group";
    const SQL: &'static Sql = queries!("app_group");
    type Id = GroupId;

    fn id(&self) -> GroupId {
        self.id
    }

    fn key(&self) -> String {
        fold(&self.name)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn search(&self) -> String {
        fold(&format!("{} {}", self.name, self.description))
    }

    fn state(&self) -> &'static str {
        self.kind.as_str()
    }
}

impl Noun for Device {
    const NOUN: &'static str = "device";
    const SQL: &'static Sql = queries!("device");
    type Id = DeviceId;

    fn id(&self) -> DeviceId {
        self.id
    }

    /// Machines may share a host name, so the id is part of the key.
    fn key(&self) -> String {
        format!("{} {}", fold(&self.name), self.id)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn search(&self) -> String {
        fold(&self.name)
    }

    fn state(&self) -> &'static str {
        self.state.as_str()
    }
}

impl Noun for EnrollmentToken {
    const NOUN: &'static str = "enrollment_token";
    const SQL: &'static Sql = queries!("enrollment_token");
    type Id = EnrollmentTokenId;

    fn id(&self) -> EnrollmentTokenId {
        self.id
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn label(&self) -> String {
        self.description.clone()
    }

    fn search(&self) -> String {
        fold(&self.description)
    }
}

impl Noun for Binding {
    const NOUN: &'static str = "binding";
    const SQL: &'static Sql = queries!("binding");
    type Id = BindingId;

    fn id(&self) -> BindingId {
        self.id
    }

    fn key(&self) -> String {
        Self::key(self)
    }

    fn label(&self) -> String {
        Self::key(self)
    }

    fn search(&self) -> String {
        Self::key(self)
    }
}

impl Noun for Application {
    const NOUN: &'static str = "application";
    const SQL: &'static Sql = queries!("application");
    type Id = ApplicationId;

    fn id(&self) -> ApplicationId {
        self.id
    }

    fn key(&self) -> String {
        fold(&self.name)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn search(&self) -> String {
        fold(&format!("{} {}", self.name, self.ikey))
    }

    fn state(&self) -> &'static str {
        if self.enabled { "enabled" } else { "disabled" }
    }
}

impl Noun for SigningKey {
    const NOUN: &'static str = "signing_key";
    const SQL: &'static Sql = queries!("signing_key");
    type Id = SigningKeyId;

    fn id(&self) -> SigningKeyId {
        self.id
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn label(&self) -> String {
        format!("{} {}", self.algorithm.as_str(), self.id)
    }

    fn search(&self) -> String {
        fold(self.algorithm.as_str())
    }

    fn state(&self) -> &'static str {
        self.state.as_str()
    }
}

impl Noun for Factor {
    const NOUN: &'static str = "factor";
    const SQL: &'static Sql = queries!("factor");
    type Id = FactorId;

    fn id(&self) -> FactorId {
        self.id
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn search(&self) -> String {
        fold(&format!("{} {}", self.name, self.user))
    }

    fn state(&self) -> &'static str {
        self.kind().as_str()
    }
}

impl Noun for Command {
    const NOUN: &'static str = "command";
    const SQL: &'static Sql = queries!("command");
    type Id = CommandId;

    fn id(&self) -> CommandId {
        self.id
    }

    fn key(&self) -> String {
        fold(&self.name)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn search(&self) -> String {
        fold(&self.name)
    }

    fn state(&self) -> &'static str {
        self.trigger.as_str()
    }
}

impl Noun for Connector {
    const NOUN: &'static str = "connector";
    const SQL: &'static Sql = queries!("connector");
    type Id = ConnectorId;

    fn id(&self) -> ConnectorId {
        self.id
    }

    fn key(&self) -> String {
        fold(&self.name)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn search(&self) -> String {
        fold(&format!("{} {}", self.name, self.host))
    }

    fn state(&self) -> &'static str {
        if self.enabled { "enabled" } else { "disabled" }
    }
}

impl Noun for Run {
    const NOUN: &'static str = "run";
    const SQL: &'static Sql = queries!("run");
    type Id = RunId;

    fn id(&self) -> RunId {
        self.id
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn label(&self) -> String {
        self.command_name.clone()
    }

    fn search(&self) -> String {
        fold(&format!("{} {} {}", self.command_name, self.command, self.device))
    }

    fn state(&self) -> &'static str {
        self.state.as_str()
    }
}

impl Noun for ApiToken {
    const NOUN: &'static str = "token";
    const SQL: &'static Sql = queries!("api_token");
    type Id = TokenId;

    fn id(&self) -> TokenId {
        self.id
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn search(&self) -> String {
        fold(&self.name)
    }
}

impl Noun for HardwareToken {
    const NOUN: &'static str = "hardware_token";
    const SQL: &'static Sql = queries!("hardware_token");
    type Id = HardwareTokenId;

    fn id(&self) -> HardwareTokenId {
        self.id
    }

    fn key(&self) -> String {
        fold(&self.serial)
    }

    fn label(&self) -> String {
        self.serial.clone()
    }

    fn search(&self) -> String {
        fold(&self.serial)
    }

    fn state(&self) -> &'static str {
        HardwareToken::state(self)
    }
}

impl Noun for AccessRule {
    const NOUN: &'static str = "access_rule";
    const SQL: &'static Sql = queries!("access_rule");
    type Id = AccessRuleId;

    fn id(&self) -> AccessRuleId {
        self.id
    }

    fn key(&self) -> String {
        fold(&self.name)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn search(&self) -> String {
        fold(&format!("{} {}", self.name, self.note))
    }

    fn state(&self) -> &'static str {
        self.mode.as_str()
    }
}

impl Noun for Policy {
    const NOUN: &'static str = "policy";
    const SQL: &'static Sql = queries!("policy");
    type Id = PolicyId;

    fn id(&self) -> PolicyId {
        self.id
    }

    fn key(&self) -> String {
        fold(&self.name)
    }

    fn label(&self) -> String {
        self.name.clone()
    }

    fn search(&self) -> String {
        fold(&self.name)
    }
}

impl Noun for Spray {
    const NOUN: &'static str = "spray";
    const SQL: &'static Sql = queries!("spray");
    type Id = SprayId;

    fn id(&self) -> SprayId {
        self.id
    }

    /// The one that goes on first, of which there cannot be two, and then the newest first.
    fn key(&self) -> String {
        match self.ended {
            None => Self::GOES_ON.into(),
            Some(_) => format!("over {:020} {}", i64::MAX - self.noticed.0, self.id),
        }
    }

    fn label(&self) -> String {
        format!("password spray noticed {}", self.noticed)
    }

    fn search(&self) -> String {
        let networks = self.networks.iter().map(|from| from.network.as_str());
        fold(&networks.collect::<Vec<_>>().join(" "))
    }

    fn state(&self) -> &'static str {
        Spray::state(self)
    }
}

impl Noun for Alarm {
    const NOUN: &'static str = "alarm";
    const SQL: &'static Sql = queries!("alarm");
    type Id = AlarmId;

    fn id(&self) -> AlarmId {
        self.id
    }

    /// The open ones first, of which nobody has two, and then the newest first.
    fn key(&self) -> String {
        match self.state {
            AlarmState::Open => Self::open_key(self.user),
            AlarmState::Closed { .. } => {
                format!("over {:020} {}", i64::MAX - self.last.said.0, self.id)
            }
        }
    }

    fn label(&self) -> String {
        format!("alarm of {}", self.user_name)
    }

    fn search(&self) -> String {
        fold(&format!("{} {} {} {}", self.user_name, self.last.what, self.last.place, self.last.device))
    }

    fn state(&self) -> &'static str {
        self.state.as_str()
    }
}

impl Noun for Reset {
    const NOUN: &'static str = "reset";
    const SQL: &'static Sql = queries!("reset");
    type Id = ResetId;

    fn id(&self) -> ResetId {
        self.id
    }

    /// The newest first.
    fn key(&self) -> String {
        format!("{:020} {}", i64::MAX - self.created.0, self.id)
    }

    fn label(&self) -> String {
        format!("{} for {}", self.what.kind().text(), self.user_name)
    }

    fn search(&self) -> String {
        let (what, author) = (self.what.kind().text(), self.author.label());
        fold(&format!("{} {what} {} {author} {}", self.user_name, self.detail, self.reason))
    }

    fn state(&self) -> &'static str {
        self.state.as_str()
    }
}

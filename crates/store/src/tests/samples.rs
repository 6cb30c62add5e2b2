//! Nouns to write, told apart by a number.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_model::{
    About, AccessRule, Actor, Alarm, AlarmKind, AlarmState, ApiToken, Application, ApplicationKind, Binding,
    BindingSubject, BindingTarget, CodeDigest, Command, Connector, ConnectorKind, Device, DeviceState,
    EnrollmentToken, EventStream, Factor, FactorKind, Group, GroupKind, HardwareToken, HardwareTokenKind,
    Holder, Interpreter, Mail, Method, NotMe, OidcClient, PasswordStatus, Phone, Platform, Policy, Posix,
    Proof, Reset, ResetOf, ResetState, Right, Role, RuleMode, Run, RunState, Settings, SigningKey,
    SigningKeyState, Spray, SprayNetwork, Time, Trigger, UsedBy, User, UserState, UsernameNormalization,
    Webhook,
    access_rule::{
        DayTime, Effect, FromCountries, FromNetworks, FromWhere, OnDevice, OsVersions, ResourceKind,
        RuleSays, SeenWithin, Then, Weekday, What, When, Who,
    },
    connector::{Brake, ExportedPeople, Leavers, UsernameSource},
    event::{EventFormat, StreamTarget, SyslogTransport},
    id::{
        AccessRuleId, AlarmId, ApplicationId, BindingId, CommandId, ConnectorId, DeviceId, EnrollmentTokenId,
        EventStreamId, FactorId, GroupId, HardwareTokenId, PolicyId, ResetId, RunId, SessionId, SignInId,
        SigningKeyId, SprayId, TokenId, UserId, WebhookId,
    },
    oidc::SigningAlgorithm,
    policy::{Applied, AuthorizedNetworks, PlaceAction, Sections, UserLocation},
    settings::SecondDoorPolicy,
    signin::{FirstDoor, Resource, SignIn, SignInState},
};
use uuid::Uuid;

use crate::{Proved, Session, Stamp};

pub(crate) const NOW: Time = Time::from_unix_seconds(1_700_000_000);

fn uuid(n: u32) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(n))
}

pub(crate) fn user_id(n: u32) -> UserId {
    UserId::new(uuid(n))
}

pub(crate) fn group_id(n: u32) -> GroupId {
    GroupId::new(uuid(n))
}

pub(crate) fn device_id(n: u32) -> DeviceId {
    DeviceId::new(uuid(n))
}

pub(crate) fn stamp() -> Stamp {
    Stamp {
        at: NOW,
        actor: Actor::User { id: user_id(1), name: "alice".into() },
        source: Some("192.0.2.7".into()),
        request: "req-1".into(),
    }
}

pub(crate) fn group(n: u32, name: &str) -> Group {
    Group {
        id: group_id(n),
        name: name.into(),
        description: String::new(),
        kind: GroupKind::Users,
        device_login: None,
        created: NOW,
    }
}

/// A group whose name is its number, for those who only need many.
pub(crate) fn nth(n: u32) -> Group {
    group(n, &format!("group {n:06}"))
}

pub(crate) fn user(n: u32, name: &str) -> User {
    User {
        id: user_id(n),
        name: name.parse().unwrap(),
        aliases: BTreeMap::new(),
        display_name: "Zoë \"Z\" O'Neil\n\u{1f980}".into(),
        mails: vec![Mail { address: format!("{name}@example.org"), verified: true }],
        phones: vec![Phone { number: "+15550100".into(), verified: false }],
        posix: Posix { uid: 20_000 + n, gid: 20_000, shell: "/bin/sh".into(), home: format!("/home/{name}") },
        ssh_keys: Vec::new(),
        manager: Some(user_id(9)),
        state: UserState::Active,
        trashed: None,
        dormant: false,
        password_status: PasswordStatus::Pending,
        password_set: None,
        password_lock: None,
        roles: BTreeSet::from([Role::Auditor]),
        device_right: Some(Right::Administrator),
        about: About {
            notes: format!("met at {n}"),
            attributes: [("badge".to_owned(), n.to_string())].into(),
            ..About::default()
        },
        credential_epoch: i64::MAX - 1,
        duo_id: format!("DU{n:018}"),
        created: NOW,
    }
}

pub(crate) fn device(n: u32) -> Device {
    Device {
        id: device_id(n),
        name: format!("Laptop {n}"),
        platform: Platform::Linux,
        state: DeviceState::Quarantined,
        public_key: "00".repeat(32),
        enrolled_with: EnrollmentTokenId::new(uuid(n)),
        created: NOW,
    }
}

pub(crate) fn enrollment_token(n: u32) -> EnrollmentToken {
    EnrollmentToken {
        id: EnrollmentTokenId::new(uuid(n)),
        description: "for the office".into(),
        groups: vec![group_id(1)],
        expires: NOW,
        used_by: None,
        created: NOW,
    }
}

pub(crate) fn binding(n: u32) -> Binding {
    Binding {
        id: BindingId::new(uuid(n)),
        subject: BindingSubject::User(user_id(n)),
        target: BindingTarget::Device(device_id(n)),
        right: None,
        take_over: false,
        created: NOW,
    }
}

pub(crate) fn application(n: u32) -> Application {
    Application {
        id: ApplicationId::new(uuid(n)),
        name: format!("VPN {n}"),
        redirect_uris: vec![format!("https://vpn{n}.example.com/callback").parse().unwrap()],
        api_host: Some("api-wiki.example.com".parse().expect("a name")),
        kind: ApplicationKind::DuoAuthApi,
        accepts_undated: n.is_multiple_of(2),
        policies: Applied::default(),
        plain_push: false,
        username_normalization: UsernameNormalization::default(),
        ikey: format!("DI{n:018}"),
        used_by: UsedBy::nobody(),
        oidc: Some(OidcClient::default()),
        made_from: None,
        logo: None,
        origins: Vec::new(),
        link: None,
        saml: None,
        saml_certificates: Vec::new(),
        duo_type: None,
        enabled: true,
        grants: BTreeSet::new(),
        created: NOW,
    }
}

pub(crate) fn signing_key(n: u32) -> SigningKey {
    SigningKey {
        id: SigningKeyId::new(uuid(n)),
        algorithm: SigningAlgorithm::Es256,
        jwk: "{}".into(),
        state: SigningKeyState::Active { since: NOW },
        created: NOW,
    }
}

pub(crate) fn factor(n: u32) -> Factor {
    Factor {
        id: FactorId::new(uuid(n)),
        user: user_id(n),
        proof: Proof::Totp,
        name: "Phone".into(),
        duo_id: format!("DP{n:018}"),
        created: NOW,
    }
}

pub(crate) fn connector(n: u32) -> Connector {
    Connector {
        id: ConnectorId::new(uuid(n)),
        name: format!("Duo {n}"),
        kind: ConnectorKind::DuoExport,
        host: "api-0123abcd.duosecurity.com".into(),
        ikey: "DIWJ8X6AEYOR5OMC6TQ1".into(),
        enabled: true,
        people: ExportedPeople::Groups { groups: vec![group_id(n)] },
        groups: vec![group_id(n)],
        username: UsernameSource::Mail,
        phones: true,
        take_over: false,
        leavers: Leavers::Trash,
        brake: Brake::default(),
        created: NOW,
    }
}

pub(crate) fn webhook(n: u32) -> Webhook {
    Webhook {
        id: WebhookId::new(uuid(n)),
        name: format!("Hook {n}"),
        url: "https://hooks.example.com/in".into(),
        kinds: vec!["user".parse().unwrap(), "sign_in.denied".parse().unwrap()],
        enabled: false,
        switched_off: Some("gone".into()),
        created: NOW,
    }
}

pub(crate) fn event_stream(n: u32) -> EventStream {
    let transport = SyslogTransport::Tls;
    EventStream {
        id: EventStreamId::new(uuid(n)),
        name: format!("Stream {n}"),
        target: StreamTarget::Syslog { host: "siem.example.com".into(), port: 6514, transport },
        format: EventFormat::Cef,
        enabled: true,
        created: NOW,
    }
}

pub(crate) fn hardware_token(n: u32) -> HardwareToken {
    HardwareToken {
        id: HardwareTokenId::new(uuid(n)),
        serial: format!("SN-{n}"),
        kind: HardwareTokenKind::Hotp { counter: i64::MAX },
        digits: 8,
        digest: CodeDigest::Sha512,
        duo_id: format!("DH{n:018}"),
        holder: Some(Holder { user: user_id(n), factor: FactorId::new(uuid(n)) }),
        created: NOW,
    }
}

pub(crate) fn policy(n: u32) -> Policy {
    let sections = Sections {
        second_door: Some(SecondDoorPolicy::Groups { groups: vec![group_id(n)] }),
        user_location: Some(UserLocation {
            others: PlaceAction::SecondDoor,
            countries: BTreeMap::from([("CH".parse().unwrap(), PlaceAction::NoSecondDoor)]),
        }),
        authorized_networks: Some(AuthorizedNetworks {
            blocked: vec!["2001:db8::/32".parse().unwrap(), "192.0.2.0/24".parse().unwrap()],
            ..AuthorizedNetworks::default()
        }),
        methods: Some(BTreeSet::from([Method::Passkey, Method::Call])),
        ..Sections::default()
    };
    Policy {
        id: PolicyId::new(uuid(n)),
        name: format!("Policy {n}"),
        duo_id: format!("PO{n:018}"),
        sections,
        created: NOW,
    }
}

pub(crate) fn command(n: u32) -> Command {
    Command {
        id: CommandId::new(uuid(n)),
        name: format!("Update {n}"),
        interpreter: Interpreter::Sh,
        body: "printf '%s\\n' \"$1\" # ?1 $1 \u{0}".into(),
        run_as: "root".into(),
        timeout_seconds: 60,
        environment: BTreeMap::from([("A".into(), "b".into())]),
        trigger: Trigger::OnEnrollment,
        devices: vec![device_id(1)],
        groups: Vec::new(),
        created: NOW,
    }
}

pub(crate) fn run(n: u32) -> Run {
    Run {
        id: RunId::new(uuid(n)),
        command: CommandId::new(uuid(n)),
        command_name: "Update".into(),
        device: device_id(n),
        state: RunState::Finished { at: NOW, exit_code: Some(-1), reason: None },
        trigger: Trigger::Manual,
        launched_by: "alice".into(),
        not_after: NOW,
        created: NOW,
    }
}

pub(crate) fn api_token(n: u32) -> ApiToken {
    ApiToken {
        id: TokenId::new(uuid(n)),
        name: "CI".into(),
        role: Role::Owner,
        expires: NOW,
        revoked: false,
        created: NOW,
    }
}

pub(crate) fn spray(n: u32) -> Spray {
    Spray {
        id: SprayId::new(uuid(n)),
        began: NOW,
        noticed: NOW,
        ended: None,
        names: 10_000,
        attempts: 20_000,
        networks: vec![SprayNetwork { network: "192.0.2.0/24".into(), attempts: 7 }],
        all_networks: 300,
    }
}

pub(crate) fn access_rule(n: u32) -> AccessRule {
    let says = RuleSays {
        who: Who { groups: [group_id(n)].into(), except_users: [user_id(n)].into(), ..Who::default() },
        what: What { kinds: [ResourceKind::AdminPortal].into(), ..What::default() },
        from: FromWhere {
            networks: Some(FromNetworks { not: true, networks: vec!["192.0.2.0/24".parse().unwrap()] }),
            countries: Some(FromCountries { not: false, countries: ["CH".parse().unwrap()].into() }),
            anonymous: Some(false),
        },
        device: OnDevice {
            managed: Some(true),
            bound: Some(false),
            encrypted: Some(true),
            os: Some(OsVersions { not: false, at_least: [("debian".into(), "12".into())].into() }),
            seen: Some(SeenWithin { not: true, days: 30 }),
        },
        when: Some(When {
            outside: true,
            days: [Weekday::Friday].into(),
            from: DayTime::new(8, 30),
            to: DayTime::new(18, 0),
            zone: "Europe/Zurich".into(),
        }),
        expression: Some("context.anonymous".into()),
        then: Then {
            effect: Effect::SecondDoor,
            methods: Some([Method::Passkey].into()),
            fresh_minutes: Some(10),
            remember_hours: Some(8),
        },
    };
    let (name, note) = (format!("Access rule {n}"), "asked for by audit".into());
    AccessRule { id: AccessRuleId::new(uuid(n)), name, note, mode: RuleMode::DryRun, says, created: NOW }
}

pub(crate) fn alarm(n: u32) -> Alarm {
    Alarm {
        id: AlarmId::new(uuid(n)),
        user: user_id(n),
        user_name: "ada".into(),
        times: 2,
        last: NotMe {
            kind: AlarmKind::SignIn,
            what: "VPN".into(),
            place: "192.0.2.7 (NL)".into(),
            device: "Chrome (Linux)".into(),
            factor: Some(FactorId::new(uuid(n))),
            sign_in: Some(SignInId::new(uuid(n))),
            first_door: Some(FirstDoor::Vouched { by: "sshd".into() }),
            opened: false,
            said: NOW,
        },
        raised: NOW,
        state: AlarmState::Closed { by: Actor::LocalAdmin, at: NOW, note: "called".into() },
    }
}

pub(crate) fn reset(n: u32) -> Reset {
    Reset {
        id: ResetId::new(uuid(n)),
        user: user_id(n),
        user_name: "ada".into(),
        what: ResetOf::BypassCodes,
        detail: String::new(),
        reason: "phone lost".into(),
        author: Actor::LocalAdmin,
        state: ResetState::Waiting { until: NOW },
        created: NOW,
    }
}

pub(crate) fn settings() -> Settings {
    Settings { organization: "Example Ltd".into(), ..Settings::default() }
}

pub(crate) fn session(n: u32, owner: u32) -> Session {
    Session {
        hash: format!("hash-{n}"),
        user: user_id(owner),
        id: Some(SessionId::new(uuid(n))),
        first_door: Some(FirstDoor::Password),
        proofs: vec![Proved {
            kind: FactorKind::Totp,
            factor: FactorId::new(uuid(n)),
            at: NOW,
            network: "192.0.2.0/24".into(),
        }],
        bearer: false,
        opened_for: None,
        both_doors: true,
        epoch: 3,
        networks: vec!["192.0.2.0/24".into(), "2001:db8:0:1::/64".into()],
        form_token: "form".into(),
        source: None,
        user_agent: "Mozilla/5.0 \u{0} \u{1f980}".into(),
        created: NOW,
        proved: None,
        expires: NOW,
        seen: NOW,
    }
}

pub(crate) fn sign_in(n: u32, name: &str) -> SignIn {
    SignIn {
        id: SignInId::new(uuid(n)),
        name: name.into(),
        user: Some(user_id(n)),
        resource: Resource::Portal,
        source: Some("192.0.2.7".into()),
        country: "CH".parse().ok(),
        device: Some("Firefox (Linux)".into()),
        host: None,
        managed_device: Some(DeviceId::new(uuid(n))),
        state: SignInState::FirstDoor,
        first_door: None,
        second_door: None,
        tried: None,
        reasons: Vec::new(),
        epoch: 0,
        created: NOW,
    }
}

//! A large organisation, written straight into the store of a server that is not running: people with their factors, groups,
//! devices that reported, and a month of sign-ins.

use std::path::Path;

use sallyport_api::agent::{ActualAccount, ComponentState, Condition, Disk, Inventory, Report, StateVersion};
use sallyport_model::{
    Actor, Device, DeviceState, Factor, Group, GroupKind, Mail, Platform, Proof, Span, Time, User, UserState,
    id::{DeviceId, EnrollmentTokenId, FactorId, GroupId, SignInId, UserId},
    signin::{Reason, Resource, SignIn, SignInState},
};
use sallyport_store::{Db, DeviceStatus, Edge, Location, Stamp, StoreError, Tx};
use sallyport_testkit::unix_now;
use uuid::Uuid;

/// Written in one transaction.
const AT_ONCE: usize = 1_000;
/// So long the sign-ins are spread over.
const SIGNED_IN_FOR: Span = Span::days(30);
/// One of so many sign-ins is refused.
const REFUSED: usize = 12;
/// The projections, which are taken to have read all of it.
const READ: [&str; 5] = ["sessions", "device_state", "enrollment_runs", "notices", "connectors"];

/// How much there is of everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) people: usize,
    pub(crate) groups: usize,
    pub(crate) devices: usize,
    pub(crate) sign_ins: usize,
}

impl Crowd {
    pub(crate) const fn of(people: usize) -> Self {
        Self { people, groups: people / 100, devices: people / 20, sign_ins: people * 10 }
    }

    /// Fills the store in this data folder.
    pub(crate) fn fill(self, data: &Path) -> anyhow::Result<()> {
        let db = Db::open(Location::Sqlite(data.join("sallyport.db")))?;
        let owner = db.read_blocking(|reader| reader.owners())?.pop();
        let owner = owner.ok_or_else(|| anyhow::anyhow!("nobody owns the organisation"))?;
        in_parts(&db, self.people, move |tx, n| person(tx, &owner, n))?;
        let members = self.people / self.groups.max(1);
        in_parts(&db, self.groups, move |tx, n| group(tx, n, members))?;
        in_parts(&db, 1, move |tx, _| of_everybody(tx, self.people))?;
        in_parts(&db, self.devices, device)?;
        in_parts(&db, self.sign_ins, move |tx, n| sign_in(tx, n, self))?;
        db.write_blocking(|tx| {
            let head = tx.feed_head()?;
            READ.iter().try_for_each(|projection| tx.move_feed_cursor(projection, head))
        })?;
        Ok(())
    }
}

fn in_parts(
    db: &Db,
    count: usize,
    one: impl Fn(&mut Tx<'_>, usize) -> Result<(), StoreError> + Clone + Send + 'static,
) -> anyhow::Result<()> {
    for first in (0..count).step_by(AT_ONCE) {
        let one = one.clone();
        db.write_blocking(move |tx| (first..count.min(first + AT_ONCE)).try_for_each(|n| one(tx, n)))?;
    }
    Ok(())
}

fn now() -> Time {
    Time::from_unix_seconds(unix_now())
}

fn stamp() -> Stamp {
    Stamp { at: now(), actor: Actor::System { rule: "bench".into() }, source: None, request: String::new() }
}

/// The id of the nth of something, all of them made at one time.
fn numbered(kind: u128, n: usize) -> Uuid {
    Uuid::from_u128((0x0190_0000_0000_7000 << 64) | (8 << 60) | (kind << 48) | n as u128)
}

pub(crate) fn user_id(n: usize) -> UserId {
    UserId::new(numbered(1, n))
}

fn device_id(n: usize) -> DeviceId {
    DeviceId::new(numbered(2, n))
}

pub(crate) fn name(n: usize) -> String {
    format!("person{n:06}")
}

fn person(tx: &mut Tx<'_>, owner: &User, n: usize) -> Result<(), StoreError> {
    let mut user = owner.clone();
    user.id = user_id(n);
    user.name = name(n).parse().map_err(|_| StoreError::Engine("no name".into()))?;
    user.display_name = format!("Person Number {n}");
    user.mails = vec![Mail { address: format!("{}@example.com", name(n)), verified: true }];
    user.posix.uid = 100_000 + u32::try_from(n).unwrap_or(0);
    user.duo_id = format!("DU{n:018}");
    user.roles.clear();
    user.state = if n.is_multiple_of(50) { UserState::Suspended } else { UserState::Active };
    let id = user.id;
    let created = tx.create(user)?;
    tx.record(created, "create", &stamp());
    let proof = match n % 10 {
        0..=2 => Proof::Totp,
        3..=5 => {
            Proof::Push { platform: "Android".into(), signs_with: sallyport_model::PhoneKeyKind::Passkey }
        }
        6 => Proof::BypassCode { expires: None },
        _ => return Ok(()),
    };
    let factor = Factor {
        id: FactorId::new(numbered(3, n)),
        user: id,
        proof,
        name: "own".into(),
        duo_id: format!("DP{n:018}"),
        created: now(),
    };
    tx.put_edge(Edge::UserFactor, &id.to_string(), &factor.id.to_string())?;
    let created = tx.create(factor)?;
    tx.record(created, "enroll", &stamp());
    Ok(())
}

fn group(tx: &mut Tx<'_>, n: usize, members: usize) -> Result<(), StoreError> {
    let group = Group {
        id: GroupId::new(numbered(4, n)),
        name: format!("Team {n:05}"),
        description: String::new(),
        kind: GroupKind::Users,
        device_login: None,
        created: now(),
    };
    let id = group.id.to_string();
    let created = tx.create(group)?;
    tx.record(created, "create", &stamp());
    for member in n * members..(n + 1) * members {
        tx.put_edge(Edge::Member, &id, &user_id(member).to_string())?;
    }
    Ok(())
}

/// The group in which everybody is.
pub(crate) fn everybody() -> GroupId {
    GroupId::new(numbered(6, 0))
}

fn of_everybody(tx: &mut Tx<'_>, people: usize) -> Result<(), StoreError> {
    let group = Group {
        id: everybody(),
        name: "Everybody".into(),
        description: String::new(),
        kind: GroupKind::Users,
        device_login: None,
        created: now(),
    };
    let created = tx.create(group)?;
    tx.record(created, "create", &stamp());
    let id = everybody().to_string();
    for member in 0..people {
        tx.put_edge(Edge::Member, &id, &user_id(member).to_string())?;
    }
    Ok(())
}

fn device(tx: &mut Tx<'_>, n: usize) -> Result<(), StoreError> {
    let device = Device {
        id: device_id(n),
        name: format!("laptop-{n:05}"),
        platform: Platform::Linux,
        state: if n.is_multiple_of(100) { DeviceState::Quarantined } else { DeviceState::Active },
        public_key: "00".repeat(32),
        enrolled_with: EnrollmentTokenId::new(numbered(5, n)),
        created: now(),
    };
    let id = device.id.to_string();
    let created = tx.create(device)?;
    tx.record(created, "enroll", &stamp());
    let differs = n % 20 == 1;
    let condition = if differs { Condition::Failed } else { Condition::InPlace };
    let account =
        |who: usize| ActualAccount { user: user_id(who), name: name(who), condition, failures: Vec::new() };
    let report = Report {
        version: StateVersion { epoch: 1, n: 1 },
        accounts: (n..n + 8).map(account).collect(),
        login_component: ComponentState::Enabled,
        login_failure: None,
    };
    let disk = Disk { mount_point: "/".into(), encrypted: Some(!differs), ..Disk::default() };
    let inventory =
        Inventory { host_name: format!("laptop-{n:05}"), disks: vec![disk; 4], ..Inventory::default() };
    let json =
        |value: Result<String, _>| value.map_err(|_: serde_json::Error| StoreError::Engine("no JSON".into()));
    let status = DeviceStatus {
        seen: now(),
        epoch: 1,
        n: 1,
        digest: "0".repeat(64),
        report: Some(json(serde_json::to_string(&report))?),
        inventory: Some(json(serde_json::to_string(&inventory))?),
    };
    tx.put_device_status(&id, &status)?;
    let doc = if differs { r#"[{"kind":"accounts","detail":"person"}]"# } else { "[]" };
    let standing = sallyport_store::Standing { drift: i64::from(differs), since: now(), doc: doc.into() };
    tx.put_standing(&id, &standing)
}

/// Spread evenly over the time up to now.
fn sign_in(tx: &mut Tx<'_>, n: usize, of: Crowd) -> Result<(), StoreError> {
    let ago = SIGNED_IN_FOR.0 / i64::try_from(of.sign_ins.max(1)).unwrap_or(1)
        * i64::try_from(of.sign_ins - n).unwrap_or(0);
    let at = now().minus(Span(ago));
    let mut rest = [0; 10];
    for (byte, of) in rest.iter_mut().zip((n as u128).to_be_bytes().iter().skip(6)) {
        *byte = *of;
    }
    let millis = u64::try_from(at.0 / 1000).unwrap_or(0);
    let who = n.wrapping_mul(7919) % of.people.max(1);
    let refused = n.is_multiple_of(REFUSED);
    let why = match n % 3 {
        0 => Reason::PasswordWrong,
        1 => Reason::FactorWrong,
        _ => Reason::Expired,
    };
    let (state, reason) = if refused {
        (SignInState::Denied { at }, why)
    } else {
        (SignInState::Allowed { at }, Reason::BothDoorsPassed)
    };
    let resource = match n % 3 {
        0 => Resource::Portal,
        1 => Resource::DeviceLogin {
            device: device_id(n % of.devices.max(1)),
            name: "laptop".into(),
            service: "sshd".into(),
        },
        _ => Resource::Api,
    };
    let sign_in = SignIn {
        id: SignInId::new(uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()),
        name: name(who),
        user: Some(user_id(who)),
        resource,
        source: Some("192.0.2.7".into()),
        country: None,
        device: Some("Firefox (Linux)".into()),
        host: None,
        managed_device: None,
        state,
        first_door: None,
        second_door: None,
        tried: None,
        reasons: vec![reason],
        epoch: 0,
        created: at,
    };
    tx.put_sign_in(&sign_in, "")
}

//! People, groups, bindings and enrolled devices for tests.

use sallyport_api::{
    agent::{EnrollRequest, EnrollmentSecret},
    rest::{CreateBinding, CreateEnrollmentToken, CreateGroup, CreateUser, GroupMember},
};
use sallyport_crypto::{Secret, digest, sign::SigningKey};
use sallyport_model::{Binding, Device, Group, GroupKind, Platform, User, id::UserId};

use crate::{AppError, binding, device, group, testing::TestOrg, user};

/// A device with the key that only it has.
pub(crate) struct Enrolled {
    pub(crate) device: Device,
    pub(crate) key: SigningKey,
}

/// The enrolment of a machine of this name.
pub(crate) fn enroll_request(name: &str, secret: &Secret) -> EnrollRequest {
    EnrollRequest {
        token: EnrollmentSecret::parse(secret.expose()).unwrap().secret,
        host_name: name.into(),
        platform: Platform::Linux,
        public_key: key(name).public().to_hex(),
        agent_version: "0.1.0".into(),
    }
}

pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(&digest::sha256(name.as_bytes())).unwrap()
}

pub(crate) fn user_member(name: &str) -> GroupMember {
    GroupMember { user: Some(name.into()), ..GroupMember::default() }
}

pub(crate) fn device_member(name: &str) -> GroupMember {
    GroupMember { device: Some(name.into()), ..GroupMember::default() }
}

pub(crate) fn group_member(name: &str) -> GroupMember {
    GroupMember { group: Some(name.into()), ..GroupMember::default() }
}

/// `user`, or `@group`, bound to a device, or `@group`.
pub(crate) fn binding(subject: &str, target: &str) -> CreateBinding {
    let end = |name: &str| match name.strip_prefix('@') {
        Some(group) => (None, Some(group.to_owned())),
        None => (Some(name.to_owned()), None),
    };
    let ((user, user_group), (device, device_group)) = (end(subject), end(target));
    CreateBinding { user, user_group, device, device_group, ..CreateBinding::default() }
}

impl TestOrg {
    /// An active user.
    pub(crate) async fn user(&self, name: &str) -> User {
        let input = CreateUser { name: name.into(), active: true, ..CreateUser::default() };
        user::create(&self.system(), input).await.unwrap().value
    }

    /// An active user with a password.
    pub(crate) async fn user_with_password(&self, name: &str, password: &str) -> User {
        let id: UserId = self.user(name).await.id;
        user::set_password(&self.system(), id, &Secret::from(password)).await.unwrap().value
    }

    pub(crate) async fn group(&self, name: &str, kind: GroupKind) -> Group {
        let input = CreateGroup { name: name.into(), description: String::new(), kind };
        group::create(&self.system(), input).await.unwrap().value
    }

    pub(crate) async fn join(&self, group: &Group, member: GroupMember) {
        group::add_member(&self.system(), group.id, member).await.unwrap();
    }

    pub(crate) async fn bind(&self, subject: &str, target: &str) -> Binding {
        binding::create(&self.system(), binding(subject, target)).await.unwrap().value
    }

    /// A device that joined these groups, or waits in quarantine.
    pub(crate) async fn enroll(&self, name: &str, groups: &[&str]) -> Result<Enrolled, AppError> {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let input = CreateEnrollmentToken { groups, ..CreateEnrollmentToken::default() };
        let token = device::create_token(&self.system(), input).await?;
        let enrolled = device::enroll(&self.nobody(), enroll_request(name, &token.secret)).await?;
        let device = device::show(&self.system(), enrolled.device).await?.value;
        Ok(Enrolled { device, key: key(name) })
    }

    /// A device of no group that was admitted.
    pub(crate) async fn active_device(&self, name: &str) -> Enrolled {
        let Enrolled { device, key } = self.enroll(name, &[]).await.unwrap();
        let device = device::admit(&self.system(), device.id).await.unwrap().value;
        Enrolled { device, key }
    }
}

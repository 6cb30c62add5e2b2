//! What an application is told about a person: by its scopes, by what it asks for one by one, and by rules of its own.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_model::{
    Action, FactorKind, Group, User,
    id::{ApplicationId, GroupId},
    name::printable,
    oidc::{GroupNames, OidcClient, ValueSource},
    signin::FirstDoor,
};
use sallyport_store::{Reader, Versioned};
use sallyport_wire::oidc::{ClaimsRequest, Scope};
use serde_json::{Map, Value, json};

use super::{
    Client, acr,
    grant::{Grant, subject},
};
use crate::{AppError, Ctx, user};

/// Most groups that are told.
const MOST_GROUPS: usize = 500;

/// Claims that say how a token came to be, which no rule may say otherwise.
pub(super) const RESERVED: [&str; 20] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
    "acr",
    "amr",
    "azp",
    "auth_time",
    "sid",
    "cnf",
    "act",
    "client_id",
    "scope",
];

/// The standard claims there are, for discovery.
pub const STANDARD: [&str; 16] = [
    "sub",
    "iss",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "groups",
];

/// Which claims are of which scope (OpenID Connect Core, section 5.4), as far as we know them.
const BY_SCOPE: [(&str, &[&str]); 4] = [
    ("profile", &["name", "given_name", "family_name", "preferred_username"]),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("groups", &["groups"]),
];

/// Where something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    IdToken,
    Userinfo,
}

/// A person, as far as anything about them may be told.
pub(super) struct About {
    pub(super) user: Versioned<User>,
    pub(super) grant: Grant,
    /// Names of all groups around them, in order.
    groups: Vec<String>,
}

impl About {
    /// The same, as far as a token tells it that was given for less.
    pub(super) fn narrowed(mut self, scope: &Scope) -> Self {
        self.grant.scope = scope.clone();
        self
    }
}

/// The scopes of which single claims are asked for, whatever the scopes say.
pub(super) fn scopes_of(asked: &ClaimsRequest) -> Scope {
    let is_asked = |claim: &&str| asked.id_token.contains_key(*claim) || asked.userinfo.contains_key(*claim);
    let scopes = BY_SCOPE.iter().filter(|(_, claims)| claims.iter().any(&is_asked));
    scopes.map(|(scope, _)| *scope).collect()
}

/// What is known about the person of a grant.
pub(super) fn about(reader: &mut Reader, grant: &Grant, user: Versioned<User>) -> Result<About, AppError> {
    let groups = group_names(reader, &user)?;
    Ok(About { user, grant: grant.clone(), groups })
}

pub(crate) fn group_names(reader: &mut Reader, user: &User) -> Result<Vec<String>, AppError> {
    let mut names = BTreeSet::new();
    for id in reader.groups_around(&user.id.to_string())? {
        let Ok(id) = id.parse::<GroupId>() else { continue };
        names.extend(reader.find::<Group>(id)?.map(|group| group.value.name));
    }
    Ok(names.into_iter().take(MOST_GROUPS).collect())
}

/// What an application is told there.
pub(super) fn told(ctx: &Ctx, client: &Client, about: &About, at: Where) -> Map<String, Value> {
    let grant = &about.grant;
    let person = Person { user: &about.user, groups: &about.groups };
    let mut claims = person.claims(&grant.scope, &client.settings, &grant.claims, at);
    claims.insert("sub".into(), subject(ctx, client, about.user.id).into());
    if at == Where::IdToken {
        claims.insert("auth_time".into(), grant.authenticated.unix_seconds().into());
        claims.insert("acr".into(), acr(grant.level).into());
        claims.insert("amr".into(), json!(amr(grant)));
        claims.insert("sid".into(), grant.session.to_string().into());
        if let Some(nonce) = &grant.nonce {
            claims.insert("nonce".into(), nonce.as_str().into());
        }
    }
    claims
}

/// What is to be told about somebody.
pub(crate) struct Person<'a> {
    pub(crate) user: &'a User,
    /// Names of all groups around them, in order.
    pub(crate) groups: &'a [String],
}

impl Person<'_> {
    fn claims(
        &self,
        scope: &Scope,
        settings: &OidcClient,
        asked: &ClaimsRequest,
        at: Where,
    ) -> Map<String, Value> {
        let mut claims = Map::new();
        if at == Where::Userinfo || settings.claims_in_id_token {
            self.by_scope(scope, &mut claims);
            for rule in &settings.claims {
                if let Some(value) = self.value(&rule.value) {
                    claims.insert(rule.claim.clone(), value);
                }
            }
        }
        // One by one: what the scopes would have told, had the application asked for all of those that it may ask for.
        let one_by_one = match at {
            Where::IdToken => &asked.id_token,
            Where::Userinfo => &asked.userinfo,
        };
        if !one_by_one.is_empty() {
            let mut all = Map::new();
            self.by_scope(&settings.scopes.iter().cloned().collect(), &mut all);
            claims.extend(all.into_iter().filter(|(name, _)| one_by_one.contains_key(name)));
        }
        claims
    }

    /// The claims of the scopes (OpenID Connect Core, section 5.4). What is not known is not told.
    fn by_scope(&self, scope: &Scope, claims: &mut Map<String, Value>) {
        let mut say = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                claims.insert(name.to_owned(), value);
            }
        };
        let text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
        let user = self.user;
        if scope.has("profile") {
            say("name", text(&user.display_name));
            say("given_name", text(&user.about.given_name));
            say("family_name", text(&user.about.family_name));
            say("preferred_username", text(user.name.as_str()));
        }
        if scope.has("email")
            && let Some(mail) = user.mails.first()
        {
            say("email", text(&mail.address));
            say("email_verified", Some(mail.verified.into()));
        }
        if scope.has("phone")
            && let Some(phone) = user.phones.first()
        {
            say("phone_number", text(&phone.number));
            say("phone_number_verified", Some(phone.verified.into()));
        }
        if scope.has("groups") {
            say("groups", Some(json!(self.groups)));
        }
    }

    /// What a rule says of them; none if nothing is known.
    pub(crate) fn value(&self, source: &ValueSource) -> Option<Value> {
        let text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
        let user = self.user;
        match source {
            ValueSource::Attribute(name) => text(user.about.attributes.get(name)?),
            ValueSource::DisplayName => text(&user.display_name),
            ValueSource::FamilyName => text(&user.about.family_name),
            ValueSource::GivenName => text(&user.about.given_name),
            ValueSource::Groups(names) => Some(json!(self.groups_as(names))),
            ValueSource::Id => Some(user.id.to_string().into()),
            ValueSource::Literal(value) => text(value),
            ValueSource::Mail => text(&user.mails.first()?.address),
            ValueSource::Phone => text(&user.phones.first()?.number),
            ValueSource::UserName => text(user.name.as_str()),
        }
    }

    fn groups_as(&self, names: &GroupNames) -> Vec<&str> {
        let cut = |name: &'_ str| if names.cut { names.prefix.len() } else { 0 }.min(name.len());
        let chosen = self.groups.iter().filter(|name| name.starts_with(&names.prefix));
        chosen.filter_map(|name| name.get(cut(name)..)).filter(|name| !name.is_empty()).collect()
    }
}

/// How somebody proved who they are, in the words of RFC 8176.
fn amr(grant: &Grant) -> BTreeSet<&'static str> {
    let mut methods = BTreeSet::new();
    match &grant.first_door {
        FirstDoor::Password => methods.extend(["pwd"]),
        FirstDoor::Passkey => methods.extend(["pop", "user"]),
        FirstDoor::Session | FirstDoor::Vouched { .. } => {}
    }
    if let Some(proof) = &grant.second_door {
        methods.extend(match proof.kind {
            FactorKind::BypassCode | FactorKind::Mail => ["otp"],
            FactorKind::Duo => ["mca"],
            FactorKind::HardwareToken | FactorKind::Totp => ["otp"],
            FactorKind::Passkey => ["pop"],
            FactorKind::Phone => ["tel"],
            FactorKind::Push => ["swk"],
        });
        methods.insert("mfa");
    }
    methods
}

/// What an application would be told about a person, and by which rule.
///
/// # Errors
/// Denied, or one of them is not there.
pub async fn preview(
    ctx: &Ctx,
    application: ApplicationId,
    person: &str,
) -> Result<BTreeMap<String, Value>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let (asking, name) = (ctx.clone(), person.to_owned());
    ctx.read(move |reader| {
        let found = asking.org.view.application(reader, application)?;
        let found = found.ok_or_else(|| AppError::not_found("application", application))?;
        let client = asking.org.view.client(reader, &found.ikey)?;
        let client = client.ok_or_else(|| AppError::Conflict("it does not ask by OpenID Connect".into()))?;
        let user = user::by_any_name(reader, &name)?;
        let user = user.ok_or_else(|| AppError::not_found("user", printable(&name, 64)))?;
        let groups = group_names(reader, &user)?;
        let person = Person { user: &user, groups: &groups };
        let scope: Scope = client.settings.scopes.iter().cloned().collect();
        let asked = ClaimsRequest::default();
        let mut claims = person.claims(&scope, &client.settings, &asked, Where::Userinfo);
        claims.insert("sub".into(), subject(&asking, &client, user.id).into());
        Ok(claims.into_iter().collect())
    })
    .await
}

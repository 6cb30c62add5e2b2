//! What an application was given about a person: one grant, of which codes, access tokens and refresh tokens are handles. It
//! ends as a whole.

use sallyport_crypto::Secret;
use sallyport_model::{
    Application, Time, User,
    change::Actor,
    id::{ApplicationId, SessionId, UserId},
    oidc::{OidcGrant, SubjectType},
    signin::FirstDoor,
};
use sallyport_store::{Once, Proved, Reader, Session, Versioned};
use sallyport_wire::oidc::{ClaimsRequest, Scope};
use serde::{Deserialize, Serialize};

use super::{ACCESS_LIFE, Client, GRANT_LIFE, REFRESH_IDLE};
use crate::{
    AppError, Ctx, Tx,
    sso::{Level, Passage},
};

/// Kind of a grant, of an access token and of a refresh token in the store; the latter two are the prefixes of the tokens too.
pub(super) const GRANT: &str = "oidc_grant";
pub(super) const ACCESS: &str = "spoa";
pub(super) const REFRESH: &str = "spor";
/// Verb of an application and of a person of which something that was good once came back.
pub(crate) const REUSED: &str = "revoke_reused_token";

/// What was proved about a person, for whom, and what may be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    /// What it is called in the store. Not a secret.
    pub(super) id: String,
    pub(super) application: ApplicationId,
    pub(super) user: UserId,
    /// The person's credential epoch: what voids sessions voids this too.
    pub(super) epoch: i64,
    pub(super) session: SessionId,
    pub(super) scope: Scope,
    pub(super) nonce: Option<String>,
    pub(super) claims: ClaimsRequest,
    pub(super) authenticated: Time,
    pub(super) level: Level,
    pub(super) first_door: FirstDoor,
    pub(super) second_door: Option<Proved>,
    /// The resource that the access tokens are for, where that is not the application itself.
    pub(super) resource: Option<String>,
    /// Whether it lasts beyond the session.
    pub(super) offline: bool,
    pub(super) created: Time,
}

/// What an access token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Access {
    pub(super) application: ApplicationId,
    /// None: the application itself, and nobody.
    pub(super) grant: Option<String>,
    pub(super) scope: Scope,
    pub(super) resource: Option<String>,
    /// Thumbprint of the key that it is bound to (RFC 9449).
    pub(super) jkt: Option<String>,
    pub(super) issued: Time,
}

/// What a refresh token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refresh {
    pub(super) grant: String,
    /// Of a client that keeps no secret, the key that it is bound to.
    pub(super) jkt: Option<String>,
}

impl Grant {
    /// What somebody who may pass gives an application that asked for this.
    pub(super) fn of(client: &Client, passage: &Passage, id: String, scope: Scope, now: Time) -> Self {
        let offline = client.may(OidcGrant::RefreshToken) && scope.has("offline_access");
        Self {
            id,
            application: client.application.id,
            user: passage.user.id,
            epoch: passage.user.credential_epoch,
            session: passage.session,
            scope: if offline { scope } else { scope.without("offline_access") },
            nonce: None,
            claims: ClaimsRequest::default(),
            authenticated: passage.authenticated,
            level: passage.level,
            first_door: passage.first_door.clone(),
            second_door: passage.second_door.clone(),
            resource: None,
            offline,
            created: now,
        }
    }

    /// Keeps it, with the person as its owner: it goes with them.
    pub(super) fn put(&self, tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
        let once = Once {
            owner: self.user.to_string(),
            expires: self.created.plus(GRANT_LIFE),
            used: None,
            doc: serde_json::to_string(self)?,
        };
        Ok(tx.put_once(GRANT, &self.id, &once)?)
    }

    /// The grant with this id, while it lasts.
    pub(super) fn find(reader: &mut Reader, id: &str, now: Time) -> Result<Option<Self>, AppError> {
        let once = reader.find_once(GRANT, id)?.filter(|once| once.expires >= now);
        Ok(once.map(|once| serde_json::from_str(&once.doc)).transpose()?)
    }

    /// The person it is about, if it is still worth anything: they are who they were and let in, and the session it rests on
    /// goes on, or did not have to.
    pub(super) fn person(&self, reader: &mut Reader, ctx: &Ctx) -> Result<Option<Versioned<User>>, AppError> {
        let user = reader.find::<User>(self.user)?;
        let Some(user) = user.filter(|user| user.is_active() && user.credential_epoch == self.epoch) else {
            return Ok(None);
        };
        let is_open = self.offline || self.session(reader, ctx)?.is_some();
        Ok(Some(user).filter(|_| is_open))
    }

    /// The session it rests on, while it goes on. Being away from it for a while ends no grant.
    fn session(&self, reader: &mut Reader, ctx: &Ctx) -> Result<Option<Session>, AppError> {
        let sessions = reader.sessions_of(self.user)?;
        Ok(sessions
            .into_iter()
            .find(|session| session.id == Some(self.session) && session.expires >= ctx.now))
    }

    /// Ends it, with everything that was handed out for it.
    pub(super) fn end(&self, tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
        for kind in [ACCESS, REFRESH] {
            tx.void_once(&self.id, kind)?;
        }
        tx.delete_once(GRANT, &self.id)?;
        Ok(())
    }

    /// Ends it because something that was good once came back: one of the two who had it was a thief. That stands in the
    /// application's history, and the person hears of it.
    pub(super) fn end_as_stolen(&self, tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
        self.end(tx)?;
        let Some(application) = tx.find::<Application>(self.application)? else { return Ok(()) };
        tx.record_touched(&application.value, REUSED);
        if let Some(user) = tx.find::<User>(self.user)? {
            let by = Actor::Application { id: application.id, name: application.name.clone() };
            tx.record_touched_by(by, &user.value, REUSED);
        }
        Ok(())
    }

    /// By which name an application knows the person: ours, or one that no other application knows.
    pub(super) fn subject(&self, ctx: &Ctx, client: &Client) -> String {
        subject(ctx, client, self.user)
    }
}

/// By which name an application knows a person.
pub(super) fn subject(ctx: &Ctx, client: &Client, user: UserId) -> String {
    match client.settings.subject_type {
        SubjectType::Public => user.to_string(),
        SubjectType::Pairwise => {
            ctx.org.keys.hash_token("oidc_subject", &format!("{} {user}", client.application.id))
        }
    }
}

/// A token to hand out, drawn before the write, which may run more than once.
pub(super) struct Draft {
    pub(super) token: Secret,
    pub(super) hash: String,
    kind: &'static str,
}

impl Draft {
    pub(super) fn draw(ctx: &Ctx, kind: &'static str) -> Result<Self, AppError> {
        let (token, hash) = ctx.bearer(kind)?;
        Ok(Self { token, hash, kind })
    }

    /// Keeps what the token stands for, with the grant as its owner, or the application where there is none.
    pub(super) fn put_access(&self, tx: &mut Tx<'_, '_>, access: &Access) -> Result<(), AppError> {
        let owner = access.grant.clone().unwrap_or_else(|| access.application.to_string());
        self.put(tx, owner, tx.ctx.now.plus(ACCESS_LIFE), serde_json::to_string(access)?)
    }

    pub(super) fn put_refresh(
        &self,
        tx: &mut Tx<'_, '_>,
        grant: &Grant,
        jkt: Option<String>,
    ) -> Result<(), AppError> {
        let refresh = Refresh { grant: grant.id.clone(), jkt };
        let expires = tx.ctx.now.plus(REFRESH_IDLE).min(grant.created.plus(GRANT_LIFE));
        self.put(tx, grant.id.clone(), expires, serde_json::to_string(&refresh)?)
    }

    fn put(&self, tx: &mut Tx<'_, '_>, owner: String, expires: Time, doc: String) -> Result<(), AppError> {
        Ok(tx.put_once(self.kind, &self.hash, &Once { owner, expires, used: None, doc })?)
    }
}

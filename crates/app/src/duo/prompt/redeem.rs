//! A code becomes a statement: asked by the application's server, which proves its key anew.

use sallyport_model::{
    Application, User,
    signin::{SignIn, SignInState},
};
use sallyport_store::{Once, StoreError, Versioned};
use sallyport_wire::duo::{
    Params,
    prompt::{
        AuthContext, AuthDevice, AuthResult, ClientAssertion, LEEWAY, NamedKey, OAuthError, Person, Redeem,
        RedeemReply, Statement, TokenError, TokenType, Unjudged, isotimestamp, path,
    },
};

use super::{
    grant::{CODE, Grant},
    group_names, hosts,
};
use crate::{
    AppError, Ctx, Tx,
    duo::{access_device, admin::words},
};

/// Kind of an assertion that was used, by its unique id.
const ASSERTION: &str = "assertion";
/// Kind of the token that is handed out because one has to be, and opens nothing.
const ACCESS: &str = "spa";
/// What that token says of itself, in seconds.
const ACCESS_LIFE: u32 = 3600;

/// Why a code is not redeemed.
#[derive(Debug)]
pub enum Unredeemed {
    /// In the words of the protocol.
    Refused(TokenError),
    App(AppError),
}

impl From<TokenError> for Unredeemed {
    fn from(error: TokenError) -> Self {
        Self::Refused(error)
    }
}

impl From<AppError> for Unredeemed {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

/// Redeems a code, once, for the application that asked, at the address that it was sent to.
///
/// # Errors
/// The request, its assertion or its code is not good; busy, or something of ours failed.
pub async fn redeem(ctx: &Ctx, params: &Params, host: Option<&str>) -> Result<RedeemReply, Unredeemed> {
    let redeem = Redeem::read(params)?;
    let keyed = super::client(ctx, &redeem.client_id).await?;
    let unknown = || TokenError::new(OAuthError::InvalidClient, "there is no such client");
    let keyed = keyed.ok_or_else(unknown)?;
    let (client, now) = ((redeem.client_id.as_str(), &keyed.skey), ctx.now.unix_seconds());
    let own = ctx.org.config.host_for(&keyed.application);
    let hosts = hosts(ctx, &own, host);
    let assertion = ClientAssertion::verify(redeem.assertion.expose(), client, path::TOKEN, &hosts, now)
        .map_err(TokenError::from)?;
    let attempt = Attempt {
        application: keyed.application.clone(),
        jti: ctx.org.keys.hash_token(ASSERTION, &format!("{} {}", assertion.client_id, assertion.jti)),
        jti_expires: sallyport_model::Time::from_unix_seconds(assertion.expires.saturating_add(LEEWAY)),
        code: ctx.org.keys.hash_token(CODE, redeem.code.expose()),
        redirect_uri: redeem.redirect_uri,
    };
    // A refusal spends what was shown all the same, so it is no error of the transaction.
    let statement = ctx.write(move |tx| attempt.redeem(tx)).await??;
    Ok(RedeemReply {
        id_token: statement.sign(client, &assertion.host, now),
        access_token: ctx.bearer(ACCESS)?.0.expose().to_owned(),
        token_type: TokenType::Bearer,
        expires_in: ACCESS_LIFE,
    })
}

struct Attempt {
    application: Application,
    jti: String,
    jti_expires: sallyport_model::Time,
    code: String,
    redirect_uri: String,
}

impl Attempt {
    fn redeem(&self, tx: &mut Tx<'_, '_>) -> Result<Result<Statement, TokenError>, AppError> {
        let refused = |error, description: &str| Ok(Err(TokenError::new(error, description)));
        if !self.is_first(tx)? {
            return refused(OAuthError::InvalidClient, "the client assertion was used before");
        }
        let now = tx.ctx.now;
        let enabled = tx.find::<Application>(self.application.id)?.is_some_and(|app| app.enabled);
        let once = tx.find_once(CODE, &self.code)?;
        let owner = self.application.id.to_string();
        // Somebody else's code stays good for whoever it was given to.
        let Some(once) = once.filter(|once| once.owner == owner) else {
            return refused(OAuthError::InvalidGrant, "the code is unknown, used or expired");
        };
        if !tx.use_once(CODE, &self.code, now)? {
            return refused(OAuthError::InvalidGrant, "the code is unknown, used or expired");
        }
        let grant: Grant = serde_json::from_str(&once.doc)?;
        if grant.prompt.request().redirect_uri != self.redirect_uri {
            return refused(OAuthError::InvalidGrant, "Invalid redirect URI");
        }
        let user = tx.find::<User>(grant.user)?.filter(|user| user.credential_epoch == grant.epoch);
        let sign_in = tx.find_sign_in(&grant.sign_in.to_string())?.map(|stored| stored.sign_in);
        match (user, sign_in) {
            (Some(user), Some(sign_in)) if enabled => Ok(Ok(self.statement(tx, &grant, &user, &sign_in)?)),
            _ => refused(OAuthError::InvalidGrant, "access was withdrawn in the meantime"),
        }
    }

    /// Whether this assertion is used for the first time.
    fn is_first(&self, tx: &mut Tx<'_, '_>) -> Result<bool, AppError> {
        let owner = self.application.id.to_string();
        let once = Once { owner, expires: self.jti_expires, used: None, doc: String::new() };
        match tx.put_once(ASSERTION, &self.jti, &once) {
            Ok(()) => Ok(true),
            Err(StoreError::Taken { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn statement(
        &self,
        tx: &mut Tx<'_, '_>,
        grant: &Grant,
        user: &Versioned<User>,
        sign_in: &SignIn,
    ) -> Result<Statement, AppError> {
        let SignInState::Allowed { at } = sign_in.state else {
            return Err(AppError::Internal("a code was given for a sign-in that is not allowed".into()));
        };
        let factor = words::factor_of(tx, sign_in)?;
        let username = &grant.prompt.username;
        let known_as = user.name.to_string();
        let auth_context = AuthContext {
            // As the authentication log names it.
            txid: sign_in.id.uuid().to_string(),
            timestamp: at.unix_seconds(),
            isotimestamp: isotimestamp(at.unix_seconds()),
            event_type: "authentication",
            factor,
            reason: words::end(sign_in).reason,
            result: "success",
            alias: if *username == known_as { String::new() } else { username.clone() },
            email: user.mails.first().map(|mail| mail.address.clone()),
            user: Person {
                key: user.duo_id.clone(),
                name: known_as,
                groups: group_names(tx, &user.id.to_string())?,
            },
            application: NamedKey { key: self.application.ikey.clone(), name: self.application.name.clone() },
            auth_device: auth_device(tx, sign_in)?,
            access_device: access_device::of(sign_in, true),
            unjudged: Unjudged::default(),
        };
        Ok(Statement {
            username: username.clone(),
            nonce: grant.prompt.request().nonce,
            auth_time: at.unix_seconds(),
            auth_result: AuthResult::allow(),
            auth_context,
        })
    }
}

/// What the person passed the second door with, and where it was if it is a phone that answered by itself.
fn auth_device(tx: &mut Tx<'_, '_>, sign_in: &SignIn) -> Result<AuthDevice, AppError> {
    let Some(door) = &sign_in.second_door else { return Ok(AuthDevice::default()) };
    let factor = tx.find::<sallyport_model::Factor>(door.factor)?;
    let (key, name) = factor.map(|factor| (factor.duo_id.clone(), factor.name.clone())).unzip();
    Ok(AuthDevice { ip: door.source.clone(), key, name, location: access_device::within(door.country) })
}

//! An account at Duo, asked and changed by its Admin API.
//!
//! One call at a time, each signed anew when it is sent again. A service that is busy is waited for, twice as long every
//! time and only so often; everything else is told apart by what somebody can do about it. What the service says is bounded:
//! bytes, pages and time.

use std::time::Duration;

use sallyport_wire::{
    duo::{
        ApiError, Call, ResponseError,
        admin::{
            GroupFields, PhoneFields, UserFields,
            client::{self, RemoteGroup, RemoteId, RemotePhone, RemoteUser},
        },
        envelope::{self, MAX_RESPONSE, PageOf},
        signing::{Keys, SignVersion, sign},
    },
    http::retry_after,
};
use serde::de::DeserializeOwned;

use crate::{
    ConnectError,
    http::{self, Limits, Method, Response},
    outbound::{Outbound, Url},
};

/// A page of users with all that hangs on them is long.
const LIMITS: Limits = Limits { time: Duration::from_secs(30), bytes: MAX_RESPONSE as u64 };

/// How a busy service is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The first wait; each one after is twice as long.
    pub first: Duration,
    /// How many times a call is sent at most.
    pub tries: u32,
    /// The longest wait that the service may ask for.
    pub longest: Duration,
}

impl Default for Patience {
    /// As the service's own clients do it: 1, 2, 4, 8, 16 and 32 seconds.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), tries: 7, longest: Duration::from_secs(60) }
    }
}

/// Why something was not done, or is not known to be.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DuoAdminError {
    #[error("Duo was busy for as long as it was asked")]
    Busy,
    #[error("Duo does not accept the time of this server's clock: {0}")]
    Clock(ApiError),
    /// Lists that never end, or that say two things about their length.
    #[error("Duo's list is not to be believed: {0}")]
    List(&'static str),
    #[error("Duo does not accept integration key and secret key: {0}")]
    Keys(ApiError),
    #[error("Duo's answer cannot be understood")]
    Malformed,
    /// A setting on our side.
    #[error("{0}")]
    Misconfigured(String),
    #[error("Duo knows nothing of this")]
    NotFound,
    #[error(
        "the application of the Admin API at Duo lacks a permission it needs ({0}); grant it to read and to write resources"
    )]
    Permission(ApiError),
    #[error("{}", told(.0))]
    Refused(ApiError),
    #[error("Duo failed with status {0}")]
    Service(u16),
    /// It was sent, and nobody knows what became of it.
    #[error("it is not known whether Duo did it: {0}")]
    Uncertain(String),
    #[error("Duo was not reached: {0}")]
    Unreached(String),
}

fn told(error: &ApiError) -> String {
    let detail = error.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("Duo refuses it: {} ({}){detail}", error.message, error.code)
}

impl DuoAdminError {
    /// Whether a change that was asked for was certainly not made.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        match self {
            Self::Busy
            | Self::Clock(_)
            | Self::Keys(_)
            | Self::Misconfigured(_)
            | Self::NotFound
            | Self::Permission(_)
            | Self::Refused(_)
            | Self::Unreached(_) => true,
            Self::List(_) | Self::Malformed | Self::Service(_) | Self::Uncertain(_) => false,
        }
    }

    /// Whether only this one thing cannot be done, so that others can go on.
    #[must_use]
    pub const fn is_about_one(&self) -> bool {
        match self {
            Self::NotFound | Self::Permission(_) | Self::Refused(_) => true,
            Self::Busy
            | Self::Clock(_)
            | Self::List(_)
            | Self::Keys(_)
            | Self::Malformed
            | Self::Misconfigured(_)
            | Self::Service(_)
            | Self::Uncertain(_)
            | Self::Unreached(_) => false,
        }
    }
}

/// An account, and how it is asked.
pub struct DuoAdmin<'a> {
    pub outbound: &'a Outbound,
    pub url: Url,
    pub keys: Keys,
    /// Unix seconds; asked for each signature.
    pub clock: &'a (dyn Fn() -> i64 + Send + Sync),
    pub patience: Patience,
}

/// Where the Admin API of this host name is; `http://` leads to a listed internal address alone.
///
/// # Errors
/// It is no host.
pub fn url_of(host: &str) -> Result<Url, ConnectError> {
    let url: Url = if host.contains("://") { host.parse()? } else { format!("https://{host}").parse()? };
    if url.path() == "/" { Ok(url) } else { Err(ConnectError::Url(host.chars().take(120).collect())) }
}

impl DuoAdmin<'_> {
    /// Whether keys and permissions are good for reading.
    ///
    /// # Errors
    /// They are not, or the service cannot be asked.
    pub async fn check(&self) -> Result<(), DuoAdminError> {
        let call = client::list_groups(0).with("limit", "1");
        self.page::<RemoteGroup>(&call).await.map(|_| ())
    }

    /// Everybody there, at most `most`.
    ///
    /// # Errors
    /// There are more, or the list is not to be believed.
    pub async fn users(&self, most: usize) -> Result<Vec<RemoteUser>, DuoAdminError> {
        self.all(client::list_users, most, |user: &RemoteUser| &user.user_id).await
    }

    /// # Errors
    /// As [`Self::users`].
    pub async fn groups(&self, most: usize) -> Result<Vec<RemoteGroup>, DuoAdminError> {
        self.all(client::list_groups, most, |group: &RemoteGroup| &group.group_id).await
    }

    /// # Errors
    /// The service cannot be asked.
    pub async fn user(&self, id: &RemoteId) -> Result<Option<RemoteUser>, DuoAdminError> {
        match self.ask::<RemoteUser>(&client::show_user(id)).await {
            Ok(user) if user.user_id == *id => Ok(Some(user)),
            Ok(_) => Err(DuoAdminError::Malformed),
            Err(DuoAdminError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Who has this name or alias.
    ///
    /// # Errors
    /// The service cannot be asked.
    pub async fn users_named(&self, name: &str) -> Result<Vec<RemoteUser>, DuoAdminError> {
        Ok(self.page(&client::users_named(name)).await?.items)
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn create_user(&self, fields: &UserFields) -> Result<RemoteUser, DuoAdminError> {
        self.ask(&client::create_user(fields)).await
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn modify_user(&self, id: &RemoteId, fields: &UserFields) -> Result<RemoteUser, DuoAdminError> {
        let user: RemoteUser = self.ask(&client::modify_user(id, fields)).await?;
        if user.user_id == *id { Ok(user) } else { Err(DuoAdminError::Malformed) }
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn trash_user(&self, id: &RemoteId) -> Result<(), DuoAdminError> {
        self.act(&client::trash_user(id)).await
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn restore_user(&self, id: &RemoteId) -> Result<(), DuoAdminError> {
        self.act(&client::restore_user(id)).await
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn create_group(&self, fields: &GroupFields) -> Result<RemoteGroup, DuoAdminError> {
        self.ask(&client::create_group(fields)).await
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn modify_group(
        &self,
        id: &RemoteId,
        fields: &GroupFields,
    ) -> Result<RemoteGroup, DuoAdminError> {
        self.ask(&client::modify_group(id, fields)).await
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn join_group(&self, user: &RemoteId, group: &RemoteId) -> Result<(), DuoAdminError> {
        self.act(&client::join_group(user, group)).await
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn leave_group(&self, user: &RemoteId, group: &RemoteId) -> Result<(), DuoAdminError> {
        self.act(&client::leave_group(user, group)).await
    }

    /// # Errors
    /// The service cannot be asked.
    pub async fn phones_with(&self, number: &str) -> Result<Vec<RemotePhone>, DuoAdminError> {
        Ok(self.page(&client::phones_with(number)).await?.items)
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn create_phone(&self, fields: &PhoneFields) -> Result<RemotePhone, DuoAdminError> {
        self.ask(&client::create_phone(fields)).await
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn delete_phone(&self, phone: &RemoteId) -> Result<(), DuoAdminError> {
        self.act(&client::delete_phone(phone)).await
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn give_phone(&self, user: &RemoteId, phone: &RemoteId) -> Result<(), DuoAdminError> {
        self.act(&client::give_phone(user, phone)).await
    }

    /// # Errors
    /// Refused, or not done.
    pub async fn take_phone(&self, user: &RemoteId, phone: &RemoteId) -> Result<(), DuoAdminError> {
        self.act(&client::take_phone(user, phone)).await
    }

    async fn ask<T: DeserializeOwned>(&self, call: &Call) -> Result<T, DuoAdminError> {
        let answer = self.send(call).await?;
        envelope::parse(answer.status, &answer.body).map_err(refused)
    }

    /// Does something whose answer says nothing.
    async fn act(&self, call: &Call) -> Result<(), DuoAdminError> {
        self.ask::<serde_json::Value>(call).await.map(|_| ())
    }

    async fn page<T: DeserializeOwned>(&self, call: &Call) -> Result<PageOf<T>, DuoAdminError> {
        let answer = self.send(call).await?;
        envelope::parse_page(answer.status, &answer.body).map_err(refused)
    }

    /// Every page of a list. A list that goes backwards, repeats itself or ends before it said is no list at all: whoever
    /// is missing from it might be taken for somebody who left.
    async fn all<T: DeserializeOwned>(
        &self,
        list: fn(u64) -> Call,
        most: usize,
        id: fn(&T) -> &RemoteId,
    ) -> Result<Vec<T>, DuoAdminError> {
        let (mut found, mut seen, mut offset) = (Vec::new(), std::collections::HashSet::new(), 0);
        loop {
            let page: PageOf<T> = self.page(&list(offset)).await?;
            if !page.items.iter().all(|item| seen.insert(id(item).clone())) {
                return Err(DuoAdminError::List("it names somebody twice"));
            }
            let is_empty = page.items.is_empty();
            found.extend(page.items);
            if found.len() > most {
                return Err(DuoAdminError::List("it is longer than this connector can manage"));
            }
            match page.next_offset {
                Some(next) if next <= offset => return Err(DuoAdminError::List("it does not go on")),
                Some(_) if is_empty => return Err(DuoAdminError::List("a page in its middle is empty")),
                Some(next) => offset = next,
                None if page.total_objects.is_some_and(|total| total != found.len() as u64) => {
                    return Err(DuoAdminError::List("it is not as long as it says"));
                }
                None => return Ok(found),
            }
        }
    }

    async fn send(&self, call: &Call) -> Result<Response, DuoAdminError> {
        let mut wait = self.patience.first;
        let mut tries = 1;
        loop {
            let answer = self.send_once(call).await?;
            if answer.status != 429 {
                return Ok(answer);
            }
            let asked = answer.retry_after.and_then(|text| retry_after::seconds(&text, (self.clock)()));
            let asked = asked.map(Duration::from_secs);
            let next = asked.unwrap_or(wait);
            if tries >= self.patience.tries || next > self.patience.longest {
                return Err(DuoAdminError::Busy);
            }
            tokio::time::sleep(next).await;
            wait = wait.saturating_mul(2);
            tries += 1;
        }
    }

    async fn send_once(&self, call: &Call) -> Result<Response, DuoAdminError> {
        let signed = sign(call, &self.url.host_header(), &self.keys, SignVersion::V5, (self.clock)())
            .map_err(|error| DuoAdminError::Misconfigured(error.to_string()))?;
        let headers: Vec<(&str, &str)> = signed
            .headers
            .iter()
            .filter(|(name, _)| *name != "Content-Type")
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let (method, body) = match signed.method {
            sallyport_wire::duo::Method::Delete => (Method::DELETE, None),
            sallyport_wire::duo::Method::Get => (Method::GET, None),
            sallyport_wire::duo::Method::Post => (Method::POST, Some((envelope::CONTENT_TYPE, signed.body))),
        };
        let is_read = method == Method::GET;
        let sent = http::Call { method, path: &signed.target, headers: &headers, body };
        self.outbound.send(&self.url, sent, LIMITS).await.map_err(|error| failed(&error, is_read))
    }
}

fn refused(error: ResponseError) -> DuoAdminError {
    match error {
        ResponseError::Busy => DuoAdminError::Busy,
        ResponseError::Malformed => DuoAdminError::Malformed,
        ResponseError::Refused(error) => match error.code {
            40104 | 40105 => DuoAdminError::Clock(error),
            40100..=40199 => DuoAdminError::Keys(error),
            40300..=40399 => DuoAdminError::Permission(error),
            40400..=40499 => DuoAdminError::NotFound,
            code if code >= 50000 => DuoAdminError::Service(error.status()),
            _ => DuoAdminError::Refused(error),
        },
        ResponseError::Status(404) => DuoAdminError::Malformed,
        ResponseError::Status(status) => DuoAdminError::Service(status),
    }
}

fn failed(error: &ConnectError, is_read: bool) -> DuoAdminError {
    let text = error.to_string();
    match error {
        ConnectError::BadRoot(_)
        | ConnectError::Impostor { .. }
        | ConnectError::Internal { .. }
        | ConnectError::Url(_) => DuoAdminError::Misconfigured(text),
        ConnectError::Unreachable { .. } => DuoAdminError::Unreached(text),
        ConnectError::Broken(_)
        | ConnectError::Protocol(_)
        | ConnectError::TooLong(_)
        | ConnectError::TooSlow(_) => {
            if is_read {
                DuoAdminError::Unreached(text)
            } else {
                DuoAdminError::Uncertain(text)
            }
        }
    }
}

//! The Admin API as a client asks it: its calls, and the answers as far as somebody who keeps an account in step reads them.
//!
//! What a service leaves out or says as null is empty here; an id or a name that is missing is none, and the answer is
//! not understood. Text is made fit for pages and logs as it is read.

use serde::{Deserialize, Deserializer, de::Error as _};

use super::{
    super::{
        call::{Call, Method},
        text::printable_line,
    },
    GroupFields, MAX_ID, PhoneFields, UserFields,
};

const USERS: &str = "/admin/v1/users";
const GROUPS: &str = "/admin/v1/groups";
const PHONES: &str = "/admin/v1/phones";
/// Longest text of an answer that is kept.
const LONGEST: usize = 256;

/// Users on a page, which bring all that hangs on them, and anything else.
pub const MOST_USERS: u64 = 100;
pub const MOST: u64 = 500;

/// The id of something at the service, fit to stand in a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct RemoteId(String);

impl RemoteId {
    /// None for what no service of this protocol names anything by.
    #[must_use]
    pub fn new(given: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        (!given.is_empty() && given.len() <= MAX_ID && given.bytes().all(plain))
            .then(|| Self(given.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for RemoteId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = String::deserialize(deserializer)?;
        Self::new(&given).ok_or_else(|| D::Error::custom("not an id"))
    }
}

/// How a user stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Active,
    Bypass,
    Disabled,
    LockedOut,
    /// In the trash.
    PendingDeletion,
    Other(String),
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(match word.to_ascii_lowercase().as_str() {
            "active" => Self::Active,
            "bypass" => Self::Bypass,
            "disabled" => Self::Disabled,
            "locked out" => Self::LockedOut,
            "pending deletion" => Self::PendingDeletion,
            _ => Self::Other(printable_line(&word, 40)),
        })
    }
}

/// A user as the service tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RemoteUser {
    pub user_id: RemoteId,
    #[serde(deserialize_with = "name")]
    pub username: String,
    #[serde(default, deserialize_with = "aliases")]
    aliases: Vec<(u8, String)>,
    #[serde(default, deserialize_with = "line")]
    alias1: String,
    #[serde(default, deserialize_with = "line")]
    alias2: String,
    #[serde(default, deserialize_with = "line")]
    alias3: String,
    #[serde(default, deserialize_with = "line")]
    alias4: String,
    #[serde(default, deserialize_with = "line")]
    pub realname: String,
    #[serde(default, deserialize_with = "line")]
    pub email: String,
    pub status: Status,
    /// Unix seconds.
    #[serde(default, deserialize_with = "or_default")]
    pub created: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub groups: Vec<RemoteGroup>,
    #[serde(default, deserialize_with = "or_default")]
    pub phones: Vec<RemotePhone>,
}

impl RemoteUser {
    /// The aliases by their places, whichever of the two forms told them.
    #[must_use]
    pub fn aliases(&self) -> std::collections::BTreeMap<u8, String> {
        let older = [(1, &self.alias1), (2, &self.alias2), (3, &self.alias3), (4, &self.alias4)];
        let older = older.into_iter().map(|(place, alias)| (place, alias.clone()));
        older.chain(self.aliases.iter().cloned()).filter(|(_, alias)| !alias.is_empty()).collect()
    }

    /// A user for whoever tries what is done with one.
    #[must_use]
    pub fn new(user_id: RemoteId, username: String, status: Status) -> Self {
        let none = String::new;
        Self {
            user_id,
            username,
            aliases: Vec::new(),
            alias1: none(),
            alias2: none(),
            alias3: none(),
            alias4: none(),
            realname: none(),
            email: none(),
            status,
            created: 0,
            groups: Vec::new(),
            phones: Vec::new(),
        }
    }

    /// The same with these aliases.
    #[must_use]
    pub fn with_aliases(self, aliases: std::collections::BTreeMap<u8, String>) -> Self {
        let none = String::new;
        let aliases = aliases.into_iter().collect();
        Self { aliases, alias1: none(), alias2: none(), alias3: none(), alias4: none(), ..self }
    }
}

/// A group as the service tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RemoteGroup {
    pub group_id: RemoteId,
    #[serde(default, deserialize_with = "line")]
    pub name: String,
    #[serde(default, deserialize_with = "line")]
    pub desc: String,
}

/// A phone as the service tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RemotePhone {
    pub phone_id: RemoteId,
    #[serde(default, deserialize_with = "line")]
    pub number: String,
    #[serde(default, deserialize_with = "line")]
    pub extension: String,
    /// Whether the service's own app is activated on it.
    #[serde(default, deserialize_with = "or_default")]
    pub activated: bool,
    /// Whose it is; only where it is not told inside of its user.
    #[serde(default, deserialize_with = "or_default")]
    pub users: Vec<Holder>,
}

/// Whoever has a phone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Holder {
    pub user_id: RemoteId,
}

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

fn line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    Ok(printable_line(&text, LONGEST))
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = line(deserializer)?;
    if text.is_empty() { Err(D::Error::custom("no name")) } else { Ok(text) }
}

fn aliases<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(u8, String)>, D::Error> {
    let told: std::collections::BTreeMap<String, Option<String>> = or_default(deserializer)?;
    let place = |name: &str| name.strip_prefix("alias")?.parse().ok();
    let placed = told.iter().filter_map(|(name, alias)| Some((place(name)?, alias.as_deref()?)));
    Ok(placed.map(|(place, alias)| (place, printable_line(alias, LONGEST))).collect())
}

fn page(path: &'static str, limit: u64, offset: u64) -> Call {
    Call::get(path).with("limit", limit.to_string()).with("offset", offset.to_string())
}

fn below(method: Method, parts: &[&str]) -> Call {
    Call::at(method, parts.join("/"))
}

#[must_use]
pub fn list_users(offset: u64) -> Call {
    page(USERS, MOST_USERS, offset)
}

/// Who has this name or alias.
#[must_use]
pub fn users_named(name: &str) -> Call {
    Call::get(USERS).with("username", name)
}

#[must_use]
pub fn show_user(user: &RemoteId) -> Call {
    below(Method::Get, &[USERS, user.as_str()])
}

#[must_use]
pub fn create_user(fields: &UserFields) -> Call {
    fields.write(Call::post(USERS))
}

#[must_use]
pub fn modify_user(user: &RemoteId, fields: &UserFields) -> Call {
    fields.write(below(Method::Post, &[USERS, user.as_str()]))
}

/// Puts a user into the trash.
#[must_use]
pub fn trash_user(user: &RemoteId) -> Call {
    below(Method::Delete, &[USERS, user.as_str()])
}

/// Takes a user out of the trash.
#[must_use]
pub fn restore_user(user: &RemoteId) -> Call {
    let ids = serde_json::Value::from(vec![user.as_str()]).to_string();
    Call::post("/admin/v1/users/bulk_restore").with("user_id_list", ids)
}

#[must_use]
pub fn list_groups(offset: u64) -> Call {
    page(GROUPS, MOST, offset)
}

#[must_use]
pub fn create_group(fields: &GroupFields) -> Call {
    fields.write(Call::post(GROUPS))
}

#[must_use]
pub fn modify_group(group: &RemoteId, fields: &GroupFields) -> Call {
    fields.write(below(Method::Post, &[GROUPS, group.as_str()]))
}

#[must_use]
pub fn join_group(user: &RemoteId, group: &RemoteId) -> Call {
    below(Method::Post, &[USERS, user.as_str(), "groups"]).with("group_id", group.as_str())
}

#[must_use]
pub fn leave_group(user: &RemoteId, group: &RemoteId) -> Call {
    below(Method::Delete, &[USERS, user.as_str(), "groups", group.as_str()])
}

#[must_use]
pub fn phones_with(number: &str) -> Call {
    Call::get(PHONES).with("number", number)
}

#[must_use]
pub fn create_phone(fields: &PhoneFields) -> Call {
    fields.write(Call::post(PHONES))
}

#[must_use]
pub fn delete_phone(phone: &RemoteId) -> Call {
    below(Method::Delete, &[PHONES, phone.as_str()])
}

#[must_use]
pub fn give_phone(user: &RemoteId, phone: &RemoteId) -> Call {
    below(Method::Post, &[USERS, user.as_str(), "phones"]).with("phone_id", phone.as_str())
}

#[must_use]
pub fn take_phone(user: &RemoteId, phone: &RemoteId) -> Call {
    below(Method::Delete, &[USERS, user.as_str(), "phones", phone.as_str()])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{
        super::{
            super::{envelope::parse_page, params::Params},
            Endpoint, Groups, PhoneType, Phones, Places, UserStatus, Users,
        },
        *,
    };

    fn received(call: &Call) -> (Endpoint, Params) {
        let endpoint = Endpoint::at(call.method.as_str(), &call.path).unwrap();
        (endpoint, Params::from_json(&serde_json::to_vec(&call.params).unwrap()).unwrap())
    }

    #[test]
    fn every_call_is_one_that_a_server_knows() {
        let (user, other) = (RemoteId::new("DU1").unwrap(), RemoteId::new("DX2").unwrap());
        let (u, x) = (|| "DU1".to_owned(), || "DX2".to_owned());
        for (call, endpoint) in [
            (list_users(300), Endpoint::Users(Users::List)),
            (users_named("ada"), Endpoint::Users(Users::List)),
            (show_user(&user), Endpoint::Users(Users::Show { user: u() })),
            (trash_user(&user), Endpoint::Users(Users::Trash { user: u() })),
            (restore_user(&user), Endpoint::Users(Users::BulkRestore)),
            (list_groups(0), Endpoint::Groups(Groups::List)),
            (join_group(&user, &other), Endpoint::Users(Users::JoinGroup { user: u() })),
            (leave_group(&user, &other), Endpoint::Users(Users::LeaveGroup { user: u(), group: x() })),
            (phones_with("+1"), Endpoint::Phones(Phones::List)),
            (delete_phone(&other), Endpoint::Phones(Phones::Delete { phone: x() })),
            (give_phone(&user, &other), Endpoint::Users(Users::GivePhone { user: u() })),
            (take_phone(&user, &other), Endpoint::Users(Users::TakePhone { user: u(), phone: x() })),
        ] {
            assert_eq!(received(&call).0, endpoint);
        }
    }

    #[test]
    fn what_a_client_says_a_server_reads() {
        let user = UserFields {
            username: Some("ada".into()),
            realname: Some("Ada & Söhne".into()),
            email: Some(String::new()),
            status: Some(UserStatus::Disabled),
            aliases: Places::All(BTreeMap::from([(1, "a&b=c".into()), (3, String::new()), (8, "é".into())])),
            ..UserFields::default()
        };
        let (endpoint, params) = received(&create_user(&user));
        assert_eq!(endpoint, Endpoint::Users(Users::Create));
        let kept = BTreeMap::from([(1, "a&b=c".to_owned()), (8, "é".to_owned())]);
        assert_eq!(
            UserFields::read(&params).unwrap(),
            UserFields { aliases: Places::All(kept), ..user.clone() }
        );
        let some = Places::Some(BTreeMap::from([(1, Some("a".into())), (4, None)]));
        let user = UserFields { aliases: some, ..user };
        let (_, params) = received(&modify_user(&RemoteId::new("DU1").unwrap(), &user));
        assert_eq!(UserFields::read(&params).unwrap(), user);
        let group = GroupFields { name: Some("Staff".into()), desc: Some(String::new()), status: None };
        assert_eq!(GroupFields::read(&received(&create_group(&group)).1).unwrap(), group);
        let phone = PhoneFields { number: Some("+1".into()), name: None, kind: Some(PhoneType::Mobile) };
        assert_eq!(PhoneFields::read(&received(&create_phone(&phone)).1).unwrap(), phone);
    }

    #[test]
    fn a_list_is_read_with_where_it_goes_on_or_not_at_all() {
        let user = json!({
            "user_id": "DU1", "username": "ada", "alias1": "a1", "alias2": null, "aliases": {"alias5": "a5"},
            "realname": null, "status": "Locked Out", "groups": null, "created": 5,
            "phones": [{"phone_id": "DP1", "number": "+1", "activated": true, "users": null}],
        });
        let body = json!({"stat": "OK", "response": [user], "metadata": {"next_offset": "300", "total_objects": 301}});
        let page = parse_page::<RemoteUser>(200, body.to_string().as_bytes()).unwrap();
        assert_eq!((page.next_offset, page.total_objects), (Some(300), Some(301)));
        let user = &page.items[0];
        assert_eq!(user.aliases(), BTreeMap::from([(1, "a1".to_owned()), (5, "a5".to_owned())]));
        assert_eq!((&user.status, user.created, user.phones[0].activated), (&Status::LockedOut, 5, true));
        for bad in [
            json!({"user_id": "DU1/../x", "username": "ada", "status": "active"}),
            json!({"user_id": "", "username": "ada", "status": "active"}),
            json!({"user_id": "DU1", "username": "", "status": "active"}),
            json!({"user_id": "DU1", "username": "ada"}),
            json!({"user_id": 1, "username": "ada", "status": "active"}),
            json!("DU1"),
        ] {
            let body = json!({"stat": "OK", "response": [bad]}).to_string();
            assert!(parse_page::<RemoteUser>(200, body.as_bytes()).is_err(), "{body}");
        }
        let negative = json!({"stat": "OK", "response": [], "metadata": {"next_offset": -1}}).to_string();
        assert!(parse_page::<RemoteUser>(200, negative.as_bytes()).is_err());
    }
}

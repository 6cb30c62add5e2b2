//! Duo's Admin API, as a server reads it and as a client does.

use sallyport_wire::duo::{
    Params,
    admin::{
        AuthFilter, BulkChange, CopyPolicy, Endpoint, EnrollUser, GroupFields, IntegrationFields,
        IssueBypassCodes, LogRange, NewToken, Paging, PhoneFields, PhoneFilter, PolicyFields, SettingsFields,
        TimeRange, TokenFilter, UserFields, UserFilter, activation_life, bulk_create, bulk_ids,
        client::{RemoteGroup, RemotePhone, RemoteUser},
        codes_in_a_row, operations, reference, words_around,
    },
    envelope::{parse, parse_page},
};

use crate::parts::line;

const NOW: i64 = 1_800_000_000;
const MOST: u64 = 100;

/// Method and path, then parameters as a form or as JSON.
pub(crate) fn requests(bytes: &[u8]) -> bool {
    let Some((first, body)) = line(bytes) else { return false };
    let Some((method, path)) = first.split_once(' ') else { return false };
    let endpoint = Endpoint::at(method, path).is_ok();
    let read = if body.starts_with(b"{") { Params::from_json(body) } else { Params::from_form(body) };
    let Ok(params) = read else { return false };
    if let Ok(paging) = Paging::read(&params, MOST) {
        assert!(paging.of(vec![(); 1000]).items.len() <= 100);
    }
    let fields = [
        AuthFilter::read(&params).is_ok(),
        BulkChange::read(&params).is_ok(),
        CopyPolicy::read(&params).is_ok(),
        EnrollUser::read(&params).is_ok(),
        GroupFields::read(&params).is_ok(),
        IntegrationFields::read(&params).is_ok(),
        IssueBypassCodes::read(&params).is_ok(),
        LogRange::read(&params).is_ok(),
        NewToken::read(&params).is_ok(),
        PhoneFields::read(&params).is_ok(),
        PhoneFilter::read(&params).is_ok(),
        PolicyFields::read(&params).is_ok_and(|fields| tells_itself(&fields)),
        SettingsFields::read(&params).is_ok(),
        TimeRange::read(&params, NOW).is_ok(),
        TokenFilter::read(&params).is_ok(),
        UserFields::read(&params).is_ok(),
        UserFilter::read(&params).is_ok(),
        activation_life(&params).is_ok(),
        bulk_create(&params).is_ok(),
        bulk_ids(&params).is_ok(),
        codes_in_a_row(&params).is_ok(),
        operations(&params).is_ok_and(|all| (1..=50).contains(&all.len())),
        reference(&params, "user_id").is_ok(),
        words_around(&params, "activation_msg", "<acturl>").is_ok(),
    ];
    endpoint && fields.contains(&true)
}

/// What was read of a policy is told so that it reads the same.
fn tells_itself(fields: &PolicyFields) -> bool {
    let Ok(told) = serde_json::to_vec(&Sections { sections: &fields.sections }) else { return false };
    // Where only a range of time by risk was given, which says nothing, it is not told.
    if let Ok(params) = Params::from_json(&told) {
        assert!(PolicyFields::read(&params).is_ok(), "{}", String::from_utf8_lossy(&told));
    }
    true
}

#[derive(serde::Serialize)]
struct Sections<'a> {
    sections: &'a sallyport_wire::duo::admin::Sections,
}
/// What a service answers: what is asked for, the status, then the body.
pub(crate) fn answers(bytes: &[u8]) -> bool {
    let Some((first, body)) = line(bytes) else { return false };
    let Some((asked, status)) = first.split_once(' ') else { return false };
    let Ok(status) = status.parse() else { return false };
    match asked {
        "user" => parse::<RemoteUser>(status, body).is_ok_and(|user| is_tame(&user)),
        "users" => parse_page::<RemoteUser>(status, body).is_ok_and(|page| page.items.iter().all(is_tame)),
        "groups" => parse_page::<RemoteGroup>(status, body).is_ok(),
        "phones" => parse_page::<RemotePhone>(status, body).is_ok(),
        _ => false,
    }
}

/// Whatever is read fits where it is put: ids into paths, names into pages and logs.
fn is_tame(user: &RemoteUser) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    assert!(user.user_id.as_str().bytes().all(plain));
    let aliases = user.aliases();
    let texts = [&user.username, &user.realname, &user.email].into_iter().chain(aliases.values());
    for text in texts {
        assert!(!text.chars().any(char::is_control) && text.chars().count() <= 256);
    }
    true
}

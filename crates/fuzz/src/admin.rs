//! Duo's Admin API, as a server reads it.

use sallyport_wire::duo::{
    Params,
    admin::{
        AuthFilter, BulkChange, CopyPolicy, Endpoint, EnrollUser, GroupFields, IssueBypassCodes, LogRange,
        NewToken, Paging, PhoneFields, PolicyFields, SettingsFields, TimeRange, TokenFilter, UserFields,
        UserFilter, activation_life, bulk_create, bulk_ids, codes_in_a_row, reference,
    },
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
        IssueBypassCodes::read(&params).is_ok(),
        LogRange::read(&params).is_ok(),
        NewToken::read(&params).is_ok(),
        PhoneFields::read(&params).is_ok(),
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
        reference(&params, "user_id").is_ok(),
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

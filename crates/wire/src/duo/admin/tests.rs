use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{
        envelope::{Code, Reply},
        params::{ParamError, Params},
    },
    *,
};

fn form(text: &str) -> Params {
    Params::from_form(text.as_bytes()).unwrap()
}

fn json_params(value: &Value) -> Params {
    Params::from_json(value.to_string().as_bytes()).unwrap()
}

#[test]
fn a_call_is_its_method_and_its_path() {
    let user = || "DU1".to_owned();
    for (method, path, call) in [
        ("GET", "/admin/v1/users", Endpoint::Users(Users::List)),
        ("POST", "/admin/v1/users", Endpoint::Users(Users::Create)),
        ("POST", "/admin/v1/users/enroll", Endpoint::Users(Users::Enroll)),
        ("GET", "/admin/v1/users/directorysync", Endpoint::Users(Users::Directories)),
        (
            "POST",
            "/admin/v1/users/directorysync/X/syncuser",
            Endpoint::Users(Users::Sync { directory: "X".into() }),
        ),
        ("DELETE", "/admin/v1/users/DU1", Endpoint::Users(Users::Trash { user: user() })),
        (
            "POST",
            "/admin/v1/users/DU1/bypass_codes",
            Endpoint::Users(Users::IssueBypassCodes { user: user() }),
        ),
        (
            "DELETE",
            "/admin/v1/users/DU1/groups/DG1",
            Endpoint::Users(Users::LeaveGroup { user: user(), group: "DG1".into() }),
        ),
        (
            "GET",
            "/admin/v1/groups/DG1",
            Endpoint::Groups(Groups::Show { group: "DG1".into(), with_members: true }),
        ),
        (
            "GET",
            "/admin/v2/groups/DG1",
            Endpoint::Groups(Groups::Show { group: "DG1".into(), with_members: false }),
        ),
        ("GET", "/admin/v2/groups/DG1/users", Endpoint::Groups(Groups::Members { group: "DG1".into() })),
        ("POST", "/admin/v1/tokens/DH1/resync", Endpoint::Tokens(Tokens::Resync { token: "DH1".into() })),
        ("GET", "/admin/v2/policies/global", Endpoint::Policies(Policies::Show { policy: "global".into() })),
        ("PUT", "/admin/v2/policies/update", Endpoint::Policies(Policies::BulkModify)),
        ("PUT", "/admin/v2/policies/PO1", Endpoint::Policies(Policies::Modify { policy: "PO1".into() })),
        ("POST", "/admin/v2/policies/copy", Endpoint::Policies(Policies::Copy)),
        ("GET", "/admin/v3/integrations", Endpoint::Integrations(Integrations::List)),
        ("GET", "/admin/v2/logs/authentication", Endpoint::Logs(Logs::Authentication)),
        ("GET", "/admin/v1/logs/authentication", Endpoint::Logs(Logs::AuthenticationV1)),
        ("GET", "/admin/v1/u2ftokens", Endpoint::Without(None)),
        ("GET", "/admin/v1/administrative_units", Endpoint::Without(None)),
        ("GET", "/admin/v1/admins", Endpoint::Admins(Admins::List)),
        ("POST", "/admin/v1/admins", Endpoint::Admins(Admins::Change)),
        ("GET", "/admin/v1/admins/activations", Endpoint::Admins(Admins::Pending)),
        ("GET", "/admin/v1/admins/DE1", Endpoint::Admins(Admins::Show { admin: "DE1".into() })),
        ("DELETE", "/admin/v1/admins/DE1", Endpoint::Admins(Admins::Change)),
        ("GET", "/admin/v1/admins/allowed_auth_methods", Endpoint::Admins(Admins::Methods)),
        ("POST", "/admin/v1/admins/DE1/reset", Endpoint::Admins(Admins::Change)),
        ("GET", "/admin/v1/trust_monitor/events", Endpoint::Logs(Logs::TrustMonitor)),
        (
            "POST",
            "/admin/v1/users/DU1/send_verification_push",
            Endpoint::Users(Users::Verify { user: user() }),
        ),
        (
            "GET",
            "/admin/v1/users/DU1/verification_push_response",
            Endpoint::Users(Users::Outcome { user: user() }),
        ),
        (
            "POST",
            "/admin/v1/phones/DP1/send_sms_passcodes",
            Endpoint::Phones(Phones::Send { phone: "DP1".into(), what: Texted::Passcodes }),
        ),
        (
            "POST",
            "/admin/v3/integrations",
            Endpoint::Integrations(Integrations::Create { for_nobody_yet: true }),
        ),
        (
            "POST",
            "/admin/v1/integrations",
            Endpoint::Integrations(Integrations::Create { for_nobody_yet: false }),
        ),
        (
            "DELETE",
            "/admin/v2/integrations/DI1",
            Endpoint::Integrations(Integrations::Delete { ikey: "DI1".into() }),
        ),
    ] {
        assert_eq!(Endpoint::at(method, path), Ok(call), "{method} {path}");
    }
    for (method, path, code) in [
        ("PUT", "/admin/v1/users", Code::MethodNotAllowed),
        ("POST", "/admin/v2/groups/DG1", Code::MethodNotAllowed),
        ("GET", "/admin/v1/users/enroll", Code::MethodNotAllowed),
        ("DELETE", "/admin/v1/settings", Code::MethodNotAllowed),
        ("GET", "/admin/v2/users", Code::NotFound),
        ("GET", "/admin/v1/users/", Code::NotFound),
        ("GET", "/admin/v1//users", Code::NotFound),
        ("GET", "/admin/v1/users/DU1/", Code::NotFound),
        ("GET", "/admin/v1/users/%44U1", Code::NotFound),
        ("GET", "/admin/v1/users/../groups", Code::NotFound),
        ("GET", "/admin/v1/logs/activity", Code::NotFound),
        ("GET", "/admin/v4/users", Code::NotFound),
        ("GET", "/admin/v1/admins/password_mgmt", Code::NotFound),
        ("POST", "/admin/v1/integrations/DI1/skey", Code::MethodNotAllowed),
        ("POST", "/admin/v1/phones/DP1/send_sms", Code::NotFound),
        ("GET", "/admin/v1", Code::NotFound),
    ] {
        assert_eq!(Endpoint::at(method, path), Err(code), "{method} {path}");
    }
    let long = format!("/admin/v1/users/{}", "A".repeat(65));
    assert_eq!(Endpoint::at("GET", &long), Err(Code::NotFound));
}

#[test]
fn a_limit_too_large_is_what_can_be_and_the_last_page_has_no_next() {
    let read = |text: &str| Paging::read(&form(text), 300);
    assert_eq!(read(""), Ok(Paging { limit: 100, offset: 0 }));
    assert_eq!(read("limit=1000&offset=7"), Ok(Paging { limit: 300, offset: 7 }));
    assert_eq!(read("limit=0"), Ok(Paging { limit: 100, offset: 0 }));
    assert_eq!(read("limit=-1"), Err(ParamError::Invalid("limit")));
    assert_eq!(read("offset=x"), Err(ParamError::Invalid("offset")));
    let page = Paging { limit: 3, offset: 3 };
    let told = |total| serde_json::to_value(page.metadata(total)).unwrap();
    assert_eq!(told(7), json!({ "total_objects": 7, "next_offset": 6, "prev_offset": 0 }));
    assert_eq!(told(6), json!({ "total_objects": 6, "prev_offset": 0 }));
    assert_eq!(page.of((0..7).collect()), Slice { items: vec![3, 4, 5], total: 7 });
    let far = Paging { limit: u64::MAX, offset: u64::MAX };
    assert_eq!(far.of(vec![1]), Slice { items: Vec::new(), total: 1 });
}

#[test]
fn aliases_come_one_by_one_or_all_in_one_text() {
    let read = |params: &Params| UserFields::read(params).map(|fields| fields.aliases);
    let some = |places: &[(u8, Option<&str>)]| {
        Places::Some(places.iter().map(|(n, alias)| (*n, alias.map(str::to_owned))).collect())
    };
    assert_eq!(read(&form("alias1=a&alias4=")), Ok(some(&[(1, Some("a")), (4, None)])));
    assert_eq!(read(&json_params(&json!({ "alias2": null }))), Ok(some(&[])));
    let all = |places: &[(u8, &str)]| {
        Places::All(places.iter().map(|(n, alias)| (*n, (*alias).to_owned())).collect::<BTreeMap<_, _>>())
    };
    let text = |text: &str| json_params(&json!({ "aliases": text }));
    assert_eq!(read(&text("alias1=a%40b&alias8=c+d")), Ok(all(&[(1, "a@b"), (8, "c d")])));
    assert_eq!(read(&text("alias1=&alias2=b")), Ok(all(&[(2, "b")])));
    assert_eq!(read(&text("")), Ok(all(&[])));
    for bad in ["alias9=a", "alias0=a", "name=a", "alias1=a&alias1=b", "alias1"] {
        let told = read(&text(bad));
        assert!(told == Err(ParamError::Invalid("aliases")) || bad == "alias1", "{bad}: {told:?}");
    }
    let both = json_params(&json!({ "alias1": "a", "aliases": "alias2=b" }));
    assert_eq!(read(&both), Err(ParamError::Invalid("aliases")));
}

#[test]
fn an_empty_text_takes_away_and_an_absent_one_leaves() {
    let fields =
        UserFields::read(&json_params(&json!({ "realname": "", "status": "Disabled", "notes": 5 }))).unwrap();
    assert_eq!((fields.realname.as_deref(), fields.email), (Some(""), None));
    assert_eq!(fields.status, Some(UserStatus::Disabled));
    let refused = |text: &str| UserFields::read(&form(text)).map(|_| ());
    assert_eq!(refused("status=locked+out"), Err(ParamError::Invalid("status")));
    assert_eq!(refused("username=a&username=b"), Err(ParamError::Repeated("username")));
    assert_eq!(refused("realname=a%0Ab"), Err(ParamError::Invalid("realname")));
}

#[test]
fn users_are_asked_for_by_lists_within_bounds() {
    let read = |value: Value| UserFilter::read(&json_params(&value));
    assert_eq!(
        read(json!({ "user_id_list": "[\"DU1\",\"DU2\"]" })),
        Ok(UserFilter::Ids(vec!["DU1".into(), "DU2".into()]))
    );
    assert_eq!(read(json!({ "username": "ada", "email": "x" })), Ok(UserFilter::Names(vec!["ada".into()])));
    let many = Value::from(vec!["a"; 101]).to_string();
    assert_eq!(read(json!({ "username_list": many })), Err(ParamError::Invalid("username_list")));
    let users = |value: Value| bulk_create(&json_params(&json!({ "users": value }))).map(|all| all.len());
    assert_eq!(users(json!("[{\"username\":\"a\"},{\"username\":\"b\"}]")), Ok(2));
    assert_eq!(users(json!([{ "username": "a" }])), Ok(1));
    for bad in [json!("[]"), json!("{"), json!("[1]"), json!(7), Value::from(vec![json!({}); 101])] {
        assert_eq!(users(bad.clone()), Err(ParamError::Invalid("users")), "{bad}");
    }
}

#[test]
fn codes_are_drawn_here_and_open_once_or_as_often_as_is_said() {
    let read = |text: &str| IssueBypassCodes::read(&form(text));
    let usual = IssueBypassCodes { count: 10, uses: 1, valid_secs: None, preserve_existing: false };
    assert_eq!(read(""), Ok(usual));
    assert_eq!(
        read("count=2&valid_secs=60&reuse_count=3&preserve_existing=True"),
        Ok(IssueBypassCodes { count: 2, uses: 3, valid_secs: Some(60), preserve_existing: true })
    );
    for (bad, name) in [
        ("count=0", "count"),
        ("count=11", "count"),
        ("valid_secs=-1", "valid_secs"),
        ("reuse_count=0", "reuse_count"),
        ("reuse_count=101", "reuse_count"),
        ("codes=123456789", "codes"),
    ] {
        assert_eq!(read(bad), Err(ParamError::Invalid(name)), "{bad}");
    }
}

#[test]
fn tokens_have_a_kind_with_a_published_algorithm() {
    let read = |text: &str| NewToken::read(&form(text)).map(|token| token.kind);
    assert_eq!(read("type=h8&serial=1&secret=00&counter=5"), Ok(TokenKind::Hotp8));
    let key = NewToken::read(&form("type=yk&serial=1&private_id=01&aes_key=02")).unwrap();
    assert_eq!(
        (key.kind, key.secret.as_str(), key.private_id.as_deref()),
        (TokenKind::Yubikey, "02", Some("01"))
    );
    assert!(NewToken::read(&form("type=yk&serial=1&secret=00")).is_err());
    for bad in ["type=d2&serial=1&secret=00", "type=d1&serial=1&secret=00"] {
        assert_eq!(read(bad), Err(ParamError::Invalid("type")));
    }
    assert_eq!(read("type=t6&serial=1"), Err(ParamError::Missing("secret")));
    assert_eq!(TokenFilter::read(&form("")), Ok(None));
    assert_eq!(TokenFilter::read(&form("serial=1")), Err(ParamError::Missing("type")));
    assert_eq!(codes_in_a_row(&form("code1=1&code2=2")), Err(ParamError::Missing("code3")));
}

#[test]
fn a_phone_is_a_number_that_rings_at_whoever_has_it() {
    let read = |text: &str| PhoneFields::read(&form(text));
    let phone = read("number=%2B441632960000&name=Desk&type=Landline&platform=unknown&predelay=1").unwrap();
    assert_eq!((phone.number.as_deref(), phone.kind), (Some("+441632960000"), Some(PhoneType::Landline)));
    assert_eq!(read("extension=12"), Err(ParamError::Invalid("extension")));
    assert_eq!(read("type=fax"), Err(ParamError::Invalid("type")));
    assert_eq!((activation_life(&form("")), activation_life(&form("valid_secs=60"))), (Ok(86_400), Ok(60)));
    assert_eq!(activation_life(&form("valid_secs=0")), Err(ParamError::Invalid("valid_secs")));
}

#[test]
fn a_logs_cursor_is_two_words_however_they_come() {
    let read = |params: &Params| LogRange::read(params);
    let base = "mintime=1000&maxtime=2000";
    let range = read(&form(base)).unwrap();
    assert_eq!((range.limit, range.order, range.after), (100, Order::NewestFirst, None));
    let cursor = Cursor { millis: 1500, id: "a-b".into() };
    for next in ["&next_offset=1500%2Ca-b", "&next_offset=1500&next_offset=a-b"] {
        assert_eq!(read(&form(&format!("{base}{next}"))).unwrap().after.as_ref(), Some(&cursor));
    }
    let list = json!({ "mintime": "1000", "maxtime": 2000, "next_offset": ["1500", "a-b"], "sort": "ts:asc", "limit": "5000" });
    let range = read(&json_params(&list)).unwrap();
    assert_eq!((range.after, range.order, range.limit), (Some(cursor.clone()), Order::OldestFirst, 1000));
    for bad in [
        "maxtime=1",
        "mintime=2&maxtime=1",
        "mintime=-1&maxtime=1",
        "mintime=1&maxtime=2&sort=up",
        "mintime=1&maxtime=2&next_offset=x",
    ] {
        assert!(read(&form(bad)).is_err(), "{bad}");
    }
    assert_eq!((cursor.pair(), cursor.text()), (json!(["1500", "a-b"]), json!("1500,a-b")));
}

#[test]
fn objects_are_spelled_as_clients_read_them() {
    let group = GroupObject::new("DG1".into(), "Staff".into(), String::new());
    assert_eq!(
        serde_json::to_value(&group).unwrap(),
        json!({
            "group_id": "DG1", "name": "Staff", "desc": "", "status": "Active", "push_enabled": false,
            "sms_enabled": false, "voice_enabled": false, "mobile_otp_enabled": false, "u2f_enabled": false,
        })
    );
    let token = TokenObject {
        token_id: "DH1".into(),
        kind: TokenKind::Hotp6.as_str(),
        serial: "1".into(),
        totp_step: None,
        users: None,
        admins: None,
    };
    assert_eq!(
        serde_json::to_value(&token).unwrap(),
        json!({ "token_id": "DH1", "type": "h6", "serial": "1", "totp_step": null })
    );
    let reply = Reply::page(&[&group], Paging { limit: 1, offset: 0 }.metadata(2));
    assert!(reply.body.ends_with(r#""metadata":{"total_objects":2,"next_offset":1}}"#), "{}", reply.body);
}

#[test]
fn settings_that_would_not_hold_are_refused() {
    let read = |text: &str| SettingsFields::read(&form(text));
    let given = read("name=A&sms_batch=3&lockout_threshold=4&keypress_fraud=").unwrap();
    assert_eq!(
        (given.name.as_deref(), given.sms_batch, given.lockout_threshold),
        (Some("A"), Some(3), Some(4))
    );
    for bad in [
        "helpdesk_bypass=deny",
        "user_telephony_cost_max=5",
        "sms_refresh=1",
        "lockout_expire_duration=0",
        "sms_expiration=",
    ] {
        let refused = read(bad).unwrap_err();
        let name = bad.split('=').next().unwrap();
        let detail = refused.detail.unwrap();
        assert!(refused.code == 40002 && detail.starts_with(&format!("{name}: ")), "{detail}");
    }
    let range = |text: &str| TimeRange::read(&form(text), 10_000_000);
    assert_eq!(range(""), Ok(TimeRange { mintime: 10_000_000 - 30 * 24 * 3600, maxtime: 10_000_000 }));
    assert_eq!(range("mintime=5&maxtime=4"), Err(ParamError::Invalid("mintime")));
}

#[test]
fn of_an_application_what_would_not_hold_is_refused_and_grants_are_nobodys_to_ask_for() {
    let read = |text: &str| IntegrationFields::read(&form(text));
    let full = "name=VPN&type=unix&user_access=ALL_USERS&policy_key=PO1&reset_secret_key=0&enroll_policy=enroll\
        &adminapi_info=0&adminapi_settings=&groups_allowed=&trusted_device_days=0&sso=&visual_style=x&notes=y\
        &self_service_allowed=0&username_normalization_policy=simple&redirect_uris=https://a.example/cb";
    let expected = IntegrationFields {
        name: Some("VPN".into()),
        kind: Some("unix".into()),
        enabled: Some(true),
        policy_key: Some(Some("PO1".into())),
        redirect_uris: Some(vec!["https://a.example/cb".into()]),
        simple_names: Some(true),
        resets_key: true,
    };
    assert_eq!(read(full), Ok(expected));
    assert_eq!(read("policy_key=").unwrap().policy_key, Some(None), "taken away");
    for kind in ["confluence", "1password", "dng-ssh", "adfs"] {
        assert_eq!(read(&format!("type={kind}")).unwrap().kind.as_deref(), Some(kind));
    }
    assert_eq!(read("").unwrap(), IntegrationFields::default());
    for (bad, code) in [
        ("type=Unix", 40002),
        ("type=a_b", 40002),
        ("type=-ssh", 40002),
        ("type=adminapi", 40301),
        ("type=accountsapi", 40301),
        ("adminapi_read_log=1", 40301),
        ("adminapi_something_new=yes", 40301),
        ("user_access=PERMITTED_GROUPS", 40002),
        ("groups_allowed=DG1", 40002),
        ("networks_for_api_access=10.0.0.0/8", 40002),
        ("enroll_policy=deny", 40002),
        ("username_normalization_policy=strict", 40002),
        ("self_service_allowed=1", 40002),
        ("trusted_device_days=7", 40002),
        ("sso=%7B%7D", 40002),
    ] {
        let refused = read(bad).unwrap_err();
        assert_eq!(refused.code, code, "{bad}");
        assert!(refused.detail.is_some_and(|detail| detail.contains(": ")), "{bad}");
    }
    let sso = json_params(&json!({ "sso": { "saml_config": {} } }));
    assert!(IntegrationFields::read(&sso).is_err());
    assert!(IntegrationFields::read(&json_params(&json!({ "adminapi_info": [0] }))).is_err());
}

#[test]
fn words_around_a_link_say_where_it_stands_once() {
    let read = |text: &str| words_around(&form(text), "activation_msg", "<acturl>");
    assert_eq!(read(""), Ok(None));
    assert_eq!(read("activation_msg=Go+to+<acturl>+now"), Ok(Some("Go to <acturl> now".into())));
    for bad in ["Go", "<acturl><acturl>", "a%0A<acturl>", &format!("<acturl>{}", "x".repeat(320))] {
        assert_eq!(
            read(&format!("activation_msg={bad}")),
            Err(ParamError::Invalid("activation_msg")),
            "{bad}"
        );
    }
}

proptest! {
    #[test]
    fn no_path_panics(method in "[A-Z]{0,7}", path in "(/admin/v[0-9]/)?[a-z0-9A-Z/_%.-]{0,80}") {
        let _ = Endpoint::at(&method, &path);
    }

    #[test]
    fn no_parameters_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for params in [Params::from_form(&bytes), Params::from_json(&bytes)].into_iter().flatten() {
            read_all(&params);
        }
    }

    #[test]
    fn no_values_panic(value in "\\PC{0,40}", number in any::<i64>()) {
        for name in ["aliases", "alias1", "users", "user_id_list", "status", "limit", "offset", "next_offset", "mintime",
            "maxtime", "count", "valid_secs", "type", "serial", "secret", "sort", "user_access", "policy_key", "adminapi_x",
            "groups_allowed", "redirect_uris", "activation_msg"]
        {
            read_all(&json_params(&json!({ name: value })));
            read_all(&json_params(&json!({ name: number, "mintime": number, "maxtime": number })));
        }
    }
}

fn read_all(params: &Params) {
    let _ = (UserFields::read(params), UserFilter::read(params), bulk_create(params), bulk_ids(params));
    let _ = (EnrollUser::read(params), GroupFields::read(params), IssueBypassCodes::read(params));
    let _ = (NewToken::read(params).is_ok(), TokenFilter::read(params), codes_in_a_row(params));
    let _ = (LogRange::read(params), AuthFilter::read(params), SettingsFields::read(params));
    let _ = (IntegrationFields::read(params), words_around(params, "activation_msg", "<acturl>"));
    let _ = (
        TimeRange::read(params, i64::MAX),
        Paging::read(params, 500).map(|paging| paging.metadata(u64::MAX)),
    );
}

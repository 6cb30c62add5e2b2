//! The logs, as collectors read them.

use super::*;

#[tokio::test]
async fn the_log_waits_for_whoever_still_stands_before_the_second_door() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    let log = async |sort: &str, more: Value| {
        let now = test.system().now.0 / 1000;
        let mut asked = json!({ "mintime": now - 3_600_000, "maxtime": now + 1000, "sort": sort,
            "event_types": "authentication" });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        house.ok("GET", "/admin/v2/logs/authentication", asked).await
    };
    let in_once = async || {
        test.clock.advance(Span::seconds(30));
        let step = to_second_door(&test.nobody(), "alice").await;
        assert!(matches!(passcode_of(&test.nobody(), &step, &alice, test).await, Step::Allowed(_)));
    };
    in_once().await;
    test.clock.advance(Span::seconds(1));
    let waiting = to_second_door(&test.nobody(), "alice").await;
    in_once().await;
    test.clock.advance(Span::seconds(10));
    let told = log("ts:asc", json!({})).await;
    assert_eq!(told["authlogs"].as_array().unwrap().len(), 1, "nothing behind the one that is open");
    test.clock.advance(Span::minutes(6));
    drop(waiting);
    let told = log("ts:asc", json!({})).await;
    let ends: Vec<&Value> = told["authlogs"].as_array().unwrap().iter().map(|one| &one["reason"]).collect();
    assert_eq!(ends, ["valid_passcode", "no_response", "valid_passcode"]);
    // Backwards and in pages it is the same.
    let mut walked = Vec::new();
    let mut next = json!({});
    loop {
        let mut asked = json!({ "limit": 1 });
        asked.as_object_mut().unwrap().extend(next.as_object().unwrap().clone());
        let part = log("ts:desc", asked).await;
        walked.extend(part["authlogs"].as_array().unwrap().clone());
        let pair = &part["metadata"]["next_offset"];
        if pair.is_null() {
            break;
        }
        next = json!({ "next_offset": pair });
    }
    walked.reverse();
    assert_eq!(&walked, told["authlogs"].as_array().unwrap());
    for (filter, found) in [
        (json!({ "reasons": "no_response" }), 1),
        (json!({ "results": ["success"] }), 2),
        (json!({ "factors": "passcode" }), 2),
        (json!({ "users": house.duo_id("alice").await }), 3),
        (json!({ "applications": "DIXXXXXXXXXXXXXXXXXX" }), 0),
    ] {
        assert_eq!(
            log("ts:asc", filter.clone()).await["authlogs"].as_array().unwrap().len(),
            found,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn enrolments_stand_among_the_sign_ins_in_both_orders_and_are_paged_with_them() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    test.clock.advance(Span::seconds(30));
    let step = to_second_door(&test.nobody(), "alice").await;
    assert!(matches!(passcode_of(&test.nobody(), &step, &alice, test).await, Step::Allowed(_)));
    test.clock.advance(Span::seconds(30));
    person(test, "bob").await;
    // Codes of an administrator are nobody's enrolment.
    crate::factor::issue_bypass_codes(&test.system(), alice.id, 1, 3600).await.unwrap();
    test.clock.advance(Span::seconds(10));
    let log = async |more: Value| {
        let now = test.system().now.0 / 1000;
        let mut asked = json!({ "mintime": now - 3_600_000, "maxtime": now });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        house.ok("GET", "/admin/v2/logs/authentication", asked).await
    };
    let told = |part: &Value| -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let records = part["authlogs"].as_array().unwrap().iter();
        records
            .map(|one| (text(&one["event_type"]), text(&one["user"]["name"]), text(&one["factor"])))
            .collect()
    };
    let record = |kind: &str, name: &str| (kind.to_owned(), name.to_owned(), "passcode".to_owned());
    let all = [record("enrollment", "alice"), record("authentication", "alice"), record("enrollment", "bob")];
    let oldest_first = log(json!({ "sort": "ts:asc" })).await;
    assert_eq!(told(&oldest_first), all);
    assert_eq!(oldest_first["metadata"]["total_objects"], 3);
    let mut newest_first = Vec::new();
    let mut next = json!({ "limit": 1 });
    for _ in 0..3 {
        let part = log(next.clone()).await;
        newest_first.extend(told(&part));
        next = json!({ "limit": 1, "next_offset": part["metadata"]["next_offset"] });
    }
    assert!(next["next_offset"].is_null());
    newest_first.reverse();
    assert_eq!(newest_first, all);
    assert_eq!(told(&log(json!({ "event_types": "enrollment", "sort": "ts:asc" })).await).len(), 2);
    let first = house.ok("GET", "/admin/v1/logs/authentication", json!({ "mintime": 0 })).await;
    let new: Vec<&Value> = first.as_array().unwrap().iter().map(|one| &one["new_enrollment"]).collect();
    assert_eq!(new, [true, false, true]);
}

/// So many of everything that logs tell of, in this second.
async fn fill(house: &House, second: i64, count: usize) {
    use sallyport_model::{
        Group,
        id::{GroupId, SignInId, TelephonyRecordId, UserId},
        signin::{Reason, Resource, SignIn, SignInState},
        telephony::{TelephonyContext, TelephonyKind, TelephonyRecord, TelephonyState},
    };
    let ctx = Ctx { now: sallyport_model::Time::from_unix_seconds(second), ..house.test.system() };
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push((
            ctx.id(GroupId::new).unwrap(),
            ctx.id(SignInId::new).unwrap(),
            ctx.id(TelephonyRecordId::new).unwrap(),
        ));
    }
    ctx.write(move |tx| {
        let at = tx.ctx.now;
        for (group, sign_in, record) in ids.iter().copied() {
            let (name, kind) = (group.to_string(), GroupKind::Users);
            let made =
                Group { id: group, name, description: String::new(), kind, device_login: None, created: at };
            let made = tx.create(made)?;
            tx.record(made, "create");
            let ended = SignIn {
                id: sign_in,
                name: "mallory".into(),
                user: None,
                resource: Resource::Portal,
                source: None,
                country: None,
                device: None,
                host: None,
                managed_device: None,
                state: SignInState::Denied { at },
                first_door: None,
                second_door: None,
                tried: None,
                reasons: vec![Reason::UnknownUser],
                epoch: 0,
                created: at,
            };
            tx.put_sign_in(&ended, "")?;
            tx.put_telephony(&TelephonyRecord {
                id: record,
                at,
                kind: TelephonyKind::Text,
                context: TelephonyContext::SignIn,
                user: UserId::new(uuid::Uuid::nil()),
                name: String::new(),
                number: "+15005550010".into(),
                price: 1,
                sign_in: None,
                state: TelephonyState::Sent,
            })?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// As the vendor's collector does it: from the second after that of the last record on.
#[tokio::test]
async fn a_collector_of_the_first_version_misses_nothing_and_hears_nothing_twice() {
    let house = house().await;
    let begun = house.test.system().now.unix_seconds() + 60;
    for (second, count) in [(0, 600), (1, 700), (2, 1300), (3, 2), (9, 5)] {
        fill(&house, begun + second, count).await;
    }
    // In the middle of a second that is not over.
    house.test.clock.advance(Span(Span::seconds(60 + 14).0 + 500_000));
    for (log, one) in [
        ("/admin/v1/logs/administrator", "object"),
        ("/admin/v1/logs/authentication", "username"),
        ("/admin/v1/logs/telephony", "phone"),
    ] {
        let (mut mintime, mut pages) = (begun, Vec::new());
        loop {
            let told = house.ok("GET", log, json!({ "mintime": mintime })).await;
            let told = told.as_array().unwrap();
            let Some(last) = told.last() else { break };
            assert!(told.iter().all(|record| record[one].is_string()), "{log}");
            mintime = last["timestamp"].as_i64().unwrap() + 1;
            pages.push(told.len());
        }
        assert_eq!(pages, [600, 700, 1300, 2], "{log}: the last second is not over yet");
        house.test.clock.advance(Span::seconds(1));
        let told = house.ok("GET", log, json!({ "mintime": mintime })).await;
        assert_eq!(told.as_array().unwrap().len(), 5, "{log}");
        house.test.clock.advance(Span::seconds(-1));
    }
}

#[tokio::test]
async fn a_record_names_what_was_tried_and_phones_are_found_by_their_number() {
    use crate::signin::challenge::{Shows, ask, wait};
    let house = house().await;
    let test = &house.test;
    let (alice, handset) = crate::push::tests::alice(test).await;
    let nobody = || test.nobody();
    let door = async || {
        test.clock.advance(Span::minutes(6));
        to_second_door(&nobody(), "alice").await
    };
    let pushed = async || {
        let step = door().await;
        let Step::SecondDoor(step) = ask(&nobody(), &step.handle, None, Shows::Number).await.unwrap() else {
            panic!("not asked")
        };
        (step.waiting.unwrap().number.unwrap(), step.handle, handset.request(test).await)
    };
    signin::passcode(&nobody(), &door().await.handle, &"000000".into()).await.unwrap();
    let (_, handle, request) = pushed().await;
    crate::push::answer(&nobody(), &handset.phone, request.id, crate::push::Proved::No).await.unwrap();
    wait(&nobody(), &handle, std::time::Duration::ZERO).await.unwrap();
    let (number, handle, request) = pushed().await;
    handset.yes(test, &request, &number).await.unwrap();
    wait(&nobody(), &handle, std::time::Duration::ZERO).await.unwrap();

    let company = Company::of(test, twilio()).await;
    let phone = crate::telephony::testing::phone_of(test, alice.id, "+15005550010").await;
    let step = door().await;
    signin::text(&nobody(), &step.handle, phone.id).await.unwrap();
    let code = company.codes().pop().unwrap();
    assert!(matches!(signin::passcode(&nobody(), &step.handle, &code).await.unwrap(), Step::Allowed(_)));

    test.clock.advance(Span::minutes(6));
    let log = async |more: Value| {
        let now = test.system().now.0 / 1000;
        let mut asked = json!({ "mintime": now - 3_600_000, "maxtime": now, "sort": "ts:asc",
            "event_types": "authentication" });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let told = house.ok("GET", "/admin/v2/logs/authentication", asked).await;
        let records = told["authlogs"].as_array().unwrap().clone();
        let of = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        records.iter().map(|one| (of(one, "result"), of(one, "factor"))).collect::<Vec<_>>()
    };
    let entry = |result: &str, factor: &str| (result.to_owned(), factor.to_owned());
    let texted = entry("success", "sms_passcode");
    let all = log(json!({})).await;
    let expected = [
        entry("denied", "passcode"),
        entry("denied", "duo_push"),
        entry("success", "verified_duo_push"),
        texted.clone(),
    ];
    assert_eq!(all[all.len() - 4..], expected, "{all:?}");
    assert_eq!(log(json!({ "phone_numbers": "+1 500 555 0010" })).await, [texted]);
    assert_eq!(log(json!({ "phone_numbers": "+15005550011" })).await, []);
    // A program that is shown no numbers cannot find them by asking for one after the other.
    let now = test.system().now.0 / 1000;
    let asked = json!({ "mintime": now - 3_600_000, "maxtime": now, "phone_numbers": "+15005550010" });
    let refused = house.call(&[Grant::ReadLog], "GET", "/admin/v2/logs/authentication", asked).await;
    assert_eq!(refused["code"], 40002, "{refused}");
}

#[tokio::test]
async fn every_change_is_in_the_logs_under_the_applications_name() {
    let house = house().await;
    house.ok("POST", "/admin/v1/users", json!({ "username": "ada", "email": "ada@example.com" })).await;
    let path = house.at("ada", "").await;
    house.ok("POST", &path, json!({ "realname": "Ada L.", "alias2": "al" })).await;
    assert_eq!(
        house.ok("GET", "/admin/v1/logs/administrator", json!({})).await,
        json!([]),
        "not yet settled"
    );
    house.test.clock.advance(Span::seconds(10));
    let log = house.ok("GET", "/admin/v1/logs/administrator", json!({ "mintime": 0 })).await;
    let made = log.as_array().unwrap().iter().find(|one| one["action"] == "user_create").unwrap();
    assert_eq!((&made["username"], &made["object"]), (&json!("application Sync"), &json!("ada")));
    let changed = log.as_array().unwrap().iter().find(|one| one["action"] == "user_update").unwrap();
    let description: Value = serde_json::from_str(changed["description"].as_str().unwrap()).unwrap();
    assert_eq!(description["fields"], json!(["aliases", "display_name"]));
    assert!(!log.to_string().contains("ada@example.com"), "values stay in the audit trail");
    let last = log.as_array().unwrap().last().unwrap()["timestamp"].as_i64().unwrap();
    let from = async |mintime: i64| {
        house.ok("GET", "/admin/v1/logs/administrator", json!({ "mintime": mintime })).await
    };
    assert_eq!(from(last).await.as_array().unwrap().last(), log.as_array().unwrap().last());
    assert_eq!(from(last + 1).await, json!([]), "as clients read on");
    let now = house.test.system().now.0 / 1000;
    let asked = json!({ "mintime": 0, "maxtime": now });
    let items = house.ok("GET", "/admin/v2/logs/activity", asked).await["items"].clone();
    assert_eq!(
        (&items[0]["action"]["name"], &items[0]["actor"]["type"]),
        (&json!("user_update"), &json!("api"))
    );
}

#[tokio::test]
async fn a_record_has_every_member_and_tells_what_asked() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    let browser = Ctx { device: Some("Firefox (Linux)".into()), ..test.nobody() };
    let step = to_second_door(&browser, "alice").await;
    assert!(matches!(passcode_of(&browser, &step, &alice, test).await, Step::Allowed(_)));
    test.clock.advance(Span::minutes(6));
    let input = CreateApplication { name: "VPN".into(), kind: ApplicationKind::DuoAuthApi };
    let (vpn, _) = application::create(&test.system(), input).await.unwrap();
    let asking = test.nobody().with_caller(Caller::Application { id: vpn.id, name: "VPN".into() });
    let question = "username=alice&factor=passcode&passcode=000000&hostname=vm&ipaddr=203.0.113.9";
    let question = Params::from_query(question).unwrap();
    crate::duo::respond(&asking, crate::duo::Endpoint::Auth, &question).await;
    test.clock.advance(Span::seconds(10));
    let now = test.system().now.0 / 1000;
    let asked = json!({ "mintime": now - 3_600_000, "maxtime": now, "sort": "ts:asc",
        "event_types": "authentication" });
    let told = house.ok("GET", "/admin/v2/logs/authentication", asked).await;
    let [at_the_portal, at_the_vpn] = &told["authlogs"].as_array().unwrap()[..] else { panic!("{told}") };
    let names = |of: &Value| {
        let names: std::collections::BTreeSet<&str> =
            of.as_object().unwrap().keys().map(String::as_str).collect();
        names.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        names(at_the_vpn),
        "access_device adaptive_trust_assessments alias application auth_device email event_type factor \
         isotimestamp ood_software reason result timestamp trusted_endpoint_status txid user"
    );
    let device = &at_the_vpn["access_device"];
    assert_eq!(
        names(device),
        "browser browser_version epkey flash_version hostname ip is_encryption_enabled is_firewall_enabled \
         is_password_set java_version location os os_version security_agents"
    );
    assert_eq!((&device["hostname"], &device["browser"]), (&json!("vm"), &Value::Null));
    assert_eq!((&device["ip"], &device["is_password_set"]), (&json!("203.0.113.9"), &json!("unknown")));
    let device = &at_the_portal["access_device"];
    assert_eq!((&device["browser"], &device["os"]), (&json!("Firefox"), &json!("Linux")));
}

#[tokio::test]
async fn what_somebody_says_was_not_them_is_told_as_fraud() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    let step = to_second_door(&test.nobody(), "alice").await;
    drop(step);
    test.system()
        .write(move |tx| {
            let open = tx.sign_ins_of(alice.id, None, 1)?.remove(0);
            let denied = open.deny(vec![sallyport_model::signin::Reason::PushNotMe], tx.ctx.now)?;
            Ok(tx.put_sign_in(&denied, "")?)
        })
        .await
        .unwrap();
    signin::begin(&test.nobody(), with_password("push_not_me", "wrong")).await.unwrap();
    test.clock.advance(Span::seconds(10));
    let now = test.system().now.0 / 1000;
    let asked = json!({ "mintime": now - 60_000, "maxtime": now, "results": "fraud" });
    let told = house.ok("GET", "/admin/v2/logs/authentication", asked).await;
    let records = told["authlogs"].as_array().unwrap();
    assert_eq!((records.len(), &records[0]["reason"]), (1, &json!("user_marked_fraud")));
    let counts = house.ok("GET", "/admin/v1/info/authentication_attempts", json!({})).await;
    let counts = &counts["authentication_attempts"];
    assert_eq!((&counts["FRAUD"], &counts["FAILURE"], &counts["SUCCESS"]), (&json!(1), &json!(1), &json!(0)));
}

#[tokio::test]
async fn a_record_names_the_country_of_the_address_where_that_is_known() {
    let House { test, id } = house().await;
    let countries = Some(crate::places::tests::database());
    let test = test.knowing(&crate::places::PlaceFiles { countries, anonymous_networks: None });
    let house = House { test, id };
    person(&house.test, "alice").await;
    for source in ["193.0.6.139", "192.0.2.7"] {
        let ctx = Ctx { source: Some(source.parse().unwrap()), ..house.test.nobody() };
        signin::begin(&ctx, with_password("alice", "wrong")).await.unwrap();
        house.test.clock.advance(Span::seconds(10));
    }
    let now = house.test.system().now.0 / 1000;
    let asked = json!({ "mintime": now - 60_000, "maxtime": now, "sort": "ts:asc",
        "event_types": "authentication" });
    let told = house.ok("GET", "/admin/v2/logs/authentication", asked).await;
    let at = |n: usize| &told["authlogs"][n]["access_device"]["location"]["country"];
    assert_eq!((at(0), at(1)), (&json!("NL"), &Value::Null));
    let older = house.ok("GET", "/admin/v1/logs/authentication", json!({ "mintime": 0 })).await;
    let of_sign_ins = |one: &&Value| one["new_enrollment"] == false;
    let first = older.as_array().unwrap().iter().find(of_sign_ins).unwrap();
    assert_eq!(first["location"]["country"], "NL");
}

#[tokio::test]
async fn texts_and_calls_are_told_by_cursor_and_counted_as_what_they_cost() {
    let house = house().await;
    let test = &house.test;
    Company::of(test, twilio()).await;
    let alice = person(test, "alice").await;
    let phone = crate::telephony::testing::phone_of(test, alice.id, "+15005550010").await;
    let begun = test.system().now;
    for _ in 0..3 {
        test.clock.advance(Span::seconds(31));
        let step = to_second_door(&test.nobody(), "alice").await;
        signin::text(&test.nobody(), &step.handle, phone.id).await.unwrap();
    }
    let path = "/admin/v2/logs/telephony";
    let far = json!({ "mintime": begun.0 / 1000, "maxtime": begun.0 / 1000 + 600_000 });
    let with = |more: Value| {
        let mut all = far.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let told = house.ok("GET", path, far.clone()).await;
    assert_eq!(told["items"].as_array().unwrap().len(), 2, "the last is not settled yet");
    test.clock.advance(Span::seconds(10));
    let told = house.ok("GET", path, far.clone()).await;
    let items = told["items"].as_array().unwrap();
    assert_eq!((items.len(), &told["metadata"]["total_objects"]), (3, &json!(3)));
    let one = &items[0];
    assert_eq!(
        (&one["type"], &one["phone"], &one["context"], &one["credits"]),
        (&json!("sms"), &json!("+15005550010"), &json!("authentication"), &json!(10))
    );
    let asked = json!({ "mintime": begun.0 / 1000, "maxtime": begun.0 / 1000 + 600_000, "sort": "ts:asc" });
    test.clock.advance(Span::minutes(10));
    let sign_ins = house.ok("GET", "/admin/v2/logs/authentication", asked).await;
    assert!(sign_ins.to_string().contains(one["txid"].as_str().unwrap()), "the sign-in it was for");
    let first = house.ok("GET", path, with(json!({ "limit": 2 }))).await;
    let next = first["metadata"]["next_offset"].clone();
    assert!(next.is_string(), "{first}");
    let second = house.ok("GET", path, with(json!({ "limit": 2, "next_offset": next }))).await;
    assert_eq!((&second["items"][0], &second["metadata"]["next_offset"]), (&items[2], &Value::Null));
    let oldest = house.ok("GET", path, with(json!({ "sort": "ts:asc", "limit": 1 }))).await;
    let next = oldest["metadata"]["next_offset"].clone();
    let rest = house.ok("GET", path, with(json!({ "sort": "ts:asc", "next_offset": next }))).await;
    assert_eq!((&oldest["items"][0], rest["items"].as_array().unwrap().len()), (&items[2], 2));

    let told = house.ok("GET", "/admin/v1/logs/telephony", json!({})).await;
    let told = told.as_array().unwrap();
    assert_eq!((told.len(), &told[0]["credits"]), (3, &json!(10)));
    let last = told[2]["timestamp"].as_i64().unwrap();
    let from =
        async |mintime: i64| house.ok("GET", "/admin/v1/logs/telephony", json!({ "mintime": mintime })).await;
    assert_eq!((from(last).await, from(last + 1).await), (json!([told[2]]), json!([])), "as clients read on");
    let used = house.ok("GET", "/admin/v1/info/telephony_credits_used", json!({})).await;
    let left = house.ok("GET", "/admin/v1/info/summary", json!({})).await;
    assert_eq!(
        (&used["telephony_credits_used"], &left["telephony_credits_remaining"]),
        (&json!(30), &json!(19_970))
    );

    let siem = house.call(&[Grant::ReadLog], "GET", path, far.clone()).await;
    assert_eq!(siem["response"]["items"][0]["phone"], "XXX-XXX-0010", "{siem}");
    let before = house.ok("GET", path, json!({ "mintime": 1, "maxtime": 2 })).await;
    assert_eq!(before["items"], json!([]));
    for bad in [json!({ "mintime": 2, "maxtime": 1 }), with(json!({ "next_offset": "1,x" })), json!({})] {
        let code = house.code_of_refusal("GET", path, bad.clone()).await;
        assert!(matches!(code, 40001 | 40002), "{bad}: {code}");
    }
    let events = house.ok("GET", "/admin/v1/trust_monitor/events", far).await;
    assert_eq!(events["events"], json!([]));
}

//! Whoever has a role has a day to stop it.

use sallyport_model::{Duo, DuoName};

use super::*;
use crate::{factor::duo::testing::Service, push, setup};

/// Adam, an administrator with a factor, and two owners.
async fn house_of_owners() -> (TestOrg, UserId, Ctx, Ctx) {
    let test = testing::org().await;
    let adam = person(&test, "adam").await.id;
    user::set_roles(&test.system(), adam, [Role::Administrator].into()).await.unwrap();
    let olga = somebody(&test, "olga", &[Role::Owner]).await;
    let otto = somebody(&test, "otto", &[Role::Owner]).await;
    (test, adam, olga, otto)
}

#[tokio::test]
async fn somebody_with_a_role_is_reset_a_day_after_it_was_asked_and_for_a_day() {
    let (test, adam, olga, otto) = house_of_owners().await;
    assert!(all_ways(&test, &olga, adam).await.is_empty(), "not even by an owner");
    let id = asked(&olga, adam, ResetKind::BypassCodes).await;
    assert!(is_in_the_way(codes(&olga, adam).await));
    assert!(is_in_the_way(approve(&otto, id).await), "nobody's word makes it shorter");
    test.clock.advance(Span::seconds(24 * 3600 - 1));
    assert!(is_in_the_way(codes(&now(&test, &olga), adam).await));
    test.clock.advance(Span::seconds(1));
    assert!(is_in_the_way(codes(&now(&test, &otto), adam).await), "somebody else");
    codes(&now(&test, &olga), adam).await.unwrap();
    assert!(is_in_the_way(codes(&now(&test, &olga), adam).await), "once");
    asked(&now(&test, &olga), adam, ResetKind::BypassCodes).await;
    test.clock.advance(Reset::DAY);
    test.clock.advance(Reset::DAY);
    test.clock.advance(Span(1));
    assert!(is_in_the_way(codes(&now(&test, &olga), adam).await), "too late");
}

#[tokio::test]
async fn whoever_has_a_role_or_any_owner_stops_it() {
    let (test, adam, olga, otto) = house_of_owners().await;
    for by in [test.person(adam, &[Role::Administrator]), otto] {
        let id = asked(&olga, adam, ResetKind::Password).await;
        refuse(&by, id).await.unwrap();
        test.clock.advance(Reset::DAY);
        let set = user::set_password(&now(&test, &olga), adam, &PASSWORD.into()).await;
        assert!(is_in_the_way(set));
    }
}

#[tokio::test]
async fn taking_the_role_away_first_does_not_make_it_shorter() {
    let (test, adam, olga, _) = house_of_owners().await;
    user::set_roles(&olga, adam, [].into()).await.unwrap();
    assert!(is_in_the_way(codes(&olga, adam).await));
    test.clock.advance(Reset::DAY);
    test.clock.advance(Span(1));
    assert!(codes(&now(&test, &olga), adam).await.is_ok());
}

#[tokio::test]
async fn codes_that_were_handed_out_before_do_not_open_the_doors_of_a_new_administrator() {
    let (test, ada, hana, hugo) = house().await;
    approve(&hugo, asked(&hana, ada.id, ResetKind::BypassCodes).await).await.unwrap();
    codes(&hana, ada.id).await.unwrap();
    let olga = somebody(&test, "olga", &[Role::Owner]).await;
    user::set_roles(&olga, ada.id, [Role::Administrator].into()).await.unwrap();
    let left = factor::list(&test.system(), ada.id).await.unwrap();
    assert!(left.iter().all(|factor| factor.kind() != FactorKind::BypassCode), "{left:?}");
}

#[tokio::test]
async fn a_new_administrator_is_enrolled_at_once_and_the_machine_itself_waits_for_nobody() {
    let (test, adam, olga, _) = house_of_owners().await;
    let newcomer = somebody(&test, "nina", &[Role::Administrator]).await.person().unwrap();
    factor::issue_enrollment_code(&olga, newcomer, 3600).await.unwrap();
    user::set_password(&olga, newcomer, &PASSWORD.into()).await.unwrap();
    let machine = test.system().with_caller(Caller::LocalAdmin);
    codes(&machine, adam).await.unwrap();
    let owner = person(&test, "oskar").await.id;
    user::set_roles(&test.system(), owner, [Role::Owner].into()).await.unwrap();
    let (_, code) = setup::recover(&machine, "oskar", false).await.unwrap();
    factor::begin_totp(&test.nobody(), &code).await.unwrap();
}

#[tokio::test]
async fn nor_does_a_file_give_somebody_with_a_role_and_a_factor_a_password() {
    let (test, _, olga, _) = house_of_owners().await;
    let rita = somebody(&test, "rita", &[Role::Auditor]).await.person().unwrap();
    const HASH: &str = "{SSHA}wVj1FGFwIwWwgldgpH2hvO/RuOdtTQlB";
    let put = async |ctx: &Ctx| ctx.write(move |tx| user::password::import(tx, rita, &HASH.into())).await;
    push::tests::first_phone(&test, rita).await;
    assert!(is_in_the_way(put(&olga).await));
    let newcomer = somebody(&test, "nina", &[Role::Auditor]).await.person().unwrap();
    olga.write(move |tx| user::password::import(tx, newcomer, &HASH.into())).await.unwrap();
    asked(&olga, rita, ResetKind::Password).await;
    test.clock.advance(Reset::DAY);
    put(&now(&test, &olga)).await.unwrap();
}

/// What stands in an owner's own session would otherwise be enough to be that owner for good.
#[tokio::test]
async fn an_owner_is_no_way_around_their_own_second_door() {
    let test = testing::org().await;
    let newcomer = somebody(&test, "nina", &[Role::Owner]).await;
    let olga = person(&test, "olga").await.id;
    user::set_roles(&test.system(), olga, [Role::Owner].into()).await.unwrap();
    let stolen = test.person(olga, &[Role::Owner]);
    assert!(all_ways(&test, &stolen, olga).await.is_empty());
    let asked_for = ask(&stolen, olga, input(ResetKind::Password)).await;
    assert!(is_in_the_way(asked_for), "nor a day later");
    let id = asked(&stolen, olga, ResetKind::BypassCodes).await;
    assert!(is_in_the_way(codes(&stolen, olga).await));
    refuse(&stolen, id).await.unwrap();
    // Somebody who is new, and has nothing to be gone around, is no exception for the password.
    let id = newcomer.person().unwrap();
    let Err(AppError::Conflict(text)) = user::set_password(&newcomer, id, &PASSWORD.into()).await else {
        panic!("set")
    };
    assert!(text.to_string().contains("/password"), "{text}");
    factor::issue_enrollment_code(&newcomer, id, 3600).await.unwrap();
}

/// Duo may know people by their address, and notices go there.
#[tokio::test]
async fn the_addresses_of_somebody_with_a_role_are_changed_a_day_after_it_was_asked() {
    let (test, adam, olga, _) = house_of_owners().await;
    let to = |address: &str| sallyport_api::rest::UpdateUser {
        mails: Some(vec![address.into()]),
        ..Default::default()
    };
    let change = async |ctx: &Ctx, address: &str| user::update(ctx, adam, None, to(address)).await;
    assert!(is_in_the_way(change(&olga, "evil@example.net").await));
    let import =
        crate::import::apply(&olga, b"name,mails,shell\nadam,evil@example.net,/bin/sh\n").await.unwrap();
    assert_eq!((import.refused, import.updated), (1, 0), "{import:?}");
    // What is none of it goes through, and so does whatever changes nothing.
    let shell = sallyport_api::rest::UpdateUser {
        shell: Some("/bin/sh".into()),
        mails: Some(vec![]),
        ..Default::default()
    };
    user::update(&olga, adam, None, shell).await.unwrap();
    let wanted = |mails: &[&str]| AskReset {
        mails: Some(mails.iter().map(|mail| (*mail).to_owned()).collect()),
        ..input(ResetKind::Addresses)
    };
    assert!(matches!(
        ask(&olga, adam, wanted(&["nowhere"])).await,
        Err(AppError::Invalid { field: "mails", .. })
    ));
    let reset = ask(&olga, adam, wanted(&["adam@example.com"])).await.unwrap();
    assert_eq!((reset.detail.as_str(), reset.state.as_str()), ("adam@example.com", "held"));
    assert!(is_in_the_way(change(&olga, "adam@example.com").await));
    test.clock.advance(Reset::DAY);
    let later = now(&test, &olga);
    assert!(is_in_the_way(change(&later, "evil@example.net").await), "other ones");
    change(&later, "adam@example.com").await.unwrap();
    assert!(is_in_the_way(change(&later, "evil@example.net").await), "once");
    // Their own are theirs, until a factor hangs on them.
    let oskar = person(&test, "oskar").await.id;
    user::set_roles(&test.system(), oskar, [Role::Owner].into()).await.unwrap();
    let own = now(&test, &test.person(oskar, &[Role::Owner]));
    let change_own = async |address: &str| user::update(&own, oskar, None, to(address)).await;
    change_own("oskar@example.org").await.unwrap();
    let duo = Service::of(&test).await;
    change_own("oskar@example.com").await.unwrap();
    duo.ask_it(&test, Duo { name: DuoName::Mail, ..Duo::default() }).await;
    assert!(is_in_the_way(change_own("oskar@example.net").await));
    assert_eq!(ask(&own, oskar, wanted(&["oskar@example.net"])).await.unwrap().state.as_str(), "held");
    // Those without a role follow a directory.
    let ada = person(&test, "ada").await.id;
    user::update(&later, ada, None, to("ada@example.org")).await.unwrap();
    crate::import::apply(&later, b"name,mails\nada,ada@example.net\n").await.unwrap();
    assert_eq!(user::show(&later, ada).await.unwrap().addresses(), ["ada@example.net"]);
    assert!(is_in_the_way(ask(&later, ada, wanted(&["a@example.com"])).await), "nothing to ask for");
}

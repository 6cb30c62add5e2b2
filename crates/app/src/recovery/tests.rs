//! Ada has a factor and no role, Adam has both; Hana and Hugo are help desk, Olga and Otto owners.

mod administrators;
mod called_back;

use sallyport_api::rest::AddPhone;
use sallyport_model::{Role, Settings, Span, id::TokenId};
use sallyport_store::ChangeFilter;

use super::*;
use crate::{
    factor::invitation::{self, InvitationBy},
    hardware_token,
    mail::testing::Office,
    settings as org_settings,
    signin::tests::{PASSWORD, Person, person},
    telephony::testing::{Company, twilio},
    testing::{self, TestOrg},
    user,
};

/// Somebody with these roles, in the store too.
async fn somebody(test: &TestOrg, name: &str, roles: &[Role]) -> Ctx {
    let input = sallyport_api::rest::CreateUser { name: name.into(), active: true, ..Default::default() };
    let id = user::create(&test.system(), input).await.unwrap().id;
    user::set_roles(&test.system(), id, roles.iter().copied().collect()).await.unwrap();
    let roles = roles.iter().copied().collect();
    test.system().with_caller(Caller::Person { id, name: name.into(), roles })
}

/// The same call later on.
fn now(test: &TestOrg, ctx: &Ctx) -> Ctx {
    Ctx { now: test.system().now, ..ctx.clone() }
}

fn input(what: ResetKind) -> AskReset {
    AskReset { what, reason: "lost the phone".into(), factor: None, number: None, token: None, mails: None }
}

async fn asked(ctx: &Ctx, user: UserId, what: ResetKind) -> ResetId {
    ask(ctx, user, input(what)).await.unwrap().id
}

fn is_in_the_way<T>(result: Result<T, AppError>) -> bool {
    matches!(result, Err(AppError::Conflict(_)))
}

async fn codes(ctx: &Ctx, user: UserId) -> Result<Vec<crate::Secret>, AppError> {
    factor::issue_bypass_codes(ctx, user, 2, 3600).await
}

async fn house() -> (TestOrg, Person, Ctx, Ctx) {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let hana = somebody(&test, "hana", &[Role::HelpDesk]).await;
    let hugo = somebody(&test, "hugo", &[Role::HelpDesk]).await;
    (test, ada, hana, hugo)
}

/// Everything by which help desk could give somebody a way through a door or take theirs away; which of it went through.
async fn all_ways(test: &TestOrg, ctx: &Ctx, id: UserId) -> Vec<&'static str> {
    let token =
        hardware_token::list(&test.system(), PageRequest { limit: 9, ..Default::default() }).await.unwrap();
    let mine = factor::list(&test.system(), id).await.unwrap();
    let mut through = Vec::new();
    let mut note = |name, went: bool| through.extend(went.then_some(name));
    note("bypass codes", codes(ctx, id).await.is_ok());
    note("enrolment code", factor::issue_enrollment_code(ctx, id, 60).await.is_ok());
    note("link", invitation::send(ctx, id, InvitationBy::Mail).await.is_ok());
    let phone = AddPhone { number: "+15005550019".into(), ..AddPhone::default() };
    note("phone", factor::phone::add(ctx, id, phone).await.is_ok());
    for token in token.items.iter().filter(|token| token.holder.is_none()) {
        note("token", hardware_token::assign(ctx, token.id, id).await.is_ok());
    }
    note("password", user::set_password(ctx, id, &PASSWORD.into()).await.is_ok());
    for factor in mine {
        note("removal", factor::remove(ctx, id, factor.id).await.is_ok());
    }
    user::lock_password(&test.system(), id).await.unwrap();
    note("unlock", user::unlock(ctx, id).await.is_ok());
    user::unlock(&test.system(), id).await.unwrap();
    through
}

#[tokio::test]
async fn help_desk_alone_resets_nobody_who_ever_had_a_factor_and_enrols_whoever_never_had() {
    let (test, ada, hana, _) = house().await;
    let _office = Office::of(&test).await;
    let _company = Company::of(&test, twilio()).await;
    hardware_token::import::apply(
        &test.system(),
        &"serial,kind,secret\nSN-1,hotp,3132333435363738393031323334353637383930\n".into(),
        None,
    )
    .await
    .unwrap();
    let mails =
        sallyport_api::rest::UpdateUser { mails: Some(vec!["ada@example.com".into()]), ..Default::default() };
    user::update(&test.system(), ada.id, None, mails).await.unwrap();
    let token =
        Caller::Token { id: TokenId::new(hana.uuid().unwrap()), name: "script".into(), role: Role::HelpDesk };
    for ctx in [hana.clone(), test.system().with_caller(token)] {
        assert!(all_ways(&test, &ctx, ada.id).await.is_empty());
    }
    // Nor once the factor is gone; and one alone does not make it so.
    let only = factor::list(&test.system(), ada.id).await.unwrap().remove(0);
    factor::remove(&test.system(), ada.id, only.id).await.unwrap();
    assert!(all_ways(&test, &hana, ada.id).await.is_empty());
    // Wrong attempts are forgotten all the same.
    user::unlock(&hana, ada.id).await.unwrap();
    let newcomer = crate::mail::testing::person(&test, "nina").await;
    let through = all_ways(&test, &hana, newcomer.id).await;
    assert_eq!(through, ["bypass codes", "enrolment code", "link", "phone"], "the phone is a factor");
    // Codes that were handed out are taken back by anybody.
    let handed = factor::list(&test.system(), newcomer.id).await.unwrap();
    let handed = handed.iter().find(|factor| factor.kind() == FactorKind::BypassCode).unwrap();
    factor::remove(&hana, newcomer.id, handed.id).await.unwrap();
    // Administrators and owners need nobody's word.
    let administrator = somebody(&test, "rita", &[Role::Administrator]).await;
    assert!(codes(&administrator, ada.id).await.is_ok());
}

#[tokio::test]
async fn a_second_person_lets_whoever_asked_do_what_was_asked_once_and_both_are_in_the_trail() {
    let (test, ada, hana, hugo) = house().await;
    assert!(is_in_the_way(codes(&hana, ada.id).await));
    let id = asked(&hana, ada.id, ResetKind::BypassCodes).await;
    assert!(is_in_the_way(ask(&hana, ada.id, input(ResetKind::BypassCodes)).await), "twice");
    assert!(is_in_the_way(codes(&hana, ada.id).await), "not yet");
    approve(&hugo, id).await.unwrap();
    assert!(is_in_the_way(codes(&hugo, ada.id).await), "whoever approved");
    assert!(is_in_the_way(factor::issue_enrollment_code(&hana, ada.id, 60).await), "something else");
    assert_eq!(codes(&hana, ada.id).await.unwrap().len(), 2);
    assert!(is_in_the_way(codes(&hana, ada.id).await), "once");
    let system = test.system();
    let trail = system.read(move |reader| {
        let filter = ChangeFilter { subject: Some(id.to_string()), limit: 9, ..Default::default() };
        Ok(reader.list_changes(&filter)?)
    });
    let trail = trail.await.unwrap();
    let told: Vec<_> = trail.iter().rev().map(|change| (change.verb.clone(), change.actor.label())).collect();
    let told: Vec<_> = told.iter().map(|(verb, actor)| (verb.as_str(), actor.as_str())).collect();
    assert_eq!(told, [("ask", "hana"), ("approve", "hugo"), ("carry_out", "hana")]);
    let done = show(&hana, id).await.unwrap().value;
    let ResetState::Done { by: Clearance::SecondPerson { who }, .. } = done.state else { panic!("{done:?}") };
    assert_eq!(who.label(), "hugo");
}

#[tokio::test]
async fn a_clearance_is_for_one_factor_and_one_number() {
    let (test, ada, hana, hugo) = house().await;
    let _company = Company::of(&test, twilio()).await;
    let mine = factor::list(&test.system(), ada.id).await.unwrap().remove(0);
    let other = crate::telephony::testing::phone_of(&test, ada.id, "+15005550010").await;
    let id = ask(&hana, ada.id, AskReset { factor: Some(other.id), ..input(ResetKind::RemoveFactor) }).await;
    approve(&hugo, id.unwrap().id).await.unwrap();
    assert!(is_in_the_way(factor::remove(&hana, ada.id, mine.id).await));
    factor::remove(&hana, ada.id, other.id).await.unwrap();
    let number = |number: &str| AddPhone { number: number.into(), ..AddPhone::default() };
    let asked = AskReset { number: Some("+1 500 555 0011".into()), ..input(ResetKind::AddPhone) };
    approve(&hugo, ask(&hana, ada.id, asked).await.unwrap().id).await.unwrap();
    assert!(is_in_the_way(factor::phone::add(&hana, ada.id, number("+15005550012")).await));
    factor::phone::add(&hana, ada.id, number("+15005550011")).await.unwrap();
}

#[tokio::test]
async fn nobody_is_their_own_second_person_and_a_token_is_none() {
    let (test, ada, hana, hugo) = house().await;
    let id = asked(&hana, ada.id, ResetKind::Password).await;
    assert!(is_in_the_way(approve(&hana, id).await), "the author");
    let token =
        Caller::Token { id: TokenId::new(hana.uuid().unwrap()), name: "own".into(), role: Role::Owner };
    assert!(is_in_the_way(approve(&test.system().with_caller(token), id).await), "a token");
    let ada_herself = test.person(ada.id, &[Role::HelpDesk]);
    assert!(approve(&ada_herself, id).await.is_err(), "whom it concerns");
    assert!(matches!(approve(&test.person(ada.id, &[]), id).await, Err(AppError::Denied(_))));
    assert!(matches!(approve(&test.nobody(), id).await, Err(AppError::Unauthenticated)));
    assert!(is_in_the_way(user::set_password(&hana, ada.id, &PASSWORD.into()).await));
    // Whoever holds the machine may speak for itself.
    approve(&test.system().with_caller(Caller::LocalAdmin), id).await.unwrap();
    user::set_password(&hana, ada.id, &PASSWORD.into()).await.unwrap();
    assert!(approve(&hugo, id).await.is_err(), "it is done");
}

#[tokio::test]
async fn of_two_at_once_on_two_nodes_one_approves_and_one_is_done() {
    let (test, ada, hana, hugo) = house().await;
    let rita = somebody(&test, "rita", &[Role::Administrator]).await;
    let elsewhere = |ctx: &Ctx| test.other_node().with_caller(ctx.caller.clone());
    let id = asked(&hana, ada.id, ResetKind::BypassCodes).await;
    let there = elsewhere(&rita);
    let (one, two) = tokio::join!(approve(&hugo, id), approve(&there, id));
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    let there = elsewhere(&hana);
    let (one, two) = tokio::join!(codes(&hana, ada.id), codes(&there, ada.id));
    assert_ne!(one.is_ok(), two.is_ok());
    let id = asked(&hana, ada.id, ResetKind::BypassCodes).await;
    let there = elsewhere(&rita);
    let (yes, no) = tokio::join!(approve(&hugo, id), refuse(&there, id));
    // A no after a yes still stops it; a yes after a no does not start it.
    assert!(no.is_ok(), "{yes:?} {no:?}");
    assert!(is_in_the_way(codes(&hana, ada.id).await));
}

#[tokio::test]
async fn whoever_lost_the_role_meanwhile_neither_approves_nor_has_approved_nor_does_it() {
    let (test, ada, hana, hugo) = house().await;
    let set = async |ctx: &Ctx, roles: &[Role]| {
        let roles = roles.iter().copied().collect();
        user::set_roles(&test.system(), ctx.person().unwrap(), roles).await.unwrap();
    };
    let id = asked(&hana, ada.id, ResetKind::BypassCodes).await;
    set(&hugo, &[Role::Auditor]).await;
    assert!(matches!(approve(&hugo, id).await, Err(AppError::Denied(_))), "before");
    set(&hugo, &[Role::HelpDesk]).await;
    approve(&hugo, id).await.unwrap();
    set(&hugo, &[]).await;
    assert!(is_in_the_way(codes(&hana, ada.id).await), "the second person, after");
    set(&hugo, &[Role::HelpDesk]).await;
    set(&hana, &[]).await;
    assert!(is_in_the_way(codes(&hana, ada.id).await), "the author");
    set(&hana, &[Role::HelpDesk]).await;
    user::suspend(&test.system(), hugo.person().unwrap()).await.unwrap();
    assert!(is_in_the_way(codes(&hana, ada.id).await), "shut out");
}

#[tokio::test]
async fn whoever_gets_a_role_meanwhile_is_out_of_reach() {
    let (test, ada, hana, hugo) = house().await;
    let olga = somebody(&test, "olga", &[Role::Owner]).await;
    let (one, two) = (
        asked(&hana, ada.id, ResetKind::BypassCodes).await,
        asked(&hana, ada.id, ResetKind::EnrollmentCode).await,
    );
    approve(&hugo, one).await.unwrap();
    user::set_roles(&test.system(), ada.id, [Role::Auditor].into()).await.unwrap();
    assert!(matches!(codes(&hana, ada.id).await, Err(AppError::AboveOwnRights)));
    assert!(matches!(approve(&hugo, two).await, Err(AppError::AboveOwnRights)));
    assert!(is_in_the_way(approve(&olga, two).await));
    // Nor does it count for the author, should they rise meanwhile.
    user::set_roles(&test.system(), hana.person().unwrap(), [Role::Owner].into()).await.unwrap();
    let risen = test.person(hana.person().unwrap(), &[Role::Owner]);
    assert!(is_in_the_way(codes(&risen, ada.id).await));
}

#[tokio::test]
async fn what_nothing_became_of_in_time_is_over() {
    let (test, ada, hana, hugo) = house().await;
    let waits = asked(&hana, ada.id, ResetKind::EnrollmentCode).await;
    let cleared = asked(&hana, ada.id, ResetKind::BypassCodes).await;
    approve(&hugo, cleared).await.unwrap();
    test.clock.advance(Reset::AFTER_APPROVAL);
    test.clock.advance(Span(1));
    assert!(is_in_the_way(codes(&now(&test, &hana), ada.id).await));
    assert_eq!(show(&now(&test, &hana), cleared).await.unwrap().state.as_str(), "expired");
    test.clock.advance(Reset::DAY);
    assert!(is_in_the_way(approve(&now(&test, &hugo), waits).await));
    assert!(is_in_the_way(refuse(&now(&test, &hugo), waits).await));
    expire(&test.system()).await.unwrap();
    let expired = PageRequest { state: Some("expired".into()), limit: 9, ..Default::default() };
    assert_eq!(list(&now(&test, &hugo), expired).await.unwrap().items.len(), 2);
    // And may be asked for anew.
    asked(&now(&test, &hana), ada.id, ResetKind::EnrollmentCode).await;
}

#[tokio::test]
async fn whoever_it_concerns_stops_it_and_so_does_whoever_asked_or_could_approve() {
    let (test, ada, hana, hugo) = house().await;
    for by in [test.person(ada.id, &[]), hana.clone(), hugo.clone()] {
        let id = asked(&hana, ada.id, ResetKind::BypassCodes).await;
        approve(&hugo, id).await.unwrap();
        refuse(&by, id).await.unwrap();
        assert!(is_in_the_way(codes(&hana, ada.id).await));
        assert!(is_in_the_way(refuse(&by, id).await), "twice");
    }
    let id = asked(&hana, ada.id, ResetKind::BypassCodes).await;
    let stranger = somebody(&test, "sam", &[]).await;
    assert!(matches!(refuse(&stranger, id).await, Err(AppError::Denied(_))));
    assert!(matches!(show(&stranger, id).await, Err(AppError::Denied(_))));
    assert!(matches!(refuse(&test.nobody(), id).await, Err(AppError::Unauthenticated)));
    assert_eq!(standing(&test.person(ada.id, &[]), ada.id).await.unwrap().open.len(), 1);
}

#[tokio::test]
async fn resets_are_asked_for_with_a_reason_and_not_without_end() {
    let (test, ada, hana, _) = house().await;
    let mute = AskReset { reason: " ".into(), ..input(ResetKind::Password) };
    assert!(matches!(ask(&hana, ada.id, mute).await, Err(AppError::Invalid { field: "reason", .. })));
    for what in [ResetKind::AddPhone, ResetKind::AssignToken, ResetKind::RemoveFactor] {
        assert!(matches!(ask(&hana, ada.id, input(what)).await, Err(AppError::Invalid { .. })), "{what:?}");
    }
    let newcomer = somebody(&test, "nina", &[]).await.person().unwrap();
    assert!(is_in_the_way(ask(&hana, newcomer, input(ResetKind::Password)).await), "nothing to ask for");
    for _ in 0..MOST_OF_ONE {
        let id = asked(&hana, ada.id, ResetKind::Password).await;
        refuse(&hana, id).await.unwrap();
    }
    assert!(is_in_the_way(ask(&hana, ada.id, input(ResetKind::Password)).await));
}

#[tokio::test]
async fn the_organisation_may_let_help_desk_do_it_alone() {
    let (test, ada, hana, _) = house().await;
    let before = org_settings::show(&test.system()).await.unwrap().value;
    let recovery = sallyport_model::RecoverySettings { help_desk_alone: true };
    org_settings::update(&test.system(), None, Settings { recovery, ..before }).await.unwrap();
    assert!(codes(&hana, ada.id).await.is_ok());
}

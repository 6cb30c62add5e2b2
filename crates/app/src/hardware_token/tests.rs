mod pskc;

use sallyport_api::rest::CreateApplication;
use sallyport_crypto::{
    Secret,
    otp::{Codes, Digest},
};
use sallyport_model::{
    ApplicationKind, HardwareTokenKind, Role, Span,
    signin::{Reason, Resource},
};
use sallyport_wire::duo::{
    Params,
    auth::{AuthRequest, AuthResponse, AuthResult, DeviceKind, PreauthRequest, PreauthResult},
};

use super::*;
use crate::{
    Caller, application, duo,
    signin::{self, Begin, FirstDoorProof, Step},
    testing::{self, TestOrg},
    user,
};

const SEED: &[u8] = b"12345678901234567890";
const HOTP: &str = "serial,kind,secret\nSN-1,hotp,3132333435363738393031323334353637383930\n";
const TOTP: &str = "serial,kind,secret,interval\nSN-1,totp,3132333435363738393031323334353637383930,60\n";

fn code(counter: i64) -> String {
    Codes { seed: SEED, digest: Digest::Sha1, digits: 6 }.at(counter)
}

async fn person(test: &TestOrg, name: &str) -> UserId {
    let input = sallyport_api::rest::CreateUser { name: name.into(), active: true, ..Default::default() };
    user::create(&test.system(), input).await.unwrap().id
}

async fn token(test: &TestOrg, file: &str) -> Versioned<HardwareToken> {
    import::apply(&test.system(), &file.into(), None).await.unwrap();
    resolve(&test.system(), "sn-1").await.unwrap()
}

/// Alice, who has the token of this file.
async fn alice_with(test: &TestOrg, file: &str) -> (UserId, HardwareTokenId) {
    let (alice, token) = (person(test, "alice").await, token(test, file).await);
    assign(&test.system(), token.id, alice).await.unwrap();
    (alice, token.id)
}

/// Alice at the second door of this resource: what came of this code.
async fn try_at(test: &TestOrg, resource: Resource, typed: &str) -> Result<(), Reason> {
    let begin =
        Begin { name: "alice".into(), resource, first_door: FirstDoorProof::Vouched { by: "test".into() } };
    let step = match signin::begin(&test.nobody(), begin).await.unwrap() {
        Step::SecondDoor(step) => step,
        Step::EnrollmentNeeded { .. } => return Err(Reason::NoFactor),
        other @ (Step::Allowed(_) | Step::Denied(_)) => panic!("{other:?}"),
    };
    match signin::passcode(&test.nobody(), &step.handle, &Secret::from(typed)).await.unwrap() {
        Step::Allowed(admission) => {
            assert!(admission.both_doors());
            Ok(())
        }
        Step::SecondDoor(step) if step.problem == Some(signin::USED_CODE) => Err(Reason::FactorUsed),
        Step::SecondDoor(_) => Err(Reason::FactorWrong),
        other @ (Step::EnrollmentNeeded { .. } | Step::Denied(_)) => panic!("{other:?}"),
    }
}

/// The same after a while, so that what was wrong before is forgotten.
async fn try_code(test: &TestOrg, typed: &str) -> Result<(), Reason> {
    test.clock.advance(Span::hours(2));
    try_at(test, Resource::Portal, typed).await
}

#[tokio::test]
async fn a_code_of_a_button_opens_one_door_and_the_counter_never_goes_back() {
    let mut test = testing::org().await;
    alice_with(&test, HOTP).await;
    assert_eq!(try_at(&test, Resource::Portal, &code(0)).await, Ok(()));
    assert_eq!(try_at(&test, Resource::Api, &code(0)).await, Err(Reason::FactorUsed));
    // Nine idle presses are looked over; what was looked over is dead.
    assert_eq!(try_code(&test, &code(10)).await, Ok(()));
    assert_eq!(try_code(&test, &code(8)).await, Err(Reason::FactorUsed));
    assert_eq!(try_code(&test, &code(3)).await, Err(Reason::FactorWrong));
    assert_eq!(try_code(&test, &code(21)).await, Err(Reason::FactorWrong));
    test.restart();
    assert_eq!(try_code(&test, &code(10)).await, Err(Reason::FactorUsed));
    assert_eq!(try_code(&test, &code(11)).await, Ok(()));
}

#[tokio::test]
async fn a_protected_application_sees_a_token_and_its_code_is_good_once_at_all_doors() {
    let test = testing::org().await;
    alice_with(&test, HOTP).await;
    let input = CreateApplication { name: "VPN".into(), kind: ApplicationKind::DuoAuthApi };
    let (vpn, _) = application::create(&test.system(), input).await.unwrap();
    let ctx = test.nobody().with_caller(Caller::Application { id: vpn.id, name: "VPN".into() });
    let asked = PreauthRequest::read(&Params::from_query("username=alice").unwrap()).unwrap();
    let PreauthResult::Auth { devices, .. } = duo::preauth(&ctx, &asked).await.unwrap().result else {
        panic!("alice is not asked for the second door")
    };
    let devices: Vec<_> = devices.iter().map(|device| (&device.kind, device.name.as_str())).collect();
    assert_eq!(devices, [(&DeviceKind::Token, "Hardware token SN-1")]);
    let at_the_vpn = async |counter: i64| {
        let query = format!("username=alice&factor=passcode&passcode={}", code(counter));
        let request = AuthRequest::read(&Params::from_query(&query).unwrap()).unwrap();
        match duo::auth(&ctx, &request).await.unwrap() {
            AuthResponse::Done(status) => status.result(),
            AuthResponse::Accepted { txid } => panic!("{txid}"),
        }
    };
    assert_eq!(at_the_vpn(0).await, AuthResult::Allow);
    assert_eq!(at_the_vpn(0).await, AuthResult::Deny);
    assert_eq!(try_at(&test, Resource::Portal, &code(0)).await, Err(Reason::FactorUsed));
    assert_eq!(try_at(&test, Resource::Portal, &code(1)).await, Ok(()));
    assert_eq!(at_the_vpn(1).await, AuthResult::Deny);
}

/// A key whose codes were published, in the order in which it was pressed.
const YUBIKEY: &str =
    "serial,kind,private_id,aes_key\nSN-1,yubikey,c5fc55c3767f,0682952d3363f225654b58a73b131259\n";
const PRESSES: [&str; 4] = [
    "ndgtriluugngkuhguutjdfihfkleuvnjtjiljkbtbngb",
    "ndgtriluugnghggtkhvrbbrrgtdfeivgklbkviteggcu",
    "ndgtriluugngvlbnjllchllugvhhftndludrjubuuvkh",
    "ndgtriluugngvukkrdlbvnettvhdhcjfgtjljkufulfe",
];

#[tokio::test]
async fn what_a_yubikey_types_opens_one_door_at_every_front_door() {
    let mut test = testing::org().await;
    let (_, id) = alice_with(&test, YUBIKEY).await;
    let (vpn, _) = {
        let input = CreateApplication { name: "VPN".into(), kind: ApplicationKind::DuoAuthApi };
        application::create(&test.system(), input).await.unwrap()
    };
    let vpn = Resource::Application { application: vpn.id, name: "VPN".into() };
    assert_eq!(try_code(&test, PRESSES[0]).await, Ok(()));
    assert_eq!(try_at(&test, Resource::Api, PRESSES[0]).await, Err(Reason::FactorUsed));
    // Presses may be idle, and what was pressed before the last that counted is dead.
    assert_eq!(try_at(&test, vpn.clone(), PRESSES[2]).await, Ok(()));
    assert_eq!(try_code(&test, PRESSES[1]).await, Err(Reason::FactorUsed));
    test.restart();
    assert_eq!(try_at(&test, vpn, PRESSES[2]).await, Err(Reason::FactorUsed));
    assert_eq!(try_code(&test, &PRESSES[3].to_uppercase()).await, Ok(()));
    for wrong in ["123456", &PRESSES[3].replace("fe", "ff"), "cccccccccccbdvgtiblfkbgturecfllberrvkinnctnn"] {
        assert_eq!(try_code(&test, wrong).await, Err(Reason::FactorWrong), "{wrong}");
    }
    let codes = [PRESSES[0].to_owned(), PRESSES[1].to_owned()];
    assert!(matches!(resync(&test.system(), id, &codes).await, Err(AppError::Conflict(_))));
}

#[tokio::test]
async fn of_fifty_at_once_on_two_nodes_one_code_opens_one_door() {
    let test = testing::org().await;
    alice_with(&test, HOTP).await;
    let (mut tries, other) = (tokio::task::JoinSet::new(), test.other_node());
    for n in 0..50 {
        let ctx = if n % 2 == 0 { test.nobody() } else { other.clone() };
        tries.spawn(async move {
            let first_door = FirstDoorProof::Vouched { by: "test".into() };
            let begin = Begin { name: "alice".into(), resource: Resource::Portal, first_door };
            let Step::SecondDoor(step) = signin::begin(&ctx, begin).await.unwrap() else { return false };
            let step = signin::passcode(&ctx, &step.handle, &code(0).as_str().into()).await.unwrap();
            matches!(step, Step::Allowed(_))
        });
    }
    let allowed = tries.join_all().await.into_iter().filter(|allowed| *allowed).count();
    assert_eq!(allowed, 1);
}

#[tokio::test]
async fn without_an_allowance_a_clock_has_this_step_and_the_one_before() {
    let test = testing::org().await;
    let (_, id) = alice_with(&test, TOTP).await;
    let code_off = |off: i64| code(test.system().now.plus(Span::hours(2)).unix_seconds() / 60 + off);
    for off in [-2, 1, 2] {
        assert_eq!(try_code(&test, &code_off(off)).await, Err(Reason::FactorWrong), "{off}");
    }
    // However often the code before is typed, the window does not move.
    for off in [0, -1, -1, -1, 0] {
        assert_eq!(try_code(&test, &code_off(off)).await, Ok(()), "{off}");
    }
    assert_eq!(try_code(&test, &code_off(-2)).await, Err(Reason::FactorWrong));
    // Nor where consecutive codes have shown how late it is.
    test.clock.advance(Span::hours(2));
    let step = test.system().now.unix_seconds() / 60;
    resync(&test.system(), id, &[code(step - 42), code(step - 41), code(step - 40)]).await.unwrap();
    for (off, came) in
        [(-41, true), (-40, true), (-41, true), (-39, true), (-38, false), (-42, false), (0, false)]
    {
        let came = if came { Ok(()) } else { Err(Reason::FactorWrong) };
        assert_eq!(try_code(&test, &code_off(off)).await, came, "{off}");
    }
}

#[tokio::test]
async fn a_clock_that_goes_wrong_slowly_is_followed_where_that_is_allowed() {
    let test = testing::org().await;
    alice_with(&test, TOTP).await;
    let mut settings = test.system().read(crate::ctx::settings).await.unwrap().value;
    settings.codes.drift = true;
    crate::settings::update(&test.system(), None, settings).await.unwrap();
    let code_off = |off: i64| code(test.system().now.plus(Span::hours(2)).unix_seconds() / 60 + off);
    assert_eq!(try_code(&test, &code_off(-2)).await, Err(Reason::FactorWrong));
    assert_eq!(try_code(&test, &code_off(2)).await, Err(Reason::FactorWrong));
    for off in 1..=5 {
        assert_eq!(try_code(&test, &code_off(off)).await, Ok(()), "{off}");
    }
    // Who gets a right clock again is let in, and what was spent is dead.
    assert_eq!(try_code(&test, &code_off(7)).await, Err(Reason::FactorWrong));
    assert_eq!(try_code(&test, &code_off(0)).await, Ok(()));
    let step = test.system().now.unix_seconds() / 60;
    assert_eq!(try_at(&test, Resource::Portal, &code(step)).await, Err(Reason::FactorUsed));
    assert_eq!(try_at(&test, Resource::Portal, &code(step - 1)).await, Err(Reason::FactorUsed));
    assert_eq!(try_at(&test, Resource::Portal, &code(step + 1)).await, Ok(()));
}

#[tokio::test]
async fn consecutive_codes_bring_a_token_back_into_step_and_are_spent() {
    let test = testing::org().await;
    let (_, id) = alice_with(&test, HOTP).await;
    let codes = |counters: &[i64]| counters.iter().map(|counter| code(*counter)).collect::<Vec<_>>();
    let refused = async |counters: &[i64]| {
        let error = resync(&test.system(), id, &codes(counters)).await.unwrap_err();
        assert!(matches!(error, AppError::Invalid { field: "codes", .. }), "{error}");
    };
    assert_eq!(try_code(&test, &code(500)).await, Err(Reason::FactorWrong));
    refused(&[500]).await;
    refused(&[500, 502]).await;
    refused(&[2000, 2001, 2002]).await;
    resync(&test.system(), id, &codes(&[500, 501, 502])).await.unwrap();
    assert_eq!(try_code(&test, &code(502)).await, Err(Reason::FactorUsed));
    assert_eq!(try_code(&test, &code(503)).await, Ok(()));
    refused(&[500, 501, 502]).await;
    refused(&[503, 504]).await;
}

#[tokio::test]
async fn a_clock_that_is_off_is_brought_back_by_codes_within_reason() {
    let test = testing::org().await;
    let (_, id) = alice_with(&test, TOTP).await;
    let step = test.system().now.unix_seconds() / 60;
    let codes = |first: i64| [code(first), code(first + 1), code(first + 2)];
    assert!(resync(&test.system(), id, &codes(step - 150)).await.is_err());
    resync(&test.system(), id, &codes(step - 40)).await.unwrap();
    assert!(resync(&test.system(), id, &codes(step - 40)).await.is_err());
    assert_eq!(try_code(&test, &code(step + 120 - 37)).await, Ok(()));
}

#[tokio::test]
async fn whoever_has_a_token_brings_it_into_step_behind_both_doors_and_nobody_else_does() {
    let test = testing::org().await;
    let alice = signin::tests::person(&test, "alice").await;
    let token = token(&test, HOTP).await;
    assign(&test.system(), token.id, alice.id).await.unwrap();
    let factors = factor::list(&test.system(), alice.id).await.unwrap();
    let own = factors.iter().find(|factor| factor.token().is_some()).unwrap().id;
    let other = factors.iter().find(|factor| factor.token().is_none()).unwrap().id;
    let session_of = async |person: &signin::tests::Person, name: &str| {
        let step = signin::tests::to_second_door(&test.nobody(), name).await;
        let step = signin::tests::passcode_of(&test.nobody(), &step, person, &test).await;
        let Step::Allowed(admission) = step else { panic!("{step:?}") };
        let (cookie, _) = crate::session::open(&test.nobody(), &admission, "test").await.unwrap();
        let (ctx, _, session) = crate::session::authenticate(&test.nobody(), cookie.expose()).await.unwrap();
        (ctx, session)
    };
    let (ctx, session) = session_of(&alice, "alice").await;
    let codes = |first: i64| [code(first), code(first + 1), code(first + 2)];
    resync_own(&ctx, &session, own, &codes(500)).await.unwrap();
    assert_eq!(try_code(&test, &code(503)).await, Ok(()));

    let elsewhere = Ctx { source: Some([203, 0, 113, 9].into()), ..ctx.clone() };
    let refused = resync_own(&elsewhere, &session, own, &codes(600)).await;
    assert!(matches!(refused, Err(AppError::Unauthenticated)), "{refused:?}");
    let refused = resync_own(&ctx, &session, other, &codes(600)).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })), "{refused:?}");
    let bob = signin::tests::person(&test, "bob").await;
    let (bobs, session_of_bob) = session_of(&bob, "bob").await;
    let refused = resync_own(&bobs, &session_of_bob, own, &codes(600)).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })), "{refused:?}");

    // Guesses are counted, and then the right codes wait too.
    let mut wrong = 0;
    while let Err(AppError::Invalid { field: "codes", .. }) =
        resync_own(&ctx, &session, own, &codes(5000)).await
    {
        wrong += 1;
        assert!(wrong < 20, "nobody counts");
    }
    assert!(matches!(resync_own(&ctx, &session, own, &codes(600)).await, Err(AppError::Busy)));
}

#[tokio::test]
async fn help_desk_hands_out_tokens_but_not_above_itself_and_owns_none_of_the_box() {
    let test = testing::org().await;
    let (alice, bob, clerk) =
        (person(&test, "alice").await, person(&test, "bob").await, person(&test, "clerk").await);
    user::set_roles(&test.system(), bob, [Role::Administrator].into()).await.unwrap();
    let token = token(&test, HOTP).await;
    let help_desk = test.person(clerk, &[Role::HelpDesk]);
    assert!(matches!(assign(&help_desk, token.id, bob).await, Err(AppError::AboveOwnRights)));
    assert!(matches!(import::apply(&help_desk, &HOTP.into(), None).await, Err(AppError::Denied(_))));
    assert!(matches!(delete(&help_desk, token.id).await, Err(AppError::Denied(_))));
    assign(&help_desk, token.id, alice).await.unwrap();
    assert!(matches!(assign(&help_desk, token.id, alice).await, Err(AppError::Conflict(_))));
    // It was their first factor; taking it away is another matter.
    assert!(matches!(unassign(&help_desk, token.id).await, Err(AppError::Conflict(_))));
    unassign(&test.system(), token.id).await.unwrap();
    assign(&test.system(), token.id, bob).await.unwrap();
    let codes = [code(0), code(1)];
    assert!(matches!(resync(&help_desk, token.id, &codes).await, Err(AppError::AboveOwnRights)));
    assert!(matches!(unassign(&help_desk, token.id).await, Err(AppError::AboveOwnRights)));
    let nobody = test.person(alice, &[]);
    assert!(matches!(assign(&nobody, token.id, alice).await, Err(AppError::Denied(_))));
    assert!(matches!(list(&nobody, PageRequest::default()).await, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn a_token_and_its_factor_end_together_whichever_is_taken_away() {
    let test = testing::org().await;
    let (alice, id) = alice_with(&test, HOTP).await;
    let epoch = async || user::show(&test.system(), alice).await.unwrap().credential_epoch;
    let before = epoch().await;
    assert!(matches!(delete(&test.system(), id).await, Err(AppError::Conflict(_))));
    let factor = factor::list(&test.system(), alice).await.unwrap().remove(0);
    factor::remove(&test.system(), alice, factor.id).await.unwrap();
    assert_eq!(resolve(&test.system(), "SN-1").await.unwrap().holder, None);
    assert_eq!(try_code(&test, &code(0)).await, Err(Reason::NoFactor));
    assign(&test.system(), id, alice).await.unwrap();
    unassign(&test.system(), id).await.unwrap();
    assert!(factor::list(&test.system(), alice).await.unwrap().is_empty());
    assert_eq!(epoch().await, before + 2);
    delete(&test.system(), id).await.unwrap();
    assert!(matches!(resolve(&test.system(), "SN-1").await, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn whoever_steals_the_database_finds_no_seed() {
    let test = testing::org().await;
    alice_with(&test, HOTP).await;
    assert_eq!(try_code(&test, &code(0)).await, Ok(()));
    let dump = test.dump();
    for seed in [SEED, b"3132333435363738393031323334353637383930"] {
        assert!(!dump.windows(seed.len()).any(|part| part == seed));
    }
}

/// What may happen to a token, in any order, beside a model that knows nothing but which codes opened a door.
#[tokio::test]
async fn whatever_happens_no_code_opens_two_doors() {
    let mut test = testing::org().await;
    let (alice, mut id) = alice_with(&test, HOTP).await;
    let (mut spent, mut shown) = (-1_i64, 0_i64);
    let mut random = 0x5a11_9047_u64;
    let mut below = |most: i64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(random >> 40).unwrap() % most
    };
    let mut opened = 0;
    for _ in 0..200 {
        match below(8) {
            0 => shown += below(15),
            1 => {
                let codes = [code(shown), code(shown + 1), code(shown + 2)];
                assert!(resync(&test.system(), id, &codes).await.is_ok(), "{shown} after {spent}");
                (spent, shown) = (shown + 2, shown + 3);
            }
            2 => {
                let old = spent - below(4);
                let codes = [code(old), code(old + 1)];
                assert!(old < 0 || resync(&test.system(), id, &codes).await.is_err(), "{old} after {spent}");
            }
            3 => test.restart(),
            4 => {
                unassign(&test.system(), id).await.unwrap();
                if below(2) == 0 {
                    delete(&test.system(), id).await.unwrap();
                    id = token(&test, HOTP).await.id;
                }
                assign(&test.system(), id, alice).await.unwrap();
            }
            5 => {
                let old = (spent - below(20)).max(0);
                let answer = try_code(&test, &code(old)).await;
                assert!(spent < 0 || answer.is_err(), "{old} after {spent}");
                if answer.is_ok() {
                    (spent, shown) = (old, shown.max(old + 1));
                }
            }
            _ => {
                let near = shown - spent <= 10;
                let answer = try_code(&test, &code(shown)).await;
                assert_eq!(answer.is_ok(), near, "{shown} after {spent}: {answer:?}");
                if near {
                    spent = shown;
                    opened += 1;
                }
                shown += 1;
            }
        }
    }
    assert!(opened > 20, "{opened}");
    let kind = resolve(&test.system(), "SN-1").await.unwrap().kind;
    assert_eq!(kind, HardwareTokenKind::Hotp { counter: 0 });
}

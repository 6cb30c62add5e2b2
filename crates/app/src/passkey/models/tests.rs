use std::sync::Arc;

use sallyport_model::{Method, Role, policy::MethodRow, signin::Reason};
use sallyport_wire::webauthn::soft::{
    SoftAuthenticator,
    maker::{Maker, batch_params, key},
};

use super::*;
use crate::{
    factor,
    passkey::{
        Attestation, ask_at_second_door, ask_for_first, ask_for_own, enroll_first, enroll_own,
        tests::{alice, at_second_door, by_passkey, challenge_in, enroll, session_of, soft},
    },
    signin::{self, Answer, Step, tests::person},
    testing::{self, TestOrg},
};

const MODEL: [u8; 16] = [0xa1; 16];
const OTHER: [u8; 16] = [0xb2; 16];

fn described_as(aaguid: [u8; 16], name: &str, roots: &str) -> NamePasskeyModel {
    NamePasskeyModel {
        aaguid: Some(Aaguid::from_bytes(aaguid).to_string()),
        name: Some(name.into()),
        roots: Some(roots.into()),
        metadata: None,
    }
}

async fn name_key(test: &TestOrg, aaguid: [u8; 16], maker: &Maker) {
    name(&test.system(), &described_as(aaguid, "Acme Key", &maker.root.1)).await.unwrap();
}

/// An authenticator of this model that its maker vouches for.
fn made_by(maker: &Maker, aaguid: [u8; 16], mut soft: SoftAuthenticator) -> SoftAuthenticator {
    soft.aaguid = aaguid;
    soft.batch = Some(Arc::new(maker.batch(aaguid)));
    soft
}

/// Whether it opens the second door, and if not, why.
async fn at_door(test: &TestOrg, name: &str, soft: &SoftAuthenticator) -> Result<(), Reason> {
    let ctx = test.nobody();
    let step = at_second_door(test, name).await;
    // A program may answer although nobody asked it for a passkey.
    let challenge = crate::passkey::challenge::set(
        &ctx,
        crate::passkey::challenge::Purpose::SecondDoor,
        &signin::handle_hash(&ctx, &step.handle),
    );
    let offered = ask_at_second_door(&ctx, &step.handle, &step.offers).await.unwrap();
    let assertion = crate::passkey::Assertion::parse(&soft.get(&challenge.unwrap())).unwrap();
    let step = signin::answer(&ctx, &step.handle, Answer::Passkey(Box::new(assertion))).await.unwrap();
    assert_eq!(matches!(step, Step::Allowed(_)), offered.is_some(), "{step:?}");
    if offered.is_some() {
        return Ok(());
    }
    let log = test.system().read(move |reader| Ok(reader.list_sign_ins(None, "", 1)?)).await.unwrap();
    Err(log[0].reasons[0].clone())
}

#[tokio::test]
async fn where_models_are_named_no_other_passkey_is_enrolled() {
    let test = testing::org().await;
    let (maker, stranger) = (Maker::new("Acme"), Maker::new("Acme"));
    let (_, of_alice) = alice(&test).await;
    let bob = person(&test, "bob").await;
    name_key(&test, MODEL, &maker).await;
    let (own, session) = session_of(&test, "bob", &bob).await;
    let options = serde_json::to_value(ask_for_own(&own, &session).await.unwrap().unwrap()).unwrap();
    assert_eq!(options["attestation"], "direct");
    assert_eq!(accepted(&own).await.unwrap().as_deref(), Some("Acme Key"));
    let refused = "this security key is not one of the models your organisation accepts: Acme Key";
    let mut says_so = soft(&test, bob.id);
    says_so.aaguid = MODEL;
    let expired = {
        let mut params = batch_params(MODEL);
        params.not_after = rcgen::date_time_ymd(2025, 1, 1);
        let mut soft = soft(&test, bob.id);
        (soft.aaguid, soft.batch) = (MODEL, Some(Arc::new(maker.batch_of(&params, key(), -7))));
        soft
    };
    for (what, soft) in [
        ("nothing said", soft(&test, bob.id)),
        ("by its own word", says_so),
        ("another model", made_by(&maker, OTHER, soft(&test, bob.id))),
        ("another maker", made_by(&stranger, MODEL, soft(&test, bob.id))),
        ("a certificate that is over", expired),
    ] {
        let error = enroll(&own, &session, &soft).await.unwrap_err();
        assert!(matches!(error, AppError::Conflict(_)), "{what}: {error:?}");
        assert_eq!(error.to_string(), refused, "{what}");
    }
    assert_eq!(factor::list(&test.system(), bob.id).await.unwrap().len(), 1);
    // Of the model it is enrolled, and says so.
    let good = made_by(&maker, MODEL, soft(&test, bob.id));
    let made = enroll(&own, &session, &good).await.unwrap();
    assert_eq!(made.proof.aaguid(), Some(Aaguid::from_bytes(MODEL)));
    let root = digest::hex(&Root::of_pem(&maker.root.1).unwrap().sha256());
    assert_eq!(made.proof.attested(), Some(&Attested { model: "Acme Key".into(), root }));
    assert_eq!(at_door(&test, "bob", &good).await, Ok(()));
    assert!(matches!(by_passkey(&test, &good).await, Step::Allowed(_)));
    // One that is somebody else's stays theirs, whoever vouches for it.
    let stolen = made_by(&maker, MODEL, of_alice);
    let taken = enroll(&own, &session, &stolen).await;
    assert!(
        matches!(taken, Err(AppError::Conflict(Words::Phrase(crate::Phrase::PasskeyTaken)))),
        "{taken:?}"
    );
}

#[tokio::test]
async fn what_was_enrolled_before_models_were_named_has_no_worth_until_none_is() {
    let test = testing::org().await;
    let (alice, soft) = alice(&test).await;
    assert_eq!(at_door(&test, "alice", &soft).await, Ok(()));
    let maker = Maker::new("Acme");
    let replaced = name(&test.system(), &described_as(MODEL, "Acme Key", &maker.root.1)).await.unwrap();
    assert_eq!(replaced.notice, Some(FEWER_COUNT));
    assert_eq!(at_door(&test, "alice", &soft).await, Err(Reason::FactorNotAllowed));
    let factors = factor::list(&test.system(), alice.id).await.unwrap();
    let passkey = factors.iter().find(|factor| matches!(factor.proof, Proof::Passkey { .. })).unwrap();
    assert_eq!(without_worth(&test.system(), &factors).await.unwrap(), [passkey.id]);
    let Step::Denied(denial) = by_passkey(&test, &soft).await else { panic!("opened") };
    assert_eq!(denial.reasons, [Reason::FactorNotAllowed]);
    // The authenticator may make another in its place: nobody tells the browser that it is known.
    let (own, session) = session_of(&test, "alice", &alice).await;
    let options = serde_json::to_value(ask_for_own(&own, &session).await.unwrap().unwrap()).unwrap();
    assert_eq!(options["excludeCredentials"], serde_json::json!([]));
    let replaced = remove(&test.system(), &Aaguid::from_bytes(MODEL).to_string()).await.unwrap();
    assert_eq!(replaced.notice, None);
    assert_eq!(at_door(&test, "alice", &soft).await, Ok(()));
    assert!(matches!(by_passkey(&test, &soft).await, Step::Allowed(_)));
    let options = serde_json::to_value(ask_for_own(&own, &session).await.unwrap().unwrap()).unwrap();
    assert_eq!(
        (&options["attestation"], options["excludeCredentials"].as_array().unwrap().len()),
        (&"none".into(), 1)
    );
    assert_eq!(accepted(&own).await.unwrap(), None);
}

#[tokio::test]
async fn an_attested_passkey_counts_while_its_model_and_what_it_led_to_are_named() {
    let test = testing::org().await;
    let (maker, next) = (Maker::new("Acme"), Maker::new("Acme"));
    name_key(&test, MODEL, &maker).await;
    let alice = person(&test, "alice").await;
    let (own, session) = session_of(&test, "alice", &alice).await;
    let soft = made_by(&maker, MODEL, soft(&test, alice.id));
    enroll(&own, &session, &soft).await.unwrap();
    let both = format!("{}{}", maker.root.1, next.root.1);
    for (aaguid, roots, counts) in
        [(OTHER, &maker.root.1, true), (MODEL, &next.root.1, false), (MODEL, &both, true)]
    {
        name(&test.system(), &described_as(aaguid, "Key", roots)).await.unwrap();
        assert_eq!(at_door(&test, "alice", &soft).await.is_ok(), counts, "{aaguid:?}");
    }
    remove(&test.system(), &Aaguid::from_bytes(MODEL).to_string()).await.unwrap();
    assert_eq!(at_door(&test, "alice", &soft).await, Err(Reason::FactorNotAllowed));
    remove(&test.system(), &Aaguid::from_bytes(OTHER).to_string()).await.unwrap();
    assert_eq!(at_door(&test, "alice", &soft).await, Ok(()));
}

#[tokio::test]
async fn models_that_are_named_while_somebody_enrols_hold_for_them() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let (own, session) = session_of(&test, "alice", &alice).await;
    let options = ask_for_own(&own, &session).await.unwrap().unwrap();
    let answer = Attestation::parse(&soft(&test, alice.id).create(&challenge_in(&options))).unwrap();
    name_key(&test, MODEL, &Maker::new("Acme")).await;
    let refused = enroll_own(&own, &session, "Late", &answer).await;
    assert!(matches!(refused, Err(AppError::Conflict(Words::ModelNotAccepted { .. }))), "{refused:?}");
    assert_eq!(factor::list(&test.system(), alice.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_shuts_themselves_out_by_naming_models() {
    let test = testing::org().await;
    let (alice, soft) = alice(&test).await;
    let mut settings = test.system().read(settings).await.unwrap().value;
    settings.factors = vec![MethodRow { method: Method::Totp, on: false, groups: Vec::new() }];
    org_settings::update(&test.system(), None, settings).await.unwrap();
    let owner = test.person(alice.id, &[Role::Owner]);
    let maker = Maker::new("Acme");
    let input = described_as(MODEL, "Acme Key", &maker.root.1);
    let refused = name(&owner, &input).await;
    assert!(matches!(refused, Err(AppError::Conflict(Words::Plain(_)))), "{refused:?}");
    assert!(matches!(by_passkey(&test, &soft).await, Step::Allowed(_)));
    // Others may, and whoever may not change settings may not either.
    let auditor = test.person(alice.id, &[Role::Administrator]);
    assert!(matches!(name(&auditor, &input).await, Err(AppError::Denied(_))));
    name(&test.system(), &input).await.unwrap();
    assert!(matches!(by_passkey(&test, &soft).await, Step::Denied(_)));
    let aaguid = Aaguid::from_bytes(MODEL).to_string();
    assert!(matches!(remove(&auditor, &aaguid).await, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn a_model_is_described_by_its_maker_or_in_ones_own_words() {
    let test = testing::org().await;
    let maker = Maker::new("Acme");
    let text = Aaguid::from_bytes(MODEL).to_string();
    let root = data_encoding::BASE64.encode(&maker.root.0);
    let statement = serde_json::json!({
        "aaguid": text, "description": "Acme Key 5\nwith NFC", "attestationRootCertificates": [root],
    });
    let by_maker = NamePasskeyModel { metadata: Some(statement.to_string()), ..NamePasskeyModel::default() };
    let named = name(&test.system(), &by_maker).await.unwrap().settings.value.passkeys.models;
    assert_eq!(named.len(), 1);
    assert!(named[0].name.starts_with("Acme Key 5") && !named[0].name.contains('\n'), "{}", named[0].name);
    assert_eq!(Root::of_pem(&named[0].roots[0]), Root::of_pem(&maker.root.1));
    // The same once more takes its place, under a name of one's own.
    let renamed = NamePasskeyModel { name: Some(" Key ".into()), ..by_maker.clone() };
    let named = name(&test.system(), &renamed).await.unwrap().settings.value.passkeys.models;
    assert_eq!(named.iter().map(|model| model.name.as_str()).collect::<Vec<_>>(), ["Key"]);

    let own = described_as(MODEL, "Key", &maker.root.1);
    let secret = format!("{}{}", maker.root.1, key().serialize_pem());
    for (input, field) in [
        (NamePasskeyModel::default(), "metadata"),
        (NamePasskeyModel { metadata: by_maker.metadata.clone(), ..own.clone() }, "metadata"),
        (NamePasskeyModel { metadata: Some("{}".into()), ..NamePasskeyModel::default() }, "metadata"),
        (NamePasskeyModel { name: Some(" ".into()), ..own.clone() }, "name"),
        (NamePasskeyModel { aaguid: Some("12".into()), ..own.clone() }, "aaguid"),
        (NamePasskeyModel { roots: Some("none".into()), ..own.clone() }, "roots"),
        (NamePasskeyModel { roots: Some(secret), ..own.clone() }, "roots"),
        (NamePasskeyModel { roots: Some(maker.root.1.repeat(17)), ..own.clone() }, FIELD),
    ] {
        let refused = name(&test.system(), &input).await.unwrap_err();
        assert!(
            matches!(refused, AppError::Invalid { field: said, .. } if said == field),
            "{field}: {refused:?}"
        );
    }
    for unknown in ["", "12", &Aaguid::from_bytes(OTHER).to_string()] {
        let none = remove(&test.system(), unknown).await;
        assert!(matches!(none, Err(AppError::NotFound { .. })), "{none:?}");
    }
}

#[tokio::test]
async fn settings_hold_no_model_of_which_nobody_could_tell() {
    let test = testing::org().await;
    let pem = Maker::new("Acme").root.1;
    let good =
        PasskeyModel { aaguid: Aaguid::from_bytes(MODEL), name: "Key".into(), roots: vec![pem.clone()] };
    let with = |models: Vec<PasskeyModel>| {
        let ctx = test.system();
        async move {
            let mut settings = ctx.read(settings).await.unwrap().value;
            settings.passkeys.models = models;
            org_settings::update(&ctx, None, settings).await
        }
    };
    let many = (0..=100_u128)
        .map(|n| PasskeyModel { aaguid: Aaguid::from_bytes(n.to_be_bytes()), ..good.clone() })
        .collect();
    let long = (0..20_u128)
        .map(|n| {
            let roots = vec![format!("{}{pem}", "#".repeat(7000))];
            PasskeyModel { aaguid: Aaguid::from_bytes(n.to_be_bytes()), roots, ..good.clone() }
        })
        .collect();
    for models in [
        many,
        long,
        vec![good.clone(), good.clone()],
        vec![PasskeyModel { name: String::new(), ..good.clone() }],
        vec![PasskeyModel { name: "x".repeat(101), ..good.clone() }],
        vec![PasskeyModel { roots: Vec::new(), ..good.clone() }],
        vec![PasskeyModel { roots: vec!["x".into()], ..good.clone() }],
        vec![PasskeyModel { roots: vec![format!("{pem}{pem}")], ..good.clone() }],
        vec![PasskeyModel { roots: vec![format!("{}{pem}", "#".repeat(9000))], ..good.clone() }],
    ] {
        let refused = with(models).await.unwrap_err();
        assert!(matches!(refused, AppError::Invalid { field: FIELD, .. }), "{refused:?}");
    }
    with(vec![good]).await.unwrap();
}

#[tokio::test]
async fn an_enrolment_code_brings_no_other_model_and_is_not_spent_by_one() {
    let test = testing::org().await;
    let maker = Maker::new("Acme");
    name_key(&test, MODEL, &maker).await;
    let input = sallyport_api::rest::CreateUser { name: "carol".into(), active: true, ..Default::default() };
    let carol = crate::user::create(&test.system(), input).await.unwrap().id;
    let code = factor::issue_enrollment_code(&test.system(), carol, 3600).await.unwrap();
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let good = made_by(&maker, MODEL, soft(&test, carol));
    for (soft, counts) in [(soft(&test, carol), false), (good, true)] {
        let options = ask_for_first(&test.nobody(), &pending.handle).await.unwrap().unwrap();
        assert_eq!(serde_json::to_value(&options).unwrap()["attestation"], "direct");
        let answer = Attestation::parse(&soft.create(&challenge_in(&options))).unwrap();
        let enrolled = enroll_first(&test.nobody(), &pending.handle, "Key", &answer).await;
        assert_eq!(enrolled.is_ok(), counts, "{enrolled:?}");
        assert_eq!(factor::list(&test.system(), carol).await.unwrap().len(), usize::from(counts));
    }
}

use sallyport_model::saml::SamlToken;

use super::*;
use crate::{
    audit,
    saml::trial::{self, Trial},
    sso::{Level, trial::Report},
};

/// An administrator, at home.
fn administrator(test: &TestOrg) -> Ctx {
    Ctx { source: Some(HOME.into()), ..test.system() }
}

fn over(trial: Trial) -> Report {
    let Trial::Over(report) = trial else { panic!("{trial:?}") };
    report
}

async fn tried(test: &TestOrg, id: ApplicationId, session: &Session) -> Report {
    over(trial::begin(&administrator(test), id, session).await.unwrap())
}

/// All that is seen.
fn seen(report: &Report) -> String {
    format!("{report:#?}").replace("\\n", "\n").replace("\\\"", "\"")
}

async fn told_of(test: &TestOrg, session: &Session) -> usize {
    let owner = session.id.unwrap().to_string();
    test.system().read(move |reader| Ok(reader.once_of(&owner, "saml_sign_on")?.len())).await.unwrap()
}

#[tokio::test]
async fn an_administrator_sees_the_answer_and_nobody_is_told() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let wiki = made(&test, SamlService { wants_signed_response: true, ..service() }).await;
    let session = signed_in(&test, &ada, "ada").await;
    let report = tried(&test, wiki.id, &session).await;
    assert!(report.is_good() && report.checks.len() == 8, "{report:#?}");
    let seen = seen(&report);
    for part in [
        "<saml2p:AuthnRequest",
        "<saml2:Issuer xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://app.example/metadata<",
        "<saml2:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"",
        "<saml2:AttributeValue>ada</saml2:AttributeValue>",
        "\"uid\",\n",
    ] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    assert_eq!(seen.matches("</ds:SignatureValue>").count(), 2);
    assert_eq!(seen.matches("…</ds:SignatureValue>").count(), 2, "what can be used is not shown");
    assert_eq!(told_of(&test, &session).await, 0, "there is nothing that it could end");
    let wanted = audit::SignInsWanted { limit: 10, ..Default::default() };
    let log = audit::sign_ins(&test.system(), wanted).await.unwrap();
    assert!(
        log.items.iter().any(|sign_in| format!("{:?}", sign_in.sign_in.resource).contains("Wiki")),
        "{log:?}"
    );
    // Who may not manage it, may not try it.
    let own = test.person(ada.id, &[]);
    assert!(matches!(trial::begin(&own, wiki.id, &session).await, Err(AppError::Denied(_))));
    let went_on = trial::go_on(&own, wiki.id, &"spst_x".into(), &session).await;
    assert!(matches!(went_on, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn a_trial_that_waits_is_good_once_and_for_whoever_began_it() {
    let test = testing::org().await;
    let (ada, bob) = (person(&test, "ada").await, person(&test, "bob").await);
    let (wiki, board) = (made(&test, service()).await, named(&test, "Board").await);
    let (adas, bobs) = (signed_in(&test, &ada, "ada").await, signed_in(&test, &bob, "bob").await);
    // The second door was passed elsewhere, and is asked for once more.
    let away = Ctx { source: Some([198, 51, 100, 7].into()), ..test.system() };
    let asked = trial::begin(&away, wiki.id, &adas).await.unwrap();
    let Trial::Ask { ticket, ask } = asked else { panic!("{asked:?}") };
    assert_eq!(ask, Ask::StepUp { application: Some(wiki.id), level: Level::OneDoor });
    let home = administrator(&test);
    let unknown = "begun by somebody else";
    for (id, session, what) in [(wiki.id, &bobs, "by another"), (board, &adas, "of another application")] {
        let report = over(trial::go_on(&home, id, &ticket, session).await.unwrap());
        assert!(report.problem.as_ref().unwrap().contains(unknown), "{what}: {report:?}");
    }
    let turn = go_on(&from(&test), &ticket, Some(&adas)).await.unwrap();
    assert!(matches!(turn, Turn::Nowhere(_)), "no application is answered by it: {turn:?}");
    // Nor the other way round.
    let sent = sent(&request(&test, wiki.id, "", ""));
    let real = self::ticket(begin(&from(&test), wiki.id, sent, None).await.unwrap(), Ask::sign_in(&wiki));
    let report = over(trial::go_on(&home, wiki.id, &real, &adas).await.unwrap());
    assert!(report.problem.unwrap().contains(unknown));
    let report = over(trial::go_on(&home, wiki.id, &ticket, &adas).await.unwrap());
    assert!(report.is_good(), "{report:#?}");
    let again = over(trial::go_on(&home, wiki.id, &ticket, &adas).await.unwrap());
    assert!(again.problem.unwrap().contains(unknown));
    let late = trial::begin(&away, wiki.id, &adas).await.unwrap();
    let Trial::Ask { ticket, .. } = late else { panic!("{late:?}") };
    test.clock.advance(Span::minutes(31));
    let late = over(trial::go_on(&administrator(&test), wiki.id, &ticket, &adas).await.unwrap());
    assert!(late.problem.unwrap().contains(unknown));
}

async fn named(test: &TestOrg, name: &str) -> ApplicationId {
    let input = CreateApplication { name: name.into(), kind: ApplicationKind::Saml };
    application::create(&test.system(), input).await.unwrap().0.id
}

#[tokio::test]
async fn what_does_not_come_through_is_said_in_words() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let session = signed_in(&test, &ada, "ada").await;
    let wiki = named(&test, "Wiki").await;
    let says = async |part: &str| {
        let report = tried(&test, wiki, &session).await;
        assert!(report.problem.as_ref().is_some_and(|problem| problem.contains(part)), "{part}: {report:?}");
    };
    says("metadata was not read yet").await;
    let set = async |saml: SamlService| changed(&test, wiki, |input| input.saml = Some(saml)).await;
    set(SamlService { consumers: Vec::new(), ..service() }).await;
    says("no address is registered").await;
    set(SamlService { name_id: NameIdFormat::EmailAddress, ..service() }).await;
    says("you may not pass").await;
    changed(&test, wiki, |input| input.used_by = Some(UsedBy::Everybody)).await;
    says("by their mail address").await;
    // It signs what it asks, which we cannot in its place.
    set(SamlService { signs_requests: true, ..service() }).await;
    assert!(tried(&test, wiki, &session).await.is_good());
    changed(&test, wiki, |input| input.enabled = Some(false)).await;
    let disabled = trial::begin(&administrator(&test), wiki, &session).await;
    assert!(disabled.unwrap_err().to_string().contains("disabled"));
}

#[tokio::test]
async fn what_goes_encrypted_is_shown_as_it_was_before() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let session = signed_in(&test, &ada, "ada").await;
    let key = SamlKey::from_pkcs8(&SamlKey::generate(KeyKind::Rsa2048).unwrap()).unwrap();
    let der = key.certificate("app.example", (0, 4_000_000_000), &SystemRandom::new()).unwrap();
    let reads = Certificate::from_der(&der).unwrap().base64();
    // Of two keys it is the one that can be encrypted for.
    let encryption_certificates = vec![OURS.certificate.clone(), reads];
    let wiki =
        made(&test, SamlService { wants_encryption: true, encryption_certificates, ..service() }).await;
    let report = tried(&test, wiki.id, &session).await;
    assert!(report.is_good(), "{report:#?}");
    assert!(report.checks.contains(&("It goes encrypted, and in no other way", true)));
    let [_, answer, assertion, _] = &report.exchanges[..] else { panic!("{report:#?}") };
    let answer = answer.message.as_ref().unwrap();
    assert!(answer.contains("…</xenc:CipherValue>") && !answer.contains("NameID"), "{answer}");
    let assertion = assertion.document.as_ref().unwrap();
    assert!(assertion.contains("<saml2:NameID") && assertion.contains("…</ds:SignatureValue>"));
}

#[tokio::test]
async fn a_token_of_ws_federation_is_looked_at_in_either_version() {
    let test = testing::org().await;
    let ada = person(&test, "ada").await;
    let office = ws_federation::microsoft(&test).await;
    let session = signed_in(&test, &ada, "ada").await;
    for (token, named) in [(SamlToken::Saml11, "<saml:NameIdentifier"), (SamlToken::Saml20, "<saml2:NameID")]
    {
        let saml = SamlService { token, ..office.saml.clone().unwrap() };
        if office.saml.as_ref() != Some(&saml) {
            changed(&test, office.id, |input| input.saml = Some(saml)).await;
        }
        let report = tried(&test, office.id, &session).await;
        assert!(report.is_good() && report.checks.len() == 6, "{report:#?}");
        let seen = seen(&report);
        for part in ["wsignin1.0", "urn:federation:MicrosoftOnline", "RequestSecurityTokenResponse", named] {
            assert!(seen.contains(part), "{part} in {seen}");
        }
        assert!(seen.contains("…</ds:SignatureValue>"), "{seen}");
    }
}

#[tokio::test]
async fn the_last_request_that_was_refused_is_kept_and_no_other() {
    let test = testing::org().await;
    let wiki = made(&test, SamlService { signs_requests: true, ..service() }).await;
    let system = test.system();
    let last = async || last_refused(&system, wiki.id).await.unwrap();
    assert_eq!(last().await, None);
    let comes = async |inside: &str| {
        let sent = sent(&request(&test, wiki.id, "", inside));
        assert!(matches!(begin(&from(&test), wiki.id, sent, None).await, Ok(Turn::Nowhere(_))));
    };
    comes(&format!("<a:Subject><a:NameID>&lt;b&gt;\u{202e}{}</a:NameID></a:Subject>", "x".repeat(20_000)))
        .await;
    let first = last().await.unwrap();
    assert_eq!(first.why, "the signature is missing");
    assert!(first.message.contains("<p:AuthnRequest") && first.message.contains("&lt;b&gt;xxx"));
    assert!(first.message.len() <= 16 << 10 && !first.message.contains('\u{202e}'));
    comes("").await;
    assert_eq!(last().await.as_ref(), Some(&first), "so often and no oftener");
    test.clock.advance(Span::seconds(6));
    let unread = Received::from_form(Kind::Request, "%%", None);
    assert!(matches!(begin(&from(&test), wiki.id, unread, None).await, Ok(Turn::Nowhere(_))));
    let second = last_refused(&test.system(), wiki.id).await.unwrap().unwrap();
    assert_eq!((second.why.as_str(), second.message.as_str()), ("it is not encoded as its binding says", ""));
    assert!(last_refused(&test.nobody(), wiki.id).await.is_err());
    let office = ws_federation::microsoft(&test).await;
    ws_federation::comes(&test, office.id, &[("wreply", "https://evil.example/"), ("wctx", "own")], None)
        .await;
    let refused = last_refused(&test.system(), office.id).await.unwrap().unwrap();
    assert!(refused.message.contains("wreply=https://evil.example/") && !refused.message.contains("own"));
}

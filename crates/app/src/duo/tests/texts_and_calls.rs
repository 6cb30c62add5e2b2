//! What a telephone company carries for applications.

use sallyport_wire::duo::auth::AuthStatusRequest;

use super::*;

/// Bob with an authenticator and a phone.
async fn with_phone(house: &House, codes: u8) -> (Company, sallyport_model::Factor) {
    let company = Company::of(&house.test, Telephony { codes, ..twilio() }).await;
    house.person_with_authenticator("bob").await;
    let bob = user::resolve(&house.test.system(), "bob").await.unwrap().id;
    let phone = phone_of(&house.test, bob, "+15005550010").await;
    (company, phone)
}

#[tokio::test]
async fn passcodes_are_texted_and_typed_as_the_vendor_has_it() {
    let house = house().await;
    let (company, phone) = with_phone(&house, 1).await;
    let PreauthResult::Auth { devices, prompt, .. } = house.preauth("bob").await else { panic!("no auth") };
    let listed = devices.iter().find(|device| device.device == phone.duo_id).unwrap();
    let DeviceKind::Phone { number, capabilities, sms_nextcode, .. } = &listed.kind else {
        panic!("{listed:?}")
    };
    assert_eq!(
        (number.as_str(), &capabilities[..], sms_nextcode),
        ("XXX-XXX-0010", &[Capability::Phone, Capability::Sms][..], &None)
    );
    let prompt = prompt.unwrap();
    assert!(
        prompt.text.contains(" 1. Phone call to XXX-XXX-0010 (type ")
            && prompt.text.contains("\n 2. SMS passcodes to XXX-XXX-0010"),
        "{}",
        prompt.text
    );
    assert_eq!((prompt.factors["default"].as_str(), prompt.factors["2"].as_str()), ("phone1", "sms1"));
    for factor in [
        AuthFactor::Sms(DeviceRef::Auto),
        AuthFactor::Sms(DeviceRef::Id(phone.duo_id.clone())),
        AuthFactor::Prompt(prompt.resolve("2")),
        AuthFactor::Prompt(PromptAnswer::parse("sms")),
    ] {
        let sent = house.auth("bob", factor).await.unwrap();
        assert_eq!(said(&sent), (AuthResult::Deny, Some(Status::Sent)));
        assert_eq!(sent.status_msg, "New SMS passcodes sent.");
        house.test.clock.advance(Span::seconds(31));
    }
    // What clients that ask nobody send of whoever has nothing to be asked on costs neither a text nor a try.
    for _ in 0..6 {
        let nothing = house.auth("bob", AuthFactor::Prompt(PromptAnswer::parse("passcode"))).await.unwrap();
        assert_eq!(said(&nothing), (AuthResult::Deny, Some(Status::Deny)));
        assert_eq!(nothing.status_msg, "Please enter a passcode.");
    }
    assert_eq!(company.texts().len(), 4);
    let code = company.codes().remove(0);
    let elsewhere =
        auth(&house.other().await, &auth_of("bob", AuthFactor::Passcode(code.clone()), false)).await;
    let AuthResponse::Done(elsewhere) = elsewhere.unwrap() else { panic!("not done") };
    assert_eq!(said(&elsewhere).0, AuthResult::Deny, "good for the application that asked alone");
    let allowed = house.auth("bob", AuthFactor::Prompt(PromptAnswer::Passcode(code.clone()))).await.unwrap();
    assert_eq!(said(&allowed), (AuthResult::Allow, Some(Status::Allow)));
    assert_eq!(said(&house.auth("bob", AuthFactor::Passcode(code)).await.unwrap()).0, AuthResult::Deny);
    let unknown = house.auth("bob", AuthFactor::Sms(DeviceRef::Id("DPXXXXXXXXXXXXXXXXXX".into()))).await;
    assert_eq!(refused(unknown.unwrap_err()), (40002, Some("device".into())));
    let second = house.auth("bob", AuthFactor::Prompt(PromptAnswer::Sms(2))).await.unwrap();
    assert_eq!(said(&second), (AuthResult::Deny, Some(Status::Deny)));
}

#[tokio::test]
async fn the_menu_says_how_the_next_code_of_a_batch_begins() {
    let house = house().await;
    let (company, _) = with_phone(&house, 3).await;
    house.auth("bob", AuthFactor::Sms(DeviceRef::Auto)).await.unwrap();
    let menu = async || {
        let found = house.preauth("bob").await;
        let PreauthResult::Auth { prompt, .. } = found else { panic!("{found:?}") };
        prompt.unwrap().text
    };
    assert!(menu().await.contains("(next code starts with: 1)"), "{}", menu().await);
    let codes = company.codes();
    assert_eq!(
        said(&house.auth("bob", AuthFactor::Passcode(codes[0].clone())).await.unwrap()).0,
        AuthResult::Allow
    );
    assert!(menu().await.contains("(next code starts with: 2)"), "{}", menu().await);
}

#[tokio::test]
async fn a_text_that_cannot_be_sent_is_a_deny_in_words() {
    let house = house().await;
    let (company, _) = with_phone(&house, 1).await;
    company.answer_with(503);
    let denied = house.auth("bob", AuthFactor::Sms(DeviceRef::Auto)).await.unwrap();
    assert_eq!(said(&denied), (AuthResult::Deny, Some(Status::Deny)));
    assert!(denied.status_msg.contains("could not be sent"), "{}", denied.status_msg);
}

#[tokio::test]
async fn whoever_has_no_phone_to_push_is_called_where_the_digits_can_be_told() {
    let house = house().await;
    let (company, _) = with_phone(&house, 1).await;
    let automatic = || AuthFactor::Auto(DeviceRef::Auto);
    assert_eq!(refused(house.auth("bob", automatic()).await.unwrap_err()), (40002, Some("device".into())));
    assert_eq!(company.calls(), 0);
    let begun = auth(&house.ctx(), &auth_of("bob", automatic(), true)).await.unwrap();
    let AuthResponse::Accepted { txid } = begun else { panic!("not accepted") };
    let calling = auth_status(&house.ctx(), &AuthStatusRequest { txid }).await.unwrap();
    assert_eq!(said(&calling), (AuthResult::Waiting, Some(Status::Calling)));
    assert_eq!(company.calls(), 1);
}

#[tokio::test]
async fn a_call_asks_for_the_digits_that_a_waiting_client_prints_and_nobody_else_is_called() {
    let house = house().await;
    let (company, phone) = with_phone(&house, 1).await;
    let silent = PreauthRequest { text_prompt: false, ..preauth_of(UserRef::Name("bob".into())) };
    let PreauthResult::Auth { devices, .. } = preauth(&house.ctx(), &silent).await.unwrap().result else {
        panic!("no auth")
    };
    let listed = devices.iter().find(|device| device.device == phone.duo_id).unwrap();
    assert!(listed.can(Capability::Phone), "whoever asks without waiting is told the digits");
    let sync = house.auth("bob", AuthFactor::Phone(DeviceRef::Auto)).await.unwrap();
    assert_eq!(said(&sync), (AuthResult::Deny, Some(Status::Deny)));
    assert!(sync.status_msg.contains("digits"), "{}", sync.status_msg);
    let typed = AuthFactor::Prompt(PromptAnswer::parse("phone1"));
    let sync = house.auth("bob", typed.clone()).await.unwrap();
    assert!(sync.status_msg.contains("by its number"), "{}", sync.status_msg);
    assert_eq!(company.calls(), 0);
    let begun = auth(&house.ctx(), &auth_of("bob", typed, true)).await.unwrap();
    let AuthResponse::Accepted { txid } = begun else { panic!("not accepted") };
    let asked = AuthStatusRequest { txid };
    let calling = auth_status(&house.ctx(), &asked).await.unwrap();
    assert_eq!(said(&calling), (AuthResult::Waiting, Some(Status::Calling)));
    let digits = calling.status_msg.split(' ').find(|word| word.bytes().all(|b| b.is_ascii_digit())).unwrap();
    // Whoever asks meanwhile is held until somebody picks up.
    let nobody = house.test.nobody();
    let held = async { auth_status(&house.ctx(), &asked).await.unwrap() };
    let (answered, ()) = tokio::join!(held, company.pick_up(&nobody));
    assert_eq!(said(&answered), (AuthResult::Waiting, Some(Status::Answered)));
    assert!(answered.status_msg.contains(digits), "{}", answered.status_msg);
    company.type_in_call(&house.test.nobody(), 1, digits).await;
    let allowed = auth_status(&house.ctx(), &asked).await.unwrap();
    assert_eq!(said(&allowed), (AuthResult::Allow, Some(Status::Allow)));
    assert_eq!(
        said(&auth_status(&house.ctx(), &asked).await.unwrap()).0,
        AuthResult::Allow,
        "and says so again"
    );
}

/// The digits that the menu shows of its first choice, a call; and the choice.
async fn menu_of_calls(house: &House) -> (String, AuthFactor) {
    let found = house.preauth("bob").await;
    let PreauthResult::Auth { prompt: Some(prompt), .. } = found else { panic!("{found:?}") };
    let (_, behind) = prompt.text.split_once("(type ").unwrap();
    let (digits, _) = behind.split_once(" when asked)").unwrap();
    assert!(digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", prompt.text);
    (digits.to_owned(), AuthFactor::Prompt(prompt.resolve("1")))
}

/// Clients that cannot print while they wait: what sshd shows in between comes too late.
#[tokio::test]
async fn the_digits_of_a_call_stand_in_the_menu_before_it_is_chosen() {
    let house = house().await;
    let (company, _) = with_phone(&house, 1).await;
    let (digits, choice) = menu_of_calls(&house).await;
    let answering = async {
        while company.calls() == 0 {
            tokio::task::yield_now().await;
        }
        company.type_in_call(&house.test.nobody(), 1, &digits).await;
    };
    let (status, ()) = tokio::join!(house.auth("bob", choice.clone()), answering);
    assert_eq!(said(&status.unwrap()), (AuthResult::Allow, Some(Status::Allow)));

    // They were good for this choice, once.
    house.test.clock.advance(Span::seconds(31));
    let again = house.auth("bob", choice).await.unwrap();
    assert_eq!(said(&again).0, AuthResult::Deny);
    assert!(again.status_msg.contains("choose again"), "{}", again.status_msg);

    // Who waits for a transaction reads the same digits there.
    let (digits, choice) = menu_of_calls(&house).await;
    let AuthResponse::Accepted { txid } = auth(&house.ctx(), &auth_of("bob", choice, true)).await.unwrap()
    else {
        panic!("not accepted")
    };
    let calling = auth_status(&house.ctx(), &AuthStatusRequest { txid }).await.unwrap();
    assert!(calling.status_msg.contains(&digits), "{}", calling.status_msg);
    assert_eq!(company.calls(), 2);
}

#[tokio::test]
async fn digits_of_a_menu_are_good_for_a_while_for_one_person_and_for_one_application() {
    let house = house().await;
    let (company, _) = with_phone(&house, 1).await;
    house.person_with_authenticator("alice").await;
    let alice = user::resolve(&house.test.system(), "alice").await.unwrap().id;
    phone_of(&house.test, alice, "+15005550011").await;
    let (_, choice) = menu_of_calls(&house).await;
    let of_another = house.auth("alice", choice.clone()).await.unwrap();
    let elsewhere = auth(&house.other().await, &auth_of("bob", choice.clone(), false)).await.unwrap();
    let AuthResponse::Done(elsewhere) = elsewhere else { panic!("not done") };
    let PreauthResult::Auth { verified_push: None, .. } = house.preauth("bob").await else { panic!() };
    house.test.clock.advance(Span::seconds(151));
    let late = house.auth("bob", choice).await.unwrap();
    for refused in [of_another, elsewhere, late] {
        assert_eq!(said(&refused).0, AuthResult::Deny);
        assert!(refused.status_msg.contains("choose again"), "{}", refused.status_msg);
    }
    assert_eq!(company.calls(), 0);
}

#[tokio::test]
async fn a_mail_address_is_one_more_phone_that_takes_texts() {
    let house = house().await;
    let office = crate::mail::testing::Office::of(&house.test).await;
    crate::factor::mailed::tests::switch(&house.test, true).await;
    crate::mail::testing::person(&house.test, "ada").await;
    let PreauthResult::Auth { devices, prompt, .. } = house.preauth("ada").await else { panic!("no auth") };
    let [device] = &devices[..] else { panic!("{devices:?}") };
    let DeviceKind::Phone { capabilities, display_name, .. } = &device.kind else { panic!("{device:?}") };
    assert_eq!((&capabilities[..], display_name.as_str()), (&[Capability::Sms][..], "a***@example.com"));
    let prompt = prompt.unwrap().text;
    assert!(prompt.contains("SMS passcodes to a***@example.com"), "{prompt}");
    let sent = house.auth("ada", AuthFactor::Sms(DeviceRef::Id(device.device.clone()))).await.unwrap();
    assert_eq!(said(&sent), (AuthResult::Deny, Some(Status::Sent)));
    let mail = office.last();
    let code = mail.text.lines().find(|line| line.len() == 7 && line.bytes().all(|b| b.is_ascii_digit()));
    let code = Secret::from(code.expect("a code"));
    let allowed = house.auth("ada", AuthFactor::Passcode(code.clone())).await.unwrap();
    assert_eq!(said(&allowed), (AuthResult::Allow, Some(Status::Allow)));
    assert_eq!(said(&house.auth("ada", AuthFactor::Passcode(code)).await.unwrap()).0, AuthResult::Deny);
}

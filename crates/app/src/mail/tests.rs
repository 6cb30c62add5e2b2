use sallyport_model::{
    Role, Settings, Span,
    id::UserId,
    mail::{MailLimits, MailSecurity, MailServer},
};

use super::{testing::Office, *};
use crate::testing;

fn id(n: u128) -> UserId {
    UserId::new(uuid::Uuid::from_u128(n))
}

fn settings() -> MailSettings {
    let server = MailServer {
        host: "smtp.example.com".into(),
        port: 465,
        security: MailSecurity::Tls,
        user: "sallyport".into(),
        ca: String::new(),
    };
    MailSettings { server: Some(server), sender: "it@example.com".into(), ..MailSettings::default() }
}

fn at(host: &str) -> MailSettings {
    let server = MailServer { host: host.into(), ..settings().server.unwrap() };
    MailSettings { server: Some(server), ..settings() }
}

#[tokio::test]
async fn a_password_rests_sealed_and_leaves_with_its_server() {
    let test = testing::org().await;
    let system = test.system();
    assert!(!update(&system, None, settings(), None).await.unwrap().has_password);
    let password = || Some(Secret::from("a password that is secret"));
    assert!(update(&system, None, settings(), password()).await.unwrap().has_password);
    assert!(!test.dump().windows(25).any(|window| window == b"a password that is secret"));
    let quiet = MailSettings { notices: false, ..settings() };
    assert!(update(&system, None, quiet, None).await.unwrap().has_password, "it is the same server");
    let before = crate::settings::show(&system).await.unwrap().value;
    let replaced = crate::settings::update(&system, None, Settings { mail: at("evil.example"), ..before })
        .await
        .unwrap();
    assert!(replaced.notice.is_some_and(|notice| notice.contains("secret")), "{:?}", replaced.notice);
    assert!(!show(&system).await.unwrap().has_password);
    for bad in ["", "a\r\nb", &"x".repeat(513)] {
        assert!(update(&system, None, settings(), Some(bad.into())).await.is_err(), "{bad}");
    }
    assert!(update(&system, None, MailSettings::default(), password()).await.is_err(), "for nobody");
    let auditor = test.person(id(7), &[Role::Auditor]);
    assert!(matches!(update(&auditor, None, settings(), password()).await, Err(AppError::Denied(_))));
    assert!(matches!(check(&auditor).await, Err(AppError::Denied(_))));
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_by_their_field() {
    let test = testing::org().await;
    let template = |subject: &str, text: &str| MailSettings {
        enrollment: MailTemplate { subject: subject.into(), text: text.into() },
        ..settings()
    };
    let port = |port| {
        let server = MailServer { port, ..settings().server.unwrap() };
        MailSettings { server: Some(server), ..settings() }
    };
    let ca = |ca: &str| {
        let server = MailServer { ca: ca.into(), ..settings().server.unwrap() };
        MailSettings { server: Some(server), ..settings() }
    };
    for (mail, field) in [
        (at(""), "mail.server.host"),
        (at("smtp.example.com/x"), "mail.server.host"),
        (at("a b"), "mail.server.host"),
        (port(0), "mail.server.port"),
        (ca("no certificate"), "mail.server.ca"),
        (MailSettings { sender: String::new(), ..settings() }, "mail.sender"),
        (MailSettings { sender: "it@example.com>\r\nX: y".into(), ..settings() }, "mail.sender"),
        (
            MailSettings { limits: MailLimits { per_day: u32::MAX, ..MailLimits::default() }, ..settings() },
            "mail.limits",
        ),
        (template("{link}", "{link}"), "mail.enrollment.subject"),
        (template("a\nb", "{link}"), "mail.enrollment.subject"),
        (template("a", "no link"), "mail.enrollment.text"),
        (template("a", "{link} {password}"), "mail.enrollment.text"),
    ] {
        match update(&test.system(), None, mail, None).await {
            Err(AppError::Invalid { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_preview_reads_as_the_mail_would() {
    let test = testing::org().await;
    let template = MailTemplate { subject: "Hello {name}".into(), text: "{organization} {link}".into() };
    let preview = super::preview(&test.system(), template).await.unwrap();
    assert_eq!(preview.subject, "Hello Ada Lovelace");
    assert_eq!(preview.text, "Example https://sallyport.example.com/enroll?code=0000-0000-0000-0000");
    let unknown = MailTemplate { subject: "a".into(), text: "{link} {who}".into() };
    assert!(matches!(super::preview(&test.system(), unknown).await, Err(AppError::Invalid { .. })));
}

async fn spend(ctx: &Ctx, n: u128, address: &str, limits: MailLimits) -> Result<(), budget::Spent> {
    let (address, mail) = (address.to_owned(), MailSettings { limits, ..settings() });
    ctx.write(move |tx| budget::spend(tx, id(n), &address, &mail, false)).await.unwrap()
}

#[tokio::test]
async fn every_budget_ends_and_begins_anew_the_next_day() {
    use budget::Spent;
    let test = testing::org().await;
    let ctx = test.system();
    let limits = MailLimits { per_address: 2, per_person: 3, per_day: 5 };
    assert_eq!(spend(&ctx, 1, "ada@example.com", limits).await, Ok(()));
    assert_eq!(spend(&ctx, 1, "ada@example.com", limits).await, Ok(()));
    assert_eq!(spend(&ctx, 1, "ADA@example.com", limits).await, Err(Spent::Address), "one mailbox");
    assert_eq!(spend(&ctx, 2, "ada@example.com", limits).await, Err(Spent::Address), "whoever it is for");
    assert_eq!(spend(&ctx, 1, "a@example.com", limits).await, Ok(()));
    assert_eq!(spend(&ctx, 1, "b@example.com", limits).await, Err(Spent::Person));
    let other = test.other_node();
    assert_eq!(spend(&other, 2, "c@example.com", limits).await, Ok(()));
    assert_eq!(spend(&other, 3, "d@example.com", limits).await, Ok(()));
    assert_eq!(spend(&ctx, 4, "e@example.com", limits).await, Err(Spent::OrganizationDay));
    assert_eq!(show(&ctx).await.unwrap().sent_today, 5);
    assert!(!test.dump().windows(15).any(|window| window == b"ada@example.com"), "no address in a counter");
    test.clock.advance(Span::days(1));
    assert_eq!(spend(&test.system(), 1, "ada@example.com", limits).await, Ok(()));
}

#[tokio::test]
async fn the_server_is_tried_without_a_mail_and_only_where_it_is_listed() {
    let test = testing::org().await;
    assert!(check(&test.system()).await.unwrap().unwrap().contains("no mail server"));
    let office = Office::of(&test).await;
    assert_eq!(check(&test.system()).await.unwrap(), None);
    assert!(office.arrived().is_empty());
    update(&test.system(), None, at("127.0.0.2"), None).await.unwrap();
    let problem = check(&test.system()).await.unwrap().unwrap();
    assert!(problem.contains("internal"), "{problem}");
}

#[tokio::test]
async fn the_address_of_record_is_the_verified_one_or_the_first_that_can_be_used() {
    let test = testing::org().await;
    let person = super::testing::person(&test, "ada").await.value;
    let mail = |address: &str, verified| sallyport_model::Mail { address: address.into(), verified };
    let of =
        |mails: Vec<sallyport_model::Mail>| address_of(&User { mails, ..person.clone() }).map(str::to_owned);
    assert_eq!(
        of(vec![mail("a@example.com", false), mail("b@example.com", true)]),
        Some("b@example.com".into())
    );
    assert_eq!(of(vec![mail("a@@x", true), mail("b@example.com", false)]), Some("b@example.com".into()));
    assert_eq!(of(vec![]), None);
    assert_eq!(masked("ada@example.com"), "a***@example.com");
}

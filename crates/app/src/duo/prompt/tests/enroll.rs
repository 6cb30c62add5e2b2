//! Enrolling a first factor at the prompt.

use sallyport_model::{FactorKind, Method, Role, id::UserId, policy::NewUser};

use super::*;
use crate::{
    duo::prompt::enroll::{self as at_prompt, At, Began, ToEnroll},
    factor::PendingTotp,
    mail::testing::{Office, person as with_mail},
};

/// The page that somebody without a factor comes to.
fn to_enroll(turn: Turn) -> ToEnroll {
    let Turn::Enroll(asked) = turn else { panic!("{turn:?}") };
    *asked
}

impl ToEnroll {
    fn at(&self) -> At<'_> {
        At { handle: &self.handle, id: &self.prompt.id }
    }
}

impl App {
    async fn begin(&self, asked: &ToEnroll, code: &Secret) -> Result<PendingTotp, Phrase> {
        match at_prompt::begin(&self.browser(), asked.at(), code).await.unwrap() {
            Began::Pending(pending) => Ok(pending),
            Began::Not(turn) => Err(to_enroll(turn).problem.unwrap()),
        }
    }

    async fn issued(&self, user: UserId) -> Secret {
        factor::issue_enrollment_code(&self.house.test.system(), user, 3600).await.unwrap()
    }

    /// Types the first code of what was begun.
    async fn confirm(&self, asked: &ToEnroll, pending: &PendingTotp) -> Turn {
        let code = self.house.code(&seed(pending));
        at_prompt::confirm_totp(&self.browser(), asked.at(), &pending.handle, &code).await.unwrap()
    }

    async fn kinds(&self, user: UserId) -> Vec<FactorKind> {
        let factors = factor::list(&self.house.test.system(), user).await.unwrap();
        factors.iter().map(sallyport_model::Factor::kind).collect()
    }
}

fn seed(pending: &PendingTotp) -> Vec<u8> {
    data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap()
}

fn code_in(text: &str) -> Secret {
    let is_code = |line: &&str| line.len() == 9 && line.chars().all(|c| c.is_ascii_digit() || c == '-');
    text.lines().find(is_code).expect("a code").into()
}

#[tokio::test]
async fn a_code_of_an_administrators_enrols_at_the_prompt_which_goes_on_with_what_was_enrolled() {
    let app = app().await;
    let carol = app.house.person("carol").await;
    let asked = to_enroll(app.ask("Carol").await);
    assert_eq!(asked.mail_to, None, "nothing is mailed from here");
    let pending = app.begin(&asked, &app.issued(carol).await).await.unwrap();
    assert!(app.kinds(carol).await.is_empty(), "nothing before the proof");
    let shown = super::asked(app.confirm(&asked, &pending).await);
    assert_eq!(app.kinds(carol).await, [FactorKind::Totp]);
    // The code that enrolled it opens nothing besides.
    let at = (shown.step.handle, shown.prompt.id);
    let again = app.type_code(&at, &app.house.code(&seed(&pending))).await;
    assert_eq!(super::asked(again).step.problem, Some(signin::USED_CODE));
    app.house.test.clock.advance(Span::seconds(30));
    let code = super::code_in(app.type_code(&at, &app.house.code(&seed(&pending))).await);
    let token = app.redeem(&code, "one").await.unwrap();
    assert_eq!(claims(&token)["preferred_username"], "Carol");
    // And the page of the enrolment is over.
    let late = at_prompt::begin(&app.browser(), asked.at(), &"0000".into()).await.unwrap();
    assert!(matches!(late, Began::Not(Turn::Nowhere(TOO_LATE))), "{late:?}");
    assert_eq!(nowhere(&at_prompt::go_on(&app.browser(), asked.at()).await.unwrap()), TOO_LATE);
}

#[tokio::test]
async fn the_word_of_the_application_alone_enrols_nothing() {
    let app = app().await;
    let (carol, dave) = (app.house.person("carol").await, app.house.person("dave").await);
    let asked = to_enroll(app.ask("carol").await);
    let wrong = Phrase::MailedCodeWrong;
    // A made up code, none, and one that is good for somebody else.
    for code in ["0000-0000-0000-0000".into(), Secret::default(), app.issued(dave).await] {
        assert_eq!(app.begin(&asked, &code).await.unwrap_err(), wrong);
    }
    // With it, nobody else's window, and nobody else's browser.
    let code = app.issued(carol).await;
    let other = to_enroll(app.ask("dave").await);
    assert_eq!(app.begin(&other, &code).await.unwrap_err(), wrong);
    for at in [
        At { handle: &"spe_made-up".into(), id: &asked.prompt.id },
        At { handle: &asked.handle, id: &other.prompt.id },
        At { handle: &asked.handle, id: "" },
    ] {
        let began = at_prompt::begin(&app.browser(), at, &code).await.unwrap();
        assert!(matches!(began, Began::Not(Turn::Nowhere(TOO_LATE))), "{began:?}");
        assert_eq!(nowhere(&at_prompt::go_on(&app.browser(), at).await.unwrap()), TOO_LATE);
    }
    // To go on without having enrolled is to be asked to enrol.
    let asked = to_enroll(at_prompt::go_on(&app.browser(), asked.at()).await.unwrap());
    // What was begun is completed with its own first code alone.
    let pending = app.begin(&asked, &code).await.unwrap();
    let refused =
        at_prompt::confirm_totp(&app.browser(), asked.at(), &pending.handle, &"000000".into()).await;
    assert!(matches!(refused, Err(AppError::Invalid { field: "passcode", .. })), "{refused:?}");
    assert!(app.kinds(carol).await.is_empty() && app.kinds(dave).await.is_empty());
    super::asked(app.confirm(&asked, &pending).await);
    assert!(factor::begin_totp(&app.browser(), &code).await.is_err(), "the code is spent");
}

#[tokio::test]
async fn a_mailed_code_enrols_at_the_prompt_it_was_asked_for_at() {
    let app = app().await;
    let office = Office::of(&app.house.test).await;
    let ada = with_mail(&app.house.test, "ada").await.id;
    let asked = to_enroll(app.ask("ada").await);
    assert_eq!(asked.mail_to.as_deref(), Some("a***@example.com"));
    assert!(office.arrived().is_empty(), "nothing before it is asked for");
    let sent = to_enroll(at_prompt::mail_code(&app.browser(), asked.at()).await.unwrap());
    assert_eq!((sent.told, sent.problem), (Some(factor::at_door::ON_ITS_WAY), None));
    let mail = office.last();
    assert_eq!(mail.to, "ada@example.com");
    assert!(mail.text.contains("gave your password at Wiki"), "{}", mail.text);
    let code = code_in(&mail.text);
    // Neither on the enrolment page nor at another prompt of hers.
    assert!(factor::begin_totp(&app.browser(), &code).await.is_err());
    let other = to_enroll(app.ask("ada").await);
    assert_eq!(app.begin(&other, &code).await.unwrap_err(), Phrase::MailedCodeWrong);
    let soon = to_enroll(at_prompt::mail_code(&app.browser(), asked.at()).await.unwrap());
    assert_eq!(soon.problem, Some(crate::mail::budget::Spent::TooSoon.phrase()), "the budgets are the same");
    let pending = app.begin(&asked, &code).await.unwrap();
    super::asked(app.confirm(&asked, &pending).await);
    assert_eq!(app.kinds(ada).await, [FactorKind::Totp]);
    // Where she has one by now, the other page goes on with it.
    let again = answer(&app.browser(), &other.handle, &other.prompt.id, Answer::Again, None).await.unwrap();
    super::asked(again);
}

#[tokio::test]
async fn guesses_at_the_prompt_are_counted_with_all_others() {
    let app = app().await;
    let carol = app.house.person("carol").await;
    let code = app.issued(carol).await;
    let asked = to_enroll(app.ask("carol").await);
    let mut held = false;
    for guess in 0..20 {
        let typed = format!("0000-0000-0000-00{guess:02}");
        match at_prompt::begin(&app.browser(), asked.at(), &typed.as_str().into()).await {
            Ok(Began::Not(_)) => {}
            Err(AppError::Busy) => {
                held = true;
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(held, "never held back");
    let late = at_prompt::begin(&app.browser(), asked.at(), &code).await;
    assert!(matches!(late, Err(AppError::Busy)), "{late:?}");
    // Whoever guesses at one person after the other is held back as at the enrolment page, and at that page too.
    let mut people = 0;
    loop {
        assert!(people < 20, "never held back");
        let name = format!("person{people}");
        app.house.person(&name).await;
        let asked = to_enroll(app.ask(&name).await);
        match at_prompt::begin(&app.browser(), asked.at(), &"0000-0000-0000-0000".into()).await {
            Ok(Began::Not(_)) => people += 1,
            Err(AppError::Busy) => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(factor::begin_totp(&app.browser(), &code).await, Err(AppError::Busy)));
}

#[tokio::test]
async fn for_some_it_takes_an_administrator_or_another_place() {
    let app = app().await;
    let (office, system) = (Office::of(&app.house.test).await, app.house.test.system());
    // Whoever has a role is mailed nothing, and enrols by what an administrator gives them.
    let olga = with_mail(&app.house.test, "olga").await.id;
    user::set_roles(&system, olga, [Role::Auditor].into()).await.unwrap();
    let asked = to_enroll(app.ask("olga").await);
    assert_eq!(asked.mail_to, None);
    assert!(matches!(at_prompt::mail_code(&app.browser(), asked.at()).await, Err(AppError::Conflict(_))));
    assert!(app.begin(&asked, &app.issued(olga).await).await.is_ok());
    // What voids what was proved voids this: another password, or a quarter of an hour.
    user::set_password(&system, olga, &"another long passphrase".into()).await.unwrap();
    assert!(at_prompt::begin(&app.browser(), asked.at(), &app.issued(olga).await).await.is_err());
    let asked = to_enroll(app.ask("olga").await);
    app.house.test.clock.advance(Span::minutes(16));
    assert_eq!(nowhere(&at_prompt::go_on(&app.browser(), asked.at()).await.unwrap()), TOO_LATE);
    // Whoever has a factor that does not count here is mailed nothing either, for it would be worth less than what they had;
    // with what an administrator gives them they enrol what counts.
    app.house.person_with_authenticator("ada").await;
    let ada = user::resolve(&app.house.test.system(), "ada").await.unwrap();
    let allow = async |methods: Option<Vec<Method>>, new_user: Option<NewUser>| {
        let mut settings = crate::settings::show(&app.house.test.system()).await.unwrap().value;
        settings.policy.methods = methods.map(|methods| methods.into_iter().collect());
        settings.policy.new_user = new_user;
        crate::settings::update(&app.house.test.system(), None, settings).await.unwrap();
    };
    allow(Some(vec![Method::Passkey]), None).await;
    let asked = to_enroll(app.ask("ada").await);
    assert_eq!(asked.mail_to, None);
    let pending = app.begin(&asked, &app.issued(ada.id).await).await.unwrap();
    assert!(pending.ways.passkey && !pending.ways.totp && !pending.ways.push, "{:?}", pending.ways);
    let code = app.house.code(&seed(&pending));
    let refused = at_prompt::confirm_totp(&app.browser(), asked.at(), &pending.handle, &code).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    // And where nothing counts that they could enrol, they are told so at once.
    allow(Some(vec![Method::Duo]), None).await;
    assert!(matches!(over(app.ask("ada").await).why, Why::EnrollmentNeeded));
    // And where policy has other plans with new people, nobody enrols.
    app.house.person("carol").await;
    allow(None, Some(NewUser::Deny)).await;
    assert_eq!(denied(app.ask("carol").await).reasons, [Reason::NewUserDenied]);
    assert!(office.arrived().is_empty());
}

#[tokio::test]
async fn whoever_gives_up_enrolling_is_back_at_the_application_without_a_code() {
    let app = app().await;
    app.house.person("carol").await;
    let asked = to_enroll(app.ask("carol").await);
    let turn = cancel(&app.browser(), &asked.handle, &asked.prompt.id).await.unwrap();
    assert!(matches!(back(turn), Callback::Refused { .. }));
    assert_eq!(nowhere(&at_prompt::go_on(&app.browser(), asked.at()).await.unwrap()), TOO_LATE);
    // The page is shown again when it is loaded again, and answers what it does not ask by showing itself.
    let asked = to_enroll(app.ask("carol").await);
    for answered in [Answer::Again, Answer::Passcode("123456".into())] {
        let turn = answer(&app.browser(), &asked.handle, &asked.prompt.id, answered, None).await.unwrap();
        assert_eq!(to_enroll(turn).prompt.id, asked.prompt.id);
    }
}

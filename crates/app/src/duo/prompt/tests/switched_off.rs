//! Factors that are switched off while somebody stands at the second door, at the portal and at the prompt: what remains
//! opens it, and where nothing does they are told so.

use sallyport_model::{FactorKind, Method, policy::MethodRow};
use sallyport_wire::webauthn::soft::SoftAuthenticator;

use super::*;
use crate::{
    factor::duo::testing::Service,
    passkey::{self, tests as passkeys},
    push::tests::{self as phones, Handset},
    signin::{
        SecondDoorStep,
        challenge::{Shows, ask},
        duo::{Back, Going, back as from_duo, go},
        tests::{Person, to_second_door},
    },
};

/// An organisation with a portal and a prompt, and Alice, who has one of everything.
struct Story {
    app: App,
    alice: Person,
    handset: Handset,
    passkey: SoftAuthenticator,
    number: FactorId,
    company: Company,
}

/// Where she stands.
enum Front {
    Portal,
    Prompt { id: String },
}

/// What came of an answer.
enum Seen {
    Through,
    Open(SecondDoorStep),
    ToEnroll,
}

impl Story {
    async fn begin() -> Self {
        let app = app().await;
        let test = &app.house.test;
        let (alice, handset) = phones::alice(test).await;
        let company = Company::of(test, twilio()).await;
        let number = phone_of(test, alice.id, "+15005550010").await.id;
        let (own, session) = passkeys::session_of(test, "alice", &alice).await;
        let passkey = passkeys::soft(test, alice.id);
        passkeys::enroll(&own, &session, &passkey).await.unwrap();
        test.clock.advance(Span::minutes(1));
        Self { app, alice, handset, passkey, number, company }
    }

    /// To the second door of the portal, or of an application's prompt.
    async fn come(&self, to_prompt: bool) -> (Front, SecondDoorStep) {
        self.app.house.test.clock.advance(Span::minutes(1));
        if to_prompt {
            let Asked { prompt, step } = asked(self.app.ask("alice").await);
            return (Front::Prompt { id: prompt.id }, step);
        }
        (Front::Portal, to_second_door(&self.app.browser(), "alice").await)
    }

    async fn answer(&self, front: &Front, handle: &Secret, given: Answer) -> Seen {
        match front {
            Front::Portal => match signin::answer(&self.app.browser(), handle, given).await.unwrap() {
                Step::Allowed(_) => Seen::Through,
                Step::SecondDoor(step) => Seen::Open(step),
                Step::EnrollmentNeeded { .. } => Seen::ToEnroll,
                denied @ Step::Denied(_) => panic!("{denied:?}"),
            },
            Front::Prompt { id } => match answer(&self.app.browser(), handle, id, given, None).await.unwrap()
            {
                Turn::Back(url) => {
                    assert!(url.contains("duo_code="), "{url}");
                    Seen::Through
                }
                Turn::Ask(asked) => Seen::Open(asked.step),
                Turn::Over(over) => {
                    assert!(matches!(over.why, Why::EnrollmentNeeded), "{over:?}");
                    assert!(over.prompt.way_back().contains("error=access_denied"));
                    Seen::ToEnroll
                }
                other @ (Turn::Enroll(_) | Turn::Nowhere(_)) => panic!("{other:?}"),
            },
        }
    }

    /// Switches everything off but these.
    async fn leave(&self, methods: &[Method]) {
        let row = |method| MethodRow { method, on: methods.contains(&method), groups: Vec::new() };
        let rows: Vec<MethodRow> = Method::ALL.into_iter().map(row).collect();
        let before = crate::settings::show(&self.app.house.test.system()).await.unwrap().value;
        let after = sallyport_model::Settings { factors: rows, ..before };
        crate::settings::update(&self.app.house.test.system(), None, after).await.unwrap();
    }

    /// What she has in her hand for this method once the door asked for it; she got it while the method was on.
    async fn proof(&self, method: Method, front: &Front, step: &SecondDoorStep) -> Answer {
        let (ctx, test) = (self.app.browser(), &self.app.house.test);
        match method {
            Method::Totp => Answer::Passcode(self.alice.code(test, 0)),
            Method::Passkey => {
                let options = passkey::ask_at_second_door(&ctx, &step.handle, &step.offers).await.unwrap();
                Answer::Passkey(passkeys::answer_to(&self.passkey, &options.unwrap()))
            }
            Method::Push => {
                let Step::SecondDoor(step) = ask(&ctx, &step.handle, None, Shows::Number).await.unwrap()
                else {
                    panic!("not asked")
                };
                let number = step.waiting.unwrap().number.unwrap();
                self.handset.yes(test, &self.handset.request(test).await, &number).await.unwrap();
                Answer::Elsewhere
            }
            Method::Text => {
                match front {
                    Front::Portal => signin::text(&ctx, &step.handle, self.number).await.map(drop).unwrap(),
                    Front::Prompt { id } => {
                        text(&ctx, &step.handle, id, self.number).await.map(drop).unwrap();
                    }
                }
                Answer::Passcode(self.company.codes().pop().unwrap())
            }
            other @ (Method::HardwareToken
            | Method::Call
            | Method::Mail
            | Method::Duo
            | Method::BypassCode) => panic!("{other:?}"),
        }
    }

    async fn bypass_code(&self) -> Answer {
        let system = self.app.house.test.system();
        let mut codes = factor::issue_bypass_codes(&system, self.alice.id, 1, 3600).await.unwrap();
        Answer::Passcode(codes.remove(0))
    }
}

fn kinds(step: &SecondDoorStep) -> Vec<FactorKind> {
    step.offers.iter().map(signin::Offer::kind).collect()
}

const ALL_OF_HERS: [Method; 5] =
    [Method::Totp, Method::Passkey, Method::Push, Method::Text, Method::BypassCode];

#[tokio::test]
async fn what_is_switched_off_in_the_middle_opens_nothing_and_what_remains_does() {
    let story = Story::begin().await;
    for to_prompt in [false, true] {
        for method in [Method::Totp, Method::Passkey, Method::Push, Method::Text] {
            story.leave(&ALL_OF_HERS).await;
            let bypass = story.bypass_code().await;
            let (front, step) = story.come(to_prompt).await;
            let proof = story.proof(method, &front, &step).await;
            let rest: Vec<Method> = ALL_OF_HERS.into_iter().filter(|other| *other != method).collect();
            story.leave(&rest).await;
            let Seen::Open(left) = story.answer(&front, &step.handle, proof).await else {
                panic!("{method:?} at {to_prompt} did not leave her at the door")
            };
            assert!(left.problem.is_some(), "{method:?}: she is told that it does not open this door");
            let offered: Vec<Method> =
                kinds(&left).iter().flat_map(|kind| Method::of_kind(*kind)).copied().collect();
            assert!(!offered.contains(&method), "{method:?} in {offered:?}");
            let through = story.answer(&front, &left.handle, bypass).await;
            assert!(matches!(through, Seen::Through), "{method:?} at {to_prompt}");
        }
    }
}

#[tokio::test]
async fn where_nothing_remains_people_are_told_to_enrol_and_the_next_sign_in_is_whole_again() {
    let story = Story::begin().await;
    for to_prompt in [false, true] {
        for method in [Method::Totp, Method::Passkey, Method::Push, Method::Text] {
            story.leave(&ALL_OF_HERS).await;
            let (front, step) = story.come(to_prompt).await;
            let proof = story.proof(method, &front, &step).await;
            // Of what is on now she has nothing.
            story.leave(&[Method::HardwareToken]).await;
            let seen = story.answer(&front, &step.handle, proof).await;
            assert!(matches!(seen, Seen::ToEnroll), "{method:?} at {to_prompt}");
        }
    }
    story.leave(&ALL_OF_HERS).await;
    let (front, step) = story.come(true).await;
    let proof = story.proof(Method::Totp, &front, &step).await;
    assert!(matches!(story.answer(&front, &step.handle, proof).await, Seen::Through));
}

#[tokio::test]
async fn whoever_is_at_duo_when_it_is_switched_off_comes_back_to_a_door_with_what_remains() {
    let story = Story::begin().await;
    let service = Service::of(&story.app.house.test).await;
    let ctx = || story.app.browser();
    let with_duo = [&ALL_OF_HERS[..], &[Method::Duo]].concat();
    story.leave(&with_duo).await;
    let (_, step) = story.come(false).await;
    assert!(kinds(&step).contains(&FactorKind::Duo), "{:?}", kinds(&step));
    let Going::To(url) = go(&ctx(), &step.handle, "/").await.unwrap() else { panic!("not to Duo") };
    let query = service.visit(&url);
    story.leave(&ALL_OF_HERS).await;
    let Back::AtDoor { step: Step::SecondDoor(left), .. } =
        from_duo(&ctx(), &step.handle, &query).await.unwrap()
    else {
        panic!("not at the door")
    };
    assert!(left.problem.is_some() && !kinds(&left).contains(&FactorKind::Duo), "{left:?}");
    let bypass = story.bypass_code().await;
    assert!(matches!(story.answer(&Front::Portal, &left.handle, bypass).await, Seen::Through));
}

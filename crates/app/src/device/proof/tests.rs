//! What an agent signs is believed once, in the browser that asked, for its own people alone.

use sallyport_api::rest::CreateAccessRule;
use sallyport_model::{
    AccessRule, Binding, RuleMode,
    access_rule::{Effect, OnDevice as RuleDevice, ResourceKind, RuleSays, Then, What},
    signin::Resource,
};
use sallyport_policy::Decision;
use sallyport_store::Versioned;

use super::*;
use crate::{
    Caller, access_rule, binding, device,
    device::testing::Enrolled,
    signin::{self, Begin, FirstDoorProof, Step},
    testing::{self, TestOrg},
};

const NEXT: &str = "/applications";

/// Alice, bound to a laptop of the organisation.
struct House {
    test: TestOrg,
    alice: User,
    laptop: Enrolled,
    bound: Binding,
}

/// What an agent answers, as it leads a browser back.
struct Word {
    challenge: String,
    device: DeviceId,
    user: UserId,
    signature: String,
}

impl Word {
    fn answer(&self) -> Answer<'_> {
        Answer {
            challenge: &self.challenge,
            device: self.device,
            user: self.user,
            signature: &self.signature,
        }
    }
}

async fn house() -> House {
    let test = testing::org().await;
    let alice = test.user("alice").await;
    let laptop = test.active_device("laptop").await;
    let bound = test.bind("alice", "laptop").await;
    House { test, alice, laptop, bound }
}

impl House {
    async fn asks(&self) -> Asked {
        ask(&self.test.nobody(), NEXT).await.unwrap()
    }

    /// What the agent of this device answers to whoever comes with this address, led back to there.
    fn word_of(&self, enrolled: &Enrolled, user: UserId, asked: &Asked, origin: &str) -> Word {
        let challenge = asked.url.split_once("?challenge=").unwrap().1.split_once('&').unwrap().0.to_owned();
        let organization = self.test.org.keys.device_signing().public().to_hex();
        let device = enrolled.device.id;
        let signed = device_proof_bytes(&organization, device, user, origin, &challenge);
        let signature = data_encoding::HEXLOWER.encode(&enrolled.key.sign(context::DEVICE_PROOF, &signed));
        Word { challenge, device, user, signature }
    }

    fn word(&self, asked: &Asked) -> Word {
        let ctx = self.test.system();
        self.word_of(&self.laptop, self.alice.id, asked, issuer(&ctx))
    }

    async fn hears(&self, question: &Secret, word: &Word) -> Outcome {
        hear(&self.test.now(&self.test.nobody()), question.expose(), Some(word.answer())).await.unwrap()
    }

    /// A browser of hers on the laptop.
    async fn browser(&self) -> (Secret, Ctx) {
        let asked = self.asks().await;
        let Outcome::Proved { proof, next } = self.hears(&asked.question, &self.word(&asked)).await else {
            panic!("nothing was proved")
        };
        assert_eq!(next, NEXT);
        let on_device = proved(&self.test.nobody(), proof.expose()).await.unwrap();
        assert_eq!(on_device, Some(OnDevice { user: self.alice.id, device: self.laptop.device.id }));
        (proof, Ctx { on_device, ..self.test.nobody() })
    }
}

fn unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown { next } if next == NEXT)
}

/// Whoever is not on a device of ours is denied the API.
async fn only_managed(test: &TestOrg) -> Versioned<AccessRule> {
    let says = RuleSays {
        what: What { kinds: [ResourceKind::Api].into(), ..What::default() },
        device: RuleDevice { managed: Some(false), ..RuleDevice::default() },
        then: Then { effect: Effect::Deny, ..Then::default() },
        ..RuleSays::default()
    };
    let input = CreateAccessRule { name: "Managed".into(), note: String::new(), mode: RuleMode::On, says };
    access_rule::create(&test.system(), input).await.unwrap().rule
}

async fn is_let_in(ctx: &Ctx, name: &str) -> bool {
    let first_door = FirstDoorProof::Vouched { by: "test".into() };
    let begin = Begin { name: name.into(), resource: Resource::Api, first_door };
    !matches!(signin::begin(ctx, begin).await.unwrap(), Step::Denied(_))
}

#[tokio::test]
async fn a_browser_that_brings_the_word_of_its_device_is_on_it_for_its_own_person() {
    let house = house().await;
    let bob = house.test.user("bob").await;
    assert!(!matters(&house.test.nobody()).await.unwrap());
    let rule = only_managed(&house.test).await;
    assert!(matters(&house.test.nobody()).await.unwrap());
    assert!(!is_let_in(&house.test.nobody(), "alice").await);
    let (_, ctx) = house.browser().await;
    assert!(is_let_in(&ctx, "alice").await);
    // Hers, and not of whoever uses it after her.
    assert!(!is_let_in(&ctx, "bob").await);
    assert_eq!(ctx.device_of(bob.id), None);
    let wanted = crate::audit::SignInsWanted { limit: 10, ..Default::default() };
    let log = crate::audit::sign_ins(&house.test.system(), wanted).await.unwrap().items;
    let on: Vec<_> =
        log.iter().filter_map(|found| Some((found.sign_in.user, found.sign_in.managed_device?))).collect();
    assert_eq!((log.len(), on), (3, vec![(Some(house.alice.id), house.laptop.device.id)]));
    access_rule::delete(&house.test.system(), rule.id, None).await.unwrap();
    assert!(!matters(&house.test.nobody()).await.unwrap());
}

#[tokio::test]
async fn what_a_device_is_and_whose_is_looked_at_each_time() {
    let house = house().await;
    only_managed(&house.test).await;
    let (_, ctx) = house.browser().await;
    assert!(is_let_in(&ctx, "alice").await);
    device::revoke(&house.test.system(), house.laptop.device.id).await.unwrap();
    assert!(!is_let_in(&ctx, "alice").await);
}

#[tokio::test]
async fn a_word_is_good_once_in_the_browser_that_asked_and_for_two_minutes() {
    let house = house().await;
    let (asked, other) = (house.asks().await, house.asks().await);
    let word = house.word(&asked);
    // Somebody whose own browser began, and who talked her into opening the address: it is her browser that is led back.
    assert!(matches!(house.hears(&other.question, &word).await, Outcome::NotAsked));
    assert!(matches!(house.hears(&Secret::from("spdq_made_up"), &word).await, Outcome::NotAsked));
    assert!(matches!(house.hears(&asked.question, &word).await, Outcome::Proved { .. }));
    assert!(matches!(house.hears(&asked.question, &word).await, Outcome::NotAsked));
    house.test.clock.advance(QUESTION_LIFE);
    let word = house.word(&other);
    house.test.clock.advance(Span::seconds(1));
    assert!(matches!(house.hears(&other.question, &word).await, Outcome::NotAsked));
}

#[tokio::test]
async fn of_two_browsers_that_bring_the_same_word_at_once_one_is_believed() {
    let house = house().await;
    let asked = house.asks().await;
    let word = house.word(&asked);
    let (first, second) =
        tokio::join!(house.hears(&asked.question, &word), house.hears(&asked.question, &word));
    let is_proved = |outcome: &Outcome| matches!(outcome, Outcome::Proved { .. });
    assert_ne!(is_proved(&first), is_proved(&second), "{first:?} {second:?}");
}

#[tokio::test]
async fn a_word_that_is_not_the_devices_own_for_this_person_and_this_place_is_not_believed() {
    let house = house().await;
    let ctx = house.test.system();
    let (bob, here) = (house.test.user("bob").await, issuer(&ctx).to_owned());
    let desk = house.test.active_device("desk").await;
    let waiting = house.test.enroll("waiting", &[]).await.unwrap();
    house.test.bind("alice", "waiting").await;
    let laptop = &house.laptop;
    let stranger = Enrolled { device: laptop.device.clone(), key: device::testing::key("stranger") };
    for (who, user, origin) in [
        (laptop, house.alice.id, "https://evil.example"),
        (&stranger, house.alice.id, &*here),
        (laptop, bob.id, &*here),
        (&desk, house.alice.id, &*here),
        (&waiting, house.alice.id, &*here),
    ] {
        let asked = house.asks().await;
        let word = house.word_of(who, user, &asked, origin);
        assert!(unknown(&house.hears(&asked.question, &word).await), "{user} {origin}");
        // It was asked once.
        let good = house.word(&asked);
        assert!(matches!(house.hears(&asked.question, &good).await, Outcome::NotAsked));
    }
    let asked = house.asks().await;
    let mut word = house.word(&asked);
    word.signature = word.signature.to_uppercase();
    assert!(unknown(&house.hears(&asked.question, &word).await));
    // An agent that does not know whoever asked.
    let asked = house.asks().await;
    let outcome = hear(&house.test.nobody(), asked.question.expose(), None).await.unwrap();
    assert!(unknown(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn whoever_is_suspended_or_bound_no_more_has_no_device() {
    let house = house().await;
    crate::user::suspend(&house.test.system(), house.alice.id).await.unwrap();
    let asked = house.asks().await;
    assert!(unknown(&house.hears(&asked.question, &house.word(&asked)).await));
    crate::user::activate(&house.test.system(), house.alice.id).await.unwrap();
    binding::delete(&house.test.system(), house.bound.id).await.unwrap();
    let asked = house.asks().await;
    assert!(unknown(&house.hears(&asked.question, &house.word(&asked)).await));
}

#[tokio::test]
async fn a_proof_is_good_for_eight_hours_and_nothing_else_is_one() {
    let house = house().await;
    let (proof, _) = house.browser().await;
    house.test.clock.advance(PROOF_LIFE);
    let ctx = house.test.now(&house.test.nobody());
    assert!(proved(&ctx, proof.expose()).await.unwrap().is_some());
    house.test.clock.advance(Span::seconds(1));
    let ctx = house.test.now(&house.test.nobody());
    assert_eq!(proved(&ctx, proof.expose()).await.unwrap(), None);
    // What is asked is no proof.
    let asked = house.asks().await;
    assert_eq!(proved(&ctx, asked.question.expose()).await.unwrap(), None);
    let dump = house.test.dump();
    for secret in [&proof, &asked.question] {
        let secret = secret.expose().as_bytes();
        assert!(!dump.windows(secret.len()).any(|found| found == secret), "a secret is kept");
    }
}

#[tokio::test]
async fn whoever_asks_what_would_happen_to_somebody_does_so_from_no_device_of_their_own() {
    let house = house().await;
    only_managed(&house.test).await;
    let (_, ctx) = house.browser().await;
    let ctx = Ctx { caller: Caller::System { rule: "test" }, ..ctx };
    let asked = |device| access_rule::WhatIf {
        user: house.alice.id,
        at: access_rule::WhatIfAt::Api,
        source: None,
        country: None,
        anonymous: None,
        device,
        now: None,
    };
    let laptop = house.laptop.device.id;
    for (device, denied) in [(None, true), (Some(laptop), false)] {
        let told = access_rule::what_if(&ctx, asked(device)).await.unwrap();
        assert_eq!(matches!(told.explained.decision, Decision::Deny(_)), denied, "{device:?}");
    }
}

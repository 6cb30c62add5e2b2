use sallyport_model::{Role, id::UserId, signin::SignInState};

use super::*;
use crate::{
    Caller,
    audit::{self, ChangesWanted, SignInsWanted},
    device,
    testing::{self, TestOrg},
};

const NONCE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Alice bound to a device.
struct House {
    test: TestOrg,
    alice: User,
    device: Device,
}

async fn house() -> House {
    let test = testing::org().await;
    let alice = test.user("alice").await;
    let device = test.active_device("laptop").await.device;
    test.bind("alice", "laptop").await;
    House { test, alice, device }
}

impl House {
    fn login(&self, n: u8, at: Time) -> OfflineLogin {
        OfflineLogin {
            conversation: format!("{n:064x}"),
            user: self.alice.id,
            name: "alice".into(),
            service: "login".into(),
            first_door: "pam_unix".into(),
            at,
        }
    }

    async fn tell(&self, logins: &[OfflineLogin]) -> Result<ServerMessage, AppError> {
        let (id, name) = (self.device.id, self.device.name.clone());
        let ctx = self.test.system().with_caller(Caller::Device { id, name });
        take(&ctx, &self.device, Contact { nonce: NONCE.into(), logins: logins.to_vec() }).await
    }

    async fn log(&self) -> Vec<SignIn> {
        let wanted = SignInsWanted { limit: 50, ..SignInsWanted::default() };
        let page = audit::sign_ins(&self.test.system(), wanted).await.unwrap();
        page.items.into_iter().map(|found| found.sign_in).collect()
    }
}

#[tokio::test]
async fn what_happened_without_us_is_in_the_log_once_however_often_it_is_told() {
    let house = house().await;
    let now = house.test.system().now;
    let earlier = now.minus(Span::minutes(20));
    let logins = [house.login(1, earlier), house.login(2, earlier.plus(Span::minutes(1)))];
    house.tell(&logins[..1]).await.unwrap();
    for _ in 0..2 {
        house.tell(&logins).await.unwrap();
    }
    let log = house.log().await;
    assert_eq!(log.len(), 2, "{log:?}");
    let first = &log[1];
    assert_eq!((first.user, first.created), (Some(house.alice.id), earlier));
    assert_eq!(first.state, SignInState::Allowed { at: earlier });
    assert_eq!((&first.second_door, first.reasons.as_slice()), (&None, &[Reason::ServerUnreachable][..]));
    assert_eq!(first.first_door, Some(FirstDoor::Vouched { by: "pam_unix".into() }));
    let Resource::DeviceLogin { device, service, .. } = &first.resource else { panic!("{first:?}") };
    assert_eq!((*device, service.as_str()), (house.device.id, "login"));

    let system = house.test.system();
    let shown = device::view(&system, house.device.id).await.unwrap().offline_logins;
    assert_eq!(shown, log);
    let wanted = ChangesWanted { text: "offline_login".into(), limit: 50, ..ChangesWanted::default() };
    let changes = audit::changes(&system, wanted).await.unwrap().items;
    assert_eq!(changes.len(), 2, "told of twice, for two");
    assert!(changes.iter().all(|change| change.subject.id == house.device.id.to_string()));
    // Who may not read sign-ins does not read them here.
    let runner = house.test.person(UserId::new(uuid::Uuid::from_u128(7)), &[Role::CommandRunner]);
    assert!(device::view(&runner, house.device.id).await.unwrap().offline_logins.is_empty());
}

#[tokio::test]
async fn a_device_is_believed_of_its_own_people_alone_and_of_no_time_to_come() {
    let house = house().await;
    let mallory = house.test.user("mallory").await;
    let now = house.test.system().now;
    let strange = OfflineLogin { user: mallory.id, name: "mal\u{1b}lory".into(), ..house.login(1, now) };
    let soon = house.login(2, now.plus(Span::days(400)));
    let long_ago = house.login(3, Time(0));
    house.tell(&[strange, soon, long_ago]).await.unwrap();
    let log = house.log().await;
    let of = |n: usize| (log[n].user, log[n].name.as_str());
    assert_eq!(log.len(), 3);
    let times: Vec<Time> = log.iter().map(|found| found.created).collect();
    assert_eq!(times.iter().filter(|time| **time == now).count(), 2, "{times:?}");
    assert_eq!(*times.last().unwrap(), now.minus(KEPT));
    let strangers = (0..3).map(of).filter(|(user, _)| user.is_none()).collect::<Vec<_>>();
    assert_eq!(strangers, [(None, "mallory")]);
}

#[tokio::test]
async fn the_answer_is_ours_and_bound_to_device_and_question() {
    let house = house().await;
    let ServerMessage::Contact { proof } = house.tell(&[]).await.unwrap() else { panic!() };
    let signature = data_encoding::HEXLOWER.decode(proof.signature.as_bytes()).unwrap();
    let key = house.test.org.keys.device_signing().public();
    assert!(key.verifies(context::CONTACT, proof.payload.as_bytes(), &signature));
    let proof: ContactProof = serde_json::from_str(&proof.payload).unwrap();
    assert_eq!((proof.device, proof.nonce.as_str()), (house.device.id, NONCE));
    let now = house.test.system().now;
    let many: Vec<_> = (0..17).map(|n| house.login(n, now)).collect();
    assert!(matches!(house.tell(&many).await, Err(AppError::Invalid { .. })));
    assert!(house.log().await.is_empty());
}

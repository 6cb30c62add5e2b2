//! Alarms, as people raise them who say on their phone that it was not them.

use sallyport_app::Ctx;
use sallyport_model::{
    Alarm, AlarmKind, AlarmState, NotMe,
    id::{AlarmId, FactorId, SignInId, UserId},
    signin::FirstDoor,
};
use uuid::Uuid;

/// What `user` said twice of a sign-in by their password to something with a hostile name, in this state; `n` is all of its id.
pub(crate) async fn raise(ctx: &Ctx, n: u128, user: (UserId, &str), state: AlarmState) -> AlarmId {
    raise_behind(ctx, n, user, state, FirstDoor::Password).await
}

/// The same, behind this first door.
pub(crate) async fn raise_behind(
    ctx: &Ctx,
    n: u128,
    (user, name): (UserId, &str),
    state: AlarmState,
    first_door: FirstDoor,
) -> AlarmId {
    let alarm = Alarm {
        id: AlarmId::new(Uuid::from_u128(n)),
        user,
        user_name: name.into(),
        times: 2,
        last: NotMe {
            kind: AlarmKind::SignIn,
            what: "VPN <b>".into(),
            place: "192.0.2.9 (NL)".into(),
            device: "Chrome (Linux)".into(),
            factor: Some(FactorId::new(Uuid::from_u128(9))),
            sign_in: Some(SignInId::new(Uuid::from_u128(9))),
            first_door: Some(first_door),
            opened: false,
            said: ctx.now,
        },
        raised: ctx.now,
        state,
    };
    let id = alarm.id;
    let put = ctx.write(move |tx| {
        let created = tx.create(alarm.clone())?;
        tx.record(created, "raise");
        Ok(())
    });
    put.await.expect("an alarm");
    id
}

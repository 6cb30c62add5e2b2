//! Keeps what is known in memory of who there is close behind the feed, so that whoever asks next waits for little. Nothing
//! depends on it: a question takes in itself what is missing.

use std::{sync::Arc, time::Duration};

use crate::{Ctx, Org};

/// What a server that has just begun has more urgent things to do for.
const AT_FIRST: Duration = Duration::from_secs(2);
/// What comes in so close together is taken in together.
const APART: Duration = Duration::from_secs(1);

pub(super) async fn follow(org: &Arc<Org>) {
    let mut head = org.db.head();
    tokio::time::sleep(AT_FIRST).await;
    loop {
        head.borrow_and_update();
        let ctx = Ctx::system(org, "census");
        let call = ctx.clone();
        if let Err(error) =
            ctx.read_many(move |reader| call.org.view.census.ask(reader, call.now, |_| ())).await
        {
            tracing::warn!(%error, "who there is could not be read; it is tried again");
        }
        super::wait_for_news(org, &mut head).await;
        tokio::time::sleep(APART).await;
    }
}

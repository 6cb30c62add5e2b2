//! Password sprays: attacks on many names at once.

use sallyport_app::signin::spray;
use sallyport_model::{Action, Spray};

use super::{
    answer::{Answer, Noun, PageOf},
    input::{Listing, Parameters},
    route::{Gives, LISTING, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

pub(super) fn routes() -> Vec<Route> {
    let read = Right(Action::ReadSignIns);
    let about = "Lists password sprays, the one that goes on first and then the newest.";
    vec![Route::get("/sprays", list, read, about).with(&LISTING).gives(Gives::PageOfNouns(shape::<Spray>()))]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<Spray>>> {
    Ok(spray::list(&ctx, listing.page(&[])?).await?.into())
}

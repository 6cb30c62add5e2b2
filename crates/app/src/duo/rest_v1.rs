//! The older API: the same questions, answered by the same use cases, in its own words.

use sallyport_wire::duo::{
    Code, Params, Reply,
    auth::AuthStatusRequest,
    rest_v1::{AuthAnswer, Endpoint, PreauthAnswer, StatusAnswer, VALID, auth_request, preauth_request},
};

use super::{DuoError, auth, auth_status, check, preauth};
use crate::Ctx;

pub(super) async fn answer(ctx: &Ctx, endpoint: Endpoint, params: &Params) -> Result<Reply, DuoError> {
    Ok(match endpoint {
        Endpoint::Auth => Reply::ok(&AuthAnswer::from(auth(ctx, &auth_request(params)?).await?)),
        Endpoint::Check => {
            check(ctx)?;
            Reply::ok(&VALID)
        }
        // Need no use case: the front door answers these.
        Endpoint::Logo | Endpoint::Ping => return Err(DuoError::Api(Code::NotFound.into())),
        Endpoint::Preauth => Reply::ok(&PreauthAnswer::from(preauth(ctx, &preauth_request(params)?).await?)),
        Endpoint::Status => {
            Reply::ok(&StatusAnswer::from(auth_status(ctx, &AuthStatusRequest::read(params)?).await?))
        }
    })
}

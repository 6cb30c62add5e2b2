mod admins;
mod factors;
mod integrations;
mod logs;
mod permissions;
mod phones;
mod policies;
mod settings;
mod users;

use std::collections::BTreeSet;

use sallyport_api::rest::{CreateApplication, CreateUser, UpdateApplication, UpdateUser};
use sallyport_crypto::{Secret, totp};
use sallyport_model::{
    Action, ApplicationKind, GroupKind, PasswordLock, Right, Role, Settings, Span, UserState,
};
use sallyport_wire::duo::Params;
use serde_json::{Value, json};

use super::*;
use crate::{
    application, binding,
    device::testing::{binding as bound, user_member},
    factor,
    signin::{
        self, Step,
        tests::{PASSWORD, passcode_of, person, to_second_door, with_password},
    },
    telephony::testing::{Company, twilio},
    testing::{self, TestOrg},
    user,
};

struct House {
    test: TestOrg,
    id: ApplicationId,
}

async fn house() -> House {
    let test = testing::org().await;
    let input = CreateApplication { name: "Sync".into(), kind: ApplicationKind::DuoAdminApi };
    let (made, _) = application::create(&test.system(), input).await.unwrap();
    assert!(made.grants.is_empty(), "it may do nothing yet");
    House { id: made.id, test }
}

impl House {
    fn ctx(&self, grants: &[Grant]) -> Ctx {
        let grants = grants.iter().copied().collect();
        self.test.nobody().with_caller(Caller::AdminApi { id: self.id, name: "Sync".into(), grants })
    }

    /// Answer or refusal of a call, as it travels.
    async fn call(&self, grants: &[Grant], method: &str, path: &str, params: Value) -> Value {
        let endpoint = Endpoint::at(method, path).unwrap();
        let params = Params::from_json(params.to_string().as_bytes()).unwrap();
        let reply = respond(&self.ctx(grants), &endpoint, &params).await;
        serde_json::from_str(&reply.body).unwrap()
    }

    /// The answer to a call, by somebody who may make any.
    async fn ok(&self, method: &str, path: &str, params: Value) -> Value {
        let told = self.call(&Grant::ALL, method, path, params).await;
        assert_eq!(told["stat"], "OK", "{method} {path}: {told}");
        told["response"].clone()
    }

    async fn code_of_refusal(&self, method: &str, path: &str, params: Value) -> i64 {
        let told = self.call(&Grant::ALL, method, path, params).await;
        told["code"].as_i64().unwrap_or_else(|| panic!("{method} {path}: {told}"))
    }

    async fn duo_id(&self, name: &str) -> String {
        user::resolve(&self.test.system(), name).await.unwrap().duo_id.clone()
    }

    async fn at(&self, name: &str, rest: &str) -> String {
        format!("/admin/v1/users/{}{rest}", self.duo_id(name).await)
    }
}

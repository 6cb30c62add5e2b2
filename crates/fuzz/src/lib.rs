//! Every codec as a function of bytes: what the fuzzer runs for as long as one likes, and the tests once with each seed.
//!
//! A target panics where something is wrong: where its codec does, and where what must hold of every answer does not (what
//! was written reads as the same; what holds under one key does not under another). And it says whether it understood its
//! bytes, so that a seed that stopped meaning anything is noticed.

mod admin;
mod agent;
mod duo;
mod duo_prompt;
mod egress;
mod http;
mod ipc;
mod mail;
mod names;
mod networks;
mod oidc;
mod pages;
mod pam;
mod parts;
mod passwords;
mod rules;
mod saml;
mod tokens;
mod twilio;
mod webauthn;
mod webpush;

/// One codec, or one direction of one.
pub struct Target {
    /// Also the name of its folder of seeds.
    pub name: &'static str,
    run: fn(&[u8]) -> bool,
}

impl Target {
    /// Whether the bytes meant something.
    #[must_use]
    pub fn understands(&self, bytes: &[u8]) -> bool {
        (self.run)(bytes)
    }
}

/// All of them, by name.
pub const TARGETS: &[Target] = &[
    Target { name: "access_rule", run: rules::rule },
    Target { name: "agent_files", run: agent::files },
    Target { name: "agent_half_words", run: agent::half_words },
    Target { name: "agent_messages", run: agent::messages },
    Target { name: "countries", run: networks::countries },
    Target { name: "device_question", run: http::device_question },
    Target { name: "duo_activation", run: duo::activation },
    Target { name: "duo_admin", run: admin::requests },
    Target { name: "duo_admin_answers", run: admin::answers },
    Target { name: "duo_answers", run: duo::answers },
    Target { name: "duo_bson", run: duo::bson },
    Target { name: "duo_params", run: duo::params },
    Target { name: "duo_prompt", run: duo_prompt::prompt },
    Target { name: "duo_requests", run: duo::requests },
    Target { name: "duo_signing", run: duo::signing },
    Target { name: "egress_url", run: egress::url },
    Target { name: "http_headers", run: http::headers },
    Target { name: "imported_password", run: passwords::imported },
    Target { name: "ipc_conversation", run: ipc::conversation },
    Target { name: "ipc_messages", run: ipc::messages },
    Target { name: "local_path", run: pages::local_path },
    Target { name: "names", run: names::names },
    Target { name: "networks", run: networks::networks },
    Target { name: "oidc_authorize", run: oidc::authorize },
    Target { name: "oidc_client", run: oidc::client },
    Target { name: "oidc_texts", run: oidc::texts },
    Target { name: "oidc_token", run: oidc::token },
    Target { name: "pam_arguments", run: pam::arguments },
    Target { name: "phone_page", run: pages::phone },
    Target { name: "pskc", run: tokens::pskc },
    Target { name: "remembered_browser", run: pages::remembered },
    Target { name: "saml_answer", run: saml::answer },
    Target { name: "saml_document", run: saml::document },
    Target { name: "saml_message", run: saml::message },
    Target { name: "saml_metadata", run: saml::metadata },
    Target { name: "sheet", run: tokens::sheet },
    Target { name: "smtp_before_tls", run: mail::before_tls },
    Target { name: "twilio_answer", run: twilio::answer },
    Target { name: "twilio_callback", run: twilio::callback },
    Target { name: "twiml", run: twilio::instructions },
    Target { name: "webauthn", run: webauthn::answer },
    Target { name: "webpush_answer", run: webpush::answer },
    Target { name: "webpush_subscription", run: webpush::subscription },
    Target { name: "ws_federation", run: saml::ws_federation },
    Target { name: "yubikey", run: tokens::yubikey },
];

/// The target of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Runs the target of this name, for the program of the same name.
///
/// # Panics
/// What the target finds; and if there is none.
pub fn run(name: &str, bytes: &[u8]) {
    let target = find(name);
    assert!(target.is_some(), "there is no target `{name}`");
    if let Some(target) = target {
        let _ = target.understands(bytes);
    }
}

//! What a page says about the step before it. The address carries a word of this table and never a text, so that
//! nobody can put words into our mouth.

use axum::http::Uri;

use crate::language::{Language, Line};

static NOTICES: &[(&str, Line)] = &[
    ("enrolled", Line::Message(Language::notice_enrolled)),
    ("factor-removed", Line::Message(Language::notice_factor_removed)),
    ("password-changed", Line::Message(Language::notice_password_changed)),
    ("reset-stopped", Line::Message(Language::notice_reset_stopped)),
    ("saved", Line::Message(Language::notice_saved)),
    ("forgotten", Line::Message(Language::notice_forgotten)),
    ("session-ended", Line::Message(Language::notice_session_ended)),
    ("sessions-ended", Line::Message(Language::notice_sessions_ended)),
    ("signed-out", Line::Message(Language::notice_signed_out)),
    ("activated", Line::english("The user is active and may sign in.")),
    ("admitted", Line::english("The device is admitted. It receives its accounts now.")),
    ("alarm-closed", Line::english("Closed, with what came of it.")),
    ("bound", Line::english("Bound. The device follows within seconds when it is connected.")),
    ("cancelled", Line::english("The run is withdrawn. A device that works on it has been asked to stop.")),
    ("connector-asked", Line::english("It is under way. What comes out is listed under its runs.")),
    (
        "connector-created",
        Line::english("Created, and off. Choose who is exported, look at its preview, then switch it on."),
    ),
    ("connector-known", Line::english("Duo knows the keys, and lets us read.")),
    ("connector-released", Line::english("It runs now.")),
    ("created", Line::english("Created.")),
    ("deleted", Line::english("Deleted.")),
    ("duo-healthy", Line::english("Duo answers, takes this client id and secret, and has the same time.")),
    (
        "invited-by-mail",
        Line::english("The link is on its way to their mail address. Former enrolment codes are void."),
    ),
    (
        "invited-by-text",
        Line::english("The link is on its way to their phone. Former enrolment codes are void."),
    ),
    ("key-revoked", Line::english("Void. Nothing that this key signed is good any more.")),
    (
        "key-rotated",
        Line::english("The key that waited signs now. What the former one signed stays good for two days."),
    ),
    ("launched", Line::english("The command is on its way.")),
    ("mail-known", Line::english("The mail server takes our mail. Nothing was sent.")),
    ("mailing-begun", Line::english("The links are on their way. This page says what becomes of each.")),
    ("member-added", Line::english("Added to the group.")),
    ("member-removed", Line::english("Removed from the group.")),
    (
        "password-locked",
        Line::english(
            "The password is locked. No first door opens for this user, and their sessions have ended.",
        ),
    ),
    ("password-set", Line::english("The password is set.")),
    ("removed", Line::english("Removed.")),
    ("reset-approved", Line::english("Approved. Whoever asked for it may do it now, once.")),
    ("reset-asked", Line::english("Asked for. The user is told of it on everything that reaches them.")),
    ("reset-confirmed", Line::english("It is them. Do it now; this counts for ten minutes.")),
    ("reset-refused", Line::english("Stopped.")),
    ("revoked", Line::english("Revoked. It is refused from now on.")),
    ("roles-set", Line::english("The roles are set. The person has to sign in again.")),
    ("saved-fewer-passkeys", Line::english(sallyport_app::passkey::models::FEWER_COUNT)),
    ("saved-passwords-alone", Line::english(sallyport_app::settings::PASSWORDS_ALONE)),
    ("some-sessions-ended", Line::english("Ended, but for those of people with rights above yours.")),
    ("stream-tested", Line::english("An event is on its way. When nothing is behind, the receiver has it.")),
    ("suspended", Line::english("The user is suspended: sessions have ended, devices lock the account now.")),
    (
        "telephony-cannot-say",
        Line::english("A gateway cannot be asked whether it knows us; the first text will show it."),
    ),
    ("telephony-known", Line::english("The provider knows account and secret.")),
    ("those-sessions-ended", Line::english("Ended.")),
    ("token-assigned", Line::english("Assigned. Its codes open the second door from now on.")),
    ("token-resynced", Line::Message(Language::notice_token_resynced)),
    ("token-unassigned", Line::english("Taken back. Whoever used it has to sign in again.")),
    ("webhook-again", Line::english("It is on its way.")),
    ("webhook-heard", Line::english("The receiver took it.")),
    ("unbound", Line::english("Unbound. The device locks the account and deletes nothing.")),
    ("unlocked", Line::english("The password is unlocked and wrong attempts are forgotten.")),
];

/// The notice that an address asks for with `?done=`.
pub(crate) fn of(uri: &Uri) -> Option<Line> {
    let word = uri.query()?.split('&').find_map(|pair| pair.strip_prefix("done="))?;
    NOTICES.iter().find(|(known, _)| *known == word).map(|(_, line)| line.clone())
}

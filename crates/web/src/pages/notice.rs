//! What a page says about the step before it. The address carries a word of this table and never a text, so that
//! nobody can put words into our mouth.

use axum::http::Uri;

const NOTICES: &[(&str, &str)] = &[
    ("activated", "The user is active and may sign in."),
    ("admitted", "The device is admitted. It receives its accounts now."),
    ("bound", "Bound. The device follows within seconds when it is connected."),
    ("cancelled", "The run is withdrawn. A device that works on it has been asked to stop."),
    ("connector-asked", "It is under way. What comes out is listed under its runs."),
    (
        "connector-created",
        "Created, and off. Choose who is exported, look at its preview, then switch it on.",
    ),
    ("connector-known", "Duo knows the keys, and lets us read."),
    ("connector-released", "It runs now."),
    ("created", "Created."),
    ("deleted", "Deleted."),
    ("duo-healthy", "Duo answers, takes this client id and secret, and has the same time."),
    ("enrolled", "The factor is enrolled. It opens the second door from now on."),
    ("factor-removed", "The factor is removed. Whoever used it has to sign in again."),
    ("invited-by-mail", "The link is on its way to their mail address. Former enrolment codes are void."),
    ("invited-by-text", "The link is on its way to their phone. Former enrolment codes are void."),
    ("forgotten", "Forgotten. The next sign-in there passes both doors."),
    ("launched", "The command is on its way."),
    ("mail-known", "The mail server takes our mail. Nothing was sent."),
    ("mailing-begun", "The links are on their way. This page says what becomes of each."),
    ("member-added", "Added to the group."),
    ("member-removed", "Removed from the group."),
    ("password-changed", "Your password is changed. Your other sessions have ended."),
    (
        "password-locked",
        "The password is locked. No first door opens for this user, and their sessions have ended.",
    ),
    ("password-set", "The password is set."),
    ("removed", "Removed."),
    ("revoked", "Revoked. It is refused from now on."),
    ("roles-set", "The roles are set. The person has to sign in again."),
    ("saved", "Saved."),
    ("saved-passwords-alone", sallyport_app::settings::PASSWORDS_ALONE),
    ("session-ended", "The session has ended."),
    ("sessions-ended", "The sessions have ended."),
    ("signed-out", "You are signed out."),
    ("suspended", "The user is suspended: sessions have ended, devices lock the account now."),
    ("telephony-cannot-say", "A gateway cannot be asked whether it knows us; the first text will show it."),
    ("telephony-known", "The provider knows account and secret."),
    ("token-assigned", "Assigned. Its codes open the second door from now on."),
    ("token-resynced", "The token is in step. The codes you typed are spent."),
    ("token-unassigned", "Taken back. Whoever used it has to sign in again."),
    ("unbound", "Unbound. The device locks the account and deletes nothing."),
    ("unlocked", "The password is unlocked and wrong attempts are forgotten."),
];

/// The notice that an address asks for with `?done=`.
pub(crate) fn of(uri: &Uri) -> Option<&'static str> {
    let word = uri.query()?.split('&').find_map(|pair| pair.strip_prefix("done="))?;
    NOTICES.iter().find(|(known, _)| *known == word).map(|(_, text)| *text)
}

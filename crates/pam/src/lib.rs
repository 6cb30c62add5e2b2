//! The PAM module: a dumb terminal between a login process and the agent.
//!
//! It asks libpam who is logging in, tells the agent at its local socket, shows what the agent says, and returns
//! what is answered. It holds no policy, no cryptography and no configuration but the arguments of its line, reads
//! no environment and writes no file. Any doubt denies.
//!
//! ```text
//! auth     optional   pam_sallyport.so compose
//! auth     requisite  pam_unix.so
//! auth     required   pam_sallyport.so
//! account  required   pam_sallyport.so
//! ```
//!
//! `requisite` in front, for this module vouches for the first door by coming after it: with `required` it would be
//! asked behind a wrong password as well.
//!
//! Arguments:
//!
//! * `compose`: decide nothing, and bring what a person of the directory types as their password into Unicode NFC, the
//!   form that the hash is made of which the next line compares it with. The result is `PAM_IGNORE` whatever happens,
//!   and nobody else is asked for anything here.
//! * `socket=PATH`: where the agent listens, by default `/run/sallyport/login.sock`.
//! * `first_door=system` (default): `pam_unix` has checked the password before this line, and `login enable` writes no
//!   other. `first_door=agent`: the password goes to the agent, and on to the server, which has a hash of its own; a
//!   machine that is not enrolled refuses that. For stacks that an administrator writes, of services whose people are
//!   the directory's alone: no `pam_unix` is needed there, and without the server nobody comes in by their password.
//! * `timeout=SECONDS`: how long the agent may take over one answer, 1 to 600, by default 90. Its first byte must
//!   come within 15 seconds all the same, and with `compose` within 5.
//! * `quiet`: show nothing but prompts, as under `PAM_SILENT`.
//! * `peer_uid=UID`: who must be listening at the socket; root unless something is being tested.
//!
//! Results: allowed is `PAM_SUCCESS`; a user exempt by policy is `PAM_IGNORE`, and other modules decide; an agent
//! that cannot decide is `PAM_AUTHINFO_UNAVAIL`; everything else is `PAM_AUTH_ERR`, or `PAM_PERM_DENIED` in the
//! account stage.

#![cfg(target_os = "linux")]
#![expect(unsafe_code, reason = "libpam calls these functions by their C names")]
#![warn(clippy::undocumented_unsafe_blocks)]

mod arguments;
mod compose;
mod door;
mod flow;
mod handle;
mod libpam;
mod outcome;
mod panics;
mod socket;

use std::{ffi::CStr, time::Instant};

use libc::{c_char, c_int};

pub use crate::libpam::PamHandle;
use crate::{
    door::Door,
    flow::Call,
    libpam::LibPam,
    outcome::{Code, Stage},
};

/// Whether these are arguments that the module obeys: for the fuzzer, which reads nothing else of it.
#[doc(hidden)]
#[must_use]
pub fn obeys(words: &[&[u8]]) -> bool {
    arguments::Arguments::parse(words).is_ok()
}

/// The composed form of a password, if it is not in it: for the test that compares it with the server's.
#[doc(hidden)]
#[must_use]
pub fn composed(password: &str) -> Option<String> {
    compose::composed(password)
}

/// Not read by anybody. The agent looks whether the module has this name in it before it writes a line with `compose`,
/// for the agent may be newer than the module.
#[unsafe(no_mangle)]
pub static pam_sallyport_composes: u8 = 1;

/// # Safety
/// To be called by libpam only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pam_sm_authenticate(
    handle: *mut PamHandle,
    flags: c_int,
    argc: c_int,
    argv: *const *const c_char,
) -> c_int {
    // SAFETY: the arguments are libpam's, passed on as they are.
    unsafe { enter(Stage::Authenticate, handle, flags, argc, argv) }.to_c()
}

/// # Safety
/// To be called by libpam only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pam_sm_acct_mgmt(
    handle: *mut PamHandle,
    flags: c_int,
    argc: c_int,
    argv: *const *const c_char,
) -> c_int {
    // SAFETY: the arguments are libpam's, passed on as they are.
    unsafe { enter(Stage::Account, handle, flags, argc, argv) }.to_c()
}

#[unsafe(no_mangle)]
pub extern "C" fn pam_sm_setcred(_: *mut PamHandle, _: c_int, _: c_int, _: *const *const c_char) -> c_int {
    Code::no_credentials_to_set().to_c()
}

#[unsafe(no_mangle)]
pub extern "C" fn pam_sm_open_session(
    _: *mut PamHandle,
    _: c_int,
    _: c_int,
    _: *const *const c_char,
) -> c_int {
    Code::not_ours().to_c()
}

#[unsafe(no_mangle)]
pub extern "C" fn pam_sm_close_session(
    _: *mut PamHandle,
    _: c_int,
    _: c_int,
    _: *const *const c_char,
) -> c_int {
    Code::not_ours().to_c()
}

#[unsafe(no_mangle)]
pub extern "C" fn pam_sm_chauthtok(_: *mut PamHandle, _: c_int, _: c_int, _: *const *const c_char) -> c_int {
    Code::not_ours().to_c()
}

/// # Safety
/// The arguments must be those of the module function that libpam is calling.
unsafe fn enter(
    stage: Stage,
    handle: *mut PamHandle,
    flags: c_int,
    argc: c_int,
    argv: *const *const c_char,
) -> Code {
    // SAFETY: the handle comes from libpam, and is used no longer than this call.
    let Some(mut handle) = (unsafe { LibPam::new(handle) }) else { return Code::denied(stage) };
    panics::contained(stage, &mut handle, |handle| {
        panics::silence();
        // SAFETY: count and vector come from libpam, and live as long as this call.
        let Some(words) = (unsafe { words(argc, argv) }) else { return Code::denied(stage) };
        let call = Call { stage, words: &words, silent: flags & PAM_SILENT != 0 };
        flow::run(&call, handle, |arguments| Door::open(arguments, Instant::now))
    })
}

/// # Safety
/// `argv` must be null or point to `argc` pointers, each null or a terminated string, all living for `'a`.
unsafe fn words<'a>(argc: c_int, argv: *const *const c_char) -> Option<Vec<&'a [u8]>> {
    let count = usize::try_from(argc).ok()?;
    if count == 0 {
        return Some(Vec::new());
    }
    if argv.is_null() {
        return None;
    }
    // SAFETY: not null, hence `argc` pointers by the contract above.
    let pointers = unsafe { std::slice::from_raw_parts(argv, count) };
    let word = |pointer: &*const c_char| {
        // SAFETY: a pointer that is not null is a terminated string by the contract above.
        (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(*pointer) }.to_bytes())
    };
    pointers.iter().map(word).collect()
}

const PAM_SILENT: c_int = 0x8000;

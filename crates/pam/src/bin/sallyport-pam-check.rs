//! Takes one login through libpam and a service file, for whoever has just written that file.
//!
//! `sallyport-pam-check SERVICE` authenticates root at the service, asking nobody anything, and then asks for root's
//! account. It prints a line for each of the two, with libpam's word for what came of it, and ends with success only if
//! both were granted. A module that is missing, cannot be loaded or does not understand its line fails here as it would
//! fail everybody at the door. It changes nothing, opens nothing and knows no password: what it is granted is told and
//! given up.

#![cfg(target_os = "linux")]
#![expect(unsafe_code, reason = "libpam is a C library")]

use std::{
    ffi::{CStr, CString},
    process::ExitCode,
    ptr,
};

use libc::{c_char, c_int, c_void};

/// `pam_handle_t`, which only libpam looks into.
#[repr(C)]
struct PamHandle {
    opaque: [u8; 0],
}

/// `struct pam_conv`.
#[repr(C)]
struct Conversation {
    function: extern "C" fn(c_int, *mut *const c_void, *mut *mut c_void, *mut c_void) -> c_int,
    data: *mut c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_start(
        service: *const c_char,
        user: *const c_char,
        conversation: *const Conversation,
        handle: *mut *mut PamHandle,
    ) -> c_int;
    fn pam_authenticate(handle: *mut PamHandle, flags: c_int) -> c_int;
    fn pam_acct_mgmt(handle: *mut PamHandle, flags: c_int) -> c_int;
    fn pam_end(handle: *mut PamHandle, status: c_int) -> c_int;
    fn pam_strerror(handle: *mut PamHandle, code: c_int) -> *const c_char;
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(service), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: sallyport-pam-check SERVICE");
        return ExitCode::from(2);
    };
    let Ok(service) = CString::new(service) else { return ExitCode::from(2) };
    if granted(&service) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn granted(service: &CStr) -> bool {
    let conversation = Conversation { function: silent, data: ptr::null_mut() };
    let mut handle = ptr::null_mut();
    // SAFETY: all four pointers are valid during the call; libpam copies the conversation.
    let started =
        unsafe { pam_start(service.as_ptr(), USER.as_ptr(), &raw const conversation, &raw mut handle) };
    if started != PAM_SUCCESS || handle.is_null() {
        eprintln!("start: {started}");
        return false;
    }
    // SAFETY: the transaction was started and is not ended yet, here and in the three calls below.
    let authenticated = unsafe { pam_authenticate(handle, PAM_SILENT) };
    // SAFETY: as above.
    let account = unsafe { pam_acct_mgmt(handle, PAM_SILENT) };
    for (what, code) in [("authenticate", authenticated), ("account", account)] {
        // SAFETY: as above; the text is libpam's own, terminated, and read at once.
        let word = unsafe { pam_strerror(handle, code) };
        // SAFETY: null or a terminated string that lives as long as libpam is loaded.
        let word = (!word.is_null()).then(|| unsafe { CStr::from_ptr(word) }.to_string_lossy().into_owned());
        eprintln!("{what}: {code} ({})", word.unwrap_or_default());
    }
    // SAFETY: as above, and it is used no more after this.
    unsafe { pam_end(handle, account) };
    authenticated == PAM_SUCCESS && account == PAM_SUCCESS
}

/// Nobody is there to be asked.
extern "C" fn silent(_: c_int, _: *mut *const c_void, _: *mut *mut c_void, _: *mut c_void) -> c_int {
    PAM_CONV_ERR
}

/// An account that is on every machine and never the directory's.
const USER: &CStr = c"root";

// Linux-PAM, security/_pam_types.h
const PAM_SUCCESS: c_int = 0;
const PAM_CONV_ERR: c_int = 19;
const PAM_SILENT: c_int = 0x8000;

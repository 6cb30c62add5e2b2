//! The PAM handle of a real login process.

#![expect(unsafe_code, reason = "libpam is a C library")]

use std::{
    ffi::{CStr, CString},
    ptr,
};

use libc::{c_char, c_int, c_void};

use crate::compose::terminated;
use crate::handle::{Handle, Item, PamError, Priority, Tone};

/// `pam_handle_t`, which only libpam looks into.
#[repr(C)]
pub struct PamHandle {
    opaque: [u8; 0],
}

/// `struct pam_conv`, of which we only ask whether it has a function.
#[repr(C)]
struct PamConversation {
    function: *const c_void,
    data: *const c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_get_authtok(
        handle: *mut PamHandle,
        item: c_int,
        token: *mut *const c_char,
        prompt: *const c_char,
    ) -> c_int;
    fn pam_get_item(handle: *const PamHandle, item: c_int, value: *mut *const c_void) -> c_int;
    fn pam_get_user(handle: *mut PamHandle, user: *mut *const c_char, prompt: *const c_char) -> c_int;
    fn pam_prompt(
        handle: *mut PamHandle,
        style: c_int,
        response: *mut *mut c_char,
        format: *const c_char,
        ...
    ) -> c_int;
    fn pam_set_item(handle: *mut PamHandle, item: c_int, value: *const c_void) -> c_int;
    fn pam_syslog(handle: *const PamHandle, priority: c_int, format: *const c_char, ...);
}

/// A transaction of libpam, valid while the module function runs.
pub(crate) struct LibPam {
    handle: *mut PamHandle,
}

impl LibPam {
    /// # Safety
    /// `handle` must be what libpam passed to the module function that is running.
    pub(crate) unsafe fn new(handle: *mut PamHandle) -> Option<Self> {
        (!handle.is_null()).then_some(Self { handle })
    }

    fn raw_item(&self, item: c_int) -> Result<*const c_void, PamError> {
        let mut value = ptr::null();
        // SAFETY: the handle is libpam's own, and `value` outlives the call.
        checked(unsafe { pam_get_item(self.handle, item, &raw mut value) })?;
        Ok(value)
    }
}

impl Handle for LibPam {
    fn user(&mut self) -> Result<Vec<u8>, PamError> {
        let mut user = ptr::null();
        // SAFETY: the handle is libpam's own, `user` outlives the call, and a null prompt asks for the usual one.
        checked(unsafe { pam_get_user(self.handle, &raw mut user, ptr::null()) })?;
        // SAFETY: after success libpam owns a terminated string, or left the null pointer.
        unsafe { copied(user) }.ok_or(PamError(NOTHING_RETURNED))
    }

    fn password(&mut self) -> Result<Vec<u8>, PamError> {
        let mut token = ptr::null();
        // SAFETY: as in `user`; libpam keeps the token, and wipes it at the end of the transaction.
        checked(unsafe { pam_get_authtok(self.handle, PAM_AUTHTOK, &raw mut token, ptr::null()) })?;
        // SAFETY: after success libpam owns a terminated string, or left the null pointer.
        unsafe { copied(token) }.ok_or(PamError(NOTHING_RETURNED))
    }

    fn set_password(&mut self, password: &[u8]) -> Result<(), PamError> {
        let set = |password: &CStr| {
            // SAFETY: the handle is libpam's own, which copies the string, and wipes the one it had.
            checked(unsafe { pam_set_item(self.handle, PAM_AUTHTOK, password.as_ptr().cast()) })
        };
        terminated(password, set).unwrap_or(Err(PamError(NOTHING_RETURNED)))
    }

    fn item(&mut self, item: Item) -> Result<Option<Vec<u8>>, PamError> {
        let value = self.raw_item(match item {
            Item::RemoteHost => PAM_RHOST,
            Item::RemoteUser => PAM_RUSER,
            Item::Service => PAM_SERVICE,
            Item::Tty => PAM_TTY,
        })?;
        // SAFETY: these four items are terminated strings of libpam, or unset.
        Ok(unsafe { copied(value.cast()) })
    }

    fn can_prompt(&mut self) -> bool {
        let Ok(value) = self.raw_item(PAM_CONV) else { return false };
        let conversation = value.cast::<PamConversation>();
        // SAFETY: this item is a `struct pam_conv` of libpam, or unset.
        unsafe { conversation.as_ref() }.is_some_and(|conversation| !conversation.function.is_null())
    }

    fn prompt(&mut self, echo: bool, text: &str) -> Result<Vec<u8>, PamError> {
        let text = CString::new(text).map_err(|_| PamError(NOTHING_RETURNED))?;
        let style = if echo { PAM_PROMPT_ECHO_ON } else { PAM_PROMPT_ECHO_OFF };
        let mut response = ptr::null_mut();
        // SAFETY: the handle is libpam's own, the format takes one string, and all pointers outlive the call.
        let code =
            unsafe { pam_prompt(self.handle, style, &raw mut response, c"%s".as_ptr(), text.as_ptr()) };
        // SAFETY: the response is null or a terminated string that libpam gave away to us.
        let answer = unsafe { taken(response) };
        checked(code)?;
        answer.ok_or(PamError(NOTHING_RETURNED))
    }

    fn show(&mut self, tone: Tone, text: &str) {
        let Ok(text) = CString::new(text) else { return };
        let style = match tone {
            Tone::Inform => PAM_TEXT_INFO,
            Tone::Warn => PAM_ERROR_MSG,
        };
        // SAFETY: the handle is libpam's own, a null response is permitted, and the format takes one string. Whether
        // the text could be shown does not matter to the login.
        let _ = unsafe { pam_prompt(self.handle, style, ptr::null_mut(), c"%s".as_ptr(), text.as_ptr()) };
    }

    fn log(&mut self, priority: Priority, line: &str) {
        let line: String =
            line.chars().map(|c| if c.is_control() { '?' } else { c }).take(MAX_LINE).collect();
        let Ok(line) = CString::new(line) else { return };
        let level = match priority {
            Priority::Error => libc::LOG_ERR,
            Priority::Notice => libc::LOG_NOTICE,
        };
        // SAFETY: the handle is libpam's own, and the format takes one string that outlives the call.
        unsafe { pam_syslog(self.handle, level, c"%s".as_ptr(), line.as_ptr()) };
    }
}

fn checked(code: c_int) -> Result<(), PamError> {
    if code == 0 { Ok(()) } else { Err(PamError(code)) }
}

/// # Safety
/// `text` must be null or a terminated string that lives during the call.
unsafe fn copied(text: *const c_char) -> Option<Vec<u8>> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not null, hence a terminated string by the contract above.
    Some(unsafe { CStr::from_ptr(text) }.to_bytes().to_vec())
}

/// Copies an answer, then wipes and frees the original.
///
/// # Safety
/// `text` must be null or a terminated string from `malloc` that nobody else uses or frees.
unsafe fn taken(text: *mut c_char) -> Option<Vec<u8>> {
    // SAFETY: null or a terminated string by the contract above.
    let answer = unsafe { copied(text) }?;
    // SAFETY: so many bytes were just read from the string.
    unsafe { libc::explicit_bzero(text.cast(), answer.len()) };
    // SAFETY: from `malloc` and ours alone by the contract above.
    unsafe { libc::free(text.cast()) };
    Some(answer)
}

// Linux-PAM, security/_pam_types.h
const PAM_SERVICE: c_int = 1;
const PAM_TTY: c_int = 3;
const PAM_RHOST: c_int = 4;
const PAM_CONV: c_int = 5;
const PAM_AUTHTOK: c_int = 6;
const PAM_RUSER: c_int = 8;
const PAM_PROMPT_ECHO_OFF: c_int = 1;
const PAM_PROMPT_ECHO_ON: c_int = 2;
const PAM_ERROR_MSG: c_int = 3;
const PAM_TEXT_INFO: c_int = 4;

/// `PAM_CONV_ERR`, for a call that claims success and returns nothing.
const NOTHING_RETURNED: c_int = 19;
const MAX_LINE: usize = 600;

//! What leads a phone to its page, as `phone_code.html` shows it.

use sallyport_app::push;

use super::qr;

pub(super) struct PhoneCode {
    /// The address with the code, as a picture; empty if it is too long for one.
    pub(super) qr: String,
    pub(super) code: String,
    /// The address of the phone page, without the code.
    pub(super) address: String,
    /// The same with it, for whoever reads this on the phone.
    pub(super) link: String,
}

impl PhoneCode {
    pub(super) fn of(begun: &push::Begun) -> Self {
        let link = begun.url.expose();
        Self {
            qr: qr::picture(link),
            code: begun.code.expose().to_owned(),
            address: link.split('#').next().unwrap_or_default().to_owned(),
            link: link.to_owned(),
        }
    }
}

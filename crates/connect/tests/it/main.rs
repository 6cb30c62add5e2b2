//! A client that trusts one root, against servers that are not what they should be.

#[cfg(test)]
#[cfg(feature = "duo-admin")]
mod duo_admin;
#[cfg(test)]
mod http;
#[cfg(test)]
#[cfg(feature = "mail")]
mod mail;
#[cfg(test)]
mod server;
#[cfg(test)]
#[cfg(feature = "telephony")]
mod telephony;
#[cfg(test)]
mod trust;
#[cfg(feature = "web-push")]
#[cfg(test)]
mod web_push;

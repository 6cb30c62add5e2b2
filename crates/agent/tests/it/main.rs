//! The network half against a server that does as it is told.

#[cfg(test)]
mod net;
#[cfg(test)]
mod server;

//! The network half against a server that does as it is told.

#[cfg(all(test, target_os = "linux"))]
mod commands;
#[cfg(all(test, target_os = "linux"))]
mod confined;
#[cfg(test)]
mod net;
#[cfg(test)]
mod server;

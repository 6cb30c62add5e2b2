//! Plain lines on standard error, for the journal or whoever runs the agent in a terminal.

use std::fmt;

use sallyport_model::name::printable;

const LONGEST: usize = 600;

pub fn info(text: fmt::Arguments<'_>) {
    line(6, text);
}

pub fn warn(text: fmt::Arguments<'_>) {
    line(4, text);
}

/// One event stays one line, whoever wrote parts of it. The number is syslog's, for journald.
fn line(level: u8, text: fmt::Arguments<'_>) {
    let text = printable(&text.to_string(), LONGEST);
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        eprintln!("<{level}>{text}");
    } else {
        eprintln!("sallyport-agent: {text}");
    }
}

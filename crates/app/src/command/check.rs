//! What a command may say.

use std::collections::BTreeMap;

use sallyport_api::agent::MAX_FRAME;
use sallyport_model::{Command, name::printable};

use crate::AppError;

const LONGEST_BODY: usize = 256 * 1024;
const LONGEST_TIMEOUT: u32 = 86_400;
const MOST_VARIABLES: usize = 100;
const LONGEST_VARIABLE: usize = 128;
const LONGEST_VALUE: usize = 8 * 1024;
const MOST_TARGETS: usize = 1000;
/// What an order says besides body and environment, with room to spare.
const REST_OF_ORDER: usize = 4 * 1024;

/// Refuses what no device should be asked to run.
pub(super) fn content(command: &Command) -> Result<(), AppError> {
    body(&command.body)?;
    run_as(&command.run_as)?;
    if !(1..=LONGEST_TIMEOUT).contains(&command.timeout_seconds) {
        return Err(AppError::invalid("timeout_seconds", format!("must be from 1 to {LONGEST_TIMEOUT}")));
    }
    environment(&command.environment)?;
    fits_a_frame(command)
}

pub(super) fn number_of_targets(number: usize) -> Result<(), AppError> {
    if number <= MOST_TARGETS {
        Ok(())
    } else {
        Err(AppError::invalid("devices", format!("name at most {MOST_TARGETS}; make a group of them")))
    }
}

fn body(body: &str) -> Result<(), AppError> {
    let problem = if body.trim().is_empty() {
        "must not be empty".to_owned()
    } else if body.len() > LONGEST_BODY {
        format!("must be at most {} KiB", LONGEST_BODY / 1024)
    } else if body.contains('\0') {
        "must not contain NUL characters".to_owned()
    } else {
        return Ok(());
    };
    Err(AppError::invalid("body", problem))
}

fn run_as(name: &str) -> Result<(), AppError> {
    let mut bytes = name.bytes();
    let plain = name.len() <= 32
        && bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if plain {
        Ok(())
    } else {
        let shown = printable(name, 64);
        Err(AppError::invalid("run_as", format!("`{shown}` is not the plain name of a local account")))
    }
}

fn environment(environment: &BTreeMap<String, String>) -> Result<(), AppError> {
    let refuse = |reason: String| Err(AppError::invalid("environment", reason));
    if environment.len() > MOST_VARIABLES {
        return refuse(format!("at most {MOST_VARIABLES} variables"));
    }
    for (name, value) in environment {
        let mut bytes = name.bytes();
        let plain = name.len() <= LONGEST_VARIABLE
            && bytes.next().is_some_and(|b| b.is_ascii_uppercase() || b == b'_')
            && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        let shown = printable(name, 64);
        if !plain {
            return refuse(format!("`{shown}` is not a name of A-Z, 0-9 and `_`"));
        }
        if name.starts_with("LD_") || name == "GLIBC_TUNABLES" {
            return refuse(format!(
                "`{shown}` would be heeded on the device before the program runs as its user; set it in the body"
            ));
        }
        if value.len() > LONGEST_VALUE || value.contains(['\0', '\n', '\r']) {
            return refuse(format!(
                "the value of `{shown}` must be one line of at most {LONGEST_VALUE} bytes"
            ));
        }
    }
    Ok(())
}

/// An order travels as JSON inside JSON, where quotes and control characters grow.
fn fits_a_frame(command: &Command) -> Result<(), AppError> {
    let inner = serde_json::to_string(&(&command.body, &command.environment))?;
    let outer = serde_json::to_string(&inner)?;
    if outer.len() + REST_OF_ORDER <= MAX_FRAME {
        Ok(())
    } else {
        Err(AppError::invalid("body", "has too many quotes, backslashes or control characters to be sent"))
    }
}

//! Asks whoever sits at the terminal. Standard input and output stay free for files and results.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Read as _, Write as _},
};

use anyhow::Context as _;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// Longest answer that is read, in bytes.
const LONGEST: u64 = 64 * 1024;

/// A line that is shown while it is typed.
pub(super) fn line(prompt: &str) -> anyhow::Result<String> {
    let terminal = open()?;
    write!(&terminal, "{prompt}")?;
    Ok(read(&terminal)?.to_string())
}

/// Something to read, while nothing is asked.
pub(super) fn say(text: &str) -> anyhow::Result<()> {
    Ok(write!(&open()?, "{text}")?)
}

/// A line that nobody who looks on can read.
pub(super) fn secret(prompt: &str) -> anyhow::Result<Zeroizing<String>> {
    let terminal = open()?;
    let unseen = Unseen::begin(&terminal)?;
    write!(&terminal, "{prompt}")?;
    let answer = read(&terminal);
    drop(unseen);
    // The end of the line that was not shown.
    writeln!(&terminal)?;
    answer
}

fn open() -> anyhow::Result<File> {
    let opened = OpenOptions::new().read(true).write(true).open("/dev/tty");
    opened.context("there is no terminal to ask at; see --help for files to give instead")
}

fn read(terminal: &File) -> anyhow::Result<Zeroizing<String>> {
    let mut answer = Zeroizing::new(String::new());
    anyhow::ensure!(BufReader::new(terminal.take(LONGEST)).read_line(&mut answer)? > 0, "nothing was typed");
    let length = answer.trim_end_matches(['\r', '\n']).len();
    answer.truncate(length);
    Ok(answer)
}

/// While it lives the terminal does not show what is typed.
struct Unseen<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Unseen<'a> {
    fn begin(terminal: &'a File) -> anyhow::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut without = before.clone();
        without.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &without)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Unseen<'_> {
    fn drop(&mut self) {
        // Without a terminal there is nothing to show either.
        tcsetattr(self.terminal, OptionalActions::Flush, &self.before).ok();
    }
}

//! PAM service files, edited as text: marked lines put in, and taken out again exactly.
//!
//! The auth line goes behind everything that checks the first door, for the second door vouches for that. A line
//! before it that ends the stack with success would go round it, and one that lets a wrong password come to it would
//! make it vouch for nothing, so such a file is refused. The account line goes first: `required` holds wherever it
//! stands, and nothing can jump over what comes first.
//!
//! A third line goes directly in front of what first checks a password, and decides nothing: it composes what people of
//! the directory type. It is left away where it would shift a jump, or ask for a password that would not be asked there.

mod stack;

use self::stack::Stack;
use super::MODULE;

/// Behind each of our lines.
const MARK: &str = "# added by sallyport-agent";
/// The argument of the line that decides nothing.
const COMPOSE: &str = "compose";
const DEEPEST: u8 = 8;

/// Why a file is not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PamError {
    #[error("line {line}: `{text}` would go round the second door")]
    Bypass { line: usize, text: String },
    #[error("line {line}: `{name}` is included, and is no file beside it that can be read")]
    Include { line: usize, name: String },
    #[error("includes are nested too deeply")]
    Nested,
    #[error("it has no auth section")]
    NoAuth,
    #[error("nothing in it checks a password before the second door would vouch for that")]
    NoFirstDoor,
    #[error("line {line}: `{text}` has a character ({}) that is no space for PAM; type the line anew", code(*found))]
    Strange { line: usize, text: String, found: char },
    #[error("line {line}: `{text}` is no line of a PAM service")]
    Syntax { line: usize, text: String },
    #[error(
        "line {line}: after `{text}` fails, the second door would still be asked; make it `requisite`, or let a \
         `requisite` pam_deny.so follow"
    )]
    Vouch { line: usize, text: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Account,
    Auth,
    Password,
    Session,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line<'a> {
    Empty,
    /// `@include`: all kinds of lines at once.
    Include(&'a str),
    Module {
        kind: Kind,
        control: &'a str,
        module: &'a str,
    },
}

/// Gives the text of another service file; `None` if it cannot be read, and so nobody knows what it would do.
type Included<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The file with the component in front of its logins; with the line that composes if that is wanted, and can be.
pub(super) fn enabled(text: &str, composing: bool, included: &Included<'_>) -> Result<String, PamError> {
    let clean = disabled(text);
    let lines: Vec<&str> = lines_of(&clean).collect();
    let auth = last(&lines, Kind::Auth, included)?.ok_or(PamError::NoAuth)?;
    let before: Vec<&str> = lines.iter().take(auth + 1).copied().collect();
    let stack = Stack::new(&before, Kind::Auth, included)?;
    stack.require_no_bypass()?;
    stack.require_vouched()?;
    let account = first(&lines, Kind::Account, included)?;
    let compose = stack.place_to_compose().filter(|_| composing);
    let mut out = String::with_capacity(clean.len() + 240);
    for (index, line) in lines.iter().enumerate() {
        if compose == Some(index) {
            push(&mut out, &format!("auth optional {MODULE} {COMPOSE} {MARK}"));
        }
        if account == Some(index) {
            push(&mut out, &our_line("account"));
        }
        push(&mut out, line);
        if index == auth {
            push(&mut out, &our_line("auth"));
        }
    }
    if account.is_none() {
        push(&mut out, &our_line("account"));
    }
    Ok(out)
}

/// The file without any line of ours, and without any line that names the module in another way.
pub(super) fn disabled(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !is_ours(line)).collect()
}

/// The file without the lines that we put in; one that somebody else wrote about the module stays.
pub(super) fn freed(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !(is_ours(line) && line.contains(MARK))).collect()
}

/// Whether logins of this service come to the second door: by lines of its own or of a file it includes, and with
/// nothing before them that goes round.
pub(super) fn is_covered(text: &str, included: &Included<'_>) -> Result<bool, PamError> {
    let lines: Vec<&str> = lines_of(text).collect();
    let auth = Stack::new(&lines, Kind::Auth, included)?;
    let account = Stack::new(&lines, Kind::Account, included)?;
    Ok(account.ours().is_some() && auth.ours().is_some_and(|stack| stack.require_no_bypass().is_ok()))
}

/// Whether a password of the directory is right there in either normal form.
pub(super) fn composes(text: &str, included: &Included<'_>) -> bool {
    let lines: Vec<&str> = lines_of(text).collect();
    Stack::new(&lines, Kind::Auth, included).is_ok_and(|stack| stack.composes())
}

/// Whether anybody but root is authenticated by this file.
pub(super) fn lets_in(text: &str, included: &Included<'_>) -> Result<bool, PamError> {
    let lines: Vec<&str> = lines_of(text).collect();
    Ok(Stack::new(&lines, Kind::Auth, included)?.lets_in())
}

/// Whether logins of this file go through those of `service`.
pub(super) fn includes(text: &str, service: &str) -> bool {
    lines_of(text).enumerate().any(|(index, line)| match parse(line, index) {
        Ok(Line::Include(name)) => name == service,
        Ok(Line::Module { kind: Kind::Auth, control: "include" | "substack", module }) => module == service,
        Ok(Line::Empty | Line::Module { .. }) | Err(_) => false,
    })
}

/// The stacks of this file, with what they include, for root to go through without a password; `None` where that cannot
/// be told apart from the rest, because it stands in a substack.
pub(super) fn rehearsal(text: &str, included: &Included<'_>) -> Option<String> {
    let lines: Vec<&str> = lines_of(text).collect();
    let auth = Stack::new(&lines, Kind::Auth, included).ok()?;
    let account = Stack::new(&lines, Kind::Account, included).ok()?;
    let mut out = String::new();
    for line in auth.rehearsal("auth")?.into_iter().chain(account.rehearsal("account")?) {
        push(&mut out, &line);
    }
    Some(out)
}

/// Lines as libpam has them: what stands before a line feed belongs to its line.
fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.split_terminator('\n')
}

fn is_ours(line: &str) -> bool {
    let line = line.trim();
    !line.starts_with('#') && line.split('#').next().is_some_and(|rule| rule.contains(MODULE))
}

fn our_line(kind: &str) -> String {
    format!("{kind} required {MODULE} {MARK}")
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// The last line by which something of this kind happens.
fn last(lines: &[&str], kind: Kind, included: &Included<'_>) -> Result<Option<usize>, PamError> {
    let mut found = None;
    for (index, line) in lines.iter().enumerate() {
        if concerns(line, index, kind, included, 0)? {
            found = Some(index);
        }
    }
    Ok(found)
}

fn first(lines: &[&str], kind: Kind, included: &Included<'_>) -> Result<Option<usize>, PamError> {
    for (index, line) in lines.iter().enumerate() {
        if concerns(line, index, kind, included, 0)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn concerns(
    line: &str,
    index: usize,
    kind: Kind,
    included: &Included<'_>,
    depth: u8,
) -> Result<bool, PamError> {
    if depth > DEEPEST {
        return Err(PamError::Nested);
    }
    match parse(line, index)? {
        Line::Empty => Ok(false),
        Line::Module { kind: found, .. } => Ok(found == kind),
        Line::Include(name) => {
            let text = include(name, index, included)?;
            for (index, line) in lines_of(&text).enumerate() {
                if concerns(line, index, kind, included, depth + 1)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

fn include(name: &str, index: usize, included: &Included<'_>) -> Result<String, PamError> {
    included(name).ok_or_else(|| PamError::Include { line: index + 1, name: name.chars().take(80).collect() })
}

fn parse(line: &str, index: usize) -> Result<Line<'_>, PamError> {
    let text = line.split('#').next().unwrap_or_default();
    let bad = || PamError::Syntax { line: index + 1, text: line.trim().chars().take(80).collect() };
    // Words end at spaces and tabs for libpam, and at nothing else that looks like an end.
    let strange = |c: &char| !matches!(c, ' ' | '\t') && (c.is_whitespace() || c.is_control());
    if let Some(found) = text.chars().find(strange) {
        // Printed as it stands, the line would look right.
        let text = text.chars().take(80).flat_map(char::escape_debug).collect();
        return Err(PamError::Strange { line: index + 1, text, found });
    }
    let text = text.trim();
    if text.is_empty() {
        return Ok(Line::Empty);
    }
    if text.ends_with('\\') {
        // A rule over several lines; nothing that is edited line by line is safe with it.
        return Err(bad());
    }
    if let Some(name) = text.strip_prefix("@include") {
        let name = name.trim();
        return if name.is_empty() { Err(bad()) } else { Ok(Line::Include(name)) };
    }
    let (kind, rest) = text.split_once(char::is_whitespace).ok_or_else(bad)?;
    let kind = kind_of(kind).ok_or_else(bad)?;
    let rest = rest.trim_start();
    let (control, rest) = match rest.strip_prefix('[') {
        Some(inner) => {
            let end = inner.find(']').ok_or_else(bad)?;
            rest.split_at_checked(end + 2).ok_or_else(bad)?
        }
        None => rest.split_once(char::is_whitespace).ok_or_else(bad)?,
    };
    let known = ["required", "requisite", "sufficient", "optional", "include", "substack"];
    if !control.starts_with('[') && !known.contains(&control) {
        return Err(bad());
    }
    let module = rest.split_whitespace().next().ok_or_else(bad)?;
    Ok(Line::Module { kind, control, module })
}

fn code(found: char) -> String {
    format!("U+{:04X}", u32::from(found))
}

fn kind_of(word: &str) -> Option<Kind> {
    match word.strip_prefix('-').unwrap_or(word) {
        "account" => Some(Kind::Account),
        "auth" => Some(Kind::Auth),
        "password" => Some(Kind::Password),
        "session" => Some(Kind::Session),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

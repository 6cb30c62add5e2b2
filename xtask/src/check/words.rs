//! The tree speaks of the product alone: nothing in it depends on, or tells of, the machine or the hands it came from.
//!
//! Looked for in what people write (code, scripts, pages, manifests), not in data. The words are put together from
//! halves so that this file passes its own check.

use std::path::Path;

use anyhow::Result;

use super::Outcome;
use crate::workspace::Workspace;

/// Kinds of files that are written by hand. No ending is a script or a Makefile.
const WRITTEN: &[&str] = &[
    "", "css", "html", "js", "md", "mjs", "py", "rs", "service", "sh", "sql", "toml", "ts", "txt", "yaml",
    "yml",
];

/// Lists of words and other data that happens to be text.
const DATA: &[&str] = &["testdata", "fixtures", "data"];

/// Folders and hosts of a single machine.
const PIECES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!("arti", "factory"),
    concat!("index.crates.io:", "443"),
    concat!("ne", "xus.local"),
];

/// Words that tell who wrote a line instead of what it does, in lower case.
const WORDS: &[&str] = &[
    concat!("assi", "stant"),
    concat!("assi", "stants"),
    concat!("clau", "de"),
    concat!("anthro", "pic"),
    concat!("open", "ai"),
    concat!("chat", "gpt"),
    concat!("co", "pilot"),
    concat!("ll", "m"),
    concat!("sub", "agent"),
    concat!("sub", "agents"),
];

/// The page that says what each of its ids means.
const EXPLAINED: &str = "docs/security-tests.md";

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let mut findings = Vec::new();
    let mut looked_at = 0;
    for file in workspace.files()? {
        if !written(&file) {
            continue;
        }
        let Some(text) = workspace.text(&file)? else { continue };
        looked_at += 1;
        for (number, line) in text.lines().enumerate() {
            let explained = file == Path::new(EXPLAINED);
            let found = findings_in(line).into_iter().filter(|what| !(explained && is_plan_id(what)));
            findings.extend(found.map(|what| format!("{}:{}: `{what}`", file.display(), number + 1)));
        }
    }
    Ok(Outcome::from_findings(findings, format!("{looked_at} files")))
}

fn written(file: &Path) -> bool {
    let ending = file.extension().map_or("", |ending| ending.to_str().unwrap_or("?"));
    let data = file.iter().any(|part| DATA.iter().any(|data| part == *data));
    WRITTEN.contains(&ending) && !data
}

fn findings_in(line: &str) -> Vec<String> {
    let mut findings: Vec<String> =
        PIECES.iter().filter(|piece| line.contains(**piece)).map(|piece| (*piece).to_owned()).collect();
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
    // A drawing's path is full of letters with numbers.
    let drawing = line.contains("<path") || line.contains("d=\"");
    let plain =
        |word: &&&str| WORDS.contains(&word.to_lowercase().as_str()) || (!drawing && is_plan_id(word));
    findings.extend(words.iter().filter(plain).map(|word| (*word).to_owned()));
    findings.extend(words.windows(2).filter_map(issue_number));
    findings
}

/// Ids of planning papers, such as a capital M with two digits or T, dash and three. They say nothing to a reader who
/// has only the tree.
fn is_plan_id(word: &str) -> bool {
    let digits = |rest: &str, count| rest.len() == count && rest.bytes().all(|byte| byte.is_ascii_digit());
    word.strip_prefix("T-").is_some_and(|rest| digits(rest, 3))
        || word.strip_prefix('M').is_some_and(|rest| digits(rest, 2))
}

/// A reference to a numbered issue.
fn issue_number(pair: &[&str]) -> Option<String> {
    let [word, number] = pair else { return None };
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (word.eq_ignore_ascii_case("issue") && numbered).then(|| format!("{word} {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_one_machine_are_found() {
        let line = format!("let path = \"{}main\";", PIECES[0]);
        assert_eq!(findings_in(&line), [PIECES[0]]);
    }

    #[test]
    fn words_are_found_whole_and_in_any_case() {
        let word = WORDS[0];
        assert_eq!(findings_in(&format!("Written by an {}.", word.to_uppercase())), [word.to_uppercase()]);
        assert_eq!(findings_in(&format!("{word}ship is another word")), Vec::<String>::new());
    }

    #[test]
    fn plan_ids_and_issue_numbers_are_found() {
        let id = format!("T-{}", "036");
        assert_eq!(findings_in(&format!("see {id}")), [id]);
        let id = format!("M{}", "42");
        assert_eq!(findings_in(&format!("({id})")), [id]);
        assert_eq!(findings_in(&format!("as issue {} asks", 7)), [format!("issue {}", 7)]);
    }

    #[test]
    fn ordinary_text_passes() {
        let drawing = format!("<path d=\"M{} 5L9 9\"/>", 12);
        assert_eq!(findings_in(&drawing), Vec::<String>::new());
        for line in
            ["TLS 1.3, SHA-256 and T-shirt", "MAX, M1 and M365", "an issue with 2 sides", "ends the session"]
        {
            assert_eq!(findings_in(line), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn data_is_left_alone() {
        assert!(written(Path::new("crates/web/src/page.html")));
        assert!(written(Path::new("Makefile")));
        assert!(!written(Path::new("crates/model/data/names.txt")));
        assert!(!written(Path::new("crates/web/ui/package-lock.json")));
    }
}

//! Links in Markdown pages lead to files that are there.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use super::Outcome;
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let mut findings = Vec::new();
    let mut looked_at = 0;
    for page in workspace.files()?.iter().filter(|file| file.extension().is_some_and(|ending| ending == "md"))
    {
        let text = workspace.text(page)?.unwrap_or_default();
        for target in targets(&text) {
            looked_at += 1;
            let there = resolved(page, &target).is_some_and(|path| workspace.path(path).exists());
            if !there {
                findings.push(format!("{}: nothing at `{target}`", page.display()));
            }
        }
    }
    Ok(Outcome::from_findings(findings, format!("{looked_at} links")))
}

/// The files and folders a page links to, without anchors. Addresses elsewhere are not followed.
fn targets(text: &str) -> Vec<String> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let files = ends.filter_map(|link| link.split('#').next());
    files.filter(|link| !link.is_empty() && !link.contains(':')).map(str::to_owned).collect()
}

/// A link's path from the root of the tree; nothing where it leads out.
fn resolved(page: &Path, target: &str) -> Option<PathBuf> {
    let mut path = page.parent()?.to_path_buf();
    for part in Path::new(target).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_within_the_tree_are_followed() {
        let text = "[a](a.md), [b](b.md#part) ![c](img/c.png \"title\") [d](https://example.com) [e](#here)";
        assert_eq!(targets(text), ["a.md", "b.md", "img/c.png"]);
    }

    #[test]
    fn links_start_at_their_page_and_stay_inside() {
        let page = Path::new("docs/howto/page.md");
        assert_eq!(resolved(page, "../design.md"), Some(PathBuf::from("docs/design.md")));
        assert_eq!(resolved(page, "./other.md"), Some(PathBuf::from("docs/howto/other.md")));
        assert_eq!(resolved(page, "../../../outside"), None);
        assert_eq!(resolved(page, "/etc/passwd"), None);
    }
}

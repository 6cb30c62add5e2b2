//! Makes the table of embedded assets: every file of `assets/` with its kind, its compressed form, which lies beside it or is
//! made here, and one hash over all of them, which is part of their addresses. And the languages of the pages, out of
//! `messages/`.

use std::{
    collections::hash_map::DefaultHasher,
    fmt::Write as _,
    fs,
    hash::{Hash as _, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

/// A text of fewer bytes goes in one packet as it is.
const WORTH_IT: usize = 600;

#[path = "build/messages.rs"]
mod messages;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let crate_root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    messages::write(&crate_root.join("messages"), &out.join("messages.rs"))?;
    let root = crate_root.join("assets");
    if !root.join("vendor/applications.svg").is_file() {
        println!(
            "cargo::error=the portals' interface kit is not there yet. Run `scripts/setup build`, or `npm ci && npm run \
             build` in crates/web/ui"
        );
        return Ok(());
    }
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let table = table(&root, &files, &out)?;
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension != "gz") {
            files.push(path);
        }
    }
    Ok(())
}

fn table(root: &Path, files: &[PathBuf], out: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let mut hasher = DefaultHasher::new();
    let mut rows = String::new();
    for path in files {
        let name = path.strip_prefix(root)?.to_str().ok_or("an asset's name is not UTF-8")?;
        (name, fs::read(path)?).hash(&mut hasher);
        let gzip = if PathBuf::from(format!("{}.gz", path.display())).is_file() {
            format!("Some({})", included(&format!("{name}.gz")))
        } else {
            match compressed(path, name, out)? {
                Some(made) => format!("Some(include_bytes!(concat!(env!(\"OUT_DIR\"), {made:?})))"),
                None => "None".into(),
            }
        };
        let (kind, plain) = (kind(path), included(name));
        writeln!(rows, "    Asset {{ name: {name:?}, kind: {kind:?}, plain: {plain}, gzip: {gzip} }},")?;
    }
    let hash = hasher.finish();
    Ok(format!(
        "/// Changes with any of the files.\npub(crate) const HASH: &str = \"{hash:016x}\";\nconst ETAG: &str = \"\\\"{hash:016x}\\\"\";\n\nstatic ASSETS: &[Asset] = &[\n{rows}];\n"
    ))
}

/// The compressed form of a text, as a file made below `out`; none of what would hardly be smaller.
fn compressed(path: &Path, name: &str, out: &Path) -> std::io::Result<Option<String>> {
    let is_text =
        path.extension().is_some_and(|extension| ["css", "js", "svg"].iter().any(|text| extension == *text));
    let plain = fs::read(path)?;
    if !is_text || plain.len() < WORTH_IT {
        return Ok(None);
    }
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(&plain)?;
    let made = format!("/{}.gz", name.replace('/', "+"));
    fs::write(out.join(made.trim_start_matches('/')), writer.finish()?)?;
    Ok(Some(made))
}

/// Found from where the crate is when it is compiled: what this program wrote may be kept while the tree moves.
fn included(name: &str) -> String {
    format!("include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))", format!("/assets/{name}"))
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

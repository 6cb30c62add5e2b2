//! Makes the table of the catalogue's files, which are embedded: their names and where they are read from.

use std::{fmt::Write as _, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=catalogue");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("catalogue");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            names.push(path.file_stem().and_then(|stem| stem.to_str()).ok_or("no UTF-8")?.to_owned());
        }
    }
    names.sort();
    let mut rows = String::new();
    for name in &names {
        // Found from where the crate is when it is compiled: what this program wrote may be kept while the tree moves.
        let text = format!(
            "include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))",
            format!("/catalogue/{name}.toml")
        );
        writeln!(rows, "    ({name:?}, {text}),")?;
    }
    let table = format!("static FILES: &[(&str, &str)] = &[\n{rows}];\n");
    fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("catalogue.rs"), table)?;
    Ok(())
}

//! `cargo xtask gen`: the files in the tree that are generated, and what generates them.
//!
//! A generator is a command that prints the file on its standard output, so that tasks need not be linked with the
//! code they ask. To add one, give it an entry in [`GENERATORS`]; `cargo xtask check` keeps its file fresh from then on.

use anyhow::{Context, Result, bail};

use crate::workspace::{self, Workspace};

pub(crate) struct Generator {
    pub(crate) name: &'static str,
    /// The file it writes, from the root of the tree.
    pub(crate) file: &'static str,
    /// What cargo is asked to run.
    pub(crate) cargo: &'static [&'static str],
}

/// For instance
/// `Generator { name: "openapi", file: "docs/openapi.json", cargo: &["run", "--quiet", "--package", "x", "--", "openapi"] }`.
pub(crate) const GENERATORS: &[Generator] = &[Generator {
    name: "openapi",
    file: "docs/openapi.json",
    cargo: &["run", "--quiet", "--package", "sallyport-web", "--example", "openapi"],
}];

pub(crate) fn run(workspace: &Workspace, names: &[String]) -> Result<()> {
    for generator in chosen(GENERATORS, names)? {
        let fresh = output(workspace, generator)?;
        write(workspace, generator, &fresh)?;
    }
    Ok(())
}

fn chosen<'a>(generators: &'a [Generator], names: &[String]) -> Result<Vec<&'a Generator>> {
    if let Some(unknown) =
        names.iter().find(|name| generators.iter().all(|generator| generator.name != **name))
    {
        let known: Vec<&str> = generators.iter().map(|generator| generator.name).collect();
        bail!("unknown generator `{unknown}`; there are: {}", known.join(", "));
    }
    let named = |generator: &&Generator| names.is_empty() || names.iter().any(|name| name == generator.name);
    Ok(generators.iter().filter(named).collect())
}

/// What the generator writes today.
pub(crate) fn output(workspace: &Workspace, generator: &Generator) -> Result<Vec<u8>> {
    let fresh = workspace::output(workspace.cargo().args(generator.cargo));
    let fresh = fresh.with_context(|| format!("cannot generate `{}`", generator.file))?;
    if fresh.is_empty() {
        bail!("the generator of `{}` printed nothing", generator.file);
    }
    Ok(fresh)
}

fn write(workspace: &Workspace, generator: &Generator, fresh: &[u8]) -> Result<()> {
    let path = workspace.path(generator.file);
    if std::fs::read(&path).is_ok_and(|stored| stored == fresh) {
        println!("{:<28} fresh", generator.file);
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    }
    std::fs::write(&path, fresh).with_context(|| format!("cannot write `{}`", path.display()))?;
    println!("{:<28} written", generator.file);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[Generator] = &[
        Generator { name: "a", file: "a.json", cargo: &[] },
        Generator { name: "b", file: "b.json", cargo: &[] },
    ];

    #[test]
    fn all_are_chosen_unless_some_are_named() {
        assert_eq!(chosen(TWO, &[]).unwrap().len(), 2);
        let named = chosen(TWO, &["b".into()]).unwrap();
        assert_eq!(named.iter().map(|generator| generator.file).collect::<Vec<_>>(), ["b.json"]);
    }

    #[test]
    fn an_unknown_name_is_refused() {
        let error = chosen(TWO, &["c".into()]).err().unwrap();
        assert_eq!(error.to_string(), "unknown generator `c`; there are: a, b");
    }
}

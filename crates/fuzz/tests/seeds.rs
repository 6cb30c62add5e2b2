//! Every seed through its target once: what the fuzzer begins with still means what its name says.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow};
use sallyport_fuzz::{TARGETS, find};

fn harness(folder: &str) -> Result<PathBuf> {
    Ok(Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../fuzz").join(folder))
}

fn names(folder: &Path) -> Result<BTreeSet<String>> {
    fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .map(|entry| entry?.file_name().into_string().map_err(|name| anyhow!("{name:?} is no text")))
        .collect()
}

#[test]
fn every_seed_is_understood_or_refused_as_its_name_says() {
    let mut otherwise = Vec::new();
    for target in TARGETS {
        let folder = harness("seeds").unwrap().join(target.name);
        let seeds = names(&folder).unwrap();
        for seed in &seeds {
            let bytes = fs::read(folder.join(seed)).unwrap();
            assert!(bytes.len() <= 8192, "{}/{seed} is too large for a seed", target.name);
            let good = seed.starts_with("good-");
            assert!(good || seed.starts_with("bad-"), "{}/{seed} says neither good nor bad", target.name);
            if target.understands(&bytes) != good {
                otherwise.push(format!("{}/{seed}", target.name));
            }
        }
        assert!(seeds.iter().any(|seed| seed.starts_with("good-")), "{} has no good seed", target.name);
    }
    assert!(otherwise.is_empty(), "not as their names say: {otherwise:?}");
}

#[test]
fn every_target_has_its_program_and_nothing_else_has_seeds() {
    let expected: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(expected.len(), TARGETS.len());
    assert!(TARGETS.is_sorted_by_key(|target| target.name));
    assert!(TARGETS.iter().all(|target| find(target.name).is_some()));
    assert_eq!(names(&harness("seeds").unwrap()).unwrap(), expected);
    let programs = names(&harness("src/bin").unwrap()).unwrap();
    let programs: BTreeSet<String> =
        programs.iter().map(|file| file.strip_suffix(".rs").unwrap().to_owned()).collect();
    assert_eq!(programs, expected);
}

#[test]
fn no_target_minds_bytes_without_sense() {
    for target in TARGETS {
        for bytes in
            [b"".as_slice(), b"\n", b"\0", b"\xff\xfe\xff", b"200\n\n\n", b"POST /\n\n", b"{}", b"get \n{}"]
        {
            let _ = target.understands(bytes);
        }
        let _ = target.understands(&[b'['; 4096]);
        let _ = target.understands("{\"a\":".repeat(1000).as_bytes());
    }
}

use std::process::Command;

use super::*;

const NOON: u32 = 1_700_000_000; // 2023-11-14 22:13:20 UTC

fn sample() -> Package {
    Package {
        control: Control {
            package: "sample".to_owned(),
            version: "1.2~rc1".to_owned(),
            architecture: Architecture::Amd64,
            maintainer: "Somebody <somebody@example.com>".to_owned(),
            section: "admin".to_owned(),
            depends: vec!["libc6 (>= 2.36)".to_owned(), "passwd".to_owned()],
            recommends: vec!["sudo".to_owned()],
            synopsis: "a sample".to_owned(),
            description: "First paragraph.\n\nSecond paragraph.".to_owned(),
        },
        scripts: Scripts { postinst: Some("#!/bin/sh\nexit 0\n".to_owned()), ..Scripts::default() },
        conffiles: vec!["/etc/sample/sample.conf".to_owned()],
        files: vec![
            File { path: "/usr/bin/sample".to_owned(), mode: 0o755, content: vec![7; 3000] },
            File { path: "/etc/sample/sample.conf".to_owned(), mode: 0o640, content: b"x = 1\n".to_vec() },
        ],
        symlinks: vec![Symlink { path: "/usr/bin/other".to_owned(), target: "sample".to_owned() }],
        dirs: vec![Dir { path: "/var/lib/sample".to_owned(), mode: 0o700 }],
        mtime: NOON,
    }
}

fn dpkg_deb(deb: &Deb, args: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(&deb.file_name);
    std::fs::write(&path, &deb.bytes).unwrap();
    let output = Command::new("dpkg-deb")
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .arg(args[0])
        .arg(&path)
        .args(&args[1..])
        .output()
        .expect("dpkg-deb runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn dpkg_reads_the_control_fields() {
    let deb = sample().build().unwrap();
    assert_eq!(deb.file_name, "sample_1.2~rc1_amd64.deb");
    assert_eq!(
        dpkg_deb(&deb, &["--field"]),
        "Package: sample\nVersion: 1.2~rc1\nArchitecture: amd64\n\
         Maintainer: Somebody <somebody@example.com>\nInstalled-Size: 12\n\
         Depends: libc6 (>= 2.36), passwd\nRecommends: sudo\nSection: admin\nPriority: optional\n\
         Description: a sample\n First paragraph.\n .\n Second paragraph.\n"
    );
    let info = dpkg_deb(&deb, &["--info"]);
    assert!(info.contains("new Debian package, version 2.0"), "{info}");
    assert!(info.contains("postinst             #!/bin/sh"), "{info}");
    assert_eq!(dpkg_deb(&deb, &["--info", "conffiles"]), "/etc/sample/sample.conf\n");
}

#[test]
fn dpkg_lists_sorted_entries_of_root_with_the_given_modes() {
    let contents = dpkg_deb(&sample().build().unwrap(), &["--contents"]);
    let squeezed: Vec<String> =
        contents.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        squeezed,
        [
            "drwxr-xr-x root/root 0 2023-11-14 22:13 ./",
            "drwxr-xr-x root/root 0 2023-11-14 22:13 ./etc/",
            "drwxr-xr-x root/root 0 2023-11-14 22:13 ./etc/sample/",
            "-rw-r----- root/root 6 2023-11-14 22:13 ./etc/sample/sample.conf",
            "drwxr-xr-x root/root 0 2023-11-14 22:13 ./usr/",
            "drwxr-xr-x root/root 0 2023-11-14 22:13 ./usr/bin/",
            "lrwxrwxrwx root/root 0 2023-11-14 22:13 ./usr/bin/other -> sample",
            "-rwxr-xr-x root/root 3000 2023-11-14 22:13 ./usr/bin/sample",
            "drwxr-xr-x root/root 0 2023-11-14 22:13 ./var/",
            "drwxr-xr-x root/root 0 2023-11-14 22:13 ./var/lib/",
            "drwx------ root/root 0 2023-11-14 22:13 ./var/lib/sample/",
        ]
    );
}

#[test]
fn dpkg_extracts_what_was_packed() {
    let out = tempfile::tempdir().unwrap();
    dpkg_deb(&sample().build().unwrap(), &["--extract", out.path().to_str().unwrap()]);
    assert_eq!(std::fs::read(out.path().join("usr/bin/other")).unwrap(), vec![7; 3000]);
    assert_eq!(std::fs::read(out.path().join("etc/sample/sample.conf")).unwrap(), b"x = 1\n");
}

#[test]
fn equal_packages_are_equal_bytes_in_whatever_order_they_were_put_together() {
    let first = sample().build().unwrap();
    assert_eq!(first, sample().build().unwrap());
    let mut shuffled = sample();
    shuffled.files.reverse();
    assert_eq!(first, shuffled.build().unwrap());
    let mut later = sample();
    later.mtime += 1;
    assert_ne!(first, later.build().unwrap());
}

#[test]
fn odd_sizes_are_padded_to_even_offsets() {
    for size in 0..4 {
        let content = vec![b'x'; size];
        let archive = archive::ar(&[("a", &content), ("b", b"yz")], 0).unwrap();
        assert_eq!(archive.len() % 2, 0);
        assert!(archive.ends_with(b"`\nyz"));
    }
}

#[test]
fn hostile_paths_are_refused() {
    for path in [
        "",
        "/",
        "/usr",
        "/usr/",
        "usr/bin/x",
        "/home/x",
        "/bin/x",
        "/boot/x",
        "/root/x",
        "/tmp/x",
        "/usrx/y",
        "/usr/../etc/x",
        "/usr/./x",
        "/usr//x",
        "/usr/bin/",
        "/usr/bin/..",
        "/usr/a b",
        "/usr/a\nb",
        "/usr/a\0b",
        "/usr/ä",
        "/usr/a\\b",
        "//usr/x",
    ] {
        let mut package = sample();
        package.files.push(File { path: path.to_owned(), mode: 0o644, content: Vec::new() });
        assert!(matches!(package.build(), Err(DebError::Path(_))), "{path:?}");
    }
    let mut package = sample();
    let path = format!("/usr/{}", "x".repeat(92));
    package.files.push(File { path: path.clone(), mode: 0o644, content: Vec::new() });
    assert!(dpkg_deb(&package.build().unwrap(), &["--contents"]).contains(&path));
    package.files.push(File { path: format!("{path}x"), mode: 0o644, content: Vec::new() });
    assert!(matches!(package.build(), Err(DebError::Path(_))));
}

#[test]
fn hostile_modes_and_links_are_refused() {
    for mode in [0o4755, 0o2755, 0o1755, 0o666, 0o775, 0o100_644] {
        let mut package = sample();
        package.files.push(File { path: "/usr/bin/x".to_owned(), mode, content: Vec::new() });
        assert!(matches!(package.build(), Err(DebError::Mode { .. })), "{mode:o}");
    }
    let mut package = sample();
    package.dirs.push(Dir { path: "/var/lib/closed".to_owned(), mode: 0o600 });
    assert!(matches!(package.build(), Err(DebError::Mode { .. })));
    for target in ["", "/", "/etc", "/home/x", "../x", "a/../../x", "/usr/../root", "a//b", "a\nb"] {
        let mut package = sample();
        package.symlinks.push(Symlink { path: "/usr/bin/link".to_owned(), target: target.to_owned() });
        assert!(matches!(package.build(), Err(DebError::Target { .. })), "{target:?}");
    }
}

#[test]
fn nothing_appears_twice_or_below_what_is_not_a_directory() {
    let mut package = sample();
    package.files.push(File { path: "/usr/bin/sample".to_owned(), mode: 0o644, content: Vec::new() });
    assert!(matches!(package.build(), Err(DebError::Conflict(_))));
    for path in ["/usr/bin/other/x", "/usr/bin/sample/x"] {
        let mut package = sample();
        package.files.push(File { path: path.to_owned(), mode: 0o644, content: Vec::new() });
        assert!(matches!(package.build(), Err(DebError::Conflict(_))), "{path}");
    }
}

#[test]
fn conffiles_are_files_of_the_package_under_etc() {
    for path in ["/usr/bin/sample", "/etc/other", "/etc/sample"] {
        let mut package = sample();
        package.conffiles.push(path.to_owned());
        assert!(matches!(package.build(), Err(DebError::Conffile(_))), "{path}");
    }
}

#[test]
fn control_fields_cannot_smuggle_others() {
    type Spoil = fn(&mut Package);
    let cases: [(Spoil, &str); 8] = [
        (|package| package.control.package = "Upper".to_owned(), "Package"),
        (|package| package.control.package = "a/b".to_owned(), "Package"),
        (|package| package.control.version = "1\nEssential: yes".to_owned(), "Version"),
        (|package| package.control.version = "1:2".to_owned(), "Version"),
        (|package| package.control.maintainer = "x\ny".to_owned(), "Maintainer"),
        (|package| package.control.depends.push("a, b".to_owned()), "Depends"),
        (|package| package.control.synopsis = " ".to_owned(), "Description"),
        (|package| package.control.description = "a\rb".to_owned(), "Description"),
    ];
    for (spoil, expected) in cases {
        let mut package = sample();
        spoil(&mut package);
        let error = package.build().unwrap_err();
        assert!(matches!(&error, DebError::Field { field, .. } if *field == expected), "{error}");
    }
    let mut package = sample();
    package.scripts.prerm = Some("echo no shebang\n".to_owned());
    assert!(matches!(package.build(), Err(DebError::Script("prerm"))));
}

//! For tests: a folder that stands in for a device's root, and commands that only write down their call.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) struct Sandbox {
    dir: TempDir,
    env: BTreeMap<String, String>,
}

pub(crate) struct Outcome {
    pub(crate) ok: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    /// An empty root, and a search path with nothing but plain text tools.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["bin", "root", "tmp"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let sandbox = Self { dir, env: BTreeMap::new() };
        for tool in TOOLS {
            assert!(sandbox.link(tool), "`{tool}` is not installed");
        }
        sandbox
    }

    /// Makes a real tool available, if the machine has it.
    pub(crate) fn link(&self, tool: &str) -> bool {
        let found = ["/usr/bin", "/bin", "/usr/sbin"].map(|dir| Path::new(dir).join(tool));
        found.iter().find(|path| path.exists()).is_some_and(|path| {
            symlink(path, self.path("bin").join(tool)).unwrap();
            true
        })
    }

    /// A command that notes its arguments and then does `body`.
    pub(crate) fn fake(&self, name: &str, body: &str) {
        self.script(
            &self.path("bin").join(name),
            &format!("echo \"{name} $*\" >>\"$SANDBOX/log\"\n{body}\n"),
        );
    }

    /// An executable inside the root that notes its arguments and then does `body`.
    pub(crate) fn fake_in_root(&self, path: &str, body: &str) {
        let name = path.rsplit_once('/').unwrap().1;
        self.script(&self.root(path), &format!("echo \"{name} $*\" >>\"$SANDBOX/log\"\n{body}\n"));
    }

    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.root(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn mkdir(&self, path: &str) {
        fs::create_dir_all(self.root(path)).unwrap();
    }

    pub(crate) fn root(&self, path: &str) -> PathBuf {
        self.path("root").join(path.trim_start_matches('/'))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn env(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// Runs a maintainer script or an installer with `sh`.
    pub(crate) fn run(&self, script: &str, args: &[&str]) -> Outcome {
        let file = self.path("script");
        fs::write(&file, script).unwrap();
        let mut command = self.sh();
        command.arg(&file).args(args);
        finish(command, b"")
    }

    /// Runs `script` with `input` as standard input.
    pub(crate) fn run_with_input(&self, script: &str, args: &[&str], input: &[u8]) -> Outcome {
        let file = self.path("script");
        fs::write(&file, script).unwrap();
        let mut command = self.sh();
        command.arg(&file).args(args);
        finish(command, input)
    }

    /// Lets `sh` read `script` from a pipe, as behind `curl`.
    pub(crate) fn pipe(&self, script: &[u8]) -> Outcome {
        finish(self.sh(), script)
    }

    /// The calls so far, and forgets them.
    pub(crate) fn calls(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        let _ = fs::remove_file(self.path("log"));
        log.lines().map(str::to_owned).collect()
    }

    fn sh(&self) -> Command {
        let mut command = Command::new("/bin/sh");
        command
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("SANDBOX", self.dir.path())
            .env("TMPDIR", self.path("tmp"))
            .env("DPKG_ROOT", self.path("root"))
            .env("DPKG_MAINTSCRIPT_PACKAGE", "sallyport-test")
            .envs(&self.env)
            .current_dir(self.dir.path());
        command
    }

    fn script(&self, path: &Path, body: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // The name may be a link to a real tool, which must not be written to.
        let _ = fs::remove_file(path);
        fs::write(path, format!("#!/bin/sh\n{body}")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn finish(mut command: Command, input: &[u8]) -> Outcome {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A script that ends before it has read everything is no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Outcome {
        ok: output.status.success(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

const TOOLS: [&str; 14] =
    ["cat", "cp", "cut", "grep", "head", "ls", "mkdir", "mktemp", "rm", "sed", "sh", "sha256sum", "tr", "wc"];

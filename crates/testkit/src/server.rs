//! The server as people run it: the real binary on a data folder of its own.

use std::{
    io::{BufRead as _, BufReader},
    net::{IpAddr, SocketAddr, TcpListener},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};

use crate::cli;

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    listen: String,
    packages: PathBuf,
    /// A PostgreSQL database that others may share; without it there is one in the data folder.
    database: Option<String>,
    pub url: String,
    pub data: PathBuf,
    pub binary: PathBuf,
    pub log: PathBuf,
    /// How much it logs from its next start on.
    pub filter: &'static str,
    /// Further arguments, of its next start as well.
    pub further: Vec<String>,
}

/// What setup gave back.
#[derive(Debug, Clone)]
pub struct SetUp {
    pub token: String,
    pub enrollment_code: String,
    pub ca: String,
}

impl Server {
    /// Starts the `sallyport` binary that was built beside this program, reachable at `host`.
    ///
    /// # Errors
    /// It is not built, or does not come up; its last words are in the error.
    pub fn start(host: IpAddr, data: &Path, packages: &Path) -> anyhow::Result<Self> {
        Self::start_on(None, host, data, packages)
    }

    /// The same on a PostgreSQL database.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_on(
        database: Option<String>,
        host: IpAddr,
        data: &Path,
        packages: &Path,
    ) -> anyhow::Result<Self> {
        let name = match host {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("[{v6}]"),
        };
        Self::start_as(&name, Vec::new(), database, host, data, packages)
    }

    /// The same, known to people and programs by this name, with further arguments.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_as(
        name: &str,
        further: Vec<String>,
        database: Option<String>,
        host: IpAddr,
        data: &Path,
        packages: &Path,
    ) -> anyhow::Result<Self> {
        let binary = built("sallyport")?;
        let port = free_port(host)?;
        let url = format!("https://{name}:{port}");
        std::fs::create_dir_all(data)?;
        let log = data.join("server.log");
        let listen = format!("{host}:{port}");
        let (packages, data) = (packages.to_owned(), data.to_owned());
        let filter = "info";
        let args = args(&listen, &url, filter, database.as_ref(), &further);
        let child = launch(&binary, &data, &packages, &log, &args)?;
        Ok(Self { child, listen, packages, database, url, data, binary, log, filter, further })
    }

    /// Starts one more server of the same organisation, on the same database, with a folder of its own.
    ///
    /// # Errors
    /// As [`Self::start`], or this one has its database to itself.
    pub fn start_another(&self, data: &Path) -> anyhow::Result<Self> {
        let database = self.database.clone().context("the database is in the data folder")?;
        std::fs::DirBuilder::new().mode(0o700).create(data)?;
        std::fs::copy(self.data.join("root.key"), data.join("root.key"))?;
        let host = self.listen.parse::<SocketAddr>()?.ip();
        Self::start_on(Some(database), host, data, &self.packages)
    }

    /// Ends it as a power cut would.
    ///
    /// # Errors
    /// It cannot be killed.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts it again, on the same folder and at the same address.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        let Self { binary, data, listen, url, packages, log, filter, database, further, .. } = &*self;
        let args = args(listen, url, filter, database.as_ref(), further);
        let child = launch(binary, data, packages, log, &args)?;
        self.child = child;
        Ok(())
    }

    /// Names the organisation and its first owner through the local admin socket.
    ///
    /// # Errors
    /// The server refuses.
    pub fn set_up(&self, organization: &str, admin: &str, password: &str) -> anyhow::Result<SetUp> {
        let data = self.data.to_string_lossy();
        let args = [
            "setup",
            "--data",
            &data,
            "--organization",
            organization,
            "--admin",
            admin,
            "--password-file",
            "-",
            "--json",
        ];
        let out = cli::run(&self.binary, &args, Some(password), &[])?;
        let answer: serde_json::Value = serde_json::from_str(&out)?;
        let text = |name: &str| {
            answer
                .get(name)
                .and_then(serde_json::Value::as_str)
                .map(str::to_owned)
                .with_context(|| format!("setup printed no `{name}`"))
        };
        Ok(SetUp { token: text("token")?, enrollment_code: text("enrollment_code")?, ca: text("ca")? })
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// It does not end well.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the server ended with {status}");
        }
        Ok(())
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn args<'a>(
    listen: &'a str,
    url: &'a str,
    filter: &'a str,
    database: Option<&'a String>,
    further: &'a [String],
) -> Vec<&'a str> {
    let mut args = vec!["--listen", listen, "--external-url", url, "--log", filter];
    args.extend(database.iter().flat_map(|url| ["--database", url.as_str()]));
    args.extend(further.iter().map(String::as_str));
    args
}

fn launch(binary: &Path, data: &Path, packages: &Path, log: &Path, args: &[&str]) -> anyhow::Result<Child> {
    let said = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
    let mut child = Command::new(binary)
        .arg("serve")
        .args(["--data".as_ref(), data.as_os_str()])
        .args(args)
        .args(["--packages".as_ref(), packages.as_os_str()])
        .env_remove("SALLYPORT_CONFIG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(said)
        .spawn()
        .with_context(|| format!("cannot start `{}`", binary.display()))?;
    // Its first line says that it listens.
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    if !line.contains("is running") {
        child.kill().ok();
        child.wait().ok();
        bail!("the server did not start:\n{}", std::fs::read_to_string(log).unwrap_or_default());
    }
    Ok(child)
}

/// The folder the running program was built into, such as `target/debug`.
///
/// # Errors
/// The program's own place cannot be told.
pub fn build_folder() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().context("no folder")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    Ok(folder.to_owned())
}

/// Where `cargo xtask packages` puts packages.
///
/// # Errors
/// None are there.
pub fn packages_folder() -> anyhow::Result<PathBuf> {
    let folder = build_folder()?.parent().context("no target folder")?.join("packages");
    if !folder.is_dir() {
        bail!("`{}` is missing; run `cargo xtask packages` first", folder.display());
    }
    Ok(folder)
}

fn built(name: &str) -> anyhow::Result<PathBuf> {
    let path = build_folder()?.join(name);
    if !path.is_file() {
        bail!("`{}` is not built; run `cargo build` first", path.display());
    }
    Ok(path)
}

/// A port nobody listens on now.
fn free_port(host: IpAddr) -> anyhow::Result<u16> {
    Ok(TcpListener::bind((host, 0))?.local_addr()?.port())
}

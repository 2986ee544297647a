//! The environment of a program under test: working directory, database, port and settings.

use std::{
    collections::BTreeMap,
    fs::File,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;

use super::{Backend, Database, Sandbox, Server};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tollgate");

/// The environment, which stays the same when processes restart.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) database: Database,
    /// The port in the installation's addresses.
    pub(crate) port: u16,
    settings: BTreeMap<String, String>,
    /// The limit of file descriptors, if it is not the usual one.
    descriptors: Option<u32>,
    /// Whether standard error is a pipe that nobody reads.
    is_unread: bool,
}

impl Place {
    pub(crate) async fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(backend, folder.path()).await;
        let port = free_port();
        let mut settings = BTreeMap::new();
        settings.insert("TOLLGATE_LISTEN".to_owned(), format!("127.0.0.1:{port}"));
        settings.insert("TOLLGATE_PUBLIC_DOMAIN".to_owned(), domain(port));
        if let Some(url) = database.setting() {
            settings.insert("TOLLGATE_DATABASE_URL".to_owned(), url);
        }
        Self { folder, database, port, settings, descriptors: None, is_unread: false }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Limits the file descriptors of its processes.
    pub(crate) fn with_descriptors(self, limit: u32) -> Self {
        Self { descriptors: Some(limit), ..self }
    }

    /// Gives its processes a standard error that nobody reads.
    pub(crate) fn unread(self) -> Self {
        Self { is_unread: true, ..self }
    }

    /// Starts a server, and returns once it is ready.
    pub(crate) async fn serve(self) -> Server {
        let port = self.port;
        Server::start(Arc::new(self), port).await
    }

    /// Starts three processes at the same time. Webhooks go to the one that runs the sandbox.
    pub(crate) async fn serve_thrice(self) -> [Server; 3] {
        let place = Arc::new(self);
        let start = |port| Server::start(place.clone(), port);
        let (first, second, third) =
            tokio::join!(start(place.port), start(free_port()), start(free_port()));
        [first, second, third]
    }

    /// Returns the public domain, `tollgate.localhost:PORT`.
    pub(crate) fn domain(&self) -> String {
        domain(self.port)
    }

    /// Returns the host of a handle, or of the app.
    pub(crate) fn host(&self, label: &str) -> String {
        format!("{label}.{}", self.domain())
    }

    /// Returns an address on the host of a handle.
    pub(crate) fn url(&self, label: &str, path: &str) -> String {
        format!("http://{}{path}", self.host(label))
    }

    /// Returns the path of a file in the working directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Returns the sandbox that runs beside the server.
    pub(crate) fn sandbox(&self) -> Sandbox {
        let secret = |name: &str| self.read(&format!("var/stripe-sandbox/{name}"));
        Sandbox::new(&secret("address"), &secret("secret-key"), &secret("webhook-secret"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        let limit = self.descriptors.map(|limit| format!("ulimit -n {limit} && "));
        command.args(["-c", &format!("{}exec \"$0\" \"$@\"", limit.unwrap_or_default()), PROGRAM]);
        command.args(arguments).current_dir(self.folder.path()).env_clear().envs(&self.settings);
        command
    }

    /// Runs a command until it ends.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command until it ends, while nobody reads what it prints.
    pub(crate) fn run_unread(&self, arguments: &[&str]) -> ExitStatus {
        let mut command = self.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        child.wait().unwrap()
    }

    /// Starts a process on a port. Its output goes to the files `{name}.out` and `{name}.err`.
    pub(super) fn spawn(&self, arguments: &[&str], port: u16, name: &str) -> Child {
        let file = |suffix: &str| {
            let path = self.path(&format!("{name}.{suffix}"));
            File::options().create(true).append(true).open(path).unwrap()
        };
        self.command(arguments)
            .env("TOLLGATE_LISTEN", format!("127.0.0.1:{port}"))
            .stdout(file("out"))
            .stderr(if self.is_unread { Stdio::piped() } else { file("err").into() })
            .spawn()
            .unwrap()
    }
}

fn domain(port: u16) -> String {
    format!("tollgate.localhost:{port}")
}

/// Returns a free port for the server whose next port, used by the sandbox, is free as well. Both are below
/// the range for outgoing connections, so that they are still free after a restart.
pub(crate) fn free_port() -> u16 {
    static TRIED: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id() * 14;
    for _ in 0..1000 {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(10_000 + (start + tried * 2) % 20_000).unwrap();
        if [port, port + 1].iter().all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
            return port;
        }
    }
    panic!("no port is free");
}

//! A running process of the program.

use std::{
    process::{Child, Command, ExitStatus},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::Value;

use super::{Backend, Call, Place, Reply, client, free_port, until, until_so};

/// A server process. Dropping it kills the process.
pub(crate) struct Server {
    pub(crate) place: Arc<Place>,
    port: u16,
    name: String,
    process: Process,
    client: Client,
}

/// A child process that ends with its test.
pub(crate) struct Process(Child);

impl Process {
    pub(super) fn new(child: Child) -> Self {
        Self(child)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Returns the exit status if the process has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }

    /// Kills the process with SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Sends SIGTERM, as a supervisor does, and returns the exit status and the time that stopping took.
    pub(crate) async fn terminate(&mut self) -> (ExitStatus, Duration) {
        self.stopped_by("-TERM").await
    }

    async fn stopped_by(&mut self, signal: &str) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        let id = self.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let status = until("the process ends", async || self.ended()).await;
        (status, asked.elapsed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Server {
    /// Starts a server in its own environment, with the demo in its database.
    pub(crate) async fn fresh(backend: Backend) -> Self {
        let server = Place::new(backend).await.serve().await;
        server.quiet().await;
        server
    }

    /// Waits until every webhook was delivered and processed.
    pub(crate) async fn quiet(&self) {
        let sandbox = self.place.sandbox();
        until_so("all webhooks are dealt with", async || {
            sandbox.count("pendingDeliveries").await == 0
                && self.place.database.waiting_events().await == 0
        })
        .await;
    }

    pub(super) async fn start(place: Arc<Place>, port: u16) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let name = format!("process-{}", STARTED.fetch_add(1, Ordering::Relaxed));
        let process = Process::new(place.spawn(&[], port, &name));
        let mut server = Self { place, port, name, process, client: client() };
        server.ready().await;
        server
    }

    async fn ready(&mut self) {
        until("the server is ready", async || {
            if let Some(status) = self.process.0.try_wait().unwrap() {
                panic!("the server ended with {status}: {}", self.printed());
            }
            let answer = self.call("GET", "/readyz").try_send().await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }

    /// Starts another process in the same environment, on another port.
    pub(crate) async fn replica(&self) -> Self {
        Self::start(self.place.clone(), free_port()).await
    }

    /// Starts another program in the same environment, beside the server.
    pub(crate) fn beside(place: &Place, arguments: &[&str], name: &str) -> Process {
        Process::new(place.spawn(arguments, place.port, name))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the peak memory use of the process, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        kilobytes * 1024
    }

    /// Kills the process with SIGKILL; it stays known until it is restarted.
    pub(crate) fn kill(&self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
    }

    /// Kills the process and starts it again with the same data.
    pub(crate) async fn restart(&mut self) {
        self.process.kill();
        self.launch().await;
    }

    /// Starts a process after the previous one has ended.
    pub(crate) async fn launch(&mut self) {
        self.process = Process(self.place.spawn(&[], self.port, &self.name));
        self.ready().await;
    }

    /// See [`Process::terminate`].
    pub(crate) async fn terminate(&mut self) -> (ExitStatus, Duration) {
        self.process.terminate().await
    }

    /// Sends SIGHUP, as the end of a terminal does, and returns the exit status.
    pub(crate) async fn hang_up(&mut self) -> ExitStatus {
        self.process.stopped_by("-HUP").await.0
    }

    /// Returns everything that was printed to both outputs.
    pub(crate) fn printed(&self) -> String {
        format!("{}{}", self.place.read(&format!("{}.out", self.name)), self.logged())
    }

    /// Returns what was printed to standard error, without a line that is being written.
    pub(crate) fn logged(&self) -> String {
        let mut text = self.place.read(&format!("{}.err", self.name));
        text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
        text
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        Call::new(&self.client, method, self.port, &self.place.domain(), path)
    }

    pub(crate) fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Call {
        self.call("POST", path)
    }

    /// Posts an event as Stripe does, with a current signature.
    pub(crate) async fn post_event(&self, event: &Value) -> Reply {
        let body = event.to_string();
        let signature = self.place.sandbox().sign(&body, 0);
        self.post_webhook(&body, &signature).await
    }

    pub(crate) async fn post_webhook(&self, body: &str, signature: &str) -> Reply {
        self.post("/v2/webhooks/stripe")
            .with("stripe-signature", signature)
            .body("application/json; charset=utf-8", body)
            .send()
            .await
    }
}

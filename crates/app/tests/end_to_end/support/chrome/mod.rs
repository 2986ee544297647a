//! Chromium, driven through chromedriver as a person uses it: by the names of buttons, links and fields, or by
//! keys alone.

mod conditions;
mod effort;
mod forms;
mod hands;
mod looks;
mod webdriver;

use std::process::{Command, Stdio};

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use self::{effort::Effort, webdriver::Session};
use super::{free_port, server::Process, until_so, within};

pub(crate) use self::{
    conditions::Device,
    hands::{DOWN, END, ENTER, RIGHT, SPACE, TAB, UP},
    looks::{NARROW, NOTEBOOK, PHONE, SCREEN, SMALL, TABLET},
};

/// A browser with a profile of its own. Dropping it closes the browser.
pub(crate) struct Chrome {
    session: Session,
    /// What a person did, if it is counted.
    effort: Option<Effort>,
    _driver: Process,
    _profile: TempDir,
}

const OPTIONS: [&str; 16] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-US",
    "--window-size=1280,900",
    // The browser ends as soon as chromedriver does, even if that was killed.
    "--remote-debugging-pipe",
    // One process draws the pages of all hosts. Starting one for each takes a third of the time that opening a page takes.
    "--process-per-site",
    "--disable-site-isolation-trials",
    // Nor do the suggestions below the address, which nobody sees, need pages of their own: they take a third of all work.
    "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess,Translate,\
     OptimizationHints,MediaRouter,WebUIOmniboxPopup,WebUIOmniboxAimPopup",
    "--in-process-gpu",
    "--disable-extensions",
];

/// Returns the visible text of the page, as one line.
const TEXT: &str = "return document.body ? document.body.innerText : ''";

impl Chrome {
    /// Opens a browser window on a desk.
    pub(crate) async fn new() -> Self {
        let (port, profile) = (free_port(), tempfile::tempdir().unwrap());
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .env("TMPDIR", profile.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let driver = driver.unwrap_or_else(|error| {
            panic!("chromedriver: {error}; run scripts/test, which installs it")
        });
        let driver = Process::new(driver);
        until_so("chromedriver takes commands", async || Session::is_possible(port).await).await;
        let session = Session::start(port, capabilities(&profile)).await.unwrap_or_else(|error| {
            panic!("Chromium: {error}; run scripts/test, which installs it")
        });
        let chrome = Self { session, effort: None, _driver: driver, _profile: profile };
        // Otherwise a window that nobody sees may lose the focus when a page is opened.
        chrome.devtools("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).await;
        chrome
    }

    /// Opens a browser on a phone.
    pub(crate) async fn phone() -> Self {
        let chrome = Self::new().await;
        chrome.resize(PHONE).await;
        chrome
    }

    /// Opens an address that was typed, or a link in a mail program.
    pub(crate) async fn open(&self, address: &str) {
        self.session.browser.goto(address).await.unwrap();
    }

    /// Waits until the page is drawn: keys that are pressed before are lost. Needs scripts.
    pub(crate) async fn is_drawn(&self) {
        let drawn = "const [done] = arguments;
            requestAnimationFrame(() => requestAnimationFrame(() => done()));";
        self.session.browser.execute_async(drawn, Vec::new()).await.unwrap();
    }

    pub(crate) async fn reload(&self) {
        self.session.browser.refresh().await.unwrap();
    }

    pub(crate) async fn back(&self) {
        self.session.browser.back().await.unwrap();
    }

    pub(crate) async fn url(&self) -> Url {
        self.session.browser.current_url().await.unwrap()
    }

    /// Returns the status with which the page that is open was answered.
    pub(crate) async fn status(&self) -> u64 {
        let status = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.run(status).await.as_u64().unwrap()
    }

    /// Forgets all cookies.
    pub(crate) async fn forget_cookies(&self) {
        self.devtools("Network.clearBrowserCookies", json!({})).await;
    }

    /// Returns a cookie of the page, as `name=value`.
    pub(crate) async fn cookie(&self, name: &str) -> String {
        let cookie = self.session.browser.get_named_cookie(name).await.unwrap();
        format!("{name}={}", cookie.value())
    }

    /// Returns the title of the page.
    pub(crate) async fn title(&self) -> String {
        self.session.browser.title().await.unwrap()
    }

    /// Returns the visible text, with single blanks.
    pub(crate) async fn text(&self) -> String {
        let text = self.session.run(TEXT, []).await.unwrap_or_default();
        plain(text.as_str().unwrap_or_default())
    }

    /// Waits until the page shows these words.
    pub(crate) async fn shows(&self, words: &str) {
        let shown = within(async || self.text().await.contains(words).then_some(())).await;
        if shown.is_none() {
            self.fail(&format!("does not show {words:?}")).await;
        }
    }

    /// Waits until the page does not show these words any more.
    pub(crate) async fn stops_showing(&self, words: &str) {
        let gone = within(async || (!self.text().await.contains(words)).then_some(())).await;
        if gone.is_none() {
            self.fail(&format!("still shows {words:?}")).await;
        }
    }

    /// Checks that the page does not contain these words, not even out of sight.
    pub(crate) async fn lacks(&self, words: &str) {
        if self.session.browser.source().await.unwrap().contains(words) {
            self.fail(&format!("contains {words:?}")).await;
        }
    }

    /// Waits until the browser is at an address that begins like this.
    pub(crate) async fn is_at(&self, start: &str) {
        let there = within(async || self.url().await.as_str().starts_with(start).then_some(()));
        if there.await.is_none() {
            self.fail(&format!("is not at {start}")).await;
        }
    }

    /// Runs a function's body in the page.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.session.run(script, []).await.unwrap()
    }

    async fn devtools(&self, name: &str, parameters: Value) -> Value {
        self.session.devtools(name, parameters).await.unwrap()
    }

    /// Fails the test with what can be seen.
    async fn fail(&self, what: &str) -> ! {
        let test = std::thread::current().name().unwrap_or_default().replace("::", "-");
        let picture = self.screenshot(&format!("failed-{test}")).await;
        let text = self.text().await;
        panic!("{} {what} (see {}): {text}", self.url().await, picture.display());
    }
}

fn capabilities(profile: &TempDir) -> Capabilities {
    let mut options: Vec<_> = OPTIONS.map(str::to_owned).to_vec();
    options.push(format!("--user-data-dir={}", profile.path().display()));
    let capabilities = json!({
        "browserName": "chrome",
        "goog:chromeOptions": {"args": options},
        "goog:loggingPrefs": {"browser": "WARNING"},
        // Looking through the description of the interface takes a while.
        "timeouts": {"pageLoad": 20_000, "script": 60_000},
    });
    serde_json::from_value(capabilities).unwrap()
}

/// Returns text with single blanks.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! A session of chromedriver, with what the `WebDriver` protocol leaves to its vendor.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder,
    actions::{
        Actions, InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
    },
    elements::{Element, ElementRef},
    error::{CmdError, NewSessionError},
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::support::client;

/// A session of a browser. Dropping it closes the browser.
pub(super) struct Session {
    pub(super) browser: Client,
    port: u16,
    id: String,
}

/// A command of chromedriver alone.
#[derive(Debug)]
struct Vendor {
    name: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.name))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// The name under which the protocol passes elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

fn strokes(keys: &str) -> impl Iterator<Item = KeyAction> {
    keys.chars().flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }])
}

impl Session {
    pub(super) async fn start(
        port: u16,
        capabilities: Capabilities,
    ) -> Result<Self, NewSessionError> {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://127.0.0.1:{port}");
        let browser = builder.capabilities(capabilities).connect(&address).await?;
        let id = browser.session_id().await.unwrap().expect("a session");
        Ok(Self { browser, port, id })
    }

    /// Returns whether chromedriver takes commands.
    pub(super) async fn is_possible(port: u16) -> bool {
        let asked = client().get(format!("http://127.0.0.1:{port}/status")).send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    /// Sends a command of the `DevTools` protocol.
    pub(super) async fn devtools(&self, name: &str, parameters: Value) -> Result<Value, CmdError> {
        let body = json!({"cmd": name, "params": parameters});
        self.browser.issue_cmd(Vendor { name: "goog/cdp/execute", body }).await
    }

    /// Returns what the browser's console said since the last call.
    pub(super) async fn log(&self) -> Result<Value, CmdError> {
        let body = json!({"type": "browser"});
        self.browser.issue_cmd(Vendor { name: "se/log", body }).await
    }

    /// Runs a function's body in the page, also when the page itself may run no scripts.
    pub(super) async fn run<const N: usize>(
        &self,
        script: &str,
        arguments: [Value; N],
    ) -> Result<Value, CmdError> {
        self.browser.execute(script, arguments.into()).await
    }

    /// Runs a function's body in the page, whose last argument is called with the result.
    pub(super) async fn run_on(&self, script: &str) -> Result<Value, CmdError> {
        self.browser.execute_async(script, Vec::new()).await
    }

    /// Returns the element that a function's body returns.
    pub(super) async fn find(&self, script: &str, arguments: [Value; 2]) -> Option<Element> {
        let found = self.run(script, arguments).await.ok()?;
        let id = ElementRef::from(found[ELEMENT].as_str()?.to_owned());
        Some(Element::from_element_id(self.browser.clone(), id))
    }

    pub(super) async fn double_click(&self, element: Element) -> Result<(), CmdError> {
        let to_it = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let (down, up) = (
            PointerAction::Down { button: MOUSE_BUTTON_LEFT },
            PointerAction::Up { button: MOUSE_BUTTON_LEFT },
        );
        let steps = [to_it, down.clone(), up.clone(), down, up];
        let mouse = steps.into_iter().fold(MouseActions::new("mouse".into()), InputSource::then);
        self.browser.perform_actions(mouse).await
    }

    /// Presses keys one after another, wherever the focus is.
    pub(super) async fn strike(&self, keys: &str) -> Result<(), CmdError> {
        self.type_in(strokes(keys)).await
    }

    /// Presses keys while another one is held down.
    pub(super) async fn strike_while(&self, held: char, keys: &str) -> Result<(), CmdError> {
        let (down, up) = (KeyAction::Down { value: held }, KeyAction::Up { value: held });
        self.type_in([down].into_iter().chain(strokes(keys)).chain([up])).await
    }

    async fn type_in(&self, strokes: impl Iterator<Item = KeyAction>) -> Result<(), CmdError> {
        let keyboard = strokes.fold(KeyActions::new("keyboard".into()), InputSource::then);
        self.browser.perform_actions(Actions::from(keyboard)).await
    }
}

impl Drop for Session {
    /// Asks chromedriver to close the browser, and waits for its answer, so that the browser's profile is
    /// not in use any more when it is removed.
    fn drop(&mut self) {
        let ended = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            write!(stream, "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", self.id)?;
            stream.read(&mut [0; 64])
        });
        // If this fails, the browser ends with chromedriver.
        drop(ended);
    }
}

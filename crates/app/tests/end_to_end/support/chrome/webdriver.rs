//! A client of the `WebDriver` protocol, as chromedriver speaks it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::support::client;

/// A session of a browser. Dropping it closes the browser.
pub(super) struct Session {
    client: Client,
    port: u16,
    id: String,
}

/// An element of the page that was open when it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element(String);

/// The name under which the protocol passes elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

async fn answer(request: RequestBuilder) -> Result<Value, String> {
    let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
    let succeeded = answer.status().is_success();
    let text = answer.text().await.map_err(|error| format!("{error:?}"))?;
    let mut body: Value = serde_json::from_str(&text).map_err(|_| text)?;
    let value = body["value"].take();
    if succeeded { Ok(value) } else { Err(format!("{}: {}", value["error"], value["message"])) }
}

fn strokes(keys: &str) -> Vec<Value> {
    let stroke = |key: char| {
        ["keyDown", "keyUp"].map(|action| json!({"type": action, "value": key.to_string()}))
    };
    keys.chars().flat_map(stroke).collect()
}

impl Session {
    pub(super) async fn start(port: u16, capabilities: &Value) -> Result<Self, String> {
        let client = client();
        let body = json!({"capabilities": {"alwaysMatch": capabilities}});
        let request = client.post(format!("http://127.0.0.1:{port}/session"));
        let started = answer(request.body(body.to_string())).await?;
        let id = started["sessionId"].as_str().expect("a session").to_owned();
        Ok(Self { client, port, id })
    }

    /// Returns whether chromedriver takes commands.
    pub(super) async fn is_possible(port: u16) -> bool {
        let asked = client().get(format!("http://127.0.0.1:{port}/status")).send().await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    pub(super) async fn get(&self, what: &str) -> Result<Value, String> {
        answer(self.client.get(self.address(what))).await
    }

    pub(super) async fn command(&self, name: &str, body: &Value) -> Result<Value, String> {
        answer(self.client.post(self.address(name)).body(body.to_string())).await
    }

    /// Sends a command of the `DevTools` protocol.
    pub(super) async fn devtools(&self, name: &str, parameters: Value) -> Result<Value, String> {
        self.command("goog/cdp/execute", &json!({"cmd": name, "params": parameters})).await
    }

    /// Runs a function's body in the page, also when the page itself may run no scripts.
    pub(super) async fn run(&self, script: &str, arguments: Value) -> Result<Value, String> {
        self.command("execute/sync", &json!({"script": script, "args": arguments})).await
    }

    /// Runs a function's body in the page, whose last argument is called with the result.
    pub(super) async fn run_on(&self, script: &str, arguments: Value) -> Result<Value, String> {
        self.command("execute/async", &json!({"script": script, "args": arguments})).await
    }

    /// Returns the element that a function's body returns.
    pub(super) async fn find(&self, script: &str, arguments: Value) -> Option<Element> {
        let found = self.run(script, arguments).await.ok()?;
        Some(Element(found[ELEMENT].as_str()?.to_owned()))
    }

    pub(super) async fn click(&self, element: &Element) -> Result<Value, String> {
        self.command(&format!("element/{}/click", element.0), &json!({})).await
    }

    pub(super) async fn double_click(&self, element: &Element) -> Result<Value, String> {
        let press = ["pointerDown", "pointerUp"].map(|kind| json!({"type": kind, "button": 0}));
        let origin = json!({ELEMENT: element.0});
        let to_it = json!({"type": "pointerMove", "origin": origin, "x": 0, "y": 0});
        let actions = [[to_it].as_slice(), &press, &press].concat();
        let mouse = json!({"type": "pointer", "id": "mouse", "actions": actions});
        self.command("actions", &json!({"actions": [mouse]})).await
    }

    pub(super) async fn clear(&self, element: &Element) -> Result<Value, String> {
        self.command(&format!("element/{}/clear", element.0), &json!({})).await
    }

    /// Types into an element; a file field gets the file's path.
    pub(super) async fn fill(&self, element: &Element, text: &str) -> Result<Value, String> {
        self.command(&format!("element/{}/value", element.0), &json!({"text": text})).await
    }

    /// Presses keys one after another, wherever the focus is.
    pub(super) async fn strike(&self, keys: &str) -> Result<Value, String> {
        self.type_in(strokes(keys)).await
    }

    /// Presses keys while another one is held down.
    pub(super) async fn strike_while(&self, held: &str, keys: &str) -> Result<Value, String> {
        let end = |action: &str| vec![json!({"type": action, "value": held})];
        self.type_in([end("keyDown"), strokes(keys), end("keyUp")].concat()).await
    }

    async fn type_in(&self, strokes: Vec<Value>) -> Result<Value, String> {
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": strokes});
        self.command("actions", &json!({"actions": [keyboard]})).await
    }

    fn address(&self, end: &str) -> String {
        format!("http://127.0.0.1:{}/session/{}/{end}", self.port, self.id)
    }
}

impl Drop for Session {
    /// Asks chromedriver to close the browser. It answers when that is done.
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

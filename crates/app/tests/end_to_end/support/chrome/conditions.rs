//! The conditions under which pages are shown: scripts, the screen, the language, the network and the time zone.

use serde_json::{Value, json};

use super::{Chrome, PHONE, looks::Size};

impl Chrome {
    /// Forbids the pages to run scripts.
    pub(crate) async fn without_scripts(self) -> Self {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
        self
    }

    /// Allows scripts again. The page that is open stays as it is without them.
    pub(crate) async fn allow_scripts(&self) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({"value": false})).await;
    }

    pub(crate) async fn resize(&self, size: Size) {
        let is_phone = size == PHONE;
        let metrics = json!({
            "width": size.width,
            "height": size.height,
            "deviceScaleFactor": if is_phone { 2 } else { 1 },
            "mobile": is_phone,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Shows pages as in a system with dark windows, or with light ones.
    pub(crate) async fn darken(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let scheme = json!({"name": "prefers-color-scheme", "value": value});
        self.devtools("Emulation.setEmulatedMedia", json!({"features": [scheme]})).await;
    }

    /// Asks for pages in this language.
    pub(crate) async fn speak(&self, language: &str) {
        self.devtools("Network.enable", json!({})).await;
        let headers = json!({"headers": {"Accept-Language": language}});
        self.devtools("Network.setExtraHTTPHeaders", headers).await;
    }

    /// Sends at most this many bytes a second; `None` sends as fast as possible.
    pub(crate) async fn send_at_most(&self, bytes: Option<u32>) {
        self.devtools("Network.enable", json!({})).await;
        let upload = bytes.map_or_else(|| json!(-1), Value::from);
        let network = json!({
            "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload,
        });
        self.devtools("Network.emulateNetworkConditions", network).await;
    }

    /// Shows times as in this time zone.
    pub(crate) async fn live_in(&self, zone: &str) {
        let zone = json!({"timezoneId": zone});
        self.devtools("Emulation.setTimezoneOverride", zone).await;
    }
}

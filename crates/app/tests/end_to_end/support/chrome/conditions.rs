//! The conditions under which pages are shown: scripts, the screen, the language, the network and the time zone.

use serde_json::{Value, json};

use super::{Chrome, PHONE, SCREEN, looks::Size};

/// What a person browses with: a screen, and pages that may run scripts or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Device {
    size: Size,
    runs_scripts: bool,
}

impl Device {
    pub(crate) const DESK: Self = Self { size: SCREEN, runs_scripts: true };
    pub(crate) const PHONE: Self = Self { size: PHONE, runs_scripts: true };
    pub(crate) const DESK_WITHOUT_SCRIPTS: Self = Self { size: SCREEN, runs_scripts: false };
    pub(crate) const PHONE_WITHOUT_SCRIPTS: Self = Self { size: PHONE, runs_scripts: false };

    /// Opens a browser on it.
    pub(crate) async fn open(self) -> Chrome {
        let chrome = Chrome::new().await;
        chrome.resize(self.size).await;
        if self.runs_scripts { chrome } else { chrome.without_scripts().await }
    }

    pub(crate) fn runs_scripts(self) -> bool {
        self.runs_scripts
    }

    /// Returns the width of its screen, in CSS pixels.
    pub(crate) fn width(self) -> u32 {
        self.size.width
    }
}

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

    /// Shows pages in the few colours of a system with high contrast.
    pub(crate) async fn force_colors(&self) {
        let forced = json!({"name": "forced-colors", "value": "active"});
        self.devtools("Emulation.setEmulatedMedia", json!({"features": [forced]})).await;
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

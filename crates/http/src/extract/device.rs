//! The kind of device that a request comes from, as far as its `User-Agent` tells.

use actix_web::http::header::{self, HeaderMap};
use tollgate_domain::device::{BrowserName, Device, Platform};

use super::header::only;

/// What the header of each browser contains. Most name others, too, to be taken for them, so the first that fits counts.
const BROWSERS: [(&str, BrowserName); 13] = [
    ("Edg/", BrowserName::Edge),
    ("EdgA/", BrowserName::Edge),
    ("EdgiOS/", BrowserName::Edge),
    ("OPR/", BrowserName::Opera),
    ("OPX/", BrowserName::Opera),
    ("OPT/", BrowserName::Opera),
    ("SamsungBrowser/", BrowserName::SamsungInternet),
    ("Firefox/", BrowserName::Firefox),
    ("FxiOS/", BrowserName::Firefox),
    ("CriOS/", BrowserName::Chrome),
    ("Chromium/", BrowserName::Chrome),
    ("Chrome/", BrowserName::Chrome),
    ("Safari/", BrowserName::Safari),
];

/// What the header contains on each platform; the first that fits counts.
const PLATFORMS: [(&str, Platform); 10] = [
    ("iPhone", Platform::IPhone),
    ("iPod", Platform::IPhone),
    ("iPad", Platform::IPad),
    ("Android", Platform::Android),
    ("Windows", Platform::Windows),
    ("CrOS", Platform::ChromeOs),
    ("Macintosh", Platform::Mac),
    ("Mac OS X", Platform::Mac),
    ("Linux", Platform::Linux),
    ("X11", Platform::Linux),
];

/// Returns the kind of device that a request comes from.
pub(crate) fn device(headers: &HeaderMap) -> Device {
    named(only(headers, header::USER_AGENT).unwrap_or_default())
}

/// Returns the kind of device that a `User-Agent` names.
fn named(agent: &str) -> Device {
    let browser = BROWSERS.iter().find(|(word, _)| agent.contains(word));
    let platform = PLATFORMS.iter().find(|(word, _)| agent.contains(word));
    Device { browser: browser.map(|(_, name)| *name), platform: platform.map(|(_, name)| *name) }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn browsers_are_told_by_the_names_that_people_know() {
        for (agent, told) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15",
                "Firefox on iPad",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 OPR/120.0.0.0",
                "Opera on Mac",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                "Safari on Mac",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/138.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            ("Lynx/2.9.2 (Linux)", "a browser on Linux"),
            ("curl/8.14.1", "a browser"),
            ("", "a browser"),
        ] {
            assert_eq!(named(agent).to_string(), told, "{agent}");
        }
    }

    #[test]
    fn nothing_of_the_header_itself_is_kept() {
        let agent = "<b>Firefox/1</b> Linux".repeat(100);
        assert_eq!(named(&agent).to_string(), "Firefox on Linux");
        let twice = TestRequest::default()
            .append_header((header::USER_AGENT, "Firefox/1"))
            .append_header((header::USER_AGENT, "Chrome/1"))
            .to_http_request();
        assert_eq!(device(twice.headers()), Device::default());
    }
}

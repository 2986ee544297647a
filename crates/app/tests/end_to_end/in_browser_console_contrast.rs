//! Tests of the console in Chromium in the colours of a system with high contrast: what is current or pressed is seen.

use crate::support::{Backend, Server};

/// Returns whether only the current tab has a line that differs from the ground.
const TABS: &str = "
    const ground = getComputedStyle(document.body).backgroundColor;
    const line = tab => getComputedStyle(tab).borderBlockEndColor !== ground;
    const tabs = [...document.querySelectorAll('.tabs a')];
    return tabs.length > 1 && tabs.every(tab => line(tab) === tab.hasAttribute('aria-current'));";

/// Returns whether the pressed button has another ground than the other one.
const MODES: &str = "
    const ground = pressed => getComputedStyle(
        document.querySelector(`.modes [aria-pressed=${pressed}]`)).backgroundColor;
    return ground(true) !== ground(false);";

/// Returns whether the current screen of the navigation has a frame, and no other one has.
const SCREENS: &str = "
    const framed = link => getComputedStyle(link).outlineStyle !== 'none';
    return [...document.querySelectorAll('.nav a')]
        .every(link => framed(link) === link.hasAttribute('aria-current'));";

#[tokio::test]
async fn what_is_current_or_pressed_is_seen_in_high_contrast() {
    let server = Server::fresh(Backend::Sqlite).await;
    let chrome = server.console().await;
    chrome.force_colors().await;
    chrome.open(&server.place.console("/ada/pages")).await;
    let is_forced = "return matchMedia('(forced-colors: active)').matches";
    assert_eq!(chrome.run(is_forced).await, true);
    assert_eq!(chrome.run(TABS).await, true);
    assert_eq!(chrome.run(SCREENS).await, true);
    chrome.open(&server.place.console("/ada/pages/guide")).await;
    for button in ["Preview", "Write"] {
        chrome.press(button).await;
        assert_eq!(chrome.run(MODES).await, true, "{button}");
    }
}

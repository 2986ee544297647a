//! Tests of who gets to a screen of the console in Chromium.

use crate::support::{ADAS_PASSWORD, Backend, Chrome, Server, Upload};

on_the_embedded_database!(
    screen_without_a_session_leads_to_signing_in_and_back,
    screen_of_another_creator_does_not_exist,
);

/// The screens of a handle, without the handle.
const SCREENS: [&str; 28] = [
    "",
    "/pages",
    "/pages/new",
    "/pages/guide",
    "/pages/guide/view?as=buyer",
    "/pages/guide/archive",
    "/pages/guide/delete",
    "/pictures",
    "/revenue",
    "/purchases",
    "/files",
    "/files/plans",
    "/files/plans/delete",
    "/files/plans/allowlist",
    "/files/plans/allowlist/many",
    "/files/plans/allowlist/remove?email=bob%40example.com",
    "/group-buys",
    "/new-group-buy",
    "/group-buys/together",
    "/group-buys/together/edit",
    "/group-buys/together/activate",
    "/group-buys/together/cancel",
    "/people",
    "/people/person?email=bob%40example.com",
    "/people/grant",
    "/people/move?email=bob%40example.com",
    "/mail",
    "/settings",
];

/// The files of a handle that the console sends.
const DOWNLOADS: [&str; 2] = ["/purchases.csv", "/files/plans/download"];

async fn furnished(backend: Backend) -> Server {
    let server = Server::fresh(backend).await;
    server.upload(&server.ada().await, &Upload::by_list("plans", b"For invited people.")).await;
    server
}

async fn screen_without_a_session_leads_to_signing_in_and_back(backend: Backend) {
    let server = furnished(backend).await;
    let chrome = Chrome::new().await;
    let screens = SCREENS.iter().map(|path| format!("/ada{path}"));
    for path in screens.chain(["/account", "/new-handle"].map(str::to_owned)) {
        let address = server.place.console(&path);
        chrome.open(&address).await;
        chrome.is_at(&server.place.console("/sign-in?next=")).await;
        chrome.sign_in("ada@example.com", ADAS_PASSWORD).await;
        chrome.is_at(&address).await;
        assert_eq!(chrome.url().await.as_str(), address);
        assert_eq!(chrome.status().await, 200, "{address}");
        chrome.forget_cookies().await;
    }
    for path in DOWNLOADS {
        chrome.open(&server.place.console(&format!("/ada{path}"))).await;
        chrome.is_at(&server.place.console("/sign-in?next=")).await;
    }
}

async fn screen_of_another_creator_does_not_exist(backend: Backend) {
    let server = furnished(backend).await;
    server.creator("eve").await;
    let chrome = Chrome::new().await;
    chrome.enter(&server.place, "eve@example.com", "correct horse").await;
    for path in SCREENS.into_iter().chain(DOWNLOADS) {
        chrome.open(&server.place.console(&format!("/ada{path}"))).await;
        assert_eq!(chrome.status().await, 404, "{path}");
        let theirs = chrome.text().await;
        assert!(!theirs.contains("balcony"), "{path}: {theirs}");
        chrome.open(&server.place.console(&format!("/nobody{path}"))).await;
        assert_eq!(chrome.status().await, 404, "{path}");
    }
}

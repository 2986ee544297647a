//! Tests of how much a browser loads for a buyer's page.

use url::Url;

use crate::support::{Backend, Call, Part, Server, parts};

/// The most that a page may weigh compressed, with everything that it shows.
const WHOLE: usize = 30_000;
/// The most script that a page may run.
const SCRIPT: usize = 2_000;

/// The weight of a page, in bytes.
#[derive(Debug, Default)]
struct Weight {
    whole: usize,
    script: usize,
}

/// Requests an address as a browser does that takes compressed answers.
fn get(server: &Server, address: &Url, cookie: &str) -> Call {
    let call = server.get(&address[url::Position::BeforePath..]);
    let host = format!("{}:{}", address.host_str().unwrap(), address.port().unwrap());
    let call =
        call.host(&host).with("accept", "text/html,*/*;q=0.8").with("sec-fetch-site", "none");
    if cookie.is_empty() { call } else { call.cookie(cookie) }
}

/// Returns the length of an answer as it is sent.
async fn sent(server: &Server, address: &Url, cookie: &str) -> usize {
    let call = get(server, address, cookie).with("accept-encoding", "gzip");
    let (reply, body) = call.bytes().await;
    assert_eq!(reply.status, 200, "{address}");
    assert!(body.len() < 1_000 || reply.header("content-encoding") == "gzip", "{address}");
    body.len()
}

async fn weigh(server: &Server, page: &str, cookie: &str) -> Weight {
    let page: Url = page.parse().unwrap();
    let shown = get(server, &page, cookie).send().await;
    assert_eq!(shown.status, 200, "{page}: {}", shown.body);
    assert!(!shown.body.contains("<style") && !shown.body.contains(" style="), "{page}");
    let mut weight = Weight { whole: sent(server, &page, cookie).await, script: 0 };
    for (part, address) in parts(&shown.body) {
        let address = page.join(&address).unwrap();
        assert_eq!(address.origin(), page.origin(), "{page} loads from elsewhere");
        weight.whole += sent(server, &address, "").await;
        if part == Part::Script {
            weight.script += get(server, &address, "").length().await;
        }
    }
    weight
}

#[tokio::test]
async fn buyers_pages_are_light() {
    let server = Server::fresh(Backend::Sqlite).await;
    let place = &server.place;
    let (bob, _) = server.bought(&place.sandbox(), "bob@example.com").await;
    let root = format!("http://{}", place.domain());
    server.ask_link("carol@example.com").await;
    let link = place.link_letter("carol@example.com", 1).await.link();
    for (page, cookie) in [
        (place.url("ada", "/"), ""),
        (place.url("ada", "/welcome"), ""),
        (place.url("ada", "/letters"), ""),
        (place.url("ada", "/guide"), ""),
        (place.url("ada", "/guide"), &bob.cookie),
        (place.url("ada", "/-/group-buys/together"), ""),
        (place.url("ada", "/-/group-buys/together"), &bob.cookie),
        (place.url("ada", "/-/sign-in"), ""),
        (place.url("ada", "/-/sign-out"), &bob.cookie),
        (link, ""),
        (format!("{root}/"), ""),
        (format!("{root}/access"), &bob.cookie),
        (format!("{root}/access"), ""),
    ] {
        let weight = weigh(&server, &page, cookie).await;
        println!("{page}: {weight:?}");
        assert!(weight.whole <= WHOLE && weight.script <= SCRIPT, "{page}: {weight:?}");
    }
    // The page that waits for the mail has the only script.
    let asked =
        server.post("/-/sign-in").host(&place.host("ada")).with("origin", &place.url("ada", ""));
    let asked = asked.with("sec-fetch-site", "same-origin");
    let form = "email=carol%40example.com&returnTo=%2Fguide";
    let asked = asked.body("application/x-www-form-urlencoded", form).send().await;
    assert_eq!(asked.status, 303, "{asked:?}");
    let cookie = asked.header("set-cookie").split(';').next().unwrap();
    let weight = weigh(&server, &place.url("ada", "/-/code"), cookie).await;
    println!("the page that waits: {weight:?}");
    assert!(weight.script > 0, "{weight:?}");
    assert!(weight.whole <= WHOLE && weight.script <= SCRIPT, "{weight:?}");
}

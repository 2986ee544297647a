//! Tests of what the console looks like in Chromium while nothing special happens: each screen fits, axe-core
//! finds nothing in light and in dark, and each is pictured.

use serde_json::json;

use crate::support::{
    Backend, Chrome, NARROW, NOTEBOOK, PHONE, SCREEN, Server, TABLET, Upload, until_so,
};

const BOB: &str = "bob@example.com";

/// Looks at screens that only have to be opened, and checks that they fit in German, too.
async fn look_at(chrome: &Chrome, server: &Server, screens: &[(&str, &str)]) {
    for (name, path) in screens {
        chrome.open(&server.place.console(path)).await;
        chrome.look(&format!("console-{name}")).await;
    }
    chrome.speak("de").await;
    chrome.resize(PHONE).await;
    for (name, path) in screens {
        chrome.open(&server.place.console(path)).await;
        assert_eq!(chrome.run("return document.documentElement.lang").await, "de", "{name}");
        chrome.fits().await;
    }
}

#[tokio::test]
async fn screens_for_everybody_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let ada = json!({"email": "ada@example.com"});
    server.post("/v2/creator/auth/password-reset").json(&ada).send().await;
    let token = server.place.letter("ada@example.com", "password").await.token();
    let chrome = Chrome::new().await;
    look_at(
        &chrome,
        &server,
        &[
            ("sign-in", "/sign-in"),
            ("sign-up", "/sign-up"),
            ("reset", "/password-reset"),
            ("reset-sent", "/password-reset/sent"),
            ("reset-confirm", &format!("/password-reset/confirm?token={token}")),
            ("reset-broken", "/password-reset/confirm?token=nonsense"),
            ("verify", "/verify-email?token=nonsense"),
        ],
    )
    .await;
}

#[tokio::test]
async fn screens_of_a_new_shop_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    server.creator("carol").await;
    let chrome = Chrome::new().await;
    chrome.enter(&server.place, "carol@example.com", "correct horse").await;
    look_at(
        &chrome,
        &server,
        &[
            ("empty-start", "/carol"),
            ("empty-pages", "/carol/pages"),
            ("empty-revenue", "/carol/revenue"),
            ("empty-purchases", "/carol/purchases"),
            ("empty-files", "/carol/files"),
            ("empty-group-buys", "/carol/group-buys"),
            ("empty-new-group-buy", "/carol/new-group-buy"),
            ("empty-people", "/carol/people"),
            ("empty-grant", "/carol/people/grant"),
            ("empty-mail", "/carol/mail"),
            ("new-handle", "/new-handle"),
        ],
    )
    .await;
}

#[tokio::test]
async fn screens_of_a_shop_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    furnish(&server).await;
    let chrome = server.console().await;
    look_at(
        &chrome,
        &server,
        &[
            ("start", "/ada"),
            ("pages", "/ada/pages"),
            ("editor-new", "/ada/pages/new"),
            ("editor", "/ada/pages/guide"),
            ("view-stranger", "/ada/pages/guide/view?as=stranger"),
            ("view-buyer", "/ada/pages/guide/view?as=buyer"),
            ("archive", "/ada/pages/guide/archive"),
            ("delete", "/ada/pages/guide/delete"),
            ("pictures", "/ada/pictures"),
            ("revenue", "/ada/revenue"),
            ("purchases", "/ada/purchases"),
            ("files", "/ada/files"),
            ("file", "/ada/files/plans"),
            ("file-delete", "/ada/files/plans/delete"),
            ("allowlist", "/ada/files/plans/allowlist"),
            ("allowlist-many", "/ada/files/plans/allowlist/many"),
        ],
    )
    .await;
}

#[tokio::test]
async fn screens_about_people_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    furnish(&server).await;
    let chrome = server.console().await;
    look_at(
        &chrome,
        &server,
        &[
            ("group-buys", "/ada/group-buys"),
            ("new-group-buy", "/ada/new-group-buy"),
            ("group-buy", "/ada/group-buys/together"),
            ("group-buy-edit", "/ada/group-buys/together/edit"),
            ("group-buy-activate", "/ada/group-buys/together/activate"),
            ("group-buy-cancel", "/ada/group-buys/together/cancel"),
            ("people", "/ada/people"),
            ("people-stranger", "/ada/people?q=eve%40example.com"),
            ("person", "/ada/people/person?email=bob%40example.com"),
            ("person-stranger", "/ada/people/person?email=eve%40example.com"),
            ("person-file", "/ada/people/person?email=bob%40example.com&about=file.plans"),
            ("grant", "/ada/people/grant"),
            ("move", "/ada/people/move?email=bob%40example.com"),
            ("mail", "/ada/mail"),
            ("settings", "/ada/settings"),
            ("account", "/account"),
            ("not-found", "/ada/nothing"),
        ],
    )
    .await;
}

/// Returns the words in cells of tables that stand on two lines, except for long ones, and what is wider than its cell. On a
/// wide screen, addresses are whole up to a greater length.
const BROKEN_CELLS: &str = r"
    const broken = [];
    for (const cell of document.querySelectorAll('.cards :is(td, th[scope=row])')) {
        const { right } = cell.getBoundingClientRect();
        const inside = [...cell.querySelectorAll('*')].filter(it => !it.closest('.visually-hidden'));
        const wide = inside.filter(it => it.getBoundingClientRect().right > right + 0.5);
        broken.push(...wide.map(it => `${it.textContent} is wider than its cell`));
        const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            for (const word of texts.currentNode.data.matchAll(/[^\s-]+/g)) {
                const range = document.createRange();
                range.setStart(texts.currentNode, word.index);
                range.setEnd(texts.currentNode, word.index + word[0].length);
                const is_broken = range.getClientRects().length > 1;
                const most = word[0].includes('@') && innerWidth >= 1200 ? 29 : 18;
                if (is_broken && word[0].length < most) broken.push(word[0]);
            }
        }
    }
    return broken.join(' ');";

/// Returns what the fields in a row do not have in common, which is where they end and where their labels begin.
const UNEVEN_ROWS: &str = r"
    const uneven = [];
    for (const row of document.querySelectorAll('.row')) {
        const fields = [...row.querySelectorAll('input, select')].filter(it => it.offsetParent);
        const ends = fields.map(field => Math.round(field.getBoundingClientRect().bottom));
        if (new Set(ends).size > 1) uneven.push(`${fields.map(it => it.id)}: ${ends}`);
        const labels = fields.flatMap(field => [...field.labels]);
        const tops = labels.map(label => Math.round(label.getBoundingClientRect().top));
        if (new Set(tops).size > 1) uneven.push(`${labels.map(it => it.textContent)}: ${tops}`);
    }
    return uneven.join(' ');";

#[tokio::test]
async fn fields_in_a_row_begin_and_end_at_one_height() {
    let server = Server::fresh(Backend::Sqlite).await;
    furnish(&server).await;
    let chrome = server.console().await;
    for language in ["en", "de"] {
        chrome.speak(language).await;
        // The last day is before the first one, which is told beside one of both.
        let mixed_up = "revenue?from=2026-02-01&to=2026-01-01";
        for path in ["purchases", "pages/new", "new-group-buy", "revenue", mixed_up] {
            chrome.open(&server.place.console(&format!("/ada/{path}"))).await;
            if path == "new-group-buy" {
                let type_it = "const field = document.getElementById('deadline');
                    field.value = '2030-01-31T10:30'; field.dispatchEvent(new Event('input'))";
                chrome.run(type_it).await;
            }
            assert_eq!(chrome.run(UNEVEN_ROWS).await, "", "{path} in {language}");
        }
    }
}

#[tokio::test]
async fn words_of_tables_are_not_broken() {
    let server = Server::fresh(Backend::Sqlite).await;
    furnish(&server).await;
    fail(&server).await;
    let chrome = server.console().await;
    for (language, failed, again) in [
        ("en", "Refund failed", "Send again"),
        ("de", "Erstattung fehlgeschlagen", "Noch einmal senden"),
    ] {
        chrome.speak(language).await;
        for screen in ["purchases", "pages", "files", "group-buys", "people", "mail"] {
            chrome.open(&server.place.console(&format!("/ada/{screen}"))).await;
            for size in [SCREEN, NOTEBOOK, NARROW, TABLET] {
                chrome.resize(size).await;
                let broken = chrome.run(BROKEN_CELLS).await;
                assert_eq!(broken, "", "{screen} on {} pixels in {language}", size.width);
                chrome.fits().await;
            }
            match screen {
                "purchases" => chrome.shows(failed).await,
                "mail" => chrome.shows(again).await,
                _ => {}
            }
        }
    }
}

/// Lets a refund and the receipts fail, of which the tables of Purchases and of the mail log tell with their longest words.
async fn fail(server: &Server) {
    let (sandbox, ada, database) =
        (server.place.sandbox(), server.ada().await, &server.place.database);
    let (dora, _) = server.bought(&sandbox, "dora@example.com").await;
    sandbox.control("faults", &json!({"refunds": {"fails_after_seconds": 1}})).await;
    assert_eq!(server.refund(&ada, &dora).await.status, 200);
    server.place.letter("ada@example.com", "failed").await;
    let waiting = "SELECT count(*) FROM outbox WHERE status <> 'SENT'";
    until_so("all mails are sent", async || database.number(waiting).await == 0).await;
    let died = "UPDATE outbox SET status = 'DEAD', attempts = 14, sent_at = NULL, \
                last_error = 'the server is busy' WHERE kind = 'receipt'";
    database.execute(died).await;
}

/// Fills Ada's shop: a purchase, a gift, files with a list, a group buy that some have joined, and a second shop.
async fn furnish(server: &Server) {
    server.bought(&server.place.sandbox(), BOB).await;
    let ada = server.ada().await;
    let post = async |path: &str, body: serde_json::Value| {
        let call = server.post(path).bearer(&ada.token).json(&body).send().await;
        assert!(call.status < 300, "{path}: {call:?}");
    };
    post("/v2/handles", json!({"handle": "balcony-school", "name": "مدرسة الشرفة 🌱"})).await;
    for email in
        ["a.person.with.a.rather.long.name@department.example.com", "marianne.schmidt@example.com"]
    {
        post("/v2/handles/ada/pages/guide/grants", json!({"email": email})).await;
    }
    server.upload(&ada, &Upload::on("guide", "calendar", &b"a day".repeat(60_000))).await;
    server.upload(&ada, &Upload::by_list("plans", b"For invited people.")).await;
    server.upload(&ada, &Upload::public("seeds", b"Seeds.")).await;
    let list = "/v2/handles/ada/files/plans/allowlist";
    post(list, json!({"emails": ["bob@example.com", "carol@example.com"]})).await;
    let draft = json!({
        "slug": "donaudampfschifffahrt", "title": "Donaudampfschifffahrtsgesellschaftskapitän مرحبا",
        "teaser": "", "body": "", "accessMode": "PUBLIC",
    });
    post("/v2/handles/ada/pages", draft).await;
    let carol = server.sign_in("carol@example.com").await;
    let join = server.post("/v2/public/group-buys/ada/together/interest").cookie(&carol.cookie);
    assert_eq!(join.json(&json!({"quantity": 5})).send().await.status, 201);
    server.quiet().await;
}

//! The console: forms of what was changed in another window in the meantime.

use crate::{
    console_browser::Browser,
    support::{Reply, TestApp},
};

const CHANGED: &str = "This was changed in the meantime, so it was not saved.";

type Fields<'a> = [(&'a str, &'a str)];

fn version(screen: &Reply) -> String {
    let before = "<input type=\"hidden\" name=\"version\" value=\"";
    let version = screen.body.split(before).nth(1).unwrap().split('"').next().unwrap();
    assert!(!version.is_empty(), "{}", screen.body);
    version.to_owned()
}

/// What is stored in a field, as the screen of a conflict shows it.
fn theirs<'a>(screen: &'a Reply, field: &str) -> Option<&'a str> {
    let rest = screen.body.split(&format!("<textarea id=\"theirs-{field}\"")).nth(1)?;
    Some(rest.split_once(" readonly>\n").unwrap().1.split("</textarea>").next().unwrap())
}

async fn sent(ada: &Browser<'_>, action: &str, fields: &Fields<'_>, version: &str) -> Reply {
    let fields = [fields, &[("version", version)][..]].concat();
    ada.post(action, &fields).await
}

/// Sends a form twice and then another one of the same version, which goes over the first only when it is sent again. Returns
/// the screen of the conflict.
async fn conflicting(
    ada: &Browser<'_>,
    screen: &str,
    first: &Fields<'_>,
    second: &Fields<'_>,
) -> Reply {
    let opened = version(&ada.get(screen).await);
    for _ in 0..2 {
        let saved = sent(ada, screen, first, &opened).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
    }
    let conflict = sent(ada, screen, second, &opened).await;
    assert_eq!(conflict.status, 409, "{}", conflict.body);
    assert!(conflict.body.contains(CHANGED) && conflict.body.contains("Save mine over it"));
    let saved = sent(ada, screen, second, &version(&conflict)).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    // A form from before forms had a version goes on to work.
    let old = ada.post(screen, second).await;
    assert_eq!(old.status, 303, "{}", old.body);
    conflict
}

#[actix_web::test]
async fn settings_of_two_windows_are_both_shown() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let first = [("name", "Balcony"), ("extras", "invoice"), ("secondPayments", "REFUND")];
    let second = [("name", "Garden"), ("mailFooter", "1 Mill Lane"), ("secondPayments", "HOLD")];
    let conflict = conflicting(&ada, "/ada/settings", &first, &second).await;
    assert_eq!(theirs(&conflict, "name"), Some("Balcony"));
    assert_eq!(theirs(&conflict, "mailFooter"), Some(""));
    assert_eq!(theirs(&conflict, "description"), None);
    for field in ["extras", "secondPayments"] {
        let words = theirs(&conflict, field).unwrap();
        assert!(words.contains(' ') && !words.contains("REFUND"), "{field}: {words}");
    }
    assert!(conflict.body.contains("value=\"Garden\""), "{}", conflict.body);
    let settings = app.domain.handles.settings(&shop.creator, &shop.handle.name).await.unwrap();
    assert_eq!(settings.handle.title, "Garden");
    assert!(!settings.handle.extras.invoice);
}

#[actix_web::test]
async fn file_of_two_windows_shows_both() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let texts = [("access", "PUBLIC"), ("slug", "book")];
    ada.send_files("/ada/files", &texts, &[("Book.txt", "abc")]).await;
    let with = |name, access| [("name", name), ("slug", "book"), ("access", access)];
    let (first, second) = (with("One.txt", "PUBLIC"), with("Two.txt", "ALLOWLIST"));
    let conflict = conflicting(&ada, "/ada/files/book", &first, &second).await;
    assert_eq!(theirs(&conflict, "name"), Some("One.txt"));
    assert_eq!(theirs(&conflict, "access"), Some("Everybody"));
    assert_eq!(theirs(&conflict, "slug"), None);
    assert!(conflict.body.contains("value=\"Two.txt\""), "{}", conflict.body);
    assert!(ada.get("/ada/files/book").await.body.contains("value=\"Two.txt\""));
}

#[actix_web::test]
async fn group_buy_of_two_windows_shows_both() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let with = |title, target| {
        [
            ("title", title),
            ("pageSlug", "guide"),
            ("price", "9,50"),
            ("targetQuantity", target),
            ("offerDays", "7"),
        ]
    };
    ada.submit("/ada/new-group-buy", &with("Together", "3")).await;
    let (first, second) = (with("Closer", "3"), with("Cheaper", "4"));
    let conflict = conflicting(&ada, "/ada/group-buys/together/edit", &first, &second).await;
    assert_eq!(theirs(&conflict, "title"), Some("Closer"));
    assert_eq!(theirs(&conflict, "targetQuantity"), Some("3"));
    assert_eq!(theirs(&conflict, "price"), None);
    assert!(conflict.body.contains("value=\"Cheaper\""), "{}", conflict.body);
    let stored = ada.get("/ada/group-buys/together/edit").await.body;
    assert!(stored.contains("value=\"Cheaper\"") && stored.contains("value=\"4\""), "{stored}");
}

/// What is stored may be written in another way than it was typed.
#[actix_web::test]
async fn form_that_was_sent_twice_is_saved_however_it_was_typed() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let texts = [("access", "PUBLIC"), ("slug", "book")];
    ada.send_files("/ada/files", &texts, &[("Book.txt", "abc")]).await;
    let terms = [("title", "Together"), ("pageSlug", "guide"), ("price", "9,50")];
    let group_buy = [&terms[..], &[("targetQuantity", "3"), ("offerDays", "7")]].concat();
    ada.submit("/ada/new-group-buy", &group_buy).await;
    let settings = [
        ("name", "Balcony"),
        ("supportEmail", "Ada@Example.com"),
        ("secondPayments", "REFUND"),
        ("frontendOrigins", "https://ada.example\nhttps://ada.example/"),
    ];
    let file = [("name", "One.txt"), ("slug", " Book "), ("access", "PUBLIC")];
    let changed = [&terms[1..], &[("title", "Closer"), ("targetQuantity", "03")]].concat();
    for (screen, fields) in [
        ("/ada/settings", &settings[..]),
        ("/ada/files/book", &file),
        ("/ada/group-buys/together/edit", &changed),
    ] {
        let opened = version(&ada.get(screen).await);
        for _ in 0..2 {
            let saved = sent(&ada, screen, fields, &opened).await;
            assert_eq!(saved.status, 303, "{screen}: {}", saved.body);
        }
    }
}

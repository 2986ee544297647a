//! The console: names in addresses as they are typed.

use crate::{
    console_browser::Browser,
    support::{Reply, TestApp},
};

const OFFER: [(&str, &str); 6] = [
    ("title", "Together"),
    ("slug", " Together "),
    ("pageSlug", "guide"),
    ("price", "9.50"),
    ("targetQuantity", "3"),
    ("offerDays", "7"),
];

fn says_taken(reply: &Reply) -> bool {
    reply.status == 422 && reply.body.contains("has this address already")
}

#[actix_web::test]
async fn slug_is_read_alike_wherever_it_is_typed() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let page = [("title", "Pots"), ("slug", " Pots "), ("accessMode", "PUBLIC")];
    assert_eq!(ada.post("/ada/pages/new", &page).await.status, 303);
    let file = [("access", "PUBLIC"), ("slug", " Book ")];
    assert_eq!(ada.send_files("/ada/files", &file, &[("a.txt", "a")]).await.status, 303);
    assert_eq!(ada.post("/ada/new-group-buy", &OFFER).await.status, 303);
    for made in ["/ada/pages/pots", "/ada/files/book", "/ada/group-buys/together"] {
        assert_eq!(ada.get(made).await.status, 200, "{made}");
    }
    let change = [("name", "A book"), ("slug", "BOOK"), ("access", "PUBLIC")];
    assert_eq!(ada.post("/ada/files/book", &change).await.status, 303, "it stays what it is");
}

/// Another mistake keeps each form from being carried out.
#[actix_web::test]
async fn slug_that_is_taken_is_told_however_it_was_typed() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    ada.send_files("/ada/files", &[("access", "PUBLIC"), ("slug", "book")], &[("a.txt", "a")])
        .await;
    ada.post("/ada/new-group-buy", &OFFER).await;
    let page = [("title", ""), ("slug", "GUIDE"), ("accessMode", "PUBLIC")];
    assert!(says_taken(&ada.post("/ada/pages/new", &page).await));
    let file = [("access", ""), ("slug", "Book")];
    assert!(says_taken(&ada.send_files("/ada/files", &file, &[("a.txt", "a")]).await));
    let offer = OFFER.map(|(name, value)| (name, if name == "price" { "" } else { value }));
    assert!(says_taken(&ada.post("/ada/new-group-buy", &offer).await));
}

/// The form says that the address is optional.
#[actix_web::test]
async fn page_whose_title_makes_no_slug_gets_one_with_a_number() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (title, body, made) in [
        ("متجر", "One.", "page"),
        ("متجر", "One.", "page"),
        ("متجر", "Two.", "page-2"),
        ("🪴", "Three.", "page-3"),
        ("🪴", "Three.", "page-3"),
        ("Docs", "Four.", "page-4"),
    ] {
        let form = [("title", title), ("slug", ""), ("body", body), ("accessMode", "PUBLIC")];
        let reply = ada.post("/ada/pages/new", &form).await;
        assert_eq!(reply.status, 303, "{title}: {}", reply.body);
        assert_eq!(reply.header("location"), format!("/ada/pages/{made}"), "{title} {body}");
    }
    // Other mistakes are told without one about the address.
    let form = [("title", "متجر"), ("slug", ""), ("accessMode", "")];
    let refused = ada.post("/ada/pages/new", &form).await;
    assert!(refused.status == 422 && !refused.body.contains("id=\"slug-error\""));
}

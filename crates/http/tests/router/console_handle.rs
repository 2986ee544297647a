//! The console: making a handle, its start and its settings.

use tollgate_domain::creators::SecondPayments;
use tollgate_domain_testing::a_page;

use crate::{console_browser::Browser, support::TestApp};

#[actix_web::test]
async fn handle_that_is_taken_offers_free_ones() {
    let app = TestApp::new();
    app.shop().await;
    app.domain.creator("eve@creators.example").await;
    let eve = Browser::of(&app, "eve").await;
    let fields = [("handle", "ada"), ("name", "Eve's")];
    let taken = eve.post("/new-handle", &fields).await;
    assert_eq!(taken.status, 422);
    assert!(
        taken.body.contains("This handle is taken.") && taken.body.contains("value=\"Eve&#39;s\"")
    );
    let free: Vec<_> = taken.body.split("name=\"take\" value=\"").skip(1).collect();
    assert_eq!(free.len(), 3, "{}", taken.body);
    let free = free[0].split('"').next().unwrap();
    let chosen = eve.post("/new-handle", &[fields[0], fields[1], ("take", free)]).await;
    assert_eq!(chosen.status, 200);
    let handle = chosen.body.split("id=\"handle\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(handle.contains(&format!("value=\"{free}\"")), "{handle}");
    assert!(chosen.body.contains("value=\"Eve&#39;s\""));
    assert_eq!(eve.get(&format!("/{free}")).await.status, 404, "it is only filled in");
    let made = eve.post("/new-handle", &[("handle", free), fields[1]]).await;
    assert_eq!(made.header("location"), format!("/{free}"));
}

#[actix_web::test]
async fn handle_that_is_reserved_offers_free_ones() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for name in ["Admins", ""] {
        let refused = ada.post("/new-handle", &[("handle", " Admin "), ("name", name)]).await;
        assert!(refused.status == 422 && refused.body.contains("This name is reserved."));
        for free in ["admin-hq", "admin-shop", "admin-studio"] {
            let button = format!("name=\"take\" value=\"{free}\"");
            assert!(refused.body.contains(&button), "{free}: {}", refused.body);
        }
        assert_eq!(refused.body.matches("name=\"take\"").count(), 3);
    }
    let bad = ada.post("/new-handle", &[("handle", "a_b"), ("name", "Bad")]).await;
    assert!(!bad.body.contains("name=\"take\""), "{}", bad.body);
}

#[actix_web::test]
async fn shop_whose_form_is_sent_twice_is_created_once() {
    let app = TestApp::new();
    app.domain.creator("eve@creators.example").await;
    let eve = Browser::of(&app, "eve").await;
    for _ in 0..2 {
        let made = eve.post("/new-handle", &[("handle", "eve"), ("name", "Eve's")]).await;
        assert_eq!((made.status.as_u16(), made.header("location")), (303, "/eve"));
        assert!(eve.follow(made).await.body.contains("Eve&#39;s has its address."));
    }
    let other = eve.post("/new-handle", &[("handle", "eve"), ("name", "Another")]).await;
    assert!(other.status == 422 && other.body.contains("This handle is taken."));
}

#[actix_web::test]
async fn handle_that_cannot_be_says_why() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (handle, told) in [
        ("", "Please fill this in."),
        ("a_b", "3 to 32"),
        ("<script>", "3 to 32"),
        ("متجر", "3 to 32"),
        ("app", "reserved"),
    ] {
        let reply = ada.post("/new-handle", &[("handle", handle), ("name", "Shop 🪴")]).await;
        assert_eq!(reply.status, 422, "{handle}");
        let error = reply.body.split("id=\"handle-error\">").nth(1).unwrap();
        assert!(error.split('<').next().unwrap().contains(told), "{handle}");
        assert!(reply.body.contains("Shop 🪴") && !reply.body.contains("<script>"));
    }
    let unnamed = ada.post("/new-handle", &[("handle", "ada-two"), ("name", " ")]).await;
    assert!(unnamed.status == 422 && unnamed.body.contains("id=\"name-error\""));
    assert!(!unnamed.body.contains("id=\"handle-error\""), "{}", unnamed.body);
    let both = ada.post("/new-handle", &[("handle", "ada"), ("name", "")]).await;
    assert!(both.body.contains("id=\"name-error\"") && both.body.contains("This handle is taken."));
    assert_eq!(both.body.matches("name=\"take\"").count(), 3, "{}", both.body);
}

fn states(body: &str) -> Vec<&str> {
    body.split("<li class=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[actix_web::test]
async fn start_says_what_is_done_and_what_comes_next() {
    let app = TestApp::new();
    let creator = app.domain.creator("eve@creators.example").await;
    let name = "eve".parse().unwrap();
    app.domain.handles.create(&creator, name, "Eve's").await.unwrap();
    let eve = Browser::of(&app, "eve").await;
    let start = eve.get("/eve").await.body;
    assert_eq!(states(&start), ["done", "todo", "optional", "optional", "todo", "optional"]);
    assert!(start.contains("href=\"/eve/pages/new\"") && start.contains("Towards your first sale"));
    assert!(!start.contains("Open it as a buyer"), "there is nothing to open: {start}");
    let next = "<a class=\"button\" href=\"/eve/pages/new\">";
    assert!(start.contains(next) && start.matches("class=\"button\"").count() == 1, "{start}");

    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let (guide, bob) = ("guide".parse().unwrap(), "bob@example.com".parse().unwrap());
    app.domain.grants.give(&shop.creator, &shop.handle.name, &guide, bob).await.unwrap();
    let ready = ada.get("/ada").await.body;
    assert_eq!(states(&ready), ["done", "done", "done", "done", "done", "optional"]);
    assert!(ready.contains("Your shop is open") && ready.contains("$12.00"));
    assert!(ready.contains("Open it as a buyer"));
    assert!(ready.contains("href=\"http://ada.tollgate.localhost:8080/guide\""));
    let page = app.domain.page(&shop, a_page().slug("other").paid(500, "usd").published()).await;
    let bob = app.domain.sign_in("bob@example.com").await;
    app.domain.buy(&shop, &page, &bob).await;
    assert_eq!(states(&ada.get("/ada").await.body), ["done"; 6]);
    for slug in ["guide", "other"] {
        ada.submit(&format!("/ada/pages/{slug}/archive"), &[]).await;
    }
    let closed = ada.get("/ada").await.body;
    // What is archived is not sold any more, so it has no price to tell.
    assert_eq!(states(&closed), ["done", "done", "optional", "done", "todo", "done"]);
    assert!(closed.contains("<h1>Something needs you</h1>"), "{closed}");
}

#[actix_web::test]
async fn settings_are_changed_and_kept() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let fields = [
        ("name", "Ada's balcony"),
        ("description", "Pots.\r\nAnd more pots."),
        ("supportEmail", "help@example.com"),
        ("mailFooter", "1 Mill Lane"),
        ("frontendOrigins", "https://shop.example.com/\r\n\r\n http://localhost:3000 "),
        ("secondPayments", "HOLD"),
    ];
    let saved = ada.submit("/ada/settings", &fields).await.body;
    assert!(
        saved.contains("Ada&#39;s balcony")
            && saved.contains("Questions? Write to help@example.com")
    );
    let settings = app.domain.handles.settings(&shop.creator, &shop.handle.name).await.unwrap();
    assert_eq!(settings.handle.description.as_deref(), Some("Pots.\nAnd more pots."));
    assert_eq!(settings.frontend_origins.len(), 2);
    assert_eq!(settings.handle.texts.mail_footer.as_deref(), Some("1 Mill Lane"));
    assert_eq!(settings.handle.second_payments, SecondPayments::Hold);
    assert!(saved.contains("name=\"secondPayments\" value=\"HOLD\" checked"), "{saved}");
    ada.submit("/ada/settings", &[("name", "Ada's")]).await;
    let settings = app.domain.handles.settings(&shop.creator, &shop.handle.name).await.unwrap();
    assert_eq!(settings.handle.texts.support_email, None);
    assert!(settings.frontend_origins.is_empty());
}

#[actix_web::test]
async fn bad_settings_are_shown_again() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let footer = "x".repeat(501);
    let fields = [
        ("name", "A name"),
        ("supportEmail", "nobody"),
        ("mailFooter", &*footer),
        ("frontendOrigins", "https://shop.example.com\r\nftp://x"),
    ];
    let reply = ada.post("/ada/settings", &fields).await;
    assert_eq!(reply.status, 422);
    for text in [
        "id=\"supportEmail-error\"",
        "id=\"frontendOrigins-error\">“ftp://x” is not an origin",
        &footer,
    ] {
        assert!(reply.body.contains(text), "{text}");
    }
    let long = ada.post("/ada/settings", &[("name", ""), ("mailFooter", &footer)]).await;
    assert!(
        long.body.contains("id=\"mailFooter-error\"") && long.body.contains("id=\"name-error\"")
    );
    let settings = app.domain.handles.settings(&shop.creator, &shop.handle.name).await.unwrap();
    assert_eq!(settings.handle, shop.handle);
}

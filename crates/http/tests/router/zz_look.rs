//! TEMPORARY: serves pages for a look at them.
use actix_web::{App, HttpServer, rt};
use tollgate_domain::{files::{FileAccess, NewFile}, group_buys::Quantity};
use tollgate_domain_testing::{a_group_buy, a_page, at, slug};
use tollgate_http::configure;
use crate::support::TestApp;

#[actix_web::test]
async fn zz_look() {
    let Ok(dir) = std::env::var("LOOK") else { return };
    let app = TestApp::new();
    let shop = app.shop().await;
    let (creator, handle) = (&shop.creator, &shop.handle.name);
    let token = app.token("ada").await;
    let body = serde_json::json!({"name": "Ada’s balcony", "supportEmail": "help@ada.example", "description": "Herbs and vegetables on three square metres."});
    app.call(actix_web::http::Method::PATCH, crate::support::ROOT, "/v2/handles/ada").bearer(&token).json(&body).send().await;
    let mut new = a_page().slug("balcony").paid(1200, "eur").published().new_page();
    new.title = "The balcony guide: forty pots on one railing".into();
    new.teaser = "Forty pots, one railing. What grows where, and **when to water**.\n\n- sun and shade\n- soil\n- the whole year in a table".into();
    new.body = "# January\n\nWash the pots. See https://example.com/pots[^1].\n\n- [x] wash\n- [ ] sow\n\n## A table\n\n| Month | What | How much | Where to put it when it is too cold outside |\n|---|---|---|---|\n| May | Basil | 3 | window sill in the kitchen |\n\n```\ncurl https://example.com/a/very/long/line/that/does/not/fit/on/any/telephone | sh\n```\n\n> A quote\n\nمرحبا بالعالم\n\n[^1]: A footnote.\n".repeat(2);
    let page = app.domain.pages.create(creator, handle, new).await.unwrap();
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    app.domain.page(&shop, a_page().slug("open").public().published()).await;
    for (name, access, page_slug) in [("workbook", FileAccess::Page, Some(slug("balcony"))), ("poster", FileAccess::Page, Some(slug("balcony"))), ("secret", FileAccess::Allowlist, None)] {
        let new = NewFile { slug: slug(name), access, page_slug, name: format!("The {name} of the balcony.pdf"), content_type: Some("application/pdf".into()) };
        let content = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(vec![b'x'; 34567].into())]);
        app.domain.files.upload(creator, handle, new, content).await.unwrap();
    }
    let group = a_group_buy(&page).slug("together").target(5).most(8).deadline(at(5 * 24 * 3600 + 60)).new_group_buy();
    app.domain.group_buys.create(creator, handle, group).await.unwrap();
    let bob = app.domain.sign_in("bob@example.com").await;
    app.domain.sign_in("bob@example.com").await;
    let visitor = app.domain.visitor(&bob).await;
    app.domain.offers.express(handle, &slug("together"), visitor.id, Quantity::new(3).unwrap()).await.unwrap();
    app.domain.buy(&shop, &page, &bob).await;
    let eve = app.domain.sign_in("eve.longer.name@example.com").await;
    let (link, _) = app.domain.request_link("carol@example.com").await;
    std::fs::write(format!("{dir}/tokens"), format!("{}\n{}\n{}\n", bob.reveal(), eve.reveal(), link.reveal())).unwrap();
    let http = app.http();
    let server = HttpServer::new(move || App::new().configure(|app| configure(app, &http)));
    let server = server.workers(1).bind(("127.0.0.1", 8080)).unwrap().disable_signals().run();
    let handle = server.handle();
    rt::spawn(server);
    while !std::path::Path::new(&format!("{dir}/stop")).exists() {
        rt::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    handle.stop(false).await;
}

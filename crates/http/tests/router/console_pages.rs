//! The console: the list of pages, the editor, and what becomes of a page.

mod conflicts;
mod editor;
mod endings;
mod views;

use tollgate_domain::creators::{PageChange, PageStatus};
use tollgate_domain_testing::a_page;

use crate::{
    console_browser::Browser,
    support::{Reply, TestApp},
};

/// What a hidden field of a screen holds.
pub(crate) fn hidden<'a>(screen: &'a Reply, name: &str) -> &'a str {
    let before = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    screen.body.split(&before).nth(1).unwrap().split('"').next().unwrap()
}

/// The form of the page `guide`, as its editor shows it, with another body.
fn guide<'a>(version: &'a str, body: &'a str, pressed: &'a str) -> [(&'a str, &'a str); 8] {
    [
        ("version", version),
        ("title", "A guide"),
        ("teaser", "What it is about."),
        ("body", body),
        ("accessMode", "PAID"),
        ("price", "12.00"),
        ("currency", "usd"),
        ("do", pressed),
    ]
}

#[actix_web::test]
async fn list_shows_mode_price_status_and_sales_of_each_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    app.domain.page(&shop, a_page().slug("notes").free_with_login()).await;
    let page = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in("bob@example.com").await;
    app.domain.buy(&shop, &page, &bob).await;
    let list = ada.get("/ada/pages").await.body;
    let row = |slug: &str| {
        let row = list.split(&format!("<a href=\"/ada/pages/{slug}\">")).nth(1).unwrap();
        row.split("</tr>").next().unwrap().to_owned()
    };
    let (guide, notes) = (row("guide"), row("notes"));
    for told in [">Paid<", ">$12.00<", ">Published<", "class=\"number\">1<"] {
        assert!(guide.contains(told), "{told}: {guide}");
    }
    for told in [">Free with sign-in<", ">Free<", ">Draft<", "class=\"number\">0<"] {
        assert!(notes.contains(told), "{told}: {notes}");
    }
}

#[actix_web::test]
async fn tabs_limit_the_list_to_a_status_page_after_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for _ in 0..2 {
        app.domain.page(&shop, a_page()).await;
    }
    let drafts = ada.get("/ada/pages?status=DRAFT&limit=1").await.body;
    assert!(drafts.contains(">Draft</span>") && !drafts.contains(">Published</span>"));
    assert!(drafts.contains("aria-current=\"page\">Drafts</a>"), "{drafts}");
    let older = drafts.split("class=\"pager\"><a href=\"").nth(1).unwrap();
    let older = older.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    assert!(older.contains("status=DRAFT"), "{older}");
    let next = ada.get(&older).await.body;
    assert!(next.contains(">Draft</span>") && !next.contains("class=\"pager\""));
    let none = ada.get("/ada/pages?status=ARCHIVED").await.body;
    assert!(none.contains("There are no pages with this status."));
    let all = ada.get("/ada/pages?status=nothing").await.body;
    assert!(all.contains(">Draft</span>") && all.contains(">Published</span>"));
}

#[actix_web::test]
async fn empty_list_teaches_with_one_button() {
    let app = TestApp::new();
    app.domain.shop("ada").await;
    let ada = Browser::of(&app, "ada").await;
    let list = ada.get("/ada/pages").await.body;
    assert_eq!(list.matches("href=\"/ada/pages/new\"").count(), 1);
    assert!(list.contains("A page has a teaser that everybody sees"));
}

#[actix_web::test]
async fn pages_of_other_handles_do_not_exist_here() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let eves = app.domain.shop("eve").await;
    app.domain.page(&eves, a_page().slug("secret")).await;
    let ada = Browser::of(&app, "ada").await;
    for rest in ["", "/edit", "/view", "/archive", "/delete"] {
        for slug in ["secret", "nothing", "Bad", "%67uide"] {
            let path = format!("/ada/pages/{slug}{rest}");
            assert_eq!(ada.get(&path).await.status, 404, "{path}");
        }
    }
    for rest in ["", "/edit", "/archive", "/delete"] {
        let path = format!("/ada/pages/secret{rest}");
        assert_eq!(ada.post(&path, &[("title", "Mine")]).await.status, 404, "{path}");
    }
    let change = PageChange::default();
    let page = app.page(&eves, "secret").await;
    assert_eq!(app.domain.change(&eves, &page, change).await.title, page.title);
    assert_eq!(app.page(&shop, "guide").await.status, PageStatus::Published);
}

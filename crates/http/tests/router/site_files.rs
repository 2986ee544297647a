//! The page of a file.

use tollgate_domain::{
    creators::HandleChange,
    files::{FileAccess, NewFile},
    names::Slug,
    token::Token,
    version::BasedOn,
};
use tollgate_domain_testing::{Shop, a_page, email, slug};

use crate::{
    site_browser::Window,
    support::{ADA, ROOT, TestApp},
};

/// The shop with a public file, one on the page `guide` and one for invited people.
async fn app() -> (TestApp, Shop) {
    let app = TestApp::new();
    let shop = app.shop().await;
    for (name, access, page) in [
        ("open", FileAccess::Public, None),
        ("workbook", FileAccess::Page, Some(slug("guide"))),
        ("secret", FileAccess::Allowlist, None),
    ] {
        upload(&app, &shop, name, access, page).await;
    }
    (app, shop)
}

pub(crate) async fn upload(
    app: &TestApp,
    shop: &Shop,
    name: &str,
    access: FileAccess,
    page: Option<Slug>,
) {
    let new = NewFile {
        slug: slug(name),
        access,
        page_slug: page,
        name: format!("The {name}.pdf"),
        content_type: Some("application/pdf".to_owned()),
    };
    let content =
        futures_util::stream::iter([Ok::<_, std::convert::Infallible>("%PDF-1.4\n%".into())]);
    app.domain.files.upload(&shop.creator, &shop.handle.name, new, content).await.unwrap();
}

#[actix_web::test]
async fn gate_says_what_happened_before_its_files_and_folds_a_long_list() {
    let (app, shop) = app().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let window = Window::of(&app, ADA, &session);
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.payments.fail_payment(&hosted);
    app.domain.deliver_webhooks().await;
    let gate = window.get("/guide").await.body;
    let place = |text: &str| gate.find(text).unwrap_or_else(|| panic!("{text}: {gate}"));
    let (told, inside) = (place("did not arrive"), place("What is inside"));
    assert!(told < inside && inside < place("Buy for $12.00"), "{gate}");
    assert!(!gate.contains("<details>"), "{gate}");
    for number in 1..=8 {
        let name = format!("part-{number}");
        upload(&app, &shop, &name, FileAccess::Page, Some(slug("guide"))).await;
    }
    let gate = window.get("/guide").await.body;
    assert!(gate.contains("<details>\n<summary>9 files to download:</summary>"), "{gate}");
    assert!(gate.contains("The part-8.pdf"), "{gate}");
}

#[actix_web::test]
async fn public_file_shows_what_it_is_and_downloads() {
    let (app, _) = app().await;
    let page = Window::new(&app, ADA).get("/-/files/open").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<h1 dir=\"auto\">The open.pdf</h1>"), "{}", page.body);
    assert!(page.body.contains("PDF · 10 bytes"), "{}", page.body);
    assert!(page.body.contains("href=\"/v2/public/files/ada/open\" download"), "{}", page.body);
    for (host, path) in [(ADA, "/-/files/nothing"), (ADA, "/-/files/X"), (ROOT, "/-/files/open")] {
        let missing = Window::new(&app, host).get(path).await;
        assert_eq!(missing.status, 404, "{host}{path}");
        assert!(missing.body.contains("There is no such file"), "{host}{path}");
    }
}

#[actix_web::test]
async fn file_of_a_page_asks_to_sign_in_to_buy_and_then_downloads() {
    let (app, shop) = app().await;
    let page = Window::new(&app, ADA).get("/-/files/workbook").await;
    assert!(
        page.body.contains("name=\"email\"") && page.body.contains("value=\"/-/files/workbook\"")
    );
    assert!(page.body.contains("The workbook.pdf") && page.body.contains("href=\"/guide\""));
    let session = app.domain.sign_in("bob@example.com").await;
    let window = Window::of(&app, ADA, &session);
    let page = window.get("/-/files/workbook").await;
    assert!(page.body.contains("that you have not bought") && !page.body.contains("download>"));
    let gate = window.get("/guide").await;
    assert!(gate.body.contains("1 file to download:") && gate.body.contains("The workbook.pdf"));
    assert!(!gate.body.contains("/-/files/"));
    let guide = app.page(&shop, "guide").await;
    app.domain.buy(&shop, &guide, &session).await;
    let open = window.get("/guide").await;
    let link = "<a href=\"/-/files/workbook\"><bdi>The workbook.pdf</bdi></a> (10 bytes)";
    assert!(open.body.contains(link), "{}", open.body);
    let page = window.get("/-/files/workbook").await;
    assert!(page.body.contains("href=\"/v2/public/files/ada/workbook\" download"));
}

#[actix_web::test]
async fn address_that_is_none_is_said_on_the_page_of_the_file() {
    let (app, _) = app().await;
    for (file, heading) in
        [("workbook", "The workbook.pdf"), ("secret", "A file for invited people")]
    {
        let place = format!("/-/files/{file}");
        let typed = [("on", "page"), ("email", "bob@"), ("returnTo", place.as_str())];
        let again = Window::new(&app, ADA).post("/-/sign-in", &typed).await;
        assert_eq!(again.status, 422);
        let title = format!("<title>Error: {heading}");
        for part in
            [&*title, "value=\"bob@\"", "id=\"email-error\"", "aria-invalid=\"true\" autofocus"]
        {
            assert!(again.body.contains(part), "{part}: {}", again.body);
        }
    }
}

/// Whatever its sender calls it.
#[actix_web::test]
async fn file_is_called_what_its_content_is() {
    const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0";
    let (app, shop) = app().await;
    for (name, content, claim, is_pdf) in [
        ("setup", EXE, "application/pdf", false),
        ("paper", b"%PDF-1.4".as_slice(), "application/octet-stream", true),
    ] {
        let new = NewFile {
            slug: slug(name),
            access: FileAccess::Public,
            page_slug: None,
            name: name.to_owned(),
            content_type: Some(claim.to_owned()),
        };
        let content =
            futures_util::stream::iter([Ok::<_, std::convert::Infallible>(content.into())]);
        app.domain.files.upload(&shop.creator, &shop.handle.name, new, content).await.unwrap();
        let page = Window::new(&app, ADA).get(&format!("/-/files/{name}")).await.body;
        assert!(page.contains(" · 8 bytes"), "{page}");
        assert_eq!(page.contains("PDF · 8 bytes"), is_pdf, "{page}");
    }
}

/// To visitors who may open it.
#[actix_web::test]
async fn page_of_a_file_shows_what_browsers_show() {
    const GIF: &[u8] =
        b"GIF89a\x02\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,";
    const MP3: &[u8] = b"\xff\xfb\x90\x64\x00\x00\x00\x00";
    const WEBM: &[u8] = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x84webm";
    let (app, shop) = app().await;
    for (name, content, access, element) in [
        (
            "bed",
            GIF,
            FileAccess::Public,
            "<img src=\"/v2/public/files/ada/bed\" alt=\"A &#34;bed&#34;\" width=\"2\" height=\"1\">",
        ),
        (
            "talk",
            MP3,
            FileAccess::Public,
            "<audio src=\"/v2/public/files/ada/talk\" controls preload=\"metadata\" aria-label=\"A &#34;talk&#34;\">",
        ),
        (
            "film",
            WEBM,
            FileAccess::Public,
            "<video src=\"/v2/public/files/ada/film\" controls preload=\"metadata\" aria-label=\"A &#34;film&#34;\">",
        ),
        ("mine", GIF, FileAccess::Allowlist, ""),
    ] {
        let new = NewFile {
            slug: slug(name),
            access,
            page_slug: None,
            name: format!("A \"{name}\""),
            content_type: None,
        };
        let content =
            futures_util::stream::iter([Ok::<_, std::convert::Infallible>(content.into())]);
        app.domain.files.upload(&shop.creator, &shop.handle.name, new, content).await.unwrap();
        let page = Window::new(&app, ADA).get(&format!("/-/files/{name}")).await;
        let is_open = access == FileAccess::Public;
        assert_eq!(page.body.contains("download>Download"), is_open, "{}", page.body);
        assert!(page.body.contains(element), "{element}: {}", page.body);
        assert_eq!(page.body.contains("/v2/public/files"), is_open, "{}", page.body);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("img-src 'self'; media-src 'self';"), "{policy}");
    }
    let document = Window::new(&app, ADA).get("/-/files/open").await.body;
    for element in ["<img", "<audio", "<video"] {
        assert!(!document.contains(element), "{document}");
    }
}

/// Who opens a page has not asked for the free page that one of its pictures belongs to.
#[actix_web::test]
async fn picture_of_a_free_page_does_not_tell_who_opens_another_page() {
    let (app, shop) = app().await;
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    let new = NewFile {
        slug: slug("pixel"),
        access: FileAccess::Page,
        page_slug: Some(slug("free")),
        name: "pixel.png".to_owned(),
        content_type: Some("image/png".to_owned()),
    };
    let content =
        futures_util::stream::iter([Ok::<_, std::convert::Infallible>("0123456789".into())]);
    app.domain.files.upload(&shop.creator, &shop.handle.name, new, content).await.unwrap();
    let bob = app.domain.sign_in("bob@example.com").await;
    for (destination, kept) in [("image", 0), ("video", 0), ("document", 1), ("image", 1)] {
        let file = app.get(ADA, "/v2/public/files/ada/pixel").visitor(&bob);
        let file = file.with("sec-fetch-site", "same-origin").with("sec-fetch-dest", destination);
        assert_eq!(file.send().await.status, 200, "{destination}");
        app.domain.gate.views().store().await.unwrap();
        let history = app.get(ROOT, "/v2/visitor/access").visitor(&bob).send().await.json();
        assert_eq!(history["items"].as_array().map(Vec::len), Some(kept), "{destination}");
    }
}

#[actix_web::test]
async fn file_for_invited_people_has_its_name_for_them_only() {
    let (app, shop) = app().await;
    let stranger = Window::new(&app, ADA).get("/-/files/secret").await;
    assert!(
        stranger.body.contains("A file for invited people")
            && !stranger.body.contains("The secret")
    );
    let session = app.domain.sign_in("bob@example.com").await;
    let window = Window::of(&app, ADA, &session);
    let refused = window.get("/-/files/secret").await;
    assert!(refused.body.contains("is not on the list") && !refused.body.contains("The secret"));
    // Where to write is said only if it is known.
    assert!(!refused.body.contains("mistake") && !refused.body.contains("the seller"));
    let way = "<a href=\"/-/sign-in?returnTo=/-/files/secret\">Sign in with another address</a>";
    assert!(refused.body.contains(way), "{}", refused.body);
    let (creator, handle) = (&shop.creator, &shop.handle.name);
    let support_email = Some(Some(email("help@example.com")));
    let change = HandleChange { support_email, ..HandleChange::default() };
    app.domain.handles.change(creator, handle, change, &BasedOn::Any).await.unwrap();
    let refused = window.get("/-/files/secret").await.body;
    let address = "<a href=\"mailto:help@example.com\">help@example.com</a>";
    assert!(refused.contains(&format!("a mistake, write to {address}.")), "{refused}");
    app.domain
        .files
        .allow(creator, handle, &slug("secret"), email("bob@example.com"))
        .await
        .unwrap();
    let page = window.get("/-/files/secret").await;
    assert!(page.body.contains("The secret.pdf") && page.body.contains("download>Download"));
    let mine = app.get(ROOT, "/access").visitor(&session).send().await;
    assert!(
        mine.body.contains("href=\"http://ada.tollgate.localhost:8080/-/files/secret\""),
        "{}",
        mine.body
    );
}

#[actix_web::test]
async fn browser_never_sees_raw_json_and_programs_always_do() {
    let (app, _) = app().await;
    let to = "http://ada.tollgate.localhost:8080/-/files/";
    for (file, refusal) in [
        ("workbook", "401 visitor_unauthorized"),
        ("secret", "401 visitor_unauthorized"),
        ("nothing", "404 file_not_found"),
    ] {
        let path = format!("/v2/public/files/ada/{file}");
        let browser =
            app.get(ROOT, &path).with("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        let browser = browser.send().await;
        assert_eq!(
            (browser.status.as_u16(), browser.header("location")),
            (303, &*format!("{to}{file}"))
        );
        assert!(browser.header("vary").contains("Accept, "), "{browser:?}");
        for accept in ["*/*", "application/json", "image/avif,image/webp,*/*"] {
            let program = app.get(ROOT, &path).with("accept", accept).send().await;
            assert_eq!(program.refusal(), refusal, "{accept}");
            assert!(program.header("vary").contains("Accept, "), "{program:?}");
        }
    }
    let bytes = app.get(ROOT, "/v2/public/files/ada/open").with("accept", "text/html").send().await;
    assert_eq!((bytes.status.as_u16(), &*bytes.body), (200, "%PDF-1.4\n%"));
}

#[actix_web::test]
async fn names_of_files_cannot_leave_their_place() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, a_page().slug("open").public().published()).await;
    let new = NewFile {
        slug: slug("odd"),
        access: FileAccess::Page,
        page_slug: Some(slug("open")),
        name: "<img src=x onerror=y> \"ملف\".txt".to_owned(),
        content_type: None,
    };
    let content = futures_util::stream::iter([Ok::<_, std::convert::Infallible>("x".into())]);
    app.domain.files.upload(&shop.creator, &shop.handle.name, new, content).await.unwrap();
    for path in ["/open", "/-/files/odd"] {
        let page = Window::new(&app, ADA).get(path).await;
        assert!(page.body.contains("ملف") && !page.body.contains("<img"), "{}", page.body);
    }
}

#[actix_web::test]
async fn file_of_a_page_says_what_became_of_the_payment() {
    let (app, shop) = app().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let window = Window::of(&app, ADA, &session);
    let guide = app.page(&shop, "guide").await;
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    let page = window.get("/-/files/workbook").await;
    assert!(page.body.contains("Your payment is on its way"), "{}", page.body);
    assert!(!page.body.contains("that you have not bought"), "{}", page.body);
    app.domain.payments.apply(&hosted);
    app.domain.deliver_webhooks().await;
    let visitor = app.domain.visitor(&session).await;
    app.domain.refund(&shop, &guide, &visitor).await.unwrap();
    let page = window.get("/-/files/workbook").await;
    assert!(page.body.contains("Your payment was refunded"), "{}", page.body);
}

#[actix_web::test]
async fn change_of_address_is_told_unless_something_else_happened_to_the_payment() {
    let (app, shop) = app().await;
    let sold = app.domain.page(&shop, a_page().slug("sold").paid(1_200, "usd").published()).await;
    let session = app.domain.sign_in("bob@example.com").await;
    app.domain.buy(&shop, &sold, &session).await;
    let (name, to) = (&shop.handle.name, email("rob@example.net"));
    let bob = email("bob@example.com");
    app.domain.moves.request(&shop.creator, name, bob, to).await.unwrap();
    let token = app.mailed_token("rob@example.net").await.parse::<Token>().unwrap();
    app.domain.moves.confirm(&token).await.unwrap();
    let window = Window::of(&app, ADA, &session);
    for file in ["/-/files/workbook", "/-/files/secret"] {
        let page = window.get(file).await.body;
        assert!(page.contains("moved to r•••@example.net"), "{file}: {page}");
    }
    let hosted = window.begin_to_pay("/guide").await;
    app.domain.payments.pay_later(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    let page = window.get("/-/files/workbook").await.body;
    assert!(page.contains("Your payment is on its way") && !page.contains("moved to"), "{page}");
}

//! Recipients who stop the mails of a shop.

use tollgate_domain_testing::a_page;

use super::Desk;
use crate::support::ADA;

/// The address in the last mail to a person that stops such mails, without its host.
async fn stop_address(desk: &Desk, to: &str) -> String {
    desk.app.domain.deliver_mails().await;
    let mails = desk.app.domain.mailer.sent().into_iter().rev();
    let stop = mails.filter(|mail| mail.to.as_str() == to).find_map(|mail| mail.stop).unwrap().0;
    stop.strip_prefix("http://ada.tollgate.localhost:8080").unwrap().to_owned()
}

#[actix_web::test]
async fn recipient_stops_mails_with_one_click() {
    let desk = Desk::new().await;
    assert_eq!(desk.give("bob@example.com").await.status, 201);
    let address = stop_address(&desk, "bob@example.com").await;
    let page = desk.app.get(ADA, &address).with("accept-language", "de").send().await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Keine Mails mehr von diesem Shop?"), "{}", page.body);
    assert!(page.body.contains("b•••@example.com") && !page.body.contains("bob@example.com"));
    let click = desk.app.post(ADA, &address);
    let click = click.body("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
    let done = click.send().await;
    assert_eq!(done.status, 200, "{}", done.body);
    // Mail services say otherwise than a page of ours where the request comes from, and no page of theirs reads the answer.
    for origin in ["null", "https://mail.example"] {
        let click = desk.app.post(ADA, &address).with("origin", origin);
        let click = click.body("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
        let done = click.send().await;
        assert_eq!(done.status, 200, "{origin}: {}", done.body);
        assert_eq!(done.header("access-control-allow-origin"), "", "{origin}");
    }
    let again = desk.app.get(ADA, &address).send().await;
    for page in [&done.body, &again.body] {
        assert!(page.contains("<h1>Done</h1>") && page.contains("To the shop"), "{page}");
        assert!(page.contains("your sign-in and your payments still arrive"), "{page}");
        assert!(page.contains(">Get the mails again</button>"), "{page}");
        assert!(!page.contains("Stop the mails"), "{page}");
    }
    desk.app.domain.mailer.clear();
    let id = desk.give("bob@example.com").await.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.take_back(&id).await.status, 204);
    assert_eq!(desk.give("bob@example.com").await.status, 201);
    assert_eq!(desk.app.domain.mails_to("bob@example.com").await, [""; 0]);
    for (host, path) in [
        (ADA, "/-/no-mails?token=x".to_owned()),
        (ADA, "/-/no-mails".to_owned()),
        ("eve.tollgate.localhost:8080", address.clone()),
    ] {
        assert_eq!(desk.app.get(host, &path).send().await.status, 404, "{host}{path}");
        assert_eq!(desk.app.post(host, &path).send().await.status, 404, "{host}{path}");
    }
}

#[actix_web::test]
async fn stop_of_mails_is_taken_back_with_the_same_link() {
    let desk = Desk::new().await;
    assert_eq!(desk.give("bob@example.com").await.status, 201);
    let address = stop_address(&desk, "bob@example.com").await;
    let press = |button: &str| desk.app.post(ADA, &address).form(&format!("do={button}")).send();
    let told = press("stop").await;
    assert_eq!((told.status.as_u16(), told.header("location")), (303, &*address));
    let stopped = desk.app.get(ADA, &address).send().await.body;
    assert!(stopped.contains("name=\"do\" value=\"take-back\""), "{stopped}");
    let path = address.replace('&', "&#38;");
    assert!(stopped.contains(&format!("<form method=\"post\" action=\"{path}\">")), "{stopped}");

    // Opening the link changes nothing, and no other site can press the button of somebody who is signed in.
    desk.app.get(ADA, &address).send().await;
    let bob = desk.app.domain.sign_in("bob@example.com").await;
    let forged = desk.app.post(ADA, &address).visitor(&bob).with("sec-fetch-site", "cross-site");
    let forged = forged.body("application/x-www-form-urlencoded", "do=take-back").send().await;
    assert_eq!(forged.status, 403);
    assert!(desk.app.get(ADA, &address).send().await.body.contains("<h1>Done</h1>"));

    for _ in 0..2 {
        let told = press("take-back").await;
        assert_eq!(told.status, 303);
        let back = desk.app.get(ADA, told.header("location")).send().await;
        assert_eq!(back.status, 200);
        assert!(back.body.contains("can write to you again"), "{}", back.body);
        assert!(!back.body.contains("<form"), "{}", back.body);
    }
    let asked = desk.app.get(ADA, &address).send().await.body;
    assert!(asked.contains("Stop the mails") && !asked.contains("To the shop"), "{asked}");
    desk.app.domain.mailer.clear();
    let other = a_page().slug("other").paid(500, "usd").published();
    let other = desk.app.domain.page(&desk.shop, other).await;
    desk.app.domain.give(&desk.shop, &other, "bob@example.com").await;
    assert_eq!(desk.app.domain.mails_to("bob@example.com").await, ["granted"]);
}

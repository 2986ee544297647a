//! What a creator does for a person and asks about one, on the wire.

use actix_web::http::Method;
use serde_json::{Value, json};
use tollgate_domain::{
    creators::{PageChange, PageStatus},
    mail::{MailReport, Stop},
    moves::ConfirmMoveError,
    token::Token,
};
use tollgate_domain_testing::{a_page, email};

use crate::support::{ROOT, Reply, TestApp};

const LINK: &str = "/v2/handles/ada/people/sign-in-link";

async fn link(app: &TestApp, token: &str, body: &Value) -> Reply {
    app.post(ROOT, LINK).bearer(token).json(body).send().await
}

#[actix_web::test]
async fn sign_in_link_is_mailed_to_a_person_and_leads_to_the_page() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let bob = json!({"email": "Bob@example.com", "pageSlug": "guide"});
    let sent = link(&app, &token, &bob).await;
    assert_eq!((sent.status.as_u16(), sent.json()), (202, json!({"status": "accepted"})));
    assert_eq!(app.domain.mails_to("bob@example.com").await, ["seller_link"]);
    let (mailed, _) = app.domain.link_mailed_to("bob@example.com");
    let preview = app.domain.sign_in.preview(&mailed, None).await.unwrap();
    let place = preview.return_to.unwrap();
    assert_eq!(place.as_str(), "http://ada.tollgate.localhost:8080/guide");

    // The limits are those of the address.
    let bob = json!({"email": "bob@example.com"});
    for _ in 0..2 {
        assert_eq!(link(&app, &token, &bob).await.status, 202);
    }
    let limited = link(&app, &token, &bob).await;
    assert_eq!(limited.refusal(), "429 rate_limited");
    assert!(limited.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[actix_web::test]
async fn sign_in_link_that_cannot_be_mailed_is_refused() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    for (body, fields) in [
        (json!({}), vec!["email"]),
        (json!({"email": "nobody", "pageSlug": "A"}), vec!["email", "pageSlug"]),
        (json!({"email": "bob@example.com", "page": "guide"}), vec!["page"]),
    ] {
        let reply = link(&app, &token, &body).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{body}");
        let told = reply.json()["fields"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(told, fields, "{body}");
    }
    let unknown = json!({"email": "bob@example.com", "pageSlug": "unknown"});
    assert_eq!(link(&app, &token, &unknown).await.refusal(), "404 page_not_found");
    assert!(app.domain.mails_to("bob@example.com").await.is_empty());
}

#[actix_web::test]
async fn sign_in_link_leads_to_no_page_that_the_person_cannot_see() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let old = app.domain.page(&shop, a_page().slug("old").paid(1200, "usd").published()).await;
    app.domain.page(&shop, a_page().slug("draft").free_with_login()).await;
    let bob = app.domain.sign_in("bob@example.com").await;
    app.domain.buy(&shop, &old, &bob).await;
    let change = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    app.domain.change(&shop, &old, change).await;
    for (address, page, is_sent) in [
        ("bob@example.com", "old", true),
        ("eve@example.com", "old", false),
        ("bob@example.com", "draft", false),
        ("eve@example.com", "guide", true),
    ] {
        let reply = link(&app, &token, &json!({"email": address, "pageSlug": page})).await;
        if is_sent {
            assert_eq!(reply.status, 202, "{address} {page}: {reply:?}");
            continue;
        }
        assert_eq!(reply.refusal(), "422 validation_failed", "{address} {page}");
        let told = json!({"pageSlug": "is not published, and this person does not have it"});
        assert_eq!(reply.json()["fields"], told);
    }
    let mails = app.domain.mails_to("eve@example.com").await;
    assert_eq!(mails, ["seller_link"], "what is refused mails nothing and counts for nothing");
}

#[actix_web::test]
async fn sign_in_links_count_as_mails_that_the_creator_causes() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let stop = Stop { handle: shop.handle.id, email: email("bob@example.com") };
    app.domain.stop_mails.stop(&stop).await.unwrap();
    let refused = link(&app, &token, &json!({"email": "bob@example.com"})).await;
    assert_eq!(refused.refusal(), "422 validation_failed");
    assert!(refused.json()["fields"]["email"].is_string(), "{}", refused.json());
    for number in 0..50 {
        let stranger = json!({"email": format!("person{number}@example.com")});
        assert_eq!(link(&app, &token, &stranger).await.status, 202, "{number}");
    }
    let limited = link(&app, &token, &json!({"email": "one.more@example.com"})).await;
    assert_eq!(limited.refusal(), "429 rate_limited");
    assert_eq!(limited.header("retry-after"), "86400");
    for address in ["bob@example.com", "one.more@example.com"] {
        assert!(app.domain.mails_to(address).await.is_empty(), "{address}");
    }
}

#[actix_web::test]
async fn creator_whose_address_is_not_proved_mails_no_sign_in_link() {
    let app = TestApp::new();
    let eve = json!({"email": "eve@creators.example", "password": "correct horse"});
    let signed_up = app.post(ROOT, "/v2/creator/auth/register").json(&eve).send().await.json();
    let token = signed_up["accessToken"].as_str().unwrap().to_owned();
    let handle = json!({"handle": "ada", "name": "A shop"});
    let made = app.post(ROOT, "/v2/handles").bearer(&token).json(&handle).send().await;
    assert_eq!(made.status, 201);
    let bob = json!({"email": "bob@example.com"});
    assert_eq!(link(&app, &token, &bob).await.refusal(), "409 email_not_verified");
    assert!(app.domain.mails_to("bob@example.com").await.is_empty());
}

async fn person(app: &TestApp, token: &str, address: &str) -> Reply {
    let path = format!("/v2/handles/ada/people/{address}");
    app.get(ROOT, &path).bearer(token).send().await
}

fn unknown(address: &str) -> Value {
    json!({
        "email": address, "visitorId": null, "relations": [], "pageSlugs": [], "fileSlugs": [],
        "mailsStopped": false, "mailsReturned": false, "mailsUnwanted": false, "moves": [],
        "waitingMoves": [],
    })
}

#[actix_web::test]
async fn person_is_told_with_what_keeps_mails_away_and_with_changes_of_the_address() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let slug = "guide".parse().unwrap();
    let (_, page) = app.domain.pages.owned(&shop.creator, &shop.handle.name, &slug).await.unwrap();
    app.domain.give(&shop, &page, "bob@example.com").await;
    app.domain.deliver_mails().await;
    let told = person(&app, &token, "Bob%40example.com").await.json();
    let mut expected = unknown("bob@example.com");
    let visitor = app.domain.store.purchases()[0].visitor_id.to_string();
    expected["visitorId"] = json!(visitor);
    expected["relations"] = json!(["PURCHASE"]);
    expected["pageSlugs"] = json!(["guide"]);
    assert_eq!(told, expected);

    let to = json!({"from": "bob@example.com", "to": "rob@example.com"});
    let asked = app.post(ROOT, "/v2/handles/ada/people/move").bearer(&token).json(&to).send().await;
    assert_eq!(asked.status, 202);
    app.domain.mail_reports.take(&[MailReport::Bounced(email("bob@example.com"))]).await.unwrap();
    let told = person(&app, &token, "bob@example.com").await.json();
    assert_eq!((&told["mailsReturned"], &told["mailsUnwanted"]), (&json!(true), &json!(false)));
    assert_eq!(
        told["waitingMoves"],
        json!([{
            "from": "bob@example.com", "to": "rob@example.com",
            "createdAt": "2026-01-01T00:00:00Z", "expiresAt": "2026-01-08T00:00:00Z",
        }])
    );
    assert_eq!(told["moves"], json!([]));
}

#[actix_web::test]
async fn changes_of_the_address_are_told_apart_by_whether_they_were_confirmed() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let slug = "guide".parse().unwrap();
    let (_, page) = app.domain.pages.owned(&shop.creator, &shop.handle.name, &slug).await.unwrap();
    app.domain.give(&shop, &page, "bob@example.com").await;
    let ask = async |from: &str, to: &str| {
        let body = json!({"from": from, "to": to});
        let asked = app.post(ROOT, "/v2/handles/ada/people/move").bearer(&token).json(&body);
        assert_eq!(asked.send().await.status, 202, "{body}");
    };
    ask("bob@example.com", "rob@example.com").await;
    let confirmation = app.mailed_token("rob@example.com").await.parse::<Token>().unwrap();
    app.domain.clock.advance_seconds(60);
    app.domain.moves.confirm(&confirmation).await.unwrap();
    app.domain.clock.advance_seconds(60);
    ask("rob@example.com", "roy@example.com").await;
    let confirmed = json!([
        {"from": "bob@example.com", "to": "rob@example.com", "at": "2026-01-01T00:01:00Z"},
    ]);
    let waiting = json!([{
        "from": "rob@example.com", "to": "roy@example.com",
        "createdAt": "2026-01-01T00:02:00Z", "expiresAt": "2026-01-08T00:02:00Z",
    }]);
    let told = person(&app, &token, "rob@example.com").await.json();
    assert_eq!((&told["moves"], &told["waitingMoves"]), (&confirmed, &waiting), "{told}");
    let told = person(&app, &token, "bob@example.com").await.json();
    assert_eq!((&told["moves"], &told["waitingMoves"]), (&confirmed, &json!([])), "{told}");
}

#[actix_web::test]
async fn change_of_the_address_is_called_off() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let page = app.page(&shop, "guide").await;
    app.domain.give(&shop, &page, "bob+news@example.com").await;
    let body = json!({"from": "bob+news@example.com", "to": "rob@example.com"});
    let path = "/v2/handles/ada/people/move";
    let asked = app.post(ROOT, path).bearer(&token).json(&body).send().await;
    assert_eq!(asked.status, 202);
    let confirmation = app.mailed_token("rob@example.com").await.parse::<Token>().unwrap();
    // The second one finds nothing to call off.
    for from in ["bob%2Bnews%40example.com", "BOB+news@example.com"] {
        let path = format!("{path}?from={from}");
        let done = app.call(Method::DELETE, ROOT, &path).bearer(&token).send().await;
        assert_eq!((done.status.as_u16(), &*done.body), (204, ""));
        let told = person(&app, &token, "bob%2Bnews%40example.com").await.json();
        assert_eq!((&told["moves"], &told["waitingMoves"]), (&json!([]), &json!([])), "{told}");
    }
    let refused = app.domain.moves.confirm(&confirmation).await;
    assert!(matches!(refused, Err(ConfirmMoveError::Ended)), "{refused:?}");
}

#[actix_web::test]
async fn change_of_the_address_to_another_one_is_not_called_off() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let page = app.page(&shop, "guide").await;
    app.domain.give(&shop, &page, "bob@example.com").await;
    let body = json!({"from": "bob@example.com", "to": "rob+news@example.com"});
    let path = "/v2/handles/ada/people/move";
    let asked = app.post(ROOT, path).bearer(&token).json(&body).send().await;
    assert_eq!(asked.status, 202);
    // A mistyped name would not narrow what is called off.
    let mistyped = format!("{path}?from=bob%40example.com&too=rob@exmaple.com");
    let bad = app.call(Method::DELETE, ROOT, &mistyped).bearer(&token).send().await;
    assert_eq!(bad.refusal(), "422 validation_failed");
    assert_eq!(bad.json()["fields"], json!({"too": "is not known"}));
    for (to, is_waiting) in [("rob@exmaple.com", true), ("ROB+news@example.com", false)] {
        let path = format!("{path}?from=bob%40example.com&to={to}");
        let done = app.call(Method::DELETE, ROOT, &path).bearer(&token).send().await;
        assert_eq!((done.status.as_u16(), &*done.body), (204, ""));
        let told = person(&app, &token, "bob%40example.com").await.json();
        let waiting = told["waitingMoves"].as_array().unwrap();
        assert_eq!(waiting.len(), usize::from(is_waiting), "{to}: {told}");
    }
    let path = format!("{path}?from=x&to=");
    let bad = app.call(Method::DELETE, ROOT, &path).bearer(&token).send().await;
    let fields = bad.json()["fields"].as_object().unwrap().len();
    assert_eq!((&*bad.refusal(), fields), ("422 validation_failed", 2), "{}", bad.body);
}

#[actix_web::test]
async fn complaint_is_told_as_what_keeps_mails_away() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let slug = "guide".parse().unwrap();
    let (_, page) = app.domain.pages.owned(&shop.creator, &shop.handle.name, &slug).await.unwrap();
    app.domain.give(&shop, &page, "bob@example.com").await;
    app.domain.deliver_mails().await;
    let reported = [MailReport::Complained(email("bob@example.com"))];
    app.domain.mail_reports.take(&reported).await.unwrap();
    let told = person(&app, &token, "bob@example.com").await.json();
    assert_eq!((&told["mailsReturned"], &told["mailsUnwanted"]), (&json!(true), &json!(true)));
}

#[actix_web::test]
async fn somebody_without_a_relation_is_told_like_an_unknown_address() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    app.domain.sign_in("mallory@example.com").await;
    let eve = email("eve@example.com");
    let reported = [MailReport::Bounced(eve.clone()), MailReport::Complained(eve)];
    app.domain.mail_reports.take(&reported).await.unwrap();
    for address in ["mallory@example.com", "eve@example.com", "nobody@example.com"] {
        let reply = person(&app, &token, address).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (200, unknown(address)));
    }
}

#[actix_web::test]
async fn what_is_not_an_address_is_not_a_person() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    for (address, refusal) in [
        ("nobody", "422 validation_failed"),
        ("bob%40", "422 validation_failed"),
        ("move", "405 method_not_allowed"),
    ] {
        assert_eq!(person(&app, &token, address).await.refusal(), refusal, "{address}");
    }
}

//! Refunds at the button of a purchase.

use std::pin::pin;

use futures_util::FutureExt;
use tollgate_domain::payments::{DisputeProgress, PaymentsError, RefundProgress, Refusal};
use tollgate_domain_testing::{Call, Fault};

use super::{Sale, key};
use crate::{console_browser::Browser, console_pages::hidden, support::Reply};

/// Checks that a refused refund says this once, in the summary that has the focus.
fn assert_said_once(refused: &Reply, told: &str) {
    assert_eq!(refused.body.matches(told).count(), 1, "{told}: {}", refused.body);
    let summary = refused.body.split("<section class=\"summary\"").nth(1).unwrap();
    let (opening, rest) = summary.split_once('>').unwrap();
    assert!(opening.contains("tabindex=\"-1\" autofocus"), "{opening}");
    assert!(rest.split("</section>").next().unwrap().contains(told), "{rest}");
    assert!(refused.body.contains("<title>Error: "), "{}", refused.body);
}

/// What the form of a refund sends along.
fn refunding(asked: &Reply) -> [(&'static str, &str); 4] {
    ["key", "left", "email", "effect"].map(|name| (name, hidden(asked, name)))
}

#[actix_web::test]
async fn refund_names_what_happens_and_happens_once() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let asked = ada.get(&sale.refund()).await;
    for text in [
        "<h1>Refund $12.00?</h1>",
        "$12.00 goes back to bob@example.com",
        "Banks take 5 to 10 working days for it.",
        "Access to “A guide” ends now",
        "name=\"reason\"",
    ] {
        assert!(asked.body.contains(text), "{text}: {}", asked.body);
    }
    assert!(sale.is_open().await, "looking changes nothing");
    let key = key(&asked);
    let fields = [("key", &*key), ("reason", "Bought twice")];
    for _ in 0..2 {
        let done = ada.submit(&sale.refund(), &fields).await.body;
        assert!(done.contains("Refunded: $12.00, bob@example.com. The access has ended"), "{done}");
        assert!(done.contains(">Refunded</span>") && !done.contains("/refund\""));
    }
    assert_eq!(sale.refunds(), 1);
    assert!(!sale.is_open().await);
    let person = ada.get("/ada/people/person?email=bob%40example.com").await.body;
    assert!(person.contains("<q dir=\"auto\">Bought twice</q>"), "{person}");
    let again = ada.get(&sale.refund()).await.body;
    assert!(again.contains("<h1>Refunded already</h1>") && !again.contains("name=\"key\""));
    let late = ada.post(&sale.refund(), &[]).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("<h1>Refunded already</h1>"), "{}", late.body);
    assert_said_once(&late, "There is nothing left to refund.");
    assert_eq!(sale.refunds(), 1);
}

#[actix_web::test]
async fn reason_that_is_too_long_is_kept_beside_its_error() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let asked = ada.get(&sale.refund()).await;
    let reason = "<b>🪴".repeat(200);
    let reply = ada.post(&sale.refund(), &[("key", &key(&asked)), ("reason", &reason)]).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("id=\"reason-error\">Please use at most 500 characters."));
    assert!(reply.body.contains("<p id=\"summary\">Please look at this again</p>"));
    assert!(reply.body.contains(&"&#60;b&#62;🪴".repeat(200)) && key(&reply) == key(&asked));
    assert_eq!(sale.refunds(), 0);
}

#[actix_web::test]
async fn refund_that_stripe_does_not_make_is_explained_on_its_page() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let key = key(&ada.get(&sale.refund()).await);
    let fields = [("key", &*key)];
    let refused = |refusal, message: &str| {
        Fault::BeforeEffect(PaymentsError::Refused { refusal, message: message.to_owned() })
    };
    for (refusal, told) in [
        (Refusal::InsufficientBalance, "Your balance at Stripe is too low"),
        (Refusal::AccountDisconnected, "Refund it in the dashboard of that account at Stripe."),
        (Refusal::AccountRestricted, "Stripe has restricted your account"),
        (Refusal::Disputed, "The bank decides"),
        (Refusal::WithMessage, "Stripe’s answer: 400 &#60;no&#62;"),
        (Refusal::Other, "Stripe’s answer: 400 &#60;no&#62;"),
    ] {
        sale.app.domain.payments.fail_next(Call::Refund, refused(refusal, "400 <no>"));
        let reply = ada.post(&sale.refund(), &fields).await;
        assert_eq!(reply.status, 422, "{refusal:?}");
        assert!(reply.body.contains(told) && reply.body.contains("Error:"), "{}", reply.body);
        // There is nothing that was mistyped.
        let heading = "<p id=\"summary\">The refund was not made</p>";
        assert!(reply.body.contains(heading), "{}", reply.body);
        assert!(sale.is_open().await, "{refusal:?}");
    }
    sale.app.domain.payments.set_down(true);
    let away = ada.post(&sale.refund(), &fields).await;
    assert_eq!(away.status, 422);
    assert!(away.body.contains("Stripe did not answer") && sale.is_open().await, "{}", away.body);
    assert_said_once(&away, "You can press the button again; the money is refunded only once.");
    let heading = "<p id=\"summary\">It is not certain whether the refund was made</p>";
    assert!(away.body.contains(heading), "{}", away.body);
    sale.app.domain.payments.set_down(false);
    let underway = ada.get(&sale.refund()).await;
    assert!(underway.body.contains("A refund is under way"), "{}", underway.body);
    ada.submit(&sale.refund(), &fields).await;
    assert_eq!(sale.refunds(), 1);
    assert!(!sale.is_open().await);
}

#[actix_web::test]
async fn error_of_a_refund_names_no_field_that_is_not_on_the_screen() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let long = "x".repeat(501);
    let open = ada.post(&sale.refund(), &[("reason", &*long)]).await;
    assert!(open.status == 422 && open.body.contains("id=\"reason-error\""), "{}", open.body);
    let bob = sale.app.domain.visitor(&sale.bob).await;
    sale.app.domain.refund(&sale.shop, &sale.page, &bob).await.unwrap();
    let over = ada.post(&sale.refund(), &[("reason", &*long)]).await;
    assert!(over.status == 422 && over.body.contains("nothing left to refund"), "{}", over.body);
    assert!(!over.body.contains("#reason") && !over.body.contains("reason-error"), "{}", over.body);
}

#[actix_web::test]
async fn refund_that_fails_at_once_can_be_tried_again() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    sale.app.domain.payments.set_refund_progress(RefundProgress::Failed);
    let first = key(&ada.get(&sale.refund()).await);
    let failed = ada.post(&sale.refund(), &[("key", &first), ("reason", "Why not")]).await;
    assert_eq!(failed.status, 422);
    assert!(failed.body.contains("could not carry it out") && failed.body.contains("Why not"));
    assert!(sale.is_open().await);
    let second = key(&failed);
    assert_ne!(first, second);
    sale.app.domain.payments.set_refund_progress(RefundProgress::Pending);
    ada.submit(&sale.refund(), &[("key", &second)]).await;
    assert!(!sale.is_open().await);
}

#[actix_web::test]
async fn refund_that_failed_later_is_told_until_the_next_one() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let (app, told) = (&sale.app.domain, "could not carry it out");
    let asked = ada.get(&sale.refund()).await;
    assert!(!asked.body.contains(told));
    ada.submit(&sale.refund(), &[("key", &key(&asked))]).await;
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    let (refund, _) = app.payments.refunds_of(payment).remove(0);
    app.clock.advance_seconds(60);
    app.payments.fail_refund(&refund);
    app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    let failed = ada.get(&sale.refund()).await;
    assert_eq!(failed.body.matches(told).count(), 1, "{}", failed.body);
    assert!(failed.status == 200 && failed.body.contains("<h1>Refund $12.00?</h1>"));
    let mark = ">Refund failed</span>";
    assert!(ada.get("/ada/purchases").await.body.contains(mark));
    app.clock.advance_seconds(60);
    app.payments.refund_in_dashboard(payment, 500).unwrap();
    app.deliver_webhooks().await;
    assert!(!ada.get(&sale.refund()).await.body.contains(told));
    let list = ada.get("/ada/purchases").await.body;
    assert!(!list.contains(mark), "{list}");
}

#[actix_web::test]
async fn part_that_was_refunded_is_left_out() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    sale.app.domain.payments.refund_in_dashboard(payment, 500).unwrap();
    sale.app.domain.deliver_webhooks().await;
    let asked = ada.get(&sale.refund()).await;
    assert!(asked.body.contains("<h1>Refund $7.00?</h1>"), "{}", asked.body);
    assert!(asked.body.contains("<dd>$5.00</dd>"));
    assert!(ada.get("/ada/purchases").await.body.contains("$5.00 refunded"));
    let done = ada.submit(&sale.refund(), &[("key", &key(&asked))]).await.body;
    assert!(done.contains("Refunded: $7.00, bob@example.com."), "{done}");
}

#[actix_web::test]
async fn no_more_is_refunded_than_the_screen_showed() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    let part = sale.app.domain.payments.refund_in_dashboard(payment, 500).unwrap();
    sale.app.domain.deliver_webhooks().await;
    let asked = ada.get(&sale.refund()).await;
    assert!(asked.body.contains("<h1>Refund $7.00?</h1>"), "{}", asked.body);
    sale.app.domain.clock.advance_seconds(60);
    sale.app.domain.payments.fail_refund(&part);
    sale.app.domain.deliver_webhooks().await;
    let names = ["key", "left", "email"];
    let shown = names.map(|name| (name, hidden(&asked, name)));
    let fields = [&shown[..], &[("reason", "Late")]].concat();
    let refused = ada.post(&sale.refund(), &fields).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("<h1>Refund $12.00?</h1>"), "{}", refused.body);
    assert!(refused.body.contains("This was changed in the meantime."), "{}", refused.body);
    assert!(refused.body.contains("value=\"Late\""), "{}", refused.body);
    // Why there is more to refund; and an answer that is lost is not taken for that to an earlier press.
    assert!(refused.body.contains("could not carry it out"), "{}", refused.body);
    assert_ne!(key(&refused), key(&asked));
    assert_eq!(sale.refunds(), 1);
    let fields = names.map(|name| (name, hidden(&refused, name)));
    for _ in 0..2 {
        let done = ada.submit(&sale.refund(), &fields).await.body;
        assert!(done.contains("Refunded: $12.00, bob@example.com."), "{done}");
    }
    assert_eq!(sale.refunds(), 2);
}

#[actix_web::test]
async fn part_whose_refund_failed_without_an_event_is_not_refunded_unasked() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let app = &sale.app.domain;
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    let part = app.payments.refund_in_dashboard(payment, 500).unwrap();
    app.deliver_webhooks().await;
    let asked = ada.get(&sale.refund()).await;
    assert!(asked.body.contains("<h1>Refund $7.00?</h1>"), "{}", asked.body);
    app.clock.advance_seconds(60);
    app.payments.fail_refund(&part);
    let names = ["key", "left", "email"];
    let shown = names.map(|name| (name, hidden(&asked, name)));
    let refused = ada.post(&sale.refund(), &shown).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    for told in ["<h1>Refund $12.00?</h1>", "This was changed in the meantime."] {
        assert!(refused.body.contains(told), "{told}: {}", refused.body);
    }
    assert_eq!(sale.refunds(), 1);
    assert!(sale.is_open().await);
    let fields = names.map(|name| (name, hidden(&refused, name)));
    let done = ada.submit(&sale.refund(), &fields).await.body;
    assert!(done.contains("Refunded: $12.00, bob@example.com."), "{done}");
}

#[actix_web::test]
async fn refund_of_what_moved_to_another_address_is_asked_again() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let asked = ada.get(&sale.refund()).await;
    sale.moves_to("rob@example.com").await;
    let names = ["key", "left", "email"];
    let fields = names.map(|name| (name, hidden(&asked, name)));
    let refused = ada.post(&sale.refund(), &fields).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("$12.00 goes back to rob@example.com"), "{}", refused.body);
    assert_eq!(sale.refunds(), 0);
    let fields = names.map(|name| (name, hidden(&refused, name)));
    let done = ada.submit(&sale.refund(), &fields).await.body;
    assert!(done.contains("Refunded: $12.00, rob@example.com."), "{done}");
}

#[actix_web::test]
async fn who_can_refund_nothing_any_more_is_asked_to_press_no_button() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let asked = ada.get(&sale.refund()).await;
    sale.moves_to("rob@example.com").await;
    let now = ada.get(&sale.refund()).await;
    let names = ["key", "left", "email"];
    ada.submit(&sale.refund(), &names.map(|name| (name, hidden(&now, name)))).await;
    let fields = names.map(|name| (name, hidden(&asked, name)));
    let refused = ada.post(&sale.refund(), &fields).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    for told in ["The refund was not made", "There is nothing left to refund."] {
        assert!(refused.body.contains(told), "{told}: {}", refused.body);
    }
    assert_said_once(&refused, "There is nothing left to refund.");
    assert!(!refused.body.contains("press the button again"), "{}", refused.body);
    assert_eq!(sale.refunds(), 1);
}

/// The other one comes at each moment between what the button learns and the screen that answers it.
#[actix_web::test]
async fn who_saw_too_little_is_asked_to_press_no_button_once_all_is_refunded() {
    for polls in 0.. {
        let sale = Sale::new().await;
        let ada = Browser::of(&sale.app, "ada").await;
        let (app, path) = (&sale.app.domain, sale.refund());
        let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
        let part = app.payments.refund_in_dashboard(payment, 500).unwrap();
        app.deliver_webhooks().await;
        let asked = ada.get(&path).await;
        app.clock.advance_seconds(60);
        app.payments.fail_refund(&part);
        let bob = app.visitor(&sale.bob).await;
        let fields = refunding(&asked);
        let mut press = pin!(ada.post(&path, &fields));
        while app.store.purchases()[0].left() < 1_200 {
            assert!(press.as_mut().now_or_never().is_none());
        }
        for _ in 0..polls {
            assert!(press.as_mut().now_or_never().is_none());
        }
        let mut other = pin!(app.refund(&sale.shop, &sale.page, &bob));
        // It goes first, and waits only for what holds it up.
        let refunded = loop {
            if let Some(refunded) = (0..1_000).find_map(|_| other.as_mut().now_or_never()) {
                break refunded;
            }
            assert!(press.as_mut().now_or_never().is_none());
        };
        assert!(refunded.is_ok(), "{polls}: {refunded:?}");
        let answer = press.await;
        let is_asked = answer.body.contains("press the button again");
        assert_eq!(is_asked, answer.body.contains("name=\"key\""), "{polls}: {answer:?}");
        if answer.status == 409 {
            break;
        }
    }
}

#[actix_web::test]
async fn other_purchase_of_the_page_keeps_it_open() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    sale.app.domain.give(&sale.shop, &sale.page, "bob@example.com").await;
    let asked = ada.get(&sale.refund()).await;
    assert!(asked.body.contains("Access to “A guide” stays"), "{}", asked.body);
    let done = ada.submit(&sale.refund(), &[("key", &key(&asked))]).await.body;
    let stays = "The access stays, because of another purchase or a gift of the same page.";
    assert!(done.contains(stays), "{done}");
    assert!(sale.is_open().await);
}

#[actix_web::test]
async fn refund_that_would_do_something_else_to_the_access_is_asked_again() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let (stays, ends) = ("Access to “A guide” stays", "Access to “A guide” ends now");
    let asked = ada.get(&sale.refund()).await;
    assert!(asked.body.contains(ends), "{}", asked.body);
    let given = sale.app.domain.give(&sale.shop, &sale.page, "bob@example.com").await;
    let kept = ada.post(&sale.refund(), &refunding(&asked)).await;
    assert!(kept.status == 409 && kept.body.contains(stays), "{}", kept.body);
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let grants = &sale.app.domain.grants;
    grants.revoke(creator, name, &sale.page.slug, given.grant.id).await.unwrap();
    let ended = ada.post(&sale.refund(), &refunding(&kept)).await;
    assert_eq!(ended.status, 409, "{}", ended.body);
    for told in [ends, "This was changed in the meantime.", "<title>Error: "] {
        assert!(ended.body.contains(told), "{told}: {}", ended.body);
    }
    assert!(sale.refunds() == 0 && sale.is_open().await);
    let fields = refunding(&ended);
    for _ in 0..2 {
        let done = ada.submit(&sale.refund(), &fields).await.body;
        assert!(done.contains("Refunded: $12.00, bob@example.com."), "{done}");
        // What comes later does not make another press of the same button a new one.
        sale.app.domain.give(&sale.shop, &sale.page, "bob@example.com").await;
    }
    assert_eq!(sale.refunds(), 1);
}

/// The bank took back a part, which ended the access. What is left is less than the screen showed.
#[actix_web::test]
async fn refund_that_ends_no_access_any_more_is_asked_again() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let asked = ada.get(&sale.refund()).await;
    assert!(asked.body.contains("Access to “A guide” ends now"), "{}", asked.body);
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    sale.app.domain.payments.dispute_part(payment, 500, DisputeProgress::Lost).unwrap();
    sale.app.domain.deliver_webhooks().await;
    let ended = ada.post(&sale.refund(), &refunding(&asked)).await;
    assert_eq!(ended.status, 409, "{}", ended.body);
    for told in [
        "<h1>Refund $7.00?</h1>",
        "Access to “A guide” has ended already.",
        "This was changed in the meantime.",
    ] {
        assert!(ended.body.contains(told), "{told}: {}", ended.body);
    }
    assert_eq!(sale.refunds(), 0);
    let done = ada.submit(&sale.refund(), &refunding(&ended)).await.body;
    assert!(done.contains("Refunded: $7.00, bob@example.com."), "{done}");
    assert_eq!(sale.refunds(), 1);
}

#[actix_web::test]
async fn gift_has_nothing_to_refund() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let gift = sale.app.domain.give(&sale.shop, &sale.page, "carol@example.com").await.grant;
    let path = format!("/ada/purchases/{}/refund", gift.id);
    let asked = ada.get(&path).await.body;
    assert!(asked.contains("<h1>Nothing to refund</h1>"), "{asked}");
    assert!(asked.contains("href=\"/ada/people/person?email=carol%40example.com\""));
    let reply = ada.post(&path, &[]).await;
    assert_eq!(reply.status, 422);
    assert_said_once(&reply, "This access was given away");
}

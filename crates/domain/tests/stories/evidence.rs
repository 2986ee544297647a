//! Disputes as their creator sees them, and the views that are evidence.

mod moved;

use tollgate_domain::{
    access::{AccessStatus, Reason, Recording, ViewerClaim},
    activity::ActivityKind,
    checkout::ReceiptError,
    clock::Clock,
    disputes::DisputeCase,
    files::{FileAccess, NewFile},
    paging::PageRequest,
    payments::{DisputeProgress, DisputeStage},
    version::BasedOn,
    visitor_auth::{Browser, LinkRequest},
};
use tollgate_domain_testing::{TestApp, a_page, email};

use crate::{
    BOB, Sale,
    files::{new_file, upload},
};

impl Sale {
    async fn case(&self, id: tollgate_domain::id::PurchaseId) -> Option<DisputeCase> {
        let cases = &self.app.dispute_cases;
        cases.of_purchase(&self.shop.creator, &self.shop.handle.name, id).await.unwrap()
    }

    async fn look(&self, recording: Recording) -> Reason {
        let claim = ViewerClaim { session: Some(self.bob.hash()), creator: None, recording };
        let (name, slug) = (self.shop.handle.name.clone(), self.page.slug.clone());
        self.app.gate.view(name, slug, claim).await.unwrap().reason
    }

    async fn history(&self) -> Vec<AccessStatus> {
        let visitor = self.app.visitor(&self.bob).await;
        let history = self.app.gate.history(visitor.id, &PageRequest::default()).await.unwrap();
        history.items.iter().map(|row| row.status).collect()
    }
}

/// Signs somebody in on the way to the page.
async fn sign_in_at_the_page(sale: &Sale, address: &str) {
    let (app, name) = (&sale.app, &sale.shop.handle.name);
    let place = format!("http://{name}.tollgate.localhost:8080/{}", sale.page.slug);
    let request = LinkRequest {
        email: email(address),
        return_to: Some(&place),
        handle: Some(name),
        client: "192.0.2.7",
        browser: None,
        language: None,
    };
    app.sign_in.request_link(request).await.unwrap();
    app.deliver_mails().await;
    let (token, _) = app.link_mailed_to(address);
    app.sign_in.redeem_token(&token, &Browser::default()).await.unwrap();
}

#[pollster::test]
async fn a_dispute_comes_with_what_the_buyer_did() {
    let mut sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    assert_eq!(sale.case(bought.id).await, None);
    sale.app.clock.advance_seconds(60);
    sign_in_at_the_page(&sale, BOB).await;
    for _ in 0..3 {
        sale.app.clock.advance_seconds(60);
        assert_eq!(sale.look(Recording::Later).await, Reason::Entitled);
    }
    let other = sale.app.page(&sale.shop, a_page().paid(900, "usd").published()).await;
    sale.app.buy(&sale.shop, &other, &sale.bob).await;
    let first = std::mem::replace(&mut sale.page, other);
    sale.look(Recording::Later).await;
    sale.page = first;
    sale.app.gate.views().store().await.unwrap();
    let payment = bought.payment.clone().unwrap().payment_intent;
    let dispute = sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;

    let case = sale.case(bought.id).await.unwrap();
    assert_eq!((&case.dispute.id, case.dispute.stage), (&dispute, DisputeStage::NeedsResponse));
    assert!(case.dispute.respond_by.is_some_and(|until| until > case.dispute.opened_at));
    assert_eq!(case.dispute.amount, bought.payment.unwrap().paid);
    let done: Vec<_> =
        case.activity.iter().map(|it| (it.kind, it.subject.as_str(), it.count)).collect();
    let slug = sale.page.slug.as_str();
    // The sign-in that the purchase was made with counts, too, although it was for no page.
    assert_eq!(done, [(ActivityKind::SignedIn, "", 2), (ActivityKind::Viewed, slug, 3)]);

    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    sale.app.deliver_webhooks().await;
    let case = sale.case(bought.id).await.unwrap();
    assert_eq!(case.dispute.progress, DisputeProgress::Lost);
    assert_eq!(case.dispute.stage, DisputeStage::Closed);
}

/// It led to no page: the visitor pressed "Sign in" on the storefront.
#[pollster::test]
async fn a_sign_in_on_the_host_of_a_handle_is_evidence_for_its_creator() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let other = sale.app.shop("eve").await.handle.name;
    for name in [&sale.shop.handle.name, &other] {
        sale.app.clock.advance_seconds(60);
        let (token, _) = sale.app.request_link(BOB).await;
        let browser = Browser { handle: Some(name.clone()), ..Browser::default() };
        sale.app.sign_in.redeem_token(&token, &browser).await.unwrap();
    }
    let payment = bought.payment.unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    let done = sale.case(bought.id).await.unwrap().activity;
    let done: Vec<_> = done.iter().map(|it| (it.kind, it.count)).collect();
    // The first one is that of the purchase.
    assert_eq!(done, [(ActivityKind::SignedIn, 2)]);
}

#[pollster::test]
async fn a_dispute_comes_with_what_the_buyer_downloaded_and_when() {
    let sale = Sale::new().await;
    let page_slug = Some(sale.page.slug.clone());
    let new = NewFile { page_slug, ..new_file("workbook", FileAccess::Page) };
    let file = upload(&sale.app, &sale.shop, new).await;
    let download = async |recording: Recording| {
        let claim = ViewerClaim { session: Some(sale.bob.hash()), creator: None, recording };
        let name = sale.shop.handle.name.clone();
        sale.app.downloads.admit(name, file.slug.clone(), claim).await
    };
    assert!(download(Recording::Now).await.is_err(), "it is not paid for");
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let mut times = Vec::new();
    for recording in [Recording::Now, Recording::Later, Recording::Never] {
        sale.app.clock.advance_seconds(60);
        download(recording).await.unwrap();
        times.push(sale.app.clock.now());
    }
    sale.app.gate.views().store().await.unwrap();
    let payment = bought.payment.unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    let activity = sale.case(bought.id).await.unwrap().activity;
    let downloads = activity.iter().filter(|it| it.kind == ActivityKind::Downloaded);
    let downloads: Vec<_> =
        downloads.map(|it| (it.subject.as_str(), it.count, it.first_at, it.last_at)).collect();
    assert_eq!(downloads, [("workbook", 2, times[0], times[1])]);
}

#[pollster::test]
async fn an_inquiry_is_shown_and_told_and_changes_nothing() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.mailer.clear();
    let payment = bought.payment.clone().unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    let case = sale.case(bought.id).await.unwrap();
    assert_eq!(case.dispute.progress, DisputeProgress::Inquiry);
    assert_eq!(sale.mails_to(crate::ADA).await, ["inquiry"]);
}

#[pollster::test]
async fn a_dispute_is_shown_to_the_seller_alone() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = bought.payment.unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    let eve = sale.app.shop("eve").await;
    let cases = &sale.app.dispute_cases;
    let refused = cases.of_purchase(&eve.creator, &eve.handle.name, bought.id).await;
    assert!(matches!(refused, Err(ReceiptError::NotFound)), "{refused:?}");
    let refused = cases.of_purchase(&eve.creator, &sale.shop.handle.name, bought.id).await;
    assert!(matches!(refused, Err(ReceiptError::HandleNotFound)), "{refused:?}");
}

#[pollster::test]
async fn a_first_view_is_recorded_now_later_or_never() {
    for (recording, at_once, once_stored) in [
        (Recording::Now, 1, 1),
        (Recording::Later, 0, 1),
        (Recording::PaidOnly, 0, 0),
        (Recording::Never, 0, 0),
    ] {
        let app = TestApp::new();
        let mut sale = Sale::in_app(app).await;
        sale.page = sale.app.page(&sale.shop, a_page().free_with_login().published()).await;
        for _ in 0..2 {
            assert_eq!(sale.look(recording).await, Reason::Entitled);
        }
        assert_eq!(sale.history().await.len(), at_once, "{recording:?}");
        sale.app.gate.views().store().await.unwrap();
        assert_eq!(sale.history().await.len(), once_stored, "{recording:?}");
    }
}

#[pollster::test]
async fn a_view_of_what_was_paid_for_is_recorded_now_if_wanted() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = bought.payment.clone().unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
    sale.app.deliver_webhooks().await;
    let views = async || {
        let activity = sale.case(bought.id).await.unwrap().activity;
        activity.iter().filter(|it| it.kind == ActivityKind::Viewed).map(|it| it.count).sum::<i64>()
    };
    sale.look(Recording::Later).await;
    assert_eq!(views().await, 0);
    sale.look(Recording::PaidOnly).await;
    sale.look(Recording::Never).await;
    sale.look(Recording::Now).await;
    assert_eq!(views().await, 3, "they are stored with the last");
}

#[pollster::test]
async fn many_views_are_stored_in_parts_and_all_of_them() {
    let mut sale = Sale::in_app(TestApp::new()).await;
    sale.page = sale.app.page(&sale.shop, a_page().free_with_login().published()).await;
    let mut visitors = Vec::new();
    for number in 0..650 {
        // One client asks for so many links.
        sale.app.clock.advance_seconds(1);
        sale.bob = sale.app.sign_in(&format!("reader-{number}@example.com")).await;
        assert_eq!(sale.look(Recording::Later).await, Reason::Entitled);
        visitors.push(sale.app.visitor(&sale.bob).await.id);
    }
    sale.app.gate.views().store().await.unwrap();
    for visitor in visitors {
        let history = sale.app.gate.history(visitor, &PageRequest::default()).await.unwrap();
        assert_eq!(history.items.len(), 1);
    }
}

/// Others wait for no store that is busy.
#[pollster::test]
async fn a_first_view_waits_for_its_own_session_only() {
    let mut sale = Sale::in_app(TestApp::new()).await;
    sale.page = sale.app.page(&sale.shop, a_page().free_with_login().published()).await;
    let other = sale.app.sign_in("other@example.com").await;
    assert_eq!(sale.look(Recording::Later).await, Reason::Entitled);
    let views = sale.app.gate.views();
    assert!(views.has_first_view_of(sale.bob.hash()));
    assert!(!views.has_first_view_of(other.hash()));
    views.store().await.unwrap();
    assert!(!views.has_first_view_of(sale.bob.hash()));
}

/// What cannot be stored of them does not fail it.
#[pollster::test]
async fn a_decision_stores_nobody_elses_views() {
    let mut sale = Sale::in_app(TestApp::new()).await;
    sale.page = sale.app.page(&sale.shop, a_page().free_with_login().published()).await;
    let other = Sale { bob: sale.app.sign_in("other@example.com").await, ..sale.clone() };
    assert_eq!(other.look(Recording::Later).await, Reason::Entitled);
    assert_eq!(sale.look(Recording::Now).await, Reason::Entitled);
    assert_eq!((sale.history().await.len(), other.history().await.len()), (1, 0));
    let views = sale.app.gate.views();
    assert!(views.has_first_view_of(other.bob.hash()));
    assert!(!views.has_first_view_of(sale.bob.hash()));
    views.store().await.unwrap();
    assert_eq!(other.history().await.len(), 1);
}

/// A bank reads them.
#[pollster::test]
async fn a_view_that_may_be_stored_is_not_counted_again() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = bought.payment.clone().unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
    sale.app.deliver_webhooks().await;
    sale.look(Recording::Later).await;
    sale.app.store.lose_answer_of_next_commit();
    assert!(sale.app.gate.views().store().await.is_err());
    sale.app.gate.views().store().await.unwrap();
    let activity = sale.case(bought.id).await.unwrap().activity;
    let views = activity.iter().filter(|it| it.kind == ActivityKind::Viewed);
    assert_eq!(views.map(|it| it.count).sum::<i64>(), 1);
}

#[pollster::test]
async fn dispute_at_an_account_that_is_gone_is_not_heard_of() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = bought.payment.unwrap();
    sale.app.payments.dispute(&payment.payment_intent, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let awaited = async || {
        let disputes = sale.app.reports.attention(creator, name, 9).await.unwrap().disputes;
        disputes.into_iter().map(|awaited| awaited.is_connected).collect::<Vec<_>>()
    };
    assert!(sale.case(bought.id).await.unwrap().is_connected);
    assert_eq!(awaited().await, [true]);
    sale.app.payments.deauthorize(&payment.account);
    sale.app.deliver_webhooks().await;
    assert!(!sale.case(bought.id).await.unwrap().is_connected);
    assert_eq!(awaited().await, [false]);
}

#[pollster::test]
async fn no_view_is_lost_wherever_the_store_fails() {
    let mut passes = 0;
    loop {
        let mut sale = Sale::in_app(TestApp::new()).await;
        let pages = [(); 3].map(|()| a_page().free_with_login().published());
        let mut slugs = Vec::new();
        for page in pages {
            sale.page = sale.app.page(&sale.shop, page).await;
            assert_eq!(sale.look(Recording::Later).await, Reason::Entitled);
            slugs.push(sale.page.slug.clone());
        }
        // A view of a page that is gone is not recorded, and the others are recorded one by one.
        let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
        sale.app.pages.delete(creator, name, &slugs[1], &BasedOn::Any).await.unwrap();
        sale.app.store.fail_after(passes);
        let first = sale.app.gate.views().store().await;
        let was_late = sale.app.store.heal();
        assert_eq!(first.is_ok(), was_late, "at {passes}: {first:?}");
        sale.app.gate.views().store().await.unwrap();
        assert_eq!(sale.history().await.len(), 2, "at {passes}");
        if was_late {
            break;
        }
        passes += 1;
    }
    assert!(passes > 4, "the store failed at {passes} places");
}

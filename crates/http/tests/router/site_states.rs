//! What visitors are told whose payment did not open a page, or does so no longer: in every state, signed in, and signed out
//! with the address typed again.

use serde_json::json;
use tollgate_domain::{files::FileAccess, payments::DisputeProgress, token::Token};
use tollgate_domain_testing::slug;

use crate::{
    site_browser::Window,
    site_files::upload,
    site_gate::way_back,
    support::{ADA, ROOT, TestApp},
};

const BOB: &str = "bob@example.com";

/// What became of Bob's access to the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Suspended,
    DisputeLost,
    Refunded,
    TakenBack,
    Quarantined,
    LeftUnmatched,
    Pending,
    Failed,
}

impl State {
    const ALL: [Self; 8] = [
        Self::Suspended,
        Self::DisputeLost,
        Self::Refunded,
        Self::TakenBack,
        Self::Quarantined,
        Self::LeftUnmatched,
        Self::Pending,
        Self::Failed,
    ];

    fn text(self) -> &'static str {
        match self {
            Self::Suspended => "Your access is paused",
            Self::DisputeLost => "the seller lost the dispute",
            Self::Refunded => "Your payment was refunded",
            Self::TakenBack => "The access that you were given has ended",
            Self::Quarantined => "does not match the order",
            Self::LeftUnmatched => "It has not been refunded so far",
            Self::Pending => "your bank is working on it",
            Self::Failed => "your bank did not carry it out",
        }
    }

    /// Whether the page can be bought again.
    fn may_pay(self) -> bool {
        !matches!(self, Self::Suspended | Self::Quarantined | Self::Pending)
    }

    /// The shop, in which this became of it, and Bob's session.
    async fn bring_about(self) -> (TestApp, Token) {
        let app = TestApp::new();
        let shop = app.shop().await;
        upload(&app, &shop, "workbook", FileAccess::Page, Some(slug("guide"))).await;
        let together = json!({
            "slug": "together", "title": "Together", "description": "", "pageSlug": "guide",
            "price": {"amount": 500, "currency": "usd"}, "targetQuantity": 2,
        });
        let call = app.post(ROOT, "/v2/handles/ada/group-buys").bearer(&app.token("ada").await);
        assert_eq!(call.json(&together).send().await.status, 201);
        let page = app.page(&shop, "guide").await;
        let bob = app.domain.sign_in(BOB).await;
        match self {
            Self::Suspended | Self::DisputeLost => {
                let purchase = app.domain.buy(&shop, &page, &bob).await;
                let intent = purchase.payment.unwrap().payment_intent;
                let dispute = app.domain.payments.dispute(&intent, DisputeProgress::Open).unwrap();
                app.domain.deliver_webhooks().await;
                if self == Self::DisputeLost {
                    app.domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
                    app.domain.deliver_webhooks().await;
                }
            }
            Self::Refunded => {
                app.domain.buy(&shop, &page, &bob).await;
                let visitor = app.domain.visitor(&bob).await;
                app.domain.refund(&shop, &page, &visitor).await.unwrap();
            }
            Self::TakenBack => {
                let gift = app.domain.give(&shop, &page, BOB).await.grant.id;
                let (creator, handle) = (&shop.creator, &shop.handle.name);
                app.domain.grants.revoke(creator, handle, &page.slug, gift).await.unwrap();
            }
            Self::Quarantined | Self::LeftUnmatched | Self::Pending | Self::Failed => {
                self.pay(&app, &bob).await;
            }
        }
        (app, bob)
    }

    /// Bob pays, and this becomes of the payment.
    async fn pay(self, app: &TestApp, bob: &Token) {
        let window = Window::of(app, ADA, bob);
        let hosted = window.begin_to_pay("/guide").await;
        if matches!(self, Self::Quarantined | Self::LeftUnmatched) {
            app.domain.payments.pay(&hosted).unwrap();
            app.domain.payments.tamper(&hosted, |state| state.amount = 1_100);
        } else {
            app.domain.payments.pay_later(&hosted).unwrap();
        }
        window.get(&way_back(app)).await;
        if self == Self::LeftUnmatched {
            app.domain.clock.advance_seconds(3 * 24 * 3_600);
        }
        if self == Self::Failed {
            app.domain.deliver_webhooks().await;
            app.domain.payments.fail_payment(&hosted);
            app.domain.deliver_webhooks().await;
        }
    }
}

/// Signs in at the gate of the guide.
async fn sign_in_at_gate(app: &TestApp, window: &Window<'_>) {
    let typed = [("on", "page"), ("email", BOB), ("returnTo", "/guide")];
    assert_eq!(window.post("/-/sign-in", &typed).await.status, 303);
    app.domain.deliver_mails().await;
    let (_, code) = app.domain.link_mailed_to(BOB);
    let entered = window.post("/-/code", &[("email", BOB), ("code", code.reveal())]).await;
    assert_eq!(entered.status, 303);
    // Not on to the pay page.
    assert!(entered.header("location").ends_with("/guide"), "{entered:?}");
}

#[actix_web::test]
async fn visitor_who_cannot_read_what_was_paid_for_is_told_why() {
    for state in State::ALL {
        let (app, bob) = state.bring_about().await;
        let again = Window::new(&app, ADA);
        let gate = again.get("/guide").await.body;
        assert!(gate.contains("name=\"email\""), "{state:?}: {gate}");
        assert!(!gate.contains(state.text()), "{state:?}, told to a stranger: {gate}");
        app.domain.clock.advance_seconds(60);
        sign_in_at_gate(&app, &again).await;
        for window in [Window::of(&app, ADA, &bob), again] {
            let gate = window.get("/guide").await.body;
            assert_eq!(gate.matches(state.text()).count(), 1, "{state:?}: {gate}");
            assert_eq!(gate.contains("Buy for $12.00"), state.may_pay(), "{state:?}: {gate}");
            assert!(!gate.contains("name=\"email\""), "{state:?}: {gate}");
            let file = window.get("/-/files/workbook").await.body;
            assert_eq!(file.matches(state.text()).count(), 1, "{state:?}: {file}");
            assert!(!file.contains("<form method=\"post\" action=\"/-/sign-in\""), "{file}");
            // A group buy leads to a payment, which has to wait.
            let together = window.get("/-/group-buys/together").await.body;
            let is_told = together.contains(state.text());
            assert_eq!(is_told, !state.may_pay(), "{state:?}: {together}");
        }
    }
}

//! "My access": the group buys that a visitor joined.

use tollgate_domain::{
    creators::{Page, PageChange, PageStatus},
    payments::{AccountState, DisputeProgress},
    token::Token,
    version::BasedOn,
};
use tollgate_domain_testing::{Shop, a_group_buy, a_page, at, money};

use crate::{
    site_browser::Window,
    support::{ADA, ROOT, TestApp},
};

const ADDRESS: &str = "href=\"http://ada.tollgate.localhost:8080/-/group-buys/together\"";

/// A shop with a group buy that Bob joined.
struct Group {
    app: TestApp,
    shop: Shop,
    page: Page,
    bob: Token,
}

impl Group {
    async fn new() -> Self {
        let app = TestApp::new();
        let shop = app.shop().await;
        let page = a_page().slug("book").paid(1_200, "usd").published();
        let page = app.domain.page(&shop, page).await;
        let together = a_group_buy(&page).slug("together").target(2).deadline(at(86_400 * 3));
        let (creator, name) = (&shop.creator, &shop.handle.name);
        app.domain.group_buys.create(creator, name, together.new_group_buy()).await.unwrap();
        let bob = app.domain.sign_in("bob@example.com").await;
        let group = Self { app, shop, page, bob };
        group.join(&group.bob, "1").await;
        group
    }

    /// The same after Bob took all of it and the offer began.
    async fn active() -> Self {
        let group = Self::new().await;
        group.join(&group.bob, "2").await;
        group.activate().await;
        group
    }

    async fn join(&self, who: &Token, quantity: &str) {
        let fields = [("quantity", quantity), ("do", "join")];
        let window = Window::of(&self.app, ADA, who);
        window.submit("/-/group-buys/together/interest", &fields).await;
    }

    async fn activate(&self) {
        let (creator, name) = (&self.shop.creator, &self.shop.handle.name);
        let slug = "together".parse().unwrap();
        let group_buys = &self.app.domain.group_buys;
        group_buys.activate(creator, name, &slug, &BasedOn::Any).await.unwrap();
    }

    /// The section, or nothing if there is none.
    async fn listed(&self, who: &Token, language: &'static str) -> String {
        let page = Window::of(&self.app, ROOT, who).speaking(language).get("/access").await;
        assert_eq!(page.status, 200);
        let section = page.body.split("aria-labelledby=\"joined\"").nth(1);
        let section = section.and_then(|rest| rest.split("</section>").next());
        section.map(ToOwned::to_owned).unwrap_or_default()
    }
}

#[actix_web::test]
async fn group_buys_that_go_on_say_what_they_wait_for() {
    let group = Group::new().await;
    let carol = group.app.domain.sign_in("carol@example.com").await;
    assert_eq!(group.listed(&carol, "en").await, "");
    let open = group.listed(&group.bob, "en").await;
    for part in [ADDRESS, "$9.00", "Waits for more people.", "3 days left", "4 Jan 2026, 00:00 UTC"]
    {
        assert!(open.contains(part), "{part}: {open}");
    }
    assert!(!open.contains("Buy for"), "{open}");
    group.join(&carol, "1").await;
    let reached = group.listed(&group.bob, "en").await;
    assert!(reached.contains("it is up to the seller now"), "{reached}");
    group.activate().await;
    let active = group.listed(&group.bob, "en").await;
    for part in [ADDRESS, "you can pay the group price", "7 days left", ">Buy for $9.00</a>"] {
        assert!(active.contains(part), "{part}: {active}");
    }
    let german = group.listed(&group.bob, "de").await;
    assert!(german.contains("Sie können den Gruppenpreis bezahlen"), "{german}");
    group.app.domain.clock.advance_seconds(86_400 * 7);
    assert_eq!(group.listed(&group.bob, "en").await, "");
}

#[actix_web::test]
async fn group_buy_that_was_paid_or_left_is_not_listed() {
    let group = Group::new().await;
    let window = Window::of(&group.app, ADA, &group.bob);
    window.submit("/-/group-buys/together/interest", &[("do", "leave")]).await;
    assert_eq!(group.listed(&group.bob, "en").await, "");
    group.join(&group.bob, "2").await;
    group.activate().await;
    assert!(group.listed(&group.bob, "en").await.contains("Buy for $9.00"));
    let hosted = window.begin_to_pay("/-/group-buys/together").await;
    let payments = &group.app.domain.payments;
    payments.pay_later(&hosted).unwrap();
    group.app.domain.deliver_webhooks().await;
    assert_eq!(group.listed(&group.bob, "en").await, "", "it is listed as on its way");
    payments.apply(&hosted);
    group.app.domain.deliver_webhooks().await;
    assert_eq!(group.listed(&group.bob, "en").await, "");
}

#[actix_web::test]
async fn group_buy_of_a_page_that_is_not_for_sale_any_more_can_be_left() {
    let group = Group::new().await;
    let draft = PageChange { status: Some(PageStatus::Draft), ..PageChange::default() };
    group.app.domain.change(&group.shop, &group.page, draft).await;
    let listed = group.listed(&group.bob, "en").await;
    assert!(listed.contains(ADDRESS) && listed.contains("not for sale any more"), "{listed}");
    assert!(!listed.contains("days left"), "{listed}");
}

#[actix_web::test]
async fn offer_is_not_to_be_paid_while_an_earlier_payment_is_disputed() {
    let group = Group::active().await;
    let bought = group.app.domain.buy(&group.shop, &group.page, &group.bob).await;
    let payments = &group.app.domain.payments;
    let payment = bought.payment.unwrap().payment_intent;
    let dispute = payments.dispute(&payment, DisputeProgress::Open).unwrap();
    group.app.domain.deliver_webhooks().await;
    assert_eq!(group.listed(&group.bob, "en").await, "");
    payments.decide_dispute(&dispute, DisputeProgress::Lost);
    group.app.domain.deliver_webhooks().await;
    let listed = group.listed(&group.bob, "en").await;
    assert!(listed.contains("Buy for $9.00"), "{listed}");
}

#[actix_web::test]
async fn offer_is_not_to_be_paid_while_an_earlier_payment_may_be_mended() {
    let group = Group::active().await;
    let session = group.app.opened(&group.shop, &group.page, &group.bob).await;
    group.app.pay_another_amount(&session).await;
    assert_eq!(group.listed(&group.bob, "en").await, "");
    group.app.domain.clock.advance_seconds(86_400 * 3);
    let listed = group.listed(&group.bob, "en").await;
    assert!(listed.contains("Buy for $9.00"), "{listed}");
}

#[actix_web::test]
async fn offer_of_who_cannot_take_payments_is_not_to_be_paid() {
    for is_suspended in [true, false] {
        let group = Group::active().await;
        let domain = &group.app.domain;
        if is_suspended {
            domain.administration.suspend(&group.shop.creator.email).await.unwrap();
        } else {
            domain.payments.set_account(&group.shop.account, AccountState::default());
            domain.deliver_webhooks().await;
        }
        for (language, told, buy, can_pay) in [
            ("en", "cannot be paid at the moment", "Buy for", "you can pay"),
            ("de", "kann zurzeit aber nicht bezahlt werden", "kaufen", "Sie können den"),
        ] {
            let listed = group.listed(&group.bob, language).await;
            assert!(listed.contains(ADDRESS) && listed.contains(told), "{told}: {listed}");
            assert!(!listed.contains(buy) && !listed.contains(can_pay), "{told}: {listed}");
        }
    }
}

#[actix_web::test]
async fn offer_of_a_page_that_costs_no_more_by_itself_says_so() {
    let group = Group::active().await;
    let price = Some(Some(money(900, "usd")));
    let change = PageChange { price, ..PageChange::default() };
    group.app.domain.change(&group.shop, &group.page, change).await;
    for (language, told, buy) in [
        ("en", "The page itself costs $9.00 now, which is no more", "Buy for"),
        ("de", "Die Seite selbst kostet jetzt", "kaufen"),
    ] {
        let listed = group.listed(&group.bob, language).await;
        assert!(listed.contains(ADDRESS) && listed.contains(told), "{told}: {listed}");
        assert!(!listed.contains(buy), "{told}: {listed}");
    }
}

//! A group buy, from the first who joins to the last who pays.

mod ends;
mod mails;
mod offers;
mod restored;
mod terms;

use tollgate_domain::{
    access::{AccessType, GrantType},
    checkout::{CheckoutError, ReturnUrls, StartedCheckout},
    creators::{PageError, PageStatus, QuotaExceeded, Quotas},
    group_buys::{
        GroupBuyChange, GroupBuyError, GroupBuyStatus, NewGroupBuy, OfferError, OwnedGroupBuy,
        Paid, Quantity,
    },
    jobs::{JobKind, Outcome, Step},
    mail::MailContent,
    paging::PageRequest,
    token::Token,
    validation::Field,
    version::BasedOn,
};
use tollgate_domain_testing::{
    GroupBuyBuilder, TestApp, a_group_buy, a_page, at, email, money, slug,
};

use crate::{ADA, BOB, Sale, at_once};

const CAROL: &str = "carol@example.com";
const DAY: i64 = 24 * 3600;
const ENDED: Step = Step::Ran(JobKind::EndGroupBuy, Outcome::Done);

/// The sale with a group buy `together` for 9 USD and a target of 3.
struct Group {
    sale: Sale,
    carol: Token,
}

impl Group {
    async fn new() -> Self {
        Self::with(|it| it).await
    }

    async fn with(build: impl FnOnce(GroupBuyBuilder) -> GroupBuyBuilder) -> Self {
        let sale = Sale::new().await;
        let carol = sale.app.sign_in(CAROL).await;
        let group = Self { sale, carol };
        group.create(build(a_group_buy(&group.sale.page)).new_group_buy()).await.unwrap();
        group.sale.app.mailer.clear();
        group
    }

    async fn create(&self, mut new: NewGroupBuy) -> Result<OwnedGroupBuy, GroupBuyError> {
        if new.slug.as_str().starts_with("group-") {
            new.slug = slug("together");
        }
        let Sale { app, shop, .. } = &self.sale;
        app.group_buys.create(&shop.creator, &shop.handle.name, new).await
    }

    async fn join(&self, who: &Token, number: i64) -> Result<bool, OfferError> {
        let Sale { app, shop, .. } = &self.sale;
        let (visitor, quantity) = (app.visitor(who).await.id, Quantity::new(number).unwrap());
        let (name, slug) = (&shop.handle.name, slug("together"));
        app.offers.express(name, &slug, visitor, quantity).await.map(|(_, is_new)| is_new)
    }

    async fn leave(&self, who: &Token) -> Result<(), OfferError> {
        let Sale { app, shop, .. } = &self.sale;
        let visitor = app.visitor(who).await.id;
        app.offers.withdraw(&shop.handle.name, &slug("together"), visitor).await
    }

    async fn start(&self, who: &Token) -> Result<StartedCheckout, OfferError> {
        let Sale { app, shop, .. } = &self.sale;
        let (visitor, name) = (app.visitor(who).await.id, shop.handle.name.clone());
        let urls = ReturnUrls::default();
        app.offers.checkout(name, &slug("together"), visitor, who.hash(), urls).await
    }

    /// Starts, pays and comes back.
    async fn buy(&self, who: &Token) {
        let started = self.start(who).await.unwrap();
        let app = &self.sale.app;
        let hosted = app.payments.session_at(&started.url).unwrap();
        app.payments.pay(&hosted).unwrap();
        app.checkouts.complete_return(started.id, None).await.unwrap();
    }

    async fn activate(&self) -> Result<OwnedGroupBuy, GroupBuyError> {
        let Sale { app, shop, .. } = &self.sale;
        app.group_buys
            .activate(&shop.creator, &shop.handle.name, &slug("together"), &BasedOn::Any)
            .await
    }

    async fn cancel(&self) -> Result<OwnedGroupBuy, GroupBuyError> {
        let Sale { app, shop, .. } = &self.sale;
        app.group_buys
            .cancel(&shop.creator, &shop.handle.name, &slug("together"), &BasedOn::Any)
            .await
    }

    async fn change(&self, change: GroupBuyChange) -> Result<OwnedGroupBuy, GroupBuyError> {
        let Sale { app, shop, .. } = &self.sale;
        app.group_buys
            .change(&shop.creator, &shop.handle.name, &slug("together"), change, &BasedOn::Any)
            .await
    }

    async fn owned(&self) -> OwnedGroupBuy {
        let Sale { app, shop, .. } = &self.sale;
        let name = &shop.handle.name;
        app.group_buys.owned(&shop.creator, name, &slug("together")).await.unwrap()
    }

    /// Both join and the creator activates.
    async fn activated() -> Self {
        let group = Box::pin(Self::new()).await;
        group.join(&group.sale.bob, 2).await.unwrap();
        group.join(&group.carol, 5).await.unwrap();
        group.activate().await.unwrap();
        group
    }

    fn wait(&self, seconds: i64) {
        self.sale.app.clock.advance_seconds(seconds);
    }
}

fn field_of<T: std::fmt::Debug>(result: Result<T, GroupBuyError>) -> Field {
    let Err(GroupBuyError::Invalid(errors)) = result else { panic!("{result:?}") };
    let fields: Vec<_> = errors.fields().keys().copied().collect();
    let [field] = fields[..] else { panic!("{fields:?}") };
    field
}

#[pollster::test]
async fn a_group_buy_is_wanted_activated_and_bought() {
    let group = Group::new().await;
    let Sale { app, shop, page, bob } = &group.sale;
    assert!(group.join(bob, 1).await.unwrap());
    assert!(matches!(group.activate().await, Err(GroupBuyError::TargetNotReached)));
    assert!(group.join(&group.carol, 2).await.unwrap());
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::TargetReached);
    assert!(!group.join(bob, 2).await.unwrap());
    assert_eq!(group.owned().await.details.view.group_buy.offer_end(at(0)), at(7 * DAY));
    let active = group.activate().await.unwrap();
    assert_eq!(active.details.status, GroupBuyStatus::Active);
    assert_eq!(active.details.view.group_buy.offer_ends_at, Some(at(7 * DAY)));
    app.deliver_mails().await;
    for address in [BOB, CAROL] {
        let mails = app.mailer.sent_to(&email(address));
        let [MailContent::GroupBuyActivated { price, offer_url, ends_at, .. }] = mails.as_slice()
        else {
            panic!("{mails:?}")
        };
        assert_eq!((*price, *ends_at), (money(900, "usd"), at(7 * DAY)));
        assert_eq!(offer_url, "http://ada.tollgate.localhost:8080/-/group-buys/together");
    }

    group.buy(bob).await;
    assert!(group.sale.is_open().await);
    let bought = app.store.purchases().pop().unwrap();
    assert_eq!((bought.granted_as, bought.grant_type), (GrantType::GroupBuy, GrantType::GroupBuy));
    assert_eq!(bought.payment.unwrap().paid, money(900, "usd"));
    let who = app.visitor(bob).await;
    let history = app.gate.history(who.id, &PageRequest::default()).await.unwrap().items;
    assert_eq!(history.len(), 1);
    let record = history.first().unwrap();
    assert_eq!(
        (record.access_type, record.amount),
        (AccessType::GroupBuy, Some(money(900, "usd")))
    );
    assert_eq!(group.owned().await.paid, Paid { visitors: 1, quantity: 2, amount: 900 });
    assert!(matches!(group.start(bob).await, Err(OfferError::AlreadyPurchased)));

    app.refund(shop, page, &who).await.unwrap();
    assert!(!group.sale.is_open().await);
    assert_eq!(group.owned().await.paid, Paid::default());
    // Within the window it can be bought again.
    group.buy(bob).await;
    assert_eq!(group.owned().await.paid, Paid { visitors: 1, quantity: 2, amount: 900 });
}

/// Returns whether visitors can join the group buy by its own page, that of the storefront and that of its page.
async fn can_join(group: &Group) -> [bool; 3] {
    let Sale { app, shop, page, .. } = &group.sale;
    let own = app.offers.details(&shop.handle.name, &slug("together")).await.unwrap();
    let of_shop = app.offers.current(shop.handle.id).await.unwrap();
    let of_page = app.offers.of_page(page.id).await.unwrap();
    let [of_shop] = of_shop.as_slice() else { panic!("{of_shop:?}") };
    let [of_page] = of_page.as_slice() else { panic!("{of_page:?}") };
    [own.can_join, of_shop.can_join, of_page.can_join]
}

#[pollster::test]
async fn group_buys_of_a_suspended_creator_take_nobody_in() {
    let group = Group::new().await;
    let (app, ada) = (&group.sale.app, email("ada@creators.example"));
    let is_off_sale = |error: OfferError| {
        matches!(error, OfferError::Checkout(CheckoutError::ConnectNotConfigured(_)))
    };
    group.join(&group.carol, 3).await.unwrap();
    assert_eq!(can_join(&group).await, [true; 3]);
    app.administration.suspend(&ada).await.unwrap();
    assert_eq!(can_join(&group).await, [false; 3]);
    let before = app.store.count_units();
    for who in [&group.sale.bob, &group.carol] {
        assert!(is_off_sale(group.join(who, 2).await.unwrap_err()));
    }
    assert_eq!(app.store.count_units(), before, "they are refused by reads");
    group.leave(&group.carol).await.unwrap();
    app.administration.lift(&ada).await.unwrap();
    assert_eq!(can_join(&group).await, [true; 3]);
    assert!(group.join(&group.carol, 3).await.unwrap());
    group.activate().await.unwrap();

    app.administration.suspend(&ada).await.unwrap();
    assert!(is_off_sale(group.start(&group.carol).await.unwrap_err()));
    app.administration.lift(&ada).await.unwrap();
    assert!(group.start(&group.carol).await.is_ok());
}

#[pollster::test]
async fn a_page_with_a_group_buy_is_archived_not_deleted() {
    let group = Group::new().await;
    let Sale { app, shop, page, .. } = &group.sale;
    app.pages.delete(&shop.creator, &shop.handle.name, &page.slug, &BasedOn::Any).await.unwrap();
    let (_, kept) = app.pages.owned(&shop.creator, &shop.handle.name, &page.slug).await.unwrap();
    assert_eq!(kept.status, PageStatus::Archived);
}

#[pollster::test]
async fn a_crash_at_any_point_of_an_activation_leaves_all_or_nothing() {
    for passes in 0..40 {
        let group = Group::new().await;
        group.join(&group.sale.bob, 2).await.unwrap();
        group.join(&group.carol, 2).await.unwrap();
        let store = &group.sale.app.store;
        let before = store.mails().len();
        store.fail_after(passes);
        let outcome = group.activate().await;
        let came_true = !store.heal();
        let (status, mails) = (group.owned().await.details.status, store.mails().len() - before);
        match outcome {
            Ok(_) => assert_eq!((status, mails), (GroupBuyStatus::Active, 2)),
            Err(_) => assert_eq!((status, mails), (GroupBuyStatus::TargetReached, 0)),
        }
        if !came_true {
            return;
        }
    }
    panic!("the activation never ends");
}

#[pollster::test]
async fn nobody_touches_somebody_elses_group_buys() {
    let group = Group::new().await;
    group.join(&group.sale.bob, 3).await.unwrap();
    let Sale { app, shop, .. } = &group.sale;
    let eve = app.shop("eve").await.creator;
    let (book, name, slug) = (&app.group_buys, &shop.handle.name, &slug("together"));
    let page = PageRequest::default();
    let hidden = |error: GroupBuyError| matches!(error, GroupBuyError::HandleNotFound);
    assert!(hidden(book.owned(&eve, name, slug).await.unwrap_err()));
    assert!(hidden(book.list(&eve, name, &page).await.unwrap_err()));
    assert!(hidden(book.interests(&eve, name, slug, &page).await.unwrap_err()));
    assert!(hidden(book.activate(&eve, name, slug, &BasedOn::Any).await.unwrap_err()));
    assert!(hidden(book.cancel(&eve, name, slug, &BasedOn::Any).await.unwrap_err()));
    let change = GroupBuyChange::default();
    assert!(hidden(book.change(&eve, name, slug, change, &BasedOn::Any).await.unwrap_err()));
    let not_theirs = app.pages.owned(&eve, name, slug).await;
    assert!(matches!(not_theirs, Err(PageError::HandleNotFound)));
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::TargetReached);
    assert_eq!(group.sale.mails_to(ADA).await, ["group_buy_reached"]);
}

#[pollster::test]
async fn a_handle_has_at_most_as_many_group_buys_as_the_quota_says() {
    let app = TestApp::new().with_quotas(Quotas { max_group_buys: 2, ..Quotas::default() });
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let results = at_once(6, |_| {
        let (app, shop, page) = (app.clone(), shop.clone(), page.clone());
        async move {
            let new = a_group_buy(&page).new_group_buy();
            app.group_buys.create(&shop.creator, &shop.handle.name, new).await
        }
    })
    .await;
    let exceeded = |result: &&Result<_, _>| {
        matches!(result, Err(GroupBuyError::QuotaExceeded(QuotaExceeded::GroupBuys(2))))
    };
    assert_eq!(results.iter().filter(exceeded).count(), 4);
}

//! A group buy, from the first who joins to the last who pays.

mod offers;

use tollgate_domain::{
    access::{AccessType, GrantType},
    checkout::{CheckoutError, ReturnUrls, StartedCheckout},
    clock::{Clock, plus_seconds},
    creators::{HandleChange, PageChange, PageError, PageStatus, QuotaExceeded, Quotas},
    group_buys::{
        GroupBuyChange, GroupBuyError, GroupBuyStatus, NewGroupBuy, OfferError, OwnedGroupBuy,
        Paid, Quantity,
    },
    jobs::{JobKind, Outcome, Step},
    mail::{HandleTexts, MailContent, Wanted},
    paging::PageRequest,
    token::Token,
    validation::Field,
    version::BasedOn,
    visitor_auth::LinkRequest,
};
use tollgate_domain_testing::{
    GroupBuyBuilder, TestApp, a_group_buy, a_page, at, email, money, slug,
};

use crate::{ADA, BOB, Sale, at_once, sign_in::request};

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
        app.group_buys.activate(&shop.creator, &shop.handle.name, &slug("together")).await
    }

    async fn cancel(&self) -> Result<OwnedGroupBuy, GroupBuyError> {
        let Sale { app, shop, .. } = &self.sale;
        app.group_buys.cancel(&shop.creator, &shop.handle.name, &slug("together")).await
    }

    async fn change(&self, change: GroupBuyChange) -> Result<OwnedGroupBuy, GroupBuyError> {
        let Sale { app, shop, .. } = &self.sale;
        app.group_buys.change(&shop.creator, &shop.handle.name, &slug("together"), change).await
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
async fn a_sign_in_mail_names_the_group_buy_that_it_was_asked_for_at() {
    let group = Group::new().await;
    let Sale { app, shop, .. } = &group.sale;
    let asked = LinkRequest {
        return_to: Some("/-/group-buys/together"),
        handle: Some(&shop.handle.name),
        ..request("dora@example.com")
    };
    app.sign_in.request_link(asked).await.unwrap();
    app.deliver_mails().await;
    let mail = app.mailer.sent().pop().unwrap();
    let MailContent::MagicLink { title, wanted, .. } = mail.content else { panic!("no link") };
    let expected = group.owned().await.details.view.group_buy.title;
    assert_eq!((title, wanted), (Some(expected), Wanted::GroupBuy));
}

#[pollster::test]
async fn the_creator_is_told_when_the_target_is_reached_and_not_at_each_join() {
    let group = Group::new().await;
    let bob = &group.sale.bob;
    group.join(bob, 2).await.unwrap();
    assert!(group.sale.mails_to(ADA).await.is_empty());
    group.join(&group.carol, 1).await.unwrap();
    group.join(&group.carol, 4).await.unwrap();
    group.join(bob, 1).await.unwrap();
    assert_eq!(group.sale.mails_to(ADA).await, ["group_buy_reached"]);
    assert!(group.sale.mails_to(CAROL).await.is_empty());
    let told = group.sale.app.mailer.sent_to(&email(ADA));
    let [MailContent::GroupBuyReached { joined: 3, target: 3, console_url, .. }] = &told[..] else {
        panic!("{told:?}")
    };
    assert!(console_url.ends_with("/group-buys/together/activate"), "{console_url}");
    // However often the sum falls below the target and rises again.
    for _ in 0..5 {
        group.leave(&group.carol).await.unwrap();
        group.join(&group.carol, 4).await.unwrap();
    }
    assert_eq!(group.sale.mails_to(ADA).await.len(), 3);
    group.wait(DAY + 1);
    group.leave(&group.carol).await.unwrap();
    group.join(&group.carol, 4).await.unwrap();
    assert_eq!(group.sale.mails_to(ADA).await.len(), 4);
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

/// Not to the page, which costs more, as long as the offer lasts.
#[pollster::test]
async fn a_payment_that_fails_leads_back_to_the_group_price() {
    for (passed, path) in [(DAY, "/-/group-buys/together"), (8 * DAY, "/guide")] {
        let group = Group::activated().await;
        let app = &group.sale.app;
        let started = group.start(&group.sale.bob).await.unwrap();
        let session = app.payments.session_at(&started.url).unwrap();
        app.payments.pay_later(&session).unwrap();
        app.deliver_webhooks().await;
        app.deliver_mails().await;
        app.mailer.clear();
        group.wait(passed);
        assert!(app.payments.fail_payment(&session));
        app.deliver_webhooks().await;
        app.deliver_mails().await;
        let mails = app.mailer.sent_to(&email(BOB));
        let [MailContent::PaymentFailed { page_url, .. }] = mails.as_slice() else {
            panic!("{mails:?}")
        };
        let place = page_url.strip_prefix("http://ada.tollgate.localhost:8080").unwrap();
        assert_eq!(place, path.replace("guide", group.sale.page.slug.as_str()));
    }
}

#[pollster::test]
async fn what_a_group_buy_says_has_to_be_sound() {
    let group = Group::new().await;
    let Sale { app, shop, page, .. } = &group.sale;
    let new = || a_group_buy(page).slug("other").target(10).new_group_buy();
    for (field, new) in [
        (Field::Price, NewGroupBuy { price: money(900, "eur"), ..new() }),
        (Field::Price, NewGroupBuy { price: money(1_201, "usd"), ..new() }),
        (Field::Price, NewGroupBuy { price: money(49, "usd"), ..new() }),
        (Field::TargetQuantity, NewGroupBuy { target_quantity: 0, ..new() }),
        (Field::TargetQuantity, NewGroupBuy { target_quantity: i64::MAX, ..new() }),
        (Field::MaxQuantity, NewGroupBuy { max_quantity: Some(9), ..new() }),
        (Field::MaxQuantity, NewGroupBuy { max_quantity: Some(1_000_001), ..new() }),
        (Field::Deadline, NewGroupBuy { deadline: Some(at(0)), ..new() }),
        (Field::Deadline, NewGroupBuy { deadline: Some(at(6 * 366 * DAY)), ..new() }),
        (Field::OfferDays, NewGroupBuy { offer_days: Some(0), ..new() }),
        (Field::OfferDays, NewGroupBuy { offer_days: Some(31), ..new() }),
        (Field::Title, NewGroupBuy { title: String::new(), ..new() }),
        (Field::Description, NewGroupBuy { description: "x".repeat(10_001), ..new() }),
    ] {
        assert_eq!(field_of(group.create(new).await), field);
    }
    let same = NewGroupBuy { price: money(1_200, "usd"), max_quantity: Some(10), ..new() };
    group.create(same).await.unwrap();
    assert!(matches!(group.create(new()).await, Err(GroupBuyError::SlugTaken)));
    let unknown = NewGroupBuy { page_slug: slug("unknown"), ..new() };
    assert!(matches!(group.create(unknown).await, Err(GroupBuyError::PageNotFound)));
    let free = app.page(shop, a_page().free_with_login().published()).await;
    let free = NewGroupBuy { page_slug: free.slug, ..new() };
    assert!(matches!(group.create(free).await, Err(GroupBuyError::PageNotPaid)));
    let eve = app.shop("eve").await;
    let theirs = app.group_buys.create(&eve.creator, &shop.handle.name, new()).await;
    assert!(matches!(theirs, Err(GroupBuyError::HandleNotFound)));
}

#[pollster::test]
async fn terms_change_until_activation_and_texts_until_the_end() {
    let group = Group::with(|it| it.most(10).deadline(at(DAY))).await;
    let bob = &group.sale.bob;
    group.join(bob, 4).await.unwrap();
    let most = |most| GroupBuyChange { max_quantity: Some(most), ..GroupBuyChange::default() };
    assert_eq!(field_of(group.change(most(Some(3))).await), Field::MaxQuantity);
    let changed = group.change(most(None)).await.unwrap();
    assert_eq!(changed.details.view.group_buy.max_quantity, None);
    assert_eq!(changed.details.view.group_buy.deadline, Some(at(DAY)));
    let no_deadline = GroupBuyChange { deadline: Some(None), ..GroupBuyChange::default() };
    assert_eq!(group.change(no_deadline).await.unwrap().details.view.group_buy.deadline, None);
    let past = GroupBuyChange { deadline: Some(Some(at(0))), ..GroupBuyChange::default() };
    assert_eq!(field_of(group.change(past).await), Field::Deadline);
    let price =
        |amount| GroupBuyChange { price: Some(money(amount, "usd")), ..GroupBuyChange::default() };
    assert_eq!(field_of(group.change(price(1_201)).await), Field::Price);
    group.change(price(700)).await.unwrap();

    group.activate().await.unwrap();
    for terms in [price(600), most(Some(9))] {
        assert!(matches!(group.change(terms).await, Err(GroupBuyError::NotOpen)));
    }
    let title = || GroupBuyChange { title: Some("New".into()), ..GroupBuyChange::default() };
    assert_eq!(group.change(title()).await.unwrap().details.view.group_buy.title, "New");
    // Terms that are sent back as they are have not changed.
    let same = GroupBuyChange { title: Some("Newer".into()), ..unchanged(&group).await };
    assert_eq!(group.change(same).await.unwrap().details.view.group_buy.title, "Newer");
    group.wait(8 * DAY);
    assert!(matches!(group.change(title()).await, Err(GroupBuyError::NotOpen)));
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
    for who in [&group.sale.bob, &group.carol] {
        assert!(is_off_sale(group.join(who, 2).await.unwrap_err()));
    }
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
async fn deadline_is_at_most_five_years_ahead() {
    let group = Group::new().await;
    let latest = plus_seconds(group.sale.app.clock.now(), 5 * 366 * DAY);
    let change = async |seconds| {
        let deadline = Some(Some(plus_seconds(latest, seconds)));
        group.change(GroupBuyChange { deadline, ..GroupBuyChange::default() }).await
    };
    assert_eq!(field_of(change(1).await), Field::Deadline);
    assert_eq!(field_of(change(200 * 366 * DAY).await), Field::Deadline);
    assert_eq!(change(0).await.unwrap().details.view.group_buy.deadline, Some(latest));
    // Sent back as it is, it has not changed.
    let same = GroupBuyChange { title: Some("New".into()), ..unchanged(&group).await };
    assert_eq!(group.change(same).await.unwrap().details.view.group_buy.deadline, Some(latest));
}

/// A change that sends back all terms as they are.
async fn unchanged(group: &Group) -> GroupBuyChange {
    let known = group.owned().await.details.view.group_buy;
    GroupBuyChange {
        price: Some(known.price),
        target_quantity: Some(known.target_quantity),
        max_quantity: Some(known.max_quantity),
        deadline: Some(known.deadline),
        offer_days: Some(known.offer_days),
        ..GroupBuyChange::default()
    }
}

#[pollster::test]
async fn terms_that_are_sent_back_as_they_are_are_not_checked_again() {
    let group = Group::with(|it| it.target(2).most(10).deadline(at(DAY))).await;
    let Sale { app, shop, page, bob } = &group.sale;
    group.join(bob, 4).await.unwrap();
    let cheaper = Some(Some(money(500, "usd")));
    app.change(shop, page, PageChange { price: cheaper, ..PageChange::default() }).await;
    group.wait(2 * DAY);
    let same = GroupBuyChange { title: Some("New".into()), ..unchanged(&group).await };
    assert_eq!(group.change(same).await.unwrap().details.view.group_buy.title, "New");
    // The field that was changed is the one that is wrong.
    let target =
        |target| GroupBuyChange { target_quantity: Some(target), ..GroupBuyChange::default() };
    assert_eq!(field_of(group.change(target(11)).await), Field::TargetQuantity);
    group.change(target(10)).await.unwrap();
}

#[pollster::test]
async fn an_outdated_change_is_refused() {
    let group = Group::new().await;
    let Sale { app, shop, .. } = &group.sale;
    let seen = BasedOn::from(group.owned().await.details.view.group_buy.version());
    let (creator, name, slug) = (&shop.creator, &shop.handle.name, slug("together"));
    let change = async |title: &str, seen: &BasedOn| {
        let change = GroupBuyChange { title: Some(title.into()), ..GroupBuyChange::default() };
        app.group_buys.change_from(creator, name, &slug, change, seen).await
    };
    change("New", &seen).await.unwrap();
    let outdated = |error: GroupBuyError| {
        assert!(matches!(error, GroupBuyError::VersionConflict), "{error:?}");
    };
    outdated(change("Newer", &seen).await.unwrap_err());
    group.join(&group.sale.bob, 3).await.unwrap();
    outdated(app.group_buys.activate_from(creator, name, &slug, &seen).await.unwrap_err());
    outdated(app.group_buys.cancel_from(creator, name, &slug, &seen).await.unwrap_err());
    change("Newer", &BasedOn::Any).await.unwrap();
    // Joining is not a change of what the creator set.
    let seen = BasedOn::from(group.owned().await.details.view.group_buy.version());
    group.join(&group.sale.bob, 4).await.unwrap();
    app.group_buys.cancel_from(creator, name, &slug, &seen).await.unwrap();
}

#[pollster::test]
async fn a_change_to_what_is_there_makes_no_version() {
    let group = Group::with(|it| it.target(2).most(10).deadline(at(DAY))).await;
    let before = group.owned().await;
    group.wait(1);
    let view = &before.details.view.group_buy;
    let same = GroupBuyChange {
        title: Some(view.title.clone()),
        description: Some(view.description.clone()),
        ..unchanged(&group).await
    };
    for change in [same, GroupBuyChange::default()] {
        assert_eq!(group.change(change).await.unwrap(), before);
    }
}

#[pollster::test]
async fn the_deadline_ends_it_below_the_target_only() {
    let group = Group::with(|it| it.deadline(at(DAY))).await;
    let (bob, carol) = (&group.sale.bob, &group.carol);
    group.join(bob, 2).await.unwrap();
    group.join(carol, 1).await.unwrap();
    group.wait(DAY);
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::TargetReached);
    assert!(matches!(group.join(bob, 3).await, Err(OfferError::NotOpen)));
    group.sale.app.work().await;
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::TargetReached);
    group.leave(carol).await.unwrap();
    // That ended it, before any worker has come.
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::Expired);
    assert!(matches!(group.activate().await, Err(GroupBuyError::NotOpen)));
    assert!(matches!(group.cancel().await, Err(GroupBuyError::NotOpen)));
    group.leave(carol).await.unwrap();
    let ended = at_once(8, |_| {
        let app = group.sale.app.clone();
        async move { app.work().await }
    })
    .await
    .concat();
    assert_eq!(ended.iter().filter(|step| **step == ENDED).count(), 1);
    assert_eq!(group.sale.mails_to(BOB).await, ["group_buy_expired"]);
    assert!(group.sale.mails_to(CAROL).await.is_empty());
    // The creator heard of the target that was reached, too.
    let mut told = group.sale.mails_to(ADA).await;
    told.sort_unstable();
    assert_eq!(told, ["group_buy_missed", "group_buy_reached"]);
    let told = group.sale.app.mailer.sent_to(&email(ADA));
    // Nothing can be activated any more, so the mail leads to the group buy itself.
    let is_missed = |content: &MailContent| {
        matches!(content, MailContent::GroupBuyMissed { joined: 2, target: 3, console_url, .. }
            if console_url.ends_with("/ada/group-buys/together"))
    };
    assert!(told.iter().any(is_missed), "{told:?}");
}

#[pollster::test]
async fn who_leaves_what_ended_before_its_activation_hears_no_more_of_it() {
    let group = Group::with(|it| it.deadline(at(DAY))).await;
    let (bob, carol) = (&group.sale.bob, &group.carol);
    group.join(bob, 1).await.unwrap();
    group.join(carol, 1).await.unwrap();
    group.wait(DAY);
    // It is over, before any worker has come.
    group.leave(bob).await.unwrap();
    group.leave(bob).await.unwrap();
    assert!(matches!(group.join(bob, 1).await, Err(OfferError::NotOpen)));
    let steps = group.sale.app.work().await;
    assert_eq!(steps.iter().filter(|step| **step == ENDED).count(), 1);
    assert!(group.sale.mails_to(BOB).await.is_empty());
    assert_eq!(group.sale.mails_to(CAROL).await, ["group_buy_expired"]);
    group.leave(carol).await.unwrap();
    let ended = group.owned().await.details;
    assert_eq!((ended.status, ended.view.group_buy.current_quantity), (GroupBuyStatus::Expired, 0));
}

#[pollster::test]
async fn interests_are_withdrawn_after_a_cancellation_and_never_after_an_activation() {
    let group = Group::new().await;
    group.join(&group.sale.bob, 2).await.unwrap();
    group.join(&group.carol, 5).await.unwrap();
    group.cancel().await.unwrap();
    group.leave(&group.carol).await.unwrap();
    let cancelled = group.owned().await.details;
    assert_eq!(cancelled.status, GroupBuyStatus::Cancelled);
    assert_eq!(cancelled.view.group_buy.current_quantity, 2);

    let group = Group::activated().await;
    assert!(matches!(group.leave(&group.carol).await, Err(OfferError::NotOpen)));
    group.wait(7 * DAY);
    let ended = group.owned().await.details;
    assert_eq!(ended.status, GroupBuyStatus::Expired);
    assert!(matches!(group.leave(&group.carol).await, Err(OfferError::NotOpen)));
}

#[pollster::test]
async fn cancelling_tells_the_interested_once() {
    let group = Group::new().await;
    group.join(&group.sale.bob, 3).await.unwrap();
    assert_eq!(group.cancel().await.unwrap().details.status, GroupBuyStatus::Cancelled);
    assert!(matches!(group.cancel().await, Err(GroupBuyError::NotOpen)));
    assert!(matches!(group.activate().await, Err(GroupBuyError::NotOpen)));
    assert!(matches!(group.join(&group.carol, 1).await, Err(OfferError::NotOpen)));
    assert_eq!(group.sale.mails_to(BOB).await, ["group_buy_cancelled"]);
}

#[pollster::test]
async fn a_long_list_gets_one_mail_each() {
    let group = Group::new().await;
    let app = &group.sale.app;
    let mut unit = app.unit().await;
    let id = group.owned().await.details.view.group_buy.id;
    for _ in 0..450 {
        let visitor = tollgate_domain_testing::a_visitor().build();
        unit.visitors().ensure(&visitor).await.unwrap();
        let one = Quantity::default();
        unit.interests().express(id, visitor.id, one, at(1)).await.unwrap();
    }
    unit.commit().await.unwrap();
    let (shop, slug) = (&group.sale.shop, slug("together"));
    for (most, counted) in [(1_000, 450), (450, 450), (449, 449), (150, 150), (0, 0)] {
        let name = &shop.handle.name;
        let count = app.group_buys.count_interested(&shop.creator, name, &slug, most).await;
        assert_eq!(count.unwrap(), counted);
    }
    let before = app.store.mails().len();
    group.activate().await.unwrap();
    assert_eq!(app.store.mails().len() - before, 200, "the others are mailed by a job");
    let steps = app.work().await;
    let notified = Step::Ran(JobKind::NotifyInterested, Outcome::Done);
    assert_eq!(steps.iter().filter(|step| **step == notified).count(), 2);
    let mails = app.store.mails().split_off(before);
    let mut people: Vec<_> = mails.iter().map(|(mail, _)| mail.to.to_string()).collect();
    people.sort_unstable();
    people.dedup();
    assert_eq!((mails.len(), people.len()), (450, 450));
}

#[pollster::test]
async fn a_page_with_a_group_buy_is_archived_not_deleted() {
    let group = Group::new().await;
    let Sale { app, shop, page, .. } = &group.sale;
    app.pages.delete(&shop.creator, &shop.handle.name, &page.slug).await.unwrap();
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
    assert!(hidden(book.activate(&eve, name, slug).await.unwrap_err()));
    assert!(hidden(book.cancel(&eve, name, slug).await.unwrap_err()));
    let change = GroupBuyChange::default();
    assert!(hidden(book.change(&eve, name, slug, change).await.unwrap_err()));
    let not_theirs = app.pages.owned(&eve, name, slug).await;
    assert!(matches!(not_theirs, Err(PageError::HandleNotFound)));
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::TargetReached);
    assert_eq!(group.sale.mails_to(ADA).await, ["group_buy_reached"]);
}

#[pollster::test]
async fn mails_about_a_group_buy_end_with_the_texts_of_the_handle() {
    let group = Group::with(|it| it.target(1)).await;
    let Sale { app, shop, bob, .. } = &group.sale;
    let texts = HandleTexts {
        support_email: Some(email("help@creators.example")),
        mail_footer: Some("1 Mill Lane".to_owned()),
    };
    let change = HandleChange {
        support_email: Some(texts.support_email.clone()),
        mail_footer: Some(texts.mail_footer.clone()),
        ..HandleChange::default()
    };
    app.handles.change(&shop.creator, &shop.handle.name, change).await.unwrap();
    group.join(bob, 1).await.unwrap();
    group.activate().await.unwrap();
    app.deliver_mails().await;
    let sent = app.mailer.sent();
    let mut to_bob = sent.iter().filter(|mail| mail.to == email(BOB)).peekable();
    assert!(to_bob.peek().is_some());
    assert!(to_bob.all(|mail| mail.signature == texts), "{sent:?}");
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

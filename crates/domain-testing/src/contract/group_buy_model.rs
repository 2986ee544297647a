//! Group buys against a model: random histories of joining, leaving, activating, calling off, time
//! and payment, compared after each step with what a few lines of plain code say.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::fixture::Fixture;
use crate::{
    FakePayments, ManualClock, MemoryFileStore, PlainPasswords, RecordingMailer, SeededRandom,
    TestLinks, a_group_buy, a_page, an_account,
};
use tollgate_domain::{
    checkout::ReturnUrls,
    clock::{Clock, DAY_SECONDS, plus_seconds},
    group_buys::{GroupBuyError, GroupBuyState, GroupBuyStatus, NewGroupBuy, OfferError, Quantity},
    id::CheckoutId,
    installation::Installation,
    jobs::Step,
    mail::{MailKind, MailQuota},
    names::Slug,
    paging::PageRequest,
    payments::CheckoutSessionId,
    seal::Seal,
    store::Stores,
    use_cases::{Ports, Settings, UseCases},
    version::BasedOn,
    visitor_auth::{Visitor, VisitorSession},
};

const HISTORIES: u64 = 8;
const STEPS: u32 = 60;
const PEOPLE: u64 = 5;

/// Outcomes, in words that the model and the use cases share.
type Outcome = &'static str;

fn of_offer<T>(result: Result<T, OfferError>, done: impl FnOnce(T) -> Outcome) -> Outcome {
    match result {
        Ok(value) => done(value),
        Err(OfferError::NotOpen) => "not open",
        Err(OfferError::Full) => "full",
        Err(OfferError::AlreadyPurchased) => "already purchased",
        Err(OfferError::NotActive) => "not active",
        Err(OfferError::InterestRequired) => "interest required",
        Err(error) => panic!("{error}"),
    }
}

fn outcome_of<T>(result: Result<T, GroupBuyError>) -> Outcome {
    match result {
        Ok(_) => "done",
        Err(GroupBuyError::NotOpen) => "not open",
        Err(GroupBuyError::TargetNotReached) => "target not reached",
        Err(error) => panic!("{error}"),
    }
}

/// What a group buy should be.
#[derive(Debug, Clone)]
struct Model {
    target: i64,
    most: Option<i64>,
    deadline: Option<Timestamp>,
    days: i64,
    wanted: BTreeMap<u64, i64>,
    offer_ends_at: Option<Timestamp>,
    ended: Option<GroupBuyStatus>,
    paid: BTreeSet<u64>,
    mails: u64,
}

impl Model {
    fn sum(&self) -> i64 {
        self.wanted.values().sum()
    }

    fn is_late(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| now >= deadline)
    }

    fn status(&self, now: Timestamp) -> GroupBuyStatus {
        match (self.ended, self.offer_ends_at) {
            (Some(ended), _) => ended,
            (None, Some(end)) if now >= end => GroupBuyStatus::Expired,
            (None, Some(_)) => GroupBuyStatus::Active,
            (None, None) if self.sum() >= self.target => GroupBuyStatus::TargetReached,
            (None, None) if self.is_late(now) => GroupBuyStatus::Expired,
            (None, None) => GroupBuyStatus::Open,
        }
    }

    fn tell_all(&mut self) {
        self.mails += u64::try_from(self.wanted.len()).unwrap();
    }

    fn join(&mut self, who: u64, quantity: i64, now: Timestamp) -> Outcome {
        let had = self.wanted.get(&who).copied();
        let after = self.sum() - had.unwrap_or(0) + quantity;
        let raises = quantity > had.unwrap_or(0);
        if self.paid.contains(&who) {
            "already purchased"
        } else if !self.status(now).is_pending() || raises && self.is_late(now) {
            "not open"
        } else if raises && self.most.is_some_and(|most| after > most) {
            "full"
        } else {
            self.wanted.insert(who, quantity);
            if had.is_some() { "replaced" } else { "joined" }
        }
    }

    fn leave(&mut self, who: u64) -> Outcome {
        if self.wanted.contains_key(&who) && self.offer_ends_at.is_some() {
            return "not open";
        }
        self.wanted.remove(&who);
        "done"
    }

    fn activate(&mut self, now: Timestamp) -> Outcome {
        match self.status(now) {
            GroupBuyStatus::Open => "target not reached",
            GroupBuyStatus::TargetReached => {
                self.offer_ends_at = Some(plus_seconds(now, self.days * DAY_SECONDS));
                self.tell_all();
                "done"
            }
            _ => "not open",
        }
    }

    fn cancel(&mut self, now: Timestamp) -> Outcome {
        if !self.status(now).is_pending() {
            return "not open";
        }
        self.ended = Some(GroupBuyStatus::Cancelled);
        self.tell_all();
        "done"
    }

    fn work(&mut self, now: Timestamp) {
        if self.ended.is_none() && self.status(now) == GroupBuyStatus::Expired {
            self.ended = Some(GroupBuyStatus::Expired);
            if self.offer_ends_at.is_none() {
                self.tell_all();
            }
        }
    }

    fn check_out(&self, who: u64, now: Timestamp) -> Outcome {
        if self.status(now) != GroupBuyStatus::Active {
            "not active"
        } else if self.paid.contains(&who) {
            "already purchased"
        } else if self.wanted.contains_key(&who) {
            "pay"
        } else {
            "interest required"
        }
    }
}

/// One group buy in the store, and everybody around it.
struct GroupFixture {
    fixture: Fixture,
    people: Vec<(Visitor, VisitorSession)>,
    slug: Slug,
    clock: Arc<ManualClock>,
    payments: Arc<FakePayments>,
    app: UseCases,
    /// The newest pay page of each person.
    opened: BTreeMap<u64, (CheckoutId, CheckoutSessionId)>,
}

impl GroupFixture {
    async fn new(
        on: Stores,
        payments: Arc<FakePayments>,
        random: &SeededRandom,
        seed: u64,
    ) -> (Self, Model) {
        let fixture = Fixture::new(on).await;
        let mut people = Vec::new();
        for _ in 0..PEOPLE {
            people.push(fixture.another_visitor().await);
        }
        let clock = Arc::new(ManualClock::new());
        let random_of_store = Arc::new(SeededRandom::new(seed ^ 0x6B07_B1A5));
        let on = &fixture.on;
        let installation = Installation::new("tollgate.localhost:8080").unwrap();
        let ports = Ports {
            stores: on.clone(),
            payments: payments.clone(),
            mailer: Arc::new(RecordingMailer::new()),
            objects: Arc::new(MemoryFileStore::new()),
            passwords: Arc::new(PlainPasswords::new()),
            links: Arc::new(TestLinks::new(installation.clone())),
            clock: clock.clone(),
            random: random_of_store,
        };
        let settings = Settings {
            fee_basis_points: 250,
            mail_quota: MailQuota {
                starting: 1_000_000,
                selling: 1_000_000,
                per_recipient: 1_000_000,
            },
            ..Settings::new(installation, Seal::new([b"the secret of a test".as_slice()]))
        };
        let app = UseCases::new(&ports, &settings);
        let account = super::fixture::account_of(&fixture.handle);
        payments.set_account(&account.account, an_account(&fixture.handle).build().state);
        let new = Self::group_buy(&fixture, random, &*clock).await;
        let model = Model {
            target: new.target_quantity,
            most: new.max_quantity,
            deadline: new.deadline,
            days: new.offer_days.unwrap(),
            wanted: BTreeMap::new(),
            offer_ends_at: None,
            ended: None,
            paid: BTreeSet::new(),
            mails: 0,
        };
        let slug = new.slug.clone();
        app.group_buys.create(&fixture.creator, &fixture.handle.name, new).await.unwrap();
        let opened = BTreeMap::new();
        let fixture = Self { fixture, people, slug, clock, payments, app, opened };
        (fixture, model)
    }

    async fn group_buy(fixture: &Fixture, random: &SeededRandom, clock: &dyn Clock) -> NewGroupBuy {
        let small = |bound| i64::try_from(random.below(bound)).unwrap();
        let page = fixture.page(a_page().paid(1_200, "usd").published()).await;
        let target = 4 + small(5);
        let mut new = a_group_buy(&page).target(target).days(1 + small(2)).new_group_buy();
        new.max_quantity = (small(2) == 0).then(|| target + small(4));
        new.deadline =
            (small(3) > 0).then(|| plus_seconds(clock.now(), DAY_SECONDS * (1 + small(3))));
        new
    }

    fn person(&self, who: u64) -> &(Visitor, VisitorSession) {
        self.people.get(usize::try_from(who).unwrap()).unwrap()
    }

    /// One step of both, which have to agree on what comes of it. Gives what was done.
    async fn step(&mut self, model: &mut Model, random: &SeededRandom) -> String {
        let now = self.clock.now();
        let (creator, name) = (self.fixture.creator.clone(), self.fixture.handle.name.clone());
        let (slug, who) = (self.slug.clone(), random.below(PEOPLE));
        let (visitor, session) = self.person(who).clone();
        let (what, outcome, expected) = match random.below(20) {
            0..=6 => {
                let number = i64::try_from(random.below(4)).unwrap() + 1;
                let quantity = Quantity::new(number).unwrap();
                let result = self.app.offers.express(&name, &slug, visitor.id, quantity).await;
                let new = |(_, is_new)| if is_new { "joined" } else { "replaced" };
                ("join", of_offer(result, new), model.join(who, number, now))
            }
            7 | 8 => {
                let result = self.app.offers.withdraw(&name, &slug, visitor.id).await;
                ("leave", of_offer(result, |()| "done"), model.leave(who))
            }
            9 | 10 => {
                let result =
                    self.app.group_buys.activate(&creator, &name, &slug, &BasedOn::Any).await;
                ("activate", outcome_of(result), model.activate(now))
            }
            11 if random.below(4) == 0 => {
                let result =
                    self.app.group_buys.cancel(&creator, &name, &slug, &BasedOn::Any).await;
                ("cancel", outcome_of(result), model.cancel(now))
            }
            11..=13 => {
                self.clock.advance_seconds(i64::try_from(random.below(30_000)).unwrap());
                ("wait", "", "")
            }
            14 => {
                self.work().await;
                model.work(now);
                ("work", "", "")
            }
            15..=17 => {
                let (urls, token) = (ReturnUrls::default(), session.token);
                let started = self.app.offers.checkout(name, &slug, visitor.id, token, urls).await;
                let outcome = of_offer(started, |started| {
                    let hosted = self.payments.session_at(&started.url).expect("a pay page");
                    self.opened.insert(who, (started.id, hosted));
                    "pay"
                });
                ("check out", outcome, model.check_out(who, now))
            }
            _ => {
                // A session that is paid is honoured, also when the offer has ended in the meantime.
                if let Some((id, session)) = self.opened.remove(&who) {
                    self.payments.pay(&session).expect("a session that can be paid");
                    self.app.checkouts.complete_return(id, None).await.unwrap();
                    model.paid.insert(who);
                    model.mails += 1;
                }
                ("pay", "", "")
            }
        };
        assert_eq!(outcome, expected, "{what} by {who} in {model:?} at {now}");
        format!("{what} by {who}: {outcome}")
    }

    /// What is stored and shown is what the model says.
    async fn compare(&self, model: &Model) {
        let (name, creator) = (&self.fixture.handle.name, &self.fixture.creator);
        let details = self.app.offers.details(name, &self.slug).await.unwrap();
        let now = self.clock.now();
        assert_eq!(details.status, model.status(now));
        let is_ended = details.view.group_buy.state == GroupBuyState::Expired;
        assert_eq!(is_ended, model.ended == Some(GroupBuyStatus::Expired));
        assert_eq!(details.view.group_buy.current_quantity, model.sum());
        assert_eq!(details.view.group_buy.offer_ends_at, model.offer_ends_at);
        assert!(model.most.is_none_or(|most| model.sum() <= most));
        let page = PageRequest { limit: 100, after: None };
        let records =
            self.app.group_buys.interests(creator, name, &self.slug, &page).await.unwrap().items;
        let stored: BTreeMap<_, _> = records
            .iter()
            .map(|it| (it.visitor_id, (it.quantity.get(), it.committed, it.paid)))
            .collect();
        let committed = model.offer_ends_at.is_some();
        let expected = model.wanted.iter().map(|(who, quantity)| {
            (self.person(*who).0.id, (*quantity, committed, model.paid.contains(who)))
        });
        assert_eq!(stored, expected.collect());
        let paid = self.app.group_buys.owned(creator, name, &self.slug).await.unwrap().paid;
        let people = i64::try_from(model.paid.len()).unwrap();
        assert_eq!((paid.visitors, paid.amount), (people, people * 900));
        let quantity: i64 = model.paid.iter().filter_map(|who| model.wanted.get(who)).sum();
        assert_eq!(paid.quantity, quantity);
        let page = PageRequest { limit: 1_000, after: None };
        let mails =
            self.fixture.on.reports.mails(self.fixture.handle.id, None, &page).await.unwrap();
        // Those to the creator are not counted in the model.
        let is_to_creator =
            |kind| matches!(kind, MailKind::GroupBuyReached | MailKind::GroupBuyMissed);
        let to_visitors = mails.items.iter().filter(|it| !is_to_creator(it.kind));
        assert_eq!(u64::try_from(to_visitors.count()).unwrap(), model.mails);
    }

    /// Runs jobs until none is due.
    async fn work(&self) {
        let runner = self.app.runner();
        while runner.step().await.unwrap() != Step::Idle {}
    }
}

/// Status, sum, interests, commitments, payments and mails are compared after every step.
pub async fn random_histories_keep_to_the_model(on: Stores) {
    // One provider for all, so that no two sessions have one id.
    let payments = Arc::new(FakePayments::new());
    for seed in 0..HISTORIES {
        let random = SeededRandom::new(0x9E0_0B00 + seed);
        let (mut fixture, mut model) =
            GroupFixture::new(on.clone(), payments.clone(), &random, seed).await;
        let mut history = Vec::new();
        for _ in 0..STEPS {
            let done = fixture.step(&mut model, &random).await;
            history.push(done);
            fixture.compare(&model).await;
        }
        // Runners see the jobs of the whole store, so each history ends its own group buy.
        let _ = fixture
            .app
            .group_buys
            .cancel(
                &fixture.fixture.creator,
                &fixture.fixture.handle.name,
                &fixture.slug,
                &BasedOn::Any,
            )
            .await;
        fixture.clock.advance_seconds(40 * DAY_SECONDS);
        fixture.work().await;
        assert!(history.iter().any(|done| done.contains("joined")), "{history:?}");
    }
}

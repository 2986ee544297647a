//! Everything that a history happens to: replicas, a store, a provider, a mail server, shops and visitors.

mod setup;
mod tasks;

use std::{any::Any, collections::BTreeMap, future::Future, sync::Arc};

use jiff::Timestamp;
use tollgate_domain::{
    access::Purchase,
    clock::Clock,
    creators::Page,
    email::Email,
    id::{CheckoutId, PageId, VisitorId},
    jobs::{Runner, Step},
    names::Slug,
    payments::{CheckoutSessionId, EventSubject, ProviderEvent, SessionProgress},
    store::Stores,
    token::{Code, Token},
    use_cases::UseCases,
    visitor_auth::{Browser, LinkRequest, Visitor},
};
use tollgate_domain_testing::{
    FakePayments, ManualClock, RecordingMailer, SeededRandom, SessionRecord, Shop, link_in,
};

use crate::{
    history::{self, PageNo, Turns, Who},
    machine::{Driver, Gates, Network, ReplicaId, SkewedClock},
    model::Model,
    violation::{Rule, Violation},
};

pub(crate) use setup::GROUP_PRICE;
pub(crate) use tasks::Done;
use tasks::{Owner, Tasks};

/// More turns than the operations of a sound history need.
const MAX_TURNS: u32 = 200_000;
/// More jobs than a history leaves behind.
const MAX_JOBS: u32 = 10_000;
/// The address of every client.
pub(crate) const CLIENT: &str = "192.0.2.1";

/// A page and the shop that sells it.
#[derive(Debug, Clone)]
pub(crate) struct PageFacts {
    pub(crate) id: PageId,
    pub(crate) slug: Slug,
    pub(crate) shop: usize,
}

/// A process of Tollgate.
pub(crate) struct Replica {
    pub(crate) app: Arc<UseCases>,
    pub(crate) stores: Stores,
    pub(crate) runner: Runner,
}

/// A link in a mail.
pub(crate) struct MailedLink {
    pub(crate) token: Token,
    pub(crate) code: Code,
    pub(crate) queued_at: Timestamp,
}

/// What one history happens to.
pub(crate) struct Simulation {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) payments: Arc<FakePayments>,
    pub(crate) mailer: Arc<RecordingMailer>,
    pub(crate) stores: Stores,
    pub(crate) gates: Arc<Gates>,
    pub(crate) network: Arc<Network>,
    pub(crate) driver: Driver,
    pub(crate) tasks: Tasks,
    pub(crate) replicas: Vec<Replica>,
    /// The use cases without gates, which look at what became of everything.
    pub(crate) witness: Arc<UseCases>,
    pub(crate) random: Arc<SeededRandom>,
    randoms: Vec<Arc<SeededRandom>>,
    skews: [i64; 3],
    pub(crate) shops: Vec<Shop>,
    pub(crate) pages: Vec<PageFacts>,
    pub(crate) visitors: Vec<Visitor>,
    /// The addresses that visitors may change to, each at one shop.
    pub(crate) new_addresses: BTreeMap<(Who, usize), Visitor>,
    /// The events that are on their way.
    pub(crate) events: Vec<ProviderEvent>,
    pub(crate) model: Model,
    /// What lives as long as the store.
    _keep: Option<Box<dyn Any + Send>>,
}

impl Simulation {
    /// Does a step of the history.
    pub(crate) fn step(&mut self, step: &history::Step) -> Result<(), Violation> {
        self.clock.advance(jiff::SignedDuration::from_millis(1));
        self.apply(step.replica, step.op)?;
        self.collect_messages();
        self.go_on(step.turns, &SeededRandom::new(step.salt))?;
        self.check_step(step)?;
        self.check_accounts()
    }

    /// Lets the operations under way go on.
    pub(crate) fn go_on(&mut self, turns: Turns, random: &SeededRandom) -> Result<(), Violation> {
        let mut left = match turns {
            Turns::UntilQuiet => MAX_TURNS,
            Turns::Some(turns) => u32::from(turns),
        };
        while left > 0 && !self.tasks.is_empty() {
            left -= 1;
            let ended = self.tasks.advance(random, &self.driver, &self.gates);
            self.gates.decision()?;
            if let Some((done, is_undisturbed)) = ended {
                done(self, is_undisturbed)?;
            }
            self.collect_messages();
            while let Some(replica) = self.gates.take_dead() {
                self.crash(replica);
            }
        }
        if self.tasks.is_empty() {
            self.model.under_way_seconds = 0;
            return Ok(());
        }
        Rule::OperationsEnd
            .check(turns != Turns::UntilQuiet, || "an operation goes on for ever".into())
    }

    /// Lets everything that is under way end.
    pub(crate) fn quiet(&mut self) -> Result<(), Violation> {
        let random = SeededRandom::new(self.random.next_u64());
        self.go_on(Turns::UntilQuiet, &random)
    }

    /// Notes what is on its way between the replicas and the provider.
    pub(crate) fn collect_messages(&mut self) {
        let requests = self.network.take_posted();
        self.tasks.take_over(requests);
        for event in self.payments.take_events() {
            self.model.newest_events.insert(event.object_id.clone(), event.id.clone());
            // The platform gets no events of an account that it has no access to, except the one that says so.
            let is_told = event.subject == EventSubject::Deauthorization
                || event.account.as_ref().is_none_or(|it| self.payments.is_within_reach(it));
            if is_told {
                self.events.push(event);
            }
        }
    }

    /// Begins an operation of a replica.
    pub(crate) fn begin(
        &mut self,
        replica: ReplicaId,
        operation: impl Future<Output = Done> + Send + 'static,
    ) {
        let is_calm = self.gates.is_calm() && self.network.is_calm() && self.payments.is_calm();
        self.tasks.begin(Owner::Replica(replica), Box::pin(operation), is_calm);
    }

    /// Reads something while nothing else goes on. MUST NOT open a unit of work while one may be open.
    pub(crate) fn ask<T>(&self, question: impl Future<Output = T>) -> Result<T, Violation> {
        self.gates.enter(u64::MAX);
        let answer = self.driver.complete(question);
        answer.ok_or_else(|| Rule::OperationsEnd.broken("a question has no answer"))
    }

    /// The same for a question that cannot fail while nothing is told to.
    pub(crate) fn learn<T, E: std::fmt::Display>(
        &self,
        question: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Violation> {
        self.ask(question)?.map_err(|error| Rule::UndisturbedSucceeds.broken(error.to_string()))
    }

    /// The use cases of a replica.
    pub(crate) fn app(&self, replica: ReplicaId) -> Arc<UseCases> {
        self.replicas.get(replica).map_or_else(|| self.witness.clone(), |it| it.app.clone())
    }

    /// A page with its shop.
    pub(crate) fn place(&self, page: PageNo) -> Result<(Shop, PageFacts), Violation> {
        let page = self.pages.get(page).cloned();
        let shop = page.as_ref().and_then(|page| self.shops.get(page.shop)).cloned();
        shop.zip(page).ok_or_else(|| Rule::UndisturbedSucceeds.broken("no such page"))
    }

    pub(crate) fn visitor(&self, who: Who) -> Result<Visitor, Violation> {
        let visitor = self.visitors.get(who).cloned();
        visitor.ok_or_else(|| Rule::UndisturbedSucceeds.broken("no such visitor"))
    }

    /// The new address of a visitor at a shop, if the change to it may have happened.
    pub(crate) fn new_address(&self, who: Who, shop: usize) -> Option<Visitor> {
        let asked = self.model.moves.get(&(who, shop)).filter(|it| it.is_begun);
        asked.and_then(|_| self.new_addresses.get(&(who, shop))).cloned()
    }

    /// The addresses that a visitor may have at a shop.
    pub(crate) fn addresses(&self, who: Who, shop: usize) -> Result<Vec<Visitor>, Violation> {
        let own = Some(self.visitor(who)?);
        Ok([own, self.new_address(who, shop)].into_iter().flatten().collect())
    }

    /// The sessions that Tollgate opened for a visitor and a page, oldest first.
    pub(crate) fn sessions_for(
        &self,
        who: Who,
        page: PageNo,
    ) -> Result<Vec<SessionRecord>, Violation> {
        let facts = self.place(page)?.1;
        let addresses = self.addresses(who, facts.shop)?;
        let is_theirs = |email: &Email| addresses.iter().any(|address| address.email == *email);
        let mut records = self.payments.session_records();
        records.retain(|it| {
            it.email.as_ref().is_some_and(is_theirs) && it.state.page_id == Some(facts.id)
        });
        Ok(records)
    }

    /// Those of these sessions that belong to one address of the visitor: by their purchases, or else by their orders.
    pub(crate) fn sessions_of(
        &self,
        address: VisitorId,
        who: Who,
        page: PageNo,
    ) -> Result<Vec<SessionRecord>, Violation> {
        let all = self.sessions_for(who, page)?;
        if self.new_address(who, self.place(page)?.1.shop).is_none() {
            return Ok(all);
        }
        let purchases = self.purchases(who, page)?;
        let mut theirs = Vec::new();
        for record in all {
            let purchase = purchases.iter().find(|purchase| {
                let payment = purchase.payment.as_ref();
                payment.is_some_and(|it| it.session == record.state.session)
            });
            let owner = if let Some(purchase) = purchase {
                Some(purchase.visitor_id)
            } else {
                self.orderer(record.state.checkout_id)?
            };
            if owner == Some(address) {
                theirs.push(record);
            }
        }
        Ok(theirs)
    }

    /// Who an order belongs to.
    fn orderer(&self, order: Option<CheckoutId>) -> Result<Option<VisitorId>, Violation> {
        let Some(id) = order else { return Ok(None) };
        let order = self.learn(self.stores.checkout.order(id))?;
        Ok(order.map(|order| order.visitor_id))
    }

    /// A visitor's purchases and gifts of a page, those of each address newest first.
    pub(crate) fn purchases(&self, who: Who, page: PageNo) -> Result<Vec<Purchase>, Violation> {
        let mut all = Vec::new();
        for address in self.addresses(who, self.place(page)?.1.shop)? {
            all.extend(self.purchases_of(address.id, page)?);
        }
        Ok(all)
    }

    /// The purchases and gifts of a page that belong to one address, newest first.
    pub(crate) fn purchases_of(
        &self,
        address: VisitorId,
        page: PageNo,
    ) -> Result<Vec<Purchase>, Violation> {
        let page = self.place(page)?.1.id;
        self.learn(self.stores.purchases.purchases_of(address, page))
    }

    /// The purchases and gifts of a page that belong to the address with which a visitor signs in.
    pub(crate) fn own_purchases(&self, who: Who, page: PageNo) -> Result<Vec<Purchase>, Violation> {
        self.purchases_of(self.visitor(who)?.id, page)
    }

    /// A page as it is stored now.
    pub(crate) fn page_now(&self, page: PageNo) -> Result<Page, Violation> {
        let (shop, facts) = self.place(page)?;
        let found = self.learn(self.stores.creators.page(shop.handle.id, &facts.slug))?;
        found.ok_or_else(|| Rule::AnsweredIsSeen.broken("a page is gone"))
    }

    /// How far a session is at the provider.
    pub(crate) fn progress(&self, session: &CheckoutSessionId) -> Option<SessionProgress> {
        self.payments.session(session).map(|state| state.progress)
    }

    /// The links that were mailed to an address, oldest first.
    pub(crate) fn links_of(&self, email: &Email) -> Vec<MailedLink> {
        let sent = self.mailer.sent().into_iter().filter(|mail| mail.to == *email);
        let links = sent.filter_map(|mail| {
            let (token, code) = link_in(&mail.content)?;
            Some(MailedLink { token, code, queued_at: mail.queued_at })
        });
        links.collect()
    }

    /// Signs a visitor in, as nobody disturbs it.
    pub(crate) fn signed_in(&self, email: &Email) -> Result<(Visitor, Token), Violation> {
        let app = self.witness.clone();
        let request = LinkRequest {
            email: email.clone(),
            return_to: None,
            handle: None,
            client: CLIENT,
            browser: None,
            language: None,
        };
        self.learn(app.sign_in.request_link(request))?;
        self.work_off()?;
        let link = self.links_of(email).pop();
        let link = link.ok_or_else(|| Rule::FactsAreMailed.broken("a link was not mailed"))?;
        let browser = Browser::default();
        let signed_in = self.learn(app.sign_in.redeem_token(&link.token, &browser))?;
        Ok((signed_in.visitor, signed_in.token))
    }

    /// Does all jobs that are due.
    pub(crate) fn work_off(&self) -> Result<(), Violation> {
        let runner = self.witness.runner();
        for _ in 0..MAX_JOBS {
            if self.learn(runner.step())? == Step::Idle {
                return Ok(());
            }
        }
        Err(Rule::OperationsEnd.broken("the jobs never end"))
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What time it is on a replica.
    pub(crate) fn now_at(&self, replica: ReplicaId) -> Timestamp {
        let skew = self.skews.get(replica).copied().unwrap_or_default();
        SkewedClock::new(self.clock.clone(), skew).now()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.driver.within(|| self.tasks.clear());
    }
}

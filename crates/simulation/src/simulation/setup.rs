//! Making a simulation.

use std::{collections::BTreeMap, sync::Arc};

use tollgate_domain::{
    clock::Clock,
    creators::Quotas,
    group_buys::NewGroupBuy,
    id::VisitorId,
    installation::Installation,
    mail::MailQuota,
    payments::Payments,
    random::Random,
    seal::Seal,
    store::Stores,
    store_error::StoreError,
    use_cases::{Ports, Settings, UseCases},
    visitor_auth::{SignInConfig, Visitor},
};
use tollgate_domain_testing::{
    FakePayments, ManualClock, MemoryFileStore, PlainPasswords, RecordingMailer, SeededRandom,
    TestLinks, a_page, email, money, open_shop, slug,
};

use super::{PageFacts, Replica, Simulation, tasks::Tasks};
use crate::{
    backend::Backend,
    history::{History, PEOPLE, Who},
    machine::{GatedPayments, REPLICAS, ReplicaId, SkewedClock, gated},
    model::{GroupModel, Known, Model, PersonModel, SessionModel},
    violation::{Rule, Violation},
};

/// The price of a page at the beginning.
const PRICE: i64 = 1_200;
/// The price of a group buy.
pub(crate) const GROUP_PRICE: i64 = 900;

impl Simulation {
    /// Makes the simulation of a history over an empty store: two shops with three pages, a group buy, and
    /// visitors who are signed in.
    pub(crate) fn new(history: &History, backend: Backend) -> Result<Self, Violation> {
        let Backend { stores, driver, keep } = backend;
        let clock = Arc::new(ManualClock::new());
        let payments = Arc::new(FakePayments::with_clock(clock.clone()));
        let mailer = Arc::new(RecordingMailer::new());
        let random =
            |number: u64| Arc::new(SeededRandom::new(history.seed.rotate_left(20) ^ number));
        let witness = Ports {
            stores: stores.clone(),
            payments: payments.clone(),
            mailer: mailer.clone(),
            clock: clock.clone(),
            random: random(1),
            ..ports(&stores, clock.clone(), random(1), payments.clone())?
        };
        let mut simulation = Self {
            witness: Arc::new(UseCases::new(&witness, &settings()?)),
            clock,
            payments,
            mailer,
            stores,
            gates: Arc::default(),
            network: Arc::default(),
            driver,
            tasks: Tasks::default(),
            replicas: Vec::new(),
            random: random(2),
            randoms: vec![random(3), random(4), random(5)],
            skews: history.skews,
            shops: Vec::new(),
            pages: Vec::new(),
            visitors: Vec::new(),
            new_addresses: BTreeMap::new(),
            events: Vec::new(),
            model: Model::default(),
            _keep: keep,
        };
        for replica in 0..REPLICAS {
            let started = simulation.process(replica)?;
            simulation.replicas.push(started);
        }
        for (name, titles) in [("ada", ["guide", "atlas"].as_slice()), ("eve", &["songs"])] {
            simulation.open_shop(name, titles)?;
        }
        simulation.begin_group_buy(3)?;
        for name in ["ann", "ben", "cem"].into_iter().take(PEOPLE) {
            simulation.sign_in(name)?;
        }
        for place in (0..PEOPLE).flat_map(|who| [(who, 0), (who, 1)]) {
            simulation.add_new_address(place)?;
        }
        simulation.payments.take_events();
        Ok(simulation)
    }

    /// Starts the process of a replica.
    fn process(&self, replica: ReplicaId) -> Result<Replica, Violation> {
        let skew = self.skews.get(replica).copied().unwrap_or_default();
        let clock = Arc::new(SkewedClock::new(self.clock.clone(), skew));
        let random = self.randoms.get(replica).unwrap_or(&self.random).clone();
        let payments = Arc::new(GatedPayments {
            inner: self.payments.clone(),
            network: self.network.clone(),
            gates: self.gates.clone(),
            replica,
        });
        let stores = gated(&self.stores, &self.gates, replica);
        let ports =
            Ports { mailer: self.mailer.clone(), ..ports(&stores, clock, random, payments)? };
        let app = Arc::new(UseCases::new(&ports, &settings()?));
        Ok(Replica { runner: app.runner(), app, stores })
    }

    /// The process of a replica dies, with everything that it was doing, and starts again.
    pub(crate) fn crash(&mut self, replica: ReplicaId) {
        self.driver.within(|| self.tasks.kill(replica));
        if let Ok(process) = self.process(replica)
            && let Some(place) = self.replicas.get_mut(replica)
        {
            *place = process;
        }
    }

    fn open_shop(&mut self, name: &str, titles: &[&str]) -> Result<(), Violation> {
        let app = self.witness.clone();
        let number = self.shops.len();
        let opening = open_shop(&app, &*self.stores.checkout, &self.payments, name);
        let shop = self.learn(opening)?;
        for title in titles {
            let new = a_page().slug(title).paid(PRICE, "usd").published().new_page();
            let page = self.learn(app.pages.create(&shop.creator, &shop.handle.name, new))?;
            self.pages.push(PageFacts { id: page.id, slug: page.slug, shop: number });
        }
        self.shops.push(shop);
        Ok(())
    }

    /// Begins a group buy of the first page.
    pub(crate) fn begin_group_buy(&mut self, target: i64) -> Result<(), Violation> {
        let new = self.new_group_buy(target)?;
        let (shop, _) = self.place(0)?;
        let name = new.slug.clone();
        let app = self.witness.clone();
        self.learn(app.group_buys.create(&shop.creator, &shop.handle.name, new))?;
        self.model.groups.push(GroupModel::new(name));
        Ok(())
    }

    /// The fields of the next group buy.
    pub(crate) fn new_group_buy(&self, target: i64) -> Result<NewGroupBuy, Violation> {
        Ok(NewGroupBuy {
            slug: slug(&format!("group-{}", self.model.groups.len())),
            title: "Together".into(),
            description: String::new(),
            page_slug: self.place(0)?.1.slug,
            price: money(GROUP_PRICE, "usd"),
            target_quantity: target,
            max_quantity: Some(target + 4),
            deadline: Some(tollgate_domain::clock::plus_seconds(self.now(), 2 * 24 * 3600)),
            offer_days: Some(2),
        })
    }

    fn sign_in(&mut self, name: &str) -> Result<(), Violation> {
        let address = email(&format!("{name}@example.com"));
        let (visitor, token) = self.signed_in(&address)?;
        self.visitors.push(visitor);
        let session = SessionModel { token, is_alive: Known::new(true) };
        self.model.people.push(PersonModel {
            sessions: vec![session],
            cookie: Some(0),
            requests: 1,
            accepted_requests: 1,
            ..PersonModel::default()
        });
        Ok(())
    }
}

impl Simulation {
    /// Adds the address that a visitor may change to at a shop.
    fn add_new_address(&mut self, (who, shop): (Who, usize)) -> Result<(), Violation> {
        let address = Visitor {
            id: VisitorId::new(&*self.random),
            email: email(&format!("new-{who}-{shop}@example.com")),
            created_at: self.now(),
        };
        let added = self.learn(async {
            let mut unit = self.stores.store.begin().await?;
            let added = unit.visitors().ensure(&address).await?;
            unit.commit().await?;
            Ok::<_, StoreError>(added)
        })?;
        self.new_addresses.insert((who, shop), added);
        Ok(())
    }
}

/// Ports over the given adapters and new ones.
fn ports(
    stores: &Stores,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    payments: Arc<dyn Payments>,
) -> Result<Ports, Violation> {
    Ok(Ports {
        stores: stores.clone(),
        payments,
        mailer: Arc::new(RecordingMailer::new()),
        objects: Arc::new(MemoryFileStore::new()),
        passwords: Arc::new(PlainPasswords::new()),
        links: Arc::new(TestLinks::new(installation()?)),
        clock,
        random,
    })
}

fn installation() -> Result<Installation, Violation> {
    Installation::new("tollgate.localhost:8080")
        .map_err(|error| Rule::UndisturbedSucceeds.broken(error.to_string()))
}

fn settings() -> Result<Settings, Violation> {
    Ok(Settings {
        // What is limited by number is tested elsewhere; here it would only end histories early.
        sign_in: SignInConfig { client_codes_per_minute: 1_000_000, ..SignInConfig::default() },
        quotas: Quotas { max_handles: 1_000, max_stored_bytes: 1 << 40, ..Quotas::default() },
        mail_quota: MailQuota { starting: 100_000, selling: 100_000, per_recipient: 100_000 },
        fee_basis_points: 250,
        ..Settings::new(installation()?, Seal::new([b"the secret of a test".as_slice()]))
    })
}

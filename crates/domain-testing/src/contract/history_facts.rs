//! Whether a visitor's history, which is read from tables of its own, says what the ledger says.

use jiff::Timestamp;

use super::{fixture::Fixture, history::all};
use crate::{Shop, TestApp, a_file, a_page, a_session, a_visitor, open_shop};
use tollgate_domain::{
    access::{
        AccessRecord, AccessStatus, AccessType, Fact, FactKind, Holding, PurchaseState, Resource,
    },
    checkout::ReturnUrls,
    clock::Clock,
    creators::Page,
    files::{File, FileAccess, FileChange},
    jobs::Step,
    money::Money,
    payments::{DisputeProgress, PaymentIntentId},
    refunds::RefundWish,
    store::Stores,
    use_cases::UseCases,
    version::BasedOn,
};

/// One access as the history tells it: its type, when it was given, its status, when it ended, and the amount paid.
type Said = (AccessType, Timestamp, AccessStatus, Option<Timestamp>, Option<Money>);

fn of_row(row: &AccessRecord) -> Said {
    (row.access_type, row.granted_at, row.status, row.ended_at, row.amount)
}

/// Returns what the facts about a purchase say.
fn of_purchase(facts: &[Fact]) -> Said {
    let grants = [FactKind::Purchased, FactKind::GroupPurchased, FactKind::Granted];
    let mut granted = facts.iter().filter(|fact| grants.contains(&fact.kind));
    let granted = granted.next().expect("the fact that gave access");
    let state = PurchaseState::of(facts);
    let holding = Holding {
        grant_type: state.grant_type().unwrap(),
        revoked: state.revoked_at.is_some(),
        suspended: state.suspended_at.is_some(),
    };
    let access_type = AccessType::of_grant(state.granted_as.unwrap());
    let status = AccessStatus::of_holding(holding);
    (access_type, granted.at, status, state.revoked_at, granted.amount)
}

/// Returns what the facts about files say of the place on a list that has this id.
fn of_place(facts: &[Fact], id: &str) -> Said {
    let is_added = |fact: &&Fact| fact.kind == FactKind::Allowlisted && fact.reference == id;
    let added = facts.iter().find(is_added).expect("the fact that gave access");
    let ends = facts.iter().filter(|fact| match fact.kind {
        FactKind::AllowlistRemoved => fact.reference == id,
        FactKind::FileDeleted => fact.subject.resource == added.subject.resource,
        _ => false,
    });
    let ended_at = ends.map(|fact| fact.at).min();
    (AccessType::Allowlist, added.at, AccessStatus::of_place(ended_at), ended_at, None)
}

/// The use cases over the store of a case, and what happens to one visitor. A minute passes before each thing that does.
struct Happenings {
    app: TestApp,
    use_cases: UseCases,
    /// Its page is free with login.
    fixture: Fixture,
}

impl Happenings {
    async fn new(on: Stores) -> Self {
        let app = TestApp::new();
        let use_cases = app.over(on.clone());
        let opened = open_shop(&use_cases, &*on.checkout, &app.payments, "ada").await;
        let Shop { creator, handle, .. } = opened.unwrap();
        let page = a_page().of(&handle).free_with_login().published().build();
        let visitor = a_visitor().build();
        let session = a_session(&visitor).build();
        let fixture = Fixture { on, creator, handle, page, visitor, session };
        assert!(fixture.commit(async |unit| unit.pages().insert(&fixture.page).await).await);
        fixture.commit(async |unit| unit.visitors().ensure(&fixture.visitor).await).await;
        fixture.keep_session(&fixture.session).await;
        Self { app, use_cases, fixture }
    }

    fn a_minute_later(&self) -> Timestamp {
        self.app.clock.advance_seconds(60);
        self.app.clock.now()
    }

    async fn priced(&self) -> Page {
        self.a_minute_later();
        self.fixture.page(a_page().paid(1_200, "usd").published()).await
    }

    async fn buy(&self) -> (Page, PaymentIntentId) {
        let page = self.priced().await;
        let (name, slug) = (self.fixture.handle.name.clone(), page.slug.clone());
        let (session, urls) = (Some(self.fixture.session.token), ReturnUrls::default());
        let started = self.use_cases.checkouts.start(name, slug, session, urls).await.unwrap();
        let session = self.app.payments.session_at(&started.url).expect("a pay page");
        let payment = self.app.payments.pay(&session).expect("a session that can be paid");
        self.use_cases.checkouts.complete_return(started.id, None).await.unwrap();
        (page, payment)
    }

    async fn buy_and_refund(&self) {
        let (page, _) = self.buy().await;
        self.a_minute_later();
        let Fixture { creator, handle, visitor, .. } = &self.fixture;
        let wish = RefundWish {
            visitor_id: visitor.id,
            purchase_id: None,
            reason: None,
            idempotency_key: None,
            arrived_at: self.app.clock.now(),
            at_most: None,
        };
        self.use_cases.refunds.refund(creator, &handle.name, &page.slug, wish).await.unwrap();
    }

    /// Buys, and has the bank dispute it and come to this end, if it does.
    async fn buy_and_dispute(&self, end: Option<DisputeProgress>) {
        let (_, payment) = self.buy().await;
        self.a_minute_later();
        let dispute = self.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
        self.deliver_webhooks().await;
        if let Some(end) = end {
            self.a_minute_later();
            self.app.payments.decide_dispute(&dispute, end);
            self.deliver_webhooks().await;
        }
    }

    async fn deliver_webhooks(&self) {
        for event in self.app.payments.take_events() {
            self.use_cases.events.receive(&event).await.unwrap();
        }
        let runner = self.use_cases.runner();
        while let Step::Ran(..) = runner.step().await.unwrap() {}
    }

    async fn give(&self, is_revoked: bool) {
        let page = self.priced().await;
        let Fixture { creator, handle, visitor, .. } = &self.fixture;
        let (grants, name, slug) = (&self.use_cases.grants, &handle.name, &page.slug);
        let given = grants.give(creator, name, slug, visitor.email.clone()).await.unwrap();
        if is_revoked {
            self.a_minute_later();
            grants.revoke(creator, name, slug, given.grant.id).await.unwrap();
        }
    }

    /// Returns a file with the visitor on its list.
    async fn list(&self) -> File {
        self.a_minute_later();
        let file = self.fixture.file(a_file().by_list()).await;
        let Fixture { creator, handle, visitor, .. } = &self.fixture;
        let (name, email) = (&handle.name, visitor.email.clone());
        let (_, is_new) =
            self.use_cases.files.allow(creator, name, &file.slug, email).await.unwrap();
        assert!(is_new);
        file
    }

    /// Has everything happen. Returns the files: the visitor is on the list of the first, was on that of the second, and the
    /// third is deleted.
    async fn happen(&self) -> [File; 3] {
        let Self { fixture, use_cases, .. } = self;
        let Fixture { creator, handle, visitor, .. } = fixture;
        fixture.visit(visitor, &fixture.page, self.a_minute_later()).await;
        self.buy().await;
        self.buy_and_refund().await;
        self.buy_and_dispute(None).await;
        self.buy_and_dispute(Some(DisputeProgress::Won)).await;
        self.buy_and_dispute(Some(DisputeProgress::Lost)).await;
        self.give(false).await;
        self.give(true).await;
        let files = [self.list().await, self.list().await, self.list().await];
        let [_, left, deleted] = &files;
        self.a_minute_later();
        let (name, email) = (&handle.name, &visitor.email);
        assert!(use_cases.files.disallow(creator, name, &left.slug, email).await.unwrap());
        self.a_minute_later();
        use_cases.files.delete(creator, name, &deleted.slug, &BasedOn::Any).await.unwrap();
        files
    }

    /// Returns the facts about files.
    async fn facts_of(&self, files: &[File]) -> Vec<Fact> {
        let mut unit = self.fixture.begin().await;
        let mut facts = Vec::new();
        for file in files {
            facts.extend(unit.ledger().of_resource(Resource::File(file.id)).await.unwrap());
        }
        facts
    }
}

/// It has the instants, the state and the amount that follow from the facts. That somebody looked at a page is not a fact.
pub async fn every_row_of_a_history_has_its_fact(on: Stores) {
    let happenings = Box::pin(Happenings::new(on)).await;
    let files = happenings.happen().await;
    let fixture = &happenings.fixture;
    let rows = all(fixture, &fixture.visitor).await;
    let mut told: Vec<_> = rows.iter().map(|row| (row.access_type, row.status)).collect();
    told.reverse();
    let expected = [
        (AccessType::FreeLogin, AccessStatus::Active),
        (AccessType::Purchase, AccessStatus::Active),
        (AccessType::Purchase, AccessStatus::Refunded),
        (AccessType::Purchase, AccessStatus::Suspended),
        (AccessType::Purchase, AccessStatus::Active),
        (AccessType::Purchase, AccessStatus::Revoked),
        (AccessType::Complimentary, AccessStatus::Active),
        (AccessType::Complimentary, AccessStatus::Revoked),
        (AccessType::Allowlist, AccessStatus::Active),
        (AccessType::Allowlist, AccessStatus::Revoked),
        (AccessType::Allowlist, AccessStatus::Revoked),
    ];
    assert_eq!(told, expected);
    let of_files = happenings.facts_of(&files).await;
    let mut unit = fixture.begin().await;
    for row in &rows {
        let of_facts = match row.access_type {
            AccessType::FreeLogin => {
                let facts = unit.ledger().of_resource(Resource::Page(fixture.page.id)).await;
                assert_eq!(facts.unwrap(), vec![]);
                continue;
            }
            AccessType::Allowlist => of_place(&of_files, &row.id),
            AccessType::Purchase | AccessType::GroupBuy | AccessType::Complimentary => {
                let facts = unit.ledger().of_purchase(row.id.parse().unwrap()).await;
                of_purchase(&facts.unwrap())
            }
        };
        assert_eq!(of_row(row), of_facts, "{row:?}");
    }
}

/// How a file is opened is not a fact either, as with a page: the ledger has the place, and the history says that the list opens
/// nothing.
pub async fn a_list_that_is_out_of_use_ends_its_places_without_a_fact(on: Stores) {
    let happenings = Box::pin(Happenings::new(on)).await;
    let file = happenings.list().await;
    let Happenings { use_cases, fixture, .. } = &happenings;
    let row = async || all(fixture, &fixture.visitor).await.pop().unwrap();
    let listed = row().await;
    let now = happenings.a_minute_later();
    let page_slug = Some(Some(fixture.page.slug.clone()));
    let change = FileChange { access: Some(FileAccess::Page), page_slug, ..FileChange::default() };
    let (creator, name) = (&fixture.creator, &fixture.handle.name);
    use_cases.files.change(creator, name, &file.slug, change, &BasedOn::Any).await.unwrap();
    let unlisted = row().await;
    assert_eq!((unlisted.status, unlisted.ended_at), (AccessStatus::Revoked, Some(now)));
    let facts = happenings.facts_of(&[file]).await;
    assert_eq!(of_place(&facts, &unlisted.id), of_row(&listed));
}

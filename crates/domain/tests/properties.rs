//! What holds for every set of facts and every page, whatever happened.

#![expect(clippy::unwrap_used, reason = "a helper of tests: every gate here is of a page")]

use proptest::{prelude::*, sample::subsequence, test_runner::Config};
use tollgate_domain::{
    access::{
        Fact, FactKind, GrantType, Holding, PageTerms, Purchase, PurchaseState, Reason,
        ResourceGate, Terms, Viewer, decide,
    },
    creators::{AccessMode, PageStatus},
    id::{CreatorId, PageId},
};
use tollgate_domain_testing::{
    SeededRandom, a_fact, a_page, a_purchase, a_visitor, an_order, at, money, start_of_time,
};

fn config() -> Config {
    Config { cases: 2_000, failure_persistence: None, ..Config::default() }
}

fn purchase() -> Purchase {
    let page = a_page().paid(1_200, "usd").build();
    a_purchase(&an_order(&a_visitor().build(), &page).build()).build()
}

/// A fact about one purchase: what, about which object, when, how much.
type Told = (FactKind, u8, i64, i64);

fn told() -> impl Strategy<Value = Told> {
    let kinds = prop::sample::select(vec![
        FactKind::Purchased,
        FactKind::GroupPurchased,
        FactKind::Granted,
        FactKind::RefundAccepted,
        FactKind::RefundAccepted,
        FactKind::RefundFailed,
        FactKind::Disputed,
        FactKind::DisputeWon,
        FactKind::DisputeLost,
        FactKind::Revoked,
        FactKind::PaymentQuarantined,
        FactKind::QuarantineRefunded,
    ]);
    (
        kinds,
        0_u8..4,
        0_i64..50,
        prop::sample::select(vec![0, 1, 200, 400, 600, 1_199, 1_200, 2_000]),
    )
}

/// A set of facts, as the ledger keeps it: one for each kind and reference.
fn ledger() -> impl Strategy<Value = Vec<Fact>> {
    prop::collection::vec(told(), 0..14).prop_map(|tales| {
        let purchase = purchase();
        let mut facts: Vec<Fact> = Vec::new();
        for (kind, object, second, amount) in tales {
            let reference = match kind {
                FactKind::Purchased | FactKind::GroupPurchased => "cs_1".to_owned(),
                FactKind::RefundAccepted | FactKind::RefundFailed => format!("re_{object}"),
                FactKind::Disputed | FactKind::DisputeWon | FactKind::DisputeLost => {
                    // A dispute may take a further turn.
                    if second % 3 == 0 {
                        format!("du_{object}@{second}")
                    } else {
                        format!("du_{object}")
                    }
                }
                _ => "x".to_owned(),
            };
            let known = |fact: &Fact| fact.kind == kind && fact.reference == reference;
            if !facts.iter().any(known) {
                let fact = a_fact(&purchase, kind, at(second)).reference(&reference);
                facts.push(fact.amount(money(amount, "usd")).build());
            }
        }
        facts
    })
}

/// A ledger that begins as ours do: with a payment of 12 USD.
fn paid_ledger() -> impl Strategy<Value = Vec<Fact>> {
    ledger().prop_map(|mut facts| {
        facts.retain(|fact| {
            !matches!(fact.kind, FactKind::Purchased | FactKind::GroupPurchased | FactKind::Granted)
        });
        let purchased = a_fact(&purchase(), FactKind::Purchased, start_of_time());
        facts.push(purchased.reference("cs_1").amount(money(1_200, "usd")).build());
        facts
    })
}

fn holding() -> impl Strategy<Value = Holding> {
    let grants = prop::sample::select(vec![
        GrantType::Purchase,
        GrantType::GroupBuy,
        GrantType::Complimentary,
        GrantType::Refunded,
    ]);
    (grants, any::<bool>(), any::<bool>()).prop_map(|(grant_type, revoked, suspended)| Holding {
        grant_type,
        revoked,
        suspended,
    })
}

fn gate() -> impl Strategy<Value = ResourceGate> {
    let modes = vec![AccessMode::Public, AccessMode::FreeWithLogin, AccessMode::Paid];
    let statuses = vec![PageStatus::Draft, PageStatus::Published, PageStatus::Archived];
    (prop::sample::select(modes), prop::sample::select(statuses)).prop_map(|(mode, status)| {
        let random = SeededRandom::new(3);
        let page = PageTerms { page_id: PageId::new(at(0), &random), mode, status };
        ResourceGate { creator_id: CreatorId::new(at(0), &random), terms: Terms::Page(page) }
    })
}

/// The terms of the page of a gate.
fn terms(gate: &ResourceGate) -> PageTerms {
    *gate.terms.page().unwrap()
}

/// Whether a fact says that a dispute was opened again, and no decision followed.
fn is_open_again(fact: &Fact, facts: &[Fact]) -> bool {
    let of_it = facts.iter().filter(|other| other.object() == fact.object());
    let mut decisions =
        of_it.filter(|other| matches!(other.kind, FactKind::DisputeWon | FactKind::DisputeLost));
    fact.kind == FactKind::Disputed
        && fact.object() != fact.reference
        && decisions.all(|decision| decision.at < fact.at)
}

fn opens(reason: Option<Reason>) -> bool {
    reason.is_some_and(Reason::has_access)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_state_is_the_same_for_every_order_of_the_facts(
        (facts, shuffled) in ledger().prop_flat_map(|facts| {
            (Just(facts.clone()), Just(facts).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(PurchaseState::of(&facts), PurchaseState::of(&shuffled));
    }

    #[test]
    fn a_state_is_the_same_for_every_duplication_of_the_facts(
        (facts, copies) in ledger().prop_flat_map(|facts| {
            let count = facts.len();
            let copies = subsequence(facts.clone(), 0..=count).prop_shuffle();
            (Just(facts), copies)
        }),
    ) {
        let mut doubled = copies;
        doubled.extend(facts.clone());
        prop_assert_eq!(PurchaseState::of(&facts), PurchaseState::of(&doubled));
    }

    #[test]
    fn a_refund_never_opens_what_was_closed(
        facts in ledger(),
        object in 0_u8..6,
        second in 0_i64..60,
        amount in 0_i64..3_000,
    ) {
        let before = PurchaseState::of(&facts);
        let reference = format!("re_{object}");
        let refund = a_fact(&purchase(), FactKind::RefundAccepted, at(second))
            .reference(&reference)
            .amount(money(amount, "usd"))
            .build();
        let known = facts
            .iter()
            .any(|fact| fact.kind == FactKind::RefundAccepted && fact.reference == reference);
        prop_assume!(!known);
        let mut facts = facts;
        facts.push(refund);
        let after = PurchaseState::of(&facts);
        prop_assert!(before.is_active() || !after.is_active());
        prop_assert!(after.refunded >= before.refunded);
        prop_assert!(before.revoked_at.is_none() || after.revoked_at.is_some());
    }

    #[test]
    fn what_is_lost_is_a_part_of_what_was_paid_and_closes_the_page(facts in ledger()) {
        let state = PurchaseState::of(&facts);
        prop_assert!((0..=state.paid).contains(&state.lost));
        prop_assert!(state.lost == 0 || !state.is_active());
    }

    #[test]
    fn a_failed_refund_never_closes_what_was_open(facts in ledger(), object in 0_u8..6) {
        let before = PurchaseState::of(&facts);
        let mut facts = facts;
        facts.push(
            a_fact(&purchase(), FactKind::RefundFailed, at(99))
                .reference(&format!("re_{object}"))
                .build(),
        );
        let after = PurchaseState::of(&facts);
        prop_assert!(after.is_active() || !before.is_active());
        prop_assert!(after.refunded <= before.refunded);
    }

    #[test]
    fn an_open_dispute_or_a_revocation_never_opens_what_was_closed(
        facts in ledger(),
        kind in prop::sample::select(vec![
            FactKind::Disputed, FactKind::Revoked, FactKind::PaymentQuarantined,
        ]),
    ) {
        let before = PurchaseState::of(&facts);
        let mut facts = facts;
        facts.push(a_fact(&purchase(), kind, at(99)).reference("new").build());
        let after = PurchaseState::of(&facts);
        prop_assert!(before.is_active() || !after.is_active());
    }

    #[test]
    fn a_record_says_the_same_as_its_ledger(facts in paid_ledger()) {
        let state = PurchaseState::of(&facts);
        let mut record = purchase();
        state.apply_to(&mut record);
        prop_assert_eq!(record.holding().is_active(), state.is_active());
        prop_assert_eq!(record.grant_type == GrantType::Refunded, state.is_refunded());
        prop_assert_eq!(record.refunded, state.refunded);
        // Applied again, to whatever was there before, it says the same.
        let mut again = record.clone();
        state.apply_to(&mut again);
        prop_assert_eq!(record, again);
    }

    #[test]
    fn what_was_refunded_in_full_is_closed_and_less_is_not_enough(facts in paid_ledger()) {
        let state = PurchaseState::of(&facts);
        prop_assert_eq!(state.paid, 1_200);
        let back: i64 = facts
            .iter()
            .filter(|fact| fact.kind == FactKind::RefundAccepted)
            .filter(|fact| !facts.iter().any(|other| {
                other.kind == FactKind::RefundFailed && other.reference == fact.reference
            }))
            .filter_map(|fact| fact.amount)
            .map(|money| money.amount)
            .sum();
        prop_assert_eq!(state.refunded, back.min(1_200));
        prop_assert_eq!(state.is_contradictory, back > 1_200);
        prop_assert_eq!(state.is_refunded(), back >= 1_200);
        prop_assert!(back < 1_200 || !state.is_active());
        let only_refunds = facts.iter().all(|fact| matches!(
            fact.kind,
            FactKind::Purchased | FactKind::RefundAccepted | FactKind::RefundFailed
        ));
        prop_assert!(!only_refunds || state.is_active() == (back < 1_200));
    }

    #[test]
    fn without_a_grant_nothing_is_open(facts in ledger()) {
        let granted = facts.iter().any(|fact| matches!(
            fact.kind,
            FactKind::Purchased | FactKind::GroupPurchased | FactKind::Granted
        ));
        prop_assert!(granted || !PurchaseState::of(&facts).is_active());
    }

    #[test]
    fn an_open_purchase_has_no_open_or_lost_dispute(facts in paid_ledger()) {
        let state = PurchaseState::of(&facts);
        for fact in &facts {
            let of_it = facts.iter().filter(|other| other.object() == fact.object());
            let won = of_it.filter(|other| other.kind == FactKind::DisputeWon);
            let won_last = won.map(|won| won.at).max();
            let is_first = fact.object() == fact.reference;
            let stands = match fact.kind {
                FactKind::Disputed if is_first => won_last.is_none(),
                // One that was opened again after it was won, or lost then.
                FactKind::Disputed | FactKind::DisputeLost => won_last.is_none_or(|at| at < fact.at),
                _ => false,
            };
            prop_assert!(!stands || !state.is_active());
        }
    }

    #[test]
    fn a_dispute_that_is_open_again_suspends_and_revokes_nothing(facts in paid_ledger()) {
        let state = PurchaseState::of(&facts);
        let again: Vec<_> = facts.iter().filter(|fact| is_open_again(fact, &facts)).collect();
        prop_assert!(again.is_empty() || state.suspended_at.is_some());
        let revokes = |fact: &Fact| match fact.kind {
            FactKind::Revoked | FactKind::RefundAccepted => true,
            FactKind::DisputeLost => again.iter().all(|it| it.object() != fact.object()),
            _ => false,
        };
        prop_assert!(facts.iter().any(revokes) || state.revoked_at.is_none());
    }

    #[test]
    fn any_one_active_purchase_opens_a_page_and_no_other_takes_that_away(
        page in gate(),
        holdings in prop::collection::vec(holding(), 0..6),
        place in 0_usize..6,
    ) {
        let mut holdings = holdings;
        let active =
            Holding { grant_type: GrantType::Purchase, revoked: false, suspended: false };
        holdings.insert(place.min(holdings.len()), active);
        let viewer = Viewer { signed_in: true, holdings: &holdings, ..Viewer::default() };
        prop_assert!(opens(decide(&page, viewer)));
    }

    #[test]
    fn what_is_refunded_revoked_or_suspended_opens_no_paid_page(
        page in gate(),
        holdings in prop::collection::vec(holding(), 0..6),
    ) {
        let closed: Vec<_> =
            holdings.into_iter().filter(|holding| !holding.is_active()).collect();
        let viewer = Viewer { signed_in: true, holdings: &closed, ..Viewer::default() };
        let terms = PageTerms { mode: AccessMode::Paid, ..terms(&page) };
        let paid = ResourceGate { terms: Terms::Page(terms), ..page };
        prop_assert!(!opens(decide(&paid, viewer)));
    }

    #[test]
    fn without_a_session_purchases_say_nothing(
        page in gate(),
        holdings in prop::collection::vec(holding(), 0..6),
    ) {
        let without = Viewer::default();
        let with = Viewer { holdings: &holdings, ..without };
        prop_assert_eq!(decide(&page, with), decide(&page, without));
        let is_public = terms(&page).mode == AccessMode::Public && terms(&page).status == PageStatus::Published;
        prop_assert_eq!(opens(decide(&page, with)), is_public);
    }

    #[test]
    fn the_order_of_purchases_does_not_matter(
        page in gate(),
        (holdings, shuffled) in prop::collection::vec(holding(), 0..6)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        signed_in in any::<bool>(),
    ) {
        let one = Viewer { signed_in, holdings: &holdings, ..Viewer::default() };
        let other = Viewer { holdings: &shuffled, ..one };
        prop_assert_eq!(decide(&page, one), decide(&page, other));
    }

    #[test]
    fn its_creator_sees_every_page_and_another_creator_sees_what_anybody_sees(
        page in gate(),
        holdings in prop::collection::vec(holding(), 0..6),
        signed_in in any::<bool>(),
    ) {
        let anybody = Viewer { signed_in, holdings: &holdings, ..Viewer::default() };
        let owner = Viewer { creator: Some(page.creator_id), ..anybody };
        prop_assert!(opens(decide(&page, owner)));
        let stranger = CreatorId::new(at(1), &SeededRandom::new(4));
        let other = Viewer { creator: Some(stranger), ..anybody };
        prop_assert_eq!(decide(&page, other), decide(&page, anybody));
    }

    #[test]
    fn a_reason_fits_its_page(
        page in gate(),
        holdings in prop::collection::vec(holding(), 0..6),
        signed_in in any::<bool>(),
    ) {
        let viewer = Viewer { signed_in, holdings: &holdings, ..Viewer::default() };
        match decide(&page, viewer) {
            None => prop_assert_ne!(terms(&page).status, PageStatus::Published),
            Some(Reason::Public) => prop_assert_eq!(terms(&page).mode, AccessMode::Public),
            Some(Reason::VisitorAuthRequired) => {
                prop_assert!(!signed_in && terms(&page).mode != AccessMode::Public);
            }
            Some(Reason::PurchaseRequired) => {
                prop_assert!(signed_in && terms(&page).mode == AccessMode::Paid);
            }
            Some(Reason::Entitled) => prop_assert!(signed_in),
            Some(Reason::FileForbidden) => prop_assert!(false, "no file"),
        }
    }
}

/// Earlier versions stored the amount of a loss as the bank said it.
#[test]
fn a_loss_in_another_currency_counts_as_the_whole() {
    for (currency, lost) in [("usd", 500), ("eur", 1_200)] {
        let purchase = purchase();
        let bought = a_fact(&purchase, FactKind::Purchased, at(0)).reference("cs_1");
        let loss = a_fact(&purchase, FactKind::DisputeLost, at(1)).reference("du_1");
        let bought = bought.amount(money(1_200, "usd")).build();
        let loss = loss.amount(money(500, currency)).build();
        assert_eq!(PurchaseState::of([&bought, &loss]).lost, lost, "{currency}");
        assert_eq!(PurchaseState::of([&loss, &bought]).lost, lost, "{currency}");
    }
}

//! Histories that once broke a rule, shrunk. Each was found by the simulation, or written for a fault that was found by reading.

use tollgate_domain_testing::Call;
use tollgate_simulation::{
    CallFault::{KeyInUse, LostRequest, NotFoundOnce},
    History,
    Op::{
        self, Deliver, Dispute, FailCall, FailRefund, Forge, Give, Pay, Refund, RefundInDashboard,
        Start, Sweep, Work,
    },
    Paying::{Later, Now},
    Ruling::{Lost, Won},
    Step, Storage, Turns, run,
};

/// More jobs than are due at once in these histories: all of them are done, whichever kind comes first.
const ALL_JOBS: [Op; 8] = [Work; 8];

/// A payment for what its buyer has by then. The request to refund it is lost.
const SECOND_PAYMENT_NOT_REFUNDED: [Op; 5] = [
    Start { who: 0, page: 0 },
    Give { who: 0, page: 0 },
    Pay { nth: 0, how: Now },
    FailCall { call: Call::Refund, fault: LostRequest },
    Sweep,
];

/// Carries out what happens, one after the other, over a store in memory.
fn run_ops(loses_last_events: bool, ops: &[Op]) {
    let ops: Vec<_> = ops.iter().map(|op| (0, *op)).collect();
    run_steps(loses_last_events, [0; 3], &ops);
}

/// The same, each at its replica, whose clocks are off by so many milliseconds.
fn run_steps(loses_last_events: bool, skews: [i64; 3], ops: &[(usize, Op)]) {
    let step =
        |&(replica, op): &(usize, Op)| Step { replica, op, turns: Turns::UntilQuiet, salt: 0 };
    let steps = ops.iter().map(step).collect();
    let history = History { seed: 1, skews, loses_last_events, steps };
    let outcome = run(&history, Storage::Memory);
    assert!(outcome.is_ok(), "{outcome:?}\n{history}");
}

#[test]
fn a_payment_on_its_way_outlasts_a_session_that_only_names_its_order() {
    run_ops(
        true,
        &[
            Start { who: 0, page: 0 },
            Pay { nth: 0, how: Later },
            Forge { nth: 0, at_own_account: true },
        ],
    );
}

#[test]
fn a_dispute_waits_for_the_session_of_its_payment() {
    run_ops(
        false,
        &[
            FailCall { call: Call::Checkout, fault: NotFoundOnce },
            Start { who: 0, page: 2 },
            Pay { nth: 0, how: Now },
            Dispute { nth: 0, percent: 100 },
            // The event about the dispute, which comes after the one about the session.
            Deliver { nth: 1, is_doubled: false },
            Work,
        ],
    );
}

#[test]
fn the_rest_is_refunded_when_an_older_request_asks_for_more() {
    let after = [
        RefundInDashboard { nth: 0, percent: 60 },
        Sweep,
        Refund { who: 0, page: 0, again: false },
    ];
    run_ops(true, &[&SECOND_PAYMENT_NOT_REFUNDED[..], &ALL_JOBS, &after].concat());
}

#[test]
fn a_key_leads_to_the_refund_that_another_request_had_asked_for() {
    let after = [
        Refund { who: 0, page: 0, again: false },
        FailRefund { nth: 0 },
        Refund { who: 0, page: 0, again: true },
    ];
    run_ops(true, &[&SECOND_PAYMENT_NOT_REFUNDED[..], &ALL_JOBS, &after].concat());
}

#[test]
fn a_second_payment_goes_back_although_a_part_of_it_went_back_unnoticed() {
    run_ops(
        true,
        &[
            Start { who: 1, page: 0 },
            Give { who: 1, page: 0 },
            Pay { nth: 0, how: Now },
            RefundInDashboard { nth: 0, percent: 60 },
        ],
    );
}

#[test]
fn a_second_payment_goes_back_when_the_balance_covers_it() {
    let before = [
        Start { who: 1, page: 0 },
        Give { who: 1, page: 0 },
        Pay { nth: 0, how: Now },
        Op::Balance { shop: 0, is_sufficient: false },
        Deliver { nth: 0, is_doubled: false },
    ];
    run_ops(false, &[&before[..], &ALL_JOBS].concat());
}

#[test]
fn a_payment_that_began_while_its_account_was_away_is_told_to_be_on_its_way() {
    run_ops(
        true,
        &[
            Start { who: 0, page: 0 },
            Op::Disconnect { shop: 0 },
            Op::Price { page: 0, amount: 1_500 },
            Work,
            Work,
            Pay { nth: 0, how: Later },
        ],
    );
}

#[test]
fn a_payment_that_came_back_beside_another_one_keeps_a_third_away() {
    let newest = u8::MAX;
    run_ops(
        true,
        &[
            Start { who: 0, page: 0 },
            // The order is closed unseen, while its payment begins.
            Op::Disconnect { shop: 0 },
            Op::Price { page: 0, amount: 1_500 },
            Work,
            Work,
            Pay { nth: 0, how: Later },
            Op::LoseEvent { nth: newest },
            Op::GiveAccess { shop: 0, nth: 0 },
            Start { who: 0, page: 0 },
            Pay { nth: 0, how: Later },
            Deliver { nth: newest, is_doubled: false },
            Work,
            Work,
            Sweep,
            // The second payment, which has the place, fails.
            Op::Complete { nth: newest, arrives: false },
            Deliver { nth: newest, is_doubled: false },
            Work,
            Work,
            Start { who: 0, page: 0 },
        ],
    );
}

#[test]
fn a_payment_is_found_although_the_clock_that_noted_its_account_was_ahead() {
    run_steps(
        true,
        [-1_095, 377, 1_361],
        &[
            (0, Op::Disconnect { shop: 0 }),
            (2, Op::Connect { shop: 0 }),
            (0, Start { who: 0, page: 0 }),
            (0, Pay { nth: 0, how: Now }),
        ],
    );
}

#[test]
fn an_account_opens_again_although_the_clock_that_noted_its_closing_was_ahead() {
    run_steps(
        true,
        [25, 37, -335],
        &[
            (0, Op::Restrict { shop: 0, is_restricted: true }),
            (0, Deliver { nth: 0, is_doubled: false }),
            (1, Work),
            (0, Op::Restrict { shop: 0, is_restricted: false }),
            (0, Start { who: 2, page: 0 }),
        ],
    );
}

#[test]
fn a_refund_that_waited_for_months_gives_access_back_when_it_fails() {
    let newest = u8::MAX;
    run_ops(
        true,
        &[
            Start { who: 0, page: 0 },
            Pay { nth: newest, how: Now },
            Deliver { nth: newest, is_doubled: false },
            Work,
            Work,
            Work,
            Op::RefundsWait(true),
            Refund { who: 0, page: 0, again: false },
            Work,
            Work,
            Sweep,
            // The list of the second sweep shows the refund for the last time.
            Op::Months,
            Sweep,
            Op::Months,
            Sweep,
            FailRefund { nth: newest },
        ],
    );
}

#[test]
fn what_an_appeal_brings_back_after_a_lost_request_is_refunded_too() {
    let newest = u8::MAX;
    run_ops(
        false,
        &[
            FailCall { call: Call::Refund, fault: LostRequest },
            Start { who: 0, page: 0 },
            Pay { nth: newest, how: Now },
            Dispute { nth: newest, percent: 40 },
            Op::Decide { nth: newest, ruling: Lost },
            Deliver { nth: newest, is_doubled: false },
            Work,
            Refund { who: 0, page: 0, again: false },
            Op::Overturn { nth: newest },
            Refund { who: 0, page: 0, again: false },
        ],
    );
}

#[test]
fn a_refund_that_was_turned_away_before_an_appeal_was_won_is_made_after_it() {
    let newest = u8::MAX;
    run_ops(
        false,
        &[
            FailCall { call: Call::Refund, fault: KeyInUse },
            Start { who: 0, page: 0 },
            Pay { nth: newest, how: Now },
            Deliver { nth: newest, is_doubled: false },
            Dispute { nth: newest, percent: 100 },
            Deliver { nth: newest, is_doubled: false },
            Work,
            Op::Decide { nth: newest, ruling: Lost },
            Refund { who: 0, page: 0, again: false },
            Work,
            Op::Overturn { nth: newest },
            Refund { who: 0, page: 0, again: false },
        ],
    );
}

#[test]
fn a_press_joins_the_one_that_refunds_what_an_appeal_has_brought_back() {
    let newest = u8::MAX;
    let step = |op: Op, turns: Turns| Step { replica: 0, op, turns, salt: 0 };
    let mut steps: Vec<_> = [
        FailCall { call: Call::Refund, fault: KeyInUse },
        Start { who: 0, page: 0 },
        Pay { nth: newest, how: Now },
        Dispute { nth: newest, percent: 40 },
        Deliver { nth: newest, is_doubled: true },
        Work,
        Op::Decide { nth: newest, ruling: Lost },
        Refund { who: 0, page: 0, again: false },
    ]
    .map(|op| step(op, Turns::UntilQuiet))
    .into();
    steps.extend([
        step(Refund { who: 0, page: 0, again: false }, Turns::Some(9)),
        step(Op::Overturn { nth: newest }, Turns::Some(1)),
        step(Refund { who: 0, page: 0, again: false }, Turns::UntilQuiet),
    ]);
    let history = History { seed: 1, skews: [0; 3], loses_last_events: false, steps };
    let outcome = run(&history, Storage::Memory);
    assert!(outcome.is_ok(), "{outcome:?}\n{history}");
}

#[test]
fn nobody_whose_gift_keeps_a_page_open_hears_that_a_won_dispute_opens_it_again() {
    let newest = u8::MAX;
    run_ops(
        false,
        &[
            Start { who: 0, page: 0 },
            Pay { nth: newest, how: Now },
            Deliver { nth: newest, is_doubled: false },
            Work,
            Work,
            Give { who: 0, page: 0 },
            Op::Wait { seconds: 600 },
            Dispute { nth: newest, percent: 100 },
            Deliver { nth: newest, is_doubled: false },
            Work,
            Work,
            Op::Wait { seconds: 600 },
            Op::Decide { nth: newest, ruling: Won },
            Deliver { nth: newest, is_doubled: false },
            Work,
            Work,
        ],
    );
}

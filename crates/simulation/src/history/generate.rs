//! Random histories.

use tollgate_domain_testing::Call;

use super::{
    CallFault, History, Op, Paying, Ruling, Showing, Step, Turns,
    draw::Draw,
    scenarios::{scenario, signing_in},
};

/// The history of a seed, with so many steps.
pub fn generate(seed: u64, steps: usize) -> History {
    let draw = Draw::new(seed);
    let skews = [0, 1, 2].map(|_| i64::try_from(draw.below(3_000)).unwrap_or_default() - 1_500);
    let loses_last_events = draw.one_in(2);
    // Some histories have no faults, and some nothing but one thing after the other.
    let with_faults = !draw.one_in(4);
    let interleaved = !draw.one_in(4);
    let mut ops = Vec::new();
    while ops.len() < steps {
        if draw.one_in(20) {
            ops.extend(signing_in(&draw).map(|op| (draw.index(3), op)));
        } else if with_faults && draw.one_in(24) {
            let replica = draw.index(3);
            ops.extend(scenario(&draw).into_iter().map(|op| (replica, op)));
        } else {
            ops.push((draw.index(3), op(&draw, with_faults)));
        }
    }
    let steps = ops.into_iter().take(steps).map(|(replica, op)| Step {
        replica,
        op,
        turns: turns(&draw, interleaved),
        salt: draw.salt(),
    });
    History { seed, skews, loses_last_events, steps: steps.collect() }
}

fn turns(draw: &Draw, interleaved: bool) -> Turns {
    if !interleaved || draw.one_in(3) {
        return Turns::UntilQuiet;
    }
    let bound = draw.of(&[4, 20, 80], 20);
    Turns::Some(u16::try_from(draw.below(bound)).unwrap_or_default())
}

fn op(draw: &Draw, with_faults: bool) -> Op {
    match draw.below(100) {
        0..=11 => Op::Start { who: draw.who(), page: draw.page() },
        12..=20 => Op::Pay {
            nth: draw.small(8),
            how: if draw.one_in(4) { Paying::Later } else { Paying::Now },
        },
        21..=24 => Op::ComeBack { nth: draw.small(8) },
        25..=33 => Op::Deliver { nth: draw.small(8), is_doubled: draw.one_in(4) },
        34..=43 => Op::Work,
        44..=58 => creator(draw),
        59..=69 => visitor(draw),
        70..=79 => provider(draw),
        80..=86 => group(draw),
        87..=89 => Op::Wait { seconds: draw.wait() },
        90 => Op::Sweep,
        91 if draw.one_in(3) => Op::Forget,
        _ if with_faults => fault(draw),
        _ => Op::Work,
    }
}

fn visitor(draw: &Draw) -> Op {
    let who = draw.who();
    match draw.below(14) {
        0..=2 => Op::RequestLink(who),
        3..=5 => Op::Redeem { who, link: draw.small(4), again: draw.one_in(3) },
        6 | 7 => Op::EnterCode { who, is_right: true },
        8 | 9 => Op::EnterCode { who, is_right: false },
        10 => Op::SignOut(who),
        11 => Op::ConfirmMove { who, page: draw.page() },
        _ => Op::Look { who, page: draw.page() },
    }
}

fn creator(draw: &Draw) -> Op {
    let (who, page) = (draw.who(), draw.page());
    match draw.below(18) {
        0..=5 => Op::Refund { who, page, again: draw.one_in(4) },
        6 | 7 => Op::Give { who, page },
        8 | 9 => Op::TakeBack { who, page },
        10 | 11 => Op::Price { page, amount: draw.of(&[1_000, 1_200, 1_500], 1_200) },
        12 => Op::Show { page, showing: showing(draw) },
        13 => Op::Show { page, showing: Showing::OnSale },
        14 => Op::AskToMove { who, page },
        15 => Op::Connect { shop: draw.small(2) },
        16 if draw.one_in(3) => Op::Hold { shop: draw.small(2), is_held: !draw.one_in(3) },
        _ => Op::Trespass { who, page },
    }
}

fn showing(draw: &Draw) -> Showing {
    draw.of(&[Showing::Archived, Showing::Public, Showing::FreeWithLogin], Showing::Archived)
}

fn provider(draw: &Draw) -> Op {
    let nth = draw.small(6);
    match draw.below(27) {
        0..=3 => Op::RefundInDashboard { nth, percent: draw.of(&[30, 60, 100], 100) },
        4..=6 => Op::FailRefund { nth },
        7..=9 => Op::Dispute { nth, percent: draw.of(&[40, 100, 100], 100) },
        10..=12 => Op::Decide { nth, ruling: draw.of(&[Ruling::Won, Ruling::Lost], Ruling::Won) },
        13 | 14 => Op::Complete { nth, arrives: !draw.one_in(3) },
        15 | 16 => Op::LoseEvent { nth },
        17 => Op::Balance { shop: draw.small(2), is_sufficient: !draw.one_in(2) },
        18 => Op::Restrict { shop: draw.small(2), is_restricted: draw.one_in(2) },
        19 => Op::Inquire { nth },
        20 => Op::Escalate { nth },
        21 => Op::Reopen { nth },
        22 => Op::Overturn { nth },
        23 => Op::Prevent { nth },
        24 if draw.one_in(2) => Op::Disconnect { shop: draw.small(2) },
        24 | 25 => Op::GiveAccess { shop: draw.small(2), nth },
        _ => Op::Forge { nth, at_own_account: draw.one_in(2) },
    }
}

fn group(draw: &Draw) -> Op {
    let who = draw.who();
    match draw.below(14) {
        0..=4 => Op::Express { who, quantity: draw.small(3) + 1 },
        5 => Op::Withdraw(who),
        6..=8 => Op::Activate,
        9 if draw.one_in(3) => Op::Cancel,
        10 if draw.one_in(2) => Op::NewGroupBuy { target: draw.small(3) + 1 },
        _ => Op::StartInGroup(who),
    }
}

fn fault(draw: &Draw) -> Op {
    match draw.below(16) {
        0..=4 => Op::Crash { passes: draw.small(8) },
        5..=9 => call_fault(draw),
        10..=12 => Op::FailCommit { is_stored: draw.one_in(2) },
        13 => Op::CutOff(true),
        14 => Op::CutOff(false),
        _ => Op::FailMail,
    }
}

fn call_fault(draw: &Draw) -> Op {
    use CallFault::{
        Kept500, Kept500AfterEffect, KeyInUse, Late, LostAnswer, LostRequest, NotFoundOnce,
    };
    // The calls that change something, with an idempotency key or without.
    let keyed = [LostRequest, LostAnswer, Kept500, Kept500AfterEffect, KeyInUse, Late];
    match draw.below(8) {
        0..=2 => Op::FailCall { call: Call::OpenCheckout, fault: draw.of(&keyed, LostAnswer) },
        3 | 4 => Op::FailCall { call: Call::Refund, fault: draw.of(&keyed, LostAnswer) },
        5 => {
            let fault = draw.of(&[LostRequest, LostAnswer, Late], LostAnswer);
            Op::FailCall { call: Call::ExpireCheckout, fault }
        }
        6 => {
            let fault = draw.of(&[LostRequest, NotFoundOnce], NotFoundOnce);
            Op::FailCall { call: Call::Checkout, fault }
        }
        _ => {
            let calls = [
                Call::FindCheckout,
                Call::RefundState,
                Call::RefundsOfCharge,
                Call::ChargeOfPayment,
                Call::Dispute,
                Call::CheckoutOfPayment,
                Call::CheckoutsSince,
                Call::RefundsSince,
                Call::DisputesSince,
                Call::Account,
            ];
            Op::FailCall { call: draw.of(&calls, Call::FindCheckout), fault: LostRequest }
        }
    }
}

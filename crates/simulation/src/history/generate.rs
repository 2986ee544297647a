//! Random histories.

use tollgate_domain_testing::{Call, SeededRandom};

use super::{CallFault, History, NEWEST, Op, PAGES, PEOPLE, Paying, Ruling, Showing, Step, Turns};

/// Draws from a generator.
struct Draw(SeededRandom);

impl Draw {
    /// A number below `bound`.
    fn below(&self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    fn index(&self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(self.below(bound)).unwrap_or_default()
    }

    fn small(&self, bound: u8) -> u8 {
        u8::try_from(self.below(u64::from(bound))).unwrap_or_default()
    }

    fn one_in(&self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn of<T: Copy>(&self, choices: &[T], usual: T) -> T {
        choices.get(self.index(choices.len())).copied().unwrap_or(usual)
    }

    fn who(&self) -> usize {
        self.index(PEOPLE)
    }

    /// Half of everything is about one page, so that it meets.
    fn page(&self) -> usize {
        if self.one_in(2) { 0 } else { self.index(PAGES) }
    }
}

/// The history of a seed, with so many steps.
pub fn generate(seed: u64, steps: usize) -> History {
    let draw = Draw(SeededRandom::new(seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0x51B0_1A7E));
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
            ops.extend(scene(&draw).into_iter().map(|op| (replica, op)));
        } else {
            ops.push((draw.index(3), op(&draw, with_faults)));
        }
    }
    let steps = ops.into_iter().take(steps).map(|(replica, op)| Step {
        replica,
        op,
        turns: turns(&draw, interleaved),
        salt: draw.0.next_u64(),
    });
    History { seed, skews, loses_last_events, steps: steps.collect() }
}

/// A visitor asks for links and uses them, which seldom happens in a row by chance.
fn signing_in(draw: &Draw) -> [Op; 6] {
    let who = draw.who();
    let (link, again) = (draw.small(2), draw.one_in(3));
    let last = match draw.below(4) {
        0 => Op::EnterCode { who, is_right: true },
        1 => Op::Redeem { who, link, again },
        _ => Op::Redeem { who, link: draw.small(2), again },
    };
    let before = if draw.one_in(4) {
        Op::EnterCode { who, is_right: false }
    } else {
        Op::Redeem { who, link, again }
    };
    [Op::RequestLink(who), Op::RequestLink(who), Op::Work, Op::Work, before, last]
}

/// What seldom meets by chance, on one replica.
fn scene(draw: &Draw) -> Vec<Op> {
    let (who, page, nth) = (draw.who(), draw.page(), draw.small(8));
    let start = Op::Start { who, page };
    let pay = Op::Pay { nth, how: Paying::Now };
    let deliver = || Op::Deliver { nth: draw.small(4), is_doubled: draw.one_in(2) };
    match draw.below(6) {
        // The refund of a payment is told before the payment, whose session is not found at first.
        0 => {
            let fault = CallFault::NotFoundOnce;
            let missing = Op::FailCall { call: Call::Checkout, fault };
            let part = Op::RefundInDashboard { nth, percent: draw.of(&[30, 100], 100) };
            vec![start, pay, part, missing, deliver(), Op::Work, deliver(), Op::Work]
        }
        1 => refund_after_one_that_failed(draw, who, page),
        2 => dispute_that_turns(draw, start),
        3 => change_of_address(draw, who, page),
        4 => kept_error(draw, who, page),
        // What was paid for a gift does not go back at once.
        _ => {
            let shop = draw.small(2);
            let refused = if draw.one_in(2) {
                Op::Balance { shop, is_sufficient: false }
            } else {
                Op::FailCall { call: Call::Refund, fault: CallFault::LostRequest }
            };
            let gift = Op::Give { who, page };
            let pay = Op::Pay { nth: NEWEST, how: Paying::Now };
            let told = Op::Deliver { nth: NEWEST, is_doubled: false };
            let before = [start, gift, Op::Wait { seconds: 10 }, pay, refused, told];
            [before, [Op::Work; 6]].concat()
        }
    }
}

/// A visitor pays for a page, and the replica learns it.
fn sale(who: usize, page: usize) -> [Op; 5] {
    let newest = Op::Deliver { nth: NEWEST, is_doubled: false };
    let pay = Op::Pay { nth: NEWEST, how: Paying::Now };
    [Op::Start { who, page }, pay, newest, Op::Work, Op::Work]
}

/// A refund fails, and that is told twice while it is not known what came of the next one.
fn refund_after_one_that_failed(draw: &Draw, who: usize, page: usize) -> Vec<Op> {
    let nth = NEWEST;
    let refund = Op::Refund { who, page, again: false };
    let told = [Op::Deliver { nth, is_doubled: draw.one_in(4) }, Op::Work, Op::Work];
    // The next request reads that the first refund failed before it asks for another one.
    let unknown = match draw.below(3) {
        0 => Op::FailCall { call: Call::Refund, fault: CallFault::LostRequest },
        1 => Op::FailCall { call: Call::Refund, fault: CallFault::Late },
        _ => Op::Crash { passes: draw.small(24) },
    };
    let mut ops = sale(who, page).to_vec();
    ops.extend([refund, Op::FailRefund { nth }, unknown, refund]);
    ops.extend(told);
    ops.extend(told);
    ops
}

/// The provider fails at a request and keeps that answer, and what came of the request is not learnt at first.
fn kept_error(draw: &Draw, who: usize, page: usize) -> Vec<Op> {
    let is_refund = !draw.one_in(3);
    let (call, look) = if is_refund {
        (Call::Refund, Call::ChargeOfPayment)
    } else {
        (Call::OpenCheckout, Call::FindCheckout)
    };
    let kept = [CallFault::Kept500, CallFault::Kept500AfterEffect];
    let fault = draw.of(&kept, CallFault::Kept500);
    let unknown = if draw.one_in(2) {
        Op::Crash { passes: draw.small(10) }
    } else {
        Op::FailCall { call: look, fault: CallFault::LostRequest }
    };
    let again = draw.one_in(2);
    let (mut ops, asked, asked_again) = if is_refund {
        let asked = |again| Op::Refund { who, page, again };
        (sale(who, page).to_vec(), asked(false), asked(again))
    } else {
        let asked = Op::Start { who, page };
        (Vec::new(), asked, asked)
    };
    ops.extend([Op::FailCall { call, fault }, unknown, asked]);
    ops.push(Op::Wait { seconds: draw.of(&[5, 130, 400], 130) });
    ops.extend([asked_again, Op::Work, Op::Work]);
    ops
}

/// The address of somebody who has bought changes while another payment is on its way.
fn change_of_address(draw: &Draw, who: usize, page: usize) -> Vec<Op> {
    let newest = Op::Deliver { nth: NEWEST, is_doubled: draw.one_in(4) };
    let how = if draw.one_in(2) { Paying::Later } else { Paying::Now };
    vec![
        Op::Start { who, page },
        Op::Pay { nth: NEWEST, how: Paying::Now },
        newest,
        Op::Work,
        Op::Work,
        Op::AskToMove { who, page },
        Op::Work,
        Op::Work,
        Op::Start { who, page: draw.page() },
        Op::Pay { nth: NEWEST, how },
        Op::ConfirmMove { who, page },
        newest,
        Op::Work,
        Op::Settle { nth: NEWEST, arrives: true },
        Op::Work,
    ]
}

/// A payment is disputed, at once or after its bank has asked, and the dispute turns after it was decided, or ends
/// undecided.
fn dispute_that_turns(draw: &Draw, start: Op) -> Vec<Op> {
    let (nth, is_doubled) = (NEWEST, draw.one_in(4));
    let told = |op| [op, Op::Deliver { nth, is_doubled }, Op::Work, Op::Work];
    let mut ops = vec![start];
    ops.extend(told(Op::Pay { nth, how: Paying::Now }));
    if draw.one_in(2) {
        ops.extend(told(Op::Inquire { nth }));
        ops.extend(told(Op::Escalate { nth }));
    } else {
        ops.extend(told(Op::Dispute { nth }));
    }
    let (ruling, turned) = match draw.below(6) {
        0 => {
            ops.extend(told(Op::Prevent { nth }));
            return ops;
        }
        1 => (Ruling::Lost, Op::Overturn { nth }),
        2 => (Ruling::Lost, Op::Reopen { nth }),
        _ => (Ruling::Won, Op::Reopen { nth }),
    };
    ops.extend(told(Op::Decide { nth, ruling }));
    ops.push(Op::Wait { seconds: wait(draw) });
    ops.extend(told(turned));
    if draw.one_in(2) {
        let ruling = draw.of(&[Ruling::Won, Ruling::Won, Ruling::Lost], Ruling::Won);
        ops.extend(told(Op::Decide { nth, ruling }));
    }
    ops
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
        87..=89 => Op::Wait { seconds: wait(draw) },
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
    match draw.below(16) {
        0..=5 => Op::Refund { who, page, again: draw.one_in(4) },
        6 | 7 => Op::Give { who, page },
        8 | 9 => Op::TakeBack { who, page },
        10 | 11 => Op::Price { page, amount: draw.of(&[1_000, 1_200, 1_500], 1_200) },
        12 => Op::Show { page, showing: showing(draw) },
        13 => Op::Show { page, showing: Showing::OnSale },
        14 => Op::AskToMove { who, page },
        _ => Op::Trespass { who, page },
    }
}

fn showing(draw: &Draw) -> Showing {
    draw.of(&[Showing::Archived, Showing::Public, Showing::FreeWithLogin], Showing::Archived)
}

fn provider(draw: &Draw) -> Op {
    let nth = draw.small(6);
    match draw.below(25) {
        0..=3 => Op::RefundInDashboard { nth, percent: draw.of(&[30, 60, 100], 100) },
        4..=6 => Op::FailRefund { nth },
        7..=9 => Op::Dispute { nth },
        10..=12 => Op::Decide { nth, ruling: draw.of(&[Ruling::Won, Ruling::Lost], Ruling::Won) },
        13 | 14 => Op::Settle { nth, arrives: !draw.one_in(3) },
        15 | 16 => Op::LoseEvent { nth },
        17 => Op::Balance { shop: draw.small(2), is_sufficient: !draw.one_in(2) },
        18 => Op::Restrict { shop: draw.small(2), is_restricted: draw.one_in(2) },
        19 => Op::Inquire { nth },
        20 => Op::Escalate { nth },
        21 => Op::Reopen { nth },
        22 => Op::Overturn { nth },
        23 => Op::Prevent { nth },
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

fn wait(draw: &Draw) -> u32 {
    let bounds = [5, 60, 400, 4_000, 30_000, 100_000];
    u32::try_from(draw.below(draw.of(&bounds, 60))).unwrap_or_default() + 1
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

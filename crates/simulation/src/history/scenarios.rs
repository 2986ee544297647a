//! Scenarios: sequences of operations that seldom come about by chance.

use tollgate_domain_testing::Call;

use super::{CallFault, NEWEST, Op, Paying, Ruling, draw::Draw};

/// Returns a scenario in which a visitor asks for two links and uses them.
pub(super) fn signing_in(draw: &Draw) -> [Op; 6] {
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

/// Returns one of the other scenarios. All of its operations are of one replica.
pub(super) fn scenario(draw: &Draw) -> Vec<Op> {
    let (who, page, nth) = (draw.who(), draw.page(), draw.small(8));
    let start = Op::Start { who, page };
    let pay = Op::Pay { nth, how: Paying::Now };
    let deliver = || Op::Deliver { nth: draw.small(4), is_doubled: draw.one_in(2) };
    match draw.below(9) {
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
        5 => account_that_goes(draw, who, page),
        6 => group_price(draw, who),
        7 => refund_after_a_loss(draw, who, page),
        // What was paid for a gift is held, or does not go back at once.
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
            let mut ops = [before, [Op::Work; 6]].concat();
            if draw.one_in(3) {
                ops.insert(0, Op::Hold { shop: u8::from(page == 2), is_held: true });
            }
            ops
        }
    }
}

/// The access to the account of a shop is taken away while something is under way there, and comes back or not, and another
/// account is connected or not.
fn account_that_goes(draw: &Draw, who: usize, page: usize) -> Vec<Op> {
    // The first two pages belong to one shop and the third to another.
    let (shop, nth) = (u8::from(page == 2), NEWEST);
    let told = [Op::Deliver { nth, is_doubled: draw.one_in(3) }, Op::Work, Op::Work];
    let refund = Op::Refund { who, page, again: false };
    let asked = |draw: &Draw| {
        let another = Op::Start { who: draw.who(), page };
        draw.of(&[refund, Op::Start { who, page }, another, Op::Sweep], refund)
    };
    let mut ops = sale(who, page).to_vec();
    ops.truncate(draw.of(&[1, 2, 5, 5], 5));
    ops.push(Op::Disconnect { shop });
    match draw.below(3) {
        0 => ops.push(Op::LoseEvent { nth }),
        1 => ops.extend(told),
        // It comes late, if at all.
        _ => {}
    }
    ops.push(asked(draw));
    if draw.one_in(2) {
        ops.push(Op::Connect { shop });
        ops.push(asked(draw));
    }
    if draw.one_in(3) {
        ops.push(Op::Pay { nth, how: Paying::Now });
    }
    if !draw.one_in(3) {
        ops.extend([Op::GiveAccess { shop, nth }, asked(draw)]);
    }
    ops.extend(told);
    ops
}

/// A visitor asks for pay pages of the same page at the group price and at its own, and pays some of them.
fn group_price(draw: &Draw, who: usize) -> Vec<Op> {
    let nth = NEWEST;
    let mut starts = [Op::StartInGroup(who), Op::Start { who, page: 0 }];
    if draw.one_in(2) {
        starts.reverse();
    }
    let [first, second] = starts;
    let how = if draw.one_in(3) { Paying::Later } else { Paying::Now };
    let mut ops = vec![Op::NewGroupBuy { target: 1 }, Op::Express { who, quantity: 2 }];
    ops.extend([Op::Activate, first]);
    if draw.one_in(3) {
        ops.push(Op::Pay { nth, how });
    }
    ops.extend([second, Op::Pay { nth, how: Paying::Now }]);
    ops.extend([Op::Deliver { nth, is_doubled: draw.one_in(4) }, Op::Work, Op::Work]);
    if draw.one_in(3) {
        ops.push(Op::Refund { who, page: 0, again: false });
    }
    ops
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

/// A dispute about a payment or a part of it is lost, and its seller refunds before and after that is known.
fn refund_after_a_loss(draw: &Draw, who: usize, page: usize) -> Vec<Op> {
    let nth = NEWEST;
    let told = [Op::Deliver { nth, is_doubled: draw.one_in(4) }, Op::Work, Op::Work];
    let refund = Op::Refund { who, page, again: draw.one_in(3) };
    let mut ops = sale(who, page).to_vec();
    if draw.one_in(3) {
        ops.push(Op::RefundInDashboard { nth, percent: 30 });
    }
    ops.push(Op::Dispute { nth, percent: draw.of(&[40, 60, 100], 100) });
    ops.extend(told);
    ops.push(Op::Decide { nth, ruling: Ruling::Lost });
    if draw.one_in(3) {
        ops.push(refund);
    }
    ops.extend(told);
    ops.extend([Op::Wait { seconds: 10 }, refund]);
    if draw.one_in(3) {
        ops.extend([Op::Overturn { nth }, refund]);
        ops.extend(told);
    }
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
        Op::Complete { nth: NEWEST, arrives: true },
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
        ops.extend(told(Op::Dispute { nth, percent: draw.of(&[40, 100, 100], 100) }));
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
    ops.push(Op::Wait { seconds: draw.wait() });
    ops.extend(told(turned));
    if draw.one_in(2) {
        let ruling = draw.of(&[Ruling::Won, Ruling::Won, Ruling::Lost], Ruling::Won);
        ops.extend(told(Op::Decide { nth, ruling }));
    }
    ops
}

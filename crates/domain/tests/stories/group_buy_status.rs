//! What a group buy's state, sum and time add up to.

use tollgate_domain::group_buys::{GroupBuy, GroupBuyState, Room};
use tollgate_domain_testing::{a_group_buy, a_page, at};

#[test]
fn status_follows_from_state_sum_and_time() {
    use GroupBuyState as State;
    use tollgate_domain::group_buys::GroupBuyStatus as Status;
    let page = a_page().paid(1_200, "usd").build();
    let (before, deadline, offer_ends) = (at(99), at(100), at(200));
    for (state, sum, now, expected) in [
        (State::Open, 4, before, Status::Open),
        (State::Open, 5, before, Status::TargetReached),
        (State::Open, 4, deadline, Status::Expired),
        (State::Open, 5, deadline, Status::TargetReached),
        (State::Active, 5, at(199), Status::Active),
        (State::Active, 5, offer_ends, Status::Expired),
        (State::Expired, 5, before, Status::Expired),
        (State::Cancelled, 5, before, Status::Cancelled),
    ] {
        let mut it = a_group_buy(&page).target(5).deadline(deadline).sum(sum).build();
        it.state = state;
        it.offer_ends_at = (state == State::Active).then_some(offer_ends);
        assert_eq!(it.status(now), expected, "{state:?} {sum}");
        assert_eq!(it.is_overdue(now), expected == Status::Expired && state != State::Expired);
    }
}

#[test]
fn sum_grows_before_the_deadline_and_up_to_the_maximum() {
    let page = a_page().paid(1_200, "usd").build();
    let it = a_group_buy(&page).target(5).most(8).deadline(at(100)).sum(6).build();
    for (delta, now, expected) in [
        (2, at(99), Room::Free),
        (3, at(99), Room::Full),
        (i64::MAX, at(99), Room::Full),
        (1, at(100), Room::NotOpen),
        (0, at(100), Room::Free),
        (-6, at(100), Room::Free),
    ] {
        assert_eq!(it.room_for(delta, now), expected, "{delta}");
    }
    let below = GroupBuy { current_quantity: 4, ..it };
    assert_eq!(below.room_for(-1, at(99)), Room::Free);
    assert_eq!(below.room_for(-1, at(100)), Room::NotOpen);
    let active = GroupBuy { state: GroupBuyState::Active, ..below };
    assert_eq!(active.room_for(-1, at(99)), Room::NotOpen);
}

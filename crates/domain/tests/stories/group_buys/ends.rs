//! How a group buy ends without an offer: at its deadline, or because its creator calls it off.

use tollgate_domain::{
    group_buys::{GroupBuyError, GroupBuyStatus, OfferError},
    mail::MailContent,
};
use tollgate_domain_testing::{at, email};

use super::{CAROL, DAY, ENDED, Group};
use crate::{ADA, BOB, at_once};

#[pollster::test]
async fn the_deadline_ends_it_below_the_target_only() {
    let group = Group::with(|it| it.deadline(at(DAY))).await;
    let (bob, carol) = (&group.sale.bob, &group.carol);
    group.join(bob, 2).await.unwrap();
    group.join(carol, 1).await.unwrap();
    group.wait(DAY);
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::TargetReached);
    assert!(matches!(group.join(bob, 3).await, Err(OfferError::NotOpen)));
    group.sale.app.work().await;
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::TargetReached);
    group.leave(carol).await.unwrap();
    // That ended it, before any worker has come.
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::Expired);
    assert!(matches!(group.activate().await, Err(GroupBuyError::NotOpen)));
    assert!(matches!(group.cancel().await, Err(GroupBuyError::NotOpen)));
    group.leave(carol).await.unwrap();
    let ended = at_once(8, |_| {
        let app = group.sale.app.clone();
        async move { app.work().await }
    })
    .await
    .concat();
    assert_eq!(ended.iter().filter(|step| **step == ENDED).count(), 1);
    assert_eq!(group.sale.mails_to(BOB).await, ["group_buy_expired"]);
    assert!(group.sale.mails_to(CAROL).await.is_empty());
    // The creator heard of the target that was reached, too.
    let mut told = group.sale.mails_to(ADA).await;
    told.sort_unstable();
    assert_eq!(told, ["group_buy_missed", "group_buy_reached"]);
    let told = group.sale.app.mailer.sent_to(&email(ADA));
    // Nothing can be activated any more, so the mail leads to the group buy itself.
    let is_missed = |content: &MailContent| {
        matches!(content, MailContent::GroupBuyMissed { joined: 2, target: 3, console_url, .. }
            if console_url.ends_with("/ada/group-buys/together"))
    };
    assert!(told.iter().any(is_missed), "{told:?}");
}

#[pollster::test]
async fn who_leaves_what_ended_before_its_activation_hears_no_more_of_it() {
    let group = Group::with(|it| it.deadline(at(DAY))).await;
    let (bob, carol) = (&group.sale.bob, &group.carol);
    group.join(bob, 1).await.unwrap();
    group.join(carol, 1).await.unwrap();
    group.wait(DAY);
    // It is over, before any worker has come.
    group.leave(bob).await.unwrap();
    group.leave(bob).await.unwrap();
    assert!(matches!(group.join(bob, 1).await, Err(OfferError::NotOpen)));
    let steps = group.sale.app.work().await;
    assert_eq!(steps.iter().filter(|step| **step == ENDED).count(), 1);
    assert!(group.sale.mails_to(BOB).await.is_empty());
    assert_eq!(group.sale.mails_to(CAROL).await, ["group_buy_expired"]);
    group.leave(carol).await.unwrap();
    let ended = group.owned().await.details;
    assert_eq!((ended.status, ended.view.group_buy.current_quantity), (GroupBuyStatus::Expired, 0));
}

#[pollster::test]
async fn interests_are_withdrawn_after_a_cancellation_and_never_after_an_activation() {
    let group = Group::new().await;
    group.join(&group.sale.bob, 2).await.unwrap();
    group.join(&group.carol, 5).await.unwrap();
    group.cancel().await.unwrap();
    group.leave(&group.carol).await.unwrap();
    let cancelled = group.owned().await.details;
    assert_eq!(cancelled.status, GroupBuyStatus::Cancelled);
    assert_eq!(cancelled.view.group_buy.current_quantity, 2);

    let group = Group::activated().await;
    assert!(matches!(group.leave(&group.carol).await, Err(OfferError::NotOpen)));
    group.wait(7 * DAY);
    let ended = group.owned().await.details;
    assert_eq!(ended.status, GroupBuyStatus::Expired);
    assert!(matches!(group.leave(&group.carol).await, Err(OfferError::NotOpen)));
}

#[pollster::test]
async fn cancelling_tells_the_interested_once() {
    let group = Group::new().await;
    group.join(&group.sale.bob, 3).await.unwrap();
    assert_eq!(group.cancel().await.unwrap().details.status, GroupBuyStatus::Cancelled);
    assert!(matches!(group.cancel().await, Err(GroupBuyError::NotOpen)));
    assert!(matches!(group.activate().await, Err(GroupBuyError::NotOpen)));
    assert!(matches!(group.join(&group.carol, 1).await, Err(OfferError::NotOpen)));
    assert_eq!(group.sale.mails_to(BOB).await, ["group_buy_cancelled"]);
}

//! What an account has had since an instant, and the session of an order.

use super::{
    Disputing, Fixture, Paying, a_refund, an_account, an_order, from_now, opened, paid, refusal,
    session, sessions,
};
use tollgate_domain::payments::{
    DisputeProgress, OpenCheckout, PaymentsError, ProviderPage, Refusal, SessionProgress,
};

/// Reads a list to its end, and returns its pages.
async fn pages<T>(
    read: impl AsyncFn(Option<&str>) -> Result<ProviderPage<T>, PaymentsError>,
) -> Vec<Vec<T>> {
    let (mut pages, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = read(after.as_deref()).await.unwrap();
        assert!(page.items.len() <= 100, "{} in a page", page.items.len());
        assert_eq!(page.unreadable, Vec::<String>::new());
        pages.push(page.items);
        let Some(next) = page.next else { return pages };
        after = Some(next);
    }
}

/// Reads a list to its end.
async fn all<T>(
    read: impl AsyncFn(Option<&str>) -> Result<ProviderPage<T>, PaymentsError>,
) -> Vec<T> {
    pages(read).await.into_iter().flatten().collect()
}

pub async fn what_happened_since_an_instant_is_listed_newest_first(on: &impl Fixture) {
    let (account, other) = (an_account(on).await, an_account(on).await);
    let (payments, mut expected) = (on.payments(), Vec::new());
    for _ in 0..5 {
        let order = an_order(on, &account);
        let payment = paid(on, &order).await;
        let refund = payments.refund(&a_refund(&order, &payment, 100)).await.unwrap();
        let dispute = on.dispute(&payment, Disputing::default()).await;
        paid(on, &an_order(on, &other)).await;
        expected.insert(0, (order.checkout_id, refund, dispute));
        on.advance(60).await;
    }
    let open = an_order(on, &account);
    let last = opened(on, &open).await;
    let lasting = from_now(on, -3_600);

    for (seconds, count) in [(-3_600, 5), (-210, 3), (-150, 2), (60, 0)] {
        let since = from_now(on, seconds);
        let expected = expected.iter().take(count);
        let listed =
            all(async |after| payments.checkouts_since(&account, since, after).await).await;
        let seen: Vec<_> = listed.iter().map(|it| (it.checkout_id, it.progress)).collect();
        let newest = (Some(open.checkout_id), SessionProgress::Open);
        let newest = Some(newest).filter(|_| count > 0).into_iter();
        let paid = expected.clone().map(|(order, ..)| (Some(*order), SessionProgress::Paid));
        assert_eq!(seen, newest.chain(paid).collect::<Vec<_>>(), "{seconds}");

        let listed = all(async |after| payments.refunds_since(&account, since, after).await).await;
        let made: Vec<_> = expected.clone().map(|(_, refund, _)| refund.clone()).collect();
        assert_eq!(listed, made, "{seconds}");

        let listed = all(async |after| payments.disputes_since(&account, since, after).await).await;
        let seen: Vec<_> = listed.into_iter().map(|it| (it.dispute, it.progress)).collect();
        let opened = expected.map(|(.., dispute)| (dispute.clone(), DisputeProgress::Open));
        assert_eq!(seen, opened.collect::<Vec<_>>(), "{seconds}");
    }
    // A listed state is the one that is read.
    let listed = all(async |after| payments.checkouts_since(&account, lasting, after).await).await;
    assert_eq!(listed.first().map(|it| &it.session), Some(&last));
    for listed in listed {
        assert_eq!(listed, session(on, &account, &listed.session).await);
    }
    for listed in all(async |after| payments.disputes_since(&account, lasting, after).await).await {
        assert_eq!(payments.dispute(&account, &listed.dispute).await.unwrap(), listed);
    }
}

pub async fn a_list_of_more_than_a_page_is_read_to_its_end(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    let (payments, since) = (on.payments(), from_now(on, -60));
    for _ in 0..103 {
        payments.refund(&a_refund(&order, &payment, 1)).await.unwrap();
    }
    let pages =
        pages(async |after| payments.refunds_since(&order.account, since, after).await).await;
    assert!(pages.len() > 1 && pages.iter().all(|page| !page.is_empty()));
    let mut ids: Vec<_> = pages.into_iter().flatten().map(|it| it.refund).collect();
    assert_eq!(ids.len(), 103);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 103);
    let unknown = payments.refunds_since(&order.account, since, Some("re_none")).await;
    assert_eq!(refusal(unknown), Refusal::NotFound);
}

pub async fn a_payment_that_did_not_arrive_is_listed_as_failed(on: &impl Fixture) {
    let account = an_account(on).await;
    let opened = opened(on, &an_order(on, &account)).await;
    on.pay(&opened, Paying::Later).await;
    let listed = async || sessions(on, &account).await.into_iter().map(|it| it.progress);
    assert_eq!(listed().await.collect::<Vec<_>>(), [SessionProgress::Pending]);
    on.complete(&opened, false).await;
    assert_eq!(listed().await.collect::<Vec<_>>(), [SessionProgress::Failed]);
}

/// From ten minutes before the order until two hours after it.
pub async fn a_session_is_found_around_the_creation_of_its_order(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let find = async |minutes: i64| {
        let created_at = from_now(on, minutes * 60);
        on.payments().find_checkout(&order.account, order.checkout_id, created_at).await.unwrap()
    };
    assert_eq!(find(0).await, None);
    let opened = on.payments().open_checkout(&order).await.unwrap();
    for (minutes, is_found) in [(0, true), (9, true), (11, false), (-119, true), (-121, false)] {
        let expected = Some(&opened).filter(|_| is_found);
        assert_eq!(find(minutes).await.as_ref(), expected, "{minutes}");
    }
}

pub async fn an_open_session_is_found_before_one_that_was_completed(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let find = || on.payments().find_checkout(&order.account, order.checkout_id, on.now());
    let first = opened(on, &order).await;
    on.pay(&first, Paying::Now).await;
    let completed = find().await.unwrap().unwrap();
    assert_eq!((&completed.session, completed.url.as_str()), (&first, ""));
    let second = OpenCheckout { attempt: 1, ..order.clone() };
    let second = on.payments().open_checkout(&second).await.unwrap();
    assert_eq!(find().await.unwrap(), Some(second.clone()));
    on.payments().expire_checkout(&order.account, &second.session).await.unwrap();
    assert_eq!(find().await.unwrap().map(|it| it.session), Some(first));
}

pub async fn a_session_that_expired_is_not_found(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let opened = on.payments().open_checkout(&order).await.unwrap();
    let find = || on.payments().find_checkout(&order.account, order.checkout_id, on.now());
    assert_eq!(find().await.unwrap(), Some(opened.clone()));
    on.payments().expire_checkout(&order.account, &opened.session).await.unwrap();
    assert_eq!(find().await.unwrap(), None);
}

//! Requests for refunds.

use std::slice;

use super::fixture::{Fixture, parallel};
use crate::{a_refund_request, at, start_of_time};
use tollgate_domain::{
    access::Purchase,
    id::PurchaseId,
    payments::ProviderRefundId,
    refunds::{AcceptedRefund, RefundRequest},
    store::Stores,
};

async fn keep(fixture: &Fixture, request: &RefundRequest) {
    fixture.commit(async |unit| unit.refund_requests().insert(request).await).await;
}

pub async fn a_refund_request_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    for reason in [None, Some("asked for it, 'politely' ☃".to_owned())] {
        let purchase = fixture.bought(|it| it).await;
        let request = RefundRequest { reason, ..a_refund_request(&purchase, 700, at(1)) };
        keep(&fixture, &request).await;
        let read = async || fixture.on.refunds.unanswered_refund_of(purchase.id).await.unwrap();
        assert_eq!(read().await.as_ref(), Some(&request));
        let mut unit = fixture.begin().await;
        let requests = unit.refund_requests();
        let found = requests.unanswered_of(purchase.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&request));
        let answered = requests.answer(request.id, true, None, at(2)).await.unwrap();
        assert_eq!(answered, Some(request));
        unit.commit().await.unwrap();
        assert_eq!(read().await, None);
    }
}

/// It comes with the provider's refund once there is one. The newest that led to a refund is found, or else the newest, and
/// only of the purchases that are meant.
pub async fn a_refund_request_is_found_by_its_key(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (one, two) = (fixture.bought(|it| it).await, fixture.bought(|it| it).await);
    let keyed = |purchase, key: &str, second| RefundRequest {
        idempotency_key: Some(key.to_owned()),
        ..a_refund_request(purchase, 700, at(second))
    };
    let (old, new) = (keyed(&one, "k 1", 1), keyed(&one, "k 1", 2));
    for request in [&old, &new, &keyed(&two, "k 2", 3), &a_refund_request(&two, 100, at(4))] {
        keep(&fixture, request).await;
    }
    let read = async |of: &Purchase, key| fixture.on.refunds.refund_under(of.id, key).await;
    assert_eq!(read(&one, "k 1").await, Ok(Some(new.clone())));
    assert_eq!(read(&two, "k 1").await, Ok(None));
    assert_eq!(read(&one, "k 2").await, Ok(None));
    let mut unit = fixture.begin().await;
    let requests = unit.refund_requests();
    let found = requests.by_key(&[one.id, two.id], "k 1").await.unwrap();
    assert_eq!(found, Some((new.clone(), None)));
    assert_eq!(requests.by_key(&[two.id], "k 1").await.unwrap(), None);
    assert_eq!(requests.by_key(&[one.id], "k 2").await.unwrap(), None);
    assert_eq!(requests.by_key(&[], "k 1").await.unwrap(), None);
    let refund = ProviderRefundId::new("re_1");
    requests.answer(old.id, true, Some(refund.clone()), at(5)).await.unwrap();
    requests.answer(new.id, false, None, at(5)).await.unwrap();
    let found = requests.by_key(&[one.id], "k 1").await.unwrap();
    assert_eq!(found, Some((old, Some(refund))));
}

/// The first answer counts, whether the refund was accepted or not.
pub async fn a_refund_request_is_answered_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    for accepted in [true, false] {
        let purchase = fixture.bought(|it| it).await;
        let request = a_refund_request(&purchase, 1_200, at(1));
        keep(&fixture, &request).await;
        let mut unit = fixture.begin().await;
        let requests = unit.refund_requests();
        let refund = accepted.then(|| ProviderRefundId::new(format!("re_{}", request.id)));
        let first = requests.answer(request.id, accepted, refund.clone(), at(2)).await.unwrap();
        assert_eq!(first.as_ref(), Some(&request));
        assert_eq!(requests.answer(request.id, accepted, refund, at(3)).await.unwrap(), None);
        assert_eq!(requests.answer(request.id, !accepted, None, at(4)).await.unwrap(), None);
        assert_eq!(requests.unanswered_of(purchase.id).await.unwrap(), None);
        unit.commit().await.unwrap();
    }
    let mut unit = fixture.begin().await;
    let requests = unit.refund_requests();
    let purchase = fixture.page.id;
    let unknown = tollgate_domain::id::RefundId::new(start_of_time(), &crate::SeededRandom::new(9));
    assert_eq!(requests.answer(unknown, true, None, at(5)).await.unwrap(), None, "{purchase}");
}

/// The answer of the refund call and the webhook may come at once.
pub async fn of_parallel_answers_one_succeeds(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let request = a_refund_request(&purchase, 1_200, at(1));
    keep(&fixture, &request).await;
    let answered = parallel(20, async |_| {
        let mut unit = fixture.begin().await;
        let refund = Some(ProviderRefundId::new("re_1"));
        let answered = unit.refund_requests().answer(request.id, true, refund, at(2)).await;
        unit.commit().await.unwrap();
        answered.unwrap()
    })
    .await;
    assert_eq!(answered.iter().flatten().count(), 1);
}

/// The job that takes over an unanswered request reads it.
pub async fn an_unanswered_request_is_read_until_it_is_answered(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (one, two) = (fixture.bought(|it| it).await, fixture.bought(|it| it).await);
    let accepted = RefundRequest {
        reason: Some("asked for it".to_owned()),
        idempotency_key: Some("k 1".to_owned()),
        ..a_refund_request(&one, 700, at(1))
    };
    let refused = a_refund_request(&two, 100, at(2));
    let read = async |request: &RefundRequest| {
        fixture.on.refunds.unanswered_refund(request.id).await.unwrap()
    };
    assert_eq!(read(&accepted).await, None);
    keep(&fixture, &accepted).await;
    keep(&fixture, &refused).await;
    assert_eq!(read(&accepted).await.as_ref(), Some(&accepted));
    assert_eq!(read(&refused).await.as_ref(), Some(&refused));
    for (request, is_accepted) in [(&accepted, true), (&refused, false)] {
        let mut unit = fixture.begin().await;
        let refund = is_accepted.then(|| ProviderRefundId::new("re_1"));
        let answer = unit.refund_requests().answer(request.id, is_accepted, refund, at(3));
        assert_eq!(answer.await.unwrap().as_ref(), Some(request));
        unit.commit().await.unwrap();
        assert_eq!(read(request).await, None);
    }
}

/// Of several times the last one counts.
pub async fn a_request_is_noted_as_sent(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let request = a_refund_request(&purchase, 700, at(1));
    keep(&fixture, &request).await;
    for instant in [at(2), at(5)] {
        fixture.commit(async |unit| unit.refund_requests().sent(request.id, instant).await).await;
        let sent = RefundRequest { sent_at: Some(instant), ..request.clone() };
        assert_eq!(fixture.on.refunds.unanswered_refund(request.id).await, Ok(Some(sent)));
    }
}

/// They are told once the provider has made the refund.
pub async fn reasons_of_refunds_are_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (one, two) = (fixture.bought(|it| it).await, fixture.bought(|it| it).await);
    let because = |purchase, reason: &str| RefundRequest {
        reason: Some(reason.to_owned()),
        ..a_refund_request(purchase, 100, at(1))
    };
    let told = async |ids: &[PurchaseId]| on.refunds.refund_reasons(ids).await.unwrap();
    let made = [
        (because(&one, "asked for it ☃"), Some(ProviderRefundId::new("re_a"))),
        (a_refund_request(&one, 100, at(1)), Some(ProviderRefundId::new("re_b"))),
        (because(&two, "refused"), None),
        (because(&two, "paid twice"), Some(ProviderRefundId::new("re_c"))),
    ];
    for (request, _) in &made {
        keep(&fixture, request).await;
        assert_eq!(told(&[one.id, two.id]).await, []);
    }
    let mut unit = fixture.begin().await;
    for (request, refund) in made {
        let is_made = refund.is_some();
        unit.refund_requests().answer(request.id, is_made, refund, at(2)).await.unwrap();
    }
    unit.commit().await.unwrap();
    let reason = |refund: &str, text: &str| (ProviderRefundId::new(refund), text.to_owned());
    let mut both = told(&[one.id, two.id]).await;
    both.sort();
    assert_eq!(both, [reason("re_a", "asked for it ☃"), reason("re_c", "paid twice")]);
    assert_eq!(told(&[two.id]).await, [reason("re_c", "paid twice")]);
    assert_eq!(told(&[]).await, []);
}

/// Accepted refunds are returned with the time of the acceptance. Requests that failed at once or have no answer are left out.
pub async fn refunds_that_were_accepted_are_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (one, two) = (fixture.bought(|it| it).await, fixture.bought(|it| it).await);
    let told = async |ids: &[PurchaseId]| {
        let mut told = on.refunds.accepted_refunds(ids).await.unwrap();
        told.sort_by(|one, other| one.refund.cmp(&other.refund));
        let mut unit = fixture.begin().await;
        let mut in_unit = unit.refund_requests().accepted_of(ids).await.unwrap();
        in_unit.sort_by(|one, other| one.refund.cmp(&other.refund));
        assert_eq!(in_unit, told, "in a unit of work");
        told
    };
    let refund = |id: &str| Some(ProviderRefundId::new(id));
    let answers = [
        (a_refund_request(&one, 100, at(1)), Some((true, refund("re_a")))),
        (a_refund_request(&one, 200, at(2)), Some((false, refund("re_b")))),
        (a_refund_request(&one, 300, at(3)), Some((false, None))),
        (a_refund_request(&one, 400, at(4)), None),
        (a_refund_request(&two, 500, at(5)), Some((true, refund("re_c")))),
    ];
    for (second, (request, answer)) in (6..).zip(answers.clone()) {
        keep(&fixture, &request).await;
        let Some((is_accepted, refund)) = answer else { continue };
        let mut unit = fixture.begin().await;
        let answered = unit.refund_requests().answer(request.id, is_accepted, refund, at(second));
        answered.await.unwrap();
        unit.commit().await.unwrap();
    }
    let [first, .., last] = answers.map(|(request, _)| request);
    let accepted = |request, refund: &str, second| AcceptedRefund {
        request,
        refund: ProviderRefundId::new(refund),
        accepted_at: at(second),
    };
    let (first, last) = (accepted(first, "re_a", 6), accepted(last, "re_c", 10));
    assert_eq!(told(&[one.id]).await, slice::from_ref(&first));
    assert_eq!(told(&[two.id, one.id]).await, [first, last]);
    assert_eq!(told(&[]).await, []);
}

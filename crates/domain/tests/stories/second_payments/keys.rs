//! What the creator is told of second payments whatever the keys of the refunds that the creator asks for.

use tollgate_domain::{
    mail::RefundHindrance,
    payments::Refusal,
    refunds::{RefundError, RefusalReason},
};

use super::{hindrances, paid_twice, purchase_of, refuses, wish_to_refund};
use crate::{ADA, Sale};

#[pollster::test]
async fn a_key_like_that_of_a_note_keeps_no_mail_from_the_creator() {
    let sale = Sale::new().await;
    let second = paid_twice(&sale).await;
    let Sale { app, shop, page, .. } = &sale;
    app.payments.set_balance(&shop.account, false);
    app.work().await;
    let mut wish = wish_to_refund(&sale, &purchase_of(&sale, &second)).await;
    wish.idempotency_key = Some("tollgate-second-payment-kept".to_owned());
    let asked = app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await;
    let is_refused = matches!(asked, Err(RefundError::Refused(RefusalReason::InsufficientBalance)));
    assert!(is_refused, "{asked:?}");
    refuses(&sale, Refusal::WithMessage);
    app.clock.advance_seconds(24 * 3_600);
    assert_eq!(sale.mails_to(ADA).await, ["paid_twice", "paid_twice"]);
    let told = hindrances(&sale);
    let told = told.as_slice();
    let is_told =
        matches!(told, [Some(RefundHindrance::Balance), Some(RefundHindrance::Refused(_))]);
    assert!(is_told, "{told:?}");
}

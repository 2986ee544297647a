//! How payments begin that several tests are about.

use tollgate_domain::{
    creators::{HandleChange, Page, SecondPayments},
    payments::{CheckoutSessionId, PaymentIntentId},
    token::Token,
    version::BasedOn,
};
use tollgate_domain_testing::Shop;

use crate::support::TestApp;

impl TestApp {
    /// Opens the pay page of a page for a visitor, and returns its session at the provider.
    pub(crate) async fn opened(
        &self,
        shop: &Shop,
        page: &Page,
        visitor: &Token,
    ) -> CheckoutSessionId {
        let started = self.domain.start(shop, page, visitor).await.unwrap();
        self.domain.payments.session_at(&started.url).unwrap()
    }

    /// Pays in a session by a method that takes days.
    pub(crate) async fn pay_later(&self, session: &CheckoutSessionId) {
        self.domain.payments.pay_later(session).unwrap();
        self.domain.deliver_webhooks().await;
    }

    /// Pays $11.00 in a session, which is not what its order asks for.
    pub(crate) async fn pay_another_amount(&self, session: &CheckoutSessionId) -> PaymentIntentId {
        let payment = self.domain.payments.pay(session).unwrap();
        self.domain.payments.tamper(session, |state| state.amount = 1_100);
        self.domain.deliver_webhooks().await;
        payment
    }

    /// Has second payments in a shop held until its creator decides.
    pub(crate) async fn hold_second_payments(&self, shop: &Shop) {
        let held = Some(SecondPayments::Hold);
        let wish = HandleChange { second_payments: held, ..HandleChange::default() };
        self.domain
            .handles
            .change(&shop.creator, &shop.handle.name, wish, &BasedOn::Any)
            .await
            .unwrap();
    }
}

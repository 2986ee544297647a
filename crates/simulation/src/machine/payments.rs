//! A replica's way to the payment provider, with a gate before and after each call.

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use tollgate_domain::{
    email::Email,
    id::CheckoutId,
    payments::{
        AccountId, AccountReport, ChargeId, CheckoutSessionId, DisputeId, DisputeState,
        OpenCheckout, OpenedSession, PaymentIntentId, Payments, PaymentsError, ProviderPage,
        ProviderRefundId, RefundOrder, RefundState, SessionState,
    },
};
use tollgate_domain_testing::{Call, FakePayments};

use super::{
    gates::{Gates, ReplicaId},
    network::Network,
};

/// The provider as one replica reaches it.
pub(crate) struct GatedPayments {
    pub(crate) inner: Arc<FakePayments>,
    pub(crate) network: Arc<Network>,
    pub(crate) gates: Arc<Gates>,
    pub(crate) replica: ReplicaId,
}

impl GatedPayments {
    async fn call<T: Send + 'static>(
        &self,
        call: Call,
        key: Option<String>,
        request: impl Future<Output = Result<T, PaymentsError>> + Send + 'static,
    ) -> Result<T, PaymentsError> {
        self.gates.remote_call(&format!("{call:?}"));
        self.gates.pass(self.replica).await;
        let in_use = match key {
            None => None,
            Some(key) => match self.network.take_key(key) {
                Some(in_use) => Some(in_use),
                None => return Err(unavailable("409, the key is in use")),
            },
        };
        let answer = if self.network.takes_long(call) {
            self.network.post(Box::pin(async move {
                let _ = request.await;
                drop(in_use);
            }));
            Err(unavailable("no answer in time"))
        } else {
            let answer = request.await;
            drop(in_use);
            answer
        };
        self.gates.pass(self.replica).await;
        answer
    }
}

fn unavailable(why: &str) -> PaymentsError {
    PaymentsError::Unavailable(why.to_owned())
}

/// Calls the provider with owned arguments, since a request can outlive its sender.
macro_rules! forward {
    ($self:ident, $call:ident, $key:expr, $method:ident($($argument:ident),*)) => {{
        let inner = $self.inner.clone();
        $(let $argument = $argument.clone();)*
        let request = async move { Payments::$method(&*inner, $(&$argument),*).await };
        $self.call(Call::$call, $key, request).await
    }};
}

/// The same for a list.
macro_rules! forward_list {
    ($self:ident, $call:ident, $method:ident($account:ident, $since:ident, $after:ident)) => {{
        let (inner, account) = ($self.inner.clone(), $account.clone());
        let after = $after.map(ToOwned::to_owned);
        let request = async move { inner.$method(&account, $since, after.as_deref()).await };
        $self.call(Call::$call, None, request).await
    }};
}

#[async_trait]
impl Payments for GatedPayments {
    async fn create_account(
        &self,
        label: &str,
        attempt: &str,
        email: &Email,
    ) -> Result<AccountId, PaymentsError> {
        let (inner, email) = (self.inner.clone(), email.clone());
        let (label, attempt) = (label.to_owned(), attempt.to_owned());
        let key = format!("{label}-{attempt}");
        let request = async move { inner.create_account(&label, &attempt, &email).await };
        self.call(Call::CreateAccount, Some(key), request).await
    }

    async fn find_account(
        &self,
        label: &str,
        since: Timestamp,
    ) -> Result<Option<AccountId>, PaymentsError> {
        let (inner, label) = (self.inner.clone(), label.to_owned());
        let request = async move { inner.find_account(&label, since).await };
        self.call(Call::FindAccount, None, request).await
    }

    async fn account(&self, account: &AccountId) -> Result<AccountReport, PaymentsError> {
        forward!(self, Account, None, account(account))
    }

    async fn onboarding_link(
        &self,
        account: &AccountId,
        return_url: &str,
        refresh_url: &str,
    ) -> Result<String, PaymentsError> {
        self.inner.onboarding_link(account, return_url, refresh_url).await
    }

    async fn open_checkout(&self, order: &OpenCheckout) -> Result<OpenedSession, PaymentsError> {
        let key = format!("checkout-{}-{}", order.checkout_id, order.attempt);
        forward!(self, OpenCheckout, Some(key), open_checkout(order))
    }

    async fn checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError> {
        forward!(self, Checkout, None, checkout(account, session))
    }

    async fn expire_checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError> {
        forward!(self, ExpireCheckout, None, expire_checkout(account, session))
    }

    async fn refund(&self, order: &RefundOrder) -> Result<RefundState, PaymentsError> {
        let key = format!("refund-{}-{}", order.refund_id, order.attempt);
        forward!(self, Refund, Some(key), refund(order))
    }

    async fn refund_state(
        &self,
        account: &AccountId,
        refund: &ProviderRefundId,
    ) -> Result<RefundState, PaymentsError> {
        forward!(self, RefundState, None, refund_state(account, refund))
    }

    async fn refunds_of_charge(
        &self,
        account: &AccountId,
        charge: &ChargeId,
    ) -> Result<Vec<RefundState>, PaymentsError> {
        forward!(self, RefundsOfCharge, None, refunds_of_charge(account, charge))
    }

    async fn charge_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<ChargeId>, PaymentsError> {
        forward!(self, ChargeOfPayment, None, charge_of_payment(account, payment))
    }

    async fn dispute(
        &self,
        account: &AccountId,
        dispute: &DisputeId,
    ) -> Result<DisputeState, PaymentsError> {
        forward!(self, Dispute, None, dispute(account, dispute))
    }

    async fn checkout_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<CheckoutId>, PaymentsError> {
        forward!(self, CheckoutOfPayment, None, checkout_of_payment(account, payment))
    }

    async fn checkouts_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<SessionState>, PaymentsError> {
        forward_list!(self, CheckoutsSince, checkouts_since(account, since, after))
    }

    async fn refunds_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<RefundState>, PaymentsError> {
        forward_list!(self, RefundsSince, refunds_since(account, since, after))
    }

    async fn disputes_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<DisputeState>, PaymentsError> {
        forward_list!(self, DisputesSince, disputes_since(account, since, after))
    }

    async fn find_checkout(
        &self,
        account: &AccountId,
        checkout: CheckoutId,
        created_at: Timestamp,
    ) -> Result<Option<OpenedSession>, PaymentsError> {
        let (inner, account) = (self.inner.clone(), account.clone());
        let request = async move { inner.find_checkout(&account, checkout, created_at).await };
        self.call(Call::FindCheckout, None, request).await
    }
}

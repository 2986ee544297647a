//! The payments port on Stripe, with direct charges: everything except the accounts themselves
//! belongs to a connected account, and calls name that account.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use miniserde::{Deserialize, json::Value};
use stripe_checkout::checkout_session::ExpireCheckoutSession;
use stripe_client_core::{RequestBuilder, RequestStrategy, StripeRequest};
use stripe_connect::account::RetrieveAccount;
use stripe_connect::account_link::{CreateAccountLink, CreateAccountLinkType};
use tollgate_domain::{
    email::Email,
    id::CheckoutId,
    payments::{
        AccountId, AccountReport, ChargeId, CheckoutSessionId, DisputeId, DisputeState,
        OpenCheckout, OpenedSession, PaymentIntentId, Payments, PaymentsError, ProviderPage,
        ProviderRefundId, RefundOrder, RefundState, Refusal, SessionState,
    },
};

use crate::{
    addresses::Addresses,
    answers::{Account, AccountLink, Dispute, Identified, Refund, Session, order_noted_in},
    client::{ApiClient, idempotent},
    config::{StripeConfig, StripeConfigError},
    failure::CallError,
    ids::plain,
    lists, requests,
};

/// The payments port on Stripe.
pub struct StripeGateway {
    client: ApiClient,
    pub(crate) addresses: Addresses,
}

impl StripeGateway {
    /// Creates a gateway with its own connection pool. It connects on first use.
    pub fn new(config: &StripeConfig) -> Result<Self, StripeConfigError> {
        Ok(Self { client: ApiClient::new(config)?, addresses: Addresses::of(config) })
    }

    /// Sends a request on the platform's own account.
    pub(crate) async fn ask<T: Deserialize + Send>(
        &self,
        request: RequestBuilder,
        strategy: RequestStrategy,
    ) -> Result<T, CallError> {
        request.customize().request_strategy(strategy).send(&self.client).await
    }

    /// Sends a request on a connected account.
    async fn ask_on<T: Deserialize + Send>(
        &self,
        account: &AccountId,
        request: RequestBuilder,
        strategy: RequestStrategy,
    ) -> Result<T, CallError> {
        let account = plain(account.as_str())?;
        let request = request.customize().account_id(account.into());
        request.request_strategy(strategy).send(&self.client).await
    }

    /// Sends a request on a connected account that changes nothing.
    pub(crate) async fn read_on<T: Deserialize + Send>(
        &self,
        account: &AccountId,
        request: RequestBuilder,
    ) -> Result<T, CallError> {
        self.ask_on(account, request, RequestStrategy::Once).await
    }

    async fn open(&self, order: &OpenCheckout) -> Result<OpenedSession, CallError> {
        let key = idempotent(&requests::key("checkout", order.checkout_id, order.attempt))?;
        let request = requests::open_checkout(order, true);
        let answer = self.ask_on::<Session>(&order.account, request, key).await;
        let session = match answer {
            // Stripe's check of the optional email address is stricter than Tollgate's. Under one key all
            // requests must have the same parameters, so the one without the address has a key of its own.
            Err(CallError::Refused { param: Some(param), .. }) if param == "customer_email" => {
                let request = requests::open_checkout(order, false);
                let key = requests::key("checkout-plain", order.checkout_id, order.attempt);
                self.ask_on(&order.account, request, idempotent(&key)?).await?
            }
            answer => answer?,
        };
        session.opened(self.addresses)
    }

    async fn expire(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<Session, CallError> {
        let id = plain(session.as_str())?;
        let request = ExpireCheckoutSession::new(id).build();
        // A key of its own for each call, so that an error which Stripe keeps under it ends with the call. A
        // session can be expired only once anyway.
        #[expect(clippy::disallowed_methods, reason = "nothing depends on which key it is")]
        let call = getrandom::u64().map_err(|error| CallError::Unavailable(error.to_string()))?;
        let key = idempotent(&format!("expire-{id}-{call:016x}"))?;
        let error = match self.ask_on::<Session>(account, request, key).await {
            Ok(expired) => return expired.asked_for(id),
            Err(error) => error,
        };
        // Stripe has no error code for a session that is not open, so its status is requested. What is said to be missing
        // is looked for as well: if it is there, it can be paid.
        let is_out_of_reach =
            matches!(error.refusal(), Some(Refusal::NotFound | Refusal::AccountDisconnected));
        let is_unclear = matches!(error, CallError::Failed(_))
            || matches!(error.refusal(), Some(Refusal::WithMessage | Refusal::Other));
        if !is_out_of_reach && !is_unclear {
            return Err(error);
        }
        let now = self.read_session(account, session).await?;
        match now.is_open() {
            true if is_out_of_reach => Err(CallError::bad_answer("an open session was missing")),
            true => Err(error),
            false => Ok(now),
        }
    }
}

/// Returns whether a listed session names an order of Tollgate's.
fn names_an_order(listed: &Value) -> bool {
    order_noted_in(listed).is_some()
}

#[async_trait]
impl Payments for StripeGateway {
    async fn create_account(
        &self,
        label: &str,
        attempt: &str,
        email: &Email,
    ) -> Result<AccountId, PaymentsError> {
        let key = if attempt.is_empty() { label.into() } else { format!("{label}-{attempt}") };
        let request = requests::create_account(label, email);
        let account: Account = self.ask(request, idempotent(&key)?).await?;
        Ok(account.named()?)
    }

    async fn find_account(
        &self,
        label: &str,
        since: Timestamp,
    ) -> Result<Option<AccountId>, PaymentsError> {
        Ok(self.search_account(label, since).await?)
    }

    async fn account(&self, account: &AccountId) -> Result<AccountReport, PaymentsError> {
        let id = plain(account.as_str())?;
        let request = RetrieveAccount::new(id).build();
        let account: Account = self.ask(request, RequestStrategy::Once).await?;
        Ok(account.asked_for(id)?.report()?)
    }

    async fn onboarding_link(
        &self,
        account: &AccountId,
        return_url: &str,
        refresh_url: &str,
    ) -> Result<String, PaymentsError> {
        let account = plain(account.as_str())?;
        let request = CreateAccountLink::new(account, CreateAccountLinkType::AccountOnboarding)
            .return_url(return_url)
            .refresh_url(refresh_url)
            .build();
        // A link works only once, so a retry with the same key would return a used link.
        let link: AccountLink = self.ask(request, RequestStrategy::Once).await?;
        Ok(self.addresses.check(&link.url)?)
    }

    async fn open_checkout(&self, order: &OpenCheckout) -> Result<OpenedSession, PaymentsError> {
        Ok(self.open(order).await?)
    }

    async fn checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError> {
        Ok(self.read_session(account, session).await?.state()?)
    }

    async fn expire_checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError> {
        Ok(self.expire(account, session).await?.state()?)
    }

    async fn refund(&self, order: &RefundOrder) -> Result<RefundState, PaymentsError> {
        let key = idempotent(&requests::key("refund", order.refund_id, order.attempt))?;
        let refund: Refund = self.ask_on(&order.account, requests::refund(order), key).await?;
        Ok(refund.state()?)
    }

    async fn refund_state(
        &self,
        account: &AccountId,
        refund: &ProviderRefundId,
    ) -> Result<RefundState, PaymentsError> {
        let refund = self.read_refund(account, refund).await?;
        let charge = refund.charge();
        let state = refund.state()?;
        if state.payment_intent.is_some() {
            return Ok(state);
        }
        Ok(RefundState { payment_intent: self.payment_of(account, charge).await?, ..state })
    }

    async fn refunds_of_charge(
        &self,
        account: &AccountId,
        charge: &ChargeId,
    ) -> Result<Vec<RefundState>, PaymentsError> {
        let (payment, refunds) = self.read_refunds(account, charge).await?;
        let refunds = refunds.into_iter().map(|refund| {
            let state = refund.state()?;
            let payment_intent = state.payment_intent.clone().or(payment.clone());
            Ok(RefundState { payment_intent, ..state })
        });
        Ok(refunds.collect::<Result<_, CallError>>()?)
    }

    async fn dispute(
        &self,
        account: &AccountId,
        dispute: &DisputeId,
    ) -> Result<DisputeState, PaymentsError> {
        let dispute = self.read_dispute(account, dispute).await?;
        let charge = dispute.charge();
        let state = dispute.state()?;
        if state.payment_intent.is_some() {
            return Ok(state);
        }
        Ok(DisputeState { payment_intent: self.payment_of(account, charge).await?, ..state })
    }

    async fn charge_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<ChargeId>, PaymentsError> {
        Ok(self.read_payment(account, payment).await?.charge()?)
    }

    async fn checkout_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<CheckoutId>, PaymentsError> {
        Ok(self.read_payment(account, payment).await?.checkout_id())
    }

    async fn checkouts_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<SessionState>, PaymentsError> {
        Ok(self
            .page(account, lists::sessions(since, after)?, Session::state, names_an_order)
            .await?)
    }

    async fn refunds_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<RefundState>, PaymentsError> {
        Ok(self.page(account, lists::refunds(since, after)?, Refund::state, |_| true).await?)
    }

    async fn disputes_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<DisputeState>, PaymentsError> {
        Ok(self.page(account, lists::disputes(since, after)?, Dispute::state, |_| true).await?)
    }

    async fn find_checkout(
        &self,
        account: &AccountId,
        checkout: CheckoutId,
        created_at: Timestamp,
    ) -> Result<Option<OpenedSession>, PaymentsError> {
        Ok(self.search(account, checkout, created_at).await?)
    }
}

impl fmt::Debug for StripeGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeGateway").field("client", &self.client).finish_non_exhaustive()
    }
}

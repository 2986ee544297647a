//! The session of an order at the payment provider.

use jiff::Timestamp;

use super::{Attempt, Checkouts, StartedCheckout};
use crate::{
    checkout::{CheckoutError, CheckoutOrder, NoPayments, OrderStatus},
    id::CheckoutId,
    payments::{AccountId, OpenCheckout, OpenedSession, PaymentsError, Refusal},
};

/// The number of further keys under which a session is asked for in one request.
const MAX_ATTEMPTS: u32 = 2;

impl Checkouts {
    /// Opens the order's session at the provider. Returns `None` if the order was closed in the
    /// meantime, or its session completed, or if the order is given up and another one is to be opened.
    pub(super) async fn open_session(
        &self,
        order: CheckoutOrder,
        attempt: &mut Attempt,
    ) -> Result<Option<StartedCheckout>, CheckoutError> {
        let (links, query) = (&self.fulfilment.ports.links, &attempt.query);
        let page_url = || links.page(&query.handle, &query.slug);
        let request = OpenCheckout {
            checkout_id: order.id,
            attempt: 0,
            page_id: order.page_id,
            group_buy_id: order.group_buy_id,
            account: order.account.clone(),
            title: order.title.clone(),
            price: order.price,
            fee: order.fee,
            customer_email: order.customer_email.clone(),
            success_url: links.checkout_return(&query.handle, &query.slug, order.id),
            cancel_url: order.cancel_url.clone().unwrap_or_else(page_url),
            expires_at: order.expires_at,
            extras: order.extras,
        };
        let asked_at = self.runtime().now();
        let opened = match self.request_session(request, order.created_at).await {
            Ok(opened) => Some(opened),
            Err(error) => self.handle_open_failure(&order, error, attempt).await?,
        };
        let Some(opened) = opened else { return Ok(None) };
        let mut unit = self.runtime().begin().await?;
        let kept = unit.checkout_orders().opened(order.id, &opened).await?;
        let ever = Timestamp::UNIX_EPOCH;
        let is_turn = unit.connected_accounts().was_refused_since(&order.account, ever).await?;
        unit.commit().await?;
        if is_turn
            && let Err(error) =
                self.connect.tell_ready(order.handle_id, &order.account, asked_at).await
        {
            // The next pay page tells it.
            tracing::error!(%error, "a creator could not be told that an account takes payments again");
        }
        if !kept {
            let order = CheckoutOrder { opened: Some(opened), ..order };
            self.fulfilment.close(&order).await.map_err(CheckoutError::of_closing)?;
            return Ok(None);
        }
        if opened.url.is_empty() {
            // It was completed before it was found; there is nothing left to pay.
            return Ok(None);
        }
        let expires_at = order.expires_at;
        Ok(Some(StartedCheckout { id: order.id, url: opened.url, expires_at }))
    }

    /// Asks the provider to open the session. If that fails or is not answered, the session is looked for. It
    /// is asked for under a new key only after the provider answered that it failed: a request without an
    /// answer may still be carried out. [`PaymentsError::Failed`] means that there is no session and that none
    /// is being opened.
    async fn request_session(
        &self,
        mut request: OpenCheckout,
        created_at: Timestamp,
    ) -> Result<OpenedSession, PaymentsError> {
        let payments = &self.fulfilment.ports.payments;
        loop {
            let error = match payments.open_checkout(&request).await {
                answer @ (Ok(_) | Err(PaymentsError::Refused { .. })) => return answer,
                Err(error) => error,
            };
            tracing::warn!(checkout = %request.checkout_id, %error, "a session is looked for");
            let (account, id) = (&request.account, request.checkout_id);
            let found = payments.find_checkout(account, id, created_at).await;
            if let Some(found) = found.map_err(PaymentsError::unknown)? {
                return Ok(found);
            }
            if !matches!(error, PaymentsError::Failed(_)) || request.attempt == MAX_ATTEMPTS {
                return Err(error);
            }
            request.attempt += 1;
        }
    }

    /// Handles that the session of an order was not opened. An order that nothing can come of is given up,
    /// since the provider keeps its answers, so that the next one has keys of its own. If the account cannot take
    /// payments, that is remembered, and the creator is told, also of another reason that a creator can mend. But if the
    /// provider says that the account can take payments, a first refusal may be a mistake: then `None` is returned, and another
    /// order is opened, or the session that an earlier request opened.
    async fn handle_open_failure(
        &self,
        order: &CheckoutOrder,
        error: PaymentsError,
        attempt: &mut Attempt,
    ) -> Result<Option<OpenedSession>, CheckoutError> {
        if error.is_unanswered() {
            return Err(error.into());
        }
        let why = no_payments(&error);
        if why.is_some() && !attempt.was_refused && self.reads_as_active(&order.account).await {
            attempt.was_refused = true;
            tracing::warn!(checkout = %order.id, %error, "a refusal is doubted");
            // An earlier request for it may have been carried out.
            let (account, payments) = (&order.account, &self.fulfilment.ports.payments);
            match payments.find_checkout(account, order.id, order.created_at).await {
                Ok(None) => return self.give_up(order.id).await.map(|()| None),
                Ok(found) => return Ok(found),
                Err(error) => tracing::warn!(checkout = %order.id, %error, "not looked for"),
            }
        }
        self.give_up(order.id).await?;
        if let PaymentsError::Refused { refusal: Refusal::WithMessage, message } = &error {
            self.connect.tell_of_refusal(order.handle_id, &order.account, message).await?;
        }
        if let Some(why) = why {
            self.connect.record_refusal(&order.account).await?;
            return Err(CheckoutError::ConnectNotConfigured(why));
        }
        Err(error.into())
    }

    /// Returns whether the provider says that an account can take payments; `false` if it does not say.
    pub(super) async fn reads_as_active(&self, account: &AccountId) -> bool {
        self.connect.reads_as_active(account).await.unwrap_or(false)
    }

    pub(super) async fn give_up(&self, id: CheckoutId) -> Result<(), CheckoutError> {
        let mut unit = self.runtime().begin().await?;
        unit.checkout_orders().advance(id, &[OrderStatus::Creating], OrderStatus::Failed).await?;
        Ok(unit.commit().await?)
    }
}

/// Returns why an account can take no payments, if that is what the provider refuses a call for.
pub(super) fn no_payments(error: &PaymentsError) -> Option<NoPayments> {
    match error {
        PaymentsError::Refused { refusal: Refusal::AccountDisconnected, .. } => {
            Some(NoPayments::AccountDisconnected)
        }
        PaymentsError::Refused { refusal: Refusal::AccountRestricted, .. } => {
            Some(NoPayments::AccountRestricted)
        }
        _ => None,
    }
}

//! The provider as Tollgate calls it.

use async_trait::async_trait;

use super::{
    Call, FakePayments, Fault,
    records::{Records, Session, not_found, refused},
};
use crate::{locked, yield_now};
use tollgate_domain::{
    email::Email,
    id::CheckoutId,
    payments::{
        AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeState,
        OpenCheckout, OpenedSession, PaymentIntentId, Payments, PaymentsError, ProviderRefundId,
        RefundOrder, RefundState, Refusal, SessionProgress, SessionState,
    },
};

impl FakePayments {
    async fn perform<T>(
        &self,
        call: Call,
        effect: impl FnOnce(&mut Records) -> Result<T, PaymentsError>,
    ) -> Result<T, PaymentsError> {
        // Others get their turn, as they would during a real call.
        yield_now().await;
        let mut records = locked(&self.0);
        *records.calls.entry(call).or_default() += 1;
        if records.down {
            return Err(PaymentsError::Unavailable("the provider is down".into()));
        }
        let fault = records.faults.get_mut(&call).and_then(std::collections::VecDeque::pop_front);
        match fault {
            Some(Fault::BeforeEffect(error)) => Err(error),
            Some(Fault::AfterEffect(error)) => effect(&mut records).and(Err(error)),
            None => effect(&mut records),
        }
    }
}

#[async_trait]
impl Payments for FakePayments {
    async fn create_account(&self, key: &str, _email: &Email) -> Result<AccountId, PaymentsError> {
        self.perform(Call::CreateAccount, |records| {
            if let Some(account) = records.account_keys.get(key) {
                return Ok(account.clone());
            }
            let account = records.next_id("acct", AccountId::new);
            records.account_keys.insert(key.to_owned(), account.clone());
            records.accounts.insert(account.clone(), AccountState::default());
            Ok(account)
        })
        .await
    }

    async fn account(&self, account: &AccountId) -> Result<AccountState, PaymentsError> {
        self.perform(Call::Account, |records| {
            records.accounts.get(account).copied().ok_or_else(not_found)
        })
        .await
    }

    async fn onboarding_link(
        &self,
        account: &AccountId,
        return_url: &str,
        _refresh_url: &str,
    ) -> Result<String, PaymentsError> {
        self.perform(Call::OnboardingLink, |records| {
            records.accounts.get(account).ok_or_else(not_found)?;
            let link = records.next_id("link", |id| id);
            Ok(format!("https://onboarding.example/{account}/{link}?return={return_url}"))
        })
        .await
    }

    async fn open_checkout(&self, order: &OpenCheckout) -> Result<OpenedSession, PaymentsError> {
        self.perform(Call::OpenCheckout, |records| {
            if let Some((before, session)) = records.session_keys.get(&order.checkout_id) {
                // Stripe refuses a key that comes again with other parameters.
                return if before == order {
                    let url = format!("https://pay.example/{session}");
                    Ok(OpenedSession { session: session.clone(), url })
                } else {
                    Err(refused(Refusal::Other))
                };
            }
            let account = records.accounts.get(&order.account).ok_or_else(not_found)?;
            if !account.charges_enabled {
                return Err(refused(Refusal::Other));
            }
            let session = records.next_id("cs", CheckoutSessionId::new);
            let url = format!("https://pay.example/{session}");
            let state = SessionState {
                session: session.clone(),
                checkout_id: Some(order.checkout_id),
                page_id: Some(order.page_id),
                progress: SessionProgress::Open,
                amount: order.price.amount,
                currency: order.price.currency.code().to_owned(),
                payment_intent: None,
            };
            let account = order.account.clone();
            records.sessions.insert(session.clone(), Session { account, url: url.clone(), state });
            records.session_keys.insert(order.checkout_id, (order.clone(), session.clone()));
            Ok(OpenedSession { session, url })
        })
        .await
    }

    async fn checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError> {
        self.perform(Call::Checkout, |records| {
            let it = records.sessions.get(session).filter(|it| it.account == *account);
            Ok(it.ok_or_else(not_found)?.state.clone())
        })
        .await
    }

    async fn expire_checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError> {
        self.perform(Call::ExpireCheckout, |records| {
            let it = records.sessions.get_mut(session).filter(|it| it.account == *account);
            let it = it.ok_or_else(not_found)?;
            if it.state.progress == SessionProgress::Open {
                it.state.progress = SessionProgress::Expired;
                let told = it.state.clone();
                records.tell("checkout.session.expired", account, session.as_str());
                return Ok(told);
            }
            Ok(it.state.clone())
        })
        .await
    }

    async fn refund(&self, order: &RefundOrder) -> Result<RefundState, PaymentsError> {
        self.perform(Call::Refund, |records| {
            if let Some(before) = records.refund_keys.get(&order.refund_id) {
                return records.refund_state(&order.account, before);
            }
            let charge = records.charges.get(&order.payment_intent);
            if charge.is_none_or(|charge| charge.account != order.account) {
                return Err(not_found());
            }
            let amount = order.amount.amount;
            let id = records.refund(&order.payment_intent, amount, Some(order.refund_id))?;
            records.refund_keys.insert(order.refund_id, id.clone());
            records.refund_state(&order.account, &id)
        })
        .await
    }

    async fn refund_state(
        &self,
        account: &AccountId,
        refund: &ProviderRefundId,
    ) -> Result<RefundState, PaymentsError> {
        self.perform(Call::RefundState, |records| records.refund_state(account, refund)).await
    }

    async fn refunds_of_charge(
        &self,
        account: &AccountId,
        charge: &ChargeId,
    ) -> Result<Vec<RefundState>, PaymentsError> {
        self.perform(Call::RefundsOfCharge, |records| {
            let known = records.charges.iter().find(|(_, it)| it.id == *charge);
            let (payment, _) =
                known.filter(|(_, it)| it.account == *account).ok_or_else(not_found)?;
            let of_it = records.refunds.iter().filter(|(_, refund)| refund.payment == *payment);
            of_it.map(|(id, _)| records.refund_state(account, id)).collect()
        })
        .await
    }

    async fn charge_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<ChargeId>, PaymentsError> {
        self.perform(Call::ChargeOfPayment, |records| {
            let charge = records.charges.get(payment).filter(|it| it.account == *account);
            Ok(Some(charge.ok_or_else(not_found)?.id.clone()))
        })
        .await
    }

    async fn dispute(
        &self,
        account: &AccountId,
        dispute: &DisputeId,
    ) -> Result<DisputeState, PaymentsError> {
        self.perform(Call::Dispute, |records| {
            let it = records.disputes.get(dispute).filter(|it| it.account == *account);
            let it = it.ok_or_else(not_found)?;
            Ok(DisputeState {
                dispute: dispute.clone(),
                payment_intent: Some(it.payment.clone()),
                progress: it.progress,
            })
        })
        .await
    }

    async fn checkout_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<CheckoutId>, PaymentsError> {
        self.perform(Call::CheckoutOfPayment, |records| {
            let charge = records.charges.get(payment).filter(|it| it.account == *account);
            charge.ok_or_else(not_found)?;
            let session = records
                .sessions
                .values()
                .find(|it| it.state.payment_intent.as_ref() == Some(payment));
            Ok(session.and_then(|it| it.state.checkout_id))
        })
        .await
    }
}

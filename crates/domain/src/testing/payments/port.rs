//! The provider as Tollgate calls it.

use async_trait::async_trait;

use super::{
    Call, FakePayments, Fault,
    books::{Books, Session, not_found, refused},
};
use crate::{
    checkout::{
        AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeState,
        OpenCheckout, OpenedSession, PaymentIntentId, PaymentsError, ProviderRefundId, RefundOrder,
        RefundState, Refusal, SessionProgress, SessionState, ports::Payments,
    },
    email::Email,
    id::CheckoutId,
    testing::{locked, yield_now},
};

impl FakePayments {
    async fn perform<T>(
        &self,
        call: Call,
        effect: impl FnOnce(&mut Books) -> Result<T, PaymentsError>,
    ) -> Result<T, PaymentsError> {
        // Others get their turn, as they would during a real call.
        yield_now().await;
        let mut books = locked(&self.0);
        *books.calls.entry(call).or_default() += 1;
        if books.down {
            return Err(PaymentsError::Unavailable("the provider is down".into()));
        }
        let fault = books.faults.get_mut(&call).and_then(std::collections::VecDeque::pop_front);
        match fault {
            Some(Fault::BeforeEffect(error)) => Err(error),
            Some(Fault::AfterEffect(error)) => effect(&mut books).and(Err(error)),
            None => effect(&mut books),
        }
    }
}

#[async_trait]
impl Payments for FakePayments {
    async fn create_account(&self, key: &str, _email: &Email) -> Result<AccountId, PaymentsError> {
        self.perform(Call::CreateAccount, |books| {
            if let Some(account) = books.account_keys.get(key) {
                return Ok(account.clone());
            }
            let account = books.next_id("acct", AccountId::new);
            books.account_keys.insert(key.to_owned(), account.clone());
            books.accounts.insert(account.clone(), AccountState::default());
            Ok(account)
        })
        .await
    }

    async fn account(&self, account: &AccountId) -> Result<AccountState, PaymentsError> {
        self.perform(Call::Account, |books| {
            books.accounts.get(account).copied().ok_or_else(not_found)
        })
        .await
    }

    async fn onboarding_link(
        &self,
        account: &AccountId,
        return_url: &str,
        _refresh_url: &str,
    ) -> Result<String, PaymentsError> {
        self.perform(Call::OnboardingLink, |books| {
            books.accounts.get(account).ok_or_else(not_found)?;
            let link = books.next_id("link", |id| id);
            Ok(format!("https://onboarding.example/{account}/{link}?return={return_url}"))
        })
        .await
    }

    async fn open_checkout(&self, order: &OpenCheckout) -> Result<OpenedSession, PaymentsError> {
        self.perform(Call::OpenCheckout, |books| {
            if let Some((before, session)) = books.session_keys.get(&order.checkout_id) {
                // Stripe refuses a key that comes again with other parameters.
                return if before == order {
                    let url = format!("https://pay.example/{session}");
                    Ok(OpenedSession { session: session.clone(), url })
                } else {
                    Err(refused(Refusal::Other))
                };
            }
            let account = books.accounts.get(&order.account).ok_or_else(not_found)?;
            if !account.charges_enabled {
                return Err(refused(Refusal::Other));
            }
            let session = books.next_id("cs", CheckoutSessionId::new);
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
            books.sessions.insert(session.clone(), Session { account, url: url.clone(), state });
            books.session_keys.insert(order.checkout_id, (order.clone(), session.clone()));
            Ok(OpenedSession { session, url })
        })
        .await
    }

    async fn checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError> {
        self.perform(Call::Checkout, |books| {
            let it = books.sessions.get(session).filter(|it| it.account == *account);
            Ok(it.ok_or_else(not_found)?.state.clone())
        })
        .await
    }

    async fn expire_checkout(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<SessionState, PaymentsError> {
        self.perform(Call::ExpireCheckout, |books| {
            let it = books.sessions.get_mut(session).filter(|it| it.account == *account);
            let it = it.ok_or_else(not_found)?;
            if it.state.progress == SessionProgress::Open {
                it.state.progress = SessionProgress::Expired;
                let told = it.state.clone();
                books.tell("checkout.session.expired", account, session.as_str());
                return Ok(told);
            }
            Ok(it.state.clone())
        })
        .await
    }

    async fn refund(&self, order: &RefundOrder) -> Result<RefundState, PaymentsError> {
        self.perform(Call::Refund, |books| {
            if let Some(before) = books.refund_keys.get(&order.refund_id) {
                return books.refund_state(&order.account, before);
            }
            let charge = books.charges.get(&order.payment_intent);
            if charge.is_none_or(|charge| charge.account != order.account) {
                return Err(not_found());
            }
            let amount = order.amount.amount;
            let id = books.refund(&order.payment_intent, amount, Some(order.refund_id))?;
            books.refund_keys.insert(order.refund_id, id.clone());
            books.refund_state(&order.account, &id)
        })
        .await
    }

    async fn refund_state(
        &self,
        account: &AccountId,
        refund: &ProviderRefundId,
    ) -> Result<RefundState, PaymentsError> {
        self.perform(Call::RefundState, |books| books.refund_state(account, refund)).await
    }

    async fn refunds_of_charge(
        &self,
        account: &AccountId,
        charge: &ChargeId,
    ) -> Result<Vec<RefundState>, PaymentsError> {
        self.perform(Call::RefundsOfCharge, |books| {
            let known = books.charges.iter().find(|(_, it)| it.id == *charge);
            let (payment, _) =
                known.filter(|(_, it)| it.account == *account).ok_or_else(not_found)?;
            let of_it = books.refunds.iter().filter(|(_, refund)| refund.payment == *payment);
            of_it.map(|(id, _)| books.refund_state(account, id)).collect()
        })
        .await
    }

    async fn charge_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<ChargeId>, PaymentsError> {
        self.perform(Call::ChargeOfPayment, |books| {
            let charge = books.charges.get(payment).filter(|it| it.account == *account);
            Ok(Some(charge.ok_or_else(not_found)?.id.clone()))
        })
        .await
    }

    async fn dispute(
        &self,
        account: &AccountId,
        dispute: &DisputeId,
    ) -> Result<DisputeState, PaymentsError> {
        self.perform(Call::Dispute, |books| {
            let it = books.disputes.get(dispute).filter(|it| it.account == *account);
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
        self.perform(Call::CheckoutOfPayment, |books| {
            let charge = books.charges.get(payment).filter(|it| it.account == *account);
            charge.ok_or_else(not_found)?;
            let session = books
                .sessions
                .values()
                .find(|it| it.state.payment_intent.as_ref() == Some(payment));
            Ok(session.and_then(|it| it.state.checkout_id))
        })
        .await
    }
}

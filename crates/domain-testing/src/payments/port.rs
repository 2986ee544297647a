//! The provider as Tollgate calls it.

use async_trait::async_trait;

use jiff::Timestamp;

use super::{
    Call, FakePayments, Fault,
    records::{Keep, Kept, Keyed, Records, Session, not_found, refused},
};
use crate::yield_now;
use tollgate_domain::{
    email::Email,
    id::CheckoutId,
    payments::{
        AccountId, AccountReport, AccountState, ChargeId, CheckoutSessionId, DisputeId,
        DisputeState, EventSubject, OpenCheckout, OpenedSession, PaymentIntentId, Payments,
        PaymentsError, ProviderPage, ProviderRefundId, RefundOrder, RefundState, Refusal,
        SessionProgress, SessionState,
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
        let mut records = self.records();
        match records.arrives(call)? {
            Some(Fault::BeforeEffect(error) | Fault::KeptBeforeEffect(error)) => Err(error),
            Some(Fault::AfterEffect(error) | Fault::KeptAfterEffect(error)) => {
                effect(&mut records).and(Err(error))
            }
            None => effect(&mut records),
        }
    }

    /// Carries out a request with an idempotency key, whose first answer is repeated for a day.
    async fn perform_once<T: Keep>(
        &self,
        call: Call,
        keyed: Keyed,
        effect: impl FnOnce(&mut Records) -> Result<T, PaymentsError>,
    ) -> Result<T, PaymentsError> {
        yield_now().await;
        let mut records = self.records();
        let fault = records.arrives(call)?;
        if let Some(Fault::BeforeEffect(error)) = fault {
            return Err(error);
        }
        // Without access there is no answer, whatever was answered before.
        if let Some(account) = &keyed.account {
            records.account(account)?;
        }
        if let Some(kept) = records.answered(&keyed) {
            return match fault {
                Some(Fault::AfterEffect(error)) => Err(error),
                _ => T::again(kept),
            };
        }
        let answer = match &fault {
            Some(Fault::KeptBeforeEffect(error)) => Err(error.clone()),
            Some(Fault::KeptAfterEffect(error)) => effect(&mut records).and(Err(error.clone())),
            _ => effect(&mut records),
        };
        match &answer {
            Ok(answer) => records.keep(keyed, answer.clone().into()),
            Err(error) if was_carried_out(error) => records.keep(keyed, Kept::Error(error.clone())),
            Err(_) => {}
        }
        match fault {
            Some(Fault::AfterEffect(error)) => answer.and(Err(error)),
            _ => answer,
        }
    }
}

/// Returns whether a request that failed like this was carried out. The answer to one that was not is
/// not kept.
fn was_carried_out(error: &PaymentsError) -> bool {
    let PaymentsError::Refused { refusal, .. } = error else { return true };
    !matches!(refusal, Refusal::NotFound | Refusal::AccountDisconnected)
}

#[async_trait]
impl Payments for FakePayments {
    async fn create_account(
        &self,
        label: &str,
        attempt: &str,
        _email: &Email,
    ) -> Result<AccountId, PaymentsError> {
        let key = format!("{label}-{attempt}");
        let keyed = Keyed { key, request: String::new(), account: None };
        self.perform_once(Call::CreateAccount, keyed, |records| {
            let account = records.next_id("acct", AccountId::new);
            records.accounts.insert(account.clone(), AccountState::default());
            records.labels.insert(account.clone(), (label.to_owned(), records.now));
            Ok(account)
        })
        .await
    }

    async fn find_account(
        &self,
        label: &str,
        since: Timestamp,
    ) -> Result<Option<AccountId>, PaymentsError> {
        self.perform(Call::FindAccount, |records| {
            let is_it = |(account, (known, created)): &(&AccountId, &(String, Timestamp))| {
                // The provider's times have whole seconds.
                let is_recent = created.as_second() >= since.as_second();
                *known == label && is_recent && records.accounts.contains_key(*account)
            };
            Ok(records.labels.iter().find(is_it).map(|(account, _)| account.clone()))
        })
        .await
    }

    async fn account(&self, account: &AccountId) -> Result<AccountReport, PaymentsError> {
        self.perform(Call::Account, |records| {
            let state = records.account(account)?;
            let due =
                if state.payouts_enabled { vec![] } else { vec!["external_account".to_owned()] };
            Ok(AccountReport { state, due })
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
            records.account(account)?;
            let link = records.next_id("link", |id| id);
            Ok(format!("https://onboarding.example/{account}/{link}?return={return_url}"))
        })
        .await
    }

    async fn open_checkout(&self, order: &OpenCheckout) -> Result<OpenedSession, PaymentsError> {
        let keyed = Keyed {
            key: format!("checkout-{}-{}", order.checkout_id, order.attempt),
            request: format!("{order:?} {}", order.customer_email.as_str()),
            account: Some(order.account.clone()),
        };
        self.perform_once(Call::OpenCheckout, keyed, |records| {
            if !records.account(&order.account)?.charges_enabled {
                return Err(refused(Refusal::AccountRestricted));
            }
            let session = records.next_id("cs", CheckoutSessionId::new);
            let url = format!("https://pay.example/{session}");
            let state = SessionState {
                session: session.clone(),
                checkout_id: Some(order.checkout_id),
                page_id: Some(order.page_id),
                group_buy_id: order.group_buy_id,
                progress: SessionProgress::Open,
                amount: order.price.amount,
                currency: order.price.currency.code().to_owned(),
                tax: order.extras.automatic_tax.then_some(order.price.amount / 6),
                payment_intent: None,
                paid_at: None,
                fee: 0,
                success_url: order.success_url.clone(),
                customer_email: Some(order.customer_email.clone()),
                is_whole: true,
            };
            let opened = Session {
                account: order.account.clone(),
                created: records.now,
                expires_at: Some(order.expires_at),
                email: Some(order.customer_email.clone()),
                fee: order.fee,
                url: url.clone(),
                state,
            };
            records.sessions.insert(session.clone(), opened);
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
            records.account(account)?;
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
            records.account(account)?;
            let it = records.sessions.get_mut(session).filter(|it| it.account == *account);
            let it = it.ok_or_else(not_found)?;
            if it.state.progress == SessionProgress::Open {
                it.state.progress = SessionProgress::Expired;
                let told = it.state.clone();
                records.tell(EventSubject::CheckoutSession, account, session.as_str());
                return Ok(told);
            }
            Ok(it.state.clone())
        })
        .await
    }

    async fn refund(&self, order: &RefundOrder) -> Result<RefundState, PaymentsError> {
        let keyed = Keyed {
            key: format!("refund-{}-{}", order.refund_id, order.attempt),
            request: format!("{order:?}"),
            account: Some(order.account.clone()),
        };
        self.perform_once(Call::Refund, keyed, |records| {
            records.account(&order.account)?;
            let charge = records.charges.get(&order.payment_intent);
            if charge.is_none_or(|charge| charge.account != order.account) {
                return Err(not_found());
            }
            let amount = order.amount.amount;
            let id = records.refund(&order.payment_intent, amount, Some(order.refund_id))?;
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
            records.account(account)?;
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
            records.account(account)?;
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
        self.perform(Call::Dispute, |records| records.dispute_state(account, dispute)).await
    }

    async fn checkout_of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<CheckoutId>, PaymentsError> {
        self.perform(Call::CheckoutOfPayment, |records| {
            records.account(account)?;
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

    async fn checkouts_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<SessionState>, PaymentsError> {
        let list = |records: &mut Records| records.sessions_since(account, since, after);
        self.perform(Call::CheckoutsSince, list).await
    }

    async fn refunds_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<RefundState>, PaymentsError> {
        let list = |records: &mut Records| records.refunds_since(account, since, after);
        self.perform(Call::RefundsSince, list).await
    }

    async fn disputes_since<'a>(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&'a str>,
    ) -> Result<ProviderPage<DisputeState>, PaymentsError> {
        let list = |records: &mut Records| records.disputes_since(account, since, after);
        self.perform(Call::DisputesSince, list).await
    }

    async fn find_checkout(
        &self,
        account: &AccountId,
        checkout: CheckoutId,
        created_at: Timestamp,
    ) -> Result<Option<OpenedSession>, PaymentsError> {
        let find = |records: &mut Records| records.session_of(account, checkout, created_at);
        self.perform(Call::FindCheckout, find).await
    }
}

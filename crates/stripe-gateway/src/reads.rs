//! Reading single objects of an account. What is answered has to be the object that was asked for.

use miniserde::Deserialize;
use stripe_checkout::checkout_session::RetrieveCheckoutSession;
use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_core::{
    charge::RetrieveCharge,
    dispute::RetrieveDispute,
    payment_intent::RetrievePaymentIntent,
    refund::{ListRefund, RetrieveRefund},
};
use tollgate_domain::payments::{
    AccountId, ChargeId, CheckoutSessionId, DisputeId, PaymentIntentId, ProviderRefundId,
};

use crate::{
    answers::{Charge, Dispute, Identified, Page, PaymentIntent, Refund, Session},
    failure::CallError,
    gateway::StripeGateway,
    ids::plain,
    lists::PER_PAGE,
};

/// The largest number of pages that are read for one charge.
const MAX_REFUND_PAGES: u32 = 20;

impl StripeGateway {
    /// Reads the object with this id.
    async fn read_one<T: Deserialize + Identified + Send>(
        &self,
        account: &AccountId,
        id: &str,
        request: RequestBuilder,
    ) -> Result<T, CallError> {
        let object: T = self.read_on(account, request).await?;
        object.asked_for(id)
    }

    pub(crate) async fn read_session(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<Session, CallError> {
        let id = plain(session.as_str())?;
        let request = RetrieveCheckoutSession::new(id);
        let request = request.expand(["payment_intent.latest_charge".to_owned()]);
        self.read_one(account, id, request.build()).await
    }

    pub(crate) async fn read_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<PaymentIntent, CallError> {
        let id = plain(payment.as_str())?;
        self.read_one(account, id, RetrievePaymentIntent::new(id).build()).await
    }

    pub(crate) async fn read_refund(
        &self,
        account: &AccountId,
        refund: &ProviderRefundId,
    ) -> Result<Refund, CallError> {
        let id = plain(refund.as_str())?;
        self.read_one(account, id, RetrieveRefund::new(id).build()).await
    }

    pub(crate) async fn read_dispute(
        &self,
        account: &AccountId,
        dispute: &DisputeId,
    ) -> Result<Dispute, CallError> {
        let id = plain(dispute.as_str())?;
        self.read_one(account, id, RetrieveDispute::new(id).build()).await
    }

    /// Returns the payment of a refund or dispute that names only its charge.
    pub(crate) async fn payment_of(
        &self,
        account: &AccountId,
        charge: Option<ChargeId>,
    ) -> Result<Option<PaymentIntentId>, CallError> {
        let Some(charge) = charge else { return Ok(None) };
        let id = plain(charge.as_str())?;
        let charge: Charge = self.read_one(account, id, RetrieveCharge::new(id).build()).await?;
        Ok(charge.payment_intent())
    }

    /// Returns all refunds of a charge, and the payment that the charge was made for.
    pub(crate) async fn read_refunds(
        &self,
        account: &AccountId,
        charge: &ChargeId,
    ) -> Result<(Option<PaymentIntentId>, Vec<Refund>), CallError> {
        let charge = plain(charge.as_str())?;
        let request = RetrieveCharge::new(charge).expand(["refunds".to_owned()]).build();
        let answer: Charge = self.read_one(account, charge, request).await?;
        let payment = answer.payment_intent();
        let mut page: Page = answer.refunds.ok_or_else(|| {
            CallError::bad_answer("the answer lacks the charge's list of refunds")
        })?;
        let mut refunds = Vec::new();
        for _ in 0..MAX_REFUND_PAGES {
            let next = page.next()?;
            refunds.append(&mut page.all()?);
            let Some(last) = next else { return Ok((payment, refunds)) };
            let request = ListRefund::new().charge(charge).limit(PER_PAGE).starting_after(last);
            page = self.read_on(account, request.build()).await?;
        }
        Err(CallError::bad_answer("the charge has too many refunds"))
    }
}

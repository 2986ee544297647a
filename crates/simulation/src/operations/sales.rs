//! Starting checkouts, returning from pay pages, and refunds.

use std::sync::Arc;

use tollgate_domain::{
    checkout::{CheckoutError, OrderStatus, ReportedStatus, ReturnUrls, StartedCheckout},
    id::CheckoutId,
    payments::{PaymentsError, RefundProgress, RefundState, SessionProgress},
    refunds::{RefundError, RefundReceipt, RefundWish, RefusalReason},
};
use tollgate_domain_testing::{Call, SessionRecord};

use crate::{
    history::{PageNo, Who},
    machine::ReplicaId,
    model::{KeyedRefund, PayPage},
    operations::{choose, note},
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// How many kept errors one request of a use case gets past, by asking under further keys.
const MAX_KEPT: u32 = 2;

impl Simulation {
    pub(super) fn start(
        &mut self,
        replica: ReplicaId,
        who: Who,
        page: PageNo,
    ) -> Result<(), Violation> {
        let (app, (shop, facts)) = (self.app(replica), self.place(page)?);
        let session = self.cookie(who).map(|token| token.hash());
        self.begin(replica, async move {
            let (name, urls) = (shop.handle.name, ReturnUrls::default());
            let result = app.checkouts.start(name, facts.slug, session, urls).await;
            note(move |simulation, is_undisturbed| {
                simulation.started(who, page, result, is_undisturbed, false)
            })
        });
        Ok(())
    }

    /// A visitor was given a pay page, or was not.
    pub(super) fn started(
        &mut self,
        who: Who,
        page: PageNo,
        result: Result<StartedCheckout, CheckoutError>,
        is_undisturbed: bool,
        in_group: bool,
    ) -> Result<(), Violation> {
        let started = match result {
            Ok(started) => started,
            Err(error) => return self.not_started(who, page, &error, is_undisturbed),
        };
        let Some(session) = self.payments.session_at(&started.url) else {
            return self.led_back(page, &started);
        };
        if is_undisturbed && !in_group && self.progress(&session) == Some(SessionProgress::Open) {
            let offer = self.page_now(page)?.offer().map(|price| price.amount);
            let asked = self.payments.session(&session).map(|state| state.amount);
            Rule::OneOpenSession.check(asked == offer, || {
                format!("a pay page for {asked:?} is handed out, and the offer is {offer:?}")
            })?;
        }
        let (checkout, expires_at) = (started.id, started.expires_at);
        let given = PayPage { who, page, checkout, session, expires_at };
        if !self.model.pay_pages.contains(&given) {
            self.model.pay_pages.push(given);
        }
        self.check_nothing_is_pending(who, page, started.id)?;
        // What has moved to another address is that one's.
        let own = self.sessions_of(self.visitor(who)?.id, who, page)?;
        // A session cannot be closed while its account is out of reach, and a sweep closes it afterwards.
        let is_own = |it: &PayPage| {
            let mut own = own.iter().filter(|own| own.state.session == it.session);
            own.any(|own| !self.model.was_out_of_reach.contains(&own.account))
        };
        let theirs = self.model.pay_pages.iter().filter(|it| it.who == who && it.page == page);
        let theirs = theirs.filter(|it| is_own(it));
        let open = theirs.filter(|it| self.progress(&it.session) == Some(SessionProgress::Open));
        let open: Vec<_> = open.map(|it| it.session.to_string()).collect();
        Rule::OneOpenSession.check(open.len() <= 1, || format!("a visitor can pay {open:?}"))
    }

    /// No pay page is handed out beside a payment that is known to be processed. One that is to be closed since may have been.
    fn check_nothing_is_pending(
        &self,
        who: Who,
        page: PageNo,
        given: CheckoutId,
    ) -> Result<(), Violation> {
        let (own, page) = (self.visitor(who)?.id, self.place(page)?.1.id);
        let order = self.learn(self.stores.checkout.order(given))?;
        let is_open =
            order.is_some_and(|it| it.visitor_id == own && it.status == OrderStatus::Open);
        let pending = self.stores.checkout.told_order(own, page, ReportedStatus::Pending);
        let beside = self.learn(pending)?.filter(|_| is_open).map(|order| order.id);
        Rule::OneOpenSession.check(beside.is_none(), || {
            format!("{given} can be paid, and the payment of {beside:?} is being processed")
        })
    }

    /// A visitor was led to the page, whose gate says that a payment is being processed.
    fn led_back(&self, page: PageNo, started: &StartedCheckout) -> Result<(), Violation> {
        let (shop, facts) = self.place(page)?;
        let records = self.payments.session_records();
        let is_of_it = |it: &&SessionRecord| it.state.checkout_id == Some(started.id);
        let is_payable = |it: &SessionRecord| it.state.progress == SessionProgress::Open;
        let mut of_it = records.iter().filter(is_of_it).peekable();
        let leads_there = started.url.ends_with(&format!("/{}", facts.slug))
            && started.url.contains(shop.handle.name.as_str());
        let is_right = leads_there && of_it.peek().is_some() && !of_it.any(is_payable);
        Rule::OneOpenSession.check(is_right, || "what is not paid leads to no pay page".into())
    }

    fn not_started(
        &mut self,
        who: Who,
        page: PageNo,
        error: &CheckoutError,
        is_undisturbed: bool,
    ) -> Result<(), Violation> {
        if !is_undisturbed {
            return Ok(());
        }
        let (_, facts) = self.place(page)?;
        let is_explained = match error {
            CheckoutError::AlreadyPurchased => {
                let purchases = self.purchases(who, page)?;
                purchases.iter().any(|purchase| purchase.holding().is_active())
            }
            CheckoutError::Disputed => {
                let purchases = self.purchases(who, page)?;
                purchases.iter().any(|purchase| purchase.holding().suspended)
            }
            CheckoutError::PageNotFound
            | CheckoutError::PageNotPaid
            | CheckoutError::GroupBuyNotActive => self.page_now(page)?.offer().is_none(),
            CheckoutError::ConnectNotConfigured(why) => self.may_lack_payments(facts.shop, *why),
            // Also the domain's own answer while a session may still be on its way to be opened.
            CheckoutError::Unauthorized
            | CheckoutError::Payments(PaymentsError::Unavailable(_)) => true,
            CheckoutError::Payments(PaymentsError::Failed(_)) => {
                self.has_kept_many(Call::OpenCheckout)
            }
            _ => false,
        };
        Rule::UndisturbedSucceeds.check(is_explained, || format!("asking for a pay page: {error}"))
    }

    /// Whether the provider keeps so many errors that a request may not get past them.
    fn has_kept_many(&self, call: Call) -> bool {
        self.model.kept_errors.get(&call).is_some_and(|count| *count > MAX_KEPT)
    }

    pub(super) fn complete_return(&mut self, replica: ReplicaId, nth: u8) {
        let Some(nth) = choose(nth, self.model.pay_pages.len()) else { return };
        let Some(pay_page) = self.model.pay_pages.get(nth).cloned() else { return };
        let app = self.app(replica);
        let session = self.cookie(pay_page.who).map(|token| token.hash());
        self.begin(replica, async move {
            let result = app.checkouts.complete_return(pay_page.checkout, session).await;
            note(move |_, is_undisturbed| {
                let holds = result.is_ok() || !is_undisturbed;
                Rule::UndisturbedSucceeds.check(holds, || format!("coming back: {result:?}"))
            })
        });
    }

    pub(super) fn refund(
        &mut self,
        replica: ReplicaId,
        who: Who,
        page: PageNo,
        again: bool,
    ) -> Result<(), Violation> {
        let (app, (shop, facts)) = (self.app(replica), self.place(page)?);
        let before = self.model.refunds.get(&(who, page)).cloned();
        let KeyedRefund { key, under_way, .. } = match before {
            Some(before) if again => before,
            _ => {
                self.model.refund_requests += 1;
                let key = format!("refund {}", self.model.refund_requests);
                let keyed = KeyedRefund { key, refund: None, under_way: Arc::default() };
                self.model.refunds.insert((who, page), keyed.clone());
                keyed
            }
        };
        let wish = RefundWish {
            visitor_id: self.visitor(who)?.id,
            purchase_id: None,
            reason: None,
            idempotency_key: Some(key.clone()),
            arrived_at: self.now_at(replica),
            at_most: None,
        };
        self.begin(replica, async move {
            let (creator, name) = (&shop.creator, &shop.handle.name);
            let result = app.refunds.refund(creator, name, &facts.slug, wish).await;
            drop(under_way);
            note(move |simulation, is_undisturbed| match result {
                Ok(receipt) => simulation.refunded(who, page, &key, &receipt),
                Err(error) => simulation.not_refunded(who, page, &error, is_undisturbed),
            })
        });
        Ok(())
    }

    /// A refund that is answered for the first time has ended the purchase, unless it has failed since, or another part that had been
    /// refunded before has: then less than the whole is refunded, and access goes on. Since a first answer, an appeal may have
    /// brought a part back to the seller, which another press under the same key may be refunding.
    fn refunded(
        &mut self,
        who: Who,
        page: PageNo,
        key: &str,
        receipt: &RefundReceipt,
    ) -> Result<(), Violation> {
        let sessions = self.sessions_for(who, page)?;
        let made = sessions
            .iter()
            .filter(|session| session.refunds.iter().any(|refund| refund.refund == receipt.refund));
        let [of_it] = made.collect::<Vec<_>>()[..] else {
            return Err(Rule::AnsweredIsSeen.broken("a refund that the provider does not have"));
        };
        let has_failed = |refund: &RefundState| refund.progress == RefundProgress::Failed;
        let known = self.model.refunds.get(&(who, page)).filter(|keyed| keyed.key == key);
        let is_repeated = known.is_some_and(|it| it.refund.as_ref() == Some(&receipt.refund));
        let is_joined = known.is_some_and(|it| Arc::strong_count(&it.under_way) > 1);
        let has_turned = of_it.disputes.iter().any(|(it, _)| self.model.turned.contains(it));
        let is_at_the_rest = is_joined && has_turned;
        if !is_repeated && !is_at_the_rest && !of_it.refunds.iter().any(has_failed) {
            let purchases = self.purchases(who, page)?;
            let refunded = purchases.iter().find(|purchase| purchase.id == receipt.purchase_id);
            let has_ended = refunded.is_some_and(|purchase| !purchase.holding().is_active());
            Rule::AnsweredIsSeen
                .check(has_ended, || "a refund was answered, and access goes on".into())?;
        }
        // What was refunded under the key may be under another address by now.
        if self.new_address(who, self.place(page)?.1.shop).is_some() {
            return Ok(());
        }
        let keyed = self.model.refunds.get_mut(&(who, page)).filter(|keyed| keyed.key == key);
        let Some(keyed) = keyed else { return Ok(()) };
        let first = keyed.refund.get_or_insert_with(|| receipt.refund.clone());
        let holds = *first == receipt.refund;
        Rule::RefundsAddUp.check(holds, || "two refunds under one key".into())
    }

    fn not_refunded(
        &mut self,
        who: Who,
        page: PageNo,
        error: &RefundError,
        is_undisturbed: bool,
    ) -> Result<(), Violation> {
        if matches!(error, RefundError::Disputed) && is_undisturbed {
            let sessions = self.sessions_for(who, page)?;
            let disputes = sessions.into_iter().flat_map(|session| session.disputes);
            let known = self.model.refused_as_disputed.entry((who, page)).or_default();
            known.extend(disputes.map(|(dispute, _)| dispute));
        }
        if !is_undisturbed {
            return Ok(());
        }
        let (_, facts) = self.place(page)?;
        let purchases = self.own_purchases(who, page)?;
        let sold: Vec<_> = purchases.iter().filter_map(|it| it.payment.as_ref()).collect();
        let records = self.sessions_for(who, page)?;
        let is_sold = |session: &&SessionRecord| {
            sold.iter().any(|payment| payment.session == session.state.session)
        };
        let of_sold: Vec<_> = records.iter().filter(is_sold).collect();
        let is_explained = match error {
            RefundError::AlreadyRefunded => {
                // With several payments, the newest one is meant.
                of_sold.len() != 1 || of_sold.iter().all(|it| it.refunded() >= it.state.amount)
            }
            RefundError::Disputed | RefundError::Lost => {
                of_sold.iter().any(|session| !session.disputes.is_empty())
            }
            RefundError::Refused(RefusalReason::AccountDisconnected) => {
                of_sold.iter().any(|it| !self.payments.is_within_reach(&it.account))
            }
            RefundError::Refused(_) => self.model.without_balance.contains(&facts.shop),
            RefundError::PurchaseNotFound => sold.is_empty(),
            RefundError::NotRefundable => sold.is_empty() && !purchases.is_empty(),
            RefundError::Payments(PaymentsError::Failed(_)) => self.has_kept_many(Call::Refund),
            // A job may be refunding the second of several payments, or a request from before a loss be on its way.
            RefundError::Payments(PaymentsError::Unavailable(_)) => {
                of_sold.len() > 1 || of_sold.iter().any(|it| it.lost > 0)
            }
            _ => false,
        };
        Rule::UndisturbedSucceeds.check(is_explained, || format!("refunding: {error}"))
    }
}

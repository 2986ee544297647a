//! Accounts, orders, purchases and what is known about them.

use jiff::Timestamp;

use super::{RANDOM, builder, money, number};
use crate::start_of_time;
use tollgate_domain::{
    access::{Fact, FactKind, GrantType, Payment, Purchase, Resource, Subject},
    checkout::{CheckoutOrder, ConnectedAccount, OrderStatus},
    clock::plus_seconds,
    creators::{Handle, Page},
    files::File,
    id::{CheckoutId, FactId, PurchaseId, RefundId},
    money::Money,
    payments::{
        AccountId, AccountState, CheckoutSessionId, EventSubject, OpenedSession, PaymentExtras,
        PaymentIntentId, ProviderEvent,
    },
    refunds::RefundRequest,
    visitor_auth::Visitor,
};

/// An account that takes payments for a handle.
pub fn an_account(handle: &Handle) -> AccountBuilder {
    AccountBuilder(ConnectedAccount {
        account: AccountId::new(format!("acct_{}", number())),
        handle_id: handle.id,
        state: AccountState {
            charges_enabled: true,
            payouts_enabled: true,
            details_submitted: true,
        },
        created_at: start_of_time(),
        updated_at: start_of_time(),
    })
}

builder! {
    /// See [`an_account`].
    AccountBuilder of ConnectedAccount;

    pub fn state(mut self, state: AccountState) -> Self {
        self.0.state = state;
        self
    }
}

/// An order that was just stored, with the page's price or 1200 usd.
pub fn an_order(visitor: &Visitor, page: &Page) -> OrderBuilder {
    OrderBuilder(CheckoutOrder {
        id: CheckoutId::new(start_of_time(), &*RANDOM),
        visitor_id: visitor.id,
        handle_id: page.handle_id,
        page_id: page.id,
        group_buy_id: None,
        account: AccountId::new(format!("acct_of_{}", page.handle_id)),
        title: page.title.clone(),
        price: page.price.unwrap_or_else(|| money(1_200, "usd")),
        fee: 0,
        customer_email: visitor.email.clone(),
        success_url: None,
        cancel_url: None,
        status: OrderStatus::Creating,
        opened: None,
        created_at: start_of_time(),
        expires_at: plus_seconds(start_of_time(), 23 * 3600),
        extras: PaymentExtras::default(),
    })
}

/// A session of its own.
pub fn an_opened_session() -> OpenedSession {
    let number = number();
    OpenedSession {
        session: CheckoutSessionId::new(format!("cs_{number}")),
        url: format!("https://pay.example/cs_{number}"),
    }
}

builder! {
    /// See [`an_order`].
    OrderBuilder of CheckoutOrder;

    /// Already open at the provider.
    pub fn open(mut self) -> Self {
        self.0.status = OrderStatus::Open;
        self.0.opened = Some(an_opened_session());
        self
    }

    pub fn status(mut self, status: OrderStatus) -> Self {
        self.0.status = status;
        self
    }

    /// Stored at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = CheckoutId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.expires_at = plus_seconds(instant, 23 * 3600);
        self
    }
}

/// A purchase that was paid for as `order` says.
pub fn a_purchase(order: &CheckoutOrder) -> PurchaseBuilder {
    let session = match &order.opened {
        Some(opened) => opened.session.clone(),
        None => an_opened_session().session,
    };
    PurchaseBuilder(Purchase {
        id: PurchaseId::new(order.created_at, &*RANDOM),
        visitor_id: order.visitor_id,
        handle_id: order.handle_id,
        page_id: order.page_id,
        created_at: order.created_at,
        paid_at: None,
        payment: Some(Payment {
            checkout_id: order.id,
            paid: order.price,
            account: order.account.clone(),
            session,
            payment_intent: PaymentIntentId::new(format!("pi_{}", number())),
        }),
        tax: None,
        granted_as: GrantType::Purchase,
        grant_type: GrantType::Purchase,
        refunded: 0,
        refund_reserved: 0,
        lost: 0,
        suspended_at: None,
        revoked_at: None,
    })
}

/// A purchase that was given away.
pub fn a_gift(visitor: &Visitor, page: &Page) -> PurchaseBuilder {
    let mut gift = a_purchase(&an_order(visitor, page).build());
    gift.0.payment = None;
    gift.0.granted_as = GrantType::Complimentary;
    gift.0.grant_type = GrantType::Complimentary;
    gift
}

builder! {
    /// See [`a_purchase`].
    PurchaseBuilder of Purchase;

    /// Recorded at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = PurchaseId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self
    }

    /// Taken back at `instant`.
    pub fn revoked(mut self, instant: Timestamp) -> Self {
        self.0.revoked_at = Some(instant);
        self
    }

    /// Disputed at `instant`.
    pub fn suspended(mut self, instant: Timestamp) -> Self {
        self.0.suspended_at = Some(instant);
        self
    }

    /// Refunded in full at `instant`.
    pub fn refunded(mut self, instant: Timestamp) -> Self {
        self.0.refunded = self.0.payment.as_ref().map_or(0, |payment| payment.paid.amount);
        self.0.grant_type = GrantType::Refunded;
        self.0.revoked_at = Some(instant);
        self
    }
}

/// A fact about a purchase, learnt at `instant`.
pub fn a_fact(purchase: &Purchase, kind: FactKind, instant: Timestamp) -> FactBuilder {
    FactBuilder(Fact {
        id: FactId::new(instant, &*RANDOM),
        at: instant,
        kind,
        reference: format!("reference_{}", number()),
        subject: purchase.subject(),
        amount: None,
    })
}

/// A fact about a file and nobody, learnt at `instant`.
pub fn a_file_fact(file: &File, kind: FactKind, instant: Timestamp) -> FactBuilder {
    FactBuilder(Fact {
        id: FactId::new(instant, &*RANDOM),
        at: instant,
        kind,
        reference: format!("reference_{}", number()),
        subject: Subject {
            handle_id: file.handle_id,
            resource: Resource::File(file.id),
            visitor_id: None,
            purchase_id: None,
        },
        amount: None,
    })
}

builder! {
    /// See [`a_fact`].
    FactBuilder of Fact;

    /// Known by this reference.
    pub fn reference(mut self, reference: &str) -> Self {
        reference.clone_into(&mut self.0.reference);
        self
    }

    /// About this much money.
    pub fn amount(mut self, amount: Money) -> Self {
        self.0.amount = Some(amount);
        self
    }
}

/// A request to refund `amount` minor units of what was paid, asked for at `instant`.
pub fn a_refund_request(purchase: &Purchase, amount: i64, instant: Timestamp) -> RefundRequest {
    let paid = purchase.payment.as_ref().map_or_else(|| money(0, "usd"), |payment| payment.paid);
    RefundRequest {
        id: RefundId::new(instant, &*RANDOM),
        purchase_id: purchase.id,
        amount: Money::new(amount, paid.currency),
        reason: None,
        idempotency_key: None,
        requested_at: instant,
        sent_at: None,
    }
}

/// An event that was received at `instant`.
pub fn an_event(instant: Timestamp) -> ProviderEvent {
    let number = number();
    ProviderEvent {
        id: format!("evt_{number}"),
        kind: "checkout.session.completed".into(),
        subject: EventSubject::CheckoutSession,
        account: Some(AccountId::new("acct_1")),
        object_id: format!("cs_of_evt_{number}"),
        received_at: instant,
    }
}

//! Reports about a handle: sales, people, mails, revenue, and explanations of access.

pub(crate) mod attention;
pub(crate) mod explain;
pub(crate) mod person;
pub(crate) mod revenue;
pub(crate) mod unfinished;

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    Timestamp,
    email::Email,
    id::VisitorId,
    mail::{self, LoggedMail},
    money::Money,
    names::Slug,
    paging::{Listing, PageRequest},
    reports::{self, Person, Sale, SaleQuery},
};

use crate::{
    dto::{AccessStatus, GrantType, MoneyBody, json, text_enum},
    extract::{HandlePath, ListBody, Own, Paging, Query, address},
    openapi::{problem_responses, schemas},
    problem::{Answer, FieldErrors, Problem, both},
};

text_enum! {
    /// What a person has to do with a handle.
    Relation = reports::Relation {
        Purchase "PURCHASE",
        FreeLogin "FREE_LOGIN",
        GroupBuy "GROUP_BUY",
        Allowlist "ALLOWLIST",
    }
}

text_enum! {
    /// How far the delivery of a mail has come.
    #[schema(example = "SENT")]
    MailStatus = mail::MailStatus { Queued "QUEUED", Sent "SENT", Dead "DEAD" }
}

text_enum! {
    /// What a mail is about.
    #[schema(example = "receipt")]
    MailKind = mail::MailKind {
        MagicLink "magic_link",
        SellerLink "seller_link",
        VerifyEmail "verify_email",
        PasswordReset "password_reset",
        ConfirmMove "confirm_move",
        Moved "moved",
        Receipt "receipt",
        PaymentFailed "payment_failed",
        Refunded "refunded",
        Granted "granted",
        RefundNotPaid "refund_not_paid",
        RefundFailed "refund_failed",
        PaidTwice "paid_twice",
        PaymentQuarantined "payment_quarantined",
        PaymentMatched "payment_matched",
        PaymentUnread "payment_unread",
        Disputed "disputed",
        Inquiry "inquiry",
        DisputeDecided "dispute_decided",
        AccessDisputed "access_disputed",
        AccountClosed "account_closed",
        AccountReady "account_ready",
        GroupBuyActivated "group_buy_activated",
        GroupBuyReached "group_buy_reached",
        GroupBuyMissed "group_buy_missed",
        GroupBuyExpired "group_buy_expired",
        GroupBuyCancelled "group_buy_cancelled",
    }
}

/// Which sales are wanted.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Query reads it")]
pub(crate) struct SalesQuery {
    /// Only those of this page; none if there is no such page.
    #[param(nullable = false, value_type = Option<schemas::Slug>, example = "guide")]
    page: Option<String>,
    /// Only those to this visitor.
    #[param(nullable = false, example = "vis_01j9z3k5v7w8x9y0z1a2b3c4d5", pattern = "^vis_")]
    visitor: Option<String>,
    /// Only those to the visitor with this address.
    #[param(nullable = false, value_type = Option<schemas::EmailAddress>, example = "bob@example.com")]
    email: Option<String>,
    /// Only those to visitors whose address starts like this.
    #[param(nullable = false, example = "bob", max_length = 254)]
    q: Option<String>,
}

/// Which people are wanted.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Query reads it")]
pub(crate) struct PeopleQuery {
    /// Only those whose address starts like this.
    #[param(nullable = false, example = "bob", max_length = 254)]
    q: Option<String>,
}

/// Which mails are wanted.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Query reads it")]
pub(crate) struct MailQuery {
    /// Only those to addresses that start like this.
    #[param(nullable = false, example = "bob", max_length = 254)]
    q: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sale)]
pub(crate) struct SaleBody {
    #[schema(example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    id: String,
    #[schema(example = "vis_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    visitor_id: String,
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    #[schema(value_type = schemas::Slug)]
    page_slug: String,
    #[schema(example = "A guide")]
    title: String,
    grant_type: GrantType,
    /// The same as it was before any refund.
    granted_as: GrantType,
    /// What was paid; null for what was given away.
    #[schema(required = true)]
    amount: Option<MoneyBody>,
    /// What was refunded of it.
    #[schema(required = true)]
    refunded: Option<MoneyBody>,
    /// What the buyer's bank took back of it, since a dispute about it was lost.
    #[schema(required = true)]
    lost: Option<MoneyBody>,
    status: AccessStatus,
    /// Whether the payment is or was disputed, inquiries of the bank included.
    #[schema(example = false)]
    disputed: bool,
    /// Whether the last refund of it failed or was refused for good, so that the money is still to be refunded.
    #[schema(example = false)]
    refund_failed: bool,
    /// Whether a refund of it is under way, to which Stripe has not answered.
    #[schema(example = false)]
    refund_pending: bool,
    /// Stripe's id of the payment; null for what was given away.
    #[schema(required = true, example = "pi_3TGvfXJd4Xq2Yk0b1kq2")]
    payment_id: Option<String>,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
    #[schema(value_type = schemas::End)]
    revoked_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Person)]
pub(crate) struct PersonBody {
    #[schema(example = "vis_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    id: String,
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    /// What the person has to do with this handle.
    #[schema(example = json!(["PURCHASE"]))]
    relations: Vec<Relation>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LoggedMail)]
pub(crate) struct MailBody {
    #[schema(example = "mal_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    id: String,
    kind: MailKind,
    #[schema(value_type = schemas::EmailAddress)]
    to: String,
    status: MailStatus,
    #[schema(example = 1)]
    attempts: u32,
    #[schema(value_type = schemas::Instant)]
    queued_at: Timestamp,
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    sent_at: Option<Timestamp>,
    /// Why it was not handed over the last time. What the mail server said is not told of a mail that was given up.
    #[schema(required = true, example = "mail server: timed out")]
    last_error: Option<String>,
    /// Whether it can be sent once more, as far as is known before its text is read.
    can_resend: bool,
}

problem_responses! {
    ReportProblems: HandleNotFound;
}

/// What was sold and given away, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/purchases", tag = "reports", security(("creator" = [])),
    params(crate::openapi::HandleParams, SalesQuery, crate::openapi::ListQuery),
    responses((status = 200, description = "The sales", body = ListBody<SaleBody>), ReportProblems))]
pub(crate) async fn purchases(own: Own<HandlePath>, query: Query, paging: Paging) -> Answer {
    let ((wanted, page), name) = (both(sale_query(&query), paging.read())?, own.path.name()?);
    let sales = if let Some(wanted) = wanted {
        own.http.use_cases.reports.sales(&own.creator, &name, wanted, &page).await?
    } else {
        own.http.use_cases.handles.owned(&own.creator, &name).await?;
        Listing { items: Vec::new(), next: None }
    };
    Ok(json(StatusCode::OK, &ListBody::of(&paging, sales, SaleBody::of)))
}

/// The people who have to do with a handle, ordered by address.
#[utoipa::path(get, path = "/v2/handles/{handle}/visitors", tag = "reports", security(("creator" = [])),
    params(crate::openapi::HandleParams, PeopleQuery, crate::openapi::ListQuery),
    responses((status = 200, description = "The people", body = ListBody<PersonBody>), ReportProblems))]
pub(crate) async fn visitors(own: Own<HandlePath>, query: Query, paging: Paging) -> Answer {
    let ((prefix, page), name) = (prefix_and_page(&query, &paging)?, own.path.name()?);
    let people =
        own.http.use_cases.reports.people(&own.creator, &name, prefix.as_deref(), &page).await?;
    Ok(json(StatusCode::OK, &ListBody::of(&paging, people, PersonBody::of)))
}

/// The delivery log of the mails about a handle, newest first.
#[utoipa::path(get, path = "/v2/handles/{handle}/emails", tag = "reports", security(("creator" = [])),
    params(crate::openapi::HandleParams, MailQuery, crate::openapi::ListQuery),
    responses((status = 200, description = "The mails", body = ListBody<MailBody>), ReportProblems))]
pub(crate) async fn emails(own: Own<HandlePath>, query: Query, paging: Paging) -> Answer {
    let ((prefix, page), name) = (prefix_and_page(&query, &paging)?, own.path.name()?);
    let mails =
        own.http.use_cases.reports.mails(&own.creator, &name, prefix.as_deref(), &page).await?;
    Ok(json(StatusCode::OK, &ListBody::of(&paging, mails, MailBody::of)))
}

/// Returns the start of the addresses that are wanted, if not all are, and the page of the list.
fn prefix_and_page(
    query: &Query,
    paging: &Paging,
) -> Result<(Option<String>, PageRequest), Problem> {
    let ([prefix], page) = both(query.read(["q"]), paging.read())?;
    Ok((prefix.map(|text| address(&text)), page))
}

/// Returns the query for sales; `None` if the visitor's id is not well formed and so cannot exist.
fn sale_query(query: &Query) -> Result<Option<SaleQuery>, Problem> {
    let [page, visitor, email, start] = query.read(["page", "visitor", "email", "q"])?;
    let mut errors = FieldErrors::new();
    if visitor.as_ref().is_some_and(|id| !id.starts_with(VisitorId::PREFIX)) {
        errors.add("visitor", format!("must start with {}", VisitorId::PREFIX));
    }
    let page = page.and_then(|text| errors.check("page", text.parse::<Slug>()));
    let email = email.and_then(|text| errors.check("email", address(&text).parse::<Email>()));
    errors.finish().map_err(Problem::invalid)?;
    let Ok(visitor) = visitor.map(|text| text.parse::<VisitorId>()).transpose() else {
        return Ok(None);
    };
    let prefix = start.map(|text| address(&text));
    Ok(Some(SaleQuery { page, visitor, email, prefix }))
}

impl SaleBody {
    fn of(sale: Sale) -> Self {
        let status = sale.status().into();
        let (refund_failed, refund_pending) = (sale.has_failed_refund(), sale.has_pending_refund());
        let Sale { purchase, email, slug, title, is_disputed, .. } = sale;
        let paid = purchase.payment.as_ref().map(|payment| payment.paid);
        let refunded = paid.map(|paid| Money::new(purchase.refunded, paid.currency));
        let lost = paid.map(|paid| Money::new(purchase.lost, paid.currency));
        Self {
            id: purchase.id.to_string(),
            visitor_id: purchase.visitor_id.to_string(),
            email: email.as_str().to_owned(),
            page_slug: slug.to_string(),
            title,
            grant_type: purchase.grant_type.into(),
            granted_as: purchase.granted_as.into(),
            amount: paid.map(MoneyBody::of),
            refunded: refunded.map(MoneyBody::of),
            lost: lost.map(MoneyBody::of),
            status,
            disputed: is_disputed,
            refund_failed,
            refund_pending,
            payment_id: purchase.payment.map(|payment| payment.payment_intent.to_string()),
            created_at: purchase.created_at,
            revoked_at: purchase.revoked_at,
        }
    }
}

impl PersonBody {
    fn of(person: Person) -> Self {
        Self {
            id: person.id.to_string(),
            email: person.email.as_str().to_owned(),
            relations: person.relations.into_iter().map(Relation::from).collect(),
        }
    }
}

impl MailBody {
    fn of(mail: LoggedMail) -> Self {
        let can_resend = mail.can_be_resent();
        Self {
            id: mail.id.to_string(),
            kind: mail.kind.into(),
            to: mail.to.as_str().to_owned(),
            status: mail.status.into(),
            attempts: mail.attempts,
            queued_at: mail.queued_at,
            sent_at: mail.sent_at,
            last_error: mail.last_error,
            can_resend,
        }
    }
}

//! Receipts of a visitor's own payments.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;
use serde::Serialize;
use tollgate_domain::{Timestamp, checkout::Receipt, id::PurchaseId};

use crate::{
    dto::{EmptyBody, MailAcceptedBody, MoneyBody, json},
    extract::{JsonBody, SignedVisitor, part, prefers_html},
    locale::Texts,
    openapi::{problem_responses, schemas},
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Receipt)]
pub(crate) struct ReceiptBody {
    /// No other receipt has it.
    #[schema(example = "ADA-01J9Z3K5V7W8X9Y0Z1A2B3C4D5")]
    number: String,
    #[schema(example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    purchase_id: String,
    /// When it was paid.
    #[schema(value_type = schemas::Instant)]
    date: Timestamp,
    /// Who paid.
    #[schema(value_type = schemas::EmailAddress)]
    payer: String,
    seller: SellerBody,
    /// The title of the page.
    #[schema(example = "A guide")]
    title: String,
    amount: MoneyBody,
    /// The tax in the amount; null unless the seller has Stripe compute it.
    #[schema(required = true)]
    tax: Option<MoneyBody>,
    /// What was refunded.
    refunded: MoneyBody,
    /// What the buyer's bank took back, since the seller lost a dispute about the payment.
    lost: MoneyBody,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Seller)]
pub(crate) struct SellerBody {
    /// The storefront's name.
    #[schema(example = "Ada's workshop")]
    name: String,
    #[schema(value_type = schemas::HandleName)]
    handle: String,
    /// Where to ask.
    #[schema(value_type = Option<schemas::EmailAddress>, required = true)]
    email: Option<String>,
    /// The seller's own text.
    #[schema(required = true, example = "Ada's workshop, 1 Mill Lane")]
    text: Option<String>,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    t: Texts,
    receipt: &'a Receipt,
}

problem_responses! {
    ReceiptProblems: PurchaseNotFound;
    ResendProblems: PurchaseNotFound RateLimited;
}

/// The receipt of a payment, as JSON or, for `Accept: text/html`, to print.
#[utoipa::path(get, path = "/v2/visitor/purchases/{id}/receipt", tag = "visitor", operation_id = "receipt",
    security(("visitor" = [])),
    params(("id" = String, Path, description = "The purchase", example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")),
    responses((status = 200, description = "The receipt", content((ReceiptBody = "application/json"),
        (String = "text/html", example = "<h1>Receipt</h1>"))), ReceiptProblems))]
pub(super) async fn receipt(
    http: Http,
    t: Texts,
    visitor: SignedVisitor,
    req: HttpRequest,
) -> Answer {
    let receipt = own(&http, &visitor, &req).await?;
    if !prefers_html(req.headers()) {
        let body = ReceiptBody::of(receipt);
        return Ok(HttpResponse::Ok().insert_header((header::VARY, "Accept")).json(body));
    }
    let page = ReceiptPage { t, receipt: &receipt }.render();
    let page = page.map_err(|_| Problem::new(Code::InternalError))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, http.policy().page()))
        .insert_header((header::VARY, "Accept"))
        .content_type(header::ContentType::html())
        .body(page))
}

/// Mails the receipt of a payment to the visitor once more.
#[utoipa::path(post, path = "/v2/visitor/purchases/{id}/receipt/resend", tag = "visitor",
    operation_id = "resend_own_receipt", security(("visitor" = [])), request_body = Option<EmptyBody>,
    params(("id" = String, Path, description = "The purchase", example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")),
    responses((status = 202, description = "The mail is on its way", body = MailAcceptedBody), ResendProblems))]
pub(super) async fn resend(
    http: Http,
    visitor: SignedVisitor,
    req: HttpRequest,
    body: JsonBody,
) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let receipt = own(&http, &visitor, &req).await?;
    let who = visitor.who.visitor.id;
    http.use_cases.receipts.resend_to_visitor(who, receipt.purchase_id).await?;
    Ok(json(StatusCode::ACCEPTED, &MailAcceptedBody::ANSWER))
}

/// Returns the receipt that the path names, if it is the visitor's. To a frontend of a creator there are only those
/// of the handles that registered it.
async fn own(http: &Http, visitor: &SignedVisitor, req: &HttpRequest) -> Result<Receipt, Problem> {
    let id: PurchaseId = part(req, "id").ok_or_else(|| Problem::new(Code::PurchaseNotFound))?;
    let receipt = http.use_cases.receipts.of_visitor(visitor.who.visitor.id, id).await?;
    if let Some(origin) = &visitor.frontend
        && !http.use_cases.handles.is_frontend(origin, Some(&receipt.handle)).await?
    {
        return Err(Problem::new(Code::PurchaseNotFound));
    }
    Ok(receipt)
}

impl ReceiptBody {
    fn of(receipt: Receipt) -> Self {
        Self {
            number: receipt.number,
            purchase_id: receipt.purchase_id.to_string(),
            date: receipt.date,
            payer: receipt.payer.to_string(),
            seller: SellerBody {
                name: receipt.seller,
                handle: receipt.handle.to_string(),
                email: receipt.seller_email.map(|email| email.to_string()),
                text: receipt.seller_text,
            },
            title: receipt.title,
            amount: MoneyBody::of(receipt.amount),
            tax: receipt.tax.map(MoneyBody::of),
            refunded: MoneyBody::of(receipt.refunded),
            lost: MoneyBody::of(receipt.lost),
        }
    }
}

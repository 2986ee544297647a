//! What a creator does for a person: a sign-in link, a change of address, a receipt or a mail once more.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use serde::Deserialize;
use tollgate_domain::{email::Email, names::Slug, validation::FieldError};

use super::own_id;
use crate::{
    dto::{EmptyBody, MailAcceptedBody, json},
    extract::{HandlePath, JsonBody, Own, Query, address},
    openapi::{problem_responses, schemas},
    problem::{Answer, Code, FieldErrors, Problem},
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AddressMove)]
pub(crate) struct MoveBody {
    /// The address that purchases, payments on their way, grants and list entries are under.
    #[schema(value_type = schemas::EmailAddress)]
    from: String,
    /// The address that they move to, once its owner confirms.
    #[schema(value_type = schemas::EmailAddress)]
    to: String,
}

/// Which change of address is called off.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Query reads it")]
pub(crate) struct CallOffQuery {
    /// The address that purchases, payments on their way, grants and list entries are under.
    #[param(value_type = schemas::EmailAddress, example = "bob@example.com")]
    from: String,
    /// Only what waits to move to this address is called off, so that a change that was asked for since stays.
    #[param(nullable = false, value_type = Option<schemas::EmailAddress>, example = "rob@example.com")]
    to: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SignInLink)]
pub(crate) struct LinkBody {
    /// Who is to sign in.
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    /// The page that the link leads to, which the person has to be able to see; none in particular when unset.
    #[schema(value_type = Option<schemas::Slug>)]
    page_slug: Option<String>,
}

problem_responses! {
    LinkProblems: HandleNotFound PageNotFound EmailNotVerified RateLimited;
    MoveProblems: HandleNotFound EmailNotVerified RateLimited;
    CallOffProblems: ValidationFailed HandleNotFound;
    ReceiptProblems: HandleNotFound PurchaseNotFound EmailNotVerified RateLimited;
    ResendProblems: HandleNotFound NotFound EmailNotVerified RateLimited;
}

/// Mails a sign-in link of the handle to a person.
///
/// It is the link that the person can ask for on the handle's pages, and uses up none of the person's limits. It counts
/// among the mails that the creator causes, so that it is refused for a person who stopped the handle's mails.
#[utoipa::path(post, path = "/v2/handles/{handle}/people/sign-in-link", tag = "reports",
    operation_id = "send_sign_in_link", params(crate::openapi::HandleParams), security(("creator" = [])),
    request_body = LinkBody,
    responses((status = 202, description = "The mail is on its way", body = MailAcceptedBody), LinkProblems))]
pub(super) async fn send_link(own: Own<HandlePath>, body: JsonBody) -> Answer {
    let (email, page) = body.draft().await?.parse(LinkBody::read)?;
    let handle = own.path.name()?;
    let resends = &own.http.use_cases.resends;
    resends.sign_in_link(&own.creator, &handle, email, page.as_ref()).await?;
    Ok(json(StatusCode::ACCEPTED, &MailAcceptedBody::ANSWER))
}

impl LinkBody {
    fn read(self) -> Result<(Email, Option<Slug>), FieldErrors> {
        let mut errors = FieldErrors::new();
        let email = errors.check("email", self.email.parse::<Email>());
        let page = self.page_slug.map(|slug| slug.parse::<Slug>()).transpose();
        let page = errors.check("pageSlug", page);
        let (Some(email), Some(page)) = (email, page) else { return Err(errors) };
        Ok((email, page))
    }
}

/// Moves what a person has to another address.
///
/// The new address is mailed a link, good for seven days. Once its owner confirms, purchases, grants and list
/// entries of this handle move, and both addresses are told.
#[utoipa::path(post, path = "/v2/handles/{handle}/people/move", tag = "reports", operation_id = "move_person",
    params(crate::openapi::HandleParams), security(("creator" = [])), request_body = MoveBody,
    responses((status = 202, description = "The mail is on its way", body = MailAcceptedBody), MoveProblems))]
pub(super) async fn move_address(own: Own<HandlePath>, body: JsonBody) -> Answer {
    let (from, to) = body.draft().await?.parse(MoveBody::read)?;
    own.http.use_cases.moves.request(&own.creator, &own.path.name()?, from, to).await?;
    Ok(json(StatusCode::ACCEPTED, &MailAcceptedBody::ANSWER))
}

impl MoveBody {
    fn read(self) -> Result<(Email, Email), FieldErrors> {
        let mut errors = FieldErrors::new();
        let from = errors.check("from", self.from.parse::<Email>());
        let to = errors.check("to", self.to.parse::<Email>());
        let (Some(from), Some(to)) = (from, to) else { return Err(errors) };
        if from == to {
            errors.add("to", FieldError::SameAddress);
        }
        errors.finish()?;
        Ok((from, to))
    }
}

/// Calls off what waits to move from an address.
///
/// The links that were mailed for it do not count any more. What has moved already stays where it is. Without `to`,
/// whatever waits to move from the address is called off.
#[utoipa::path(delete, path = "/v2/handles/{handle}/people/move", tag = "reports", operation_id = "call_off_move",
    params(crate::openapi::HandleParams, CallOffQuery), security(("creator" = [])),
    responses((status = 204, description = "Nothing like that waits any more"), CallOffProblems))]
pub(super) async fn call_off_move(own: Own<HandlePath>, query: Query) -> Answer {
    let ((from, to), handle) = (called_off(&query)?, own.path.name()?);
    own.http.use_cases.moves.call_off(&own.creator, &handle, &from, to.as_ref()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Returns the old address, and the new one if it is named.
fn called_off(query: &Query) -> Result<(Email, Option<Email>), Problem> {
    let mut errors = FieldErrors::new();
    let [from, to] = query.read_strictly(["from", "to"])?;
    let from = from.ok_or(FieldError::Missing);
    let from = from.and_then(|from| address(&from).parse::<Email>().map_err(FieldError::from));
    let from = errors.check("from", from);
    let to = errors.check("to", to.map(|to| address(&to).parse::<Email>()).transpose());
    let (Some(from), Some(to)) = (from, to) else { return Err(Problem::invalid(errors)) };
    Ok((from, to))
}

/// Mails the receipt of a purchase to its buyer once more.
#[utoipa::path(post, path = "/v2/handles/{handle}/purchases/{id}/receipt/resend", tag = "reports",
    operation_id = "resend_receipt", security(("creator" = [])), request_body = Option<EmptyBody>,
    params(crate::openapi::HandleParams,
        ("id" = String, Path, description = "The purchase", example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")),
    responses((status = 202, description = "The mail is on its way", body = MailAcceptedBody), ReceiptProblems))]
pub(super) async fn resend_receipt(
    own: Own<HandlePath>,
    req: HttpRequest,
    body: JsonBody,
) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let handle = own.path.name()?;
    let id = own_id(&own.http, &own.creator, &handle, &req, Code::PurchaseNotFound).await?;
    own.http.use_cases.receipts.resend(&own.creator, &handle, id).await?;
    Ok(json(StatusCode::ACCEPTED, &MailAcceptedBody::ANSWER))
}

/// Sends a mail of the delivery log once more.
///
/// In place of a sign-in link, which is good once, a new one is sent.
#[utoipa::path(post, path = "/v2/handles/{handle}/emails/{id}/resend", tag = "reports", operation_id = "resend_mail",
    security(("creator" = [])), request_body = Option<EmptyBody>,
    params(crate::openapi::HandleParams,
        ("id" = String, Path, description = "The mail", example = "mal_01j9z3k5v7w8x9y0z1a2b3c4d5")),
    responses((status = 202, description = "The mail is on its way", body = MailAcceptedBody), ResendProblems))]
pub(super) async fn resend_mail(own: Own<HandlePath>, req: HttpRequest, body: JsonBody) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let handle = own.path.name()?;
    let id = own_id(&own.http, &own.creator, &handle, &req, Code::NotFound).await?;
    own.http.use_cases.resends.resend(&own.creator, &handle, id).await?;
    Ok(json(StatusCode::ACCEPTED, &MailAcceptedBody::ANSWER))
}

//! Handlers for creators: their account, their handles, and everything that belongs to a handle.

pub(crate) mod accounts;
mod disputes;
pub(crate) mod files;
mod grants;
pub(crate) mod group_buys;
pub(crate) mod handles;
pub(crate) mod pages;
mod people;
mod previews;
mod refunds;
mod reports;
mod sessions;
mod stripe;

use std::str::FromStr;

use actix_web::HttpRequest;
use tollgate_domain::{creators::Creator, names::HandleName};

pub(crate) use self::disputes::DisputeStatus;
use crate::{
    extract::plain_part,
    problem::{Code, Problem},
    routes::routes,
    state::Http,
};

/// Returns the id in the path of something at a creator's handle. What is not well formed is missing; that is said to
/// the owner of the handle alone.
async fn own_id<T: FromStr>(
    http: &Http,
    creator: &Creator,
    handle: &HandleName,
    req: &HttpRequest,
    missing: Code,
) -> Result<T, Problem> {
    if let Some(id) = plain_part(req, "id") {
        return Ok(id);
    }
    http.use_cases.handles.owned(creator, handle).await?;
    Err(Problem::new(missing))
}

routes! {
    "/v2/creator/auth/register" { post accounts::register }
    "/v2/creator/auth/login" { post accounts::login }
    "/v2/creator/auth/refresh" { post accounts::refresh }
    "/v2/creator/auth/logout" { post accounts::logout }
    "/v2/creator/auth/password" { post accounts::password }
    "/v2/creator/auth/verify-email" { post accounts::verify_email }
    "/v2/creator/auth/verify-email/resend" { post accounts::resend_verification }
    "/v2/creator/auth/password-reset" { post accounts::reset_password }
    "/v2/creator/auth/password-reset/confirm" { post accounts::confirm_reset }
    "/v2/creator/sessions" { get sessions::list }
    "/v2/creator/sessions/{id}" { delete sessions::end }
    "/v2/creator/me" { get accounts::me, patch accounts::rename }
    "/v2/creator/handle-names/{name}" { get handles::availability }
    "/v2/handles" { post handles::create, get handles::list }
    "/v2/handles/{handle}" { get handles::show, patch handles::change }
    "/v2/handles/{handle}/preview" { post pages::preview }
    "/v2/handles/{handle}/preview/mail" { post previews::mail }
    "/v2/handles/{handle}/preview/price" { post previews::price }
    "/v2/handles/{handle}/pages" { post pages::create, get pages::list }
    "/v2/handles/{handle}/pages/{pageSlug}" { get pages::show, patch pages::change, delete pages::remove }
    "/v2/handles/{handle}/pages/{pageSlug}/sales" { get pages::sales }
    "/v2/handles/{handle}/pages/{pageSlug}/refund" { post refunds::refund }
    "/v2/handles/{handle}/group-buys" { post group_buys::create, get group_buys::list }
    "/v2/handles/{handle}/group-buys/{groupBuySlug}" { get group_buys::show, patch group_buys::change }
    "/v2/handles/{handle}/group-buys/{groupBuySlug}/activate" { post group_buys::activate }
    "/v2/handles/{handle}/group-buys/{groupBuySlug}/cancel" { post group_buys::cancel }
    "/v2/handles/{handle}/group-buys/{groupBuySlug}/interests" { get group_buys::interests }
    "/v2/handles/{handle}/files" { post files::create, get files::list }
    "/v2/handles/{handle}/files/{fileSlug}" { get files::show, patch files::change, delete files::remove }
    "/v2/handles/{handle}/files/{fileSlug}/allowlist" {
        get files::allowlist::allowed, post files::allowlist::allow_many
    }
    "/v2/handles/{handle}/files/{fileSlug}/allowlist/{email}" {
        put files::allowlist::allow, delete files::allowlist::disallow
    }
    "/v2/handles/{handle}/pages/{pageSlug}/grants" { post grants::give }
    "/v2/handles/{handle}/pages/{pageSlug}/grants/{id}" { delete grants::revoke }
    "/v2/handles/{handle}/people/move" { post people::move_address, delete people::call_off_move }
    "/v2/handles/{handle}/people/sign-in-link" { post people::send_link }
    "/v2/handles/{handle}/people/{email}" { get reports::person::person }
    "/v2/handles/{handle}/purchases/{id}/receipt/resend" { post people::resend_receipt }
    "/v2/handles/{handle}/purchases/{id}/dispute" { get disputes::show }
    "/v2/handles/{handle}/emails/{id}/resend" { post people::resend_mail }
    "/v2/handles/{handle}/attention" { get reports::attention::attention }
    "/v2/handles/{handle}/purchases" { get reports::purchases }
    "/v2/handles/{handle}/unfinished-payments" { get reports::unfinished::unfinished_payments }
    "/v2/handles/{handle}/visitors" { get reports::visitors }
    "/v2/handles/{handle}/emails" { get reports::emails }
    "/v2/handles/{handle}/revenue" { get reports::revenue::revenue }
    "/v2/handles/{handle}/explain" { get reports::explain::explain }
    "/v2/handles/{handle}/stripe" { get stripe::status }
    "/v2/handles/{handle}/stripe/requirements" { get stripe::requirements }
    "/v2/handles/{handle}/stripe/connect" { post stripe::begin }
}

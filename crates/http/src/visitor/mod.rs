//! Handlers for visitors: signing in and out, and their access.

mod access;
mod me;
mod receipt;
mod sessions;
mod sign_in;

use crate::routes::routes;

routes! {
    "/v2/visitor/auth/magic-link" { post sign_in::magic_link }
    "/v2/visitor/auth/verify" { post sign_in::verify }
    "/v2/visitor/auth/logout" { post sign_in::logout }
    "/v2/visitor/me" { get me::me }
    "/v2/visitor/purchases/{id}/receipt" { get receipt::receipt }
    "/v2/visitor/purchases/{id}/receipt/resend" { post receipt::resend }
    "/v2/visitor/access" { get access::access }
    "/v2/visitor/sessions" { get sessions::sessions }
    "/v2/visitor/sessions/{id}" { delete sessions::end_session }
}

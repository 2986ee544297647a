//! The shop whose screens a creator with several was at last, so that screens about none of them lead back to it.

use actix_web::{HttpMessage, HttpRequest, body::BoxBody, cookie::Cookie, dev::ServiceResponse};
use tollgate_domain::{installation::Installation, names::HandleName};

use crate::extract::{only_cookie, plain_cookie};

/// The handle that an answer is about.
struct Shown(HandleName);

/// Notes which handle the answer to a request is about.
pub(super) fn show(req: &HttpRequest, handle: &HandleName) {
    req.extensions_mut().insert(Shown(handle.clone()));
}

/// Returns the handle whose screens the browser was at last. It need not be the creator's, and need not exist.
pub(super) fn read(req: &HttpRequest, installation: &Installation) -> Option<HandleName> {
    only_cookie(req.headers(), name(installation))?.parse().ok()
}

/// Returns the cookie that an answer needs: none if it is about the same handle as the one before.
pub(super) fn cookie_after(
    installation: &Installation,
    response: &ServiceResponse<BoxBody>,
) -> Option<Cookie<'static>> {
    let req = response.request();
    let shown = req.extensions().get::<Shown>().map(|shown| shown.0.clone())?;
    if read(req, installation).as_ref() == Some(&shown) {
        return None;
    }
    Some(plain_cookie(installation, name(installation), shown.to_string()))
}

fn name(installation: &Installation) -> &'static str {
    if installation.is_secure() { "__Host-tollgate_shop" } else { "tollgate_shop" }
}

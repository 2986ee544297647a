//! The one address of each page: other ways to write it lead there.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{Method, header},
};
use tollgate_domain::installation::{HostKind, Installation};

use super::surface::{Surface, is_on_every_host};
use crate::extract::{named_host, plain};

/// Returns the redirect to the address of what is asked for, if the request writes it in another way: with
/// `www.` or a full stop at the end of the host, or with a slash at the end of the path.
pub(crate) fn redirect(installation: &Installation, req: &ServiceRequest) -> Option<HttpResponse> {
    let uri = req.uri();
    let path = uri.path();
    let surface = Surface::of(path);
    let host = named_host(req.head())?;
    let other = other_host(installation, host, surface);
    let is_read = matches!(*req.method(), Method::GET | Method::HEAD);
    let shorter = shorter(path).filter(|_| surface == Surface::Site && is_read);
    if other.is_none() && shorter.is_none() {
        return None;
    }
    let origin = other.or_else(|| origin(installation, &installation.kind_of(host)))?;
    let path = shorter.unwrap_or(path);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    // The origin is the installation's own, so the redirect never leads elsewhere.
    let address = format!("{origin}{path}{query}");
    Some(HttpResponse::PermanentRedirect().insert_header((header::LOCATION, address)).finish())
}

/// Returns the origin of the host that was meant, if it is written in another way. The interface takes
/// every host as it is, except for the full stop.
fn other_host(installation: &Installation, host: &str, surface: Surface) -> Option<String> {
    let plain = plain(host, surface == Surface::Site)?;
    origin(installation, &installation.kind_of(&plain))
}

fn origin(installation: &Installation, kind: &HostKind) -> Option<String> {
    match kind {
        HostKind::Root => Some(installation.origin()),
        HostKind::App => Some(installation.app_origin()),
        HostKind::Handle(name) => Some(installation.handle_origin(name)),
        HostKind::Foreign => None,
    }
}

/// Returns the path without the slash at its end, if that is the only thing wrong with it.
fn shorter(path: &str) -> Option<&str> {
    let shorter = path.strip_suffix('/')?;
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let is_sound = shorter.strip_prefix('/')?.split('/').all(is_plain);
    (is_sound && !is_on_every_host(shorter)).then_some(shorter)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn leads_to(method: Method, host: &str, path: &str) -> Option<String> {
        let installation = Installation::new("tollgate.localhost:8080").unwrap();
        let request =
            TestRequest::with_uri(path).method(method).insert_header((header::HOST, host));
        let response = redirect(&installation, &request.to_srv_request())?;
        assert_eq!(response.status(), 308);
        Some(response.headers().get(header::LOCATION).unwrap().to_str().unwrap().to_owned())
    }

    #[test]
    fn other_ways_to_write_an_address_lead_to_it() {
        let ada = "ada.tollgate.localhost:8080";
        for (host, path, to) in [
            (ada, "/guide/", "http://ada.tollgate.localhost:8080/guide"),
            (ada, "/guide/?a=b%2F&c", "http://ada.tollgate.localhost:8080/guide?a=b%2F&c"),
            (ada, "/-/group-buys/x/", "http://ada.tollgate.localhost:8080/-/group-buys/x"),
            ("tollgate.localhost:8080", "/access/", "http://tollgate.localhost:8080/access"),
            ("www.tollgate.localhost:8080", "/", "http://tollgate.localhost:8080/"),
            ("WWW.ada.tollgate.localhost", "/guide", "http://ada.tollgate.localhost:8080/guide"),
            ("ada.tollgate.localhost.:8080", "/guide/", "http://ada.tollgate.localhost:8080/guide"),
            ("ada.tollgate.localhost.:", "/", "http://ada.tollgate.localhost:8080/"),
            ("app.tollgate.localhost.", "/", "http://app.tollgate.localhost:8080/"),
            (
                "tollgate.localhost.",
                "/v2/visitor/me",
                "http://tollgate.localhost:8080/v2/visitor/me",
            ),
        ] {
            assert_eq!(leads_to(Method::GET, host, path).as_deref(), Some(to), "{host}{path}");
        }
        let post = leads_to(Method::POST, "www.tollgate.localhost", "/-/sign-in");
        assert_eq!(post.as_deref(), Some("http://tollgate.localhost:8080/-/sign-in"));
    }

    #[test]
    fn nothing_else_is_redirected_and_nothing_leads_elsewhere() {
        let ada = "ada.tollgate.localhost:8080";
        for (host, path) in [
            (ada, "/"),
            (ada, "/guide"),
            (ada, "//evil.example/"),
            (ada, "/\\evil.example/"),
            (ada, "/guide//"),
            (ada, "/../"),
            (ada, "/guide%2f/"),
            (ada, "/v2/visitor/me/"),
            (ada, "/docs/"),
            ("evil.example.", "/"),
            ("www.evil.example", "/guide/"),
            ("evil.example", "/guide/"),
            ("www.tollgate.localhost", "/v2/visitor/me"),
            ("www.x.ada.tollgate.localhost", "/"),
            ("ada.tollgate.localhost..", "/"),
        ] {
            assert_eq!(leads_to(Method::GET, host, path), None, "{host}{path}");
        }
        assert_eq!(leads_to(Method::POST, ada, "/guide/"), None);
    }
}

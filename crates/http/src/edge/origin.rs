//! The origin that a request names, as far as its name alone tells.

use actix_web::http::header::{self, HeaderMap};
use tollgate_domain::{
    installation::{HostKind, Installation},
    names::HandleName,
};

/// What the `Origin` of a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NamedOrigin {
    /// A host of the installation: the root, the console, or the host that the request is for.
    Own,
    /// The host of another handle. It is the installation's only if the handle exists: an operator may have given the name
    /// to another server.
    Handle(HandleName),
    /// None, several, or one that is not the installation's.
    Other,
}

impl NamedOrigin {
    pub(super) fn of(installation: &Installation, host: &HostKind, headers: &HeaderMap) -> Self {
        let mut origins = headers.get_all(header::ORIGIN);
        let (Some(origin), None) = (origins.next(), origins.next()) else { return Self::Other };
        let named = origin.to_str().ok().and_then(|text| installation.own_host_of(text));
        match named {
            Some(HostKind::Root | HostKind::App) => Self::Own,
            Some(HostKind::Handle(name)) if *host == HostKind::Handle(name.clone()) => Self::Own,
            Some(HostKind::Handle(name)) => Self::Handle(name),
            Some(HostKind::Foreign) | None => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn named(host: &str, origins: &[&'static str]) -> NamedOrigin {
        let installation = Installation::new("tollgate.localhost:8080").unwrap();
        let mut request = TestRequest::default();
        for origin in origins {
            request = request.append_header((header::ORIGIN, *origin));
        }
        let request = request.to_http_request();
        NamedOrigin::of(&installation, &installation.kind_of(host), request.headers())
    }

    #[test]
    fn only_hosts_that_must_exist_are_own_by_their_names() {
        let (root, ada) = ("tollgate.localhost:8080", "ada.tollgate.localhost:8080");
        let of_ada = NamedOrigin::Handle("ada".parse().unwrap());
        for (host, origin, expected) in [
            (ada, "http://tollgate.localhost:8080", NamedOrigin::Own),
            (ada, "http://app.tollgate.localhost:8080", NamedOrigin::Own),
            (ada, "http://ada.tollgate.localhost:8080", NamedOrigin::Own),
            ("127.0.0.1:8080", "http://tollgate.localhost:8080", NamedOrigin::Own),
            (root, "http://ada.tollgate.localhost:8080", of_ada.clone()),
            ("eve.tollgate.localhost", "http://ada.tollgate.localhost:8080", of_ada.clone()),
            ("127.0.0.1:8080", "http://ada.tollgate.localhost:8080", of_ada),
        ] {
            assert_eq!(named(host, &[origin]), expected, "{origin} to {host}");
        }
    }

    #[test]
    fn everything_else_is_of_others() {
        let ada = "http://ada.tollgate.localhost:8080";
        for origins in [
            &[ada, ada][..],
            &[],
            &[ada, "https://evil.example"],
            &["null"],
            &["https://ada.tollgate.localhost:8080"],
            &["http://ada.tollgate.localhost"],
            &["http://ada.tollgate.localhost:8080@evil.example"],
            &["http://ada.tollgate.localhost:8080.evil.example"],
            &["http://a.b.tollgate.localhost:8080"],
            &["http://127.0.0.1:8080"],
            &["https://evil.example"],
        ] {
            let found = named("ada.tollgate.localhost:8080", origins);
            assert_eq!(found, NamedOrigin::Other, "{origins:?}");
        }
        assert_eq!(named("127.0.0.1:8080", &["http://127.0.0.1:8080"]), NamedOrigin::Other);
    }
}

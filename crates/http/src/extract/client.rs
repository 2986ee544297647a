//! The client that a request comes from, as it is counted for limits.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;
use tollgate_domain::{creators::Caller, device::Device, language::Language};

use super::device::device;
use crate::{locale::named_language, state::Http};

/// A network address as it is counted for limits: a whole IPv4 address, or the /64 of an IPv6 address, which
/// belongs to one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) String);

fn counted(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            format!("{}/64", Ipv6Addr::from_bits(network))
        }
    }
}

extractor!(Asking, |req, _| {
    let Client(client) = Client::of(req);
    Self { client, language: named_language(req), device: device(req.headers()) }
});

extractor!(Client, |req, _| Self::of(req));

impl Client {
    fn of(req: &HttpRequest) -> Self {
        let peer = req.peer_addr().map(|peer| peer.ip().to_canonical());
        let proxies = req.app_data::<Http>().map(|http| &http.trusted_proxies);
        let client = match (peer, proxies) {
            (Some(peer), Some(proxies)) => counted(proxies.client(peer, req.headers())),
            (Some(peer), None) => counted(peer),
            (None, _) => "unknown".to_owned(),
        };
        Self(client)
    }
}

/// A client with the language that it names and the kind of device that it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asking {
    client: String,
    language: Option<Language>,
    device: Device,
}

impl Asking {
    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller { client: &self.client, language: self.language, device: Some(self.device) }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::state::TrustedProxies;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let proxies = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"].map(|text| text.parse().unwrap());
        let mut request = TestRequest::default();
        for value in forwarded {
            request = request.append_header(("X-Forwarded-For", *value));
        }
        let request = request.to_http_request();
        counted(
            TrustedProxies::new(proxies.to_vec()).client(peer.parse().unwrap(), request.headers()),
        )
    }

    #[test]
    fn stranger_cannot_claim_another_address() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn proxy_is_believed_about_its_own_client_only() {
        assert_eq!(client("127.0.0.1", &["198.51.100.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &["203.0.113.9, 10.1.2.3"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &["198.51.100.1", "203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.1, nonsense"]), "127.0.0.1");
    }

    #[test]
    fn ipv6_is_counted_by_customer() {
        assert_eq!(client("2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::/64");
        assert_eq!(client("fd00::1", &["[2001:db8:1:2::9]:443"]), "2001:db8:1:2::/64");
        assert_eq!(client("127.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
    }
}

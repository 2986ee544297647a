//! Which client a request comes from, as limits count it.

use std::{
    convert::Infallible,
    fmt,
    future::{Ready, ready},
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderMap};

use crate::state::Http;

/// A network address in the form that limits count: IPv4 whole, IPv6 by /64, since a whole /64
/// belongs to one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) String);

/// An address, or all addresses that start with the same bits, such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// The text names no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an address or a network such as 10.0.0.0/8")]
pub struct NetworkError;

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// These proxies.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The address that no trusted proxy stands for: the peer, or the first hop from the right that
    /// is not ours. What stands left of it was written by the client.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let hops = headers
            .get_all("x-forwarded-for")
            .map(|value| value.to_str().unwrap_or("?"))
            .collect::<Vec<_>>()
            .join(",");
        for hop in hops.rsplit(',') {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = read_hop(hop.trim()) else { break };
            client = address;
        }
        client
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.bits);
                (own.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                (own.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.trim().parse().map_err(|_| NetworkError)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| NetworkError))?;
        if bits > most {
            return Err(NetworkError);
        }
        Ok(Self { address, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// A hop as proxies write it: an address, with or without a port.
fn read_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|s| s.ip()));
    address.map(|address| address.to_canonical())
}

fn counted(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            format!("{}/64", Ipv6Addr::from_bits(network))
        }
    }
}

impl FromRequest for Client {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let peer = req.peer_addr().map(|peer| peer.ip().to_canonical());
        let proxies = req.app_data::<Http>().map(|http| &http.trusted_proxies);
        let client = match (peer, proxies) {
            (Some(peer), Some(proxies)) => counted(proxies.client(peer, req.headers())),
            (Some(peer), None) => counted(peer),
            (None, _) => "unknown".to_owned(),
        };
        ready(Ok(Self(client)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

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

    #[test]
    fn networks_are_read_strictly() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "x", "::1/129", "10.0.0.1/-1"] {
            assert_eq!(bad.parse::<Network>(), Err(NetworkError), "{bad}");
        }
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("203.0.113.9".parse().unwrap()));
    }
}

//! The proxies in front of the server, and the client addresses that they forward.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

/// An address, or all addresses with the same prefix, such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

/// The text is not a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an address or a network such as 10.0.0.0/8")]
pub struct NetworkError;

/// The proxies whose `X-Forwarded-For` is trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Trusts these proxies.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Returns whether no proxy is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether an address is one of these proxies.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.0.contains(&address))
    }

    /// Returns the client's address: the peer, or the first hop from the right that is not one of these
    /// proxies. The hops to its left may be forged by the client.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        for hop in hops(headers).rsplit(',') {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = read_hop(hop.trim()) else { break };
            client = address;
        }
        client
    }

    /// Returns in a word what a request says about the client that it comes from, for who sets a proxy up: nothing (`direct`), or
    /// something that is not believed (`untrusted`), or a trusted proxy names its client (`named`) or none (`unnamed`).
    pub(crate) fn told(&self, peer: IpAddr, headers: &HeaderMap) -> &'static str {
        let hops = hops(headers);
        let last = hops.rsplit(',').next().and_then(|hop| read_hop(hop.trim()));
        match (self.trusts(peer), last.is_some()) {
            (true, true) => "named",
            (true, false) => "unnamed",
            (false, true) => "untrusted",
            (false, false) => "direct",
        }
    }
}

/// Returns all hops that a request names, with commas between.
fn hops(headers: &HeaderMap) -> String {
    let hops = headers.get_all("x-forwarded-for").map(|value| value.to_str().unwrap_or("?"));
    hops.collect::<Vec<_>>().join(",")
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let address = text.trim().parse::<IpAddr>().map(IpNet::from);
        let network = address.or_else(|_| text.trim().parse::<IpNet>());
        network.map(|network| Self(canonical(network))).map_err(|_| NetworkError)
    }
}

/// Returns a network of IPv4 addresses that is written in IPv6, such as `::ffff:10.0.0.0/104`, in IPv4, as peers are.
fn canonical(network: IpNet) -> IpNet {
    let address = network.addr().to_canonical();
    let prefix = network.prefix_len();
    let in_v4 = prefix.checked_sub(96).filter(|_| address.is_ipv4() && network.addr().is_ipv6());
    in_v4.and_then(|prefix| IpNet::new(address, prefix).ok()).unwrap_or(network)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Parses a hop in the format of proxies: an address, with or without a port.
fn read_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|s| s.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn networks_of_ipv4_may_be_written_in_ipv6() {
        for (text, network) in [
            ("::ffff:127.0.0.1", "127.0.0.1"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
            ("::ffff:7f00:1/128", "127.0.0.1/32"),
        ] {
            let read: Network = text.parse().unwrap();
            assert_eq!(Ok(read), network.parse::<Network>(), "{text}");
        }
        let proxies = TrustedProxies::new(vec!["::ffff:10.0.0.0/104".parse().unwrap()]);
        assert!(proxies.trusts("10.1.2.3".parse().unwrap()));
        assert!(!proxies.trusts("11.1.2.3".parse().unwrap()));
        // More than the addresses of IPv4.
        let wide: Network = "::ffff:0:0/95".parse().unwrap();
        assert!(wide.to_string().starts_with("::ffff:"), "{wide}");
    }

    #[test]
    fn who_sets_a_proxy_up_is_told_whether_its_client_is_known() {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        for (peer, forwarded, told) in [
            ("10.0.0.1", "198.51.100.1, 203.0.113.9", "named"),
            ("10.0.0.1", "10.0.0.2", "named"),
            ("10.0.0.1", "", "unnamed"),
            ("10.0.0.1", "unknown", "unnamed"),
            ("203.0.113.9", "198.51.100.1", "untrusted"),
            ("203.0.113.9", "", "direct"),
        ] {
            let request = TestRequest::default().insert_header(("x-forwarded-for", forwarded));
            let request = request.to_http_request();
            let found = proxies.told(peer.parse().unwrap(), request.headers());
            assert_eq!(found, told, "{peer} {forwarded}");
        }
    }

    #[test]
    fn networks_are_read_strictly() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "x", "::1/129", "10.0.0.1/-1"] {
            assert_eq!(bad.parse::<Network>(), Err(NetworkError), "{bad}");
        }
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.0.contains(&"203.0.113.9".parse::<IpAddr>().unwrap()));
    }
}

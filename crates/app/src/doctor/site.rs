//! The installation as visitors reach it: names, the proxy and its headers.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use reqwest::{Client, redirect::Policy};
use tollgate_domain::installation::{HostKind, Installation};
use tollgate_http::{DOCTOR, DOCTORS_CLIENT};
use tollgate_outbound::innermost_cause;
use url::Url;

use super::Finding;
use crate::{config::Config, trust};

/// The name of a handle, whether there is one or not.
const ANY_HANDLE: &str = "tollgate-doctor";
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn look(config: &Config, url: &Url, authorities: &[Vec<u8>]) -> Vec<Finding> {
    let client = match client(url, authorities) {
        Ok(client) => client,
        Err(error) => {
            return vec![Finding::problem("site", error.to_string(), "run the command again")];
        }
    };
    let mut findings = vec![wildcard(config, url).await];
    findings.extend(elsewhere(&config.installation, url));
    findings.extend(answers(config, &client, url).await);
    findings
}

/// Returns a problem if the address is another installation's: whatever answers there says nothing about this one.
fn elsewhere(installation: &Installation, url: &Url) -> Option<Finding> {
    if is_ours(installation, url) {
        return None;
    }
    let (domain, origin) = (installation.public_domain(), installation.origin());
    Some(Finding::problem(
        "host",
        format!("{} is not an address of TOLLGATE_PUBLIC_DOMAIN, which is {domain}", written(url)),
        format!(
            "give --url {origin}, or set TOLLGATE_PUBLIC_DOMAIN to the name that visitors use: all links \
             lead there"
        ),
    ))
}

/// Returns whether an address is that of the domain, of the console or of a handle. A port that the domain does not name is
/// the proxy's own matter, and so is the scheme.
fn is_ours(installation: &Installation, url: &Url) -> bool {
    let is_host = installation.kind_of(url.host_str().unwrap_or_default()) != HostKind::Foreign;
    let is_port = |port: &str| url.port_or_known_default().is_some_and(|at| at.to_string() == port);
    is_host && installation.public_domain().split_once(':').is_none_or(|(_, port)| is_port(port))
}

fn written(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

fn client(url: &Url, authorities: &[Vec<u8>]) -> anyhow::Result<Client> {
    let client = Client::builder()
        .tls_backend_preconfigured(trust::tls(authorities)?)
        .redirect(Policy::none());
    let host = url.host_str().unwrap_or_default();
    // Browsers take these names for this machine; resolvers may not know them. Source: RFC 6761 §6.3.
    let client = if host.ends_with(".localhost") {
        let here: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        client.resolve_to_addrs(host, &here.map(|ip| SocketAddr::new(ip, 0)))
    } else {
        client
    };
    Ok(client.timeout(PATIENCE).no_proxy().build()?)
}

/// Looks whether the names of handles lead where the domain does.
async fn wildcard(config: &Config, url: &Url) -> Finding {
    let host = config.installation.host();
    if config.installation.is_local() {
        return Finding::ok("dns", format!("browsers take *.{host} for this machine"));
    }
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = async |name: String| -> BTreeSet<IpAddr> {
        let found = tokio::net::lookup_host((name.as_str(), port)).await;
        found.map(|found| found.map(|found| found.ip()).collect()).unwrap_or_default()
    };
    let (domain, handle) =
        tokio::join!(addresses(host.to_owned()), addresses(format!("{ANY_HANDLE}.{host}")));
    if domain.is_empty() {
        return Finding::problem(
            "dns",
            format!("{host} leads nowhere"),
            format!("add a DNS record for {host} with the address of this machine"),
        );
    }
    if handle.is_empty() || handle.is_disjoint(&domain) {
        return Finding::problem(
            "dns",
            format!("*.{host} does not lead where {host} does, so no page can be reached"),
            format!("add a DNS record for *.{host} with the same address"),
        );
    }
    Finding::ok("dns", format!("{host} and *.{host} lead to the same machine"))
}

/// Looks whether this installation answers at the address, and under its own name.
async fn answers(config: &Config, client: &Client, url: &Url) -> Vec<Finding> {
    let at = written(url);
    let health = match client.get(format!("{at}/readyz")).header(DOCTOR, "1").send().await {
        Ok(answer) => answer,
        Err(error) => {
            let reason = innermost_cause(&error);
            return vec![Finding::problem(
                "site",
                format!("{at} does not answer: {reason}"),
                "check that the proxy and the server run, and the certificate",
            )];
        }
    };
    if health.status() != 200 {
        let mend = if health.status().is_redirection() && url.scheme() == "http" {
            "give --url its https address"
        } else {
            "let the proxy pass every path on to TOLLGATE_LISTEN, and see the server's log"
        };
        let message = format!("{at}/readyz answers {}", health.status().as_u16());
        return vec![Finding::problem("site", message, mend)];
    }
    let mut findings = vec![Finding::ok("site", format!("{at} answers"))];
    let told = health.headers().get(DOCTORS_CLIENT).and_then(|told| told.to_str().ok());
    findings.extend(proxy(told.unwrap_or_default(), config.trusted_proxies.is_empty()));
    if is_ours(&config.installation, url) {
        findings.push(named(client, at).await);
    }
    if config.installation.is_secure() && url.scheme() != "https" {
        findings.push(Finding::problem(
            "https",
            format!("{at} is not https, and cookies are for https only"),
            "let the proxy serve TLS, and redirect http to it",
        ));
    }
    findings
}

/// Looks whether the server is told the name that visitors use: a page of the domain is served under its own name only.
async fn named(client: &Client, at: &str) -> Finding {
    match client.get(format!("{at}/")).send().await {
        Ok(answer) if answer.status() == 404 => Finding::problem(
            "host",
            "the server does not see the name that visitors use",
            "let the proxy pass the Host header on unchanged (nginx: proxy_set_header Host \
             $host), and give --url the domain of TOLLGATE_PUBLIC_DOMAIN",
        ),
        Ok(_) => Finding::ok("host", "the server sees the name that visitors use"),
        Err(error) => Finding::problem(
            "host",
            format!("{at}/ does not answer: {}", innermost_cause(&error)),
            "see the log of the proxy",
        ),
    }
}

/// Says whether the server knows which clients requests come from, by what it tells of one.
fn proxy(told: &str, trusts_none: bool) -> Option<Finding> {
    let (message, mend) = match told {
        "named" => {
            let message = "the proxy names the address of each client, and is believed";
            return Some(Finding::ok("proxy", message));
        }
        "unnamed" => (
            "the request came from one of TOLLGATE_TRUSTED_PROXIES without the address of its client, so \
             all visitors may be counted as one by the limits",
            "let the proxy set X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For \
             $proxy_add_x_forwarded_for), \
             and give --url the address that visitors use",
        ),
        "untrusted" => (
            "the address in X-Forwarded-For is not believed, so all visitors may be counted as one by \
             the limits",
            "name the address of the proxy in TOLLGATE_TRUSTED_PROXIES",
        ),
        "direct" if !trusts_none => (
            "the request came from none of TOLLGATE_TRUSTED_PROXIES",
            "correct the addresses in it, or give --url the address that visitors use",
        ),
        _ => return None,
    };
    Some(Finding::warning("proxy", message, mend))
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;
    use crate::doctor::Status;

    #[test]
    fn address_of_another_installation_is_a_problem() {
        for (domain, url, is_own) in [
            ("example.com", "https://example.com/", true),
            ("example.com", "https://app.example.com/", true),
            ("example.com", "https://ada.example.com/", true),
            ("example.com", "http://example.com/", true),
            ("example.com", "https://example.com:8443/", true),
            ("example.com", "https://other.example/", false),
            ("example.com", "https://notexample.com/", false),
            ("example.com", "https://example.com.evil.example/", false),
            ("example.com", "https://127.0.0.1/", false),
            ("example.com", "https://[::1]:8443/", false),
            ("example.com:8443", "https://example.com:8443/", true),
            ("example.com:8443", "https://example.com/", false),
            ("tollgate.localhost:8080", "http://tollgate.localhost:8080/", true),
            ("tollgate.localhost:8080", "http://tollgate.localhost:8081/", false),
        ] {
            let installation = Installation::new(domain).unwrap();
            let found = elsewhere(&installation, &url.parse().unwrap());
            assert_eq!(found.is_none(), is_own, "{url} of {domain}");
            if let Some(found) = found {
                assert_eq!(found.status, Status::Problem);
                assert!(found.mend.unwrap().contains(&installation.origin()));
            }
        }
    }

    #[test]
    fn proxy_that_names_no_client_is_a_warning() {
        for (told, trusts_none, status) in [
            ("named", false, Some(Status::Ok)),
            ("unnamed", false, Some(Status::Warning)),
            ("untrusted", true, Some(Status::Warning)),
            ("untrusted", false, Some(Status::Warning)),
            ("direct", false, Some(Status::Warning)),
            ("direct", true, None),
            ("", false, None),
        ] {
            let found = proxy(told, trusts_none).map(|finding| finding.status);
            assert_eq!(found, status, "{told} {trusts_none}");
        }
    }

    #[tokio::test]
    async fn name_of_this_machine_is_asked_over_ipv6_too() {
        // A machine may have no IPv6.
        let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await else { return };
        let port = listener.local_addr().unwrap().port();
        let url: Url = format!("http://tollgate.localhost:{port}/").parse().unwrap();
        let client = client(&url, &[]).unwrap();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        };
        let asked = async move {
            let answer = client.get(url).send().await.unwrap();
            assert_eq!(answer.status(), 204);
        };
        tokio::join!(server, asked);
    }
}

//! Addresses on the web that come from outside: https, or http on this machine.

use url::{Host, Url};

/// The maximum length of an address in bytes, which is more than that of any page's.
const MAX_LENGTH: usize = 2_000;

/// Returns whether the text of an address is too long, or has characters that browsers remove or reinterpret, so that
/// they would go to a place other than the checked one.
pub(crate) fn is_treacherous(text: &str) -> bool {
    let is_reinterpreted =
        |c: char| c == '\\' || c.is_control() || c.is_whitespace() || !c.is_ascii();
    text.len() > MAX_LENGTH || text.chars().any(is_reinterpreted)
}

/// Returns whether the URL is one that a browser may be sent to: `https`, or `http` on a host that always
/// refers to this machine; without a user name, and with a host that means the same to everything that
/// reads it. Decided on the parsed URL, since the text of a fragment or query can look like a host.
pub(crate) fn is_sound(url: &Url) -> bool {
    let Some(host) = url.host() else { return false };
    let scheme_is_fit = url.scheme() == "https" || url.scheme() == "http" && is_local(&host);
    scheme_is_fit && is_plain(&host) && url.username().is_empty() && url.password().is_none()
}

/// Returns whether the host always refers to this machine.
fn is_local(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Returns whether the host is an address or a name of letters, digits, hyphens and underscores. URLs allow
/// more, such as `;`, which has a meaning in the headers that hosts are written to.
fn is_plain(host: &Host<&str>) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    match host {
        Host::Domain(name) => name.split('.').all(is_label),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_judged_by_what_browsers_read_in_it() {
        for (text, sound) in [
            ("https://shop.example/thanks?x=1#y", true),
            ("https://my_shop.example", true),
            ("http://localhost:3000/", true),
            ("http://ada.tollgate.localhost:8080/guide", true),
            ("http://127.0.0.1/", true),
            ("http://[::1]:5173/", true),
            ("https://192.0.2.1/", true),
            ("http://shop.example/", false),
            ("http://evil.example#.tollgate.localhost", false),
            ("http://evil.example?.localhost", false),
            ("http://evil.example/.localhost", false),
            ("http://localhost.evil.example", false),
            ("http://localhost@evil.example", false),
            ("https://localhost@evil.example", false),
            ("http://10.0.0.1/", false),
            ("https://x;sandbox", false),
            ("https://x'y.example", false),
            ("https://x,y.example", false),
            ("https://x$y.example", false),
            ("https://shop..example", false),
            ("https://shop.example./", false),
            ("ftp://localhost/", false),
            ("javascript:alert(1)", false),
            ("data:,x", false),
        ] {
            assert_eq!(Url::parse(text).is_ok_and(|url| is_sound(&url)), sound, "{text}");
        }
    }
}

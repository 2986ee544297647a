use actix_web::test::TestRequest;

use super::*;

const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn installation(domain: &str) -> Installation {
    Installation::new(domain).unwrap()
}

fn claimed(domain: &str, cookies: &[&str]) -> bool {
    let mut request = TestRequest::default();
    for cookie in cookies {
        request = request.append_header((header::COOKIE, *cookie));
    }
    let request = request.to_http_request();
    ConsoleCookie::of(&installation(domain), request.headers()).0.is_some()
}

#[test]
fn cookie_is_bound_to_the_host_on_https() {
    let token: Token = TOKEN.parse().unwrap();
    assert_eq!(
        console_cookie(&installation("example.com"), &token).to_string(),
        format!(
            "__Host-tollgate_console={TOKEN}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000"
        )
    );
    assert_eq!(
        cleared_console_cookie(&installation("tollgate.localhost:8080")).to_string(),
        "tollgate_console=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
    );
}

#[test]
fn only_the_name_of_the_scheme_counts() {
    let (secure, local) = ("example.com", "tollgate.localhost:8080");
    assert!(claimed(secure, &[&format!("__Host-tollgate_console={TOKEN}")]));
    assert!(!claimed(secure, &[&format!("tollgate_console={TOKEN}")]));
    assert!(claimed(local, &[&format!("a=b; tollgate_console={TOKEN}")]));
    assert!(!claimed(local, &[&format!("tollgate_console={TOKEN}; tollgate_console=x")]));
    assert!(!claimed(local, &["tollgate_console=x"]));
}

#[test]
fn other_hosts_of_the_site_are_not_the_console() {
    let installation = installation("tollgate.localhost:8080");
    for (name, value, expected) in [
        ("sec-fetch-site", "same-origin", true),
        ("sec-fetch-site", "none", true),
        ("sec-fetch-site", "same-site", false),
        ("sec-fetch-site", "cross-site", false),
        ("origin", "http://app.tollgate.localhost:8080", true),
        ("origin", "http://ada.tollgate.localhost:8080", false),
        ("origin", "null", false),
    ] {
        let request = TestRequest::default().insert_header((name, value)).to_http_request();
        assert_eq!(comes_from_console(&installation, request.headers()), expected, "{value}");
    }
}

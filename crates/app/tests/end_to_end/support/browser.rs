//! A browser without scripts: it keeps cookies by domain, follows redirects, sends the headers that tell the
//! origin of a request, and applies the page's `form-action` to forms.

use reqwest::{
    Client,
    header::{HOST, HeaderMap, SET_COOKIE},
};
use url::{Url, form_urlencoded};

use super::{client, html};

/// A browser window with its own cookie jar.
pub(crate) struct Browser {
    client: Client,
    cookies: Vec<Cookie>,
    page: Option<Page>,
}

#[derive(Debug, Clone)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    with_subdomains: bool,
}

/// The page that the window shows.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) url: Url,
    /// The status; 0 if the host is outside the test and was not requested.
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

/// A navigation: its origin and its request.
struct Navigation<'a> {
    from: Option<&'a Page>,
    form: Option<String>,
}

impl Page {
    pub(crate) fn text(&self) -> String {
        html::text(&self.html)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn shows(&self, words: &str) {
        assert!(
            self.text().contains(words),
            "{} does not show {words:?}: {}",
            self.url,
            self.text()
        );
    }

    #[track_caller]
    pub(crate) fn hides(&self, words: &str) {
        assert!(!self.html.contains(words), "{} shows {words:?}", self.url);
    }

    /// Returns the address of the link with this text.
    #[track_caller]
    pub(crate) fn link(&self, words: &str) -> String {
        let link = html::links(&self.html).into_iter().find(|(_, text)| text.contains(words));
        self.url.join(&link.expect("the link is on the page").0).unwrap().into()
    }

    /// Returns the form that continues the flow. There must be exactly one.
    #[track_caller]
    pub(crate) fn form(&self) -> html::Form {
        let mut forms = html::forms(&self.html);
        forms.retain(|form| form.method == "post");
        assert_eq!(forms.len(), 1, "{}: {}", self.url, self.html);
        forms.remove(0)
    }

    /// Returns whether the page's policy allows a form to lead to an address, also through redirects.
    fn lets_form_to(&self, to: &Url) -> bool {
        let policy = self.header("content-security-policy");
        let mut directives = policy.split(';').map(str::trim);
        let Some(targets) = directives.find_map(|text| text.strip_prefix("form-action ")) else {
            return true;
        };
        let target = to.origin().ascii_serialization();
        targets.split_whitespace().any(|source| match source.split_once("*.") {
            _ if source == "'self'" => to.origin() == self.url.origin(),
            None if source == "https:" => to.scheme() == "https",
            Some((scheme, host)) => {
                let rest = target.strip_prefix(scheme);
                rest.and_then(|rest| rest.strip_suffix(host)).is_some_and(|l| l.ends_with('.'))
            }
            None => source == target,
        })
    }
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self { client: client(), cookies: Vec::new(), page: None }
    }

    #[track_caller]
    pub(crate) fn page(&self) -> &Page {
        self.page.as_ref().expect("a page is open")
    }

    /// Opens an address that was typed, or a link in a mail program.
    pub(crate) async fn open(&mut self, address: &str) -> &Page {
        self.go(address.parse().unwrap(), Navigation { from: None, form: None }).await
    }

    /// Follows the link with this text.
    pub(crate) async fn follow(&mut self, words: &str) -> &Page {
        let from = self.page().clone();
        let to = from.link(words).parse().unwrap();
        self.go(to, Navigation { from: Some(&from), form: None }).await
    }

    /// Fills in the page's form and presses its first button.
    pub(crate) async fn submit(&mut self, typed: &[(&str, &str)]) -> &Page {
        let from = self.page().clone();
        let form = from.form();
        let mut fields = form.fields;
        for (name, value) in typed {
            let field = fields.iter_mut().find(|(field, _)| field == name);
            (*value).clone_into(&mut field.expect("the field is in the form").1);
        }
        let button = form.buttons.into_iter().next().expect("the form has a button");
        if !button.name.is_empty() {
            fields.push((button.name, button.value));
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let action = if form.action.is_empty() { from.url.as_str() } else { &form.action };
        let to = from.url.join(action).unwrap();
        self.go(to, Navigation { from: Some(&from), form: Some(body) }).await
    }

    /// Returns the visitor cookie that would be sent to an address.
    pub(crate) fn session(&self, address: &str) -> String {
        let cookies = self.cookies_for(&address.parse().unwrap());
        let mut visitor = cookies.split("; ").filter(|cookie| cookie.starts_with("_10x_visitor="));
        visitor.next().unwrap_or_default().to_owned()
    }

    async fn go(&mut self, mut to: Url, mut navigation: Navigation<'_>) -> &Page {
        let by_form = navigation.form.is_some();
        let mut site = "none";
        for _ in 0..10 {
            if let Some(from) = navigation.from {
                assert!(!by_form || from.lets_form_to(&to), "{} sends no form to {to}", from.url);
                site = further(site, relation(&from.url, &to));
            }
            to.set_fragment(None);
            if !is_here(&to) {
                let page =
                    Page { url: to, status: 0, headers: HeaderMap::new(), html: String::new() };
                return self.page.insert(page);
            }
            let page = self.fetch(&to, site, &navigation).await;
            let Some(next) = page.headers.get("location") else { return self.page.insert(page) };
            assert!(matches!(page.status, 302 | 303), "{page:?}");
            to = to.join(next.to_str().unwrap()).unwrap();
            navigation.form = None;
        }
        panic!("too many redirects, at last to {to}");
    }

    async fn fetch(&mut self, to: &Url, site: &str, navigation: &Navigation<'_>) -> Page {
        let port = to.port().expect("a port");
        let local = format!("http://127.0.0.1:{port}{}", &to[url::Position::BeforePath..]);
        let posts = navigation.form.is_some();
        let mut request = if posts { self.client.post(local) } else { self.client.get(local) }
            .header(HOST, format!("{}:{port}", to.host_str().unwrap()))
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("upgrade-insecure-requests", "1")
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-user", "?1");
        // The cookie is Lax: navigation from another site sends it, a form or script of another site does
        // not.
        let cookies = self.cookies_for(to);
        if !cookies.is_empty() && (site != "cross-site" || !posts) {
            request = request.header("cookie", cookies);
        }
        if let Some(from) = navigation.from.filter(|from| from.url.origin() == to.origin()) {
            request = request.header("referer", from.url.as_str());
        }
        if let (Some(form), Some(from)) = (&navigation.form, navigation.from) {
            request = request
                .header("origin", from.url.origin().ascii_serialization())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.clone());
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            self.keep(to, cookie.to_str().unwrap());
        }
        Page { url: to.clone(), status, headers, html: answer.text().await.unwrap() }
    }

    fn cookies_for(&self, to: &Url) -> String {
        let host = to.host_str().unwrap();
        let mine = self.cookies.iter().filter(|cookie| {
            let below = host.strip_suffix(&cookie.domain).is_some_and(|l| l.ends_with('.'));
            host == cookie.domain || (cookie.with_subdomains && below)
        });
        mine.map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn keep(&mut self, from: &Url, set: &str) {
        let host = from.host_str().unwrap().to_owned();
        let mut parts = set.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let mut cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: host,
            with_subdomains: false,
        };
        let mut ended = false;
        for (attribute, value) in parts.filter_map(|part| part.split_once('=')) {
            match attribute.to_ascii_lowercase().as_str() {
                "domain" => {
                    let above = cookie.domain.strip_suffix(value);
                    assert!(above.is_some_and(|l| l.is_empty() || l.ends_with('.')), "{set}");
                    value.clone_into(&mut cookie.domain);
                    cookie.with_subdomains = true;
                }
                "max-age" => ended = value == "0",
                _ => {}
            }
        }
        self.cookies.retain(|old| {
            (&old.name, &old.domain, old.with_subdomains)
                != (&cookie.name, &cookie.domain, cookie.with_subdomains)
        });
        if !ended {
            self.cookies.push(cookie);
        }
    }
}

/// Returns whether the host belongs to the test.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "127.0.0.1" || host.ends_with(".localhost")
}

/// The headers in which a browser tells the origin of a request.
fn relation(from: &Url, to: &Url) -> &'static str {
    let site = |url: &Url| {
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut labels = host.rsplitn(3, '.');
        let last_two = (labels.next().map(str::to_owned), labels.next().map(str::to_owned));
        if is_here(url) && host.ends_with(".localhost") { last_two } else { (Some(host), None) }
    };
    if from.origin() == to.origin() {
        "same-origin"
    } else if site(from) == site(to) {
        "same-site"
    } else {
        "cross-site"
    }
}

/// Returns the more distant of two values of `Sec-Fetch-Site`. A chain of redirects keeps the most distant
/// one.
fn further(one: &'static str, other: &'static str) -> &'static str {
    const BY_DISTANCE: [&str; 4] = ["none", "same-origin", "same-site", "cross-site"];
    let distance = |site: &str| BY_DISTANCE.iter().position(|known| *known == site);
    if distance(one) > distance(other) { one } else { other }
}

//! The route of a request in the log: the fixed segments of its path, and a star for every variable part, so
//! that no text from a person is logged. Paths that no route matches have one too.

/// The fixed segments of all routes. In a path that no route matches, a slug or handle that equals one of them is logged as
/// it is.
const FIXED_SEGMENTS: &[&str] = &[
    "-",
    "access",
    "access-check",
    "account",
    "activate",
    "allowlist",
    "archive",
    "attention",
    "auth",
    "cancel",
    "cancelled",
    "checkout",
    "code",
    "confirm",
    "connect",
    "console",
    "console.css",
    "creator",
    "delete",
    "dispute",
    "docs",
    "download",
    "edit",
    "emails",
    "end",
    "explain",
    "favicon.ico",
    "files",
    "grant",
    "grants",
    "group-buys",
    "handle-names",
    "handles",
    "healthz",
    "icon.png",
    "icon.svg",
    "interest",
    "interests",
    "login",
    "logout",
    "magic-link",
    "mail",
    "many",
    "me",
    "metrics",
    "move",
    "my-interest",
    "new",
    "new-group-buy",
    "new-handle",
    "no-mails",
    "openapi.json",
    "pages",
    "password",
    "password-reset",
    "people",
    "person",
    "picture",
    "pictures",
    "preview",
    "price",
    "public",
    "purchases",
    "purchases.csv",
    "readyz",
    "receipt",
    "receipts",
    "refresh",
    "refund",
    "register",
    "remove",
    "renew",
    "requirements",
    "resend",
    "return",
    "revenue",
    "revoke",
    "robots.txt",
    "sales",
    "sent",
    "sessions",
    "settings",
    "sign-in",
    "sign-in-link",
    "sign-out",
    "sign-up",
    "state",
    "stripe",
    "style.css",
    "unfinished-payments",
    "v2",
    "verify",
    "verify-email",
    "view",
    "visitor",
    "visitors",
    "waiting.js",
    "webhooks",
];

/// The greatest number of parts of a path. Every route has fewer.
const MAX_PARTS: usize = 8;

/// Returns the route of a pattern of the router, such as `/v2/handles/{handle}`.
pub(crate) fn of_pattern(pattern: &str) -> String {
    let parts = pattern.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Returns the route of a path that has no query.
pub(crate) fn label(path: &str) -> String {
    let mut label = String::with_capacity(64);
    for part in path.split('/').skip(1).take(MAX_PARTS) {
        label.push('/');
        label.push_str(match part {
            "" => "",
            segment if FIXED_SEGMENTS.binary_search(&segment).is_ok() => segment,
            _ => "*",
        });
    }
    label
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::links::{ACCESS, MOVE, PICTURE, SIGN_IN, STOP_MAILS};

    /// Returns the sources at a path, without blanks, since a call may be broken before its first argument.
    fn sources(path: &Path) -> String {
        if path.is_file() {
            return fs::read_to_string(path).unwrap().split_whitespace().collect();
        }
        fs::read_dir(path).unwrap().map(|entry| sources(&entry.unwrap().path())).collect()
    }

    /// What stands before a path that a resource is made of.
    const OPENINGS: [&str; 5] = ["screen(", "form(", "resource(", "at(", "on("];
    /// What stands behind a path in the table of the handles' pages.
    const IN_TABLE: [&str; 2] = ["{get", "{post"];

    /// Returns the patterns of all pages: the paths that resources are made of, and those in the table of the handles' pages. A
    /// resource may name its path by a constant, which links are made of, too.
    fn patterns() -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let places = ["console", "links.rs", "operations", "site", "style.rs"];
        let text = places.map(|place| sources(&folder.join(place))).concat();
        let patterns = text.match_indices("\"/").filter_map(|(start, _)| {
            let (before, literal) = text.split_at(start);
            let (literal, after) = literal.strip_prefix('"')?.split_once('"')?;
            let is_used = OPENINGS.iter().any(|opening| before.ends_with(opening))
                || IN_TABLE.iter().any(|part| after.starts_with(part))
                || constant(before).is_some_and(|name| is_made_of(&text, name));
            is_used.then(|| literal.to_owned())
        });
        patterns.collect()
    }

    /// Returns the name of the constant whose value follows.
    fn constant(before: &str) -> Option<&str> {
        before.strip_suffix(":&str=")?.rsplit_once("const").map(|(_, name)| name)
    }

    /// Returns whether a resource is made of the path that a constant has.
    fn is_made_of(text: &str, name: &str) -> bool {
        let made = OPENINGS
            .iter()
            .flat_map(|opening| [format!("{opening}{name},"), format!("{opening}{name})")]);
        let listed = IN_TABLE.iter().map(|part| format!("{name}{part}"));
        made.chain(listed).any(|used| text.contains(&used))
    }

    /// The paths of the JSON interface are looked at in the same way where they are described.
    #[test]
    fn every_fixed_part_of_a_page_is_a_fixed_segment() {
        let patterns = patterns();
        for pattern in &patterns {
            assert_eq!(label(pattern), of_pattern(pattern));
        }
        assert!(patterns.len() > 75, "only {} are found", patterns.len());
        for path in [ACCESS, MOVE, PICTURE, SIGN_IN, STOP_MAILS, "/", "/{name}/return"] {
            assert!(patterns.contains(path), "{path} is not found");
        }
    }

    #[test]
    fn fixed_segments_are_sorted_so_that_each_is_found() {
        assert!(FIXED_SEGMENTS.is_sorted());
    }

    #[test]
    fn a_pattern_has_the_route_of_the_paths_that_it_matches() {
        for (pattern, path) in [
            (
                "/v2/public/pages/{handle}/{pageSlug}/access-check",
                "/v2/public/pages/ada/x/access-check",
            ),
            ("/{slug}", "/guide"),
            ("/", "/"),
        ] {
            assert_eq!(of_pattern(pattern), label(path), "{pattern}");
        }
    }

    #[test]
    fn what_somebody_chose_is_a_star() {
        for (path, expected) in [
            ("/v2/public/pages/ada/guide/access-check", "/v2/public/pages/*/*/access-check"),
            ("/v2/visitor/sessions/vse_01", "/v2/visitor/sessions/*"),
            ("/guide", "/*"),
            ("/ada/files/notes/delete", "/*/files/*/delete"),
            ("/", "/"),
            ("/-/verify", "/-/verify"),
            ("/a@example.com/%00//x", "/*/*//*"),
            ("/1/2/3/4/5/6/7/8/9/10", "/*/*/*/*/*/*/*/*"),
        ] {
            assert_eq!(label(path), expected, "{path}");
        }
    }
}

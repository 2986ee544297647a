//! Queries of addresses.

/// Returns a path or an address with what is not empty in its query.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty())).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_left_out() {
        let cases: [(&[(&str, &str)], &str); 4] = [
            (&[], "/people"),
            (&[("q", "")], "/people"),
            (&[("q", ""), ("email", "a+b@x.example")], "/people?email=a%2Bb%40x.example"),
            (&[("q", "a b"), ("cursor", "1")], "/people?q=a+b&cursor=1"),
        ];
        for (pairs, expected) in cases {
            assert_eq!(with_query("/people", pairs), expected);
        }
    }
}

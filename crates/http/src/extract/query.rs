//! Named parameters of a query.

use crate::problem::{FieldErrors, Problem};

/// The query of a request, before it is parsed.
#[derive(Debug)]
pub(crate) struct Query(String);

impl Query {
    /// Returns the values of these names. A duplicate name is refused; other names are ignored.
    pub(crate) fn read<const N: usize>(
        &self,
        names: [&str; N],
    ) -> Result<[Option<String>; N], Problem> {
        let mut values = [const { None }; N];
        let mut errors = FieldErrors::new();
        for (name, value) in form_urlencoded::parse(self.0.as_bytes()) {
            let place = values.iter_mut().zip(names).find(|(_, wanted)| *wanted == name);
            let Some((place, wanted)) = place else { continue };
            if place.replace(value.into_owned()).is_some() {
                errors.add(wanted, "is there twice");
            }
        }
        errors.finish().map_err(Problem::invalid)?;
        Ok(values)
    }

    /// Returns the values of these names as [`read`](Self::read) does, and refuses other names: a mistyped one would not narrow what is
    /// to be done.
    pub(crate) fn read_strictly<const N: usize>(
        &self,
        names: [&str; N],
    ) -> Result<[Option<String>; N], Problem> {
        let mut errors = FieldErrors::new();
        for (name, _) in form_urlencoded::parse(self.0.as_bytes()) {
            if !names.contains(&&*name) {
                errors.add(&name, "is not known");
            }
        }
        errors.finish().map_err(Problem::invalid)?;
        self.read(names)
    }
}

/// Returns an address, or the start of one, from a query. An address has no blank, and `+` arrives as one if it
/// was not escaped.
pub(crate) fn address(text: &str) -> String {
    text.trim().replace(' ', "+")
}

extractor!(Query, |req, _| Self(req.query_string().to_owned()));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_others_ignored() {
        let query = Query("email=a%2Bb%40x.example&utm=1&utm=2&page=".into());
        let [email, page, file] = query.read(["email", "page", "file"]).unwrap();
        assert_eq!(email.as_deref(), Some("a+b@x.example"));
        assert_eq!((page.as_deref(), file), (Some(""), None));
    }

    #[test]
    fn plus_sign_of_an_address_need_not_be_escaped() {
        let [q] = Query("q=bob+news%40x.example".into()).read(["q"]).unwrap();
        assert_eq!(address(&q.unwrap()), "bob+news@x.example");
        assert_eq!(address(" bob "), "bob");
    }

    #[test]
    fn doubled_names_are_refused() {
        let problem = Query("page=a&page=a".into()).read(["page"]).unwrap_err();
        assert!(problem.fields().unwrap().fields().contains_key("page"));
    }
}

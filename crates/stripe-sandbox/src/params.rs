//! Form-encoded parameters. A call takes those it knows; the remaining ones are unknown parameters.

use std::collections::BTreeMap;

use crate::error::ApiError;

/// The deepest nesting of a parameter. No supported call has a deeper one.
const MAX_DEPTH: usize = 8;

#[derive(Debug)]
enum Node {
    Leaf(String),
    Branch(BTreeMap<String, Node>),
}

/// The parameters of a request, or of one map in it.
#[derive(Debug)]
pub(crate) struct Fields {
    /// The name of this map in error messages: empty, or for instance `line_items[0]`.
    prefix: String,
    entries: BTreeMap<String, Node>,
}

impl Fields {
    pub(crate) fn parse(encoded: &str) -> Result<Self, ApiError> {
        let mut entries = BTreeMap::new();
        for (key, value) in form_urlencoded::parse(encoded.as_bytes()) {
            let malformed = || {
                ApiError::invalid(format!("Invalid parameter name: {key}"))
                    .code("parameter_unknown")
                    .param(key.clone())
            };
            let segments = segments(&key).ok_or_else(malformed)?;
            insert(&mut entries, &segments, value.into_owned()).ok_or_else(malformed)?;
        }
        Ok(Self { prefix: String::new(), entries })
    }

    /// Returns the full name of a parameter of this map.
    pub(crate) fn name(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.prefix) }
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.entries.remove(name) {
            None => Ok(None),
            Some(Node::Leaf(text)) if text.is_empty() => Err(ApiError::invalid(format!(
                "You passed an empty string for '{}'.",
                self.name(name)
            ))
            .code("parameter_invalid_empty")
            .param(self.name(name))),
            Some(Node::Leaf(text)) if text.chars().count() > 5000 => Err(self.too_long(name, 5000)),
            Some(Node::Leaf(text)) => Ok(Some(text)),
            Some(Node::Branch(_)) => Err(self.invalid(name, "string")),
        }
    }

    /// Takes a parameter that has to be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &str,
        take: impl FnOnce(&mut Self, &str) -> Result<Option<T>, ApiError>,
    ) -> Result<T, ApiError> {
        take(self, name)?.ok_or_else(|| self.missing(name))
    }

    /// Takes a text of at most `limit` characters.
    pub(crate) fn short_text(
        &mut self,
        name: &str,
        limit: usize,
    ) -> Result<Option<String>, ApiError> {
        match self.text(name)? {
            Some(text) if text.chars().count() > limit => Err(self.too_long(name, limit)),
            text => Ok(text),
        }
    }

    pub(crate) fn integer(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        self.text(name)?
            .map(|text| text.parse())
            .transpose()
            .map_err(|_| self.invalid(name, "integer").code("parameter_invalid_integer"))
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.invalid(name, "boolean")),
        }
    }

    pub(crate) fn one_of(
        &mut self,
        name: &str,
        known: &[&str],
    ) -> Result<Option<String>, ApiError> {
        match self.text(name)? {
            Some(text) if !known.contains(&text.as_str()) => Err(ApiError::invalid(format!(
                "Invalid {}: must be one of {}",
                self.name(name),
                known.join(", ")
            ))
            .param(self.name(name))),
            text => Ok(text),
        }
    }

    /// Takes an absolute http or https URL.
    pub(crate) fn url(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let absolute = url::Url::parse(&text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if absolute {
            Ok(Some(text))
        } else {
            Err(ApiError::invalid("Not a valid URL").code("url_invalid").param(self.name(name)))
        }
    }

    /// Returns whether the parameter is a map or a list.
    pub(crate) fn is_map(&self, name: &str) -> bool {
        matches!(self.entries.get(name), Some(Node::Branch(_)))
    }

    pub(crate) fn fields(&mut self, name: &str) -> Result<Option<Self>, ApiError> {
        let prefix = self.name(name);
        match self.entries.remove(name) {
            None => Ok(None),
            Some(Node::Branch(entries)) => Ok(Some(Self { prefix, entries })),
            Some(Node::Leaf(_)) => Err(self.invalid(name, "object")),
        }
    }

    pub(crate) fn list_of_fields(&mut self, name: &str) -> Result<Vec<Self>, ApiError> {
        self.list(name, Self::fields)
    }

    pub(crate) fn list_of_text(&mut self, name: &str) -> Result<Vec<String>, ApiError> {
        self.list(name, Self::text)
    }

    /// Takes a list, whose items have the names 0, 1, 2, and so on.
    fn list<T>(
        &mut self,
        name: &str,
        take: impl Fn(&mut Self, &str) -> Result<Option<T>, ApiError>,
    ) -> Result<Vec<T>, ApiError> {
        let Some(mut list) = self.fields(name)? else {
            return Ok(Vec::new());
        };
        let mut items = Vec::new();
        while !list.entries.is_empty() {
            let item = take(&mut list, &items.len().to_string())?;
            items.push(item.ok_or_else(|| self.invalid(name, "array"))?);
        }
        Ok(items)
    }

    /// Takes metadata within Stripe's limits: 50 keys of 40 characters, values of 500.
    pub(crate) fn metadata(&mut self, name: &str) -> Result<BTreeMap<String, String>, ApiError> {
        if matches!(self.entries.get(name), Some(Node::Leaf(text)) if text.is_empty()) {
            self.entries.remove(name);
        }
        let Some(map) = self.fields(name)? else {
            return Ok(BTreeMap::new());
        };
        let mut metadata = BTreeMap::new();
        for (key, node) in map.entries {
            match node {
                Node::Leaf(text) if text.chars().count() > 500 => {
                    return Err(self.too_long(&format!("{name}][{key}"), 500));
                }
                Node::Leaf(_) if key.chars().count() > 40 => {
                    return Err(ApiError::invalid("Metadata keys may have 40 characters.")
                        .param(self.name(name)));
                }
                // Stripe removes a key with an empty value.
                Node::Leaf(text) if text.is_empty() => {}
                Node::Leaf(text) => drop(metadata.insert(key, text)),
                Node::Branch(_) => return Err(self.invalid(name, "string")),
            }
        }
        if metadata.len() > 50 {
            return Err(ApiError::invalid("Metadata may have 50 keys.").param(self.name(name)));
        }
        Ok(metadata)
    }

    /// Removes parameters that Stripe supports and the sandbox ignores.
    pub(crate) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.entries.remove(*name);
        }
    }

    /// Fails if a parameter was not taken. Must be called before the call changes anything.
    pub(crate) fn finish(&self) -> Result<(), ApiError> {
        match self.entries.keys().next() {
            None => Ok(()),
            Some(name) => {
                Err(ApiError::invalid(format!("Received unknown parameter: {}", self.name(name)))
                    .code("parameter_unknown")
                    .param(self.name(name)))
            }
        }
    }

    pub(crate) fn missing(&self, name: &str) -> ApiError {
        ApiError::invalid(format!("Missing required param: {}.", self.name(name)))
            .code("parameter_missing")
            .param(self.name(name))
    }

    pub(crate) fn invalid(&self, name: &str, expected: &str) -> ApiError {
        ApiError::invalid(format!("Invalid {expected}: {}", self.name(name))).param(self.name(name))
    }

    fn too_long(&self, name: &str, limit: usize) -> ApiError {
        ApiError::invalid(format!(
            "Invalid string: {} may have {limit} characters.",
            self.name(name)
        ))
        .param(self.name(name))
    }
}

/// Splits `a[b][0]` into `a`, `b`, `0`. The segment of `[]` is empty.
fn segments(key: &str) -> Option<Vec<&str>> {
    let Some((name, mut rest)) = key.find('[').map(|at| key.split_at(at)) else {
        return Some(vec![key]);
    };
    let mut segments = vec![name];
    while !rest.is_empty() {
        let (segment, after) = rest.strip_prefix('[')?.split_once(']')?;
        segments.push(segment);
        rest = after;
    }
    (segments.len() <= MAX_DEPTH && !name.is_empty()).then_some(segments)
}

/// Inserts a value. Returns `None` if the key was given twice, or both as a value and as a map.
fn insert(branch: &mut BTreeMap<String, Node>, segments: &[&str], value: String) -> Option<()> {
    let (first, rest) = segments.split_first()?;
    // `[]` appends to a list.
    let name = if first.is_empty() { branch.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        return branch.insert(name, Node::Leaf(value)).is_none().then_some(());
    }
    let entry = branch.entry(name).or_insert_with(|| Node::Branch(BTreeMap::new()));
    match entry {
        Node::Branch(inner) => insert(inner, rest, value),
        Node::Leaf(_) => None,
    }
}

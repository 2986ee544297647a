//! A minimal HTML reader for the program's pages: tags with attributes, forms, links and text.

/// A form of a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    pub(crate) method: String,
    pub(crate) action: String,
    /// The names and values of its fields.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) buttons: Vec<Button>,
}

/// A button that submits a form.
#[derive(Debug, Clone)]
pub(crate) struct Button {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What else a page consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Script,
    Style,
    Picture,
}

struct Tag<'a> {
    /// The name, with a leading slash for an end tag.
    name: &'a str,
    attributes: Vec<(&'a str, String)>,
    /// The text between it and the next tag.
    text: &'a str,
}

impl Tag<'_> {
    fn get(&self, name: &str) -> String {
        let found = self.attributes.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// Returns the tags of a page in order. A quoted attribute may contain everything except its quote.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find(|c: char| c == '>' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (attributes, after) = attributes(after);
        let text = &after[..after.find('<').unwrap_or(after.len())];
        tags.push(Tag { name, attributes, text });
        rest = after;
    }
    tags
}

fn attributes(mut rest: &str) -> (Vec<(&str, String)>, &str) {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| matches!(c, '=' | '>') || c.is_whitespace());
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        if let Some(quoted) = after.strip_prefix("=\"") {
            let (value, after) = quoted.split_once('"').expect("a closing quote");
            attributes.push((name, unescaped(value)));
            rest = after;
        } else if let Some(after) = after.strip_prefix('>') {
            return (attributes, after);
        } else if after.is_empty() {
            return (attributes, after);
        } else {
            attributes.push((name, String::new()));
            rest = after.trim_start_matches('=');
        }
    }
}

/// Returns text with its character references replaced.
pub(crate) fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut parts = text.split('&');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once(';').expect("a whole reference");
        let number = name.strip_prefix("#x").map(|hex| u32::from_str_radix(hex, 16).unwrap());
        let number = number.or_else(|| name.strip_prefix('#').map(|n| n.parse().unwrap()));
        plain.push(match (name, number) {
            (_, Some(number)) => char::from_u32(number).unwrap(),
            ("amp", _) => '&',
            ("lt", _) => '<',
            ("gt", _) => '>',
            ("quot", _) => '"',
            _ => panic!("&{name}; is not expected in our pages"),
        });
        plain.push_str(rest);
    }
    plain
}

/// Returns the visible text.
pub(crate) fn text(html: &str) -> String {
    let tags = tags(html);
    let body = tags.iter().position(|tag| tag.name == "body").unwrap_or(0);
    let words = tags[body..].iter().map(|tag| unescaped(tag.text)).collect::<String>();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the addresses of links, with their text.
pub(crate) fn links(html: &str) -> Vec<(String, String)> {
    let tags = tags(html);
    let anchors = tags.iter().filter(|tag| tag.name == "a");
    anchors.map(|tag| (tag.get("href"), unescaped(tag.text))).collect()
}

/// Returns the addresses of what a browser loads to show a page: style sheets, scripts, icons and pictures.
pub(crate) fn parts(html: &str) -> Vec<(Part, String)> {
    let tags = tags(html);
    let parts = tags.iter().filter_map(|tag| match (tag.name, tag.get("rel").as_str()) {
        ("script", _) => Some((Part::Script, tag.get("src"))),
        ("link", "stylesheet") => Some((Part::Style, tag.get("href"))),
        ("link", "icon") => Some((Part::Picture, tag.get("href"))),
        ("img", _) => Some((Part::Picture, tag.get("src"))),
        _ => None,
    });
    parts.collect()
}

/// Returns the forms of a page.
pub(crate) fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut inside = false;
    for tag in tags(html) {
        match tag.name {
            "form" => {
                inside = true;
                let (method, action) = (tag.get("method"), tag.get("action"));
                forms.push(Form { method, action, ..Form::default() });
                continue;
            }
            "/form" => inside = false,
            _ => {}
        }
        let Some(form) = forms.last_mut().filter(|_| inside) else { continue };
        match tag.name {
            "input" => form.fields.push((tag.get("name"), tag.get("value"))),
            "button" => {
                form.buttons.push(Button { name: tag.get("name"), value: tag.get("value") });
            }
            _ => {}
        }
    }
    forms
}

//! The style and the scripts of the console, from the binary. Their addresses change with their content.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use crate::{
    problem::{Answer, Code, Problem},
    routes::get,
    style,
};

const STYLE: &str = include_str!("../../templates/console/console.css");
const STYLE_PATH: &str = "/-/console.css";

/// The scripts by name. Each is an ES module that improves a screen that also works without it.
const SCRIPTS: &[(&str, &str)] = &[
    ("deadline", include_str!("../../templates/console/scripts/deadline.js")),
    ("editor", include_str!("../../templates/console/scripts/editor.js")),
    ("handle", include_str!("../../templates/console/scripts/handle.js")),
    ("markdown", include_str!("../../templates/console/scripts/markdown.js")),
    ("picture", include_str!("../../templates/console/scripts/picture.js")),
    ("preview", include_str!("../../templates/console/scripts/preview.js")),
    ("stripe", include_str!("../../templates/console/scripts/stripe.js")),
    ("upload", include_str!("../../templates/console/scripts/upload.js")),
];

static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| style::versioned(STYLE_PATH, STYLE));

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get(web::resource(STYLE_PATH), sheet))
        .service(get(web::resource("/-/console/{name}.js"), module));
}

pub(crate) fn style_address() -> &'static str {
    &STYLE_ADDRESS
}

pub(crate) fn script(name: &str) -> String {
    let content = content(name).unwrap_or_default();
    style::versioned(&format!("/-/console/{name}.js"), content)
}

fn content(name: &str) -> Option<&'static str> {
    SCRIPTS.iter().find(|(known, _)| *known == name).map(|(_, content)| *content)
}

async fn sheet() -> HttpResponse {
    style::sheet(STYLE)
}

async fn module(name: web::Path<String>) -> Answer {
    let content = content(&name).ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(style::module(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_small_modules() {
        for (name, content) in SCRIPTS {
            assert!(content.lines().count() < 150, "{name}");
            assert!(!content.contains("innerHTML") && !content.contains("eval("), "{name}");
        }
    }

    #[test]
    fn address_changes_with_the_content() {
        assert!(script("handle").starts_with("/-/console/handle.js?v="));
    }
}

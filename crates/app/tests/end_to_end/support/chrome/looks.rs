//! What a page looks like: pictures of it, its width, and what axe-core and the console say about it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::Chrome;

/// The size of a screen, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(super) height: u32,
}

/// The narrowest screen on which nothing may scroll sideways (WCAG 2.2, 1.4.10).
pub(crate) const SMALL: Size = Size { width: 320, height: 640 };
pub(crate) const PHONE: Size = Size { width: 360, height: 800 };
pub(crate) const TABLET: Size = Size { width: 800, height: 1_000 };
/// As narrow as a window is in which the navigation of the console stands at the side.
pub(crate) const NARROW: Size = Size { width: 960, height: 800 };
pub(crate) const NOTEBOOK: Size = Size { width: 1_024, height: 800 };
pub(crate) const SCREEN: Size = Size { width: 1280, height: 900 };

/// Names what is wider than the window, outermost first.
const TOO_WIDE: &str = "
    const limit = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= limit) return [];
    const wide = [...document.querySelectorAll('body *')]
        .filter(element => element.getBoundingClientRect().right > limit + 0.5);
    return [`${document.documentElement.scrollWidth} > ${limit}`,
        ...wide.slice(0, 5).map(element => element.outerHTML.slice(0, 120))];
";

const AXE: &str = "
    const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ['violations']}).then(
        found => done(found.violations.map(rule => ({
            rule: rule.id,
            help: rule.help,
            targets: rule.nodes.map(node => `${node.target.join(' ')}: ${node.any.concat(node.all)
                .map(check => check.message).join('; ')}`),
        }))),
        error => done([{rule: 'axe did not run', help: String(error), targets: []}]),
    );
";

/// Returns the directory that cargo builds into.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

fn axe() -> String {
    let path = target().join("npm/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; run scripts/test, which installs it", path.display())
    })
}

/// Returns the directory of the pictures.
pub(super) fn pictures() -> PathBuf {
    let directory = target().join("screenshots");
    fs::create_dir_all(&directory).unwrap();
    directory
}

impl Chrome {
    /// Writes a picture of the whole page, and returns its path.
    pub(crate) async fn screenshot(&self, name: &str) -> PathBuf {
        let path = pictures().join(format!("{name}.png"));
        let whole = json!({"format": "png", "captureBeyondViewport": true});
        let taken = self.devtools("Page.captureScreenshot", whole).await;
        fs::write(&path, STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()).unwrap();
        println!("{}", path.display());
        path
    }

    /// Checks the page that is open on a phone and on a desk, in light and in dark, and pictures it.
    pub(crate) async fn look(&self, name: &str) {
        for size in [PHONE, SCREEN] {
            self.resize(size).await;
            self.fits().await;
            for is_dark in [true, false] {
                self.darken(is_dark).await;
                self.is_accessible().await;
            }
            self.screenshot(&format!("{name}-{}", size.width)).await;
        }
        self.is_quiet().await;
    }

    /// Checks that the page that is open fits on a phone in German, too. It is loaded again for that, and then once more as
    /// it was.
    pub(crate) async fn fits_in_german(&self) {
        self.speak("de").await;
        self.resize(PHONE).await;
        self.reload().await;
        let language = self.run("return document.documentElement.lang").await;
        assert_eq!(language, "de", "{}", self.url().await);
        self.fits().await;
        self.speak("en").await;
        self.resize(SCREEN).await;
        self.reload().await;
        self.is_quiet().await;
    }

    /// Checks that nothing is wider than the window.
    pub(crate) async fn fits(&self) {
        let wide = self.run(TOO_WIDE).await;
        assert_eq!(wide, json!([]), "{} scrolls sideways", self.url().await);
    }

    /// Checks that axe-core finds nothing.
    pub(crate) async fn is_accessible(&self) {
        // It is long, and stays with the document.
        if self.run("return typeof axe === 'undefined'").await == true {
            self.run(&axe()).await;
        }
        let found = self.session.run_on(AXE).await.unwrap();
        let found = found.as_array().unwrap().iter().map(violation).collect::<Vec<_>>();
        assert!(found.is_empty(), "{}:\n{}", self.url().await, found.join("\n"));
    }

    /// Checks that the console has no errors, such as something that the page's policy forbids. The status
    /// of a page that explains an error is none.
    pub(crate) async fn is_quiet(&self) {
        let said = self.session.log().await.unwrap();
        let said = said.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE");
        let said = said.map(|line| line["message"].as_str().unwrap());
        let url = self.url().await;
        let status = format!("{url} - Failed to load resource");
        let explains = |line: &&str| line.starts_with(&status) || line.contains("status of 422");
        let errors = said.filter(|line| !explains(line)).collect::<Vec<_>>();
        assert!(errors.is_empty(), "{url}: {errors:?}");
    }
}

fn violation(found: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let targets = found["targets"].as_array().unwrap().iter().map(text).collect::<Vec<_>>();
    format!("{}: {}\n  {}", text(&found["rule"]), text(&found["help"]), targets.join("\n  "))
}

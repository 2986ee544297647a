//! What a person does with mouse and keyboard.

use std::path::PathBuf;

use fantoccini::elements::Element;
use serde_json::{Value, json};

use super::{Chrome, plain};
use crate::support::within;

/// Keys that have no letter.
pub(crate) const TAB: &str = "\u{E004}";
pub(crate) const ENTER: &str = "\u{E007}";
pub(crate) const RIGHT: &str = "\u{E014}";
const CONTROL: char = '\u{E009}';

/// Defines `name(element)`, the name that assistive technology says, and `seen(element)`.
pub(super) const NAMES: &str = r"
    const plain = text => text.replace(/\s+/g, ' ').trim();
    const name = element => plain(element.getAttribute('aria-label')
        ?? (element.labels?.length ? element.labels[0].textContent : element.textContent));
    const seen = element => element.checkVisibility();
";

/// Finds what is seen, can be used and has a name.
const FIND: &str = "
    const [selector, wanted] = arguments;
    const all = [...document.querySelectorAll(selector)];
    return all.find(element => seen(element) && !element.disabled && name(element) === wanted);
";

/// Finds the option with a name in the list with a label.
const OPTION: &str = "
    const [label, wanted] = arguments;
    const lists = [...document.querySelectorAll('select')];
    const list = lists.find(list => seen(list) && name(list) === label);
    return list && [...list.options].find(option => plain(option.textContent) === wanted);
";

/// Puts a text into the field with a label, as pasting does.
const PASTE: &str = "
    const [label, text] = arguments;
    const fields = [...document.querySelectorAll('input, textarea')];
    const field = fields.find(field => seen(field) && name(field) === label);
    if (!field) return false;
    field.value = text;
    for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
    return true;
";

/// Tells what has the focus: its name, and how the focus can be seen.
const FOCUS: &str = "
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    return {
        name: name(element),
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        inside: box.width > 0 && box.bottom > 0 && box.right > 0
            && box.top < innerHeight && box.left < innerWidth,
    };
";

impl Chrome {
    /// Presses the button with this name.
    pub(crate) async fn press(&self, name: &str) {
        self.click("button, summary", name).await;
    }

    /// Presses the button with this name twice, as fast as a double click.
    pub(crate) async fn press_twice(&self, name: &str) {
        let button = self.find("button", name).await;
        self.session.double_click(button).await.unwrap();
    }

    /// Follows the link with this name.
    pub(crate) async fn follow(&self, name: &str) {
        self.click("a[href]", name).await;
    }

    /// Types into the field with this label, which is emptied before.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.find("input, textarea", label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Puts a text into the field with this label at once, also if the browser would not let it be typed.
    pub(crate) async fn paste(&self, label: &str, text: &str) {
        self.find("input, textarea", label).await;
        let script = format!("{NAMES} {PASTE}");
        let pasted = self.session.run(&script, [json!(label), json!(text)]).await.unwrap();
        assert_eq!(pasted, true, "{label}");
    }

    /// Chooses the radio button with this label.
    pub(crate) async fn choose(&self, label: &str) {
        self.click("input[type=radio]", label).await;
    }

    /// Chooses an option of the list with this label.
    pub(crate) async fn pick(&self, label: &str, option: &str) {
        let (script, arguments) = (format!("{NAMES} {OPTION}"), [json!(label), json!(option)]);
        let found = within(async || self.session.find(&script, arguments.clone()).await).await;
        let Some(found) = found else {
            self.fail(&format!("has no {option:?} in {label:?}")).await
        };
        found.click().await.unwrap();
    }

    /// Chooses files of the disk in the field with this label.
    pub(crate) async fn attach(&self, label: &str, files: &[PathBuf]) {
        let field = self.find("input[type=file]", label).await;
        let paths = files.iter().map(|path| path.to_str().unwrap()).collect::<Vec<_>>();
        field.send_keys(&paths.join("\n")).await.unwrap();
    }

    /// Returns what is in the field with this label.
    pub(crate) async fn value(&self, label: &str) -> String {
        let script = format!("{NAMES} return (() => {{ {FIND} }})()?.value");
        let arguments = [json!("input, textarea, select"), json!(label)];
        let value = self.session.run(&script, arguments).await.unwrap();
        value.as_str().unwrap_or_else(|| panic!("no field {label:?}")).to_owned()
    }

    async fn click(&self, selector: &str, name: &str) {
        let element = self.find(selector, name).await;
        element.click().await.unwrap();
    }

    async fn find(&self, selector: &str, name: &str) -> Element {
        let script = format!("{NAMES} {FIND}");
        let arguments = [json!(selector), json!(name)];
        let found = within(async || self.session.find(&script, arguments.clone()).await).await;
        let Some(found) = found else { self.fail(&format!("has no {name:?} ({selector})")).await };
        found
    }

    /// Presses keys, wherever the focus is.
    pub(crate) async fn strike(&self, keys: &str) {
        self.session.strike(keys).await.unwrap();
    }

    /// Presses a key while the control key is held down.
    pub(crate) async fn strike_with_control(&self, key: &str) {
        self.session.strike_while(CONTROL, key).await.unwrap();
    }

    /// Returns the name of what has the focus. The focus has to be visible.
    pub(crate) async fn focus(&self) -> Option<String> {
        let focus = self.session.run(&format!("{NAMES} {FOCUS}"), []).await.unwrap();
        let name = focus["name"].as_str().map(plain)?;
        for seen in ["outlined", "inside"] {
            if focus[seen] != Value::Bool(true) {
                self.fail(&format!("hides the focus on {name:?}: {focus}")).await;
            }
        }
        Some(name)
    }

    /// Presses Tab until the focus is on what has this name.
    pub(crate) async fn tab_to(&self, name: &str) {
        let mut passed = Vec::new();
        while passed.len() < 60 {
            let here = self.focus().await;
            if here.as_deref() == Some(name) {
                return;
            }
            passed.extend(here);
            self.strike(TAB).await;
        }
        self.fail(&format!("has no stop {name:?} among {passed:?}")).await;
    }
}

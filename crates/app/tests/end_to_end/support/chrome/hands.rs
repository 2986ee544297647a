//! What a person does with mouse and keyboard.

use std::path::PathBuf;

use fantoccini::elements::Element;
use serde_json::{Value, json};

use super::{Chrome, plain};
use crate::support::within;

/// Keys that have no letter.
pub(crate) const TAB: &str = "\u{E004}";
pub(crate) const ENTER: &str = "\u{E007}";
pub(crate) const SPACE: &str = " ";
pub(crate) const END: &str = "\u{E010}";
pub(crate) const UP: &str = "\u{E013}";
pub(crate) const RIGHT: &str = "\u{E014}";
pub(crate) const DOWN: &str = "\u{E015}";
const SHIFT: char = '\u{E008}';
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

/// Tells what has the focus: its name, its place in the document, and how the focus can be seen.
const FOCUS: &str = "
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    return {
        name: name(element),
        place: [...document.querySelectorAll('*')].indexOf(element),
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        inside: box.width > 0 && box.bottom > 0 && box.right > 0
            && box.top < innerHeight && box.left < innerWidth,
    };
";

/// What has the focus.
#[derive(Debug)]
struct Stop {
    name: String,
    /// How many elements begin before it.
    place: u64,
}

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
        self.does(1, text.chars().count()).await;
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
        // The list is opened first.
        self.does(2, 0).await;
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
        self.does(1, 0).await;
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

    /// Presses Tab while the shift key is held down: the focus goes back.
    pub(crate) async fn tab_back(&self) {
        self.session.strike_while(SHIFT, TAB).await.unwrap();
    }

    /// Returns the name of what has the focus. The focus has to be visible.
    pub(crate) async fn focus(&self) -> Option<String> {
        self.stop().await.map(|stop| stop.name)
    }

    async fn stop(&self) -> Option<Stop> {
        let focus = self.session.run(&format!("{NAMES} {FOCUS}"), []).await.unwrap();
        let name = focus["name"].as_str().map(plain)?;
        for seen in ["outlined", "inside"] {
            if focus[seen] != Value::Bool(true) {
                self.fail(&format!("hides the focus on {name:?}: {focus}")).await;
            }
        }
        Some(Stop { name, place: focus["place"].as_u64().unwrap() })
    }

    /// Presses Tab until the focus is on what has this name. The stops follow each other as in the document; after the last
    /// one the first may come.
    pub(crate) async fn tab_to(&self, name: &str) {
        let (mut passed, mut rounds) = (Vec::<Stop>::new(), 0);
        while passed.len() < 60 && rounds < 2 {
            let here = self.stop().await;
            if here.as_ref().is_some_and(|here| here.name == name) {
                return;
            }
            if let (Some(here), Some(last)) = (&here, passed.last()) {
                rounds += u32::from(here.place < last.place);
            }
            passed.extend(here);
            self.strike(TAB).await;
        }
        self.fail(&format!("has no stop {name:?} in order among {passed:?}")).await;
    }
}

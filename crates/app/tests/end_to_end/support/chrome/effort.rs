//! How much a person does on the way to something. It is counted and not timed, since a test is faster than a person.

use std::{collections::BTreeSet, fs, sync::Mutex};

use super::{Chrome, looks::pictures};

/// What a person takes, in half seconds, to take in a screen, to press something, and to type a letter.
const PACE: [usize; 3] = [20, 2, 1];

/// What was done so far.
#[derive(Debug, Default)]
pub(super) struct Effort(Mutex<Done>);

#[derive(Debug, Default)]
struct Done {
    /// When each document began on which something was done.
    screens: BTreeSet<String>,
    presses: usize,
    keys: usize,
}

impl Chrome {
    /// Counts what is done from now on.
    pub(crate) fn counting(self) -> Self {
        Self { effort: Some(Effort::default()), ..self }
    }

    /// Counts presses and keys on the screen that is open, if they are to be counted.
    pub(super) async fn does(&self, presses: usize, keys: usize) {
        let Some(effort) = &self.effort else { return };
        let screen = self.run("return performance.timeOrigin").await.to_string();
        let mut done = effort.0.lock().unwrap();
        done.screens.insert(screen);
        done.presses += presses;
        done.keys += keys;
    }

    /// Writes what was done so far into a file beside the pictures.
    pub(crate) fn write_effort(&self, name: &str) {
        let done = self.effort.as_ref().unwrap().0.lock().unwrap();
        let counted = [done.screens.len(), done.presses, done.keys];
        let half_seconds: usize = counted.iter().zip(PACE).map(|(count, pace)| count * pace).sum();
        let [screens, presses, keys] = counted;
        let text = format!(
            "screens {screens}\npresses {presses}\nkeys {keys}\nreckoned seconds {}\n",
            half_seconds.div_ceil(2)
        );
        let path = pictures().join(format!("effort-{name}.txt"));
        fs::write(&path, &text).unwrap();
        println!("{}:\n{text}", path.display());
    }
}

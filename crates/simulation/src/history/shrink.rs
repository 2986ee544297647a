//! Finding a short history that breaks the same rule.

use super::{History, Op, Step, Turns};

/// Returns a history as short and simple as can be found of which `fails` is still true.
pub fn shrink(history: &History, mut fails: impl FnMut(&History) -> bool) -> History {
    let mut best = history.clone();
    let mut chunk = best.steps.len().div_ceil(2).max(1);
    loop {
        let was_shortened = drop_chunks(&mut best, chunk, &mut fails);
        if chunk > 1 {
            chunk = chunk.div_ceil(2);
        } else if !was_shortened && !simplify(&mut best, &mut fails) {
            return best;
        }
    }
}

/// Drops every part of this length that is not needed. Returns whether it dropped any.
fn drop_chunks(best: &mut History, chunk: usize, fails: &mut impl FnMut(&History) -> bool) -> bool {
    let before = best.steps.len();
    let mut from = 0;
    while from < best.steps.len() {
        let mut steps = best.steps.clone();
        steps.drain(from..(from + chunk).min(best.steps.len()));
        let shorter = History { steps, ..best.clone() };
        if fails(&shorter) {
            *best = shorter;
        } else {
            from += chunk;
        }
    }
    best.steps.len() < before
}

/// Makes single steps simpler. Returns whether it changed any.
fn simplify(best: &mut History, fails: &mut impl FnMut(&History) -> bool) -> bool {
    let mut has_changed = false;
    if best.skews != [0; 3] {
        let plain = History { skews: [0; 3], ..best.clone() };
        if fails(&plain) {
            *best = plain;
            has_changed = true;
        }
    }
    for at in 0..best.steps.len() {
        let Some(step) = best.steps.get(at).cloned() else { continue };
        for simpler in simpler(&step) {
            let mut next = best.clone();
            if let Some(place) = next.steps.get_mut(at) {
                *place = simpler;
            }
            if fails(&next) {
                *best = next;
                has_changed = true;
                break;
            }
        }
    }
    has_changed
}

/// Simpler steps to try in the place of one, the simplest first.
fn simpler(step: &Step) -> Vec<Step> {
    let mut simpler = Vec::new();
    if step.turns != Turns::UntilQuiet {
        simpler.push(Step { turns: Turns::UntilQuiet, ..step.clone() });
    }
    if step.replica != 0 {
        simpler.push(Step { replica: 0, ..step.clone() });
    }
    if let Op::Wait { seconds } = step.op
        && seconds > 1
    {
        simpler.push(Step { op: Op::Wait { seconds: seconds / 2 }, ..step.clone() });
    }
    simpler
}

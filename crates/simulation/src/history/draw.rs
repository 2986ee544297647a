//! Drawing from a generator.

use tollgate_domain_testing::SeededRandom;

use super::{PAGES, PEOPLE};

/// Draws from a generator.
pub(super) struct Draw(SeededRandom);

impl Draw {
    /// Draws for the history of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed.wrapping_mul(0x5851_F42D_4C95_7F2D) ^ 0x51B0_1A7E))
    }

    /// A number below `bound`.
    pub(super) fn below(&self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    pub(super) fn index(&self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(self.below(bound)).unwrap_or_default()
    }

    pub(super) fn small(&self, bound: u8) -> u8 {
        u8::try_from(self.below(u64::from(bound))).unwrap_or_default()
    }

    pub(super) fn one_in(&self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    pub(super) fn of<T: Copy>(&self, choices: &[T], usual: T) -> T {
        choices.get(self.index(choices.len())).copied().unwrap_or(usual)
    }

    pub(super) fn who(&self) -> usize {
        self.index(PEOPLE)
    }

    /// Half of everything is about one page, so that it meets.
    pub(super) fn page(&self) -> usize {
        if self.one_in(2) { 0 } else { self.index(PAGES) }
    }

    pub(super) fn salt(&self) -> u64 {
        self.0.next_u64()
    }

    /// How long a wait is, in seconds.
    pub(super) fn wait(&self) -> u32 {
        let bounds = [5, 60, 400, 4_000, 30_000, 100_000];
        u32::try_from(self.below(self.of(&bounds, 60))).unwrap_or_default() + 1
    }
}

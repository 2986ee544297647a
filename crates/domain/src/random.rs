//! The random generator, which is the only source of randomness.

/// Generates unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills `buffer` with bytes that MUST come from a cryptographically secure generator.
    fn fill(&self, buffer: &mut [u8]);
}

#[cfg(feature = "testing")]
mockall::mock! {
    /// A mock of [`Random`].
    pub Random {}
    impl Random for Random {
        fn fill(&self, buffer: &mut [u8]);
    }
}

/// Returns `N` random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut buffer = [0; N];
    random.fill(&mut buffer);
    buffer
}

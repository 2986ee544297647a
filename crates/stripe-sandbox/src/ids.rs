//! Random identifiers in Stripe's style.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `prefix` followed by `length` random letters and digits.
///
/// The operating system's source does not fail on the systems that we run on; were it to, a request
/// is better aborted than answered with a guessable id.
#[expect(clippy::expect_used, clippy::disallowed_methods, reason = "no randomness is no service")]
pub(crate) fn random(prefix: &str, length: usize) -> String {
    let mut id = prefix.to_owned();
    let mut buffer = [0_u8; 64];
    while id.len() < prefix.len() + length {
        getrandom::fill(&mut buffer).expect("the operating system gives random bytes");
        // 248 is the largest multiple of 62 in a byte: without the cut some letters come up more.
        let letters = buffer
            .iter()
            .filter(|byte| **byte < 248)
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 62)));
        let wanted = prefix.len() + length - id.len();
        id.extend(letters.take(wanted).map(|letter| char::from(*letter)));
    }
    id
}

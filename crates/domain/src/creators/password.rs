//! Passwords of creators.

use std::fmt;

use icu_normalizer::{
    ComposingNormalizer, DecomposingNormalizer, properties::CanonicalCombiningClassMap,
};

use crate::{email::Email, invisible::is_ignorable, validation::FieldError};

/// The most common passwords of at least eight characters, in lower case, one a line. Source: the list of
/// zxcvbn (MIT), its first three thousand, and some that are common in German.
const COMMON: &str = include_str!("common_passwords.txt");
/// The smallest and the largest number of characters of a new password.
const LENGTH: (usize, usize) = (8, 256);
const TOO_SHORT_OR_LONG: FieldError = FieldError::Length(LENGTH.0, LENGTH.1);
/// The smallest number of characters of a word that digits are added to.
const MIN_WORD: usize = 5;
/// The greatest number of digits that are added to a word: those of a date.
const MAX_DIGITS: usize = 8;
/// The greatest number of digits that make a password which repeats them one that is tried first.
const MAX_REPEATED_DIGITS: usize = 4;
/// The smallest number of characters in a row that do so.
const MIN_REPEATED: usize = 3;
/// The largest number of characters that are read of a password that is tried.
const MAX_TRIED: usize = 1_024;

/// A password, as it is hashed: in the normal form NFKC, in which devices that write a character in different
/// ways agree. Never truncated.
#[derive(Clone)]
pub struct Password {
    text: String,
    /// The text as it was entered, if that differs.
    entered: Option<String>,
}

impl Password {
    /// Creates a new password from the text that a creator chose: 8 to 256 characters of NFKC, and none of
    /// the common ones. Source: NIST SP 800-63B §3.1.1.2.
    pub fn new(text: String) -> Result<Self, FieldError> {
        let password = Self::normal(text);
        if !(LENGTH.0..=LENGTH.1).contains(&password.text.chars().count()) {
            return Err(TOO_SHORT_OR_LONG);
        }
        if is_common(&password.text) { Err(FieldError::CommonPassword) } else { Ok(password) }
    }

    /// Refuses a new password that is the creator's own address, or the part before or after the `@`, also with marks
    /// around it.
    pub fn check_for(&self, email: &Email) -> Result<(), FieldError> {
        let chosen = plain(&self.text);
        let chosen = without_marks(&chosen);
        let is_chosen = |own: &str| !chosen.is_empty() && without_marks(&plain(own)) == chosen;
        let is_own = [email.as_str(), &email.shown()]
            .into_iter()
            .any(|address| is_chosen(address) || address.rsplit('@').any(is_chosen));
        if is_own { Err(FieldError::OwnAddress) } else { Ok(()) }
    }

    /// Creates the password that a creator tries to sign in with. It may be one that would not be accepted
    /// as a new one, since older ones stay valid.
    pub fn tried(text: String) -> Result<Self, FieldError> {
        if !(1..=MAX_TRIED).contains(&text.chars().count()) {
            return Err(TOO_SHORT_OR_LONG);
        }
        Ok(Self::normal(text))
    }

    fn normal(entered: String) -> Self {
        let text = ComposingNormalizer::new_nfkc().normalize(&entered).into_owned();
        let entered = (entered != text).then_some(entered);
        Self { text, entered }
    }

    /// Returns the text. Use it for hashing only.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Returns the password as it was entered, if that is not its normal form. Hashes of earlier versions
    /// were made from it.
    pub fn unnormalized(&self) -> Option<Self> {
        self.entered.clone().map(|text| Self { text, entered: None })
    }
}

/// Returns whether a password is among the first that anybody would try: a common one as it is, with accents or characters
/// that show nothing, again and again, with a year or other digits behind it, or with punctuation marks around it.
fn is_common(text: &str) -> bool {
    let plain = plain(text);
    let bare = without_marks(&plain);
    // Nothing is left of a text of marks alone.
    let is_bare = bare.chars().count() >= MIN_WORD && (is_run(bare) || is_guessed(bare));
    is_run(&plain) || is_guessed(&plain) || is_bare
}

/// Returns whether a text is one character again and again, or characters in a row, such as `abcdefghi`.
fn is_run(text: &str) -> bool {
    let steps = text.chars().zip(text.chars().skip(1));
    let mut steps = steps.map(|(one, next)| i64::from(u32::from(next)) - i64::from(u32::from(one)));
    let first = steps.next().unwrap_or_default();
    first.abs() <= 1 && steps.all(|step| step == first)
}

/// Returns whether a text is a common password, repeats what is common or easy, or has digits behind what is common.
fn is_guessed(text: &str) -> bool {
    let is_easy = |piece: &str| {
        let is_number = piece.bytes().all(|b| b.is_ascii_digit());
        is_number && piece.len() <= MAX_REPEATED_DIGITS
            || piece.chars().count() >= MIN_REPEATED && is_run(piece)
            || is_known(without_marks(piece))
    };
    is_known(text)
        || before_digits(text).is_some_and(|word| is_known(without_marks(word)))
        || repeated(text).any(is_easy)
}

/// Returns the pieces that a text consists of nothing else than.
fn repeated(text: &str) -> impl Iterator<Item = &str> {
    let even = (2..=text.len()).filter(move |times| text.len().is_multiple_of(*times));
    even.filter_map(move |times| {
        let piece = text.get(..text.len() / times)?;
        (piece.repeat(times) == text).then_some(piece)
    })
}

/// Returns a text without what is neither letter nor digit at its beginning and its end.
fn without_marks(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Returns a text in lower case, without accents and characters that show nothing. Only to compare it: what is hashed keeps
/// them.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let classes = CanonicalCombiningClassMap::new();
    let decomposed = DecomposingNormalizer::new_nfkd().normalize(&lower);
    let shown = |c: &char| classes.get_u8(*c) == 0 && !is_ignorable(*c);
    decomposed.chars().filter(shown).collect()
}

/// Returns whether a word is a common password, or one that is common with digits behind it.
fn is_known(word: &str) -> bool {
    COMMON.lines().any(|common| common == word || before_digits(common) == Some(word))
}

/// Returns the word that has some digits behind it.
fn before_digits(text: &str) -> Option<&str> {
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - word.len();
    let is_word = word.chars().count() >= MIN_WORD && (1..=MAX_DIGITS).contains(&digits);
    is_word.then_some(word)
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<FieldError> {
        Password::new(text.to_owned()).err()
    }

    #[test]
    fn length_counts_after_normalization() {
        // Seven letters with a combining mark each are seven characters, and a ligature is several.
        assert_eq!(refusal(&"e\u{301}".repeat(7)), Some(TOO_SHORT_OR_LONG));
        assert_eq!(refusal(&"e\u{301}a".repeat(4)), None);
        assert_eq!(refusal("ﬃﬄﬃ"), None);
        assert_eq!(refusal(&"ab".repeat(128)), None);
        assert_eq!(refusal(&format!("{}c", "ab".repeat(128))), Some(TOO_SHORT_OR_LONG));
        assert_eq!(refusal(&"ﷺ".repeat(20)), Some(TOO_SHORT_OR_LONG));
        assert_eq!(refusal(""), Some(TOO_SHORT_OR_LONG));
    }

    #[test]
    fn common_passwords_are_refused() {
        for text in [
            "password",
            "Password",
            "PASSWORD1",
            "password123",
            "12345678",
            "87654321",
            "qwertyuiop",
            "passwort123",
            "aaaaaaaa",
            "abcdefghij",
            "ｐａｓｓｗｏｒｄ",
            "trustno1",
        ] {
            assert_eq!(refusal(text), Some(FieldError::CommonPassword), "{text}");
        }
        for text in ["correct horse", "tollgate-demo", "correct horse battery staple", "aaaaaaab"] {
            assert_eq!(refusal(text), None, "{text}");
        }
        assert!(
            COMMON.lines().all(|line| line.chars().count() >= 8 && line == line.to_lowercase())
        );
    }

    #[test]
    fn common_passwords_in_disguise_are_refused() {
        for text in [
            "passwordpassword",
            "summersummer",
            "pass\u{ad}word",
            "password\u{200b}",
            "pass\u{fe0f}word\u{e0020}",
            "pássword",
            "pa\u{301}ssword",
            "PÄSSWÖRD",
            "Summer2026",
            "Herbst2027",
            "monkey01011990",
            "pássword2026",
            "\u{200b}\u{200c}\u{200b}\u{200c}\u{200b}\u{200c}\u{200b}\u{200c}",
            "Password123!",
            "Passw0rd!",
            "P@ssw0rd!",
            "Qwerty123!",
            "password!",
            "!password",
            "«password»",
            "password ",
            "iloveyou!",
            "12345678!",
            "123456!?",
            "Summer2026!",
            "Summer-2026",
            "password!123",
            "password!password!",
            "12341234",
            "12341234!",
            "123123123",
            "abcabcabc",
            "20262026",
        ] {
            assert_eq!(refusal(text), Some(FieldError::CommonPassword), "{text:?}");
        }
        for text in
            ["horse2026horse", "summer in 2026", "summer192837465", "grünewiese", "67812093"]
        {
            assert_eq!(refusal(text), None, "{text}");
        }
        // One that an account has is still compared as it is.
        assert_eq!(Password::tried("pássword2026".to_owned()).unwrap().reveal(), "pássword2026");
        assert_eq!(
            Password::tried("pass\u{ad}word".to_owned()).unwrap().reveal(),
            "pass\u{ad}word"
        );
    }

    #[test]
    fn ordinary_passphrases_are_taken() {
        for text in [
            "correct horse",
            "battery staple",
            "third horse",
            "wrong horse!",
            "gr\u{fc}ne Wiese",
            "tollgate-demo",
            "password of my bank",
            "not password!",
            "summer in 2026!",
            "horse2026horse!",
            "what a day!?",
            "(horse & cart)",
            "horsehorse",
            "horse horse horse",
            "\u{a1}d\u{f3}nde est\u{e1}!",
            "K4tze&Hund",
            "7391 4826",
            "a!b?c#d$",
            "!?#%&*()",
            "\u{96ea}\u{306e}\u{964d}\u{308b}\u{753a}\u{3092}\u{6b69}\u{304f}",
        ] {
            assert_eq!(refusal(text), None, "{text:?}");
        }
    }

    #[test]
    fn own_address_and_its_parts_are_refused() {
        let email: Email = "ada.lovelace@b\u{fc}cher-shop.example".parse().unwrap();
        let check = |text: &str| Password::new(text.to_owned()).unwrap().check_for(&email);
        for text in [
            "ada.lovelace@b\u{fc}cher-shop.example",
            "ADA.lovelace@xn--bcher-shop-9db.example",
            "ada.lovelace",
            "Ada.Lovelace!",
            "b\u{fc}cher-shop.example",
            "B\u{fc}cher-Shop.example!",
            "(bucher-shop.example)",
        ] {
            assert_eq!(check(text), Err(FieldError::OwnAddress), "{text}");
        }
        for text in ["lovelace of London", "ada.lovelace at home", "my.example", "correct horse"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        let email: Email = "-@example.com".parse().unwrap();
        assert_eq!(Password::new("!?#%&*()".to_owned()).unwrap().check_for(&email), Ok(()));
        let domain = Password::new("example.com".to_owned()).unwrap();
        assert_eq!(domain.check_for(&email), Err(FieldError::OwnAddress));
    }

    #[test]
    fn each_way_to_write_a_password_is_one() {
        let composed = Password::new("gr\u{fc}ne Wiese".to_owned()).unwrap();
        let decomposed = Password::new("gru\u{308}ne Wiese".to_owned()).unwrap();
        assert_eq!(composed.reveal(), decomposed.reveal());
        assert!(composed.unnormalized().is_none());
        assert_eq!(decomposed.unnormalized().unwrap().reveal(), "gru\u{308}ne Wiese");
    }

    #[test]
    fn password_of_before_can_still_be_tried() {
        for text in ["password", "short", "1"] {
            assert_eq!(Password::tried(text.to_owned()).unwrap().reveal(), text);
        }
        assert!(Password::tried(String::new()).is_err());
        assert!(Password::tried("a".repeat(1_025)).is_err());
    }
}

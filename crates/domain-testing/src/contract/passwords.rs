//! What every password hasher has to keep to.

use std::sync::Arc;

use tollgate_domain::creators::{
    Password,
    ports::{PasswordCheck, Passwords, PasswordsError},
};

/// Expands to one test a case. `$test` is the attribute that makes a test of an async function; `$make`
/// is an `async fn() -> Arc<dyn Passwords>` that gives a hasher that is not busy.
#[macro_export]
macro_rules! passwords_contract {
    (#[$test:meta] $make:path) => {
        $crate::passwords_contract! { @cases #[$test] $make;
            a_password_matches_its_hash,
            another_password_does_not_match,
            the_normal_form_is_hashed,
            each_hash_has_its_own_salt,
            without_a_hash_nothing_matches,
            a_text_that_is_not_a_hash_is_an_error,
        }
    };
    (@cases #[$test:meta] $make:path; $($case:ident),* $(,)?) => {$(
        #[$test]
        async fn $case() {
            $crate::contract::passwords::$case($make().await).await;
        }
    )*};
}

type On = Arc<dyn Passwords>;

/// A password that is longer than what some ways of hashing read of it.
const LONG: &str =
    "a sentence that nobody else would choose, and which goes on for more than 72 bytes";

fn password(text: &str) -> Password {
    Password::tried(text.to_owned()).unwrap()
}

async fn check(on: &On, text: &str, hash: &str) -> PasswordCheck {
    on.verify(&password(text), Some(hash)).await.unwrap()
}

pub async fn a_password_matches_its_hash(on: On) {
    for text in ["correct horse", "a$b$c$d$e", " spaces around ", "日本の庭園です。", LONG]
    {
        let hash = on.hash(&password(text)).await.unwrap();
        assert_eq!(check(&on, text, &hash).await, PasswordCheck::Match, "{text}");
    }
}

pub async fn another_password_does_not_match(on: On) {
    let hash = on.hash(&password(LONG)).await.unwrap();
    let (shorter, longer) = (LONG.strip_suffix("bytes").unwrap(), format!("{LONG}."));
    for text in [shorter, &longer, &LONG.to_uppercase(), "correct horse", &hash] {
        assert_eq!(check(&on, text, &hash).await, PasswordCheck::Mismatch, "{text}");
    }
}

/// Devices write a character in different ways. The text as it was entered is another password, since hashes of earlier
/// versions were made from it.
pub async fn the_normal_form_is_hashed(on: On) {
    let (composed, decomposed) = ("gr\u{fc}ne Wiese", "gru\u{308}ne Wiese");
    for hashed in [composed, decomposed] {
        let hash = on.hash(&password(hashed)).await.unwrap();
        for text in [composed, decomposed, "ｇｒ\u{fc}ne Wiese"] {
            assert_eq!(check(&on, text, &hash).await, PasswordCheck::Match, "{text}");
        }
        let entered = password(decomposed).unnormalized().unwrap();
        let as_entered = on.verify(&entered, Some(&hash)).await;
        assert_eq!(as_entered, Ok(PasswordCheck::Mismatch), "{hashed}");
    }
}

pub async fn each_hash_has_its_own_salt(on: On) {
    let one = on.hash(&password("correct horse")).await.unwrap();
    let other = on.hash(&password("correct horse")).await.unwrap();
    assert_ne!(one, other);
    for hash in [one, other] {
        assert_eq!(check(&on, "correct horse", &hash).await, PasswordCheck::Match);
    }
}

pub async fn without_a_hash_nothing_matches(on: On) {
    on.hash(&password("correct horse")).await.unwrap();
    for text in ["correct horse", "a password"] {
        let checked = on.verify(&password(text), None).await;
        assert_eq!(checked, Ok(PasswordCheck::Mismatch), "{text}");
    }
}

/// Such as a password that was stored as it is.
pub async fn a_text_that_is_not_a_hash_is_an_error(on: On) {
    for stored in ["", "correct horse", "hash"] {
        let checked = on.verify(&password("correct horse"), Some(stored)).await;
        assert!(matches!(checked, Err(PasswordsError::Failed(_))), "{stored}: {checked:?}");
    }
}

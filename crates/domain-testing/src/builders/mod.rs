//! Things to test with: each builder starts with something sound and says only what matters.
//!
//! Every call makes new ids and names, so that two things never clash by accident.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "test support: a test that builds nonsense has to fail"
)]

mod files;
mod group_buys;
mod pages;
mod people;
mod sales;

pub use files::*;
pub use group_buys::*;
pub use pages::*;
pub use people::*;
pub use sales::*;

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;

use super::SeededRandom;
use tollgate_domain::{
    email::Email,
    id::MailId,
    jobs::{Job, NewJob},
    mail::{MailKind, QueuedMail},
    money::Money,
    names::{HandleName, Slug},
    random,
    seal::Sealed,
    token::{Token, TokenHash},
};

/// A builder, which is finished with `build`.
macro_rules! builder {
    ($(#[$doc:meta])* $name:ident of $what:ident; $($setters:tt)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name($what);

        impl $name {
            /// The finished thing.
            pub fn build(self) -> $what {
                self.0
            }

            $($setters)*
        }
    };
}
use builder;

/// Far from the small seeds that tests choose, so that nothing built here is met again there.
static RANDOM: LazyLock<SeededRandom> = LazyLock::new(|| SeededRandom::new(0xB01D_FACE_5EED_0001));
static COUNT: AtomicU64 = AtomicU64::new(1);

fn number() -> u64 {
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// An address of its own.
pub fn an_email() -> Email {
    email(&format!("person{}@example.com", number()))
}

/// The address in `text`.
pub fn email(text: &str) -> Email {
    text.parse().expect("an e-mail address")
}

/// The handle's name in `text`.
pub fn handle_name(text: &str) -> HandleName {
    text.parse().expect("a handle")
}

/// The slug in `text`.
pub fn slug(text: &str) -> Slug {
    text.parse().expect("a slug")
}

/// `amount` minor units.
pub fn money(amount: i64, currency: &str) -> Money {
    Money::new(amount, currency.parse().expect("a currency"))
}

/// A token of its own.
pub fn a_token() -> Token {
    Token::new(&*RANDOM)
}

/// The hash of a token that nobody has.
pub fn a_token_hash() -> TokenHash {
    a_token().hash()
}

/// Returns a job that sends a mail and is due at `instant`.
pub fn a_job(instant: Timestamp) -> NewJob {
    NewJob::new(Job::SendMail(MailId::new(instant, &*RANDOM)), instant)
}

/// A mail that is queued at `instant`; its content is not sealed with any key.
pub fn a_mail(instant: Timestamp) -> QueuedMail {
    QueuedMail {
        id: MailId::new(instant, &*RANDOM),
        kind: MailKind::MagicLink,
        to: an_email(),
        handle_id: None,
        sealed: Sealed(random::bytes::<48>(&*RANDOM).to_vec()),
        queued_at: instant,
    }
}

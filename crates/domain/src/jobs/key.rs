//! What a job is about, as its key has it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    email::Email,
    id::{CheckoutId, FileId, GroupBuyId, HandleId, MailId, PurchaseId, RefundId, VisitorId},
};

/// A part of what a job is about.
pub(super) trait KeyPart {
    /// Returns the text that stands for it in the key of the job. Keys are logged, so it MUST NOT tell anything about a
    /// person.
    fn key_part(&self) -> String;
}

macro_rules! ids {
    ($($id:ident)+) => {$(
        impl KeyPart for $id {
            fn key_part(&self) -> String {
                self.to_string()
            }
        }
    )+};
}

ids! { CheckoutId FileId GroupBuyId HandleId MailId PurchaseId RefundId VisitorId }

/// An identifier that the provider gave.
impl KeyPart for String {
    fn key_part(&self) -> String {
        self.clone()
    }
}

/// The address is hashed, since keys are logged.
impl KeyPart for Email {
    fn key_part(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.as_str()))
    }
}

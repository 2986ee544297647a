//! What mails about a purchase say.

use crate::{
    creators::{Handle, Page},
    email::Email,
};

/// The data that mails about a purchase contain.
pub(crate) struct About {
    pub(crate) handle: Handle,
    pub(crate) page: Page,
    pub(crate) visitor: Email,
}

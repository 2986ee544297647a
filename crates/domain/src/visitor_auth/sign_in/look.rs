//! Looking at a link without redeeming it.

use super::{SignIn, code_parts, redeem::CODE_ATTEMPTS};
use crate::{
    email::Email,
    store_error::StoreError,
    token::{Code, Token, TokenHash},
    visitor_auth::{MagicLink, RedeemLinkError, ReturnTo, Visitor},
};

/// What became of the link that a browser requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// The link can be redeemed.
    Waiting,
    /// The link was redeemed.
    Confirmed,
    /// The link has expired, or the browser did not request one.
    Gone,
}

/// The code of a link that can be redeemed, as its page tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkCode {
    /// The code that can be entered on another device.
    Good(Code),
    /// Only the code of a newer link counts.
    Superseded,
    /// The code was evaluated as often as codes are.
    UsedUp,
    /// Links of earlier versions have none to show.
    Unknown,
}

/// The data that the page behind a link shows before its button is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPreview {
    /// The address with its local part hidden.
    pub masked_email: String,
    /// Where the button leads after signing in.
    pub return_to: Option<ReturnTo>,
    /// The code, for the device on which signing in began.
    pub code: LinkCode,
    /// The visitor who is signed in now, if it is somebody else.
    pub signed_in: Option<Visitor>,
}

/// A link that was used, opened again in the browser that is signed in with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedAgain {
    /// Where the visitor wanted to go, if a place was given.
    pub return_to: Option<ReturnTo>,
}

impl SignIn {
    /// Returns what a link is for without redeeming it, since mail scanners also open links. `session` is
    /// the one that the browser has.
    pub async fn preview(
        &self,
        token: &Token,
        session: Option<TokenHash>,
    ) -> Result<LinkPreview, RedeemLinkError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        let link = link.ok_or(RedeemLinkError::Invalid)?;
        link.check(self.runtime.now())?;
        let newest = self.ports.reads.newest_link(&link.email).await?;
        let is_newest = newest.is_none_or(|newest| newest.id == link.id);
        let code = if is_newest { self.code_of(token, &link) } else { LinkCode::Superseded };
        let signed_in = self.visitor_of(session).await?;
        Ok(LinkPreview {
            masked_email: link.email.masked(),
            return_to: link.return_to,
            code,
            signed_in: signed_in.filter(|visitor| visitor.email != link.email),
        })
    }

    /// Returns the code of the newest link of an address, whose token this is. Telling it counts as no evaluation.
    fn code_of(&self, token: &Token, link: &MagicLink) -> LinkCode {
        let code = Code::of(token);
        let parts = code_parts(link.id, &code);
        if link.attempts >= CODE_ATTEMPTS {
            LinkCode::UsedUp
        } else if self.mails.seal().matches(&link.code_fingerprint, &parts) {
            LinkCode::Good(code)
        } else {
            LinkCode::Unknown
        }
    }

    /// Returns where a link leads that is opened again: it was used, and the browser is signed in with its address.
    pub async fn resume(
        &self,
        token: &Token,
        session: Option<TokenHash>,
    ) -> Result<Option<OpenedAgain>, StoreError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        let Some(link) = link.filter(|link| link.used_at.is_some()) else { return Ok(None) };
        let visitor = self.visitor_of(session).await?;
        let is_theirs = visitor.is_some_and(|visitor| visitor.email == link.email);
        Ok(is_theirs.then_some(OpenedAgain { return_to: link.return_to }))
    }

    /// Returns the address of the newest link that the browser with this secret requested. A visitor with an expired link
    /// can ask for a new one without entering the address.
    pub async fn address_asked_by(&self, browser: TokenHash) -> Result<Option<Email>, StoreError> {
        Ok(self.ports.reads.link_asked_by(browser).await?.map(|link| link.email))
    }

    /// Returns what became of the newest link that the browser with this secret requested.
    pub async fn state_of(&self, browser: TokenHash) -> Result<LinkState, StoreError> {
        let link = self.ports.reads.link_asked_by(browser).await?;
        Ok(match link {
            Some(link) if link.used_at.is_some() => LinkState::Confirmed,
            Some(link) if self.runtime.now() < link.expires_at => LinkState::Waiting,
            Some(_) | None => LinkState::Gone,
        })
    }

    /// Returns where the visitor wanted to go with a link, whether or not the link is still valid, so
    /// that the next link can lead there too.
    pub async fn wanted_place(&self, token: &Token) -> Result<Option<ReturnTo>, StoreError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        Ok(link.and_then(|link| link.return_to))
    }
}

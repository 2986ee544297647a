//! Redeeming a link, by its token or its code.

use jiff::Timestamp;

use super::{SignIn, code_parts};
use crate::{
    activity::{Activity, ActivityKind},
    clock::{DAY_SECONDS, plus_seconds},
    creators::FrontendOrigin,
    device::Device,
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    installation::HostKind,
    language::Language,
    limits::Limit,
    names::HandleName,
    random,
    store::UnitOfWork,
    store_error::StoreError,
    token::{Code, Token, TokenHash},
    visitor_auth::{MagicLink, RedeemLinkError, ReturnTo, Visitor, VisitorSession, ensure_visitor},
};

/// How long a visitor's session lasts, in seconds: 30 days.
const SESSION_SECONDS: i64 = 30 * DAY_SECONDS;
/// How long the browser that redeemed a link can do it again, in seconds.
const REPEAT_SECONDS: i64 = 60;
/// The maximum number of times that the code of a link is evaluated.
pub(super) const CODE_ATTEMPTS: u32 = 5;

/// What the browser that redeems a link or code presents.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// A secret of the browser: the nonce of the confirmation page, or that of the page with the field for the code. With
    /// it, redeeming the link again within a minute gives the same session, since a browser that sends a form twice loses
    /// the first answer.
    pub nonce: Option<Token>,
    /// The sessions that the browser has had so far, which end. There can be several, in cookies of different scopes.
    pub sessions: Vec<TokenHash>,
    /// The creator's frontend that the browser is on, if it is one.
    pub frontend: Option<FrontendOrigin>,
    /// The handle on whose host the browser is, if it is on one.
    pub handle: Option<HandleName>,
    /// The language of the browser, in which mails to the visitor are written from now on.
    pub language: Option<Language>,
    /// The kind of device that the browser is on.
    pub device: Option<Device>,
}

/// The result of a successful sign-in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The visitor who signed in.
    pub visitor: Visitor,
    /// The session token, which is the value of the cookie.
    pub token: Token,
    /// Where the visitor wanted to go, if a place was given.
    pub return_to: Option<ReturnTo>,
}

impl SignIn {
    /// Redeems a link by its token.
    pub async fn redeem_token(
        &self,
        token: &Token,
        browser: &Browser,
    ) -> Result<SignedIn, RedeemLinkError> {
        let session = match &browser.nonce {
            Some(nonce) => Token::of_two(token, nonce),
            None => Token::new(&*self.runtime.random),
        };
        let link = self.ports.reads.magic_link(token.hash()).await?;
        self.redeem_or_repeat(link.ok_or(RedeemLinkError::Invalid)?, session, browser).await
    }

    async fn redeem_or_repeat(
        &self,
        link: MagicLink,
        session: Token,
        browser: &Browser,
    ) -> Result<SignedIn, RedeemLinkError> {
        let token = link.token;
        match self.redeem(link, session.clone(), browser).await {
            Err(RedeemLinkError::Used) => self.repeated(token, session, browser).await,
            outcome => outcome,
        }
    }

    /// Returns the sign-in that the same page has made within the last minute.
    async fn repeated(
        &self,
        token: TokenHash,
        session: Token,
        browser: &Browser,
    ) -> Result<SignedIn, RedeemLinkError> {
        let now = self.runtime.now();
        let link = self.ports.reads.magic_link(token).await?;
        let link = link.ok_or(RedeemLinkError::Invalid)?;
        let nonce = browser.nonce.as_ref().map(Token::hash).ok_or(RedeemLinkError::Used)?;
        let is_recent = link.used_at.is_some_and(|at| now < plus_seconds(at, REPEAT_SECONDS));
        if link.confirmed_by != Some(nonce) || !is_recent {
            return Err(RedeemLinkError::Used);
        }
        let visitor = self.visitor_of(Some(session.hash())).await?;
        let visitor = visitor.ok_or(RedeemLinkError::Used)?;
        // The browser may have signed in with another link in between.
        if browser.sessions.iter().any(|before| *before != session.hash()) {
            let mut unit = self.runtime.begin().await?;
            end_before(&mut *unit, browser, session.hash(), now).await?;
            unit.commit().await?;
        }
        Ok(SignedIn { visitor, token: session, return_to: link.return_to })
    }

    /// Redeems the newest link of an address by its code. Each call counts as one evaluation of the link
    /// and of the client (a network address, IPv6 by /64), whatever its result. The limit of a client and the work are the
    /// same for known and unknown addresses.
    pub async fn redeem_code(
        &self,
        email: &Email,
        code: &Code,
        browser: &Browser,
        client: &str,
    ) -> Result<SignedIn, RedeemLinkError> {
        let most = self.config.client_codes_per_minute;
        let limit = Limit::per_minute("code-client", most, most);
        let admission = self.ports.limits.admit(limit, client, self.runtime.now()).await?;
        admission
            .or_else(|retry_after_seconds| RedeemLinkError::Limited { retry_after_seconds })?;
        let mut unit = self.runtime.begin().await?;
        let newest = unit.magic_links().newest(email).await?;
        let is_known = newest.is_some();
        let link = newest.unwrap_or_else(|| self.decoy(email));
        let counted = unit.magic_links().count_attempt(link.id, CODE_ATTEMPTS).await?;
        if !is_known {
            // So that the store does the same work, and the time does not tell that no link was requested.
            unit.magic_links().insert(&link).await?;
        }
        unit.commit().await?;
        let parts = code_parts(link.id, code);
        if !counted || !self.mails.seal().matches(&link.code_fingerprint, &parts) {
            return Err(RedeemLinkError::Invalid);
        }
        let session = match &browser.nonce {
            Some(nonce) => nonce.at(&link.id.to_string()),
            None => Token::new(&*self.runtime.random),
        };
        self.redeem_or_repeat(link, session, browser).await
    }

    /// Returns a link that takes the place of one for an address to which none was mailed. It cannot be redeemed: its token
    /// and code are sent to no one, it is used, and it is older than each link that can be redeemed.
    fn decoy(&self, email: &Email) -> MagicLink {
        let now = self.runtime.now();
        let created_at = plus_seconds(now, -self.config.link_seconds);
        MagicLink {
            id: MagicLinkId::new(created_at, &*self.runtime.random),
            token: Token::new(&*self.runtime.random).hash(),
            code_fingerprint: random::bytes(&*self.runtime.random),
            email: email.clone(),
            return_to: None,
            attempts: 1,
            created_at,
            expires_at: now,
            used_at: Some(now),
            asked_by: None,
            confirmed_by: None,
        }
    }

    async fn redeem(
        &self,
        link: MagicLink,
        token: Token,
        browser: &Browser,
    ) -> Result<SignedIn, RedeemLinkError> {
        let now = self.runtime.now();
        link.check(now)?;
        let place = link.return_to.as_ref().map(|place| place.host(&self.installation));
        let name = match place {
            Some(HostKind::Handle(name)) => Some(name),
            _ => browser.handle.clone(),
        };
        let handle = match name {
            Some(name) => self.ports.creators.handle(&name).await?,
            None => None,
        };
        let mut unit = self.runtime.begin().await?;
        if !unit.magic_links().redeem(link.id, &link.email, now).await? {
            // The link was valid when it was read, so a parallel request has redeemed it since.
            return Err(RedeemLinkError::Used);
        }
        let visitor = ensure_visitor(&self.runtime, &mut *unit, &link.email).await?;
        let frontend = browser.frontend.clone().or_else(|| {
            link.return_to.as_ref().and_then(|place| place.frontend(&self.installation))
        });
        let session = self.new_session(visitor.id, &token, frontend, browser.device, now);
        unit.visitor_sessions().insert(&session).await?;
        if let Some(language) = browser.language {
            unit.languages().remember(&visitor.email, language).await?;
        }
        unit.returned_mails().arrived(&visitor.email).await?;
        if let Some(handle) = handle {
            let kind = ActivityKind::SignedIn;
            let activity = Activity::once(visitor.id, handle.id, kind, None, now);
            unit.activity().add(&activity).await?;
        }
        if let Some(nonce) = &browser.nonce {
            unit.magic_links().confirmed(link.id, nonce.hash()).await?;
        }
        end_before(&mut *unit, browser, token.hash(), now).await?;
        unit.commit().await?;
        Ok(SignedIn { visitor, token, return_to: link.return_to })
    }

    fn new_session(
        &self,
        visitor_id: VisitorId,
        token: &Token,
        frontend: Option<FrontendOrigin>,
        device: Option<Device>,
        now: Timestamp,
    ) -> VisitorSession {
        VisitorSession {
            id: VisitorSessionId::new(now, &*self.runtime.random),
            token: token.hash(),
            visitor_id,
            created_at: now,
            expires_at: plus_seconds(now, SESSION_SECONDS),
            frontend,
            device,
        }
    }
}

/// Ends the sessions that a browser presents when it signs in, apart from its new one.
async fn end_before(
    unit: &mut dyn UnitOfWork,
    browser: &Browser,
    new: TokenHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    let before: Vec<_> = browser.sessions.iter().copied().filter(|before| *before != new).collect();
    if !before.is_empty() {
        unit.visitor_sessions().revoke_by_tokens(&before, None, now).await?;
    }
    Ok(())
}

//! The use cases of signing in: requesting, previewing and redeeming a magic link.

use std::sync::Arc;

use super::{
    MagicLink, RedeemLinkError, RequestLinkError, ReturnTo, ReturnToError, Visitor, VisitorSession,
    ports::VisitorAuthReads,
};
use crate::{
    clock::plus_seconds,
    creators::{FrontendOrigin, ports::CreatorReads},
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    installation::{HostKind, Installation},
    limits::{Admission, Limit, RateLimits},
    links::Links,
    mail::{HandleTexts, MailContent, MailWriter, NewMail, SecretText},
    names::HandleName,
    opaque_debug::opaque_debug,
    store::Runtime,
    store_error::StoreError,
    token::{Code, Token},
};

/// How long a visitor's session lasts, in seconds: 30 days.
const SESSION_SECONDS: i64 = 30 * 24 * 3600;
/// The maximum number of times that the code of a link is evaluated.
const CODE_ATTEMPTS: u32 = 5;
/// The limit for mails to one address: a burst of three, then one per minute.
const PER_ADDRESS: Limit = Limit::per_minute("link-address", 3, 1);
/// The hourly limit for mails to one address: thirty.
const PER_ADDRESS_HOURLY: Limit = Limit::per_hour("link-address-hour", 30);

/// The settings of signing in that an operator can change.
#[derive(Debug, Clone)]
pub struct SignInConfig {
    /// How long a link is valid: 1 to 900 seconds.
    pub link_seconds: i64,
    /// The number of links that one client address may request per minute.
    pub client_requests_per_minute: i64,
}

/// A visitor's request for a magic link.
#[derive(Debug, Clone)]
pub struct LinkRequest<'a> {
    /// The address that the link is sent to.
    pub email: Email,
    /// Where the visitor wants to go after signing in: a path or a URL, not checked yet.
    pub return_to: Option<&'a str>,
    /// The handle on whose host the link was requested, if any.
    pub handle: Option<&'a HandleName>,
    /// The client's network address, as it is counted by limits (IPv6 by /64).
    pub client: &'a str,
}

/// The data that the page behind a link shows before its button is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPreview {
    /// The address with its local part hidden.
    pub masked_email: String,
    /// Where the button leads after signing in.
    pub return_to: Option<ReturnTo>,
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

/// The ports that signing in needs.
#[derive(Clone)]
pub struct SignInPorts {
    /// Reads magic links and sessions.
    pub reads: Arc<dyn VisitorAuthReads>,
    /// Reads registered frontend origins.
    pub creators: Arc<dyn CreatorReads>,
    /// Counts requests against the limits.
    pub limits: Arc<dyn RateLimits>,
    /// Builds the URLs of pages.
    pub links: Arc<dyn Links>,
}

/// The use cases of signing in.
#[derive(Clone)]
pub struct SignIn {
    runtime: Runtime,
    ports: SignInPorts,
    mails: MailWriter,
    installation: Installation,
    config: SignInConfig,
}

impl SignIn {
    /// Creates the use cases for an installation.
    pub fn new(
        runtime: Runtime,
        ports: SignInPorts,
        mails: MailWriter,
        installation: Installation,
        config: SignInConfig,
    ) -> Self {
        Self { runtime, ports, mails, installation, config }
    }

    /// Returns how long a link is valid, in seconds.
    pub fn link_seconds(&self) -> i64 {
        self.config.link_seconds
    }

    /// Queues a mail with a new link. The result is the same for known and unknown addresses. Links that
    /// were sent before stay valid.
    pub async fn request_link(&self, request: LinkRequest<'_>) -> Result<(), RequestLinkError> {
        let return_to = match request.return_to {
            Some(text) => Some(self.place(text, request.handle).await?),
            None => None,
        };
        let now = self.runtime.now();
        let per_client = self.config.client_requests_per_minute;
        for (limit, subject) in [
            (Limit::per_minute("link-client", per_client, per_client), request.client),
            (PER_ADDRESS, request.email.as_str()),
            (PER_ADDRESS_HOURLY, request.email.as_str()),
        ] {
            if let Admission::Limited { retry_after_seconds } =
                self.ports.limits.admit(limit, subject, now).await?
            {
                return Err(RequestLinkError::Limited { retry_after_seconds });
            }
        }

        let token = Token::new(&*self.runtime.random);
        let code = Code::new(&*self.runtime.random);
        let id = MagicLinkId::new(now, &*self.runtime.random);
        let link = MagicLink {
            id,
            token: token.hash(),
            code_fingerprint: self.mails.seal().fingerprint(&code_parts(id, &code)),
            email: request.email.clone(),
            attempts: 0,
            created_at: now,
            expires_at: plus_seconds(now, self.config.link_seconds),
            used_at: None,
            return_to,
        };
        let content = MailContent::MagicLink {
            link: SecretText(self.address_of(&link, request.handle, &token)),
            code: SecretText(code.reveal().to_owned()),
            valid_minutes: (self.config.link_seconds + 59) / 60,
        };
        let mail = NewMail {
            to: request.email,
            handle_id: None,
            content: &content,
            signature: HandleTexts::default(),
        };

        let mut unit = self.runtime.begin().await?;
        unit.magic_links().insert(&link).await?;
        self.mails.write(&mut *unit, mail).await?;
        unit.commit().await?;
        Ok(())
    }

    /// Returns the place that `text` names, if visitors may be sent there. On the host of a handle, only
    /// frontends of that handle are accepted.
    async fn place(
        &self,
        text: &str,
        handle: Option<&HandleName>,
    ) -> Result<ReturnTo, RequestLinkError> {
        let (place, elsewhere) = ReturnTo::read(text, &self.installation, handle)?;
        match elsewhere {
            Some(origin)
                if !self.ports.creators.is_frontend_origin(&origin, handle.cloned()).await? =>
            {
                Err(ReturnToError.into())
            }
            _ => Ok(place),
        }
    }

    /// Returns the registered frontend that `text` leads to, if any. A page that sends a visitor there
    /// has to tell the visitor first.
    pub async fn frontend(
        &self,
        text: &str,
        handle: Option<&HandleName>,
    ) -> Result<Option<FrontendOrigin>, StoreError> {
        let Ok((_, Some(origin))) = ReturnTo::read(text, &self.installation, handle) else {
            return Ok(None);
        };
        let is_registered =
            self.ports.creators.is_frontend_origin(&origin, handle.cloned()).await?;
        Ok(is_registered.then_some(origin))
    }

    /// Returns the URL of the page with the button. It is on the host that the visitor will return to,
    /// so that the cookie is set there even in browsers that do not share cookies between subdomains.
    fn address_of(&self, link: &MagicLink, handle: Option<&HandleName>, token: &Token) -> String {
        let returns_to = link.return_to.as_ref().map(|r| r.host(&self.installation));
        let host = match (&returns_to, handle) {
            (Some(HostKind::Handle(name)), _) | (None | Some(HostKind::Foreign), Some(name)) => {
                Some(name)
            }
            (Some(_), _) | (None, None) => None,
        };
        self.ports.links.verify(host, token)
    }

    /// Returns what a link is for without redeeming it, since mail scanners also open links.
    pub async fn preview(&self, token: &Token) -> Result<LinkPreview, RedeemLinkError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        let link = link.ok_or(RedeemLinkError::Invalid)?;
        match link.refusal(self.runtime.now()) {
            Some(error) => Err(error),
            None => {
                Ok(LinkPreview { masked_email: link.email.masked(), return_to: link.return_to })
            }
        }
    }

    /// Returns where the visitor wanted to go with a link, whether or not the link is still valid, so
    /// that the next link can lead there too.
    pub async fn wanted_place(&self, token: &Token) -> Result<Option<ReturnTo>, StoreError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        Ok(link.and_then(|link| link.return_to))
    }

    /// Redeems a link by its token.
    pub async fn redeem_token(&self, token: &Token) -> Result<SignedIn, RedeemLinkError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        self.redeem(link.ok_or(RedeemLinkError::Invalid)?).await
    }

    /// Redeems the newest link of an address by its code. Each call counts as one evaluation, whatever
    /// its result.
    pub async fn redeem_code(
        &self,
        email: &Email,
        code: &Code,
    ) -> Result<SignedIn, RedeemLinkError> {
        let mut unit = self.runtime.begin().await?;
        let link = unit.magic_links().newest(email).await?;
        let link = link.ok_or(RedeemLinkError::Invalid)?;
        let counted = unit.magic_links().count_attempt(link.id, CODE_ATTEMPTS).await?;
        unit.commit().await?;
        let parts = code_parts(link.id, code);
        if !counted || !self.mails.seal().matches(&link.code_fingerprint, &parts) {
            return Err(RedeemLinkError::Invalid);
        }
        self.redeem(link).await
    }

    async fn redeem(&self, link: MagicLink) -> Result<SignedIn, RedeemLinkError> {
        let now = self.runtime.now();
        if let Some(error) = link.refusal(now) {
            return Err(error);
        }
        let mut unit = self.runtime.begin().await?;
        if !unit.magic_links().redeem(link.id, &link.email, now).await? {
            // The link was valid when it was read, so a parallel request has redeemed it since.
            return Err(RedeemLinkError::Used);
        }
        let candidate = Visitor {
            id: VisitorId::new(now, &*self.runtime.random),
            email: link.email,
            created_at: now,
        };
        let visitor = unit.visitors().ensure(&candidate).await?;
        let token = Token::new(&*self.runtime.random);
        let session = VisitorSession {
            id: VisitorSessionId::new(now, &*self.runtime.random),
            token: token.hash(),
            visitor_id: visitor.id,
            created_at: now,
            expires_at: plus_seconds(now, SESSION_SECONDS),
        };
        unit.visitor_sessions().insert(&session).await?;
        unit.commit().await?;
        Ok(SignedIn { visitor, token, return_to: link.return_to })
    }
}

impl MagicLink {
    /// Returns why the link cannot be redeemed at `now`, based on this copy of the link.
    fn refusal(&self, now: jiff::Timestamp) -> Option<RedeemLinkError> {
        if self.used_at.is_some() {
            Some(RedeemLinkError::Used)
        } else if now >= self.expires_at {
            Some(RedeemLinkError::Expired)
        } else {
            None
        }
    }
}

fn code_parts(id: MagicLinkId, code: &Code) -> [Vec<u8>; 2] {
    [id.to_string().into_bytes(), code.reveal().as_bytes().to_vec()]
}

opaque_debug!(SignInPorts, SignIn);

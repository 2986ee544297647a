//! The use cases of signing in: ask for a link, look at it, redeem it.

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
/// How often a link's code may be evaluated.
const CODE_ATTEMPTS: u32 = 5;
/// A burst of three mails to one address, then one a minute.
const PER_ADDRESS: Limit = Limit::per_minute("link-address", 3, 1);
/// And never more than thirty an hour.
const PER_ADDRESS_HOURLY: Limit = Limit::per_hour("link-address-hour", 30);

/// What an operator can set.
#[derive(Debug, Clone)]
pub struct SignInConfig {
    /// How long a link is good for: 1 to 900 seconds.
    pub link_seconds: i64,
    /// How many links one client address may ask for in a minute.
    pub client_requests_per_minute: i64,
}

/// What a visitor asks for.
#[derive(Debug, Clone)]
pub struct LinkRequest<'a> {
    /// Where to send the link.
    pub email: Email,
    /// Where to go afterwards: a path or a URL, not checked yet.
    pub return_to: Option<&'a str>,
    /// The handle on whose host it was asked, if it was one.
    pub handle: Option<&'a HandleName>,
    /// The client's network address, as limits count it (IPv6 by /64).
    pub client: &'a str,
}

/// What the page behind a link shows before its button is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPreview {
    /// The address with its local part hidden.
    pub masked_email: String,
    /// Where the button leads.
    pub return_to: Option<ReturnTo>,
}

/// A visitor who just signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The visitor.
    pub visitor: Visitor,
    /// The cookie's value.
    pub token: Token,
    /// Where the visitor wanted to go.
    pub return_to: Option<ReturnTo>,
}

/// The ports that signing in needs.
#[derive(Clone)]
pub struct SignInPorts {
    /// Reads of links and sessions.
    pub reads: Arc<dyn VisitorAuthReads>,
    /// Reads of registered frontends.
    pub creators: Arc<dyn CreatorReads>,
    /// Limits.
    pub limits: Arc<dyn RateLimits>,
    /// The addresses of pages.
    pub links: Arc<dyn Links>,
}

/// Signs visitors in.
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

    /// Seconds that a link is good for.
    pub fn link_seconds(&self) -> i64 {
        self.config.link_seconds
    }

    /// Queues a mail with a new link. What happens does not depend on whether the address is known.
    /// Links that were sent before stay good.
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

    /// The place that `text` names, if a visitor may be sent there: on the host of a handle, the only
    /// frontends are those of that handle.
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

    /// The registered frontend that `text` leads to, if it leads to one: a page that sends somebody there
    /// has to say so beforehand.
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

    /// The page with the button is on the host that the visitor will return to, so that the cookie
    /// is set where it is needed even by browsers that share none between subdomains.
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

    /// Looks at a link without spending it: mail scanners open links too.
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

    /// Where the visitor wanted to go with a link, good or not, so that the next one leads there too.
    pub async fn wanted_place(&self, token: &Token) -> Result<Option<ReturnTo>, StoreError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        Ok(link.and_then(|link| link.return_to))
    }

    /// Redeems a link by its token.
    pub async fn redeem_token(&self, token: &Token) -> Result<SignedIn, RedeemLinkError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        self.redeem(link.ok_or(RedeemLinkError::Invalid)?).await
    }

    /// Redeems the newest link of an address by its code. Each call counts as one evaluation, which
    /// is kept whatever comes of it.
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
            // It was good when it was read, so another request was faster.
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
    /// Why the link cannot be redeemed at `now`, as far as this copy of it tells.
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

//! The use cases of signing in: requesting, previewing and redeeming a magic link.

use std::sync::Arc;

use super::{
    MagicLink, RedeemLinkError, RequestLinkError, ReturnTo, ReturnToError, Visitor, VisitorSession,
    ports::VisitorAuthReads,
};
use crate::{
    activity::{Activity, ActivityKind},
    clock::plus_seconds,
    creators::{FrontendOrigin, Handle, PageStatus, ports::CreatorReads},
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    installation::{HostKind, Installation},
    language::Language,
    limits::{Admission, Limit, RateLimits},
    links::Links,
    mail::{MailContent, MailWriter, NewMail, SecretText},
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    store::Runtime,
    store_error::StoreError,
    token::{Code, Token, TokenHash},
};

/// How long a visitor's session lasts, in seconds: 30 days.
const SESSION_SECONDS: i64 = 30 * 24 * 3600;
/// How long the browser that redeemed a link can do it again, in seconds.
const REPEAT_SECONDS: i64 = 60;
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
    /// The number of codes that one client address may try per minute.
    pub client_codes_per_minute: i64,
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
    /// The hash of a secret that only the requesting browser has, if it can be told what became of the
    /// link.
    pub browser: Option<TokenHash>,
    /// The language of the mail; `None` if it is the one that is remembered of the address.
    pub language: Option<Language>,
}

/// What the browser that redeems a link or code presents.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// A secret of the browser: the nonce of the confirmation page, or that of the page with the field for the code. With
    /// it, redeeming the link again within a minute gives the same session, since a browser that sends a form twice loses
    /// the first answer.
    pub nonce: Option<Token>,
    /// The sessions that the browser has had so far, which end. There can be two, in cookies of different scopes.
    pub sessions: Vec<TokenHash>,
    /// The creator's frontend that the browser is on, if it is one.
    pub frontend: Option<FrontendOrigin>,
    /// The language of the browser, in which mails to the visitor are written from now on.
    pub language: Option<Language>,
}

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

/// The data that the page behind a link shows before its button is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPreview {
    /// The address with its local part hidden.
    pub masked_email: String,
    /// Where the button leads after signing in.
    pub return_to: Option<ReturnTo>,
    /// The code, for the device on which signing in began. Links of earlier versions have none to show.
    pub code: Option<Code>,
    /// The visitor who is signed in now, if it is somebody else.
    pub signed_in: Option<Visitor>,
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
        // A link leads only to hosts that exist.
        let handle = match request.handle {
            Some(name) => self.ports.creators.handle(name).await?,
            None => None,
        };
        let name = handle.as_ref().map(|handle| &handle.name);
        let return_to = match request.return_to {
            Some(text) => Some(self.place(text, name).await?),
            None => None,
        };
        let now = self.runtime.now();
        let per_client = self.config.client_requests_per_minute;
        let address = request.email.as_str();
        let limits = vec![
            (Limit::per_minute("link-client", per_client, per_client), request.client.to_owned()),
            (PER_ADDRESS, address.to_owned()),
            (PER_ADDRESS_HOURLY, address.to_owned()),
        ];
        if let Admission::Limited { retry_after_seconds } =
            self.ports.limits.admit_all(limits, now).await?
        {
            return Err(RequestLinkError::Limited { retry_after_seconds });
        }

        let title = self.wanted_title(handle.as_ref(), return_to.as_ref()).await?;
        let language = match request.language {
            Some(language) => language,
            None => self.ports.reads.language_of(&request.email).await?,
        };
        let token = Token::new(&*self.runtime.random);
        let code = Code::of(&token);
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
            asked_by: request.browser,
            confirmed_by: None,
        };
        let content = MailContent::MagicLink {
            link: SecretText(self.address_of(
                &link,
                handle.as_ref().map(|handle| &handle.name),
                &token,
            )),
            code: SecretText(code.reveal().to_owned()),
            // A minute less is said rather than one too many.
            valid_minutes: (self.config.link_seconds / 60).max(1),
            seller: handle.as_ref().map(|handle| handle.title.clone()),
            title,
        };
        let mail = NewMail {
            to: request.email,
            handle_id: handle.as_ref().map(|handle| handle.id),
            content: &content,
            signature: handle.map(|handle| handle.texts).unwrap_or_default(),
            language: Some(language),
        };

        let mut unit = self.runtime.begin().await?;
        unit.magic_links().insert(&link).await?;
        self.mails.write(&mut *unit, mail).await?;
        unit.commit().await?;
        Ok(())
    }

    /// Returns the title of the published page of `handle` that the visitor wants to see, if it is one.
    async fn wanted_title(
        &self,
        handle: Option<&Handle>,
        place: Option<&ReturnTo>,
    ) -> Result<Option<String>, StoreError> {
        let (Some(handle), Some(place)) = (handle, place) else { return Ok(None) };
        if place.host(&self.installation) != HostKind::Handle(handle.name.clone()) {
            return Ok(None);
        }
        let path = place.path();
        let name = path.trim_start_matches('/').split(['?', '#']).next().unwrap_or_default();
        let Ok(slug) = name.parse::<Slug>() else { return Ok(None) };
        let page = self.ports.creators.page(handle.id, &slug).await?;
        let page = page.filter(|page| page.status == PageStatus::Published);
        Ok(page.map(|page| page.title))
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
            Some(_) => Ok(place),
            None => match place.host(&self.installation) {
                HostKind::Handle(name)
                    if handle != Some(&name)
                        && self.ports.creators.handle(&name).await?.is_none() =>
                {
                    Err(ReturnToError.into())
                }
                _ => Ok(place),
            },
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

    /// Returns what a link is for without redeeming it, since mail scanners also open links. `session` is
    /// the one that the browser has.
    pub async fn preview(
        &self,
        token: &Token,
        session: Option<TokenHash>,
    ) -> Result<LinkPreview, RedeemLinkError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        let link = link.ok_or(RedeemLinkError::Invalid)?;
        if let Some(error) = link.refusal(self.runtime.now()) {
            return Err(error);
        }
        let code = Code::of(token);
        let is_its_code =
            self.mails.seal().matches(&link.code_fingerprint, &code_parts(link.id, &code));
        let signed_in = self.visitor_of(session).await?;
        Ok(LinkPreview {
            masked_email: link.email.masked(),
            return_to: link.return_to,
            code: is_its_code.then_some(code),
            signed_in: signed_in.filter(|visitor| visitor.email != link.email),
        })
    }

    /// Returns the link if it was used and the browser is signed in with its address, so that opening it
    /// again leads on: `Some(None)` if no place was given.
    pub async fn resume(
        &self,
        token: &Token,
        session: Option<TokenHash>,
    ) -> Result<Option<Option<ReturnTo>>, StoreError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        let Some(link) = link.filter(|link| link.used_at.is_some()) else { return Ok(None) };
        let visitor = self.visitor_of(session).await?;
        Ok(visitor.filter(|visitor| visitor.email == link.email).map(|_| link.return_to))
    }

    async fn visitor_of(&self, session: Option<TokenHash>) -> Result<Option<Visitor>, StoreError> {
        let Some(session) = session else { return Ok(None) };
        let found = self.ports.reads.signed_in(session, self.runtime.now()).await?;
        Ok(found.map(|found| found.visitor))
    }

    /// Mails a new link to the address of a link that cannot be redeemed any more, for the same place.
    /// An unknown link changes nothing.
    pub async fn renew(
        &self,
        token: &Token,
        handle: Option<&HandleName>,
        client: &str,
        browser: Option<TokenHash>,
        language: Option<Language>,
    ) -> Result<(), RequestLinkError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        let Some(link) = link else { return Ok(()) };
        let return_to = link.return_to.as_ref().map(ReturnTo::as_str);
        let email = link.email.clone();
        self.request_link(LinkRequest { email, return_to, handle, client, browser, language }).await
    }

    /// Returns the address of the newest link that the browser with this secret requested. Who has an expired link asks
    /// for a new one without knowing its address.
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
        Ok(SignedIn { visitor, token: session, return_to: link.return_to })
    }

    /// Redeems the newest link of an address by its code. Each call counts as one evaluation of the link
    /// and of the client (a network address, IPv6 by /64), whatever its result. The limit of a client is the
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
        if let Admission::Limited { retry_after_seconds } =
            self.ports.limits.admit(limit, client, self.runtime.now()).await?
        {
            return Err(RedeemLinkError::Limited { retry_after_seconds });
        }
        let mut unit = self.runtime.begin().await?;
        let link = unit.magic_links().newest(email).await?;
        let link = link.ok_or(RedeemLinkError::Invalid)?;
        let counted = unit.magic_links().count_attempt(link.id, CODE_ATTEMPTS).await?;
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

    async fn redeem(
        &self,
        link: MagicLink,
        token: Token,
        browser: &Browser,
    ) -> Result<SignedIn, RedeemLinkError> {
        let now = self.runtime.now();
        if let Some(error) = link.refusal(now) {
            return Err(error);
        }
        let place = link.return_to.as_ref().map(|place| place.host(&self.installation));
        let handle = match place {
            Some(HostKind::Handle(name)) => self.ports.creators.handle(&name).await?,
            _ => None,
        };
        let mut unit = self.runtime.begin().await?;
        if !unit.magic_links().redeem(link.id, &link.email, now).await? {
            // The link was valid when it was read, so a parallel request has redeemed it since.
            return Err(RedeemLinkError::Used);
        }
        let candidate = Visitor {
            id: VisitorId::new(&*self.runtime.random),
            email: link.email,
            created_at: now,
        };
        let visitor = unit.visitors().ensure(&candidate).await?;
        let session = VisitorSession {
            id: VisitorSessionId::new(now, &*self.runtime.random),
            token: token.hash(),
            visitor_id: visitor.id,
            created_at: now,
            expires_at: plus_seconds(now, SESSION_SECONDS),
            frontend: browser.frontend.clone().or_else(|| {
                link.return_to.as_ref().and_then(|place| place.frontend(&self.installation))
            }),
        };
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
        for before in browser.sessions.iter().filter(|before| **before != token.hash()) {
            unit.visitor_sessions().revoke_by_token(*before, now).await?;
        }
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
